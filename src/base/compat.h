/*
 * compat.h
 *		Differences between the PostgreSQL versions we build with.
 *
 * The only file that may test PG_VERSION_NUM.
 */
#ifndef CRM_COMPAT_H
#define CRM_COMPAT_H

#include "postgres.h"

#if PG_VERSION_NUM < 150000
#error "crm_fdw needs PostgreSQL 15 or newer"
#endif

/* Marks functions that do not return; stands in front of the declaration. */
#if PG_VERSION_NUM >= 180000
#define crm_noreturn pg_noreturn
#else
#define crm_noreturn pg_attribute_noreturn()
#endif

/* PostgreSQL 18 made the source of pg_b64_encode unsigned. */
#if PG_VERSION_NUM >= 180000
#define crm_base64_encode(source, len, target, target_len) \
	pg_b64_encode((const uint8 *) (source), len, target, target_len)
#else
#define crm_base64_encode(source, len, target, target_len) \
	pg_b64_encode(source, len, target, target_len)
#endif

/*
 * create_foreignscan_path() and create_foreign_upper_path() grew a list of
 * restrictions in 17 and a count of disabled nodes in 18.
 */
#if PG_VERSION_NUM >= 180000
#define crm_create_foreignscan_path(root, rel, rows, startup, total, keys, outer, private) \
	create_foreignscan_path(root, rel, NULL, rows, 0, startup, total, keys, outer, NULL, NIL, private)
#define crm_create_upper_path(root, rel, target, rows, startup, total, private) \
	create_foreign_upper_path(root, rel, target, rows, 0, startup, total, NIL, NULL, NIL, private)
#elif PG_VERSION_NUM >= 170000
#define crm_create_foreignscan_path(root, rel, rows, startup, total, keys, outer, private) \
	create_foreignscan_path(root, rel, NULL, rows, startup, total, keys, outer, NULL, NIL, private)
#define crm_create_upper_path(root, rel, target, rows, startup, total, private) \
	create_foreign_upper_path(root, rel, target, rows, startup, total, NIL, NULL, NIL, private)
#else
#define crm_create_foreignscan_path(root, rel, rows, startup, total, keys, outer, private) \
	create_foreignscan_path(root, rel, NULL, rows, startup, total, keys, outer, NULL, private)
#define crm_create_upper_path(root, rel, target, rows, startup, total, private) \
	create_foreign_upper_path(root, rel, target, rows, startup, total, NIL, NULL, private)
#endif

/* The direction of a path key is told by index-independent names since 18. */
#if PG_VERSION_NUM >= 180000
#define crm_pathkey_descends(pathkey) ((pathkey)->pk_cmptype == COMPARE_GT)
#else
#define crm_pathkey_descends(pathkey) ((pathkey)->pk_strategy == BTGreaterStrategyNumber)
#endif

/* estimate_array_length() takes the planner's state since 17. */
#if PG_VERSION_NUM >= 170000
#define crm_estimate_array_length(root, node) estimate_array_length(root, node)
#else
#define crm_estimate_array_length(root, node) estimate_array_length(node)
#endif

/* Intervals can be infinite since 17. */
#if PG_VERSION_NUM >= 170000
#define crm_interval_is_finite(interval) (!INTERVAL_NOT_FINITE(interval))
#else
#define crm_interval_is_finite(interval) true
#endif

/* The role a scan is checked for moved from the range table to the plan in 16. */
#if PG_VERSION_NUM >= 160000
#define crm_scan_user(node) \
	(OidIsValid(castNode(ForeignScan, (node)->ss.ps.plan)->checkAsUser) ? \
	 castNode(ForeignScan, (node)->ss.ps.plan)->checkAsUser : GetUserId())
#else
#define crm_scan_user(node) \
	(OidIsValid(exec_rt_fetch(bms_next_member(castNode(ForeignScan, (node)->ss.ps.plan)->fs_relids, -1), \
							  (node)->ss.ps.state)->checkAsUser) ? \
	 exec_rt_fetch(bms_next_member(castNode(ForeignScan, (node)->ss.ps.plan)->fs_relids, -1), \
				   (node)->ss.ps.state)->checkAsUser : GetUserId())
#endif

/*
 * What index access methods take an operator for; per entry: the strategy as
 * btrees number them.
 */
#if PG_VERSION_NUM >= 180000
#define crm_operator_list(opno) get_op_index_interpretation(opno)
#define crm_operator_strategy(cell) ((int) ((OpIndexInterpretation *) lfirst(cell))->cmptype)
#else
#define crm_operator_list(opno) get_op_btree_interpretation(opno)
#define crm_operator_strategy(cell) (((OpBtreeInterpretation *) lfirst(cell))->strategy)
#endif

/*
 * Since 18 the members of an equivalence class that stand for the columns of
 * partitions are kept apart.  Assigns the list of those that concern relids.
 */
#if PG_VERSION_NUM >= 180000
#define crm_eclass_members(list, eclass, relids) \
	do { \
		EquivalenceMemberIterator members_; \
		EquivalenceMember *member_; \
		(list) = NIL; \
		setup_eclass_member_iterator(&members_, (eclass), (relids)); \
		while ((member_ = eclass_member_iterator_next(&members_)) != NULL) \
			(list) = lappend((list), member_); \
	} while (0)
#else
#define crm_eclass_members(list, eclass, relids) \
	((list) = (eclass)->ec_members)
#endif

/*
 * Shared memory that is made by the first process that asks for it exists since
 * 17: the segment of that name, set up by init if it is new.
 */
#if PG_VERSION_NUM >= 170000
#include "storage/dsm_registry.h"
#define crm_named_segment(name, size, init) \
	GetNamedDSMSegment(name, size, init, &(bool) {false})
#endif

/* Extensions have been able to name what they wait for since 17. */
#if PG_VERSION_NUM >= 170000
#define crm_new_wait_event(name) WaitEventExtensionNew(name)
#else
#define crm_new_wait_event(name) ((void) (name), PG_WAIT_EXTENSION)
#endif

/*
 * What the status array says of its i-th process, from 1; NULL if there is none.
 * In 15 the array is counted in the same way, by another function.
 */
#if PG_VERSION_NUM >= 160000
#define crm_local_status(i) pgstat_get_local_beentry_by_index(i)
#else
#define crm_local_status(i) pgstat_fetch_stat_local_beentry(i)
#endif
#define crm_backend_status(i) \
	(crm_local_status(i) != NULL ? &crm_local_status(i)->backendStatus : NULL)

/*
 * May the role maintain the relation?  That takes ownership; since 17 also the
 * privilege MAINTAIN.
 */
#if PG_VERSION_NUM >= 170000
#define crm_may_maintain(relid, role) (pg_class_aclcheck(relid, role, ACL_MAINTAIN) == ACLCHECK_OK)
#elif PG_VERSION_NUM >= 160000
#define crm_may_maintain(relid, role) object_ownercheck(RelationRelationId, relid, role)
#else
#define crm_may_maintain(relid, role) pg_class_ownercheck(relid, role)
#endif

/* May the current role use a schema?  16 put the checks of all objects into one. */
#if PG_VERSION_NUM >= 160000
#define crm_may_use_schema(schema) \
	(object_aclcheck(NamespaceRelationId, schema, GetUserId(), ACL_USAGE) == ACLCHECK_OK)
#else
#define crm_may_use_schema(schema) \
	(pg_namespace_aclcheck(schema, GetUserId(), ACL_USAGE) == ACLCHECK_OK)
#endif

/* May the current role use a foreign server?  The same. */
#if PG_VERSION_NUM >= 160000
#define crm_check_server_usage(serverid) \
	object_aclcheck(ForeignServerRelationId, serverid, GetUserId(), ACL_USAGE)
#else
#define crm_check_server_usage(serverid) \
	pg_foreign_server_aclcheck(serverid, GetUserId(), ACL_USAGE)
#endif

/* Functions that format EXPLAIN output moved to a header of their own in 18. */
#if PG_VERSION_NUM >= 180000
#include "commands/explain_format.h"
#include "commands/explain_state.h"
#endif

#endif							/* CRM_COMPAT_H */
