/*
 * poller.h
 *		One descriptor that becomes readable when any of several sockets or
 *		one of two timers has something to say.
 */
#ifndef CRM_POLLER_H
#define CRM_POLLER_H

#include "postgres.h"

typedef struct CrmPoller
{
	int			epoll_fd;
	int			deadline_fd;	/* timer of the library that owns the sockets */
	int			alarm_fd;		/* timer of its user */
} CrmPoller;

typedef struct CrmPollerEvent
{
	int			fd;				/* CRM_POLLER_DEADLINE: that timer has expired */
	bool		readable;
	bool		writable;
	bool		broken;
} CrmPollerEvent;

#define CRM_POLLER_DEADLINE	(-1)
#define CRM_POLLER_EVENTS	32

/*
 * Opens the descriptors, counted among PostgreSQL's; on false there are none,
 * and errno says why.
 */
extern bool crm_poller_open(CrmPoller *poller);
extern void crm_poller_close(CrmPoller *poller);

/* Watches a socket, or changes what for.  0 or -1, as callbacks want it. */
extern int	crm_poller_watch(CrmPoller *poller, int fd, bool readable, bool writable);
extern void crm_poller_forget(CrmPoller *poller, int fd);

/* Sets one of the timers; a negative time switches it off.  0 or -1. */
extern int	crm_poller_set_deadline(CrmPoller *poller, int64 wait_ms);
extern int	crm_poller_set_alarm(CrmPoller *poller, int64 wait_ms);

/*
 * What happened, without waiting: up to CRM_POLLER_EVENTS events.  Expired
 * timers are reset; the alarm makes no event, its work is done by waking.
 */
extern int	crm_poller_events(CrmPoller *poller, CrmPollerEvent *events);

#endif							/* CRM_POLLER_H */
