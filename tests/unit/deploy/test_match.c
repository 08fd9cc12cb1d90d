/* Every verdict, from a small log told as a table. */
#include "deploy/match.h"
#include "deploy/report.h"

#include "../../support/unit.h"
#include "parse/revision.h"

static struct arena *arena;

static int start(void **state)
{
	(void)state;
	arena = arena_new((size_t)16 << 20);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

/* Commits by one letter: 'a' is aaaa…; '0' the zero name. */
static struct oid oid(char c)
{
	struct oid o = {{0}};

	if (c != '0')
		memset(o.b, (c - 'a' + 10) * 17, OID_RAW);
	return o;
}

struct row {
	enum record_kind kind;
	const char *repository;
	enum verdict verdict;
	bool observe, admitted;
	const char *commits;    /* letters */
	const char *updates[4]; /* "<old><new> <ref>" */
	uint64_t decision;
};

#define ACCEPT(repo, commits, ...)                                           \
	{                                                                    \
		RECORD_DECISION, repo, VERDICT_ACCEPT, false, true, commits, \
			{__VA_ARGS__}, 0                                     \
	}
#define REJECT(repo, commits, ...)                                            \
	{                                                                     \
		RECORD_DECISION, repo, VERDICT_REJECT, false, false, commits, \
			{__VA_ARGS__}, 0                                      \
	}
#define OUTCOME(repo, of, ...)                                         \
	{                                                              \
		RECORD_OUTCOME, repo, VERDICT_ACCEPT, false, true, "", \
			{__VA_ARGS__}, of                              \
	}

static const struct row rows[] = {
	/* 0 */ {RECORD_ADOPT, "p/api", VERDICT_ACCEPT, false, true, "ab",
		{"0b refs/heads/main"}, 0},
	/* 1 */ ACCEPT("p/api", "cd", "bd refs/heads/main"),
	/* 2 */ OUTCOME("p/api", 1, "bd refs/heads/main"),
	/* 3 */ REJECT("p/api", "e", "de refs/heads/main"),
	/* 4 */ ACCEPT("p/api", "e", "0e refs/heads/topic"),
	/* 5 */ OUTCOME("p/api", 4, "0e refs/heads/topic"),
	/* 6 */ ACCEPT("p/api", "f", "df refs/heads/main"),
};

static void tell(struct history *h, const struct row *r, size_t n)
{
	size_t i, j;

	for (i = 0; i < n; i++) {
		struct entry e = {.kind = r[i].kind,
			.repository = span_str(r[i].repository),
			.time = SPAN_LIT("2026-11-23T08:00:00Z"),
			.verdict = r[i].verdict,
			.observe = r[i].observe,
			.admitted = r[i].admitted,
			.settles = r[i].kind == RECORD_OUTCOME,
			.decision = r[i].decision};

		e.ncommit = strlen(r[i].commits);
		e.commit = arena_get(arena, e.ncommit + 1, sizeof(*e.commit));
		for (j = 0; j < e.ncommit; j++)
			e.commit[j] = oid(r[i].commits[j]);
		e.update = arena_get(arena, 4, sizeof(*e.update));
		for (j = 0; j < 4 && r[i].updates[j]; j++) {
			e.update[j].old = oid(r[i].updates[j][0]);
			e.update[j].new = oid(r[i].updates[j][1]);
			e.update[j].ref = span_str(r[i].updates[j] + 3);
		}
		e.nupdate = j;
		history_add(h, i, &e);
	}
	history_end(h);
}

static struct deploy_answer ask_of(const struct row *r, size_t nr,
	const char *revision, const char *repository, const char *ref,
	const char *claim, const char *dirty)
{
	struct deployed_list l = {.arena = arena};
	struct deploy_wish wish = {span_str(repository), span_str(ref)};
	struct deploy_answer out;
	struct deployed *d = deployed_add(&l);
	struct history h;

	revision_read(span_str(revision), arena, d);
	d->repository = span_str(claim);
	if (dirty)
		d->dirty = dirty;
	history_begin(arena, &l, &h);
	tell(&h, r, nr);
	deploy_match(&h, &wish, d, arena, &out);
	assert_non_null(out.why);
	return out;
}

static const char *whole(char c)
{
	struct oid o = oid(c);
	char *hex = arena_get(arena, OID_HEX + 1, 1);

	return oid_hex(&o, hex);
}

static void expect(const struct row *r, size_t nr, char c, const char *repo,
	const char *ref, const char *claim, enum deploy_verdict v,
	uint64_t entry, int line)
{
	struct deploy_answer a =
		ask_of(r, nr, whole(c), repo, ref, claim, NULL);

	if (a.verdict != v || a.entry != entry)
		fail_msg("line %d: %s, entry %lld: %s", line,
			deploy_verdict_name(a.verdict), (long long)a.entry,
			a.why);
}
#define NONE DEPLOY_NO_ENTRY
#define IS(rows, c, repo, ref, claim, v, entry) \
	expect(rows, ARRAY_LEN(rows), c, repo, ref, claim, v, entry, __LINE__)

static void plain(void **state)
{
	(void)state;
	IS(rows, 'a', NULL, NULL, NULL, DEPLOY_ADOPTED, 0);
	IS(rows, 'b', NULL, NULL, NULL, DEPLOY_ADOPTED, 0);
	IS(rows, 'c', NULL, NULL, NULL, DEPLOY_GATED, 1);
	IS(rows, 'd', NULL, NULL, NULL, DEPLOY_GATED, 1);
	/* refused for main, then accepted on topic */
	IS(rows, 'e', NULL, NULL, NULL, DEPLOY_GATED, 4);
	/* no outcome: nothing says that the ref moved */
	IS(rows, 'f', NULL, NULL, NULL, DEPLOY_NOT_APPLIED, 6);
	/* the zero name is no commit, though it stands in every creation */
	assert_int_equal(ask_of(rows, ARRAY_LEN(rows), whole('0'), NULL, NULL,
				 NULL, NULL)
				 .verdict,
		DEPLOY_NOT_EVALUABLE);
	assert_int_equal(ask_of(rows, ARRAY_LEN(rows),
				 "1234567890123456789012345678901234567890",
				 NULL, NULL, NULL, NULL)
				 .verdict,
		DEPLOY_UNKNOWN);
}

static void wishes(void **state)
{
	(void)state;
	IS(rows, 'd', "p/api", NULL, NULL, DEPLOY_GATED, 1);
	IS(rows, 'd', "p/web", NULL, NULL, DEPLOY_ELSEWHERE, 1);
	IS(rows, 'd', NULL, NULL, "p/api", DEPLOY_GATED, 1);
	IS(rows, 'd', NULL, NULL, "p/web", DEPLOY_ELSEWHERE, 1);
	/* the claim of the item does not widen the wish */
	IS(rows, 'd', "p/web", NULL, "p/api", DEPLOY_ELSEWHERE, 1);
	IS(rows, 'a', "p/web", NULL, NULL, DEPLOY_ELSEWHERE, 0);
	IS(rows, 'd', NULL, "refs/heads/main", NULL, DEPLOY_GATED, 1);
	IS(rows, 'd', NULL, "refs/heads/*", NULL, DEPLOY_GATED, 1);
	IS(rows, 'd', NULL, "refs/heads/release/*", NULL, DEPLOY_ELSEWHERE, 1);
	IS(rows, 'd', NULL, "main", NULL, DEPLOY_ELSEWHERE, 1);
	/* asked about main, the refusal there is the better answer */
	IS(rows, 'e', NULL, "refs/heads/main", NULL, DEPLOY_REJECTED, 3);
	IS(rows, 'f', NULL, "refs/heads/topic", NULL, DEPLOY_NOT_APPLIED, 6);
}

static void several_refs(void **state)
{
	static const struct row r[] = {
		ACCEPT("p", "abcd", "0b refs/heads/main",
			"0d refs/heads/topic"),
		OUTCOME("p", 0, "0b refs/heads/main", "0d refs/heads/topic"),
		/* only one of the two moved */
		ACCEPT("p", "ef", "be refs/heads/main", "df refs/heads/topic"),
		OUTCOME("p", 2, "df refs/heads/topic"),
	};

	(void)state;
	/* each tip is known to be on its ref */
	IS(r, 'b', NULL, "refs/heads/main", NULL, DEPLOY_GATED, 0);
	IS(r, 'd', NULL, "refs/heads/topic", NULL, DEPLOY_GATED, 0);
	IS(r, 'd', NULL, "refs/heads/main", NULL, DEPLOY_ELSEWHERE, 0);
	/* what is between may be on either */
	IS(r, 'a', NULL, "refs/heads/main", NULL, DEPLOY_ELSEWHERE, 0);
	IS(r, 'c', NULL, "refs/heads/main", NULL, DEPLOY_ELSEWHERE, 0);
	IS(r, 'a', NULL, "refs/heads/*", NULL, DEPLOY_GATED, 0);
	IS(r, 'a', NULL, NULL, NULL, DEPLOY_GATED, 0);
	IS(r, 'e', NULL, NULL, NULL, DEPLOY_NOT_APPLIED, 2);
	IS(r, 'f', NULL, NULL, NULL, DEPLOY_GATED, 2);
}

static void odd_pushes(void **state)
{
	static const struct row r[] = {
		/* 0: brought in by an approval, which other rules judge */
		ACCEPT("p", "a", "0b refs/sluice/approvals/x/1"),
		OUTCOME("p", 0, "0b refs/sluice/approvals/x/1"),
		/* 2: let in although it broke the policy */
		{RECORD_DECISION, "p", VERDICT_REJECT, true, true, "c",
			{"0c refs/heads/main"}, 0},
		OUTCOME("p", 2, "0c refs/heads/main"),
		/* 4: the gate could not judge */
		{RECORD_DECISION, "p", VERDICT_UNDECIDED, false, false, "d",
			{"cd refs/heads/main"}, 0},
		/* 5: main and a deletion in one push */
		ACCEPT("p", "e", "ce refs/heads/main", "f0 refs/heads/old"),
		OUTCOME("p", 5, "ce refs/heads/main", "f0 refs/heads/old"),
		/* 7: fast-forward of a ref to what was judged before */
		ACCEPT("p", "", "0e refs/heads/release/1"),
		OUTCOME("p", 7, "0e refs/heads/release/1"),
		/* 9: an outcome that names another repository's decision */
		ACCEPT("p", "f", "ef refs/heads/main"),
		OUTCOME("q", 9, "ef refs/heads/main"),
		/* 11: an outcome for a ref that was not decided */
		OUTCOME("p", 9, "ef refs/heads/other"),
	};

	(void)state;
	IS(r, 'a', NULL, NULL, NULL, DEPLOY_ELSEWHERE, 0);
	IS(r, 'a', NULL, "refs/sluice/**", NULL, DEPLOY_GATED, 0);
	IS(r, 'c', NULL, NULL, NULL, DEPLOY_REJECTED, 2);
	IS(r, 'd', NULL, NULL, NULL, DEPLOY_REJECTED, 4);
	IS(r, 'e', NULL, "refs/heads/main", NULL, DEPLOY_GATED, 5);
	IS(r, 'e', NULL, "refs/heads/release/*", NULL, DEPLOY_GATED, 7);
	IS(r, 'f', NULL, NULL, NULL, DEPLOY_NOT_APPLIED, 9);
}

static void short_names(void **state)
{
	struct deploy_answer a;

	(void)state;
	a = ask_of(rows, ARRAY_LEN(rows), "ccccccc", NULL, NULL, NULL, NULL);
	assert_int_equal(a.verdict, DEPLOY_GATED);
	a = ask_of(rows, ARRAY_LEN(rows), "ccccccccc", NULL, NULL, NULL, NULL);
	assert_int_equal(a.verdict, DEPLOY_GATED);
	a = ask_of(rows, ARRAY_LEN(rows), "ccccccd", NULL, NULL, NULL, NULL);
	assert_int_equal(a.verdict, DEPLOY_UNKNOWN);
	/* two commits that begin alike */
	{
		struct deployed_list l = {.arena = arena};
		struct deploy_wish wish = {SPAN_EMPTY, SPAN_EMPTY};
		struct deployed *d = deployed_add(&l);
		struct entry_update up = {
			SPAN_LIT("refs/heads/main"), oid('0'), oid('c')};
		struct oid two[2] = {oid('c'), oid('c')};
		struct entry e = {.kind = RECORD_DECISION,
			.verdict = VERDICT_ACCEPT,
			.admitted = true,
			.update = &up,
			.nupdate = 1,
			.commit = two,
			.ncommit = 2};
		struct history h;

		two[0].b[19] ^= 1;
		revision_read(SPAN_LIT("ccccccc"), arena, d);
		history_begin(arena, &l, &h);
		assert_true(history_add(&h, 0, &e));
		history_end(&h);
		deploy_match(&h, &wish, d, arena, &a);
		assert_int_equal(a.verdict, DEPLOY_NOT_EVALUABLE);
		assert_non_null(strstr(a.why, "several"));
	}
}

static void dirt(void **state)
{
	struct deploy_answer a;

	(void)state;
	a = ask_of(rows, ARRAY_LEN(rows), whole('c'), NULL, NULL, NULL,
		"1 file changed");
	assert_int_equal(a.verdict, DEPLOY_DIRTY);
	assert_int_equal(a.entry, 1);
	assert_non_null(strstr(a.why, "1 file changed"));
	assert_non_null(strstr(a.why, "accepted on refs/heads/main"));
	/* dark and dirty is dark */
	a = ask_of(rows, ARRAY_LEN(rows),
		"1234567890123456789012345678901234567890", NULL, NULL, NULL,
		"1 file changed");
	assert_int_equal(a.verdict, DEPLOY_UNKNOWN);
	assert_non_null(strstr(a.why, "1 file changed"));
	/* dirt is a fact even where the commit cannot be looked up */
	a = ask_of(rows, ARRAY_LEN(rows), "v1-dirty", NULL, NULL, NULL, NULL);
	assert_int_equal(a.verdict, DEPLOY_DIRTY);
	a = ask_of(rows, ARRAY_LEN(rows), "v1", NULL, NULL, NULL, NULL);
	assert_int_equal(a.verdict, DEPLOY_NOT_EVALUABLE);
	a = ask_of(rows, ARRAY_LEN(rows), "v1", NULL, NULL, NULL, "changed");
	assert_int_equal(a.verdict, DEPLOY_DIRTY);
}

/* Many wants of several lengths: each commit is asked for or not, as a plain
 * comparison says. */
static void wants(void **state)
{
	struct deployed_list l = {.arena = arena};
	struct history h;
	unsigned i, j;

	(void)state;
	for (i = 0; i < 300; i++) {
		char hex[OID_HEX + 1];
		struct oid o = {{0}};

		for (j = 0; j < OID_RAW; j++)
			o.b[j] = (unsigned char)(i * 7919 + j * 31 + i * j);
		oid_hex(&o, hex);
		revision_read(span_of(hex, 7 + (i * 13) % 34), arena,
			deployed_add(&l));
	}
	history_begin(arena, &l, &h);
	for (i = 0; i < 2000; i++) {
		char hex[OID_HEX + 1];
		struct oid o = {{0}};
		bool plainly = false;

		for (j = 0; j < OID_RAW; j++)
			o.b[j] = (unsigned char)(i / 2 * 7919 + j * 31 +
				i / 2 * j);
		if (i % 2)
			o.b[4] ^= 1;
		oid_hex(&o, hex);
		for (j = 0; j < l.n && !plainly; j++)
			plainly = span_starts(
				span_of(hex, OID_HEX), l.v[j].revision);
		assert_int_equal(history_wants(&h, &o), plainly);
	}
}

static void what_is_in_doubt_is_not_fine(void **state)
{
	struct arena *a = arena_new(1 << 20);
	struct deploy_answer gated = {
		DEPLOY_GATED, 7, 0, "accepted", DEPLOY_KEYS_SOUND};
	struct deploy_answer answer = gated;

	(void)state;
	deploy_untold(&answer, "it is gone", a);
	assert_int_equal(answer.verdict, DEPLOY_NOT_EVALUABLE);
	assert_int_equal(answer.keys, DEPLOY_KEYS_UNTOLD);
	assert_non_null(strstr(answer.why, "accepted; whether"));
	answer = gated;
	deploy_doubt(&answer, "a key", a);
	assert_int_equal(answer.verdict, DEPLOY_DOUBT);
	assert_string_equal(answer.why, "accepted; a key");
	assert_string_equal(deploy_verdict_name(answer.verdict), "in doubt");
	/* What is known is worse than what is not. */
	deploy_untold(&answer, "it is gone", a);
	assert_int_equal(answer.verdict, DEPLOY_DOUBT);
	assert_int_equal(answer.keys, DEPLOY_KEYS_COMPROMISED);
	assert_false(deploy_fine(DEPLOY_DOUBT, true));
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_in_doubt_is_not_fine),
		cmocka_unit_test(plain),
		cmocka_unit_test(wishes),
		cmocka_unit_test(several_refs),
		cmocka_unit_test(odd_pushes),
		cmocka_unit_test(short_names),
		cmocka_unit_test(dirt),
		cmocka_unit_test(wants),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
