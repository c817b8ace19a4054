/*
 * qual.c
 *		Matches the clauses of a query with what the catalogue can use.
 *
 * PostgreSQL evaluates every clause again on every row, so nothing here may
 * take a clause away; it only narrows what is asked for.
 */
#include "postgres.h"

#include "access/stratnum.h"
#include "catalog/pg_type.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/clauses.h"
#include "optimizer/optimizer.h"
#include "utils/lsyscache.h"

#include "base/compat.h"
#include "fdw/columns.h"
#include "fdw/qual.h"

static bool
is_id_type(Oid type)
{
	return type == INT8OID || type == INT4OID || type == INT2OID || type == TEXTOID;
}

/*
 * True if the operator is an equality that indexes agree with, and values that
 * it calls equal are written alike: only then can one value's text ask for all
 * of them.  5 and 5.0 are equal numerics, "a" and "a " equal char(2)s, and with
 * some collations "a" equals "A".
 */
static bool
is_equality(Oid opno, Oid collation)
{
	Oid			left;
	Oid			right;
	ListCell   *lc;

	op_input_types(opno, &left, &right);
	if (!is_id_type(left) || !is_id_type(right) ||
		(OidIsValid(collation) && !get_collation_isdeterministic(collation)))
		return false;
	foreach(lc, crm_operator_list(opno))
	{
		if (crm_operator_is_equality(lc))
			return true;
	}
	return false;
}

/* The attribute of our table that an expression is, or 0. */
static AttrNumber
own_attribute(const CrmQualContext *context, Node *node)
{
	if (IsA(node, RelabelType))
		node = (Node *) ((RelabelType *) node)->arg;
	if (IsA(node, Var) &&
		((Var *) node)->varno == (int) context->varno &&
		((Var *) node)->varlevelsup == 0)
		return ((Var *) node)->varattno;
	return 0;
}

/* Can the value be computed before the scan, once? */
static bool
is_known_beforehand(const CrmQualContext *context, Node *value)
{
	Relids		relids = pull_varnos(context->root, value);

	return !bms_is_member(context->varno, relids) && !contain_volatile_functions(value) &&
		!contain_subplans(value);
}

static bool
parent_has_column(const CrmParent *parent, const CrmColumn *column)
{
	return parent->column != NULL && strcmp(parent->column, column->name) == 0;
}

int
crm_qual_parent_of(const CrmQualContext *context, AttrNumber attnum)
{
	const CrmEntity *entity = context->entity;
	const CrmColumn *column;

	if (entity->nparents == 0 || attnum <= 0)
		return -1;
	column = crm_attr_catalogued(context->relid, attnum, entity);
	for (int i = 0; column != NULL && i < entity->nparents; i++)
	{
		if (parent_has_column(&entity->parents[i], column))
			return i;
	}
	return -1;
}

static void
add_key(const CrmQualContext *context, AttrNumber attnum, Node *value, bool is_array, List **quals)
{
	const CrmEntity *entity = context->entity;
	int			first = crm_qual_parent_of(context, attnum);

	if (first < 0 || !is_known_beforehand(context, value))
		return;
	for (int i = first; i < entity->nparents; i++)
	{
		CrmKeyQual *qual;

		if (entity->parents[i].column == NULL ||
			strcmp(entity->parents[i].column, entity->parents[first].column) != 0)
			continue;
		qual = palloc(sizeof(CrmKeyQual));
		qual->parent = i;
		qual->value = (Expr *) value;
		qual->is_array = is_array;
		*quals = lappend(*quals, qual);
	}
}

void
crm_qual_keys(const CrmQualContext *context, Expr *clause, List **quals)
{
	if (IsA(clause, OpExpr) && list_length(((OpExpr *) clause)->args) == 2)
	{
		OpExpr	   *op = (OpExpr *) clause;
		Node	   *left = linitial(op->args);
		Node	   *right = lsecond(op->args);

		if (!is_equality(op->opno, op->inputcollid))
			return;
		if (own_attribute(context, left) != 0)
			add_key(context, own_attribute(context, left), right, false, quals);
		else if (own_attribute(context, right) != 0)
			add_key(context, own_attribute(context, right), left, false, quals);
	}
	else if (IsA(clause, ScalarArrayOpExpr))
	{
		ScalarArrayOpExpr *op = (ScalarArrayOpExpr *) clause;

		if (op->useOr && is_equality(op->opno, op->inputcollid))
			add_key(context, own_attribute(context, linitial(op->args)), lsecond(op->args), true, quals);
	}
}
