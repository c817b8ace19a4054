/*
 * send.h
 *		Values in the form a filter's parameter takes.
 */
#ifndef CRM_SEND_H
#define CRM_SEND_H

#include "postgres.h"

#include "fdw/demand.h"

/*
 * Can the text be sent?  Blanks at its ends may be cut off, a backslash may be
 * an escape, the end of a line may be written another way, and a filter on
 * nothing is ignored or means something else.
 */
extern bool crm_send_may(const char *text);

/*
 * The values of a demand as a filter sends them: texts, none of which need be
 * there.  False if one of them cannot be sent, so that the filter cannot be
 * used.
 */
extern bool crm_send_values(const CrmFilter *filter, const CrmDemand *demand, List **values);

/* A bound of the demand, moved outwards as the filter needs it; NULL = none. */
extern const char *crm_send_bound(const CrmFilter *filter, const CrmDemand *demand, bool lower);

/* The longest text that a filter on parts of texts can look for, or NULL. */
extern const char *crm_send_fragment(const CrmFilter *filter, const CrmDemand *demand);

/* The first whole second since 1970 not before a time, or the last not after. */
extern int64 crm_send_second(int64 time, bool up);

#endif							/* CRM_SEND_H */
