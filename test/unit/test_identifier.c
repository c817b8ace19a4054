/*
 * test_identifier.c
 *		base/identifier.c: labels of any script as names.
 */
#include "postgres.h"

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
		{"u\xCC\x88 ber", "u\xCC\x88_ber"},
		{"", ""},
		{"🚚🎁 …!?", ""},
		{"a\xFF" "b", "a_b"},
		{"a\xE2\x82", "a"},
	};

	for (int i = 0; i < lengthof(cases); i++)
		tap_is_text(crm_identifier(cases[i][0], 63), cases[i][1], "the name of \"%s\"", cases[i][0]);
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
}

int
main(void)
{
	test_words();
	test_length();
	return tap_done();
}
