/*
 * deaf_resolver.c
 *		Preloaded into a server under test: name resolution that never answers.
 *
 * One host name hangs, as it does when the name servers are unreachable; all
 * others are resolved as usual.
 */
#define _GNU_SOURCE

#include <dlfcn.h>
#include <netdb.h>
#include <string.h>
#include <unistd.h>

typedef int (*resolver) (const char *, const char *, const struct addrinfo *, struct addrinfo **);

int
getaddrinfo(const char *node, const char *service,
			const struct addrinfo *hints, struct addrinfo **result)
{
	resolver	next = (resolver) dlsym(RTLD_NEXT, "getaddrinfo");

	while (node != NULL && strcmp(node, "deaf.invalid") == 0)
		sleep(3600);
	return next(node, service, hints, result);
}
