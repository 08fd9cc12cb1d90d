/* Rule packs: everything that may be wrong is named with its place. */
#include "support/unit.h"

#include "parse/rulepack.h"

#define REST                                                          \
	"\"description\":\"d\",\"remediation\":\"r\",\"confidence\":" \
	"\"high\",\"examples\":{\"match\":[\"x\"]}"
#define RULE "\"id\":\"a\",\"regex\":\"x\"," REST
#define PACK(rule) "{\"name\":\"n\",\"rules\":[{" rule "}]}"

static const struct {
	const char *text, *says;
} refused[] = {
	{"", "rule pack"},
	{"[]", "top level: expected an object"},
	{"{\"name\":\"n\"}", "rules: expected an array"},
	{"{\"name\":\"n\",\"rules\":[]}", "rules: expected an array"},
	{"{\"rules\":[{" RULE "}]}", "name: missing"},
	{"{\"name\":\"n\",\"rule\":1,\"rules\":[{" RULE "}]}",
		"rule: unknown key"},
	{"{\"name\":\"n\",\"name\":\"n\",\"rules\":[{" RULE "}]}", "duplicate"},
	{"{\"name\":\"n\",\"rules\":[3]}", "rules[0]: expected an object"},
	{"{\"name\":\"n\",\"rules\":[{" RULE "},{" RULE "}]}",
		"rules[1].id: the same id twice"},
	{PACK("\"regex\":\"x\"," REST), "rules[0].id: missing"},
	{PACK("\"id\":\"A-b\",\"regex\":\"x\"," REST),
		"rules[0].id: expected lower-case"},
	{PACK("\"id\":\"a\"," REST), "rules[0].regex: missing"},
	{PACK(RULE ",\"rgex\":\"x\""), "rules[0].rgex: unknown key"},
	{PACK(RULE ",\"entropy\":9"), "rules[0].entropy: expected a number"},
	{PACK(RULE ",\"entropy\":\"3\""), "rules[0].entropy: expected"},
	{PACK(RULE ",\"group\":-1"), "rules[0].group: expected a number"},
	{PACK(RULE ",\"group\":16"), "rules[0].group: expected a number"},
	{PACK(RULE ",\"keywords\":[]"), "rules[0].keywords: expected"},
	{PACK(RULE ",\"keywords\":[\"\"]"), "rules[0].keywords[0]: expected"},
	{PACK(RULE ",\"keywords\":\"x\""), "rules[0].keywords: expected"},
	{PACK(RULE ",\"validator\":\"luck\""),
		"rules[0].validator: no such validator"},
	{PACK(RULE ",\"generic\":1"), "rules[0].generic: expected true"},
	{PACK(RULE ",\"allow\":[\"zz\"]"), "rules[0].allow[0]: no such set"},
	{PACK("\"id\":\"a\",\"regex\":\"x\",\"description\":\"d\","
	      "\"remediation\":\"r\",\"confidence\":\"high\""),
		"rules[0].examples: missing"},
	{PACK("\"id\":\"a\",\"regex\":\"x\",\"description\":\"d\","
	      "\"remediation\":\"r\",\"confidence\":\"high\","
	      "\"examples\":{\"no_match\":[\"x\"]}"),
		"rules[0].examples.match: missing"},
	{PACK("\"id\":\"a\",\"regex\":\"x\",\"description\":\"d\","
	      "\"remediation\":\"r\",\"confidence\":\"sure\","
	      "\"examples\":{\"match\":[\"x\"]}"),
		"rules[0].confidence: expected"},
	{"{\"name\":\"n\",\"allow\":{\"w\":{\"word\":[\"x\"]}},\"rules\":["
	 "{" RULE "}]}",
		"allow.w.word: unknown key"},
	{"{\"name\":\"n\",\"allow\":[],\"rules\":[{" RULE "}]}",
		"allow: expected an object"},
};

static void mistakes_are_named(void **state)
{
	struct arena *arena = arena_new(1u << 24);
	const struct rulepack *pack;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(refused); i++) {
		struct err err = ERR_INIT;

		if (!rulepack_parse(
			    span_str(refused[i].text), arena, &pack, &err))
			fail_msg("accepted: %s", refused[i].text);
		assert_null(pack);
		if (!strstr(err.text, refused[i].says))
			fail_msg("'%s' does not say '%s'", err.text,
				refused[i].says);
	}
	arena_free(arena);
}

static void all_keys_are_read(void **state)
{
	struct arena *arena = arena_new(1u << 24);
	const struct rulepack *pack;
	const struct rule *r;
	struct err err = ERR_INIT;

	(void)state;
	if (rulepack_parse(
		    SPAN_LIT("{\"name\":\"n\",\"comment\":1,\"allow\":{\"w\":"
			     "{\"secret\":[\"s\"],\"match\":[\"m\"],"
			     "\"words\":[\"v\"]}},\"rules\":[{" RULE
			     ",\"comment\":\"c\",\"keywords\":[\"k\"],"
			     "\"group\":2,\"entropy\":3,\"path\":\"p\","
			     "\"allow\":[\"w\"],\"validator\":\"jwt\","
			     "\"generic\":true}]}"),
		    arena, &pack, &err))
		fail_msg("%s", err.text);
	assert_int_equal(pack->n, 1);
	r = &pack->rules[0];
	unit_span_is(r->id, "a");
	unit_span_is(r->regex, "x");
	unit_span_is(r->path, "p");
	unit_span_is(r->keywords.v[0], "k");
	assert_int_equal(r->group, 2);
	assert_true(r->entropy > 2.9 && r->entropy < 3.1);
	assert_int_equal(r->validator, VALIDATOR_JWT);
	assert_int_equal(r->confidence, CONFIDENCE_HIGH);
	assert_true(r->generic);
	assert_int_equal(r->nallow, 1);
	unit_span_is(r->allow[0]->secret.v[0], "s");
	unit_span_is(r->allow[0]->match.v[0], "m");
	unit_span_is(r->allow[0]->words.v[0], "v");
	unit_span_is(r->match.v[0], "x");
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mistakes_are_named),
		cmocka_unit_test(all_keys_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
