/*
 * cell.h
 *		Where the value of a column stands in a row.
 */
#ifndef CRM_CELL_H
#define CRM_CELL_H

#include "postgres.h"

#include "nodes/pg_list.h"

#include "client/reader.h"

/* What a pointer leads to: a JSON value, or text that stands outside of one. */
typedef struct CrmCell
{
	const CrmJson *json;
	const CrmNode *node;
	const char *text;
} CrmCell;

extern CrmCell crm_cell_of_node(const CrmRow *row, const CrmNode *node);

/* Absent or JSON null. */
extern bool crm_cell_is_null(const CrmCell *cell);

/* Scalar text in the database's encoding; NULL for structure and null. */
extern const char *crm_cell_text(const CrmCell *cell);

/* The cell as JSON text in the database's encoding. */
extern const char *crm_cell_json(const CrmCell *cell);

/* The column's own value, its second operand, its alternative. */
extern CrmCell crm_cell_find(const CrmColumn *column, const CrmRow *row);
extern CrmCell crm_cell_operand(const CrmColumn *column, const CrmRow *row);
extern CrmCell crm_cell_alternative(const CrmColumn *column, const CrmRow *row);

/* Texts, empty ones aside, of every property a CRM_FROM_PROPERTY_ALL column reads. */
extern List *crm_cell_properties(const CrmColumn *column, const CrmRow *row);

/* UTF-8 from an answer in the database's encoding; palloc'd. */
extern char *crm_encode(const char *utf8, size_t len);

#endif							/* CRM_CELL_H */
