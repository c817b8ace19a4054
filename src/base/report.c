/*
 * report.c
 *		Raises failures and makes text from outside fit for a message.
 *
 * Whatever an API says reaches a message only through crm_quote(), so bounds,
 * encoding and the hiding of secrets are settled here for all callers.
 */
#include "postgres.h"

#include "base/report.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "utils/varlena.h"

/* A secret shorter than this would blank out half of any text. */
#define SHORTEST_SECRET	4

#define ELLIPSIS	"..."
#define HIDDEN		"***"

void
crm_report(const CrmFailure *failure)
{
	ereport(ERROR,
			(errcode(failure->sqlstate),
			 errmsg_internal("%s", failure->message),
			 failure->detail ? errdetail_internal("%s", failure->detail) : 0,
			 failure->hint ? errhint("%s", failure->hint) : 0));
	pg_unreachable();
}

/*
 * Number of bytes at text that belong to a secret, 0 if none starts there.  A
 * text that ends in the middle of a secret counts too: an answer may have been
 * cut off.  Case is ignored because percent-encoding may use either.
 */
static size_t
secret_at(const char *text, size_t len, const char *const *secrets, int nsecrets)
{
	size_t		longest = 0;

	for (int i = 0; i < nsecrets; i++)
	{
		size_t		secret_len = strlen(secrets[i]);
		size_t		shown = Min(secret_len, len);

		if (shown >= SHORTEST_SECRET && shown > longest &&
			pg_strncasecmp(text, secrets[i], shown) == 0)
			longest = shown;
	}
	return longest;
}

static bool
is_blank(unsigned char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/*
 * Length of the printable UTF-8 character of several bytes at text, 0 if there
 * is none.  C1 controls and the characters that turn the direction of writing
 * are refused: they can make a message look like another one.
 */
static int
wide_character_at(const char *text, size_t len)
{
	const unsigned char *c = (const unsigned char *) text;
	int			size = pg_utf_mblen(c);
	pg_wchar	code;

	if (size < 2 || (size_t) size > len || !pg_utf8_islegal(c, size))
		return 0;
	code = utf8_to_unicode(c);
	if (code <= 0x9f || (code >= 0x200e && code <= 0x200f) ||
		(code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069))
		return 0;

	/* Converting could fail, and a message is no place to fail. */
	if (GetDatabaseEncoding() != PG_UTF8 && GetDatabaseEncoding() != PG_SQL_ASCII)
		return 0;
	return size;
}

char *
crm_quote(const char *text, size_t len, const char *const *secrets, int nsecrets)
{
	StringInfoData out;
	size_t		at = 0;

	initStringInfo(&out);
	while (at < len)
	{
		unsigned char c = (unsigned char) text[at];
		const char *piece = text + at;
		int			piece_len = 1;
		size_t		taken = secret_at(text + at, len - at, secrets, nsecrets);

		if (taken > 0)
		{
			piece = HIDDEN;
			piece_len = strlen(HIDDEN);
		}
		else if (is_blank(c))
		{
			taken = 1;
			while (at + taken < len && is_blank((unsigned char) text[at + taken]))
				taken++;
			piece = " ";
			piece_len = (out.len == 0 || at + taken == len) ? 0 : 1;
		}
		else if (c >= 0x80 && (taken = wide_character_at(text + at, len - at)) > 0)
			piece_len = (int) taken;
		else
		{
			taken = 1;
			if (c < 0x20 || c >= 0x7f)
				piece = "?";
		}

		if (out.len + piece_len > CRM_QUOTE_MAX - (int) strlen(ELLIPSIS))
		{
			appendStringInfoString(&out, ELLIPSIS);
			break;
		}
		appendBinaryStringInfo(&out, piece, piece_len);
		at += taken;
	}
	return out.data;
}

const char *
crm_nearest(const char *word, const char *const *candidates, int n)
{
	int			word_len = strlen(word);
	int			best_distance = Min(word_len / 2, 4) + 1;
	const char *best = NULL;

	/* The distance is quadratic, and no name of ours is that long. */
	if (word_len == 0 || word_len > NAMEDATALEN)
		return NULL;

	for (int i = 0; i < n; i++)
	{
		int			distance = varstr_levenshtein_less_equal(word, word_len,
															 candidates[i],
															 strlen(candidates[i]),
															 1, 1, 1,
															 best_distance - 1, true);

		if (distance < best_distance)
		{
			best_distance = distance;
			best = candidates[i];
		}
	}
	return best;
}
