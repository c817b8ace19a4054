/*
 * stub.h
 *		What a unit test needs: the parts of a PostgreSQL backend that the code
 *		under test calls, without a server, and TAP.
 *
 * There is one memory context.  Every allocation is a malloc of its own, so
 * that the sanitizers see each overrun, and each use after a reset.
 */
#ifndef STUB_H
#define STUB_H

#include "postgres.h"

/* Frees everything allocated since the last reset. */
extern void stub_reset_memory(void);

/* Bytes allocated and not freed. */
extern size_t stub_memory_in_use(void);

/*
 * Lets n more allocations succeed and then fails those that may return NULL;
 * a negative number means never.
 */
extern void stub_fail_allocations_after(int n);

/*
 * Runs a function and returns the SQLSTATE of the error it raised, or 0.  The
 * message is kept for stub_error_message() until the next call.
 */
extern int	stub_catch(void (*function) (void *arg), void *arg);
extern const char *stub_error_message(void);

/* TAP: one line for each check. */
extern bool tap_ok(bool passed, const char *name,...) pg_attribute_printf(2, 3);
extern bool tap_is_int(int64 got, int64 wanted, const char *name,...) pg_attribute_printf(3, 4);
extern bool tap_is_text(const char *got, const char *wanted, const char *name,...) pg_attribute_printf(3, 4);

/* Prints the plan; what main returns. */
extern int	tap_done(void);

#endif							/* STUB_H */
