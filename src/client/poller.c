/*
 * poller.c
 *		epoll and timerfd behind one descriptor.
 *
 * All but opening and closing runs inside libcurl's callbacks and calls
 * nothing of PostgreSQL.
 */
#include "postgres.h"

#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "client/poller.h"
#include "storage/fd.h"

#define DESCRIPTORS	3

static int
watch_timer(CrmPoller *poller, int timer_fd)
{
	return crm_poller_watch(poller, timer_fd, true, false);
}

static bool
open_descriptors(CrmPoller *poller)
{
	poller->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	poller->deadline_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	poller->alarm_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	return poller->epoll_fd >= 0 && poller->deadline_fd >= 0 && poller->alarm_fd >= 0 &&
		watch_timer(poller, poller->deadline_fd) == 0 &&
		watch_timer(poller, poller->alarm_fd) == 0;
}

bool
crm_poller_open(CrmPoller *poller)
{
	int			saved_errno;

	for (int i = 0; i < DESCRIPTORS; i++)
	{
		if (!AcquireExternalFD())
		{
			while (i-- > 0)
				ReleaseExternalFD();
			return false;
		}
	}
	if (open_descriptors(poller))
		return true;

	saved_errno = errno;
	crm_poller_close(poller);
	errno = saved_errno;
	return false;
}

static void
close_descriptor(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void
crm_poller_close(CrmPoller *poller)
{
	close_descriptor(&poller->epoll_fd);
	close_descriptor(&poller->deadline_fd);
	close_descriptor(&poller->alarm_fd);
	for (int i = 0; i < DESCRIPTORS; i++)
		ReleaseExternalFD();
}

int
crm_poller_watch(CrmPoller *poller, int fd, bool readable, bool writable)
{
	struct epoll_event event = {.data.fd = fd};

	if (readable)
		event.events |= EPOLLIN;
	if (writable)
		event.events |= EPOLLOUT;
	if (epoll_ctl(poller->epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0)
		return 0;
	return errno == EEXIST ? epoll_ctl(poller->epoll_fd, EPOLL_CTL_MOD, fd, &event) : -1;
}

void
crm_poller_forget(CrmPoller *poller, int fd)
{
	/* A socket that is closed already has left by itself. */
	(void) epoll_ctl(poller->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
}

static int
set_timer(int fd, int64 wait_ms)
{
	struct itimerspec when = {{0}};

	/* Zero would switch it off: "at once" is a nanosecond. */
	if (wait_ms == 0)
		when.it_value.tv_nsec = 1;
	else if (wait_ms > 0)
	{
		when.it_value.tv_sec = wait_ms / 1000;
		when.it_value.tv_nsec = (wait_ms % 1000) * 1000000;
	}
	return timerfd_settime(fd, 0, &when, NULL);
}

int
crm_poller_set_deadline(CrmPoller *poller, int64 wait_ms)
{
	return set_timer(poller->deadline_fd, wait_ms);
}

int
crm_poller_set_alarm(CrmPoller *poller, int64 wait_ms)
{
	return set_timer(poller->alarm_fd, wait_ms);
}

int
crm_poller_events(CrmPoller *poller, CrmPollerEvent *events)
{
	struct epoll_event ready[CRM_POLLER_EVENTS];
	int			nready = epoll_wait(poller->epoll_fd, ready, CRM_POLLER_EVENTS, 0);
	int			n = 0;

	for (int i = 0; i < nready; i++)
	{
		int			fd = ready[i].data.fd;

		if (fd == poller->deadline_fd || fd == poller->alarm_fd)
		{
			uint64	expirations;

			/* Set anew since epoll looked, it has nothing to read yet. */
			if (read(fd, &expirations, sizeof(expirations)) < 0 || fd == poller->alarm_fd)
				continue;
			events[n++] = (CrmPollerEvent) {.fd = CRM_POLLER_DEADLINE};
			continue;
		}
		events[n].fd = fd;
		events[n].readable = (ready[i].events & EPOLLIN) != 0;
		events[n].writable = (ready[i].events & EPOLLOUT) != 0;
		events[n].broken = (ready[i].events & (EPOLLERR | EPOLLHUP)) != 0;
		n++;
	}
	return n;
}
