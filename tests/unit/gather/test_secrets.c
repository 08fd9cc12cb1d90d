/*
 * What a push brings, seen as the gate sees it: a server's repository, and the
 * objects of a clone that shares its store as the quarantine.
 */
#include "support/unit.h"

#include "base/io.h"
#include "base/proc.h"
#include "gather/gather.h"
#include "parse/policy.h"

/* No token of anybody: the word FAKE, with check digits that are right. */
#define TOKEN "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"
#define OTHER "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"

static char dir[256];

/* One shell script in a folder of its own, away from the user's git. */
static void shell(const char *script, struct buf *out)
{
	char home[300];
	const char *const argv[] = {"sh", "-euc", script, NULL};
	const char *const env[] = {home, "PATH=/usr/local/bin:/usr/bin:/bin",
		"GIT_CONFIG_NOSYSTEM=1", "GIT_AUTHOR_NAME=Ada",
		"GIT_AUTHOR_EMAIL=ada@example.org", "GIT_COMMITTER_NAME=Ada",
		"GIT_COMMITTER_EMAIL=ada@example.org", "T=" TOKEN,
		"OTHER=" OTHER, NULL};
	struct buf talk = BUF_INIT(1u << 16);
	struct proc p = {.argv = argv,
		.env = env,
		.dir = dir,
		.out = out,
		.talk = &talk,
		.timeout_ms = 60000};
	struct proc_end end;
	struct err err = ERR_INIT;

	snprintf(home, sizeof(home), "HOME=%s", dir);
	if (proc_run(&p, &end, &err))
		fail_msg("%s", err.text);
	if (end.status || end.signal)
		fail_msg("script failed: %s", buf_cstr(&talk));
	buf_free(&talk);
}

static int setup(void **state)
{
	(void)state;
	unit_dir(dir, sizeof(dir));
	shell("git init -q --bare -b main server.git\n"
	      "git clone -q server.git first 2>/dev/null; cd first\n"
	      "git checkout -q -b main; echo base >base\n"
	      "git add base; git commit -qm base; git push -q origin main\n"
	      /* Was there before, on a branch that nobody judged. */
	      "git checkout -q -b side; echo \"old=$T\" >parked.txt\n"
	      "git add .; git commit -qm side; git push -q origin side\n",
		NULL);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	unit_rm(dir);
	return 0;
}

struct seen {
	struct arena *arena;
	struct facts f;
};

/* A clone does ${script} on top of main and pushes what it prints, lines of
 * "old new ref", as far as gathering. */
static void push(const char *script, const char *policy_text, struct seen *out)
{
	struct buf lines = BUF_INIT(1u << 16), text = BUF_INIT(1u << 16);
	struct buf server = PATH_BUF_INIT, objects = PATH_BUF_INIT;
	struct buf where = PATH_BUF_INIT;
	struct push *p;
	struct gather g;
	struct policy *policy;
	struct span rest, line;
	struct err err = ERR_INIT;

	memset(out, 0, sizeof(*out));
	out->arena = arena_new(256u << 20);
	buf_str(&text,
		"rm -rf clone; git clone -q -s server.git clone\n"
		"cd clone; git checkout -q main\n");
	buf_str(&text, script);
	shell(buf_cstr(&text), &lines);
	p = ARENA_NEW(out->arena, struct push);
	p->repository = "r";
	p->pusher.name = "ada";
	p->up = arena_get(out->arena, 16, sizeof(*p->up));
	p->old_gated = arena_get(out->arena, 16, sizeof(*p->old_gated));
	rest = arena_copy(out->arena, buf_all(&lines));
	while (span_line(&rest, &line, NULL)) {
		struct ref_update *up = &p->up[p->nup];

		assert_true(oid_read(span_sub(line, 0, 40), &up->old));
		assert_true(oid_read(span_sub(line, 41, 40), &up->new));
		up->ref = span_from(line, 82);
		p->old_gated[p->nup++] = true;
	}
	assert_true(p->nup > 0);
	io_join(&server, dir, "server.git");
	io_join(&objects, dir, "clone/.git/objects");
	io_join(&where, dir, "state");
	if (policy_parse(span_str(policy_text), out->arena, &policy, &err) ||
		gather_open(&g, buf_cstr(&server), buf_cstr(&objects),
			buf_cstr(&where), out->arena, &err))
		fail_msg("%s", err.text);
	buf_reset(&text);
	io_join(&text, dir, "policy.json");
	policy->path = arena_str(out->arena, buf_all(&text));
	out->f.push = p;
	out->f.policy = policy;
	if (io_mkdirs(buf_cstr(&where), 0700, &err) ||
		gather_changes(&g, &out->f, &err) ||
		gather_secrets(&g, &out->f, &err))
		fail_msg("%s", err.text);
	gather_close(&g);
	buf_free(&lines);
	buf_free(&text);
	buf_free(&server);
	buf_free(&objects);
	buf_free(&where);
}

static void done(struct seen *s)
{
	arena_free(s->arena);
}

#define ALL(max)                                                  \
	"{\"repositories\":[{\"match\":[\"**\"],\"refs\":["       \
	"{\"match\":[\"**\"],\"secret\":{\"rules\":[\"builtin\"]" \
	",\"max_blob\":\"" max "\"}}]}]}"
#define POLICY ALL("1MiB")
#define MAIN "echo $(git rev-parse origin/main HEAD) refs/heads/main\n"

static const struct hit_fact *only(const struct seen *s)
{
	assert_int_equal(s->f.nhit, 1);
	return &s->f.hit[0];
}

static void is_commit(const struct hit_fact *h, const char *name)
{
	char script[200], hex[OID_HEX + 1];
	struct buf out = BUF_INIT(1000);

	snprintf(script, sizeof(script), "git -C clone rev-parse %s", name);
	shell(script, &out);
	oid_hex(&h->commit, hex);
	unit_span_is(span_trim(buf_all(&out)), hex);
	buf_free(&out);
}

static void clean_push(void **state)
{
	struct seen s;

	(void)state;
	push("echo hello >a; git add a; git commit -qm clean\n" MAIN, POLICY,
		&s);
	assert_int_equal(s.f.nhit, 0);
	assert_int_equal(s.f.objects, 2);
	assert_int_equal(strlen(s.f.rules_digest), 64);
	done(&s);
}

static void nobody_asks(void **state)
{
	struct seen s;

	(void)state;
	push("echo $T >a; git add a; git commit -qm x\n" MAIN,
		"{\"repositories\":[{\"match\":[\"**\"],\"refs\":[{\"match\":"
		"[\"**\"],\"ref\":{\"delete\":\"deny\"}}]}]}",
		&s);
	assert_int_equal(s.f.nhit, 0);
	assert_int_equal(s.f.objects, 0);
	assert_string_equal(s.f.rules_digest, "");
	done(&s);
}

static void in_a_blob(void **state)
{
	struct seen s;
	const struct hit_fact *h;

	(void)state;
	/* Taken out again by a later commit, yet it is in the history. */
	push("mkdir d; printf '\\nkey=%s\\n' $T >d/a.env; git add .\n"
	     "git commit -qm add; git rm -q d/a.env; git commit -qm "
	     "remove\n" MAIN,
		POLICY, &s);
	h = only(&s);
	assert_string_equal(h->rule, "github_pat");
	unit_span_is(h->path, "d/a.env");
	assert_int_equal(h->line, 2);
	assert_int_equal(h->column, 5);
	assert_int_equal(h->confidence, CONFIDENCE_HIGH);
	assert_string_equal(h->redacted, "ghp_…lp");
	assert_string_equal(h->what, "blob");
	assert_int_equal(strlen(h->fingerprint), 32);
	assert_non_null(strstr(h->remediation, "GitHub"));
	assert_false(h->unscanned);
	is_commit(h, "HEAD~1");
	done(&s);
}

static void oldest_commit_is_told(void **state)
{
	struct seen s;

	(void)state;
	push("echo $T >a; git add .; git commit -qm one\n"
	     "cp a b; git add .; git commit -qm two\n" MAIN,
		POLICY, &s);
	is_commit(only(&s), "HEAD~1");
	unit_span_is(only(&s)->path, "a");
	done(&s);
}

static void in_messages(void **state)
{
	struct seen s;

	(void)state;
	push("git commit -q --allow-empty -m \"title\n\nuse $T\"\n" MAIN,
		POLICY, &s);
	assert_string_equal(only(&s)->what, "commit message");
	assert_int_equal(only(&s)->line, 3);
	assert_int_equal(only(&s)->path.n, 0);
	done(&s);

	push("GIT_AUTHOR_NAME=$T git commit -q --allow-empty -m x\n" MAIN,
		POLICY, &s);
	assert_string_equal(only(&s)->what, "commit header");
	done(&s);

	push("git tag -a -m \"one\ntoken $T\" v1\n"
	     "echo 0000000000000000000000000000000000000000 "
	     "$(git rev-parse v1) refs/tags/v1\n",
		POLICY, &s);
	assert_string_equal(only(&s)->what, "tag message");
	assert_int_equal(only(&s)->line, 2);
	done(&s);
}

static void in_names(void **state)
{
	struct seen s;

	(void)state;
	push("echo x >$T; git add .; git commit -qm x; echo y >>$T\n"
	     "git commit -qam again\n" MAIN,
		POLICY, &s);
	assert_string_equal(only(&s)->what, "path");
	unit_span_is(only(&s)->path, TOKEN);
	done(&s);

	push("mkdir k; echo x >k/server.p12; git add .; git commit -qm "
	     "x\n" MAIN,
		POLICY, &s);
	assert_string_equal(only(&s)->rule, "pkcs12_file");
	assert_int_equal(only(&s)->line, 0);
	done(&s);
}

/* Scanners that read diffs do not see what only the merge itself adds. */
static void in_a_merge(void **state)
{
	struct seen s;

	(void)state;
	push("git checkout -q -b t; echo 1 >t; git add .; git commit -qm t\n"
	     "git checkout -q main; echo 2 >m; git add .; git commit -qm m\n"
	     "git merge -q --no-commit t; echo $T >evil; git add .\n"
	     "git commit -qm merge\n" MAIN,
		POLICY, &s);
	unit_span_is(only(&s)->path, "evil");
	is_commit(only(&s), "HEAD");
	done(&s);
}

static void parked_before(void **state)
{
	struct seen s;

	(void)state;
	/* Not one object is new, but main has not answered for it. */
	push("git merge -q --ff-only origin/side\n" MAIN, POLICY, &s);
	unit_span_is(only(&s)->path, "parked.txt");
	is_commit(only(&s), "origin/side");
	done(&s);
}

#define SIDE                                                 \
	"echo $(git rev-parse origin/side HEAD) refs/heads/" \
	"side\n"

/* Small pushes come as whole objects: what stood there before tells. */
static void repeated(void **state)
{
	struct seen s;

	(void)state;
	push("git checkout -q -b w origin/side; echo more >>parked.txt\n"
	     "git commit -qam one; sed -i '1i first' parked.txt\n"
	     "git commit -qam two\n" SIDE,
		POLICY, &s);
	assert_int_equal(s.f.nhit, 2);
	assert_true(s.f.hit[0].known);
	assert_true(s.f.hit[1].known);
	assert_int_equal(s.f.hit[1].line, 2);
	done(&s);
	/* Also through a merge, from the parent that has it. */
	push("git merge -q --no-commit origin/side; echo more >>parked.txt\n"
	     "git add .; git commit -qm merge\n" MAIN,
		POLICY, &s);
	assert_int_equal(s.f.nhit, 2);
	assert_false(s.f.hit[0].known);
	is_commit(&s.f.hit[0], "origin/side");
	assert_true(s.f.hit[1].known);
	done(&s);
}

static void not_repeated(void **state)
{
	struct seen s;

	(void)state;
	/* At another path. */
	push("git checkout -q -b w origin/side; cp parked.txt b\n"
	     "echo more >>b; git add .; git commit -qm x\n" SIDE,
		POLICY, &s);
	assert_false(only(&s)->known);
	done(&s);
	/* Taken out, and there again. */
	push("git checkout -q -b w origin/side; echo >parked.txt\n"
	     "git commit -qam out; echo $T again >parked.txt\n"
	     "git commit -qam in\n" SIDE,
		POLICY, &s);
	assert_false(only(&s)->known);
	done(&s);
	/* The same after it was only repeated. */
	push("git checkout -q -b w origin/side; echo more >>parked.txt\n"
	     "git commit -qam one; echo >parked.txt; git commit -qam out\n"
	     "echo $T again >parked.txt; git commit -qam in\n" SIDE,
		POLICY, &s);
	assert_int_equal(s.f.nhit, 2);
	assert_true(s.f.hit[0].known);
	assert_false(s.f.hit[1].known);
	done(&s);
	/* Brought by this push, and repeated in it: two that are new. */
	push("echo $T >a; git add a; git commit -qm one; echo more >>a\n"
	     "git commit -qam two\n" MAIN,
		POLICY, &s);
	assert_int_equal(s.f.nhit, 2);
	assert_false(s.f.hit[0].known);
	assert_false(s.f.hit[1].known);
	done(&s);
	/* Another secret under the same rule. */
	push("git checkout -q -b w origin/side\n"
	     "echo $OTHER >>parked.txt; git commit -qam x\n" SIDE,
		POLICY, &s);
	assert_int_equal(s.f.nhit, 2);
	assert_string_equal(s.f.hit[0].rule, s.f.hit[1].rule);
	assert_true(s.f.hit[0].known);
	assert_false(s.f.hit[1].known);
	done(&s);
}

#define TWO(main, topic)                                            \
	"{\"repositories\":[{\"match\":[\"**\"],\"refs\":["         \
	"{\"match\":[\"refs/heads/main\"],\"secret\":{}" main "},{" \
	"\"match\":[\"**\"],\"secret\":{}" topic "}]}]}"

/* A ref that does not count must not take the blame for one that does, whichever
 * is named first, in the same commit or in another one with the same file. */
static void told_on_every_ref_where_it_weighs_differently(void **state)
{
	static const struct {
		const char *policy;
		size_t hits;
	} rows[] = {
		{TWO("", ""), 1},
		{TWO(",\"mode\":\"enforce\"", ",\"mode\":\"observe\""), 2},
		{TWO("", ",\"mode\":\"observe\""), 1},
		{TWO(",\"severity\":{\"secret.*\":\"block\"}",
			 ",\"severity\":{\"secret.*\":\"warn\"}"),
			2},
		{TWO(",\"mode\":\"enforce\"", ""), 1},
	};
	struct seen s;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		push("echo key=$T >a.env; git add .; git commit -qm one\n"
		     "echo $(git rev-parse origin/main HEAD) refs/heads/a\n"
		     "git commit -q --amend -m other\n" MAIN,
			rows[i].policy, &s);
		assert_int_equal(s.f.nhit, rows[i].hits);
		if (rows[i].hits > 1)
			assert_int_equal(
				s.f.hit[0].update + s.f.hit[1].update, 1);
		done(&s);
	}
}

static void reached_by_nothing(void **state)
{
	struct seen s;

	(void)state;
	push("echo $T | git hash-object -w --stdin >/dev/null\n"
	     "git commit -q --allow-empty -m x\n" MAIN,
		POLICY, &s);
	assert_true(oid_is_zero(&only(&s)->commit));
	assert_int_equal(only(&s)->path.n, 0);
	done(&s);
}

static void packed(void **state)
{
	struct seen s;

	(void)state;
	push("for i in 1 2 3 4 5 6; do seq 1 $((i * 400)) >f\n"
	     "test $i != 3 || echo $T >>f; git add .; git commit -qm $i; done\n"
	     "git repack -q -d -l -f\n"
	     "test -n \"$(ls .git/objects/pack)\"\n" MAIN,
		POLICY, &s);
	unit_span_is(only(&s)->path, "f");
	is_commit(only(&s), "HEAD~3");
	done(&s);
}

static void binary(void **state)
{
	struct seen s;

	(void)state;
	push("{ head -c 70000 /dev/zero; printf '\\377\\000%s\\000' $T; } "
	     ">b\ngit add .; git commit -qm b\n" MAIN,
		POLICY, &s);
	assert_string_equal(only(&s)->rule, "github_pat");
	done(&s);
}

static void too_large(void **state)
{
	struct seen s;

	(void)state;
	push("head -c 4097 /dev/zero >z; git add .; git commit -qm z\n" MAIN,
		ALL("4KiB"), &s);
	assert_true(only(&s)->unscanned);
	unit_span_is(only(&s)->path, "z");
	assert_non_null(strstr(only(&s)->redacted, "4096"));
	done(&s);
}

/* The first path is not one the rule means; the second is. */
static void rules_on_paths(void **state)
{
	struct seen s;

	(void)state;
	push("echo 'password = \"Fak3-Pa55w0rd\"' >a.c; git add .\n"
	     "git commit -qm c; cp a.c b.tf; git add .; git commit -qm "
	     "tf\n" MAIN,
		POLICY, &s);
	assert_int_equal(s.f.nhit, 2);
	assert_string_equal(s.f.hit[0].rule, "generic_assignment");
	unit_span_is(s.f.hit[0].path, "a.c");
	assert_string_equal(s.f.hit[1].rule, "terraform_password");
	unit_span_is(s.f.hit[1].path, "b.tf");
	done(&s);
}

static void own_pack(void **state)
{
	struct seen s;

	(void)state;
	shell("cat >own.json <<'EOF'\n"
	      "{\"name\":\"own\",\"rules\":[{\"id\":\"badge\",\"description\":"
	      "\"badge\",\"regex\":\"BADGE-[0-9]{6}\",\"confidence\":\"high\","
	      "\"remediation\":\"r\",\"examples\":{\"match\":[\"x\"]}}]}\n"
	      "EOF\nchmod 600 own.json",
		NULL);
	push("echo BADGE-123456 $T >a; git add .; git commit -qm z\n" MAIN,
		"{\"repositories\":[{\"match\":[\"**\"],\"refs\":[{\"match\":"
		"[\"**\"],\"secret\":{\"rules\":[\"own.json\"]}}]}]}",
		&s);
	assert_string_equal(only(&s)->rule, "badge");
	done(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clean_push),
		cmocka_unit_test(nobody_asks),
		cmocka_unit_test(in_a_blob),
		cmocka_unit_test(oldest_commit_is_told),
		cmocka_unit_test(in_messages),
		cmocka_unit_test(in_names),
		cmocka_unit_test(in_a_merge),
		cmocka_unit_test(parked_before),
		cmocka_unit_test(repeated),
		cmocka_unit_test(not_repeated),
		cmocka_unit_test(told_on_every_ref_where_it_weighs_differently),
		cmocka_unit_test(reached_by_nothing),
		cmocka_unit_test(packed),
		cmocka_unit_test(binary),
		cmocka_unit_test(too_large),
		cmocka_unit_test(rules_on_paths),
		cmocka_unit_test(own_pack),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
