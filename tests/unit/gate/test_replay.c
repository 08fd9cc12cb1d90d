#include "gate/replay.h"

#include "../../support/records.h"
#include "../../support/unit.h"
#include "gather/gather.h"
#include "parse/policy.h"
#include "parse/record.h"

#define REF "refs/heads/main"

struct world {
	struct arena *a;
	struct policy *policy;
	struct doc *record;
	struct replay r;
	struct err err;
};

static int set_up(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	if (!w)
		return -1;
	w->a = arena_new(64u << 20);
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;

	doc_free(w->record);
	arena_free(w->a);
	free(w);
	return 0;
}

static void policy_is(struct world *w, const char *section)
{
	const char *text = arena_fmt(w->a,
		"{\"people\": {\"ada\": {\"email\": [\"ada@example.org\"], "
		"\"ssh\": [\"ada.pub\"]}},"
		"\"repositories\": [{\"match\": [\"**\"], \"refs\": "
		"[{\"match\": [\"**\"]%s}]}]}",
		section);

	if (policy_parse(span_str(text), w->a, &w->policy, &w->err))
		fail_msg("%s", w->err.text);
	snprintf(w->policy->keys_digest, sizeof(w->policy->keys_digest), "k");
}

/* The record with these facts (NULL: as before facts were kept), opened. */
static int open_with(struct world *w, const char *facts)
{
	struct buf text = BUF_INIT(1 << 20);
	struct doc *f = NULL, *j = test_decision("accept", REF, 3);
	int ret;

	if (facts) {
		assert_int_equal(doc_parse(span_str(facts), &f, &w->err), 0);
		doc_set(test_predicate(j), "facts", f);
	}
	test_text(j, &text);
	doc_free(w->record);
	assert_int_equal(record_parse(buf_all(&text), &w->record, &w->err), 0);
	ret = replay_open(&w->r, w->record, w->policy, w->a, &w->err);
	if (!ret) {
		gather_sections(&w->r.facts, w->a);
		replay_judge(&w->r);
	}
	buf_free(&text);
	return ret;
}

static void untold_is(struct world *w, const char *check)
{
	size_t i;

	assert_int_equal(w->r.verdict, VERDICT_UNDECIDED);
	assert_false(w->r.admitted);
	for (i = 0; i < w->r.ngap; i++)
		if (!strcmp(w->r.gap[i].check, check))
			return;
	fail_msg("%s is told", check);
}

/* Whatever a rule asks, a record without facts does not answer. */
static void test_old_records(void **state)
{
	static const char *const asks[][2] = {
		{", \"signature\": {\"by\": [\"ada\"]}", "signature"},
		{", \"approval\": {\"count\": 1, \"by\": [\"ada\"]}",
			"approval"},
		{", \"secret\": {\"rules\": [\"builtin\"]}", "secret"},
		{", \"message\": {\"sign_off\": true}", "message"},
		{", \"file\": {\"deny\": [\"*.pem\"]}", "file"},
		{", \"identity\": {\"email\": \"strict\"}", "identity"},
		{", \"robot\": {\"commit\": []}", "robot"},
		{", \"ref\": {\"force_push\": \"deny\"}", "ref"},
		{", \"mode\": \"enforce\"", "ref"}};
	struct world *w = *state;
	size_t i;

	for (i = 0; i < ARRAY_LEN(asks); i++) {
		policy_is(w, asks[i][0]);
		assert_int_equal(open_with(w, NULL), 0);
		untold_is(w, asks[i][1]);
		/* Of a version that nobody knows yet. */
		assert_int_equal(open_with(w,
					 "{\"version\": 3, \"people\": \"00\", "
					 "\"updates\": []}"),
			0);
		untold_is(w, asks[i][1]);
	}
}

#define FACTS(update, more)                                                   \
	"{\"version\": 1, \"people\": \"00\", \"updates\": [" update "]" more \
	"}"
#define NEWER(more)                                                            \
	"{\"version\": 2, \"people\": \"00\", \"updates\": ["                  \
	"{\"movement\": \"forward\", \"type\": \"commit\", \"sections\": {}, " \
	"\"commits\": \"0\"}]" more "}"
#define ZERO "0000000000000000000000000000000000000001"
#define UPDATE(movement, more)                                    \
	"{\"movement\": \"" movement "\", \"type\": \"commit\", " \
	"\"sections\": {}" more "}"

/* What the record does have is judged again. */
static void test_again(void **state)
{
	struct world *w = *state;

	policy_is(w, ", \"ref\": {\"force_push\": \"deny\"}");
	assert_int_equal(
		open_with(
			w, FACTS(UPDATE("forced", ", \"commits\": \"0\""), "")),
		0);
	assert_int_equal(w->r.verdict, VERDICT_REJECT);
	assert_int_equal(w->r.findings.n, 1);
	assert_string_equal(w->r.findings.v[0].def->id, "ref.force_push");
	assert_int_equal(open_with(w, FACTS(UPDATE("forward", ""), "")), 0);
	assert_int_equal(w->r.verdict, VERDICT_ACCEPT);
	/* Other people: whose signatures these are is not known. */
	policy_is(w, ", \"signature\": {\"by\": [\"ada\"]}");
	assert_int_equal(open_with(w, FACTS(UPDATE("forward", ""), "")), 0);
	untold_is(w, "signature");
}

/* Facts at odds with their record are no facts. */
static void test_false_facts(void **state)
{
	static const char *const bad[] = {
		"{\"version\": 1, \"people\": \"00\", \"updates\": []}",
		FACTS(UPDATE("sideways", ""), ""),
		FACTS(UPDATE("forward", ", \"commits\": \"0-9\""), ""),
		FACTS(UPDATE("forward", ", \"commits\": \"0,0\""), ""),
		FACTS(UPDATE("forward", ", \"tags\": \"0\""), ""),
		FACTS(UPDATE("forward", ", \"last\": \"blobs\""), ""),
		FACTS(UPDATE("forward", ""), ", \"merges\": \"7\""),
		FACTS(UPDATE("forward", ""), ", \"malformed\": \"x\""),
		FACTS(UPDATE("forward", ""),
			", \"coauthors\": [{\"at\": 99, \"email\": \"a\"}]"),
		FACTS(UPDATE("forward", ""),
			", \"approvals\": [{}, {}, {}, {}, {}, {}]"),
		FACTS(UPDATE("forward", ""),
			", \"tags\": [{\"name\": \"a\"}, {\"name\": \"b\"}, "
			"{\"name\": \"c\"}]"),
		NEWER(", \"tagged\": \"9\""),
		NEWER(", \"merges\": \"0\""),
		NEWER(", \"parents\": [{\"at\": 0, \"of\": [\"" ZERO
		      "\", \"" ZERO "\"]}]"),
		NEWER(", \"merges\": \"0\", \"parents\": [{\"at\": 0, \"of\": "
		      "[\"" ZERO "\"]}]"),
		NEWER(", \"merges\": \"0\", \"parents\": [{\"at\": 7, \"of\": "
		      "[\"" ZERO "\", \"" ZERO "\"]}]"),
		NEWER(", \"reviews\": [{\"update\": 0}]"),
		NEWER(", \"objections\": [{\"object\": \"" ZERO
		      "\", \"commit\": \"" ZERO
		      "\", \"person\": \"ada\", \"update\": 1}]"),
	};
	struct world *w = *state;
	size_t i;

	policy_is(w, ", \"mode\": \"enforce\"");
	for (i = 0; i < ARRAY_LEN(bad); i++) {
		assert_int_equal(open_with(w, bad[i]), -1);
		assert_int_equal(w->err.code, ERR_INPUT);
		err_clear(&w->err);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_old_records, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_again, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			test_false_facts, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
