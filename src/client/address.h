/*
 * address.h
 *		Which network addresses a server may be at.
 */
#ifndef CRM_ADDRESS_H
#define CRM_ADDRESS_H

#include <stdbool.h>
#include <sys/socket.h>

/*
 * True if a connection to the address is acceptable.  "trusted" servers belong
 * to a superuser and may be anywhere; others only at public addresses, so that
 * nobody reaches into the network the database stands in.  A plain text
 * connection never leaves the machine, whoever owns the server.
 */
extern bool crm_address_permitted(const struct sockaddr *address,
								  bool trusted, bool plain);

#endif							/* CRM_ADDRESS_H */
