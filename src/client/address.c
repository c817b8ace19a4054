/*
 * address.c
 *		Sorts network addresses into loopback, public and everything else.
 *
 * Called by libcurl for every socket it opens, after the name was resolved, so
 * a name that resolves to something new between check and use gains nothing.
 * Plain C without PostgreSQL: it runs inside a callback.
 */
#include "client/address.h"

#include <netinet/in.h>
#include <stdint.h>
#include <string.h>

typedef struct Ipv4Range
{
	uint32_t	network;
	int			bits;
} Ipv4Range;

/* The ranges that are not reachable, or not meant to be, over the internet. */
static const Ipv4Range nonpublic_ipv4[] = {
	{0x00000000, 8},			/* this network */
	{0x0a000000, 8},			/* private */
	{0x64400000, 10},			/* carrier's address translation */
	{0x7f000000, 8},			/* loopback */
	{0xa9fe0000, 16},			/* link-local, cloud metadata */
	{0xac100000, 12},			/* private */
	{0xc0000000, 24},			/* protocol assignments */
	{0xc0a80000, 16},			/* private */
	{0xc6120000, 15},			/* benchmarks */
	{0xe0000000, 4},			/* multicast */
	{0xf0000000, 4},			/* reserved, broadcast */
};

typedef struct Ipv6Range
{
	uint8_t		network[2];
	int			bits;
} Ipv6Range;

static const Ipv6Range nonpublic_ipv6[] = {
	{{0xfc, 0x00}, 7},			/* unique local */
	{{0xfe, 0x80}, 10},			/* link-local */
	{{0xfe, 0xc0}, 10},			/* site-local */
	{{0xff, 0x00}, 8},			/* multicast */
};

static bool
ipv4_in_range(uint32_t address, const Ipv4Range *range)
{
	return (address ^ range->network) >> (32 - range->bits) == 0;
}

static bool
ipv4_is_loopback(uint32_t address)
{
	return address >> 24 == 127;
}

static bool
ipv4_is_public(uint32_t address)
{
	for (size_t i = 0; i < sizeof(nonpublic_ipv4) / sizeof(nonpublic_ipv4[0]); i++)
		if (ipv4_in_range(address, &nonpublic_ipv4[i]))
			return false;
	return true;
}

static uint32_t
read_ipv4(const uint8_t *bytes)
{
	return (uint32_t) bytes[0] << 24 | (uint32_t) bytes[1] << 16 |
		(uint32_t) bytes[2] << 8 | (uint32_t) bytes[3];
}

/*
 * Finds the IPv4 address that packets for an IPv6 address really go to:
 * mapped, compatible, translated (64:ff9b::/96) and 6to4 (2002::/16) ones.
 */
static bool
embedded_ipv4(const uint8_t *bytes, uint32_t *address)
{
	static const uint8_t zeros[12] = {0};
	static const uint8_t translated[12] = {0x00, 0x64, 0xff, 0x9b};

	if (bytes[0] == 0x20 && bytes[1] == 0x02)
	{
		*address = read_ipv4(bytes + 2);
		return true;
	}
	*address = read_ipv4(bytes + 12);
	if (memcmp(bytes, translated, 12) == 0)
		return true;
	if (memcmp(bytes, zeros, 10) != 0)
		return false;
	return (bytes[10] == 0xff && bytes[11] == 0xff) ||
		(bytes[10] == 0 && bytes[11] == 0 && *address > 1);
}

static bool
ipv6_is_loopback(const uint8_t *bytes)
{
	uint32_t	ipv4;

	if (embedded_ipv4(bytes, &ipv4))
		return ipv4_is_loopback(ipv4);
	return memcmp(bytes, &in6addr_loopback, 16) == 0;
}

static bool
ipv6_is_public(const uint8_t *bytes)
{
	uint32_t	ipv4;
	unsigned	head = (unsigned) bytes[0] << 8 | bytes[1];

	if (embedded_ipv4(bytes, &ipv4))
		return ipv4_is_public(ipv4);
	if (memcmp(bytes, &in6addr_any, 16) == 0 ||
		memcmp(bytes, &in6addr_loopback, 16) == 0)
		return false;

	for (size_t i = 0; i < sizeof(nonpublic_ipv6) / sizeof(nonpublic_ipv6[0]); i++)
	{
		const Ipv6Range *range = &nonpublic_ipv6[i];
		unsigned	network = (unsigned) range->network[0] << 8 | range->network[1];

		if ((head ^ network) >> (16 - range->bits) == 0)
			return false;
	}
	return true;
}

bool
crm_address_permitted(const struct sockaddr *address, bool trusted, bool plain)
{
	bool		loopback;
	bool		public;

	if (address->sa_family == AF_INET)
	{
		struct sockaddr_in in;
		uint32_t	ipv4;

		memcpy(&in, address, sizeof(in));
		ipv4 = ntohl(in.sin_addr.s_addr);
		loopback = ipv4_is_loopback(ipv4);
		public = ipv4_is_public(ipv4);
	}
	else if (address->sa_family == AF_INET6)
	{
		struct sockaddr_in6 in6;

		memcpy(&in6, address, sizeof(in6));
		loopback = ipv6_is_loopback(in6.sin6_addr.s6_addr);
		public = ipv6_is_public(in6.sin6_addr.s6_addr);
	}
	else
		return false;

	if (plain && !loopback)
		return false;
	return trusted || public;
}
