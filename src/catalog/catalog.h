/*
 * catalog.h
 *		The CRMs and their entities as data.
 *
 * Everything crm_fdw knows about an API stands in constant tables of the types
 * below, one file per CRM (or a group of files that share its name).  Adding
 * an entity means adding rows; adding a CRM means adding a file.  Every choice an API can make (how it pages, how it
 * writes a time, how it authenticates) is a closed enum that exactly one
 * switch elsewhere handles.
 *
 * Nothing outside this room names a CRM except through its CrmApi row.
 */
#ifndef CRM_CATALOG_H
#define CRM_CATALOG_H

#include <stdbool.h>
#include <stddef.h>

/* The SQL type of a column as IMPORT FOREIGN SCHEMA declares it. */
typedef enum CrmType
{
	CRM_BIGINT,
	CRM_INTEGER,
	CRM_SMALLINT,
	CRM_NUMERIC,
	CRM_BOOLEAN,
	CRM_TEXT,
	CRM_TIMESTAMPTZ,
	CRM_DATE,
	CRM_JSONB,
	CRM_UUID,
	CRM_INET,
	CRM_TEXT_ARRAY,
	CRM_BIGINT_ARRAY
} CrmType;

/*
 * How the API writes the value.  Whatever the format: an absent key and a JSON
 * null are SQL NULL, and no number passes through a double.
 */
typedef enum CrmFormat
{
	/*
	 * The natural reading of the type.  Numbers may arrive as strings, an
	 * empty string is NULL except for text; booleans are true/false, 0/1 or
	 * "0"/"1"; a text column takes strings as they are and any other value as
	 * its JSON text; text[] and bigint[] take JSON arrays; jsonb takes
	 * anything.
	 */
	CRM_FORMAT_PLAIN,

	/* Times: 0, "", "0000-00-00..." are NULL in each of these. */
	CRM_FORMAT_ISO8601,			/* a value without offset is UTC */
	CRM_FORMAT_CHICAGO,			/* a value without offset is America/Chicago */
	CRM_FORMAT_UNIX,			/* seconds since 1970, number or string */
	CRM_FORMAT_UNIX_MS,			/* milliseconds since 1970 */
	CRM_FORMAT_UNIX_ANY,		/* seconds; more than 10 digits: milliseconds */

	CRM_FORMAT_CENTS,			/* hundredths, shown in major units, exact */
	CRM_FORMAT_REFERENCE,		/* another record's id: 0, "0" and "" are NULL */
	CRM_FORMAT_IPV4,			/* unsigned big-endian integer (0 = NULL) or text */
	CRM_FORMAT_UPPER,			/* text in upper case (currency codes) */
	CRM_FORMAT_JSON_TEXT,		/* a string that holds a JSON document */
	CRM_FORMAT_SPLIT_COMMA,		/* "a, b,c" becomes an array, blanks trimmed */
	CRM_FORMAT_PLUCK,			/* array of objects: operand of each (text[], bigint[]) */

	/* Of custom fields. */
	CRM_FORMAT_CHOICES,			/* "||a||b||", an array, or the only choice */
	CRM_FORMAT_JSON_LIST,		/* a string that holds a JSON array */
	CRM_FORMAT_US_DATE,			/* "12/31/2026", or ISO 8601 */

	/* Computed from two members of the record; see CrmColumn.operand. */
	CRM_FORMAT_LABEL,			/* the word of a code, see CrmLabel */
	CRM_FORMAT_RATIO,			/* pointer / operand as numeric; NULL if operand is 0 */
	CRM_FORMAT_SECONDS_UNTIL,	/* operand (else alternative) - pointer, unix seconds */
	CRM_FORMAT_MISSED_CALL,		/* pointer is "inbound", operand is null and
								 * alternative is not (the call is over) */
	CRM_FORMAT_EQUALS			/* boolean: the value equals operand's */
} CrmFormat;

/* Where the value is looked up. */
typedef enum CrmSource
{
	CRM_FROM_RECORD,			/* pointer into the record itself */
	CRM_FROM_OUTER,				/* unnested rows: pointer into the enclosing record */
	CRM_FROM_PARENT_KEY,		/* the parent's id the request was made for */
	CRM_FROM_ORDINAL,			/* unnested rows: 1-based position in the array */

	/*
	 * A list of {name, value} objects at /properties: "pointer" is the name.
	 * FIRST takes the first entry's value, ALL makes text[] of every entry's;
	 * PART reads member "operand" of the JSON text in the first entry.
	 */
	CRM_FROM_PROPERTY_FIRST,
	CRM_FROM_PROPERTY_ALL,
	CRM_FROM_PROPERTY_PART
} CrmSource;

/*
 * One code and its word.  A code of the form "1+" applies when the code is 1
 * and the column's operand is set (neither null, 0 nor empty); it is looked
 * for first.  Tables end with a NULL code; an unknown code has the label NULL.
 */
typedef struct CrmLabel
{
	const char *code;
	const char *label;
} CrmLabel;

/* Column flags */
#define CRM_COL_VOLATILE	0x01	/* differs at every read (pre-signed URLs) */

typedef struct CrmColumn
{
	const char *name;			/* SQL name */
	CrmType		type;
	const char *pointer;		/* RFC 6901; NULL = "/" and the SQL name */
	CrmFormat	format;
	CrmSource	source;
	const char *operand;		/* second pointer, for formats that need one; for
								 * unnested rows EQUALS resolves it in the
								 * enclosing record */
	const char *alternative;	/* pointer used when the first one (for
								 * SECONDS_UNTIL: the operand) is absent or null */
	const CrmLabel *labels;		/* CRM_FORMAT_LABEL */
	const char *request_flag;	/* "name=value", sent only if the column is used */
	unsigned	flags;
	const char *description;	/* unit, codes, surprises; NULL if the name says all */
} CrmColumn;

/* How a list is read to its end. */
typedef enum CrmPagerKind
{
	CRM_PAGER_SINGLE,			/* one answer holds everything */
	CRM_PAGER_OFFSET,			/* row offset and limit */
	CRM_PAGER_KEYSET,			/* ids greater than the last one, ascending */
	CRM_PAGER_NUMBER,			/* page numbers below a positional cap */
	CRM_PAGER_PAGE,				/* page numbers, end = a short page */
	CRM_PAGER_CURSOR,			/* opaque cursor on the last element */
	CRM_PAGER_SLICES,			/* unpaged, but both time bounds are mandatory */
	CRM_PAGER_WALK				/* page numbers, sorted by a time, newest first: read
								 * down to a lower bound that no parameter takes; only
								 * as a route that is CRM_ROUTE_UNCERTAIN */
} CrmPagerKind;

/* How completeness of a read is proven; shown to users. */
typedef enum CrmCompleteness
{
	CRM_COMPLETE_KEYSET,		/* by construction */
	CRM_COMPLETE_COUNTED,		/* against the API's total, order or closed window */
	CRM_COMPLETE_BEST_EFFORT	/* overlap, duplicates removed */
} CrmCompleteness;

/* Lower and upper time bound of a list, in unix seconds. */
typedef struct CrmWindow
{
	const char *from;			/* parameter */
	const char *to;
	const char *pointer;		/* the member that is compared */
	const char *column;			/* its SQL column: bounds and start_date apply here */
} CrmWindow;

/*
 * A list that exists only below another record.  "{}" in path stands for the
 * parent's id.  Parents are the rows of "entity" (its column "id"), or, with
 * entity NULL, the fixed "values".
 */
typedef struct CrmParent
{
	const char *entity;
	const char *column;			/* SQL column of the child that holds the parent's id;
								 * NULL only with fixed values */
	const char *path;
	const char *const *values;	/* NULL-terminated */
} CrmParent;

/*
 * A parameter whose value must be fetched first: the member "take" of the
 * element of "path"/"rows" whose member "match" is the string "value".
 */
typedef struct CrmLookup
{
	const char *path;
	const char *rows;
	const char *match;
	const char *value;
	const char *take;
} CrmLookup;

/* Which clauses on its column a filter stands for. */
typedef enum CrmMatch
{
	CRM_MATCH_EQUAL,			/* column = value; IN: see CrmFilter.most */
	CRM_MATCH_AFTER,			/* lower bound: column > or >= value */
	CRM_MATCH_BEFORE,			/* upper bound: column < or <= value */
	CRM_MATCH_ELEMENT,			/* the array in the column contains the value */
	CRM_MATCH_PREFIX,			/* the text begins with the value: LIKE 'x%', = */
	CRM_MATCH_SUBSTRING			/* the text contains the value: LIKE '%x%', ILIKE, = */
} CrmMatch;

/* How a filter's value is written. */
typedef enum CrmSend
{
	CRM_SEND_PLAIN,				/* integers and texts as they are, booleans 1 and 0 */
	CRM_SEND_WORD,				/* booleans: true and false */
	CRM_SEND_CODE,				/* a label column's words as their codes */
	CRM_SEND_CHICAGO,			/* ISO 8601, Chicago's wall clock and its offset: right
								 * whether or not the offset is read */
	CRM_SEND_UNIX,				/* seconds since 1970 */
	CRM_SEND_UNIX_MS,			/* milliseconds since 1970 */
	CRM_SEND_WHOLE,				/* numeric without its fraction, above 0 */
	CRM_SEND_NUMBER				/* numeric that fits into 32 bits, sign included */
} CrmSend;

/*
 * What a filter is known to do.  There is no third grade: a parameter that may
 * leave out a record for which SQL says true has no row in the catalogue.
 */
typedef enum CrmGrade
{
	CRM_GRADE_SUPERSET,			/* sends at least the records SQL wants */
	CRM_GRADE_EXACT				/* documented or measured to send just those */
} CrmGrade;

/*
 * A parameter that narrows a list by one column.  Filters of one list are
 * combined with AND.  Rows with the same parameter (a code and its label) are
 * merged into one value.
 *
 * Bounds are rounded outwards to whole units (seconds, or what CRM_SEND_WHOLE
 * leaves) and then moved outwards by "widen" more.  A parameter named "after"
 * is taken to be inclusive and one named "before" too; widen by 1 at least
 * unless it does not matter how the API reads them.
 */
typedef struct CrmFilter
{
	const char *column;			/* SQL column */
	CrmMatch	match;
	const char *param;			/* not encoded, e.g. "filters[stage]"; in a rule list
								 * the field it names */
	const char *condition;		/* rule lists: the word for the comparison */
	CrmSend		send;
	CrmGrade	grade;
	int			widen;			/* seconds or units a bound is moved outwards */
	int			most;			/* values one request takes, the parameter repeated:
								 * any of them for EQUAL, all of them for ELEMENT; 0 = 1 */
	const char *except;			/* value (as sent) for which it may leave records out */
	const char *only_column;	/* used only if the query also demands that this column */
	const char *only_value;		/* equals this value (as SQL prints it) */
	bool		closed;			/* bounds: records with values (times: seconds) of more than
								 * 32 bits are not found, so used only if the query sets both */
} CrmFilter;

/* What a word for a kind of custom field stands for; an array ends with a NULL word. */
typedef struct CrmFieldType
{
	const char *word;
	CrmType		type;
	CrmFormat	format;
	bool		has_currency;	/* a second column shows the value's currency */
} CrmFieldType;

/*
 * A kind of custom field that lists which take rules can be narrowed by.  The
 * rules are CRM_MATCH_AFTER and CRM_MATCH_BEFORE without column and parameter:
 * a field goes by its label and the suffix there.
 */
typedef struct CrmFieldRule
{
	const char *word;			/* one of CrmCustomFields.types; an array ends with NULL */
	const char *suffix;
	CrmFilter	after;
	CrmFilter	before;
	const char *least;			/* bound (as sent) that all values are above, to find out
								 * whether the field is known by this name */
	const char *const *misread;	/* a label with one of these in it makes the API take the
								 * field for another kind; NULL-terminated; may be NULL */
	const char *const *taken;	/* labels that with the suffix name fields of every account,
								 * in small letters; NULL-terminated; may be NULL */
} CrmFieldRule;

/*
 * The fields that an account itself has given an entity.  They are rows of the
 * entity "definitions", whose columns are named here; so are those of the
 * entity "values", which has a row per record and field.
 */
typedef struct CrmCustomFields
{
	const struct CrmEntity *definitions;
	const char *scope;			/* which of its parent's values; NULL = no parents */
	const char *label;			/* column: what users call the field */
	const char *type;			/* column: one of "types"; another word is text */
	const CrmFieldType *types;

	/* Values that stand in the record, found by label; NULL = they do not. */
	const char *within;			/* pointer to a list of {name, value} */
	const char *kind;			/* their member "type"; NULL = any */

	/* Values that are records of their own. */
	const struct CrmEntity *values;
	const char *record;			/* columns: whose, of which field, what */
	const char *field;
	const char *value;
	const char *currency;		/* NULL = no money */
	const char *by_field;		/* parameter that narrows the list to one field, encoded;
								 * NULL = there is none */
	const char *by_record;		/* path of one record's values */
	const char *include;		/* "name=value" that asks for the values of a page's records
								 * beside them; an API may ignore it; NULL = there is none */
	const char *beside;			/* pointer, in the answer, to their array; in each record to
								 * the ids of its values */

	/* What a query may narrow by them. */
	const char *by_value;		/* parameter that, beside by_field, narrows the list of values
								 * to those equal to a text, encoded; NULL = there is none */
	const CrmFieldRule *rules;	/* NULL = no list takes any */
	const char *ruled;			/* column: whether rules know the field; with rules */
} CrmCustomFields;

/* Route flags */
#define CRM_ROUTE_SEARCH_INDEX	0x01	/* answered by an index that lags: used only with
										 * the server option search_filters */
#define CRM_ROUTE_UNCERTAIN		0x02	/* 400, 404, 405, 415, 422 or 500 (of a walk: but 500,
										 * or an order that does not hold): the plain list is
										 * read instead */
#define CRM_ROUTE_NEEDS_FILTER	0x04	/* of no use unless one of its filters is sent */

/*
 * Another way to some records of an entity: a single record, a search, a list
 * below another record.  "list" describes it like an entity of its own, with
 * the same name and columns; its parents are columns whose equality fills the
 * "{}" of their paths, each value with a request of its own.
 */
typedef struct CrmRoute
{
	const struct CrmEntity *list;
	const char *const *lacks;	/* columns that may differ from the list's ("raw" may be
								 * among them); the route is not used if one is needed */
	const char *guard_pointer;	/* records whose member here is not guard_value are none */
	const char *guard_value;	/* of this entity; NULL = no guard */
	unsigned	flags;
} CrmRoute;

/* Entity flags */
#define CRM_ENTITY_FEW_PARENTS	0x01	/* may be read below all parents unasked */
#define CRM_ENTITY_MAIN			0x02	/* one of the tables users start with */
#define CRM_ENTITY_ASYNC		0x04	/* the first answer only starts a query; it is
										 * asked again until two totals agree */
#define CRM_ENTITY_COUNTABLE	0x08	/* the total, where it is below the API's cap,
										 * counts just the records listed */
#define CRM_ENTITY_RECORD		0x10	/* the answer is one record, perhaps inside of
										 * another object, instead of an array */
#define CRM_ENTITY_UNLISTED		0x20	/* not in the catalogue: all that is known of it are
										 * a table's options, so its pages must prove more */

typedef struct CrmEntity
{
	const char *name;			/* table name: plural, snake_case */
	const char *description;
	const char *path;			/* from the origin, e.g. "/v1/calls"; may carry a
								 * fixed query; NULL if it has parents; "{}" is
								 * replaced by the lookup's value */
	const char *fallback_path;	/* tried when path answers 404, 405 or 415 */
	bool		post_form;		/* parameters travel as a POST form */
	const char *rows;			/* RFC 6901 pointer to the array; "" = the document */
	CrmPagerKind pager;
	CrmCompleteness completeness;
	int			max_page_size;	/* 0 = the API's */
	const char *size_param;		/* NULL = the API's */
	const char *position_param; /* NULL = the API's */
	const char *paged_rows;		/* where "rows" only comes along with the array that
								 * is paged through: pointer to that array, whose
								 * elements position, page size and total count;
								 * NULL = rows */
	const char *id;				/* pointer to the record's identity, "/id" mostly;
								 * NULL if records have none */
	const char *order;			/* query that makes the order stable, e.g.
								 * "orders[cdate]=ASC"; NULL if there is none */
	const char *order_pointer;	/* member that order sorts by */
	const char *unsorted_pointer;	/* CRM_PAGER_WALK: member that the list is sorted by,
									 * up or down, where the API ignores "order" */
	const char *sort_column;	/* SQL column, never NULL, that the pager can deliver in
								 * order: the id of a keyset, the time of a window; NULL
								 * if there is none.  The time of a walk, which may be
								 * NULL */
	const char *order_desc;		/* query that turns the order round */
	const CrmWindow *window;
	const CrmLookup *lookup;
	const CrmParent *parents;
	int			nparents;
	const char *unnest;			/* pointer to an array (or comma separated text) in
								 * each record whose elements are the rows */
	const char *const *raw_omit;	/* top-level members that are in a record only
									 * because of a flag; NULL-terminated */
	const char *const *key;		/* SQL key columns, NULL-terminated; NULL = none */
	double		expected_rows;	/* planner's guess before anything is known */
	unsigned	flags;
	const CrmColumn *columns;
	int			ncolumns;
	const CrmCustomFields *custom;	/* NULL = accounts cannot add fields */

	/* What a query may narrow. */
	const CrmFilter *filters;
	int			nfilters;
	const char *rules_param;	/* filters travel as rules in one JSON object, in this
								 * parameter; NULL = a parameter each */
	const char *rules_fixed;	/* members of that object that are always there, e.g.
								 * "\"contact_type\":\"PERSON\"" */
	const CrmRoute *routes;
	int			nroutes;
	const char *count_path;		/* answers the bare number of records listed; or NULL */

	/* How a copy of it is best kept up to date. */
	const char *cursor_column;	/* SQL column that moves when a record is made or changed */
	const char *refresh_every;	/* interval; NULL = 1 day */
	const char *lookback;		/* how long before cursor_column's last value records
								 * still change; NULL = not at all */
} CrmEntity;

typedef enum CrmAuthKind
{
	CRM_AUTH_HEADER,			/* api_key in the header "auth_header" */
	CRM_AUTH_ID_TOKEN,			/* Basic api_id:api_token, or Bearer access_token */
	CRM_AUTH_EMAIL_KEY			/* Basic email:api_key */
} CrmAuthKind;

/* How to tell whose a key is, and whether it sees everything. */
typedef struct CrmKeyFacts
{
	const char *sign;			/* pointer to what every answer to the probe holds */
	const char *owner_entity;	/* entity whose first record names the key's owner; NULL =
								 * the answer to the probe does */
	const char *const *owner;	/* pointers to these names there, NULL-terminated */
	const char *admin_pointer;	/* in the answer to the probe: true for an administrator's
								 * key; NULL = it does not tell */
	const char *admin_path;		/* refused with 403 unless the key is an administrator's;
								 * NULL = there is none */
	const char *withheld_entity;	/* entity that shows records of which little is told */
	const char *withheld_pointer;	/* member that is true in these */
	const char *withheld_advice;	/* what to do about them */
	const char *admin_advice;	/* what to do about a key that is no administrator's */
	const char *sees_everything;	/* why every key does; NULL = not every key does */
} CrmKeyFacts;

typedef struct CrmApi
{
	const char *name;			/* value of the server option crm */
	const char *title;			/* as the vendor writes it, for messages */
	const char *default_origin; /* NULL: base_url is required */
	const char *hosts;			/* patterns of the vendor's hosts, comma separated */
	const char *const *roots;	/* API roots: cut off a pasted base_url, and the
								 * only places the table option path may point to.
								 * The first is the default root. */
	CrmAuthKind auth;
	const char *auth_header;
	const char *probe_path;		/* cheapest call that needs a valid credential */
	CrmKeyFacts key_facts;
	const char *rate_limit;		/* default, "N/s" or "N/min" */
	int			block_seconds;	/* wait after a 429 that names no time */
	const char *reset_header;	/* unix time at which a 429 ends; may be NULL */
	const char *remaining_header;	/* requests left in the current window, where
									 * the API says so; may be NULL */
	CrmPagerKind pager;			/* paging = 'auto' of an unlisted endpoint */
	int			max_page_size;
	int			default_page_size;	/* applied when the size parameter is ignored */
	const char *size_param;
	const char *position_param; /* offset, page or cursor, as the pager needs */
	const char *keyset_param;	/* CRM_PAGER_KEYSET: ids greater than */
	const char *keyset_desc_param;	/* ids less than; NULL if there is none */
	const char *total_pointer;	/* NULL if lists carry no total */
	const char *page_size_pointer;	/* page size really applied; may be NULL */
	int			position_cap;	/* rows a list can be paged to; 0 = no cap */
	const char *not_found_text; /* body text that means "no such record" whatever
								 * the status; NULL if there is none */
	const char *const *secret_keys; /* JSON members that are credentials, removed
									 * at any depth before anything reads them */
	const CrmEntity *const *entities;	/* each entity stands beside its columns */
	int			nentities;
} CrmApi;

#define CRM_LENGTH(array)	((int) (sizeof(array) / sizeof((array)[0])))

extern const CrmApi crm_api_activecampaign;
extern const CrmApi crm_api_aircall;
extern const CrmApi crm_api_agilecrm;

/* All CRMs, NULL-terminated. */
extern const CrmApi *const crm_apis[];

/* Case-sensitive look-ups; NULL if there is no such row. */
extern const CrmApi *crm_api_find(const char *name);
extern const CrmEntity *crm_entity_find(const CrmApi *api, const char *name);
extern const CrmColumn *crm_column_find(const CrmEntity *entity, const char *name);

/* The type as DDL spells it, e.g. "timestamptz". */
extern const char *crm_type_name(CrmType type);

/* The word users see: keyset, counted, best effort. */
extern const char *crm_completeness_name(CrmCompleteness completeness);

/* The column whose bounds the pager itself takes, without a filter; or NULL. */
extern const char *crm_span_column(const CrmEntity *entity);

/* The entity's refresh_every, or its default. */
extern const char *crm_refresh_every(const CrmEntity *entity);

#endif							/* CRM_CATALOG_H */
