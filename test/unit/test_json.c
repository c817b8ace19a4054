/*
 * test_json.c
 *		client/json.c and client/jsonscan.c: exactness, limits, erasure.
 */
#include "postgres.h"

#include <cjson/cJSON.h>

#include "client/json.h"
#include "client/jsonscan.h"
#include "lib/stringinfo.h"
#include "stub.h"

static const char *const secrets[] = {"token", "pass word", "key \xF0\x9F\x98\x80", NULL};

static CrmJsonError error;

/* The copy is exactly as long as the text, so that an overrun is seen. */
static CrmJson *
parse_bytes(const char *text, size_t len, const char *const *keys)
{
	char	   *copy = palloc(len + 1);

	memcpy(copy, text, len);
	copy[len] = '\0';
	return crm_json_parse(copy, len, keys, &error);
}

static CrmJson *
parse(const char *text)
{
	return parse_bytes(text, strlen(text), NULL);
}

static char *
source_of(const CrmJson *json, const CrmNode *node)
{
	size_t		len;
	const char *text = crm_json_source(json, node, &len);

	return pnstrdup(text, len);
}

static const char *
fault_name(CrmJsonFault fault)
{
	static const char *const names[] = {
		[CRM_JSON_OK] = "OK",
		[CRM_JSON_NOT_JSON] = "NOT_JSON",
		[CRM_JSON_TRUNCATED] = "TRUNCATED",
		[CRM_JSON_BAD_UTF8] = "BAD_UTF8",
		[CRM_JSON_TOO_DEEP] = "TOO_DEEP",
		[CRM_JSON_TOO_MANY] = "TOO_MANY",
		[CRM_JSON_NUMBER_TOO_LONG] = "NUMBER_TOO_LONG",
		[CRM_JSON_NO_MEMORY] = "NO_MEMORY",
	};

	return names[fault];
}

/* offset < 0: anywhere */
static void
is_fault(const char *text, CrmJsonFault fault, int64 offset)
{
	CrmJson    *json = parse(text);

	tap_is_text(fault_name(error.fault), fault_name(fault), "fault of %s", text);
	tap_ok((json == NULL) == (fault != CRM_JSON_OK), "document or fault of %s", text);
	if (offset >= 0)
		tap_is_int(error.offset, offset, "offset of the fault of %s", text);
}

static void
test_numbers(void)
{
	static const char *const numbers[] = {
		"0", "-0", "9223372036854775807", "-9223372036854775808",
		"1234567890123456789", "99999999999999999999999999", "1.0E10", "1e-400",
		"1E400", "0.1000", "10.00",
		"123456789012345678901234567890123456789012345678901234567890123",
	};

	for (int i = 0; i < lengthof(numbers); i++)
	{
		CrmJson    *json = parse(psprintf("{\"n\" : %s }", numbers[i]));
		const CrmNode *n = crm_json_member(crm_json_root(json), "n");

		tap_ok(crm_json_type(n) == CRM_NODE_NUMBER, "%s is a number", numbers[i]);
		tap_is_text(source_of(json, n), numbers[i], "%s keeps its spelling", numbers[i]);
		json = parse(numbers[i]);
		tap_is_text(source_of(json, crm_json_root(json)), numbers[i],
					"%s alone is a document", numbers[i]);
	}
	is_fault("[1234567890123456789012345678901234567890123456789012345678901234]",
			 CRM_JSON_NUMBER_TOO_LONG, 1);
}

static void
test_grammar(void)
{
	static const char *const wrong[] = {
		"", " \r\n\t", "<html></html>", "not found", "Bad Gateway", "nul1", "'a'",
		"{a:1}", "[1,]", "[,1]", "[1 2]", "{\"a\" 1}", "{\"a\":1,}", "{,}", "{\"a\":}",
		"{\"a\":1 \"b\":2}", "{1:2}", "[1}", "{\"a\":1]", "]", "01", "-a", "+1", ".5",
		"1.e1", "1.5.5", "1ee1", "0x10", "NaN", "Infinity", "-Infinity", "True",
		"[\"\\x\"]", "[\"\\u12g4\"]", "[\"a\tb\"]", "[\"a\nb\"]", "// c\n1", "1 /* c */",
		"{} {}", "{}x", "[1]]", "1 2", "null,", "\xEF\xBB\xBF", "\xEF\xBB\xBF  ",
		"\xEF\xBB\xBF\xEF\xBB\xBF{}", "\xC2\xA0{}",
	};
	static const char *const right[] = {
		"{}", "[]", " [ ] ", "\t{\r\n}\n", "null", "true", "false", "\"\"", "0",
		"[[],{},[{}]]", "{\"\":\"\"}", "[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\u00E9\"]",
		"[\"\x7f\"]",
	};

	for (int i = 0; i < lengthof(wrong); i++)
		is_fault(wrong[i], CRM_JSON_NOT_JSON, -1);
	for (int i = 0; i < lengthof(right); i++)
		is_fault(right[i], CRM_JSON_OK, 0);
	is_fault("<html>", CRM_JSON_NOT_JSON, 0);
	is_fault("{\"a\": tru }", CRM_JSON_NOT_JSON, 9);
	is_fault("[1] x", CRM_JSON_NOT_JSON, 4);

	tap_ok(parse_bytes("[1]\0", 4, NULL) == NULL && error.fault == CRM_JSON_NOT_JSON,
		   "a NUL byte after the document is not JSON");
	tap_ok(parse_bytes("[\"a\0b\"]", 7, NULL) == NULL && error.fault == CRM_JSON_NOT_JSON,
		   "a NUL byte in a string is not JSON");
	tap_is_int(error.offset, 3, "and is found where it stands");
	tap_ok(parse_bytes("\0", 1, NULL) == NULL && error.fault == CRM_JSON_NOT_JSON,
		   "a NUL byte alone is not JSON");
}

static void
test_byte_order_mark(void)
{
	CrmJson    *json = parse("\xEF\xBB\xBF" "7");

	if (tap_ok(json != NULL, "a byte order mark before a short document is fine"))
		tap_is_text(source_of(json, crm_json_root(json)), "7", "and not part of it");
	json = parse("\xEF\xBB\xBF {\"a\":[1,2]}\n");
	if (tap_ok(json != NULL, "a byte order mark before a long document is fine"))
		tap_is_text(source_of(json, crm_json_root(json)), "{\"a\":[1,2]}", "and not part of it");
}

static void
test_encoding(void)
{
	is_fault("[\"caf\xC3\xA9\"]", CRM_JSON_OK, 0);
	is_fault("[\"caf\xE9\"]", CRM_JSON_BAD_UTF8, 5);
	is_fault("[\"\xED\xA0\x80\"]", CRM_JSON_BAD_UTF8, 2);
	is_fault("[\"\xC0\x80\"]", CRM_JSON_BAD_UTF8, 2);
	is_fault("[\"\xF4\x90\x80\x80\"]", CRM_JSON_BAD_UTF8, 2);
	is_fault("[\"a\xFF\", tru]", CRM_JSON_BAD_UTF8, 3);
	is_fault("{\"\xFF\":1}", CRM_JSON_BAD_UTF8, 2);
	is_fault("<p>caf\xE9</p>", CRM_JSON_NOT_JSON, 0);
	is_fault("\xE9t\xE9", CRM_JSON_NOT_JSON, 0);
	is_fault("{} \xE2\x82", CRM_JSON_NOT_JSON, 3);
	is_fault("[\"\xE2\x82", CRM_JSON_TRUNCATED, -1);
	is_fault("[\"\xE2" "a", CRM_JSON_BAD_UTF8, 2);
}

static void
test_strings(void)
{
	static const struct
	{
		const char *json;
		const char *text;
	}			samples[] = {
		{"\"\"", ""},
		{"\"a\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "a\"\\/\b\f\n\r\t"},
		{"\"\\u00e9\\u20AC\"", "\xC3\xA9\xE2\x82\xAC"},
		{"\"\\ud83d\\ude00\"", "\xF0\x9F\x98\x80"},
		{"\"\\uD83D\\uDE00\"", "\xF0\x9F\x98\x80"},
		{"\"\xF0\x9F\x98\x80\"", "\xF0\x9F\x98\x80"},
		{"\"\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x91\xA7\"", "\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x91\xA7"},
		{"\"\xD9\x85\xD8\xB1\xD8\xAD\xD8\xA8\xD8\xA7\"", "\xD9\x85\xD8\xB1\xD8\xAD\xD8\xA8\xD8\xA7"},
		{"\"\\u202Eabc\"", "\xE2\x80\xAE" "abc"},
		{"\"\\uFFFF\"", "\xEF\xBF\xBF"},
		{"\"\\udbff\\udfff\"", "\xF4\x8F\xBF\xBF"},
	};

	for (int i = 0; i < lengthof(samples); i++)
	{
		CrmJson    *json = parse(samples[i].json);

		if (tap_ok(json != NULL, "string %s parses", samples[i].json))
		{
			tap_is_text(crm_json_string(crm_json_root(json)), samples[i].text,
						"text of %s", samples[i].json);
			tap_is_text(source_of(json, crm_json_root(json)), samples[i].json,
						"source of %s", samples[i].json);
			tap_ok(!crm_json_has_nul(json, crm_json_root(json)), "no NUL in %s", samples[i].json);
		}
	}
	tap_is_text(crm_json_string(crm_json_root(parse("1"))), NULL, "a number has no string");
}

static void
test_surrogates(void)
{
	/* A half alone becomes U+FFFD; what follows it is read for itself. */
	static const struct
	{
		const char *json;
		const char *text;
	}			halves[] = {
		{"\"\\ud83d\"", "\xef\xbf\xbd"},
		{"\"ab\\ude00\"", "ab\xef\xbf\xbd"},
		{"\"\\ud83dx\"", "\xef\xbf\xbdx"},
		{"\"\\ud83d\\n\"", "\xef\xbf\xbd\n"},
		{"\"\\ud83d\\u0041\"", "\xef\xbf\xbd" "A"},
		{"\"\\ud83d\\ud83d\\ude00\"", "\xef\xbf\xbd\xf0\x9f\x98\x80"}
	};

	for (int i = 0; i < (int) lengthof(halves); i++)
		tap_is_text(crm_json_string(crm_json_root(parse(halves[i].json))), halves[i].text,
					"half a surrogate pair in %s", halves[i].json);
	tap_is_text(crm_json_name(crm_json_first(crm_json_root(parse("{\"\\udfff\":1}")))),
				"\xef\xbf\xbd", "half a surrogate pair in a name");
	is_fault("[\"\\ud83d", CRM_JSON_TRUNCATED, -1);
	is_fault("[\"\\ud83d\\", CRM_JSON_TRUNCATED, -1);
	is_fault("[\"\\ud83d\\uDE0", CRM_JSON_TRUNCATED, -1);
	is_fault("[\"\\ud83d\\uDEx0\"]", CRM_JSON_NOT_JSON, -1);
}

static void
test_nul(void)
{
	CrmJson    *json = parse("{\"clean\":\"a\",\"cut\":\"ab\\u0000cd\","
							 "\"deep\":[1,{\"k\\u0000\":2}],\"not\":\"\\\\u0000\"}");
	const CrmNode *root = crm_json_root(json);

	tap_ok(crm_json_has_nul(json, root), "NUL is known to the document");
	tap_ok(!crm_json_has_nul(json, crm_json_member(root, "clean")), "not to a clean string");
	tap_ok(!crm_json_has_nul(json, crm_json_member(root, "not")), "nor to an escaped backslash");
	tap_ok(crm_json_has_nul(json, crm_json_member(root, "cut")), "NUL is known to its string");
	tap_is_text(crm_json_string(crm_json_member(root, "cut")), "ab", "which is cut there");
	tap_is_text(source_of(json, crm_json_member(root, "cut")), "\"ab\\u0000cd\"", "its source is not");
	tap_ok(crm_json_has_nul(json, crm_json_member(root, "deep")), "a key's NUL is known above");
	tap_ok(crm_json_has_nul(json, crm_json_pointer(root, "/deep/1")), "and to its object");
	tap_ok(!crm_json_has_nul(json, crm_json_pointer(root, "/deep/0")), "not to a neighbour");
	tap_ok(!crm_json_has_nul(json, crm_json_pointer(root, "/deep/1/k")), "nor to the key's value");

	json = parse_bytes("{\"a\":1,\"token\":\"\\u0000\"}", 24, secrets);
	tap_ok(!crm_json_has_nul(json, crm_json_root(json)), "an erased NUL is none");
	json = parse_bytes("{\"a\":1,\"token\\u0000\":2}", 23, secrets);
	tap_ok(!crm_json_has_nul(json, crm_json_root(json)), "nor is one in an erased key");
}

static void
test_secrets(void)
{
	static const struct
	{
		const char *before;
		const char *after;
	}			samples[] = {
		{"{\"token\":1}", "{         }"},
		{"{\"token\":1,\"a\":2}", "{          \"a\":2}"},
		{"{\"a\":1,\"token\":2,\"b\":3}", "{\"a\":1          ,\"b\":3}"},
		{"{\"a\":1,\"token\":2}", "{\"a\":1          }"},
		{"{\"a\":1 , \"token\" : 2 , \"b\":3}", "{\"a\":1               , \"b\":3}"},
		{"{\"token\":1,\"token\":2}", "{                   }"},
		{"{\"token\":1,\"token\":2,\"a\":3}", "{                    \"a\":3}"},
		{"{\"a\":1,\"token\":2,\"token\":3}", "{\"a\":1                    }"},
		{"{\"token\":1,\"a\":2,\"token\":3,\"b\":4}", "{          \"a\":2          ,\"b\":4}"},
		{"[{\"token\":{\"x\":[1,{\"y\":2}]}},5]", "[{                         },5]"},
		{"{\"a\":{\"b\":[{\"token\":\"t\"}]}}", "{\"a\":{\"b\":[{           }]}}"},
		{"{\"tok\\u0065n\":1,\"a\":2}", "{               \"a\":2}"},
		{"{\"\\u0074oken\":\"s\"}", "{                }"},
		{"{\"token\\u0000x\":1}", "{                }"},
		{"{\"pass word\":1}", "{             }"},
		{"{\"key \\uD83D\\uDE00\":1}", "{                    }"},
		{"{\"Token\":1,\"token2\":2,\"toke\":3,\"a token\":4}", NULL},
		{"{\"a\":\"token\",\"b\":[\"token\"]}", NULL},
		{"{\"tok\\\\u0065n\":1}", NULL},
	};

	for (int i = 0; i < lengthof(samples); i++)
	{
		const char *before = samples[i].before;
		const char *after = samples[i].after != NULL ? samples[i].after : before;
		CrmJson    *json = parse_bytes(before, strlen(before), secrets);

		if (tap_ok(json != NULL, "%s with secrets parses", before))
			tap_is_text(source_of(json, crm_json_root(json)), after, "secrets of %s", before);
	}
}

static void
test_secrets_and_the_rest(void)
{
	const char *text = "{\"a\":{\"token\":\"s\",\"n\":12},\"token\":[1,2,[3]],\"z\":[4,\"\\u0074\"]}";
	CrmJson    *json = parse_bytes(text, strlen(text), secrets);
	const CrmNode *root = crm_json_root(json);

	tap_is_int(crm_json_count(root), 2, "an erased member is not counted");
	tap_ok(crm_json_pointer(root, "/a/token") == NULL, "nor found");
	tap_is_text(source_of(json, crm_json_pointer(root, "/a/n")), "12", "its neighbours have their source");
	tap_is_text(source_of(json, crm_json_pointer(root, "/z/0")), "4", "before and after");
	tap_is_text(source_of(json, crm_json_pointer(root, "/z/1")), "\"\\u0074\"", "to the last");

	json = parse_bytes("{\"a\":\"\",\"\":1}", 13, (const char *const[]) {"", NULL});
	tap_is_text(source_of(json, crm_json_root(json)), "{\"a\":\"\"     }", "an empty name is a name");
	tap_ok(parse_bytes("{\"token\":1,}", 12, secrets) == NULL, "erasing hides no stray comma");
	tap_ok(parse_bytes("{\"token\":tru}", 13, secrets) == NULL, "nor a broken value");
}

/* n opening brackets, and as many closing ones */
static char *
nested(int n, char open, char close)
{
	StringInfoData text;

	initStringInfo(&text);
	for (int i = 0; i < n; i++)
		appendStringInfo(&text, "%c%s", open, open == '{' ? "\"a\":" : "");
	appendStringInfoChar(&text, '1');
	for (int i = 0; i < n; i++)
		appendStringInfoChar(&text, close);
	return text.data;
}

static void
test_depth(void)
{
	CrmJson    *json = parse(nested(CRM_JSON_MAX_DEPTH, '[', ']'));
	const CrmNode *node;
	int			levels = 0;

	if (tap_ok(json != NULL, "the deepest array allowed parses"))
	{
		for (node = crm_json_root(json); node != NULL; node = crm_json_first(node))
			levels++;
		tap_is_int(levels, CRM_JSON_MAX_DEPTH + 1, "to its ground");
	}
	tap_ok(parse(nested(CRM_JSON_MAX_DEPTH, '{', '}')) != NULL, "so does the deepest object");
	tap_ok(parse(nested(CRM_JSON_MAX_DEPTH + 1, '[', ']')) == NULL &&
		   error.fault == CRM_JSON_TOO_DEEP, "one level more is too deep");
	tap_is_int(error.offset, CRM_JSON_MAX_DEPTH, "and says where");
	tap_ok(parse(nested(CRM_JSON_MAX_DEPTH + 1, '{', '}')) == NULL &&
		   error.fault == CRM_JSON_TOO_DEEP, "in objects too");
	tap_ok(parse(nested(1000000, '[', ']')) == NULL && error.fault == CRM_JSON_TOO_DEEP,
		   "a million levels do no harm");
}

static void
test_truncation(void)
{
	const char *sample = "{\"id\": -12.5e+3, \"n\\u00e9\":[true,false,null,{}, \"x\\ud83d\\ude00y\\\"\xE2\x82\xAC\"],"
		"\"token\": {\"a\" :[ 1]}, \"o\":{\"p\":\"q\", \"token\":\"\xF0\x9F\x98\x80\"} }";
	size_t		len = strlen(sample);

	tap_ok(parse_bytes(sample, len, secrets) != NULL, "the whole sample parses");
	for (size_t cut = 1; cut < len; cut++)
	{
		CrmJson    *json = parse_bytes(sample, cut, secrets);

		tap_ok(json == NULL && error.fault == CRM_JSON_TRUNCATED && error.offset <= cut,
			   "cut after %zu bytes", cut);
	}
}

static void
test_lookups(void)
{
	CrmJson    *json = parse("{\"Id\":1,\"id\":2,\"id\":3,\"a/b\":4,\"m~n\":5,\"\":6,\"~1\":7,"
							 "\"list\":[10,[11,12],{\"k\":13}],\"0\":8}");
	const CrmNode *root = crm_json_root(json);
	static const char *const found[][2] = {
		{"/Id", "1"}, {"/id", "3"}, {"/a~1b", "4"}, {"/m~0n", "5"}, {"/", "6"}, {"/~01", "7"},
		{"/list/0", "10"}, {"/list/1/1", "12"}, {"/list/2/k", "13"}, {"/0", "8"},
	};
	static const char *const absent[] = {
		"/ID", "/iD", "/i", "/idx", "/a", "/a/b", "/m~1n", "/list/3", "/list/00", "/list/01",
		"/list/-", "/list/-1", "/list/", "/list/1x", "/list/+1", "/list/ 1", "/list/1/1/0", "/id/x",
		"/list/99999999999999999999999", "/list/18446744073709551616", "//",
		"id", "~", "/~", "/~2", "/m~n", "/id~",
	};

	for (int i = 0; i < lengthof(found); i++)
	{
		const CrmNode *node = crm_json_pointer(root, found[i][0]);

		if (tap_ok(node != NULL, "%s is there", found[i][0]))
			tap_is_text(source_of(json, node), found[i][1], "%s is the right value", found[i][0]);
	}
	for (int i = 0; i < lengthof(absent); i++)
		tap_ok(crm_json_pointer(root, absent[i]) == NULL, "%s is not there", absent[i]);
	tap_ok(crm_json_pointer(root, "") == root, "the empty pointer is the node itself");
	tap_ok(crm_json_pointer(NULL, "") == NULL && crm_json_pointer(NULL, "/a") == NULL,
		   "nothing is found in nothing");

	tap_is_text(source_of(json, crm_json_member(root, "id")), "3", "the last of repeated members counts");
	tap_is_text(source_of(json, crm_json_member(root, "Id")), "1", "case matters");
	tap_is_text(source_of(json, crm_json_member(root, "a/b")), "4", "a member's name is no pointer");
	tap_ok(crm_json_member(root, "ID") == NULL, "no other case is accepted");
	tap_ok(crm_json_member(NULL, "a") == NULL, "no member of nothing");
	tap_ok(crm_json_member(crm_json_member(root, "list"), "0") == NULL, "no member of an array");
	tap_ok(crm_json_member(crm_json_root(parse("{}")), "") == NULL, "no member of an empty object");
}

static void
test_pointer_validity(void)
{
	static const char *const valid[] = {"", "/", "/a", "/a/b", "/~0~1", "//", "/a~1b", "/\xC3\xA9"};
	static const char *const invalid[] = {"a", "a/b", "/~", "/~2", "/a~", "/~/", " /a"};

	for (int i = 0; i < lengthof(valid); i++)
		tap_ok(crm_json_pointer_valid(valid[i]), "pointer '%s' is valid", valid[i]);
	for (int i = 0; i < lengthof(invalid); i++)
		tap_ok(!crm_json_pointer_valid(invalid[i]), "pointer '%s' is not valid", invalid[i]);
}

static void
test_walk(void)
{
	static const CrmNodeType types[] = {
		CRM_NODE_NULL, CRM_NODE_FALSE, CRM_NODE_TRUE, CRM_NODE_NUMBER, CRM_NODE_STRING,
		CRM_NODE_ARRAY, CRM_NODE_OBJECT
	};
	static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g"};
	CrmJson    *json = parse("{\"a\":null,\"b\":false,\"c\":true,\"d\":0,\"e\":\"\",\"f\":[],\"g\":{}}");
	const CrmNode *node = crm_json_first(crm_json_root(json));

	tap_is_int(crm_json_count(crm_json_root(json)), lengthof(types), "children are counted");
	for (int i = 0; i < lengthof(types); i++)
	{
		tap_is_int(crm_json_type(node), types[i], "type of member %d", i);
		tap_is_text(crm_json_name(node), names[i], "name of member %d", i);
		node = crm_json_next(node);
	}
	tap_ok(node == NULL, "and then no more");
	tap_ok(crm_json_first(NULL) == NULL && crm_json_count(NULL) == 0, "nothing has no children");
	tap_ok(crm_json_type(NULL) == CRM_NODE_NULL, "nothing is null");
	tap_ok(crm_json_name(crm_json_root(json)) == NULL, "the root has no name");
}

/* Every value of a big page has its own text. */
static void
test_huge(void)
{
	StringInfoData text;
	CrmJson    *json;
	const CrmNode *node;
	int			n = 200000;
	int			wrong = 0;

	initStringInfo(&text);
	appendStringInfoString(&text, "{\"rows\":[");
	for (int i = 0; i < n; i++)
		appendStringInfo(&text, "%s{\"id\":%d,\"token\":\"x\",\"v\":[%d,\"s\"]}", i > 0 ? "," : "", i, i * 7);
	appendStringInfoString(&text, "]}");
	json = crm_json_parse(text.data, text.len, secrets, &error);
	if (!tap_ok(json != NULL, "a document of 9 MB parses"))
		return;
	node = crm_json_first(crm_json_pointer(crm_json_root(json), "/rows"));
	for (int i = 0; i < n; i++, node = crm_json_next(node))
	{
		size_t		len;

		if (atoi(crm_json_source(json, crm_json_member(node, "id"), &len)) != i ||
			atoi(crm_json_source(json, crm_json_pointer(node, "/v/0"), &len)) != i * 7 ||
			crm_json_member(node, "token") != NULL)
			wrong++;
	}
	tap_is_int(wrong, 0, "all of its records are right");
}

/* The limit is checked by the scan alone, so the test needs no parse. */
static void
test_too_many(void)
{
	size_t		len = (size_t) CRM_JSON_MAX_VALUES * 2 + 1;
	char	   *text = palloc(len + 1);
	CrmJsonSpans spans;

	/* An array of n elements and the array itself: n + 1 values. */
	for (size_t i = 0; i < len; i++)
		text[i] = i % 2 == 0 ? ',' : '1';
	text[0] = '[';
	text[len - 1] = ']';
	text[len] = '\0';
	tap_ok(crm_json_parse(text, len, NULL, &error) == NULL && error.fault == CRM_JSON_TOO_MANY,
		   "too many values are refused");
	text[len - 3] = ']';
	text[len - 2] = text[len - 1] = ' ';
	tap_ok(crm_json_scan(text, len, NULL, &spans, &error), "one less is accepted");
	tap_is_int(spans.count, CRM_JSON_MAX_VALUES, "and counted");
}

/* The hooks are global to the library, and not ours outside a parse. */
static void
test_hooks(void)
{
	static const char *const texts[] = {"[1]", "[1"};

	for (int i = 0; i < lengthof(texts); i++)
	{
		size_t		before;
		cJSON	   *foreign;

		parse(texts[i]);
		before = stub_memory_in_use();
		foreign = cJSON_CreateString("another user's");
		tap_ok(foreign != NULL && stub_memory_in_use() == before,
			   "after %s cJSON allocates for others as ever", texts[i]);
		cJSON_Delete(foreign);
	}
}

/* Whichever allocation fails, the answer is NO_MEMORY. */
static void
test_out_of_memory(void)
{
	StringInfoData text;
	CrmJson    *json = NULL;
	int			other = 0;
	int			n;

	initStringInfo(&text);
	appendStringInfoString(&text, "[{\"k\":\"v\"}");
	for (int i = 0; i < 60; i++)
		appendStringInfoString(&text, ",[]");
	appendStringInfoString(&text, "]");
	for (n = 0; json == NULL && n < 1000; n++)
	{
		char	   *copy = pstrdup(text.data);

		stub_fail_allocations_after(n);
		json = crm_json_parse(copy, text.len, NULL, &error);
		stub_fail_allocations_after(-1);
		if (json == NULL && error.fault != CRM_JSON_NO_MEMORY)
			other++;
	}
	tap_ok(json != NULL && n > 60, "parsing succeeds once memory suffices (%d allocations)", n - 1);
	tap_is_int(other, 0, "and reports no memory until then");
	json = parse("[1]");
	tap_ok(json != NULL, "the next parse is unharmed");
}

int
main(void)
{
	static void (*const tests[]) (void) = {
		test_numbers, test_grammar, test_byte_order_mark, test_encoding, test_strings,
		test_surrogates, test_nul, test_secrets, test_secrets_and_the_rest, test_depth,
		test_truncation, test_lookups, test_pointer_validity, test_walk, test_huge,
		test_too_many, test_hooks, test_out_of_memory,
	};

	for (int i = 0; i < lengthof(tests); i++)
	{
		tests[i] ();
		stub_reset_memory();
	}
	return tap_done();
}
