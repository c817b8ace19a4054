/*
 * schedule.h
 *		When copies are refreshed.
 */
#ifndef CRM_SCHEDULE_H
#define CRM_SCHEDULE_H

#include "postgres.h"

#include "admin/ledger.h"

/* Seconds from one due time of the copy to the next; 0 = it has no schedule. */
extern double crm_schedule_period(const CrmSettings *settings);

#endif							/* CRM_SCHEDULE_H */
