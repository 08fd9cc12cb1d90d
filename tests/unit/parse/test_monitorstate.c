#include "../../support/unit.h"

#include "parse/monitorstate.h"

#define ROOT "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
#define A "0123456789abcdef0123456789abcdef01234567"
#define Z "0000000000000000000000000000000000000000"
#define HEAD "size 9\nroot " ROOT "\nlast 1700000000\nnext 2\n"

static bool parses(const char *text, struct monitor_state *s)
{
	struct err err = ERR_INIT;
	bool ok = !monitorstate_parse(span_str(text), s, &err);

	assert_true(ok || (err.code == ERR_LOG && err.hint[0]));
	return ok;
}

static void test_there_and_back(void **unused)
{
	static const char *const good[] = {
		HEAD,
		HEAD "pending 0 0\npending 8 1700000001\n",
		HEAD "told fork x y\n",
		HEAD "pending 3 4\ntold rollback a\ntold fork b\n"
		     "told damage c\ntold silence d\n",
		HEAD "moved 4 3 1700000000 " A " " Z " refs/heads/x a b c\n"
		     "moved 4 8 0 " Z " " A " refs/heads/x a\n",
		HEAD "gated 0 a\nref " A " 8 refs/heads/x a\n"
		     "ref " Z " 0 refs/heads/y a\n"
		     "ref " A " 3 refs/heads/x a b\ngated 3 b\ntold fork x\n",
	};
	size_t i;

	(void)unused;
	for (i = 0; i < ARRAY_LEN(good); i++) {
		struct buf out = BUF_INIT(MONITORSTATE_MAX);
		struct monitor_state s;

		assert_true(parses(good[i], &s));
		assert_int_equal(s.size, 9);
		assert_int_equal(s.next, 2);
		assert_int_equal(s.last, 1700000000);
		monitorstate_text(&s, &out);
		unit_span_is(buf_all(&out), good[i]);
		monitorstate_free(&s);
		buf_free(&out);
	}
}

static void test_refused(void **unused)
{
	static const char *const bad[] = {
		"",
		"size 9\n",
		"size 09\nroot " ROOT "\nlast 1\nnext 0\n",
		"size 9\nroot AAAA\nlast 1\nnext 0\n",
		"size 9\nroot " ROOT "\nlast -1\nnext 0\n",
		"size 9\nroot " ROOT "\nlast 1\n",
		"size 9223372036854775807\nroot " ROOT "\nlast 1\nnext 0\n",
		"size 0\nroot " ROOT "\nlast 1\nnext 0\npending 0 0\n",
		HEAD "x",
		HEAD "pending 3\n",
		HEAD "pending 9 1\n",
		HEAD "pending 3 1\npending 3 1\n",
		HEAD "pending 3 1\npending 2 1\n",
		HEAD "pending 3 1 \n",
		HEAD "told fork\n",
		HEAD "told fork \n",
		HEAD "told forks a\n",
		HEAD "told ungated a\n",
		HEAD "told fork a\ntold fork a\n",
		HEAD "told fork a\ntold rollback a\n",
		HEAD "told fork a\tb\n",
		HEAD "told fork \xff\n",
		HEAD "told fork a\npending 3 1\n",
		HEAD "moved 4 3 1 " A " " Z " refs/heads/x\n",
		HEAD "moved 4 3 1 " A " " Z " refs/heads/x \n",
		HEAD "moved 4 3 1 " A " " Z "  a\n",
		HEAD "moved 9 3 1 " A " " Z " refs/heads/x a\n",
		HEAD "moved 4 9 1 " A " " Z " refs/heads/x a\n",
		HEAD "moved 4 3 -1 " A " " Z " refs/heads/x a\n",
		HEAD "moved 4 3 1 " A " 0 refs/heads/x a\n",
		HEAD "moved 4 3 1 " A " " Z " refs/\x01/x a\n",
		HEAD "moved 4 3 1 " A " " Z " r a\n"
		     "moved 3 3 1 " A " " Z " r a\n",
		HEAD "ref " A " 3 refs/heads/x a\npending 3 1\n",
		HEAD "ref " A " 3 refs/heads/x\n",
		HEAD "ref " A " 3  a\n",
		HEAD "ref " A " 03 r a\n",
		HEAD "ref " A " 9 r a\n",
		HEAD "ref 0 3 r a\n",
		HEAD "ref " A " 3 r a\nref " A " 3 r a\n",
		HEAD "ref " A " 3 s a\nref " A " 3 r a\n",
		HEAD "ref " A " 3 r b\nref " A " 3 r a\n",
		HEAD "ref " A " 3 r a\ngated 1 a\n",
		HEAD "ref " A " 3 r \xff\n",
		HEAD "gated 1\n",
		HEAD "gated 1 \n",
		HEAD "gated 9 a\n",
		HEAD "gated 1 a\ngated 1 a\n",
		HEAD "told fork a",
	};
	struct buf text = BUF_INIT(MONITORSTATE_MAX);
	struct monitor_state s;
	size_t i;

	(void)unused;
	for (i = 0; i < ARRAY_LEN(bad); i++) {
		if (parses(bad[i], &s))
			fail_msg("taken: %s", bad[i]);
		monitorstate_free(&s);
	}
	/* As long as may be, and a byte more. */
	buf_str(&text, HEAD "told fork ");
	for (i = 1; i < MONITOR_TEXT_MAX; i++)
		buf_byte(&text, 'a');
	buf_byte(&text, '\n');
	assert_true(parses(buf_cstr(&text), &s));
	text.p[text.n - 1] = 'a';
	buf_byte(&text, '\n');
	assert_false(parses(buf_cstr(&text), &s));
	buf_free(&text);
}

static void test_pending(void **unused)
{
	struct buf text = BUF_INIT(MONITORSTATE_MAX);
	struct monitor_state s = {.size = MONITOR_PENDING_MAX + 1};
	uint64_t i;

	(void)unused;
	for (i = 0; i < MONITOR_PENDING_MAX + 1; i++)
		monitorstate_pend(&s, i, 1);
	monitorstate_text(&s, &text);
	/* One too many. */
	monitorstate_settle(&s, 77);
	monitorstate_settle(&s, 77);
	monitorstate_settle(&s, UINT64_MAX);
	assert_int_equal(s.npending, MONITOR_PENDING_MAX);
	assert_int_equal(s.pending[76].entry, 76);
	assert_int_equal(s.pending[77].entry, 78);
	monitorstate_free(&s);
	assert_false(parses(buf_cstr(&text), &s));
	monitorstate_free(&s);
	buf_reset(&text);
	s.size = MONITOR_PENDING_MAX;
	for (i = 0; i < MONITOR_PENDING_MAX; i++)
		monitorstate_pend(&s, i, INT64_MAX);
	monitorstate_text(&s, &text);
	assert_false(text.full);
	monitorstate_free(&s);
	assert_true(parses(buf_cstr(&text), &s));
	assert_int_equal(s.npending, MONITOR_PENDING_MAX);
	monitorstate_free(&s);
	buf_free(&text);
}

/* What is remembered of refs, and for how long. */
static void test_refs(void **unused)
{
	struct monitor_state s = {.size = 10}, t;
	struct monitor_move m = {.repository = "r", .ref = "x"};
	const struct oid one = {{1}}, none = {{0}};
	size_t i;

	(void)unused;
	assert_null(monitorstate_ref(&s, "r", "x"));
	assert_true(monitorstate_put(&s, "r", "x", &one, 1));
	assert_true(monitorstate_put(&s, "r", "gone", &none, 1));
	assert_true(monitorstate_put(&s, "r", "", &none, 2));
	assert_true(monitorstate_put(&s, "q", "x", &none, 3));
	assert_true(monitorstate_put(&s, "r", "x", &one, 4));
	assert_int_equal(monitorstate_ref(&s, "r", "x")->by, 4);
	assert_int_equal(monitorstate_ref(&s, "q", "x")->by, 3);
	for (i = 0; i < 3; i++) {
		m.entry = i;
		monitorstate_wait(&s, &m);
	}
	monitorstate_drop(&s, 1);
	assert_int_equal(s.nwaiting, 2);
	assert_int_equal(s.waiting[1].entry, 2);
	monitorstate_copy(&t, &s);
	assert_string_equal(t.waiting[1].ref, "x");
	assert_non_null(monitorstate_ref(&t, "r", "gone"));
	monitorstate_free(&t);
	s.size = 200000;
	monitorstate_copy(&t, &s);
	assert_null(monitorstate_ref(&t, "r", "gone"));
	assert_non_null(monitorstate_ref(&t, "r", ""));
	assert_non_null(monitorstate_ref(&t, "r", "x"));
	monitorstate_free(&t);
	monitorstate_free(&s);
}

/* No log can make it remember without end. */
static void test_many_refs(void **unused)
{
	struct buf text = BUF_INIT(MONITORSTATE_MAX);
	const struct oid one = {{1}};
	struct monitor_state s = {.size = 10}, t;
	char name[1000], ref[32];
	unsigned i;

	(void)unused;
	memset(name, 'n', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	for (i = 0; i < 100000; i++) {
		snprintf(ref, sizeof(ref), "refs/%u", i);
		if (!monitorstate_put(&s, name, ref, &one, 1))
			break;
	}
	assert_in_range(i, 30000, 40000);
	assert_true(monitorstate_put(&s, name, "refs/7", &one, 2));
	monitorstate_text(&s, &text);
	assert_false(text.full);
	assert_true(parses(buf_cstr(&text), &t));
	assert_int_equal(t.names, s.names);
	assert_int_equal(monitorstate_ref(&t, name, "refs/7")->by, 2);
	monitorstate_free(&t);
	monitorstate_free(&s);
	buf_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_there_and_back),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_pending),
		cmocka_unit_test(test_refs),
		cmocka_unit_test(test_many_refs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
