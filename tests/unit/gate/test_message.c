#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "gate/gate.h"

static struct doc *parsed(const char *text)
{
	struct err err = ERR_INIT;
	struct doc *d;

	if (doc_parse(span_str(text), &d, &err))
		fail_msg("%s", err.text);
	return d;
}

static void expect(const char *record, const char *message)
{
	struct buf out = BUF_INIT(1u << 20);
	struct doc *d = parsed(record);

	message_write(d, 42, &out);
	assert_string_equal(message, buf_cstr(&out));
	doc_free(d);
	buf_free(&out);
}

static void an_accepted_push_is_two_lines(void **state)
{
	(void)state;
	expect("{\"predicate\":{\"verdict\":\"accept\",\"admitted\":true,"
	       "\"findings\":[]}}",
		"sluice: accepted\nevidence: 42\n");
}

static void a_refusal_says_what_where_and_how_to_mend(void **state)
{
	(void)state;
	expect("{\"predicate\":{\"verdict\":\"reject\",\"admitted\":false,"
	       "\"findings\":[{\"id\":\"signature.missing\",\"severity\":"
	       "\"block\",\"ref\":\"refs/heads/main\",\"object\":"
	       "\"1a2b3c4d5e6f1a2b3c4d5e6f1a2b3c4d5e6f1a2b\",\"text\":"
	       "\"not signed\",\"hint\":\"sign it\"}]}}",
		"sluice: refused\n"
		"\n"
		"error: signature.missing on refs/heads/main: not signed\n"
		"    1a2b3c4d5e\n"
		"  hint: sign it\n"
		"\n"
		"evidence: 42\n");
}

static void observing_is_said_loudly(void **state)
{
	struct doc *d = parsed("{\"predicate\":{\"verdict\":\"reject\","
			       "\"admitted\":true,\"findings\":[]}}");
	struct buf out = BUF_INIT(1u << 20);

	(void)state;
	message_write(d, 1, &out);
	assert_non_null(strstr(buf_cstr(&out), "let through although"));
	doc_free(d);
	buf_free(&out);
}

static void what_is_not_a_verdict_is_could_not_judge(void **state)
{
	(void)state;
	expect("{\"predicate\":{\"verdict\":\"undecided\",\"admitted\":false,"
	       "\"cause\":\"the judge died\",\"hint\":\"ask\"}}",
		"sluice: could not judge\nthe judge died\n  hint: ask\n"
		"evidence: 42\n");
	expect("{\"predicate\":{}}",
		"sluice: could not judge\n\nevidence: 42\n");
}

/* A push with thousands of problems stays one screen. */
static void many_findings_are_grouped_and_counted(void **state)
{
	struct buf text = BUF_INIT(16u << 20), out = BUF_INIT(1u << 20);
	size_t lines = 0, i;
	struct doc *d;

	(void)state;
	buf_str(&text, "{\"predicate\":{\"verdict\":\"reject\",\"findings\":[");
	for (i = 0; i < 30000; i++)
		buf_fmt(&text,
			"%s{\"id\":\"k%zu.x\",\"severity\":\"%s\",\"ref\":"
			"\"refs/heads/main\",\"text\":\"t\",\"detail\":\"d\","
			"\"hint\":\"h\"}",
			i ? "," : "", i % 20, i % 20 < 3 ? "block" : "warn");
	buf_str(&text, "]}}");
	d = parsed(buf_cstr(&text));
	message_write(d, 7, &out);
	for (i = 0; i < out.n; i++)
		lines += out.p[i] == '\n';
	assert_true(lines < 120);
	assert_non_null(strstr(buf_cstr(&out), "… and 1495 more"));
	assert_non_null(strstr(buf_cstr(&out), "sluice log show 7"));
	/* What blocks comes before what warns. */
	assert_true(strstr(buf_cstr(&out), "error: k2.x") <
		strstr(buf_cstr(&out), "warning: k3.x"));
	doc_free(d);
	buf_free(&text);
	buf_free(&out);
}

/* One line of a file in many versions is one thing to mend. */
static void the_same_place_is_told_once(void **state)
{
	(void)state;
	expect("{\"predicate\":{\"verdict\":\"reject\",\"admitted\":false,"
	       "\"findings\":["
	       "{\"id\":\"secret.x\",\"severity\":\"block\",\"ref\":\"r\","
	       "\"text\":\"a secret\",\"place\":\"f:1\",\"detail\":\"d\","
	       "\"hint\":\"h\"},"
	       "{\"id\":\"secret.x\",\"severity\":\"block\",\"ref\":\"r\","
	       "\"text\":\"a secret\",\"place\":\"f:1\",\"detail\":\"d\","
	       "\"hint\":\"h\"},"
	       "{\"id\":\"secret.x\",\"severity\":\"block\",\"ref\":\"r\","
	       "\"text\":\"a secret\",\"place\":\"f:2\",\"detail\":\"d\","
	       "\"hint\":\"h\"}]}}",
		"sluice: refused\n"
		"\n"
		"error: secret.x on r: a secret\n"
		"    f:1: d\n"
		"    f:2: d\n"
		"    … and 1 more\n"
		"  hint: h\n"
		"\n"
		"evidence: 42\n");
}

static void without_evidence_nothing_passes_and_it_says_so(void **state)
{
	struct buf out = BUF_INIT(4096);
	struct err err = ERR_INIT;

	(void)state;
	err_set(&err, ERR_LOG, "no key");
	err_hint(&err, "run: sluice init");
	message_failure(&err, &out);
	assert_string_equal("sluice: could not judge\nno key\n"
			    "  hint: run: sluice init\n"
			    "evidence: none, so the push is refused\n",
		buf_cstr(&out));
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_accepted_push_is_two_lines),
		cmocka_unit_test(a_refusal_says_what_where_and_how_to_mend),
		cmocka_unit_test(observing_is_said_loudly),
		cmocka_unit_test(what_is_not_a_verdict_is_could_not_judge),
		cmocka_unit_test(many_findings_are_grouped_and_counted),
		cmocka_unit_test(the_same_place_is_told_once),
		cmocka_unit_test(
			without_evidence_nothing_passes_and_it_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
