/*
 * sorter.h
 *		Rows in the order of the list's sort column.
 *
 * A keyset delivers its order by itself.  A list read through windows of time
 * nearly does: how equal seconds are ordered is documented in two ways, and a
 * time may move by a second.  It is read window by window, each whole and
 * counted, and each is sorted here.
 */
#ifndef CRM_SORTER_H
#define CRM_SORTER_H

#include "postgres.h"

#include "fdw/scan.h"

typedef struct CrmSorter CrmSorter;

/* In the current memory context. */
extern CrmSorter *crm_sorter_create(CrmScanState *state, TupleDesc tupdesc);

/*
 * The next row in order, false at the end.  The scan has been opened; the
 * sorter opens it again for each window.
 */
extern bool crm_sorter_row(CrmSorter *sorter, TupleTableSlot *slot);

/* Before a rescan; at the end. */
extern void crm_sorter_reset(CrmSorter *sorter);
extern void crm_sorter_end(CrmSorter *sorter);

#endif							/* CRM_SORTER_H */
