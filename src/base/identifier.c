/*
 * identifier.c
 *		Labels as identifiers, by Unicode's tables instead of a locale's.
 *
 * The only file that sees utf8proc.h.  The lower case of a locale differs
 * between machines, and a name must not; in Unicode a letter stays one, with
 * the same small letter, from version to version.  Only such functions of the
 * library are used as allocate no memory, and not the record that it has of a
 * character, which differs between releases of one soname.
 */
#include "postgres.h"

#include <utf8proc.h>

#include "base/identifier.h"

#define NFC	(UTF8PROC_STABLE | UTF8PROC_COMPOSE)

/* Characters that NFC makes one of, bytes of one. */
#define MOST_COMPOSED	4
#define MAX_UTF8_BYTES	4

/* A letter to Unicode, and the only one that is drawn as an emoji. */
#define INFORMATION_SOURCE	0x2139

static bool
is_mark(utf8proc_int32_t character)
{
	utf8proc_category_t category = utf8proc_category(character);

	return category == UTF8PROC_CATEGORY_MN || category == UTF8PROC_CATEGORY_MC;
}

/*
 * Digits are those that numbers are written with: not the superscripts and the
 * numbers in circles, which decorate.  The ideographic zero is a number letter.
 */
static bool
is_letter_or_digit(utf8proc_int32_t character)
{
	switch (utf8proc_category(character))
	{
		case UTF8PROC_CATEGORY_LU:
		case UTF8PROC_CATEGORY_LL:
		case UTF8PROC_CATEGORY_LT:
		case UTF8PROC_CATEGORY_LM:
		case UTF8PROC_CATEGORY_LO:
		case UTF8PROC_CATEGORY_ND:
		case UTF8PROC_CATEGORY_NL:
			return character != INFORMATION_SOURCE;
		default:
			return false;
	}
}

/* Joiners, soft hyphens, variation selectors: what is around them is one word. */
static bool
is_invisible(utf8proc_int32_t character)
{
	utf8proc_int32_t visible[1];

	return utf8proc_decompose_char(character, visible, lengthof(visible), UTF8PROC_IGNORE, NULL) == 0;
}

/*
 * Copies the first so many letters, digits and marks of a label, with one
 * underscore for what is between them; returns the bytes.  Broken UTF-8 is a
 * character that does not exist, byte by byte.
 */
static int
copy_words(const char *label, int most, utf8proc_uint8_t *to)
{
	const utf8proc_uint8_t *rest = (const utf8proc_uint8_t *) label;
	int			length = 0;
	bool		gap = true;

	while (*rest != '\0' && most > 0)
	{
		utf8proc_int32_t character;
		utf8proc_ssize_t bytes = utf8proc_iterate(rest, -1, &character);

		rest += bytes > 0 ? bytes : 1;
		if (is_invisible(character))
			continue;
		if (is_mark(character) ? gap : !is_letter_or_digit(character))
		{
			gap = true;
			continue;
		}
		if (gap && length > 0)
			to[length++] = '_';
		length += utf8proc_encode_char(character, to + length);
		gap = false;
		most--;
	}
	return length;
}

/*
 * Words in lower case and NFC.  They are composed before as well: the capital I
 * with a dot is an i, but an I and a dot would be an i and one more dot.
 */
static char *
to_lower(const utf8proc_uint8_t *words, int length)
{
	utf8proc_ssize_t n = utf8proc_decompose(words, length, NULL, 0, NFC);
	utf8proc_int32_t *characters = palloc(sizeof(utf8proc_int32_t) * (n + 1));

	utf8proc_decompose(words, length, characters, n, NFC);
	n = utf8proc_normalize_utf32(characters, n, NFC);
	for (int i = 0; i < n; i++)
		characters[i] = utf8proc_tolower(characters[i]);
	utf8proc_reencode(characters, n, NFC);
	return (char *) characters;
}

/* Can a name end before here?  Not within a character, nor before its marks. */
static bool
is_boundary(const char *text)
{
	utf8proc_int32_t character;

	return utf8proc_iterate((const utf8proc_uint8_t *) text, -1, &character) >= 0 && !is_mark(character);
}

char *
crm_identifier(const char *label, int most)
{
	/* So many never fit, and a label of any length takes no longer to sort its marks. */
	int			enough = MOST_COMPOSED * (most + 2);
	utf8proc_uint8_t *words = palloc((1 + MAX_UTF8_BYTES) * enough);
	char	   *name = to_lower(words, copy_words(label, enough, words));

	pfree(words);
	if (strlen(name) > most)
	{
		int			end = most;

		while (end > 0 && !is_boundary(name + end))
			end--;
		if (end > 0 && name[end - 1] == '_')
			end--;
		name[end] = '\0';
	}
	return name;
}
