/*
 * crm_fdw.c
 *		Module entry: configuration parameters and the handler that hands
 *		PostgreSQL the functions of fdw/.
 */
#include "postgres.h"

#include "fmgr.h"
#include "foreign/fdwapi.h"
#include "lib/stringinfo.h"
#include "utils/guc.h"
#include "utils/memutils.h"

#include "base/activity.h"
#include "base/settings.h"
#include "base/shared.h"
#include "base/stats.h"
#include "catalog/catalog.h"
#include "client/budget.h"
#include "fdw/fdw.h"
#include "fdw/totals.h"

PG_MODULE_MAGIC;

bool		crm_enable_pushdown = true;
char	   *crm_allowed_hosts = NULL;
bool		crm_log_requests = false;
int			crm_max_requests = 0;
int			crm_session_kind = CRM_SESSION_INTERACTIVE;

static const struct config_enum_entry session_kinds[] = {
	{"interactive", CRM_SESSION_INTERACTIVE, false},
	{"refresh", CRM_SESSION_REFRESH, false},
	{NULL, 0, false}
};

/* What sessions share. */
static CrmSharedPart *const shared_parts[] = {
	&crm_budget_part,
	&crm_stats_part,
	&crm_activity_part,
	&crm_totals_part
};

extern PGDLLEXPORT void _PG_init(void);

PG_FUNCTION_INFO_V1(crm_fdw_handler);

/* The default of crm_fdw.allowed_hosts; lives as long as the module. */
static char *
vendor_hosts(void)
{
	StringInfoData hosts;
	MemoryContext old = MemoryContextSwitchTo(TopMemoryContext);

	initStringInfo(&hosts);
	for (int i = 0; crm_apis[i] != NULL; i++)
		appendStringInfo(&hosts, "%s%s", i > 0 ? ", " : "", crm_apis[i]->hosts);
	MemoryContextSwitchTo(old);
	return hosts.data;
}

void
_PG_init(void)
{
	DefineCustomBoolVariable("crm_fdw.enable_pushdown",
							 "Sends filters, sorts, limits and aggregates to the API.",
							 "Off, PostgreSQL evaluates everything itself, except the parent or bound "
							 "an entity cannot be read without. Results never differ.",
							 &crm_enable_pushdown, true, PGC_USERSET, 0, NULL, NULL, NULL);
	DefineCustomStringVariable("crm_fdw.allowed_hosts",
							   "Hosts that servers owned by roles without superuser rights may name.",
							   "Comma separated; \"*.example.com\" stands for one label or more "
							   "before the suffix.",
							   &crm_allowed_hosts,
							   vendor_hosts(),
							   PGC_SUSET, 0, NULL, NULL, NULL);
	DefineCustomBoolVariable("crm_fdw.log_requests",
							 "Writes one LOG line per API request.",
							 "Filter values and credentials are left out.",
							 &crm_log_requests, false, PGC_SUSET, 0, NULL, NULL, NULL);
	DefineCustomIntVariable("crm_fdw.max_requests",
							"Most API requests one statement may send; 0 means no limit.",
							NULL,
							&crm_max_requests, 0, 0, PG_INT32_MAX, PGC_USERSET, 0, NULL, NULL, NULL);
	DefineCustomEnumVariable("crm_fdw.session_kind",
							 "Whose share of the request budgets the session uses.",
							 "While both kinds send requests to an account, one in four "
							 "is the \"refresh\" sessions'.",
							 &crm_session_kind, CRM_SESSION_INTERACTIVE, session_kinds,
							 PGC_USERSET, 0, NULL, NULL, NULL);
	MarkGUCPrefixReserved("crm_fdw");
	crm_shared_define(shared_parts, lengthof(shared_parts));
}

Datum
crm_fdw_handler(PG_FUNCTION_ARGS)
{
	FdwRoutine *routine = makeNode(FdwRoutine);

	routine->GetForeignRelSize = crmGetForeignRelSize;
	routine->GetForeignPaths = crmGetForeignPaths;
	routine->GetForeignPlan = crmGetForeignPlan;
	routine->GetForeignUpperPaths = crmGetForeignUpperPaths;
	routine->BeginForeignScan = crmBeginForeignScan;
	routine->IterateForeignScan = crmIterateForeignScan;
	routine->ReScanForeignScan = crmReScanForeignScan;
	routine->EndForeignScan = crmEndForeignScan;
	routine->IsForeignPathAsyncCapable = crmIsForeignPathAsyncCapable;
	routine->ForeignAsyncRequest = crmForeignAsyncRequest;
	routine->ForeignAsyncConfigureWait = crmForeignAsyncConfigureWait;
	routine->ForeignAsyncNotify = crmForeignAsyncNotify;
	routine->ExplainForeignScan = crmExplainForeignScan;
	routine->AnalyzeForeignTable = crmAnalyzeForeignTable;
	routine->ImportForeignSchema = crmImportForeignSchema;
	PG_RETURN_POINTER(routine);
}
