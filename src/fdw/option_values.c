/*
 * option_values.c
 *		Parsers of option values.
 *
 * Each returns a hint instead of raising an error, so that the caller can name
 * the option and hide a secret.
 */
#include "postgres.h"

#include <float.h>
#include <math.h>

#include "access/xact.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/timestamp.h"

#include "base/compat.h"
#include "base/report.h"
#include "catalog/catalog.h"
#include "client/json.h"
#include "client/url.h"
#include "fdw/option_values.h"
#include "fdw/options.h"

/* The formats that the column option "format" may name. */
static const struct
{
	const char *name;
	CrmFormat	format;
}			user_formats[] =
{
	{"unix", CRM_FORMAT_UNIX},
	{"unix_ms", CRM_FORMAT_UNIX_MS},
	{"iso8601", CRM_FORMAT_ISO8601},
	{"cents", CRM_FORMAT_CENTS},
	{"json_text", CRM_FORMAT_JSON_TEXT},
};

static bool
has_control_character(const char *value)
{
	for (const char *p = value; *p; p++)
	{
		if ((unsigned char) *p < 0x20 || *p == 0x7f)
			return true;
	}
	return false;
}

static bool
is_all_digits(const char *value)
{
	return *value != '\0' && value[strspn(value, "0123456789")] == '\0';
}

static const char *
parse_integer(const char *value, double min, double max, int *out)
{
	/* parse_int() would round fractions and read hexadecimal. */
	if (!is_all_digits(value) || !parse_int(value, out, 0, NULL) || *out < min || *out > max)
		return psprintf("It is a whole number from %.0f to %.0f.", min, max);
	return NULL;
}

static const char *
parse_double(const char *value, double min, double max, double *out)
{
	if (!parse_real(value, out, 0, NULL) || isnan(*out) || *out < min || *out > max)
		return psprintf("It is a number from %g up.", min);
	return NULL;
}

static const char *
parse_duration(const char *value, double min, double max, int *out)
{
	char	   *with_unit = is_all_digits(value) ? psprintf("%ss", value) : pstrdup(value);

	if (!parse_int(with_unit, out, GUC_UNIT_MS, NULL) || *out < min || *out > max)
		return psprintf("It is a duration from %.0f ms to %.0f min with a unit (ms, s, min, h); a bare number is seconds.",
						min, max / 60000.0);
	return NULL;
}

static const char *
parse_size(const char *value, double min, double max, int *out)
{
	if (!parse_int(value, out, GUC_UNIT_BYTE, NULL) || *out < min || *out > max)
		return psprintf("It is a size from %.0f kB to %.0f MB with a unit (B, kB, MB, GB).",
						min / 1024, max / (1024 * 1024));
	return NULL;
}

static const char *
parse_crm(const char *value, const CrmApi **out)
{
	StringInfoData names;

	*out = crm_api_find(value);
	if (*out != NULL)
		return NULL;
	initStringInfo(&names);
	for (int i = 0; crm_apis[i] != NULL; i++)
		appendStringInfo(&names, "%s\"%s\"", i > 0 ? ", " : "", crm_apis[i]->name);
	return psprintf("It is one of %s.", names.data);
}

static const char *
parse_rate(const char *value, double min, double max, CrmRate *out)
{
	static const struct
	{
		const char *unit;
		int			ms;
	}			units[] = {{"s", 1000}, {"min", 60000}, {"h", 3600000}};
	char	   *end;
	long		count = strtol(value, &end, 10);

	if (end != value && *end == '/' && count >= min && count <= max)
	{
		for (int i = 0; i < lengthof(units); i++)
		{
			if (strcmp(end + 1, units[i].unit) == 0)
			{
				out->count = (int) count;
				out->window_ms = units[i].ms;
				return NULL;
			}
		}
	}
	return psprintf("It is a number of requests per s, min or h, for example \"5/s\" or \"60/min\".");
}

/*
 * PostgreSQL's own input functions read both forms.  Their errors become the
 * hint: the caller raises its own error at once, so nothing runs on after the
 * caught one.
 */
static const char *
parse_start_date(const char *value, CrmStartDate *out)
{
	/* A date starts with its year; anything else is an age. */
	bool		is_moment = strspn(value, "0123456789") == 4 && value[4] == '-';
	volatile bool failed = false;
	MemoryContext context = CurrentMemoryContext;

	PG_TRY();
	{
		if (is_moment)
			out->moment = DatumGetTimestampTz(DirectFunctionCall3(timestamptz_in,
																  CStringGetDatum(value),
																  ObjectIdGetDatum(InvalidOid),
																  Int32GetDatum(-1)));
		else
			out->age = DatumGetIntervalP(DirectFunctionCall3(interval_in,
															 CStringGetDatum(value),
															 ObjectIdGetDatum(InvalidOid),
															 Int32GetDatum(-1)));
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(context);
		FlushErrorState();
		failed = true;
	}
	PG_END_TRY();

	if (!failed)
	{
		out->set = true;
		out->rolling = !is_moment;
		failed = is_moment ? TIMESTAMP_NOT_FINITE(out->moment) :
			!crm_interval_is_finite(out->age) ||
			out->age->time < 0 || out->age->day < 0 || out->age->month < 0;
	}
	return failed ? "It is a timestamp (\"2025-01-01\") or an age (\"90 days\")." : NULL;
}

static const char *
parse_two_words(const char *value, const char *no, const char *yes, bool *out)
{
	if (strcmp(value, no) != 0 && strcmp(value, yes) != 0)
		return psprintf("It is \"%s\" or \"%s\".", no, yes);
	*out = strcmp(value, yes) == 0;
	return NULL;
}

static const char *
parse_entity(const char *value, const char **out)
{
	const char **names;
	const char *near;
	int			n = 0;
	int			total = 0;

	*out = value;
	for (int i = 0; crm_apis[i] != NULL; i++)
	{
		if (crm_entity_find(crm_apis[i], value) != NULL)
			return NULL;
		total += crm_apis[i]->nentities;
	}

	names = palloc(sizeof(char *) * total);
	for (int i = 0; crm_apis[i] != NULL; i++)
	{
		for (int k = 0; k < crm_apis[i]->nentities; k++)
			names[n++] = crm_apis[i]->entities[k]->name;
	}
	near = crm_nearest(value, names, n);
	if (near != NULL)
		return psprintf("Perhaps you meant the entity \"%s\".", near);
	return "IMPORT FOREIGN SCHEMA creates a table for every entity there is; other endpoints are read with the option \"path\".";
}

static const char *
parse_path(const char *value, const char **out)
{
	const char **roots = NULL;
	int			n = 0;

	/* Whose path it is, the validator is not told: any API's root will do. */
	for (int i = 0; crm_apis[i] != NULL; i++)
	{
		for (const char *const *root = crm_apis[i]->roots; *root != NULL; root++)
		{
			roots = roots ? repalloc(roots, sizeof(char *) * (n + 2)) : palloc(sizeof(char *) * 2);
			roots[n++] = *root;
			roots[n] = NULL;
		}
	}
	*out = value;
	return crm_url_path_problem(value, roots);
}

static const char *
parse_format(const char *value, int *out)
{
	StringInfoData names;

	initStringInfo(&names);
	for (int i = 0; i < lengthof(user_formats); i++)
	{
		if (strcmp(user_formats[i].name, value) == 0)
		{
			*out = user_formats[i].format;
			return NULL;
		}
		appendStringInfo(&names, "%s\"%s\"", i > 0 ? ", " : "", user_formats[i].name);
	}
	return psprintf("It is one of %s.", names.data);
}

const char *
crm_option_parse(CrmOptionKind kind, const char *value, double min, double max, void *out)
{
	switch (kind)
	{
		case CRM_OPT_TEXT:
		case CRM_OPT_URL:
			*(const char **) out = value;
			if (*value == '\0' || has_control_character(value))
				return "It must not be empty and must not hold control characters.";
			return NULL;
		case CRM_OPT_ANY_TEXT:
			*(const char **) out = value;
			return NULL;
		case CRM_OPT_BOOL:
			return parse_bool(value, (bool *) out) ? NULL : "It is \"true\" or \"false\".";
		case CRM_OPT_INT:
			return parse_integer(value, min, max, (int *) out);
		case CRM_OPT_REAL:
			return parse_double(value, min, max, (double *) out);
		case CRM_OPT_DURATION:
			return parse_duration(value, min, max, (int *) out);
		case CRM_OPT_SIZE:
			return parse_size(value, min, max, (int *) out);
		case CRM_OPT_CRM:
			return parse_crm(value, (const CrmApi **) out);
		case CRM_OPT_RATE:
			return parse_rate(value, min, max, (CrmRate *) out);
		case CRM_OPT_START_DATE:
			return parse_start_date(value, (CrmStartDate *) out);
		case CRM_OPT_ERROR_OR_NULL:
			return parse_two_words(value, "error", "null", (bool *) out);
		case CRM_OPT_AUTO_OR_NONE:
			return parse_two_words(value, "auto", "none", (bool *) out);
		case CRM_OPT_ENTITY:
			return parse_entity(value, (const char **) out);
		case CRM_OPT_PATH:
			return parse_path(value, (const char **) out);
		case CRM_OPT_POINTER:
			*(const char **) out = value;
			return crm_json_pointer_valid(value) ? NULL :
				"It is a JSON Pointer (RFC 6901): empty, or \"/\" followed by member names, for example \"/meta/items\".";
		case CRM_OPT_FORMAT:
			return parse_format(value, (int *) out);
	}
	return NULL;				/* not reached; keeps the compiler quiet */
}

TimestampTz
crm_start_date_resolve(const CrmStartDate *start)
{
	if (!start->rolling)
		return start->moment;
	return DatumGetTimestampTz(DirectFunctionCall2(timestamptz_mi_interval,
												   TimestampTzGetDatum(GetCurrentTransactionStartTimestamp()),
												   IntervalPGetDatum(start->age)));
}
