#include "gather/commitbook.h"

#include "base/io.h"
#include "support/objectname.h"
#include "support/unit.h"

/* A history of 400 commits with forks and merges, whose dates do not follow
 * their order, in two packs; commit-list is git's own list of it, old-list that
 * of what leads to the tag "old". */
static const char script[] =
	"export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1\n"
	"git init -q --bare r; cd r\n"
	"history() { awk -v from=$1 -v to=$2 'BEGIN {\n"
	"	srand(7)\n"
	"	for (i = 1; i <= to; i++) {\n"
	"		t = 1700000000 + i * 60 + int(rand() * 600)\n"
	"		a = i - 1 - int(rand() * 4); b = i - 1 - int(rand() * "
	"9)\n"
	"		if (i < from) continue\n"
	"		print \"commit refs/heads/b\" i % 5 \"\\nmark :\" i\n"
	"		print \"committer c <c@x> \" t \" +0000\\ndata "
	"2\\nm\"\n"
	"		if (a > 0) print \"from :\" a\n"
	"		if (a > 0 && b > 0 && b != a) print \"merge :\" b\n"
	"		print \"\"\n"
	"	}\n"
	"	print \"done\" }' |\n"
	"	git -c fastimport.unpackLimit=0 fast-import --quiet --done \\\n"
	"		--force --import-marks-if-exists=marks "
	"--export-marks=marks; }\n"
	"history 1 200; git tag old b0\n"
	"history 201 400\n"
	"git rev-list --all >../commits\n"
	"git rev-list --date-order --branches --not old >../news\n"
	"git for-each-ref --format='%(objectname)' refs/heads >../tips\n"
	"git rev-parse old >../old\n"
	"git rev-parse old~3 >../older\n"
	": >../none\n";

struct fixture {
	char dir[300];
	struct packlist packs;
	struct arrived all;
	struct commitbook *book;
	struct oid told[1000];
	size_t ntold, limit;
};

/* The lines of a file the script has made. */
static size_t names(struct fixture *f, const char *file, struct oid *out)
{
	struct buf path = PATH_BUF_INIT, text = BUF_INIT(1u << 20);
	struct span rest, line;
	struct err err = ERR_INIT;
	size_t n = 0;

	io_join(&path, f->dir, file);
	assert_int_equal(io_read_file(buf_cstr(&path), &text, &err), 0);
	rest = buf_all(&text);
	while (span_line(&rest, &line, NULL)) {
		assert_true(n < 1000);
		assert_true(oid_read(line, &out[n++]));
	}
	buf_free(&path);
	buf_free(&text);
	return n;
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct buf path = PATH_BUF_INIT;
	struct err err = ERR_INIT;

	assert_non_null(f);
	unit_dir(f->dir, sizeof(f->dir));
	unit_shell(f->dir, script);
	io_join(&path, f->dir, "r/objects");
	assert_int_equal(
		packlist_open(buf_cstr(&path), false, &f->packs, &err), 0);
	assert_int_equal(f->packs.n, 2);
	f->all.packs = &f->packs;
	f->book = commitbook_read(&f->packs, &f->all, 2, 1u << 20);
	buf_free(&path);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	commitbook_free(f->book);
	packlist_close(&f->packs);
	arrived_free(&f->all);
	unit_rm(f->dir);
	free(f);
	return 0;
}

static void has_every_commit(void **state)
{
	struct fixture *f = *state;
	struct oid name[1000], other;
	size_t i, n = names(f, "commits", name);

	assert_true(n > 300);
	for (i = 0; i < n; i++) {
		const struct commit *c = commitbook_find(f->book, &name[i]);

		assert_non_null(c);
		assert_true(oid_eq(&c->id, &name[i]));
		other = name[i];
		other.b[OID_RAW - 1] ^= 1;
		assert_null(commitbook_find(f->book, &other));
	}
	assert_null(commitbook_find(NULL, &name[0]));
}

/* Only what is new, and what is not too large. */
/* All of it or nothing. */
static void has_their_bytes(void **state)
{
	struct fixture *f = *state;
	struct oid name[1000], other;
	size_t i, n = names(f, "commits", name);

	for (i = 0; i < n; i++) {
		other = object_name(
			OBJECT_COMMIT, commitbook_bytes(f->book, &name[i]));
		assert_true(oid_eq(&other, &name[i]));
	}
	other.b[0] ^= 1;
	assert_int_equal(commitbook_bytes(f->book, &other).n, 0);
	assert_int_equal(commitbook_bytes(NULL, &name[0]).n, 0);
}

/* What a signature header takes away is missing from what was kept. */
static const char signed_script[] =
	"export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1\n"
	"git init -q --bare s; cd s\n"
	"tree=$(git mktree </dev/null)\n"
	"for header in x-none gpgsig gpgsig-sha256 gpgsig-other; do\n"
	"	printf 'tree %s\\nauthor a <a@x> 1 +0000\\n"
	"committer a <a@x> 1 +0000\\n%s one\\n two\\n\\nm\\n' $tree $header |\n"
	"		git hash-object -t commit -w --stdin >>../signed\n"
	"	git update-ref refs/heads/$header $(tail -n 1 ../signed)\n"
	"done\n"
	"git repack -qad\n";

static void has_no_part(void **state)
{
	struct fixture *f = *state;
	struct buf path = PATH_BUF_INIT;
	struct packlist packs;
	struct arrived all = {0};
	struct err err = ERR_INIT;
	struct commitbook *b;
	struct oid name[1000], same;
	size_t i;

	unit_shell(f->dir, signed_script);
	io_join(&path, f->dir, "s/objects");
	assert_int_equal(
		packlist_open(buf_cstr(&path), false, &packs, &err), 0);
	all.packs = &packs;
	b = commitbook_read(&packs, &all, 1, 1u << 20);
	assert_int_equal(names(f, "signed", name), 4);
	same = object_name(OBJECT_COMMIT, commitbook_bytes(b, &name[0]));
	assert_true(oid_eq(&same, &name[0]));
	for (i = 1; i < 4; i++) {
		assert_non_null(commitbook_find(b, &name[i]));
		assert_int_equal(commitbook_bytes(b, &name[i]).n, 0);
	}
	commitbook_free(b);
	packlist_close(&packs);
	buf_free(&path);
}

static void leaves_out(void **state)
{
	struct fixture *f = *state;
	struct oid name[1000];
	struct arrived some = {.packs = &f->packs};
	struct commitbook *b;
	size_t i, n = names(f, "commits", name);

	for (i = 1; i < n; i += 2)
		oid_set_add(&some.again, &name[i]);
	b = commitbook_read(&f->packs, &some, 1, 1u << 20);
	for (i = 0; i < n; i++)
		assert_int_equal(
			commitbook_find(b, &name[i]) != NULL, i % 2 == 0);
	commitbook_free(b);
	b = commitbook_read(&f->packs, &f->all, 2, 100);
	assert_null(commitbook_find(b, &name[0]));
	commitbook_free(b);
	arrived_free(&some);
}

static int tell(void *ctx, const struct oid *id, struct err *err)
{
	struct fixture *f = ctx;

	if (f->ntold == f->limit)
		return err_set(err, ERR_LIMIT, "enough");
	f->told[f->ntold++] = *id;
	return 0;
}

static bool walk(struct fixture *f, const char *hidden)
{
	struct oid tip[1000], hide[1000];
	size_t ntips = names(f, "tips", tip), n = names(f, hidden, hide), i;
	struct oid_set set = {0};
	struct err err = ERR_INIT;
	bool whole;

	for (i = 0; i < n; i++)
		oid_set_add(&set, &hide[i]);
	f->ntold = 0;
	f->limit = 1000;
	assert_int_equal(commitbook_walk(f->book, tip, ntips, &set, tell, f,
				 &whole, &err),
		0);
	oid_set_free(&set);
	return whole;
}

static void told_is(struct fixture *f, const char *file)
{
	struct oid name[1000];
	size_t n = names(f, file, name);

	assert_int_equal(f->ntold, n);
	qsort(name, n, sizeof(*name), oid_cmp);
	qsort(f->told, n, sizeof(*name), oid_cmp);
	assert_memory_equal(name, f->told, n * sizeof(*name));
}

static void walks_all(void **state)
{
	struct fixture *f = *state;

	assert_true(walk(f, "none"));
	told_is(f, "commits");
}

/* The file "edge": what new commits have as parents and is not new. */
static void write_edge(struct fixture *f, const struct commitbook *b,
	const struct oid_set *news, const struct oid *name, size_t n)
{
	struct buf path = PATH_BUF_INIT, text = BUF_INIT(1u << 20);
	struct err err = ERR_INIT;
	char hex[OID_HEX + 1];
	size_t i, k;

	for (i = 0; i < n; i++) {
		const struct commit *c = commitbook_find(b, &name[i]);

		for (k = 0; k < c->nparent; k++)
			if (!oid_set_has(news, &c->parent[k]))
				buf_fmt(&text, "%s\n",
					oid_hex(&c->parent[k], hex));
	}
	io_join(&path, f->dir, "edge");
	assert_int_equal(
		io_replace(buf_cstr(&path), buf_all(&text), 0600, &err), 0);
	buf_free(&path);
	buf_free(&text);
}

/* With all that leads to "old" gone from the book, hiding part of it is not
 * enough; hiding all that the rest starts from is. */
static void tells_when_it_is_left(void **state)
{
	struct fixture *f = *state;
	struct oid name[1000];
	struct oid_set news = {0};
	struct commitbook *b, *was = f->book;
	size_t i, n = names(f, "news", name);
	struct arrived some = {.packs = &f->packs};
	struct oid all[1000], parents[1000];
	size_t nall = names(f, "commits", all);

	for (i = 0; i < n; i++)
		oid_set_add(&news, &name[i]);
	for (i = 0; i < nall; i++)
		if (!oid_set_has(&news, &all[i]))
			oid_set_add(&some.again, &all[i]);
	b = commitbook_read(&f->packs, &some, 2, 1u << 20);
	f->book = b;
	assert_false(walk(f, "none"));
	assert_false(walk(f, "older"));
	write_edge(f, b, &news, name, n);
	assert_true(names(f, "edge", parents) > 1);
	assert_true(walk(f, "edge"));
	told_is(f, "news");
	f->book = was;
	commitbook_free(b);
	oid_set_free(&news);
	arrived_free(&some);
}

static void stops(void **state)
{
	struct fixture *f = *state;
	struct oid tip[1000];
	size_t n = names(f, "tips", tip);
	struct err err = ERR_INIT;
	bool whole;

	f->ntold = 0;
	f->limit = 5;
	assert_int_equal(commitbook_walk(f->book, tip, n, &(struct oid_set){0},
				 tell, f, &whole, &err),
		-1);
	assert_int_equal(f->ntold, 5);
	assert_string_equal(err.text, "enough");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(has_every_commit),
		cmocka_unit_test(has_their_bytes),
		cmocka_unit_test(has_no_part),
		cmocka_unit_test(leaves_out),
		cmocka_unit_test(walks_all),
		cmocka_unit_test(tells_when_it_is_left),
		cmocka_unit_test(stops),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
