/*
 * explain.c
 *		What EXPLAIN shows of a scan: the requests, never a secret.
 */
#include "postgres.h"

#include "commands/explain.h"
#include "nodes/nodeFuncs.h"
#include "rewrite/rewriteManip.h"
#include "utils/lsyscache.h"
#include "utils/ruleutils.h"

#include "base/compat.h"
#include "fdw/custom.h"
#include "fdw/fdw.h"
#include "fdw/scan.h"

/* Requests shown one by one. */
#define MAX_LINES	10

/* One property with several values; text format repeats the label. */
static void
explain_list(const char *label, List *values, ExplainState *es)
{
	ListCell   *lc;

	if (es->format != EXPLAIN_FORMAT_TEXT)
	{
		ExplainPropertyList(label, values, es);
		return;
	}
	foreach(lc, values)
		ExplainPropertyText(label, lfirst(lc), es);
}

static void
explain_requests(List *lines, ExplainState *es)
{
	List	   *shown = list_copy_head(lines, MAX_LINES);

	if (lines == NIL)
		shown = list_make1("none");
	else if (list_length(lines) > MAX_LINES)
		shown = lappend(shown, psprintf("\342\200\246 and %d more", list_length(lines) - MAX_LINES));
	explain_list("CRM Request", shown, es);
}

/* The first value of a term that only a join or an outer query delivers. */
static const char *
delivered_name(const CrmPlanTerm *term, const CrmValue *values)
{
	for (int i = 0; i < term->nvalues; i++)
	{
		const char *name = values[term->values[i].expr].name;

		if (name != NULL && name[0] == '{')
			return name;
	}
	return NULL;
}

static const char *const comparisons[] = {
	[CRM_LESS] = "<",
	[CRM_LESS_EQUAL] = "<=",
	[CRM_EQUAL] = "=",
	[CRM_GREATER_EQUAL] = ">=",
	[CRM_GREATER] = ">"
};

/* A clause as SQL; one with values from elsewhere by the name of those. */
static char *
clause_text(const CrmScanState *state, const CrmPlanTerm *term, const CrmValue *values,
			List *clauses, Index varno)
{
	const char *name = delivered_name(term, values);
	char	   *relation = get_rel_name(state->relid);
	Node	   *clause;

	if (name != NULL && term->steps == NIL)
		return psprintf("(%s %s %s)", get_attname(state->relid, term->attnum, false),
						term->op == CRM_TERM_COMPARE ? comparisons[term->comparison] : "@>", name);
	clause = copyObject(list_nth(clauses, term->clause));
	ChangeVarNodes(clause, varno, 1, 0);
	return deparse_expression(clause, deparse_context_for(relation, state->relid), false, false);
}

/* Is it an index that answers, which may not know of the latest changes? */
static bool
is_searched(const CrmScanState *state, const CrmReadSpec *spec)
{
	const CrmRoute *route = state->plan.route == CRM_NO_ROUTE ? NULL : &state->entity->routes[state->plan.route];

	return route != NULL && spec->entity == route->list && (route->flags & CRM_ROUTE_SEARCH_INDEX) != 0;
}

static List *
pushed_clauses(ForeignScanState *node, const CrmScanState *state, const CrmValue *values,
			   const CrmReadSpec *spec, const Bitmapset *used)
{
	ForeignScan *scan = castNode(ForeignScan, node->ss.ps.plan);
	bool		counts = OidIsValid(state->plan.count_relid);
	List	   *clauses = counts ? state->plan.count_clauses : scan->scan.plan.qual;
	Index		varno = counts ? state->plan.count_varno : scan->scan.scanrelid;
	List	   *pushed = NIL;
	int			previous = -1;
	int			i = -1;

	while ((i = bms_next_member(used, i)) >= 0)
	{
		const CrmPlanTerm *term = &state->plan.terms[i];
		char	   *text;

		if (term->clause == previous)
			continue;
		previous = term->clause;
		text = clause_text(state, term, values, clauses, varno);
		pushed = lappend(pushed, is_searched(state, spec) ? psprintf("%s (search index)", text) : text);
	}
	if (state->plan.sort != 0)
		pushed = lappend(pushed, psprintf("ORDER BY %s%s",
										  get_attname(state->relid, state->plan.sort, false),
										  state->plan.descending ? " DESC" : ""));
	if (state->plan.limit > 0)
		pushed = lappend(pushed, psprintf("LIMIT %.0f", state->plan.limit));
	if (counts)
		pushed = lappend(pushed, "count(*)");
	return pushed;
}

/* The requests a count begins with. */
static List *
count_lines(const CrmScanState *state, CrmReadSpec *spec)
{
	if (spec->entity->count_path != NULL && spec->from == CRM_NO_LOWER && spec->to == CRM_NO_UPPER)
		return list_make1(psprintf("GET %s", spec->entity->count_path));
	spec->page_size = 1;
	return crm_lists_describe(state->options.api, spec);
}

void
crmExplainForeignScan(ForeignScanState *node, ExplainState *es)
{
	const CrmScanState *state = node->fdw_state;
	const CrmCounters *counters;
	const CrmValue *values = crm_scan_values(node, state, true);
	CrmReadSpec spec;
	Bitmapset  *used;
	List	   *lines;
	List	   *pushed;

	crm_scan_bind(state, values, NULL, &spec, &used);
	lines = OidIsValid(state->plan.count_relid) && !spec.nothing ? count_lines(state, &spec) :
		crm_lists_describe(state->options.api, &spec);
	if (state->plan.lookup != 0 && lines != NIL)
		lines = list_concat(crm_lookup_describe(state->options.api, state->entity,
												&state->columns[state->plan.lookup - 1],
												crm_scan_lookup(state, values)), lines);
	if (spec.custom != NULL && lines != NIL)
		lines = list_concat(lines, crm_custom_describe(state->options.api, spec.custom));
	explain_requests(lines, es);
	pushed = pushed_clauses(node, state, values, &spec, used);
	if (pushed != NIL)
		explain_list("CRM Pushed Down", pushed, es);
	ExplainPropertyFloat("CRM Estimated Requests", NULL, lines == NIL ? 0 : state->plan.requests, 0, es);
	if (!es->analyze || state->account == NULL)
		return;

	counters = &state->account->counters;
	ExplainPropertyInteger("CRM Requests", NULL, counters->requests, es);
	ExplainPropertyInteger("CRM Retries", NULL, counters->retries, es);
	ExplainPropertyInteger("CRM Rows Received", NULL, counters->rows, es);
	ExplainPropertyInteger("CRM Bytes Received", NULL, counters->bytes, es);
	ExplainPropertyInteger("CRM Rate Limit Wait", "ms", counters->wait_ms, es);
}
