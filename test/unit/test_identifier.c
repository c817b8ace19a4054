/*
 * test_identifier.c
 *		base/identifier.c: labels of any script as names.
 */
#include "postgres.h"

#include <utf8proc.h>

#include "base/identifier.h"
#include "stub.h"

static void
test_words(void)
{
	static const char *const cases[][2] = {
		{"Region", "region"},
		{"Annual budget", "annual_budget"},
		{"Größe (cm)", "größe_cm"},
		{"GRÖSSE", "grösse"},
		{"  Last -- visit!  ", "last_visit"},
		{"select", "select"},
		{"2026 goals", "2026_goals"},
		{"Industry/Vertical", "industry_vertical"},
		{"a_b__c", "a_b_c"},
		{"_private_", "private"},
		{"firstName", "firstname"},
		{"Größe (m²)", "größe_m"},
		{"🏔️ Favourite peak", "favourite_peak"},
		{"👩‍👩‍👧 family", "family"},
		{"1️⃣ first", "1_first"},
		{"€ per m", "per_m"},
		{"Prix “net” — été", "prix_net_été"},
		{"İstanbul", "istanbul"},
		{"ŁÓDŹ", "łódź"},
		{"Ÿ Ž ẞ", "ÿ_ž_ß"},
		{"ΑΘΗΝΑ Ώρα", "αθηνα_ώρα"},
		{"МОСКВА Ёлка", "москва_ёлка"},
		{"Đường Ố", "đường_ố"},
		{"誕生日", "誕生日"},
		{"생일（음력）", "생일_음력"},
		{"تاريخ الميلاد؟", "تاريخ_الميلاد"},
		{"जन्मदिन।", "जन्मदिन"},
		{"Straße (cm)", "straße_cm"},
		{"Ⅳ. Quartal ½ ①", "ⅳ_quartal"},
		{"二〇二六年", "二〇二六年"},
		{"२०२६ लक्ष्य", "२०२६_लक्ष्य"},
		{"Nº ª", "nº_ª"},
		{"", ""},
	};

	for (int i = 0; i < lengthof(cases); i++)
		tap_is_text(crm_identifier(cases[i][0], 63), cases[i][1], "the name of \"%s\"", cases[i][0]);
}

static void
test_marks(void)
{
	static const char *const cases[][2] = {
		{"u\xCC\x88 ber", "ü_ber"},
		{"U\xCC\x88 BER", "ü_ber"},
		{"I\xCC\x87stanbul", "istanbul"},
		{"A\xCC\x8Angstro\xCC\x88m", "ångström"},
		{"\xE2\x84\xABngstr\xC3\xB6m", "ångström"},	/* the sign of the unit */
		{"Đu\xCC\x9B\xCC\x80" "ơ\xCC\x80ng", "đừờng"},
		{"o\xCC\x82\xCC\xA3", "ộ"},	/* in either order */
		{"o\xCC\xA3\xCC\x82", "ộ"},
		{"J\xCC\x8C", "ǰ"},		/* composed only in lower case */
		{"\xE1\x84\x89\xE1\x85\xA2\xE1\x86\xBC\xE1\x84\x8B\xE1\x85\xB5\xE1\x86\xAF", "생일"},
		{"か\xE3\x82\x99 ハ\xE3\x82\x9A", "が_パ"},
		{"ที่อยู่ (บ้าน)", "ที่อยู่_บ้าน"},
		{"हिन्दी: पिन कोड", "हिन्दी_पिन_कोड"},
		{"বাংলা কো", "বাংলা_কো"},
		{"தமிழ் பெயர்", "தமிழ்_பெயர்"},
		{"مُحَمَّد، اسم", "مُحَمَّد_اسم"},
		{"שָׁלוֹם", "שָׁלוֹם"},
		{"x\xCC\xA7\xCC\x84 1\xCC\x84", "x\xCC\xA7\xCC\x84_1\xCC\x84"},
		{"\xCC\x88 a", "a"},		/* nothing that it is on */
		{"a -\xCC\x88 b", "a_b"},
		{"a=\xCC\xB8" "b", "a_b"},	/* the two parts of an unequal sign */
		{"a≠b", "a_b"},
	};

	for (int i = 0; i < lengthof(cases); i++)
		tap_is_text(crm_identifier(cases[i][0], 63), cases[i][1], "the marks in \"%s\"", cases[i][0]);
}

static void
test_left_out(void)
{
	static const char *const cases[][2] = {
		{"🚚🎁 …!?", ""},
		{"👍🏽 thumbs👍🏿up", "thumbs_up"},
		{"❤️ a❤️b ❤", "a_b"},
		{"👩🏽‍🚀 crew 👨‍👩‍👧‍👦", "crew"},
		{"🏳️‍🌈 flag 🇩🇪 land", "flag_land"},
		{"🏴\xF3\xA0\x81\xA7\xF3\xA0\x81\xA2\xF3\xA0\x81\xBF x", "x"},
		{"#️⃣ tag *️⃣", "tag"},
		{"ℹ️ info", "info"},
		{"Ⓜ️ 🅰 ㊗️ ©x™", "x"},
		{"Geburts\xC2\xADtag", "geburtstag"},
		{"ශ්\xE2\x80\x8Dරී", "ශ්රී"},
		{"\xEF\xBB\xBFname\xE2\x80\x8F", "name"},
		{"g\xEF\xB8\x8F", "g"},
		{"a\xFF" "b", "a_b"},
		{"a\xE2\x82", "a"},
		{"a\xE2\x82" "b", "a_b"},
		{"\x80\xBF" "a", "a"},
		{"a\xC0\xAF" "b", "a_b"},	/* longer than it need be */
		{"a\xED\xA0\xBD\xED\xB8\x80" "b", "a_b"}, /* surrogates */
		{"a\xF4\x90\x80\x80" "b", "a_b"},	/* beyond the last character */
		{"a\xFF\xCC\x88" "b", "a_b"},
		{"a\xF0\x9F\x9A", "a"},
		{"a\xEF\xBF\xBF" "b\xEE\x80\x80" "c", "a_b_c"},	/* no characters, private ones */
	};

	for (int i = 0; i < lengthof(cases); i++)
		tap_is_text(crm_identifier(cases[i][0], 63), cases[i][1], "what is left of \"%s\"", cases[i][0]);
}

/* Every letter, alone and before a mark, in either form. */
static void
test_forms(void)
{
	int			differ = 0;
	int			unstable = 0;

	for (utf8proc_int32_t character = 1; character <= 0x10FFFF; character++)
	{
		char		label[8] = "";
		utf8proc_uint8_t *composed;
		utf8proc_uint8_t *decomposed;
		utf8proc_ssize_t length;
		const char *name;

		if (!utf8proc_codepoint_valid(character) || utf8proc_category(character) == UTF8PROC_CATEGORY_CN ||
			utf8proc_category(character) == UTF8PROC_CATEGORY_CO)
			continue;
		length = utf8proc_encode_char(character, (utf8proc_uint8_t *) label);
		strcpy(label + length, "\xCC\x81");
		composed = utf8proc_NFC((utf8proc_uint8_t *) label);
		decomposed = utf8proc_NFD((utf8proc_uint8_t *) label);
		name = crm_identifier(label, 63);
		differ += strcmp(crm_identifier((char *) composed, 63), name) != 0 ||
			strcmp(crm_identifier((char *) decomposed, 63), name) != 0;
		unstable += strcmp(crm_identifier(name, 63), name) != 0;
		free(composed);
		free(decomposed);
		stub_reset_memory();
	}
	tap_is_int(differ, 0, "labels that are written in another form have the same name");
	tap_is_int(unstable, 0, "a name is the name of itself");
}

static void
test_length(void)
{
	char		label[200];

	memset(label, 'x', 80);
	label[80] = '\0';
	tap_is_int(strlen(crm_identifier(label, 63)), 63, "80 letters are cut at 63");
	tap_is_text(crm_identifier("größe", 4), "grö", "a character that fits stays whole");
	tap_is_text(crm_identifier("größe", 3), "gr", "one that does not is left out");
	tap_is_text(crm_identifier("ab cd", 3), "ab", "nothing ends with an underscore");
	tap_is_text(crm_identifier("ab cd", 4), "ab_c", "a cut word stays");
	tap_is_text(crm_identifier("ab cd", 5), "ab_cd", "what fits is not cut");
}

/* So many times the piece. */
static char *
repeated(const char *piece, int times)
{
	int			length = (int) strlen(piece);
	char	   *text = palloc(length * times + 1);

	for (int i = 0; i < times; i++)
		memcpy(text + i * length, piece, length);
	text[length * times] = '\0';
	return text;
}

static void
test_cut_marks(void)
{
	char	   *marks = repeated("\xCC\xA7\xCC\x84", 500000);
	char	   *unsorted = repeated("\xCC\x84\xCC\xA7", 500000);
	char	   *gaps = repeated(" -", 500000);

	tap_is_text(crm_identifier("ab\xCC\xA7", 3), "a", "a letter goes with its mark");
	tap_is_text(crm_identifier("ab\xCC\xA7", 4), "ab\xCC\xA7", "a mark that fits stays");
	tap_is_text(crm_identifier("a x\xCC\xA7\xCC\x84", 6), "a", "a letter goes with both of its marks");
	tap_is_text(crm_identifier("u\xCC\x88u\xCC\x88", 4), "üü", "marks are counted as they are written");
	tap_is_text(crm_identifier(repeated("ที่", 10), 63), repeated("ที่", 7), "63 bytes of Thai");
	tap_is_text(crm_identifier(repeated("ที่", 10), 62), repeated("ที่", 6), "62 bytes of Thai");
	tap_is_text(crm_identifier(repeated("कि", 20), 63), repeated("कि", 10), "63 bytes of Devanagari");
	tap_is_text(crm_identifier(repeated("O\xCC\x82\xCC\xA3", 40), 63), repeated("ộ", 21),
				"63 bytes of letters with two marks each");
	tap_is_text(crm_identifier(repeated("α\xCC\x93\xCC\x80\xCD\x85", 40), 63), repeated("ᾂ", 21),
				"63 bytes of letters with three marks each");
	tap_is_text(crm_identifier(repeated("\xE1\x84\x89\xE1\x85\xA2\xE1\x86\xBC", 40), 63), repeated("생", 21),
				"63 bytes of syllables");
	tap_is_text(crm_identifier(psprintf("a%s", marks), 63), "", "a letter with a million marks does not fit");
	tap_is_text(crm_identifier(psprintf("a b%s", unsorted), 63), "a", "nor does it out of order");
	tap_is_text(crm_identifier(psprintf("%sa%sb", gaps, gaps), 63), "a_b", "a million spaces do");
	for (int most = 0; most <= 9; most++)
		tap_ok(strlen(crm_identifier("Größe ที่", most)) <= most, "no more than %d bytes", most);
}

/* Nothing that the library is given stays behind. */
static void
test_memory(void)
{
	size_t		before = stub_memory_in_use();
	char	   *name = crm_identifier("Größe (cm)", 63);

	pfree(name);
	tap_ok(stub_memory_in_use() == before, "a name is one piece of memory");
}

int
main(void)
{
	test_words();
	test_marks();
	test_left_out();
	test_forms();
	test_length();
	test_cut_marks();
	test_memory();
	return tap_done();
}
