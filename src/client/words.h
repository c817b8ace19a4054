/*
 * words.h
 *		What an API says about a failure, found in whatever shape it says it.
 */
#ifndef CRM_WORDS_H
#define CRM_WORDS_H

#include "postgres.h"

#include "client/account.h"
#include "client/json.h"

/*
 * The API's own words in a parsed body: palloc'd, bounded, redacted; NULL if
 * it says nothing.
 */
extern char *crm_words_of_json(const CrmAccount *account, const CrmJson *json);

/*
 * The same for a body that may be JSON or anything else; of other text, its
 * beginning.  The body is not changed.
 */
extern char *crm_words_of_body(const CrmAccount *account, const char *body, size_t len);

/*
 * True if a document that came with a success status reports a failure: it
 * says so outright, or holds nothing but an error.
 */
extern bool crm_words_is_failure(const CrmJson *json);

/* What a text that is no JSON looks like: "HTML", "XML", ... */
extern const char *crm_words_kind(const char *body, size_t len);

#endif							/* CRM_WORDS_H */
