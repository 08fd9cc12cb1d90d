#include "parse/waiver.h"

#include "parse/tag.h"
#include "support/unit.h"

#define C1 "1111111111111111111111111111111111111111"
#define C2 "2222222222222222222222222222222222222222"
#define ON_COMMIT "object " C1 "\ntype commit\ntag w\n"
#define ON_TREE "object " C2 "\ntype tree\ntag w\n"
#define TAGGER "tagger Ada <ada@example.org> 1700000000 +0000\n\n"
#define WHAT                                          \
	"Sluice: waiver\nRepository: team/app\nFor: " \
	"refs/heads/main\nFinding: secret.github_pat\n"
#define TIL "Until: 2026-12-01T12:00:00Z\n"
#define GOOD WHAT "Fingerprint: 00ff\nReason: a test key\n" TIL

struct run {
	struct arena *arena;
	struct waiver w;
	const char *fault;
};

static struct run parse(const char *head, const char *message)
{
	static const struct oid id = {{9}};
	struct run r = {.arena = arena_new(1 << 24)};
	struct err err = ERR_INIT;
	struct tag t;
	char text[8000];

	snprintf(text, sizeof(text), "%s" TAGGER "a subject\n\n%s", head,
		message);
	assert_int_equal(tag_parse(span_str(text), &id, r.arena, &t, &err), 0);
	r.fault = waiver_read(&t, &r.w);
	/* The spans may be of ${text}, which goes. */
	r.w.reason = arena_copy(r.arena, r.w.reason);
	r.w.ref = arena_copy(r.arena, r.w.ref);
	r.w.finding = arena_copy(r.arena, r.w.finding);
	r.w.fingerprint = arena_copy(r.arena, r.w.fingerprint);
	r.w.path = arena_copy(r.arena, r.w.path);
	r.w.repository = arena_copy(r.arena, r.w.repository);
	return r;
}

static void faulty(const char *head, const char *message, const char *want)
{
	struct run r = parse(head, message);

	if (!r.fault || !strstr(r.fault, want))
		fail_msg("said '%s', expected '%s'",
			r.fault ? r.fault : "nothing", want);
	arena_free(r.arena);
}

static void what_it_waives_is_read(void **state)
{
	struct run r = parse(ON_COMMIT,
		GOOD "Path: a b\nSigned-off-by: Ada <ada@example.org>\n");

	(void)state;
	assert_null(r.fault);
	unit_span_is(r.w.repository, "team/app");
	unit_span_is(r.w.ref, "refs/heads/main");
	unit_span_is(r.w.finding, "secret.github_pat");
	assert_int_equal(r.w.id, FINDING_SECRET_FOUND);
	unit_span_is(r.w.fingerprint, "00ff");
	unit_span_is(r.w.path, "a b");
	unit_span_is(r.w.reason, "a test key");
	assert_int_equal(r.w.until, 1796126400);
	assert_int_equal(r.w.commit.b[0], 0x11);
	arena_free(r.arena);
}

static void the_commit_is_named_once(void **state)
{
	struct run r = parse(ON_TREE, GOOD "Commit: " C1 "\n");

	(void)state;
	assert_null(r.fault);
	assert_int_equal(r.w.commit.b[0], 0x11);
	arena_free(r.arena);
	r = parse(ON_COMMIT, GOOD "Commit: " C1 "\n");
	assert_null(r.fault);
	arena_free(r.arena);
	faulty(ON_TREE, GOOD, "names no commit");
	faulty(ON_COMMIT, GOOD "Commit: " C2 "\n", "another commit");
	faulty(ON_TREE, GOOD "Commit: " C1 "\nCommit: " C1 "\n",
		"more than one 'Commit:'");
	faulty(ON_TREE, GOOD "Commit:\n", "more than one 'Commit:'");
	faulty(ON_TREE, GOOD "Commit: 1111111\n", "full name");
	faulty(ON_TREE, GOOD "Commit: " C1 "1\n", "full name");
}

static void each_trailer_stands_once(void **state)
{
	static const char *const lines[] = {"Sluice: waiver\n",
		"Repository: team/app\n", "For: refs/heads/main\n",
		"Finding: secret.github_pat\n", "Reason: a test key\n", TIL};
	static const char *const names[] = {"'Sluice: waiver'", "'Repository:'",
		"'For: refs/", "'Finding:'", "'Reason:'", "'Until:'"};
	struct buf text = BUF_INIT(2000);
	size_t leave, i;

	(void)state;
	for (leave = 0; leave < ARRAY_LEN(lines); leave++) {
		buf_reset(&text);
		for (i = 0; i < ARRAY_LEN(lines); i++)
			if (i != leave)
				buf_str(&text, lines[i]);
		faulty(ON_COMMIT, buf_cstr(&text), names[leave]);
		/* In another case it is the same trailer. */
		buf_str(&text, lines[leave]);
		buf_byte(&text, (unsigned char)(lines[leave][0] | 0x20));
		buf_str(&text, lines[leave] + 1);
		faulty(ON_COMMIT, buf_cstr(&text), names[leave]);
	}
	buf_free(&text);
	faulty(ON_COMMIT, GOOD "Fingerprint: 00ff\n", "'Fingerprint:'");
	faulty(ON_COMMIT, GOOD "Path: a\nPath: b\n", "'Path:'");
}

static void values_have_a_form(void **state)
{
#define REST "Reason: x\n" TIL
	(void)state;
	faulty(ON_COMMIT, "Sluice: approval\n" GOOD, "'Sluice: waiver'");
	faulty(ON_COMMIT,
		"Sluice: approval\nRepository: a\nFor: refs/heads/main\n",
		"'Sluice: waiver'");
	faulty(ON_COMMIT,
		"Sluice: waiver\nRepository: a\nFor: main\nFinding: "
		"secret.a\n" REST,
		"'For: refs/");
	faulty(ON_COMMIT,
		"Sluice: waiver\nRepository: a\nFor: refs/heads/main\n"
		"Finding: secret.*\n" REST,
		"no finding");
	faulty(ON_COMMIT,
		"Sluice: waiver\nRepository: a\nFor: refs/heads/main\n"
		"Finding: nonsense\n" REST,
		"no finding");
	faulty(ON_COMMIT,
		"Sluice: waiver\nRepository: a\nFor: refs/heads/main\n"
		"Finding: secret.not_scanned\n" REST,
		"never be waived");
	faulty(ON_COMMIT,
		"Sluice: waiver\nRepository: a\nFor: refs/heads/main\n"
		"Finding: signature.malformed\n" REST,
		"never be waived");
	faulty(ON_COMMIT, WHAT "Fingerprint: 00FF\n" REST, "'Fingerprint:'");
	faulty(ON_COMMIT, WHAT "Fingerprint: xyz\n" REST, "'Fingerprint:'");
	faulty(ON_COMMIT, WHAT "Reason: x\nUntil: tomorrow\n", "'Until:'");
	faulty(ON_COMMIT, WHAT "Reason: x\nUntil: 2026-02-30\n", "'Until:'");
	faulty(ON_COMMIT, WHAT "Reason:\n" TIL, "'Reason:'");
}

/* Only the last paragraph has trailers: quoting a refusal above it waives
 * nothing. */
static void what_stands_above_is_prose(void **state)
{
	(void)state;
	faulty(ON_COMMIT, GOOD "\nSigned-off-by: Ada <ada@example.org>\n",
		"'Sluice: waiver'");
}

static void what_is_written_is_read_back(void **state)
{
	struct run r = parse(ON_COMMIT, GOOD "Path: a b:7\n"), again;
	struct buf out = BUF_INIT(8000);
	const char *body;

	(void)state;
	waiver_write(&r.w, "waive it", &out);
	body = strstr(buf_cstr(&out), "\n\n") + 2;
	again = parse(ON_TREE, body);
	assert_null(again.fault);
	assert_true(oid_eq(&again.w.commit, &r.w.commit));
	assert_true(span_eq(again.w.finding, r.w.finding));
	assert_true(span_eq(again.w.fingerprint, r.w.fingerprint));
	assert_true(span_eq(again.w.path, r.w.path));
	assert_true(span_eq(again.w.reason, r.w.reason));
	assert_true(span_eq(again.w.ref, r.w.ref));
	assert_true(span_eq(again.w.repository, r.w.repository));
	assert_int_equal(again.w.until, r.w.until);
	buf_free(&out);
	arena_free(again.arena);
	arena_free(r.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_it_waives_is_read),
		cmocka_unit_test(the_commit_is_named_once),
		cmocka_unit_test(each_trailer_stands_once),
		cmocka_unit_test(values_have_a_form),
		cmocka_unit_test(what_stands_above_is_prose),
		cmocka_unit_test(what_is_written_is_read_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
