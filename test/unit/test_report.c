/*
 * test_report.c
 *		base/report.c: text from outside, made fit for a message.
 */
#include "postgres.h"

#include "base/report.h"
#include "stub.h"

static const char *const secrets[] = {"s3cret-Token", "s3cret", "abc", "QmFzaWM6eA"};

static char *
quote(const char *text)
{
	return crm_quote(text, strlen(text), secrets, lengthof(secrets));
}

static void
test_text(void)
{
	tap_is_text(quote("plain text"), "plain text", "text stays");
	tap_is_text(quote("  a\r\n\t b  \n"), "a b", "white space is folded and cut off");
	tap_is_text(quote(""), "", "nothing stays nothing");
	tap_is_text(crm_quote("a\0b\033[31m\177", 9, NULL, 0), "a?b?[31m?", "control characters are replaced");
	tap_is_text(quote("caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80"), "caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80", "UTF-8 stays");
	tap_is_text(quote("a\xFF" "b\xC3"), "a?b?", "invalid UTF-8 is replaced");
	tap_is_text(quote("\xED\xA0\x80"), "???", "so are surrogates");
	tap_is_text(quote("a\xC2\x85" "b"), "a??b", "and C1 controls");
	tap_is_text(quote("a\xE2\x80\xAE" "b"), "a???b", "and what turns the direction of writing");
}

static void
test_bound(void)
{
	char		text[1000];
	char	   *quoted;

	memset(text, 'x', sizeof(text));
	quoted = crm_quote(text, sizeof(text), NULL, 0);
	tap_is_int(strlen(quoted), CRM_QUOTE_MAX, "long text is cut");
	tap_is_text(quoted + CRM_QUOTE_MAX - 4, "x...", "and shows it");

	for (int i = 0; i + 1 < sizeof(text); i += 2)
		memcpy(text + i, "\xC3\xA9", 2);
	quoted = crm_quote(text, sizeof(text), NULL, 0);
	tap_ok(strlen(quoted) <= CRM_QUOTE_MAX, "text of wide characters as well");
	tap_is_text(quoted + strlen(quoted) - 5, "\xC3\xA9...", "at a character boundary");

	/* A secret that begins before the cut and ends behind it. */
	memset(text, 'x', sizeof(text));
	memcpy(text + CRM_QUOTE_MAX - 8, "s3cret-Token", 12);
	quoted = crm_quote(text, sizeof(text), secrets, lengthof(secrets));
	tap_ok(strstr(quoted, "s3c") == NULL, "a secret at the cut does not show");
}

static void
test_secrets(void)
{
	tap_is_text(quote("key=s3cret-Token&x"), "key=***&x", "a secret is hidden, the longest first");
	tap_is_text(quote("s3cret s3crets3cret"), "*** ******", "everywhere");
	tap_is_text(quote("S3CRET-TOKEN"), "***", "whatever its case");
	tap_is_text(quote("Basic QmFzaWM6eA=="), "Basic ***==", "also in base64");
	tap_is_text(quote("abc"), "abc", "a secret of three characters would hide words");
	tap_is_text(quote("ends in s3cret-To"), "ends in ***", "a secret that is cut off is hidden");
	tap_is_text(quote("ends in QmFz"), "ends in ***", "down to four characters");
	tap_is_text(quote("s3c"), "s3c", "less is no secret");
}

int
main(void)
{
	test_text();
	test_bound();
	test_secrets();
	return tap_done();
}
