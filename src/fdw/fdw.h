/*
 * fdw.h
 *		What PostgreSQL calls: the members of FdwRoutine, one file of this room
 *		each.
 */
#ifndef CRM_FDW_H
#define CRM_FDW_H

#include "postgres.h"

#include "foreign/fdwapi.h"

/* paths.c */
extern void crmGetForeignRelSize(PlannerInfo *root, RelOptInfo *baserel, Oid foreigntableid);
extern void crmGetForeignPaths(PlannerInfo *root, RelOptInfo *baserel, Oid foreigntableid);
extern ForeignScan *crmGetForeignPlan(PlannerInfo *root, RelOptInfo *baserel,
									  Oid foreigntableid, ForeignPath *best_path,
									  List *tlist, List *scan_clauses, Plan *outer_plan);

/* count.c */
extern void crmGetForeignUpperPaths(PlannerInfo *root, UpperRelationKind stage,
									RelOptInfo *input_rel, RelOptInfo *output_rel, void *extra);

/* scan.c */
extern void crmBeginForeignScan(ForeignScanState *node, int eflags);
extern TupleTableSlot *crmIterateForeignScan(ForeignScanState *node);
extern void crmReScanForeignScan(ForeignScanState *node);
extern void crmEndForeignScan(ForeignScanState *node);

/* async.c */
extern bool crmIsForeignPathAsyncCapable(ForeignPath *path);
extern void crmForeignAsyncRequest(AsyncRequest *areq);
extern void crmForeignAsyncConfigureWait(AsyncRequest *areq);
extern void crmForeignAsyncNotify(AsyncRequest *areq);

/* explain.c */
struct ExplainState;
extern void crmExplainForeignScan(ForeignScanState *node, struct ExplainState *es);

/* analyze.c */
extern bool crmAnalyzeForeignTable(Relation relation, AcquireSampleRowsFunc *func,
								   BlockNumber *totalpages);

/* import.c */
extern List *crmImportForeignSchema(ImportForeignSchemaStmt *stmt, Oid serverOid);

#endif							/* CRM_FDW_H */
