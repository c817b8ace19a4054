/*
 * test_address.c
 *		client/address.c: which addresses whom is open to.
 */
#include "postgres.h"

#include <arpa/inet.h>

#include "client/address.h"
#include "stub.h"

typedef struct Case
{
	const char *text;
	bool		for_all;		/* https, server of anybody */
	bool		for_plain;		/* http, server of a superuser */
} Case;

static const Case cases[] = {
	{"93.184.216.34", true, false},
	{"1.1.1.1", true, false},
	{"11.0.0.1", true, false},
	{"172.15.255.255", true, false},
	{"172.32.0.1", true, false},
	{"192.167.255.255", true, false},
	{"192.169.0.0", true, false},
	{"100.63.255.255", true, false},
	{"100.128.0.0", true, false},
	{"223.255.255.255", true, false},
	{"0.0.0.0", false, false},
	{"0.1.2.3", false, false},
	{"10.0.0.1", false, false},
	{"10.255.255.255", false, false},
	{"100.64.0.1", false, false},
	{"127.0.0.1", false, true},
	{"127.255.255.254", false, true},
	{"169.254.169.254", false, false},
	{"172.16.0.1", false, false},
	{"172.31.255.255", false, false},
	{"192.0.0.8", false, false},
	{"192.168.1.1", false, false},
	{"198.19.0.1", false, false},
	{"224.0.0.1", false, false},
	{"255.255.255.255", false, false},
	{"2606:4700::1111", true, false},
	{"2001:db8::1", true, false},
	{"::", false, false},
	{"::1", false, true},
	{"::2", false, false},
	{"fe80::1", false, false},
	{"febf::1", false, false},
	{"fec0::1", false, false},
	{"fc00::1", false, false},
	{"fdff::1", false, false},
	{"ff02::1", false, false},
	{"::ffff:93.184.216.34", true, false},
	{"::ffff:127.0.0.1", false, true},
	{"::ffff:10.0.0.1", false, false},
	{"::ffff:169.254.169.254", false, false},
	{"::127.0.0.1", false, true},
	{"::10.1.1.1", false, false},
	{"64:ff9b::a00:1", false, false},
	{"64:ff9b::5db8:d822", true, false},
	{"2002:0a00:0001::1", false, false},
	{"2002:7f00:0001::1", false, true},
	{"2002:5db8:d822::1", true, false},
};

static void
check(const Case *c)
{
	struct sockaddr_storage storage = {0};
	struct sockaddr_in *in = (struct sockaddr_in *) &storage;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *) &storage;
	const struct sockaddr *address = (const struct sockaddr *) &storage;

	if (inet_pton(AF_INET, c->text, &in->sin_addr) == 1)
		storage.ss_family = AF_INET;
	else if (inet_pton(AF_INET6, c->text, &in6->sin6_addr) == 1)
		storage.ss_family = AF_INET6;

	tap_is_int(crm_address_permitted(address, false, false), c->for_all,
			   "%s over https for a server of anybody", c->text);
	tap_is_int(crm_address_permitted(address, true, false), true,
			   "%s over https for a superuser's server", c->text);
	tap_is_int(crm_address_permitted(address, true, true), c->for_plain,
			   "%s over http for a superuser's server", c->text);
	tap_ok(!crm_address_permitted(address, false, true),
		   "%s over http for a server of anybody", c->text);
}

int
main(void)
{
	struct sockaddr other = {.sa_family = AF_UNIX};

	for (int i = 0; i < lengthof(cases); i++)
		check(&cases[i]);
	tap_ok(!crm_address_permitted(&other, true, false), "no other kind of address");
	return tap_done();
}
