/* Adoption: refs and commits that are there end in one record of the log. */
#include "deploy/adopt.h"

#include "base/io.h"
#include "base/proc.h"
#include "log/store.h"
#include "parse/record.h"
#include "support/unit.h"

struct box {
	char dir[200];
	char repo[240], state[240];
};

static void git(const char *dir, const char *const *argv)
{
	static const char *const env[] = {"PATH=/usr/local/bin:/usr/bin:/bin",
		"HOME=/nonexistent", "GIT_CONFIG_NOSYSTEM=1",
		"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.org",
		"GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.org",
		NULL};
	struct buf out = BUF_INIT(1u << 20), talk = BUF_INIT(1u << 20);
	const struct proc p = {.argv = argv,
		.env = env,
		.dir = dir,
		.out = &out,
		.talk = &talk};
	struct proc_end end;
	struct err err = ERR_INIT;

	assert_int_equal(proc_run(&p, &end, &err), 0);
	assert_int_equal(end.status, 0);
	buf_free(&out);
	buf_free(&talk);
}

#define GIT(dir, ...) git(dir, (const char *const[]){"git", __VA_ARGS__, NULL})

static int box_new(void **state)
{
	struct box *b = calloc(1, sizeof(*b));
	struct buf vkey = BUF_INIT(4096);
	struct err err = ERR_INIT;

	unit_dir(b->dir, sizeof(b->dir));
	snprintf(b->repo, sizeof(b->repo), "%s/a:b.git", b->dir);
	snprintf(b->state, sizeof(b->state), "%s/state", b->dir);
	assert_int_equal(
		store_create(b->state, SPAN_LIT("x.example.org"), &vkey, &err),
		0);
	buf_free(&vkey);
	GIT(b->dir, "init", "-q", "--bare", b->repo);
	*state = b;
	return 0;
}

static int box_end(void **state)
{
	struct box *b = *state;

	unit_rm(b->dir);
	free(b);
	return 0;
}

static struct doc *last_record(struct box *b)
{
	struct buf out = BUF_INIT(1u << 20), talk = BUF_INIT(4096);
	const char *argv[] = {
		"find", b->state, "-path", "*/vault/*", "-type", "f", NULL};
	const struct proc p = {.argv = argv, .out = &out, .talk = &talk};
	struct buf text = BUF_INIT(RECORD_MAX);
	struct err err = ERR_INIT;
	struct proc_end end;
	struct doc *d;

	assert_int_equal(proc_run(&p, &end, &err), 0);
	assert_true(out.n > 1);
	out.n--;
	assert_int_equal(io_read_file(buf_cstr(&out), &text, &err), 0);
	assert_int_equal(record_parse(buf_all(&text), &d, &err), 0);
	buf_free(&text);
	buf_free(&out);
	buf_free(&talk);
	return d;
}

static void all_refs_and_commits(void **state)
{
	struct box *b = *state;
	struct adopted done;
	struct err err = ERR_INIT;
	const struct doc *p, *up;
	struct doc *d;
	char tree[] = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

	GIT(b->repo, "hash-object", "-t", "tree", "-w", "/dev/null");
	GIT(b->repo, "update-ref", "refs/tags/a-tree", tree);
	GIT(b->dir, "init", "-q", "work");
	{
		char work[240];

		snprintf(work, sizeof(work), "%s/work", b->dir);
		GIT(work, "commit", "-q", "--allow-empty", "-m", "one");
		GIT(work, "commit", "-q", "--allow-empty", "-m", "two");
		GIT(work, "tag", "-a", "-m", "t", "v1");
		GIT(work, "push", "-q", b->repo, "HEAD:refs/heads/main", "v1");
	}
	if (adopt(b->repo, "team/app", b->state, &done, &err))
		fail_msg("%s", err.text);
	assert_int_equal(done.refs, 3);
	assert_int_equal(done.commits, 2);
	assert_int_equal(done.entry, 0);
	d = last_record(b);
	p = doc_get(d, "predicate");
	assert_true(span_is(doc_get_text(p, "kind"), "adopt"));
	assert_true(span_is(doc_get_text(p, "repository"), "team/app"));
	assert_int_equal(doc_count(doc_get(p, "commits")), 2);
	up = doc_at(doc_get(p, "updates"), 1);
	assert_true(span_is(doc_get_text(up, "ref"), "refs/tags/a-tree"));
	assert_true(span_is(doc_get_text(up, "new"), tree));
	doc_free(d);
}

static void nothing_there(void **state)
{
	struct box *b = *state;
	struct adopted done;
	struct err err = ERR_INIT;

	if (adopt(b->repo, "team/app", b->state, &done, &err))
		fail_msg("%s", err.text);
	assert_int_equal(done.refs, 0);
	assert_int_equal(done.commits, 0);
}

static void failures_are_told(void **state)
{
	struct box *b = *state;
	struct adopted done;
	struct err err = ERR_INIT;

	assert_int_equal(
		adopt("/nonexistent", "team/app", b->state, &done, &err), -1);
	assert_true(err.text[0]);
	err_clear(&err);
	assert_int_equal(
		adopt(b->repo, "team/app", "/nonexistent", &done, &err), -1);
	assert_true(err.text[0]);
}

#define BOX_TEST(f) cmocka_unit_test_setup_teardown(f, box_new, box_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOX_TEST(all_refs_and_commits),
		BOX_TEST(nothing_there),
		BOX_TEST(failures_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
