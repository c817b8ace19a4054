/*
 * identifier.c
 *		Labels as identifiers, by tables of characters instead of a locale.
 *
 * The lower case of a locale differs between machines and between releases of
 * their libraries, and a name must not.  The tables hold the scripts that have
 * two cases and are in use, and the blocks that hold no letters.
 */
#include "postgres.h"

#include "base/identifier.h"

/* Capitals from first to last, every "step" characters, and what leads to the small one. */
typedef struct CaseRange
{
	uint32		first;
	uint32		last;
	int			step;
	int			delta;
} CaseRange;

static const CaseRange capitals[] = {
	{0x0041, 0x005A, 1, 32},	/* Latin */
	{0x00C0, 0x00D6, 1, 32},
	{0x00D8, 0x00DE, 1, 32},
	{0x0100, 0x012E, 2, 1},
	{0x0130, 0x0130, 1, -199},	/* I with a dot: i */
	{0x0132, 0x0136, 2, 1},
	{0x0139, 0x0147, 2, 1},
	{0x014A, 0x0176, 2, 1},
	{0x0178, 0x0178, 1, -121},
	{0x0179, 0x017D, 2, 1},
	{0x018F, 0x018F, 1, 202},
	{0x01A0, 0x01A4, 2, 1},
	{0x01AF, 0x01AF, 1, 1},
	{0x01CD, 0x01DB, 2, 1},
	{0x01DE, 0x01EE, 2, 1},
	{0x01F8, 0x021E, 2, 1},
	{0x0222, 0x0232, 2, 1},
	{0x0386, 0x0386, 1, 38},	/* Greek */
	{0x0388, 0x038A, 1, 37},
	{0x038C, 0x038C, 1, 64},
	{0x038E, 0x038F, 1, 63},
	{0x0391, 0x03A1, 1, 32},
	{0x03A3, 0x03AB, 1, 32},
	{0x0400, 0x040F, 1, 80},	/* Cyrillic */
	{0x0410, 0x042F, 1, 32},
	{0x0460, 0x0480, 2, 1},
	{0x048A, 0x04BE, 2, 1},
	{0x04C0, 0x04C0, 1, 15},
	{0x04C1, 0x04CD, 2, 1},
	{0x04D0, 0x052E, 2, 1},
	{0x0531, 0x0556, 1, 48},	/* Armenian */
	{0x1C90, 0x1CBA, 1, -3008}, /* Georgian */
	{0x1E00, 0x1E94, 2, 1},		/* Latin, Vietnamese among it */
	{0x1E9E, 0x1E9E, 1, -7615},
	{0x1EA0, 0x1EFE, 2, 1},
	{0xFF21, 0xFF3A, 1, 32}		/* wide Latin */
};

/* Characters that are neither letters nor digits nor marks that belong to one. */
typedef struct GapRange
{
	uint32		first;
	uint32		last;
} GapRange;

static const GapRange gaps[] = {
	{0x0000, 0x002F}, {0x003A, 0x0040}, {0x005B, 0x0060}, {0x007B, 0x00A9}, {0x00AB, 0x00B4},
	{0x00B6, 0x00B9}, {0x00BB, 0x00BF}, {0x00D7, 0x00D7}, {0x00F7, 0x00F7}, {0x02C2, 0x02DF},
	{0x037E, 0x037E}, {0x0384, 0x0385}, {0x0387, 0x0387}, {0x0482, 0x0482}, {0x055A, 0x055F},
	{0x0589, 0x058F}, {0x05BE, 0x05BE}, {0x05C0, 0x05C0}, {0x05C3, 0x05C3}, {0x05C6, 0x05C6},
	{0x05F3, 0x05F4}, {0x0600, 0x060F}, {0x061B, 0x061F}, {0x066A, 0x066D}, {0x06D4, 0x06D4},
	{0x06DD, 0x06DE}, {0x06E9, 0x06E9}, {0x06FD, 0x06FE}, {0x0700, 0x070F}, {0x0964, 0x0965},
	{0x0970, 0x0970}, {0x0E3F, 0x0E3F}, {0x0E4F, 0x0E4F}, {0x0E5A, 0x0E5B}, {0x10FB, 0x10FB},
	{0x1800, 0x180F}, {0x2000, 0x20CF}, {0x20D0, 0x20FF}, {0x2100, 0x2101}, {0x2103, 0x2106},
	{0x2108, 0x2109}, {0x2114, 0x2114}, {0x2116, 0x2118}, {0x211E, 0x2123}, {0x2125, 0x2125},
	{0x2127, 0x2127}, {0x2129, 0x2129}, {0x212E, 0x212E}, {0x213A, 0x213B}, {0x2140, 0x2144},
	{0x214A, 0x214D}, {0x214F, 0x215F}, {0x2190, 0x2BFF}, {0x2E00, 0x2E7F}, {0x2FF0, 0x3004},
	{0x3008, 0x3020}, {0x3030, 0x3030}, {0x3036, 0x3037}, {0x303D, 0x303F}, {0x30A0, 0x30A0},
	{0x30FB, 0x30FB}, {0x3200, 0x33FF}, {0xD800, 0xF8FF}, {0xFE00, 0xFE1F}, {0xFE30, 0xFE6F},
	{0xFEFF, 0xFF0F}, {0xFF1A, 0xFF20}, {0xFF3B, 0xFF40}, {0xFF5B, 0xFF65}, {0xFFE0, 0xFFFF},
	{0x1D000, 0x1D3FF}, {0x1F000, 0x1FAFF}, {0xE0000, 0x10FFFF}
};

static bool
is_gap(uint32 character)
{
	for (int i = 0; i < lengthof(gaps); i++)
	{
		if (character >= gaps[i].first && character <= gaps[i].last)
			return true;
	}
	return false;
}

static uint32
lower_case(uint32 character)
{
	for (int i = 0; i < lengthof(capitals); i++)
	{
		const CaseRange *range = &capitals[i];

		if (character >= range->first && character <= range->last &&
			(character - range->first) % range->step == 0)
			return character + range->delta;
	}
	return character;
}

/* The character that starts at *text, which moves behind it; broken UTF-8 is a gap. */
static uint32
next_character(const unsigned char **text)
{
	const unsigned char *p = *text;
	int			more = *p >= 0xF0 ? 3 : *p >= 0xE0 ? 2 : *p >= 0xC0 ? 1 : 0;
	uint32		character = more == 3 ? *p & 0x07 : more == 2 ? *p & 0x0F : more == 1 ? *p & 0x1F : *p;

	if (*p >= 0x80 && *p < 0xC0)
		character = 0;
	p++;
	for (; more > 0 && (*p & 0xC0) == 0x80; more--)
		character = character << 6 | (*p++ & 0x3F);
	*text = p;
	return more > 0 ? 0 : character;
}

/* Writes a character; returns its bytes. */
static int
write_character(uint32 character, char *to)
{
	if (character < 0x80)
	{
		to[0] = (char) character;
		return 1;
	}
	if (character < 0x800)
	{
		to[0] = (char) (0xC0 | character >> 6);
		to[1] = (char) (0x80 | (character & 0x3F));
		return 2;
	}
	if (character < 0x10000)
	{
		to[0] = (char) (0xE0 | character >> 12);
		to[1] = (char) (0x80 | (character >> 6 & 0x3F));
		to[2] = (char) (0x80 | (character & 0x3F));
		return 3;
	}
	to[0] = (char) (0xF0 | character >> 18);
	to[1] = (char) (0x80 | (character >> 12 & 0x3F));
	to[2] = (char) (0x80 | (character >> 6 & 0x3F));
	to[3] = (char) (0x80 | (character & 0x3F));
	return 4;
}

char *
crm_identifier(const char *label, int most)
{
	const unsigned char *rest = (const unsigned char *) label;
	char	   *name = palloc(most + 1);
	int			length = 0;
	bool		gap = false;

	while (*rest != '\0')
	{
		uint32		character = next_character(&rest);
		char		bytes[4];
		int			n;

		if (is_gap(character))
		{
			gap = true;
			continue;
		}
		n = write_character(lower_case(character), bytes);
		gap = gap && length > 0;
		if (length + (gap ? 1 : 0) + n > most)
			break;
		if (gap)
			name[length++] = '_';
		memcpy(name + length, bytes, n);
		length += n;
		gap = false;
	}
	name[length] = '\0';
	return name;
}
