/*
 * explain.c
 *		What EXPLAIN shows of a scan: the requests, never a secret.
 */
#include "postgres.h"

#include "commands/explain.h"
#include "nodes/nodeFuncs.h"

#include "base/compat.h"
#include "fdw/fdw.h"
#include "fdw/scan.h"

/* Requests shown one by one. */
#define MAX_LINES	10

/*
 * The ids a key qual stands for, as far as they are known without running the
 * query: constants by value, everything else by the name it goes under.
 */
static List *
key_names(const CrmEntity *entity, const CrmPlanKey *key, Node *value)
{
	if (IsA(value, Const))
		return crm_scan_key_texts(entity, key->parent, ((Const *) value)->constvalue, ((Const *) value)->constisnull,
								  ((Const *) value)->consttype, key->is_array);
	if (IsA(value, Param) && ((Param *) value)->paramkind == PARAM_EXTERN)
		return list_make1(psprintf("$%d", ((Param *) value)->paramid));
	return list_make1(key->name);
}

/* The requests of the scan, as text. */
static List *
request_lines(ForeignScanState *node)
{
	ForeignScan *scan = castNode(ForeignScan, node->ss.ps.plan);
	const CrmScanState *state = node->fdw_state;
	CrmReadSpec spec = state->spec;

	if (state->plan.nkeys > 0)
	{
		crm_scan_open_keys(&spec);
		for (int i = 0; i < state->plan.nkeys; i++)
			crm_scan_restrict(&spec, state->plan.keys[i].parent,
							  key_names(state->entity, &state->plan.keys[i], list_nth(scan->fdw_exprs, i)));
	}
	return crm_reader_describe(state->options.api, &spec);
}

static void
explain_requests(List *lines, ExplainState *es)
{
	List	   *shown = NIL;
	ListCell   *lc;

	foreach(lc, lines)
	{
		if (foreach_current_index(lc) < MAX_LINES)
			shown = lappend(shown, lfirst(lc));
	}
	if (lines == NIL)
		shown = list_make1("none");
	else if (list_length(lines) > MAX_LINES)
		shown = lappend(shown, psprintf("\342\200\246 and %d more", list_length(lines) - MAX_LINES));

	if (es->format != EXPLAIN_FORMAT_TEXT)
	{
		ExplainPropertyList("CRM Request", shown, es);
		return;
	}
	foreach(lc, shown)
		ExplainPropertyText("CRM Request", lfirst(lc), es);
}

void
crmExplainForeignScan(ForeignScanState *node, ExplainState *es)
{
	const CrmScanState *state = node->fdw_state;
	const CrmCounters *counters;

	explain_requests(request_lines(node), es);
	ExplainPropertyFloat("CRM Estimated Requests", NULL, state->plan.requests, 0, es);
	if (!es->analyze || state->account == NULL)
		return;

	counters = &state->account->counters;
	ExplainPropertyInteger("CRM Requests", NULL, counters->requests, es);
	ExplainPropertyInteger("CRM Retries", NULL, counters->retries, es);
	ExplainPropertyInteger("CRM Rows Received", NULL, counters->rows, es);
	ExplainPropertyInteger("CRM Bytes Received", NULL, counters->bytes, es);
	ExplainPropertyInteger("CRM Rate Limit Wait", "ms", counters->wait_ms, es);
}
