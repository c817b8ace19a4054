/*
 * test_fieldtext.c
 *		fdw/fieldtext.c: choices and dates in texts.
 */
#include "postgres.h"

#include "fdw/fieldtext.h"
#include "stub.h"

static void
choices(const char *text, const char *wanted)
{
	const char *rest = text;
	char		joined[200] = "";
	char	   *choice;

	while ((choice = crm_field_next_choice(&rest)) != NULL)
	{
		strcat(joined, "<");
		strcat(joined, choice);
		strcat(joined, ">");
	}
	tap_is_text(joined, wanted, "the choices in \"%s\"", text);
}

static void
day(const char *text, const char *wanted)
{
	const char *found = crm_field_day(text);

	if (wanted == NULL)
		tap_ok(found == NULL, "\"%s\" is no day", text);
	else
		tap_is_text(found, wanted, "the day of \"%s\"", text);
}

int
main(void)
{
	choices("||red||blue||", "<red><blue>");
	choices("||red||", "<red>");
	choices("||a,b||\"c\"||Ski & board||", "<a,b><\"c\"><Ski & board>");
	choices("||red||blue", "<red><blue>");
	choices("||a|b||", "<a|b>");
	choices("||||", "");
	choices("||", "");
	choices("", "");
	choices("red", "<red>");
	choices("red||blue", "<red||blue>");

	day("11/15/2023", "2023-11-15");
	day("1/5/2023", "2023-01-05");
	day("02/30/2023", "2023-02-30");
	day("2023-11-15", "2023-11-15");
	day("2023-11-15T10:00:00Z", "2023-11-15T10:00:00Z");
	day("15.11.2023", NULL);
	day("15 Nov 2023", NULL);
	day("11/15/23", NULL);
	day("11/15/20233", NULL);
	day("11/15", NULL);
	day("2023-11-1", NULL);
	day("2023-11-151", NULL);
	day("today", NULL);
	day("", NULL);
	return tap_done();
}
