/*
 * fieldtext.c
 *		Takes such texts apart.  What is not understood is left to the caller:
 *		nothing is guessed.
 */
#include "postgres.h"

#include "fdw/fieldtext.h"

#define DELIMITER	"||"

char *
crm_field_next_choice(const char **text)
{
	const char *start = *text;
	const char *end;

	if (strncmp(start, DELIMITER, strlen(DELIMITER)) != 0)
	{
		*text = start + strlen(start);
		return *start == '\0' ? NULL : pstrdup(start);
	}
	while (strncmp(start, DELIMITER, strlen(DELIMITER)) == 0)
		start += strlen(DELIMITER);
	end = strstr(start, DELIMITER);
	if (end == NULL)
		end = start + strlen(start);
	*text = end;
	return end == start ? NULL : pnstrdup(start, end - start);
}

/* The number of just so many digits at *text, which moves behind them; -1 if there are not. */
static int
digits(const char **text, int least, int most)
{
	int			number = 0;
	int			n;

	for (n = 0; n < most && **text >= '0' && **text <= '9'; n++)
		number = number * 10 + *(*text)++ - '0';
	return n < least ? -1 : number;
}

static bool
skip(const char **text, char wanted)
{
	return *(*text)++ == wanted;
}

const char *
crm_field_day(const char *text)
{
	const char *rest = text;
	int			month;
	int			day;
	int			year;

	if (digits(&rest, 4, 4) >= 0 && skip(&rest, '-') && digits(&rest, 2, 2) >= 0 &&
		skip(&rest, '-') && digits(&rest, 2, 2) >= 0)
		return *rest == '\0' || *rest == 'T' || *rest == ' ' ? text : NULL;
	rest = text;
	month = digits(&rest, 1, 2);
	if (month < 0 || !skip(&rest, '/'))
		return NULL;
	day = digits(&rest, 1, 2);
	if (day < 0 || !skip(&rest, '/'))
		return NULL;
	year = digits(&rest, 4, 4);
	return year < 0 || *rest != '\0' ? NULL : psprintf("%04d-%02d-%02d", year, month, day);
}
