#include "port/objectstore.h"

#include "base/io.h"
#include "support/unit.h"

/* Four stores of the same 600 objects: loose, packed, half and half, and in an
 * alternate; and an empty one. */
static const char script[] =
	"export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1\n"
	"for r in loose packed half far empty; do git init -q --bare $r; done\n"
	"i=0; while [ $i -lt 600 ]; do echo $i >$i; i=$((i + 1)); done\n"
	"for r in loose packed half; do\n"
	"	ls [0-9]* | git --git-dir=$r hash-object -w --stdin-paths "
	">ids\n"
	"done\n"
	"git --git-dir=packed pack-objects -q packed/objects/pack/p <ids "
	">/dev/null\n"
	"git --git-dir=packed prune-packed -q\n"
	"head -n 300 ids | git --git-dir=half pack-objects -q "
	"half/objects/pack/p >/dev/null\n"
	"git --git-dir=half prune-packed -q\n"
	"echo ../../loose/objects >far/objects/info/alternates\n";

struct fixture {
	char dir[300];
	struct buf path, ids;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct err err = ERR_INIT;

	assert_non_null(f);
	unit_dir(f->dir, sizeof(f->dir));
	unit_shell(f->dir, script);
	f->path = (struct buf)PATH_BUF_INIT;
	f->ids = (struct buf)BUF_INIT(1u << 20);
	io_join(&f->path, f->dir, "ids");
	assert_int_equal(io_read_file(buf_cstr(&f->path), &f->ids, &err), 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	unit_rm(f->dir);
	buf_free(&f->path);
	buf_free(&f->ids);
	free(f);
	return 0;
}

static const char *objects_of(struct fixture *f, const char *repo)
{
	char name[40];

	snprintf(name, sizeof(name), "%s/objects", repo);
	io_join(&f->path, f->dir, name);
	return buf_cstr(&f->path);
}

/* How many of the ids, each as it is and with its last bit turned, are there.
 */
static void count(
	struct fixture *f, const char *repo, size_t *have, size_t *have_other)
{
	struct span rest = buf_all(&f->ids), line;
	struct err err = ERR_INIT;
	struct objectstore *s;
	struct oid o;

	*have = *have_other = 0;
	assert_int_equal(objectstore_open(objects_of(f, repo), &s, &err), 0);
	while (span_line(&rest, &line, NULL)) {
		assert_true(oid_read(line, &o));
		*have += objectstore_has(s, &o);
		o.b[OID_RAW - 1] ^= 1;
		*have_other += objectstore_has(s, &o);
	}
	objectstore_close(s);
}

/* Before and after it looks closer, which is at some hundred questions. */
static void has_what_is_there(void **state)
{
	static const char *const full[] = {"loose", "packed", "half", "far"};
	size_t i, have, other;

	for (i = 0; i < 4; i++) {
		count(*state, full[i], &have, &other);
		assert_int_equal(have, 600);
		assert_int_equal(other, 0);
	}
	count(*state, "empty", &have, &other);
	assert_int_equal(have, 0);
	assert_int_equal(other, 0);
}

static int add(void *ctx, const struct oid *o, struct err *err)
{
	(void)err;
	oid_set_add(ctx, o);
	return 0;
}

static int refuse(void *ctx, const struct oid *o, struct err *err)
{
	(void)o;
	++*(int *)ctx;
	return err_set(err, ERR_LIMIT, "enough");
}

static void lists(void **state)
{
	static const struct {
		const char *repo;
		bool packed;
		size_t n;
	} cases[] = {
		{"loose", false, 600},
		{"loose", true, 600},
		{"packed", false, 0},
		{"packed", true, 600},
		{"half", false, 300},
		{"half", true, 600},
		{"far", true, 0},
		{"empty", true, 0},
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct oid_set set = {0};
		struct err err = ERR_INIT;

		assert_int_equal(
			objectstore_list(objects_of(*state, cases[i].repo),
				cases[i].packed, add, &set, &err),
			0);
		assert_int_equal(set.n, cases[i].n);
		oid_set_free(&set);
	}
}

static void stops(void **state)
{
	struct err err = ERR_INIT;
	int calls = 0;

	assert_int_equal(objectstore_list(objects_of(*state, "half"), true,
				 refuse, &calls, &err),
		-1);
	assert_int_equal(calls, 1);
	assert_string_equal(err.text, "enough");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			has_what_is_there, setup, teardown),
		cmocka_unit_test_setup_teardown(lists, setup, teardown),
		cmocka_unit_test_setup_teardown(stops, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
