/*
 * qual.c
 *		Recognises clauses.
 *
 * Only operators and functions of PostgreSQL itself are recognised: others may
 * mean anything.  PostgreSQL evaluates every clause again on every row, so
 * nothing here may take a clause away.
 */
#include "postgres.h"

#include "access/stratnum.h"
#include "access/transam.h"
#include "catalog/pg_operator_d.h"
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/clauses.h"
#include "optimizer/optimizer.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"

#include "base/compat.h"
#include "fdw/qual.h"

/* ------------------------------------------------------------------------
 * The column's side of a comparison
 * ------------------------------------------------------------------------ */

static Node *
strip_relabel(Node *node)
{
	while (IsA(node, RelabelType))
		node = (Node *) ((RelabelType *) node)->arg;
	return node;
}

/* The text of a constant, or NULL. */
static char *
constant_text(Node *node)
{
	node = strip_relabel(node);
	if (!IsA(node, Const) || ((Const *) node)->constisnull || ((Const *) node)->consttype != TEXTOID)
		return NULL;
	return TextDatumGetCString(((Const *) node)->constvalue);
}

static List *
add_step(List *steps, CrmStepKind kind, const char *argument)
{
	CrmStep    *step = palloc(sizeof(CrmStep));

	step->kind = kind;
	step->argument = argument;
	return lappend(steps, step);
}

/* date_trunc(unit, timestamp), date_trunc(unit, timestamptz [, zone]). */
static bool
add_trunc(const FuncExpr *func, const char *zone, List **steps)
{
	char	   *unit = constant_text(linitial(func->args));

	if (unit == NULL || !crm_range_knows_unit(unit))
		return false;
	if (zone != NULL)
		*steps = add_step(*steps, CRM_STEP_FROM_ZONE, zone);
	*steps = add_step(*steps, CRM_STEP_TRUNC, unit);
	if (zone != NULL)
		*steps = add_step(*steps, CRM_STEP_AT_ZONE, zone);
	return true;
}

/* extract(field FROM x), date_part(field, x); with_zone: x is a timestamptz. */
static bool
add_extract(const FuncExpr *func, bool with_zone, List **steps)
{
	char	   *field = constant_text(linitial(func->args));

	if (field == NULL)
		return false;
	if (pg_strcasecmp(field, "epoch") == 0)
	{
		*steps = add_step(*steps, CRM_STEP_EPOCH, "");
		return true;
	}
	if (pg_strcasecmp(field, "year") != 0)
		return false;
	*steps = add_step(*steps, CRM_STEP_YEAR, "");
	if (with_zone)
		*steps = add_step(*steps, CRM_STEP_AT_ZONE, "");
	return true;
}

/*
 * Adds the steps that a function stands for; *inner is its argument that
 * depends on the column.  False if the function is not one of those.
 */
static bool
add_function(const FuncExpr *func, List **steps, Node **inner)
{
	char	   *zone;

	if (func->args == NIL)
		return false;
	*inner = llast(func->args);
	switch (func->funcid)
	{
		case F_DATE_TIMESTAMPTZ:
			*steps = add_step(*steps, CRM_STEP_DAY, "");
			*steps = add_step(*steps, CRM_STEP_AT_ZONE, "");
			return true;
		case F_DATE_TIMESTAMP:
			*steps = add_step(*steps, CRM_STEP_DAY, "");
			return true;
		case F_TIMESTAMP_TIMESTAMPTZ:
			*steps = add_step(*steps, CRM_STEP_AT_ZONE, "");
			return true;
		case F_TIMESTAMPTZ_TIMESTAMP:
		case F_TIMESTAMPTZ_DATE:
			*steps = add_step(*steps, CRM_STEP_FROM_ZONE, "");
			return true;
		case F_TIMESTAMP_DATE:
			return true;
		case F_TIMEZONE_TEXT_TIMESTAMPTZ:
		case F_TIMEZONE_TEXT_TIMESTAMP:
			zone = constant_text(linitial(func->args));
			if (zone == NULL || zone[0] == '\0')
				return false;
			*steps = add_step(*steps, func->funcid == F_TIMEZONE_TEXT_TIMESTAMPTZ ?
							  CRM_STEP_AT_ZONE : CRM_STEP_FROM_ZONE, zone);
			return true;
		case F_DATE_TRUNC_TEXT_TIMESTAMP:
			return add_trunc(func, NULL, steps);
		case F_DATE_TRUNC_TEXT_TIMESTAMPTZ:
			return add_trunc(func, "", steps);
		case F_DATE_TRUNC_TEXT_TIMESTAMPTZ_TEXT:
			*inner = lsecond(func->args);
			zone = constant_text(lthird(func->args));
			return zone != NULL && zone[0] != '\0' && add_trunc(func, zone, steps);
		case F_EXTRACT_TEXT_TIMESTAMPTZ:
		case F_DATE_PART_TEXT_TIMESTAMPTZ:
			return add_extract(func, true, steps);
		case F_EXTRACT_TEXT_TIMESTAMP:
		case F_EXTRACT_TEXT_DATE:
		case F_DATE_PART_TEXT_TIMESTAMP:
		case F_DATE_PART_TEXT_DATE:
			return add_extract(func, false, steps);
		case F_NUMERIC_INT2:
		case F_NUMERIC_INT4:
		case F_NUMERIC_INT8:
			*steps = add_step(*steps, CRM_STEP_NUMERIC, "");
			return true;
		default:
			return false;
	}
}

/* The attribute of our table that an expression computes something of, or 0. */
static AttrNumber
own_attribute(const CrmQualContext *context, Node *node, List **steps)
{
	*steps = NIL;
	for (;;)
	{
		Node	   *inner;

		node = strip_relabel(node);
		if (IsA(node, Var))
		{
			const Var  *var = (const Var *) node;

			return var->varno == (int) context->varno && var->varlevelsup == 0 &&
				var->varattno > 0 && var->varattno <= context->natts ? var->varattno : 0;
		}
		if (!IsA(node, FuncExpr) || !add_function((FuncExpr *) node, steps, &inner))
			return 0;
		node = inner;
	}
}

/* Can the value be computed before the scan, once? */
static bool
is_known_beforehand(const CrmQualContext *context, Node *value)
{
	return !bms_is_member(context->varno, pull_varnos(context->root, value)) &&
		!contain_volatile_functions(value) && !contain_subplans(value);
}

/* ------------------------------------------------------------------------
 * Clauses
 * ------------------------------------------------------------------------ */

static CrmTerm *
make_term(AttrNumber attnum, CrmTermOp op, Expr *clause)
{
	CrmTerm    *term = palloc0(sizeof(CrmTerm));

	term->attnum = attnum;
	term->op = op;
	term->comparison = CRM_EQUAL;
	term->whole = true;
	term->clause = clause;
	return term;
}

static void
add_value(CrmTerm *term, Node *value, bool is_array)
{
	CrmTermValue *entry = palloc(sizeof(CrmTermValue));

	entry->expr = (Expr *) value;
	entry->is_array = is_array;
	term->values = lappend(term->values, entry);
}

/*
 * The comparison a built-in operator makes; false if it makes none.  Of texts
 * only equality is of use, and only where equal texts are the same text.
 */
static bool
comparison_of(Oid opno, Oid collation, CrmKind kind, CrmComparison *comparison)
{
	ListCell   *lc;

	if (opno >= FirstNormalObjectId ||
		(OidIsValid(collation) && !get_collation_isdeterministic(collation)))
		return false;
	foreach(lc, crm_operator_list(opno))
	{
		switch (crm_operator_strategy(lc))
		{
			case BTLessStrategyNumber:
				*comparison = CRM_LESS;
				break;
			case BTLessEqualStrategyNumber:
				*comparison = CRM_LESS_EQUAL;
				break;
			case BTEqualStrategyNumber:
				*comparison = CRM_EQUAL;
				break;
			case BTGreaterEqualStrategyNumber:
				*comparison = CRM_GREATER_EQUAL;
				break;
			case BTGreaterStrategyNumber:
				*comparison = CRM_GREATER;
				break;
			default:
				continue;
		}
		return *comparison == CRM_EQUAL || kind == CRM_KIND_INTEGER ||
			kind == CRM_KIND_NUMERIC || kind == CRM_KIND_TIME;
	}
	return false;
}

/*
 * Values of another type than the column's must be written alike when they are
 * equal: 5 and 5.0 are equal, "a" and char(2) "a " as well.
 */
static bool
values_compare(CrmKind kind, Oid valtype, const List *steps)
{
	CrmKind		other = crm_kind_of_type(valtype);

	switch (kind)
	{
		case CRM_KIND_INTEGER:
			return other == CRM_KIND_INTEGER ||
				(steps != NIL && (valtype == NUMERICOID || valtype == FLOAT8OID));
		case CRM_KIND_NUMERIC:
			return other == CRM_KIND_NUMERIC;
		case CRM_KIND_TEXT:
			return other == CRM_KIND_TEXT;
		case CRM_KIND_BOOLEAN:
			return other == CRM_KIND_BOOLEAN;
		case CRM_KIND_TIME:
			return valtype == TIMESTAMPTZOID || valtype == TIMESTAMPOID || valtype == DATEOID ||
				(steps != NIL && (valtype == NUMERICOID || valtype == FLOAT8OID));
		case CRM_KIND_ARRAY:
		case CRM_KIND_OTHER:
			break;
	}
	return false;
}

/* Do the steps start from the type the column has? */
static bool
steps_fit(CrmKind kind, const List *steps)
{
	ListCell   *lc;

	foreach(lc, steps)
	{
		bool		numeric = ((const CrmStep *) lfirst(lc))->kind == CRM_STEP_NUMERIC;

		if (numeric ? kind != CRM_KIND_INTEGER : kind != CRM_KIND_TIME)
			return false;
	}
	return true;
}

/* "column op value", "value op column", and with is_array "column op ANY (value)". */
static void
match_comparison(const CrmQualContext *context, Expr *clause, Oid opno, Oid collation,
				 Node *column, Node *value, bool is_array, List **terms)
{
	List	   *steps;
	AttrNumber	attnum = own_attribute(context, column, &steps);
	Oid			valtype = exprType(value);
	CrmComparison comparison;
	CrmKind		kind;
	CrmTerm    *term;

	if (attnum == 0 || !is_known_beforehand(context, value))
		return;
	kind = context->columns[attnum - 1].kind;
	if (is_array)
		valtype = get_element_type(valtype);
	if (!OidIsValid(valtype) || !steps_fit(kind, steps) || !values_compare(kind, valtype, steps) ||
		!comparison_of(opno, collation, kind, &comparison) || (is_array && comparison != CRM_EQUAL))
		return;
	term = make_term(attnum, CRM_TERM_COMPARE, clause);
	term->comparison = comparison;
	term->steps = steps;
	term->type = exprType(strip_relabel(column));
	add_value(term, value, is_array);
	*terms = lappend(*terms, term);
}

/* "array @> array", "value = ANY (array)": what the array in a column contains. */
static void
match_contains(const CrmQualContext *context, Expr *clause, Node *column, Node *value,
			   bool is_array, List **terms)
{
	List	   *steps;
	AttrNumber	attnum = own_attribute(context, column, &steps);
	CrmTerm    *term;

	if (attnum == 0 || steps != NIL || context->columns[attnum - 1].kind != CRM_KIND_ARRAY ||
		!is_known_beforehand(context, value))
		return;
	term = make_term(attnum, CRM_TERM_CONTAINS, clause);
	add_value(term, value, is_array);
	*terms = lappend(*terms, term);
}

static void
match_like(const CrmQualContext *context, OpExpr *op, CrmTermOp how, List **terms)
{
	List	   *steps;
	AttrNumber	attnum = own_attribute(context, linitial(op->args), &steps);
	Node	   *pattern = lsecond(op->args);
	CrmTerm    *term;

	if (attnum == 0 || steps != NIL || context->columns[attnum - 1].kind != CRM_KIND_TEXT ||
		exprType(pattern) != TEXTOID || !is_known_beforehand(context, pattern))
		return;
	term = make_term(attnum, how, (Expr *) op);
	term->whole = false;
	add_value(term, pattern, false);
	*terms = lappend(*terms, term);
}

static void
match_operator(const CrmQualContext *context, OpExpr *op, List **terms)
{
	Node	   *left;
	Node	   *right;

	if (list_length(op->args) != 2)
		return;
	left = linitial(op->args);
	right = lsecond(op->args);
	switch (op->opno)
	{
		case OID_TEXT_LIKE_OP:
			match_like(context, op, CRM_TERM_LIKE, terms);
			break;
		case OID_TEXT_ICLIKE_OP:
			match_like(context, op, CRM_TERM_ILIKE, terms);
			break;
		case OID_ARRAY_CONTAINS_OP:
			match_contains(context, (Expr *) op, left, right, true, terms);
			break;
		case OID_ARRAY_CONTAINED_OP:
			match_contains(context, (Expr *) op, right, left, true, terms);
			break;
		default:
			match_comparison(context, (Expr *) op, op->opno, op->inputcollid, left, right, false, terms);
			if (OidIsValid(get_commutator(op->opno)))
				match_comparison(context, (Expr *) op, get_commutator(op->opno), op->inputcollid,
								 right, left, false, terms);
			break;
	}
}

static void
match_array_operator(const CrmQualContext *context, ScalarArrayOpExpr *op, List **terms)
{
	Node	   *scalar = linitial(op->args);
	Node	   *array = lsecond(op->args);
	CrmComparison comparison;

	if (!op->useOr)
		return;
	match_comparison(context, (Expr *) op, op->opno, op->inputcollid, scalar, array, true, terms);

	/* The elements are texts or integers, the array column's own. */
	if ((exprType(scalar) == TEXTOID || crm_kind_of_type(exprType(scalar)) == CRM_KIND_INTEGER) &&
		comparison_of(op->opno, op->inputcollid, CRM_KIND_ARRAY, &comparison))
		match_contains(context, (Expr *) op, array, scalar, false, terms);
}

/* A boolean column by itself, negated, or tested. */
static void
match_boolean(const CrmQualContext *context, Expr *clause, Node *column, bool value, List **terms)
{
	List	   *steps;
	AttrNumber	attnum = own_attribute(context, column, &steps);
	CrmTerm    *term;

	if (attnum == 0 || steps != NIL || context->columns[attnum - 1].kind != CRM_KIND_BOOLEAN)
		return;
	term = make_term(attnum, CRM_TERM_COMPARE, clause);
	term->type = BOOLOID;
	add_value(term, makeBoolConst(value, false), false);
	*terms = lappend(*terms, term);
}

static bool
same_steps(const List *a, const List *b)
{
	ListCell   *la;
	ListCell   *lb;

	if (list_length(a) != list_length(b))
		return false;
	forboth(la, a, lb, b)
	{
		const CrmStep *step = lfirst(la);
		const CrmStep *other = lfirst(lb);

		if (step->kind != other->kind || strcmp(step->argument, other->argument) != 0)
			return false;
	}
	return true;
}

/* "a = 1 OR a = 2": one term if every arm compares the same thing for equality. */
static void
match_or(const CrmQualContext *context, BoolExpr *clause, List **terms)
{
	CrmTerm    *all = NULL;
	ListCell   *lc;

	foreach(lc, clause->args)
	{
		List	   *arm = NIL;
		CrmTerm    *term;

		crm_qual_terms(context, lfirst(lc), &arm);
		if (list_length(arm) != 1)
			return;
		term = linitial(arm);
		if (term->op != CRM_TERM_COMPARE || term->comparison != CRM_EQUAL)
			return;
		if (all == NULL)
			all = term;
		else if (all->attnum != term->attnum || all->type != term->type ||
				 !same_steps(all->steps, term->steps))
			return;
		else
			all->values = list_concat(all->values, term->values);
	}
	all->clause = (Expr *) clause;
	*terms = lappend(*terms, all);
}

static void
match_null_test(const CrmQualContext *context, NullTest *test, List **terms)
{
	List	   *steps;
	AttrNumber	attnum = own_attribute(context, (Node *) test->arg, &steps);

	if (attnum != 0 && steps == NIL && test->nulltesttype == IS_NULL && !test->argisrow)
		*terms = lappend(*terms, make_term(attnum, CRM_TERM_IS_NULL, (Expr *) test));
}

void
crm_qual_terms(const CrmQualContext *context, Expr *clause, List **terms)
{
	switch (nodeTag(clause))
	{
		case T_OpExpr:
			match_operator(context, (OpExpr *) clause, terms);
			break;
		case T_ScalarArrayOpExpr:
			match_array_operator(context, (ScalarArrayOpExpr *) clause, terms);
			break;
		case T_Var:
			match_boolean(context, clause, (Node *) clause, true, terms);
			break;
		case T_BooleanTest:
			if (((BooleanTest *) clause)->booltesttype == IS_TRUE ||
				((BooleanTest *) clause)->booltesttype == IS_FALSE)
				match_boolean(context, clause, (Node *) ((BooleanTest *) clause)->arg,
							  ((BooleanTest *) clause)->booltesttype == IS_TRUE, terms);
			break;
		case T_BoolExpr:
			if (((BoolExpr *) clause)->boolop == NOT_EXPR)
				match_boolean(context, clause, linitial(((BoolExpr *) clause)->args), false, terms);
			else if (((BoolExpr *) clause)->boolop == OR_EXPR)
				match_or(context, (BoolExpr *) clause, terms);
			break;
		case T_NullTest:
			match_null_test(context, (NullTest *) clause, terms);
			break;
		default:
			break;
	}
}
