/*
 * server.h
 *		A foreign server and a foreign table as PostgreSQL's catalogs describe
 *		them.
 */
#ifndef CRM_SERVER_H
#define CRM_SERVER_H

#include "postgres.h"

#include "client/account.h"
#include "fdw/options.h"

/* The effective options of a server, and of a table over its server's. */
extern void crm_server_options(Oid serverid, CrmOptions *options);
extern void crm_table_options(Oid relid, CrmOptions *options);

/* The request budget's limit: the option's, or else the API's. */
extern CrmRate crm_server_rate(const CrmOptions *options);

/*
 * Everything needed to talk to the server as the user, in the current memory
 * context.  Raises 28000 without a user mapping, HV00J for a missing option,
 * 42501 for an option that the server's owner may not use.
 */
extern CrmAccount *crm_account_create(Oid serverid, Oid userid, const CrmOptions *options);

/*
 * The entity a table reads: the catalogue's, or one made up from the options
 * path, rows and paging.  HV00R if its CRM has no such entity.
 */
extern const CrmEntity *crm_table_entity(const CrmOptions *options);

#endif							/* CRM_SERVER_H */
