/*
 * jsonscan.c
 *		Strict JSON grammar in one pass, with a note of where each value stands.
 *
 * The scan keeps its own stack, so that hostile nesting costs no C stack, and
 * relies on the NUL at text[len]: no token of JSON contains one, so it stops
 * every inner loop and is told from a NUL inside the text by its address.
 *
 * A secret member is blanked together with one comma.  If a member was kept
 * before it, that is the comma in front; otherwise it is the one behind, which
 * is blanked when it is met.  Both rules together leave exactly one comma
 * between any two members that stay.
 */
#include "postgres.h"

#include "client/jsonscan.h"
#include "mb/pg_wchar.h"
#include "utils/memutils.h"

/* cJSON copies a number into a buffer of 64 bytes. */
#define NUMBER_MAX_LEN	63

/* Spans address the text with 31 bits. */
#define TEXT_MAX_LEN	((size_t) PG_INT32_MAX)

/* An array or object that is still open. */
typedef struct Frame
{
	uint32		ordinal;		/* its place among the spans */
	bool		is_object;
	bool		has_nul;
	bool		kept;			/* it has a child that stays */
	char	   *comma;			/* the last comma, once a child stays */
	char	   *secret;			/* key of the member being erased, or NULL */
} Frame;

typedef struct Scanner
{
	char	   *text;
	char	   *end;
	char	   *cur;
	const char *const *secret_keys;
	CrmJsonSpans *spans;
	CrmJsonError *error;
	int			depth;
	Frame		frames[CRM_JSON_MAX_DEPTH];
} Scanner;

static bool
fault_at(Scanner *s, CrmJsonFault fault, const char *where)
{
	s->error->fault = fault;
	s->error->offset = where - s->text;
	return false;
}

/* The character at the cursor does not belong there, or there is none. */
static bool
unexpected(Scanner *s)
{
	return fault_at(s, s->cur == s->end ? CRM_JSON_TRUNCATED : CRM_JSON_NOT_JSON,
					s->cur);
}

static inline void
skip_space(Scanner *s)
{
	while (*s->cur == ' ' || *s->cur == '\n' || *s->cur == '\r' || *s->cur == '\t')
		s->cur++;
}

static inline int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static bool
scan_hex4(Scanner *s, pg_wchar *code)
{
	*code = 0;
	for (int i = 0; i < 4; i++)
	{
		int			digit = hex_value(*s->cur);

		if (digit < 0)
			return unexpected(s);
		*code = *code * 16 + digit;
		s->cur++;
	}
	return true;
}

/*
 * Half a surrogate pair is no character, and one record that holds it must not
 * make a list unreadable: it becomes U+FFFD, in the text itself.
 */
static void
replace_escape(char *escape)
{
	memcpy(escape + 2, "fffd", 4);
}

/* Is the second half of a surrogate pair what comes next? */
static bool
other_half_follows(const Scanner *s)
{
	pg_wchar	code = 0;

	if (s->end - s->cur < 6 || s->cur[0] != '\\' || s->cur[1] != 'u')
		return false;
	for (int i = 2; i < 6; i++)
	{
		if (hex_value(s->cur[i]) < 0)
			return false;
		code = code * 16 + hex_value(s->cur[i]);
	}
	return is_utf16_surrogate_second(code);
}

/* The rest of an escape after "\u"; escape points at its backslash. */
static bool
scan_unicode_escape(Scanner *s, char *escape, bool *has_nul)
{
	pg_wchar	code;

	if (!scan_hex4(s, &code))
		return false;
	if (code == 0)
		*has_nul = true;
	if (is_utf16_surrogate_first(code) && other_half_follows(s))
		s->cur += 6;
	else if (is_utf16_surrogate_first(code) || is_utf16_surrogate_second(code))
		replace_escape(escape);
	return true;
}

static bool
scan_escape(Scanner *s, bool *has_nul)
{
	char	   *escape = s->cur++;

	switch (*s->cur)
	{
		case '"':
		case '\\':
		case '/':
		case 'b':
		case 'f':
		case 'n':
		case 'r':
		case 't':
			s->cur++;
			return true;
		case 'u':
			s->cur++;
			return scan_unicode_escape(s, escape, has_nul);
		default:
			return unexpected(s);
	}
}

/* From the opening quote to behind the closing one. */
static bool
scan_string(Scanner *s, bool *has_nul)
{
	*has_nul = false;
	s->cur++;
	for (;;)
	{
		char	   *p = s->cur;

		/* Most bytes pass here, so the cursor stays in a register. */
		while (*p != '"' && *p != '\\' && (unsigned char) *p >= ' ')
			p++;
		s->cur = p;

		if (*p == '"')
		{
			s->cur++;
			return true;
		}
		if (*p != '\\')
			return unexpected(s);
		if (!scan_escape(s, has_nul))
			return false;
	}
}

static bool
scan_digits(Scanner *s)
{
	if (*s->cur < '0' || *s->cur > '9')
		return unexpected(s);
	while (*s->cur >= '0' && *s->cur <= '9')
		s->cur++;
	return true;
}

static bool
scan_number(Scanner *s)
{
	const char *start = s->cur;

	if (*s->cur == '-')
		s->cur++;
	if (*s->cur == '0')
		s->cur++;
	else if (!scan_digits(s))
		return false;
	if (*s->cur == '.')
	{
		s->cur++;
		if (!scan_digits(s))
			return false;
	}
	if (*s->cur == 'e' || *s->cur == 'E')
	{
		s->cur++;
		if (*s->cur == '+' || *s->cur == '-')
			s->cur++;
		if (!scan_digits(s))
			return false;
	}
	if (s->cur - start > NUMBER_MAX_LEN)
		return fault_at(s, CRM_JSON_NUMBER_TOO_LONG, start);
	return true;
}

static bool
scan_literal(Scanner *s, const char *word)
{
	for (; *word != '\0'; word++)
	{
		if (*s->cur != *word)
			return unexpected(s);
		s->cur++;
	}
	return true;
}

/* Notes that a value begins at the cursor. */
static bool
begin_value(Scanner *s)
{
	CrmJsonSpans *spans = s->spans;

	if (spans->count >= CRM_JSON_MAX_VALUES)
		return fault_at(s, CRM_JSON_TOO_MANY, s->cur);
	if (spans->count == spans->capacity)
	{
		uint32		capacity = spans->capacity * 2;
		CrmJsonSpan *items;

		items = MemoryContextAllocExtended(CurrentMemoryContext,
										   capacity * sizeof(CrmJsonSpan),
										   MCXT_ALLOC_HUGE | MCXT_ALLOC_NO_OOM);
		if (items == NULL)
			return fault_at(s, CRM_JSON_NO_MEMORY, s->cur);
		memcpy(items, spans->items, spans->count * sizeof(CrmJsonSpan));
		pfree(spans->items);
		spans->items = items;
		spans->capacity = capacity;
	}
	spans->items[spans->count++].start = s->cur - s->text;
	return true;
}

/* Notes that a value ends before the cursor; a secret one is erased now. */
static void
end_value(Scanner *s, uint32 ordinal, bool has_nul)
{
	CrmJsonSpan *span = &s->spans->items[ordinal];
	Frame	   *frame;

	span->len = s->cur - (s->text + span->start);
	span->has_nul = has_nul;
	if (s->depth == 0)
		return;

	frame = &s->frames[s->depth - 1];
	if (frame->secret != NULL)
	{
		memset(frame->secret, ' ', s->cur - frame->secret);
		frame->secret = NULL;
		s->spans->count = ordinal;
	}
	else
	{
		frame->kept = true;
		frame->has_nul |= has_nul;
	}
}

/*
 * Decodes one character, or one byte of it, of a string that passed
 * scan_string.  Returns the number of bytes.
 */
static int
decode_character(const char **pos, unsigned char *utf8)
{
	const char *p = *pos;
	pg_wchar	code;

	if (*p != '\\')
	{
		utf8[0] = *p;
		*pos = p + 1;
		return 1;
	}
	*pos = p + 2;
	switch (p[1])
	{
		case 'b':
			utf8[0] = '\b';
			return 1;
		case 'f':
			utf8[0] = '\f';
			return 1;
		case 'n':
			utf8[0] = '\n';
			return 1;
		case 'r':
			utf8[0] = '\r';
			return 1;
		case 't':
			utf8[0] = '\t';
			return 1;
		case 'u':
			break;
		default:
			utf8[0] = p[1];
			return 1;
	}

	code = 0;
	for (int i = 2; i < 6; i++)
		code = code * 16 + hex_value(p[i]);
	*pos = p + 6;
	if (is_utf16_surrogate_first(code))
	{
		pg_wchar	second = 0;

		for (int i = 8; i < 12; i++)
			second = second * 16 + hex_value(p[i]);
		code = surrogate_pair_to_codepoint(code, second);
		*pos = p + 12;
	}
	unicode_to_utf8(code, utf8);
	return pg_utf_mblen(utf8);
}

/*
 * True if the key between its quotes spells name.  A key with \u0000 counts as
 * ending there, because that is how the parser will show it.
 */
static bool
key_is(const char *key, const char *end, const char *name)
{
	while (key < end)
	{
		unsigned char utf8[4];
		int			n = decode_character(&key, utf8);

		if (utf8[0] == '\0')
			break;
		if (strncmp(name, (const char *) utf8, n) != 0)
			return false;
		name += n;
	}
	return *name == '\0';
}

static bool
is_secret(const Scanner *s, const char *key, const char *end)
{
	if (s->secret_keys == NULL)
		return false;
	for (const char *const *name = s->secret_keys; *name != NULL; name++)
	{
		/* Hardly any key has the same first character, or an escape there. */
		if (key < end && *key != **name && *key != '\\')
			continue;
		if (key_is(key, end, *name))
			return true;
	}
	return false;
}

/* From a member's key to behind its colon. */
static bool
scan_key(Scanner *s)
{
	Frame	   *frame = &s->frames[s->depth - 1];
	char	   *key = s->cur;
	bool		has_nul;

	if (*key != '"')
		return unexpected(s);
	if (!scan_string(s, &has_nul))
		return false;
	if (is_secret(s, key + 1, s->cur - 1))
	{
		frame->secret = key;
		if (frame->kept)
			*frame->comma = ' ';
	}
	else
		frame->has_nul |= has_nul;

	skip_space(s);
	if (*s->cur != ':')
		return unexpected(s);
	s->cur++;
	return true;
}

static bool
open_container(Scanner *s)
{
	Frame	   *frame;

	if (s->depth >= CRM_JSON_MAX_DEPTH)
		return fault_at(s, CRM_JSON_TOO_DEEP, s->cur);
	frame = &s->frames[s->depth++];
	memset(frame, 0, sizeof(Frame));
	frame->ordinal = s->spans->count - 1;
	frame->is_object = (*s->cur == '{');
	s->cur++;
	return true;
}

static void
close_container(Scanner *s)
{
	Frame	   *frame = &s->frames[--s->depth];

	s->cur++;
	end_value(s, frame->ordinal, frame->has_nul);
}

/*
 * Reads what stands between two values: any number of closing brackets, then
 * a comma and a key where they are due.  On return the cursor is where the
 * next value has to begin, or behind the document if depth is 0.
 */
static bool
scan_to_next_value(Scanner *s, bool container_just_opened)
{
	while (s->depth > 0)
	{
		Frame	   *frame = &s->frames[s->depth - 1];

		skip_space(s);
		if (*s->cur == (frame->is_object ? '}' : ']'))
		{
			close_container(s);
			container_just_opened = false;
			continue;
		}
		if (!container_just_opened)
		{
			if (*s->cur != ',')
				return unexpected(s);
			if (frame->kept)
				frame->comma = s->cur;
			else
				*s->cur = ' ';
			s->cur++;
			skip_space(s);
		}
		return frame->is_object ? scan_key(s) : true;
	}
	return true;
}

/* Reads one scalar, or the opening bracket of a container. */
static bool
scan_value(Scanner *s, bool *opened)
{
	uint32		ordinal = s->spans->count;
	bool		has_nul = false;
	bool		ok;

	*opened = false;
	if (!begin_value(s))
		return false;
	switch (*s->cur)
	{
		case '{':
		case '[':
			*opened = true;
			return open_container(s);
		case '"':
			ok = scan_string(s, &has_nul);
			break;
		case 't':
			ok = scan_literal(s, "true");
			break;
		case 'f':
			ok = scan_literal(s, "false");
			break;
		case 'n':
			ok = scan_literal(s, "null");
			break;
		default:
			ok = scan_number(s);
			break;
	}
	if (ok)
		end_value(s, ordinal, has_nul);
	return ok;
}

static bool
scan_document(Scanner *s)
{
	bool		opened;

	if (strncmp(s->cur, "\xEF\xBB\xBF", 3) == 0)
		s->cur += 3;
	skip_space(s);
	if (s->cur == s->end)
		return fault_at(s, CRM_JSON_NOT_JSON, s->cur);
	do
	{
		skip_space(s);
		if (!scan_value(s, &opened) || !scan_to_next_value(s, opened))
			return false;
	} while (s->depth > 0);
	skip_space(s);
	if (s->cur != s->end)
		return fault_at(s, CRM_JSON_NOT_JSON, s->cur);
	return true;
}

/* True if the bytes are the beginning of a character that the text cut off. */
static bool
is_cut_character(const char *bytes, size_t len)
{
	if (len == 0 || len >= (size_t) pg_utf_mblen((const unsigned char *) bytes))
		return false;
	for (size_t i = 1; i < len; i++)
	{
		if (!IS_HIGHBIT_SET(bytes[i]) || (bytes[i] & 0x40) != 0)
			return false;
	}
	return true;
}

bool
crm_json_scan(char *text, size_t len, const char *const *secret_keys,
			  CrmJsonSpans *spans, CrmJsonError *error)
{
	Scanner		s;
	size_t		valid;
	bool		ok;

	s.text = s.cur = text;
	s.end = text + len;
	s.secret_keys = secret_keys;
	s.spans = spans;
	s.error = error;
	s.depth = 0;
	if (len > TEXT_MAX_LEN)
		return fault_at(&s, CRM_JSON_NO_MEMORY, text);

	/* Answers of CRMs have a value every 20 to 40 bytes. */
	spans->count = 0;
	spans->capacity = len / 32 + 16;
	spans->items = MemoryContextAllocExtended(CurrentMemoryContext,
											  spans->capacity * sizeof(CrmJsonSpan),
											  MCXT_ALLOC_HUGE | MCXT_ALLOC_NO_OOM);
	if (spans->items == NULL)
		return fault_at(&s, CRM_JSON_NO_MEMORY, text);

	valid = pg_encoding_verifymbstr(PG_UTF8, text, (int) len);
	ok = scan_document(&s);

	/*
	 * An HTML page in another encoding is "not JSON" rather than "bad UTF-8":
	 * what comes first in the text decides.  A character cut by the end of
	 * the text is a truncation, which the scan has noticed itself.
	 */
	if (valid < len && !is_cut_character(text + valid, len - valid) &&
		(ok || valid < error->offset))
		return fault_at(&s, CRM_JSON_BAD_UTF8, text + valid);
	return ok;
}
