/*
 * options.h
 *		Options of servers, user mappings, foreign tables and columns: checked
 *		when they are set, read when they are used.
 */
#ifndef CRM_OPTIONS_H
#define CRM_OPTIONS_H

#include "postgres.h"

#include "nodes/pg_list.h"
#include "utils/timestamp.h"

#include "client/account.h"

/* Requests per window of time. */
typedef struct CrmRate
{
	int			count;			/* 0 = not set */
	int			window_ms;
} CrmRate;

/* A lower bound in time: a moment, or an age that moves with the clock. */
typedef struct CrmStartDate
{
	bool		set;
	bool		rolling;
	TimestampTz moment;			/* unless rolling */
	Interval   *age;			/* if rolling */
} CrmStartDate;

/* Server options and table options, the table's over the server's. */
typedef struct CrmOptions
{
	const CrmApi *api;
	const char *base_url;
	CrmRate		rate_limit;
	int			concurrency;
	int			page_size;		/* 0 = the most the API allows */
	int			connect_timeout_ms;
	int			request_timeout_ms;
	int			max_retries;
	int			max_wait_ms;
	int			max_response_size;	/* bytes */
	int			max_requests;	/* 0 = no limit */
	CrmStartDate start_date;
	bool		null_on_error;	/* on_conversion_error = 'null' */
	bool		search_filters;
	bool		updatable;
	bool		use_remote_estimate;
	bool		async_capable;
	double		fdw_startup_cost;
	double		fdw_tuple_cost;
	const char *ca_file;
	const char *entity;			/* a catalogued entity, or ... */
	const char *path;			/* ... an unlisted endpoint */
	const char *rows;			/* with path; "" = the whole document */
	bool		unpaged;		/* with path: paging = 'none' */
	bool		fan_out;
} CrmOptions;

typedef struct CrmColumnOptions
{
	const char *column_name;
	const char *pointer;
	const char *constant;
	const char *custom_field;
	int			format;			/* CrmFormat, or -1 if not set */
} CrmColumnOptions;

/*
 * Read option lists into structs in the current memory context.  Strings point
 * into the lists.  Each call adds to what an earlier one filled.
 */
extern void crm_options_default(CrmOptions *options);
extern void crm_options_fill(CrmOptions *options, List *list);
extern void crm_column_options_fill(CrmColumnOptions *options, List *list);
extern void crm_credential_fill(CrmCredential *credential, List *list);

/* Options of IMPORT FOREIGN SCHEMA; raises an error for unknown ones. */
typedef struct CrmImportOptions
{
	bool		custom_fields;
	bool		raw;
} CrmImportOptions;

extern void crm_import_options_fill(CrmImportOptions *options, List *list);

/* The moment a start date stands for now. */
extern TimestampTz crm_start_date_resolve(const CrmStartDate *start);

#endif							/* CRM_OPTIONS_H */
