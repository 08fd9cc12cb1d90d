/* The walk over packs: every object of packs that git made, whatever form its
 * deltas have; names are computed from the bytes. Damage is told. */
#include "support/unit.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/io.h"
#include "base/proc.h"
#include "port/repo.h"
#include "scan/packlist.h"
#include "scan/packwalk.h"
#include "support/objectname.h"

static char dir[64];

static void sh(const char *script)
{
	const char *const argv[] = {"sh", "-euc", script, NULL};
	const char *const env[] = {"PATH=/usr/bin:/bin", "HOME=/nonexistent",
		"GIT_CONFIG_NOSYSTEM=1", "GIT_AUTHOR_NAME=a",
		"GIT_AUTHOR_EMAIL=a@b.c", "GIT_COMMITTER_NAME=a",
		"GIT_COMMITTER_EMAIL=a@b.c", "GIT_AUTHOR_DATE=1700000000 +0000",
		"GIT_COMMITTER_DATE=1700000000 +0000", NULL};
	struct buf talk = BUF_INIT(1u << 20);
	struct proc p = {.argv = argv, .env = env, .dir = dir, .talk = &talk};
	struct proc_end end;
	struct err err = ERR_INIT;

	if (proc_run(&p, &end, &err))
		fail_msg("%s", err.text);
	if (end.status || end.signal)
		fail_msg("%s: %s", script, buf_cstr(&talk));
	buf_free(&talk);
}

/* Sixty versions of a file of 40 kB, a folder beside it, a tag, a blob that
 * nothing is like, an empty one. */
static int setup(void **state)
{
	(void)state;
	unit_dir(dir, sizeof(dir));
	sh("git init -q r && cd r && mkdir sub\n"
	   "seq 1 6000 >f; : >empty; head -c 300000 /dev/urandom >noise\n"
	   "for i in $(seq 60); do\n"
	   "  sed -i \"$((i * 90))s/.*/changed $i/\" f\n"
	   "  echo $i >sub/$i; git add .; git commit -qm \"number $i\"\n"
	   "done\n"
	   "git tag -m 'a tag' one");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	unit_rm(dir);
	return 0;
}

struct count {
	unsigned good, wrong, lost, with_base, marks;
};

struct walk_test {
	struct count count[4];
	struct repo *repo;
};

static void check_copies(const struct packwalk_object *o)
{
	size_t i, end = 0;

	for (i = 0; i < o->ncopy; i++) {
		const struct scan_copy *c = &o->copy[i];

		assert_true(c->n && c->at >= end);
		end = c->at + c->n;
		assert_true(end <= o->n && c->from + c->n <= o->base.n);
		assert_memory_equal(
			o->bytes + c->at, o->base.p + c->from, c->n);
	}
}

/* The mark of an object is the first four bytes of its name. */
static uint64_t mark_of(struct oid id)
{
	return 1 +
		((uint64_t)id.b[0] << 24 | (uint64_t)id.b[1] << 16 |
			(uint64_t)id.b[2] << 8 | id.b[3]);
}

static int on_object(void *ctx, unsigned worker,
	const struct packwalk_object *o, struct err *err)
{
	struct walk_test *t = ctx;
	struct count *c = &t->count[worker];
	struct oid id;

	(void)err;
	if (!o->bytes) {
		assert_non_null(o->why);
		c->lost++;
		return 0;
	}
	id = object_name(o->type, span_of(o->bytes, o->n));
	if (oid_eq(&id, o->id))
		c->good++;
	else
		c->wrong++;
	if (o->has_base) {
		struct oid base = object_name(o->type, o->base);

		c->with_base++;
		assert_true(o->base_mark == mark_of(base));
		check_copies(o);
	}
	if (o->mark) {
		*o->mark = mark_of(id);
		c->marks++;
	}
	return 0;
}

static void drop(void *ctx, unsigned worker, uint64_t mark)
{
	struct walk_test *t = ctx;

	assert_true(mark);
	t->count[worker].marks--;
}

static int fetch(void *ctx, const struct oid *id, uint64_t max,
	enum object_type *type, struct buf *out, struct err *err)
{
	struct walk_test *t = ctx;
	struct repo_object obj = {0};

	if (!t->repo)
		return -1;
	if (repo_read(t->repo, id, max ? max : UINT64_MAX, &obj, err))
		return -1;
	*type = obj.type;
	buf_span(out, obj.data);
	repo_object_free(&obj);
	return 0;
}

static size_t live; /* 0: as usual */

static struct count walk_map(
	struct packmap *map, struct repo *repo, unsigned types, uint64_t max)
{
	struct walk_test t = {.repo = repo};
	struct packwalk w = {.types = types,
		.workers = 3,
		.max = max,
		.live = live,
		.object = on_object,
		.drop = drop,
		.fetch = fetch,
		.ctx = &t};
	struct count sum = {0};
	struct err err = ERR_INIT;
	unsigned i;

	if (packwalk_run(&w, map, &err))
		fail_msg("%s", err.text);
	for (i = 0; i < 4; i++) {
		sum.good += t.count[i].good;
		sum.wrong += t.count[i].wrong;
		sum.lost += t.count[i].lost;
		sum.with_base += t.count[i].with_base;
		sum.marks += t.count[i].marks;
	}
	assert_int_equal(sum.marks, 0);
	return sum;
}

static void list(const char *objects, bool alternates, struct packlist *out)
{
	struct buf path = PATH_BUF_INIT;
	struct err err = ERR_INIT;

	io_join(&path, dir, objects);
	if (packlist_open(buf_cstr(&path), alternates, out, &err))
		fail_msg("%s", err.text);
	buf_free(&path);
}

/* How many objects git counts. */
static unsigned counted(const char *repository)
{
	char script[512];
	struct buf path = PATH_BUF_INIT, text = BUF_INIT(64);
	struct err err = ERR_INIT;
	unsigned n;

	snprintf(script, sizeof(script),
		"git -C %s cat-file --batch-all-objects --batch-check | wc -l "
		">count",
		repository);
	sh(script);
	io_join(&path, dir, "count");
	if (io_read_file(buf_cstr(&path), &text, &err))
		fail_msg("%s", err.text);
	n = (unsigned)strtoul(buf_cstr(&text), NULL, 10);
	buf_free(&path);
	buf_free(&text);
	return n;
}

/* ${twice}: objects that are in two packs, so they are met twice. */
static void whole_store(
	const char *script, const char *repository, unsigned twice)
{
	struct buf objects = PATH_BUF_INIT;
	struct packlist packs;
	unsigned good = 0, with_base = 0;
	size_t i;

	sh(script);
	buf_fmt(&objects, "%s/.git/objects", repository);
	list(buf_cstr(&objects), true, &packs);
	assert_true(packs.n);
	for (i = 0; i < packs.n; i++) {
		struct count c = walk_map(&packs.v[i], NULL, 0, 0);

		assert_int_equal(c.wrong + c.lost, 0);
		good += c.good;
		with_base += c.with_base;
	}
	assert_int_equal(good, counted(repository) + twice);
	assert_true(with_base > 60);
	packlist_close(&packs);
	buf_free(&objects);
}

static void test_ofs(void **state)
{
	(void)state;
	whole_store("git clone -q --no-local r ofs; git -C ofs repack -qadf",
		"ofs", 0);
}

static void test_by_name(void **state)
{
	(void)state;
	whole_store("git clone -q --no-local r ref\n"
		    "git -C ref config repack.useDeltaBaseOffset false\n"
		    "git -C ref repack -qadf --depth=4000 --window=300",
		"ref", 0);
}

/* Bytes that no object has: who gets them sees where they are from. */
static const unsigned char had[] = "had";

static bool is_odd(const struct oid *id)
{
	return id->b[OID_RAW - 1] & 1;
}

static struct span have_odd(void *ctx, const struct oid *id)
{
	(void)ctx;
	return is_odd(id) ? span_of(had, sizeof(had)) : SPAN_EMPTY;
}

/* ${good}: whole ones that were inflated, ${lost}: those that were not. */
static int on_had(void *ctx, unsigned worker, const struct packwalk_object *o,
	struct err *err)
{
	struct walk_test *t = ctx;
	struct oid id;

	(void)err;
	if (o->bytes == had) {
		assert_true(is_odd(o->id) && !o->has_base && !o->mark);
		assert_int_equal(o->n, sizeof(had));
		t->count[worker].lost++;
		return 0;
	}
	id = object_name(o->type, span_of(o->bytes, o->n));
	assert_true(oid_eq(&id, o->id));
	if (o->has_base)
		t->count[worker].with_base++;
	else if (!o->mark) {
		assert_false(is_odd(o->id));
		t->count[worker].good++;
	}
	return 0;
}

static void test_had(void **state)
{
	struct walk_test t = {.repo = NULL};
	struct packwalk w = {
		.workers = 1, .object = on_had, .have = have_odd, .ctx = &t};
	struct err err = ERR_INIT;
	struct packlist packs;

	(void)state;
	sh("git clone -q --no-local r had; git -C had repack -qadf");
	list("had/.git/objects", false, &packs);
	assert_int_equal(packs.n, 1);
	if (packwalk_run(&w, &packs.v[0], &err))
		fail_msg("%s", err.text);
	assert_true(t.count[0].good > 10);
	assert_true(t.count[0].lost > 10);
	assert_true(t.count[0].with_base > 60);
	/* What is too large is so whoever has it. */
	w.max = sizeof(had) - 1;
	w.object = on_object;
	t = (struct walk_test){.repo = NULL};
	if (packwalk_run(&w, &packs.v[0], &err))
		fail_msg("%s", err.text);
	assert_int_equal(t.count[0].wrong, 0);
	assert_true(t.count[0].lost > 60);
	packlist_close(&packs);
}

/* Offsets past the first kilobyte as if they were past 2 GiB. */
static void test_wide(void **state)
{
	(void)state;
	whole_store(
		"git clone -q --no-local r wide; cd wide/.git/objects/pack\n"
		"for p in *.pack; do chmod u+w ${p%.pack}.*\n"
		"git index-pack --index-version=2,0x400 -o ${p%.pack}.idx "
		"$p; done",
		"wide", 0);
}

static void test_several(void **state)
{
	(void)state;
	whole_store(
		"git clone -q --no-local r many; cd many\n"
		"git config pack.packSizeLimit 1m; git repack -qadf\n"
		"git rev-list HEAD~30..HEAD~20 --objects --no-object-names |"
		"git pack-objects -q .git/objects/pack/pack >/dev/null\n"
		"rm -f .git/objects/pack/*.rev\n"
		"git prune-packed; git config gc.auto 0\n"
		"test $(ls .git/objects/pack/*.pack | wc -l) -ge 2",
		"many", 50);
}

static void test_alternates(void **state)
{
	struct packlist without, with;

	(void)state;
	sh("git clone -qs ofs alone");
	list("alone/.git/objects", false, &without);
	list("alone/.git/objects", true, &with);
	assert_int_equal(without.n, 0);
	assert_int_equal(with.n, 1);
	packlist_close(&without);
	packlist_close(&with);
}

/* Nothing is kept but what is at hand. */
static void test_forgetful(void **state)
{
	struct packlist packs;
	struct count c;

	(void)state;
	list("ref/.git/objects", false, &packs);
	assert_int_equal(packs.n, 1);
	live = 1;
	c = walk_map(&packs.v[0], NULL, 0, 0);
	live = 0;
	assert_int_equal(c.good, packs.v[0].n);
	packlist_close(&packs);
}

static void test_types_and_limit(void **state)
{
	struct packlist packs;
	struct count c;

	(void)state;
	list("ofs/.git/objects", false, &packs);
	assert_int_equal(packs.n, 1);
	c = walk_map(&packs.v[0], NULL, 1u << OBJECT_TAG, 0);
	assert_int_equal(c.good, 1);
	c = walk_map(&packs.v[0], NULL, 1u << OBJECT_COMMIT, 0);
	assert_int_equal(c.good, 60);
	/* 60 versions of f and the noise are larger; 60 small files, and the
	 * empty one are not. */
	c = walk_map(&packs.v[0], NULL, 1u << OBJECT_BLOB, 1000);
	assert_int_equal(c.good, 61);
	assert_int_equal(c.lost, 61);
	assert_int_equal(c.wrong, 0);
	packlist_close(&packs);
}

/* A thin pack needs an index, which git only gives to whole ones: one is made
 * of the whole one's by leaving out what was appended. So the walk is given the
 * objects that the thin pack has, and its own bytes. */
static void test_thin(void **state)
{
	struct packmap whole;
	struct packlist packs;
	struct repo *repo;
	struct err err = ERR_INIT;
	struct buf path = PATH_BUF_INIT;
	struct count c;
	uint32_t i, roots = 0;

	(void)state;
	list("ref/.git/objects", false, &packs);
	assert_int_equal(packs.n, 1);
	whole = packs.v[0];
	io_join(&path, dir, "r");
	if (repo_open(buf_cstr(&path), NULL, &repo, &err))
		fail_msg("%s", err.text);
	/* Cut from their bases, as if those were not in the pack. */
	for (i = 0; i < whole.n; i++) {
		if (whole.up[i] == PACKMAP_NONE)
			continue;
		whole.up[i] = PACKMAP_NONE;
		whole.type[i] = OBJECT_NONE;
		roots++;
	}
	for (i = 0; i < whole.n; i++)
		whole.child[i] = whole.next[i] = PACKMAP_NONE;
	assert_true(roots > 60);
	c = walk_map(&whole, NULL, 0, 0);
	assert_int_equal(c.lost, roots);
	c = walk_map(&whole, repo, 0, 0);
	assert_int_equal(c.lost + c.wrong, 0);
	assert_int_equal(c.good, whole.n);
	repo_close(repo);
	packlist_close(&packs);
	buf_free(&path);
}

/* In place: nothing here has to last. */
static void write_file(const char *name, struct span bytes)
{
	struct buf path = PATH_BUF_INIT;
	struct err err = ERR_INIT;
	int fd;

	io_join(&path, dir, name);
	fd = open(buf_cstr(&path), O_WRONLY | O_TRUNC | O_CREAT, 0600);
	assert_true(fd >= 0);
	if (io_write(fd, bytes, &err))
		fail_msg("%s", err.text);
	close(fd);
	buf_free(&path);
}

static void read_file(const char *name, struct buf *out)
{
	struct buf path = PATH_BUF_INIT;
	struct err err = ERR_INIT;

	io_join(&path, dir, name);
	if (io_read_file(buf_cstr(&path), out, &err))
		fail_msg("%s", err.text);
	buf_free(&path);
}

/* One bit is wrong: an error, objects that are told as lost, or right bytes
 * (where the bit does not matter); never wrong ones. But a delta that is told
 * to copy from elsewhere gives other bytes of the right length, and a base that
 * is another one may fit: only a name computed from the bytes tells. */
static void flip(const char *name, struct buf *bytes, size_t every,
	unsigned *errors, unsigned *lost)
{
	struct buf path = PATH_BUF_INIT;
	size_t i;

	io_join(&path, dir, "flip/p.pack");
	for (i = 0; i < bytes->n; i += every) {
		struct packmap map;
		struct err err = ERR_INIT;

		bytes->p[i] ^= (unsigned char)(1u << i % 8);
		write_file(name, buf_all(bytes));
		if (packmap_open(buf_cstr(&path), &map, &err)) {
			assert_true(err.text[0]);
			++*errors;
		} else {
			struct count c = walk_map(&map, NULL, 0, 1u << 20);

			*lost += c.lost;
			packmap_close(&map);
		}
		bytes->p[i] ^= (unsigned char)(1u << i % 8);
	}
	write_file(name, buf_all(bytes));
	buf_free(&path);
}

static void test_damage(void **state)
{
	struct buf pack = BUF_INIT(1u << 24), index = BUF_INIT(1u << 24);
	unsigned errors = 0, lost = 0;

	(void)state;
	sh("git init -q s && cd s && seq 1 300 >f\n"
	   "for i in 1 2 3 4 5 6; do sed -i \"$((i * 9))s/.*/new $i/\" f\n"
	   "git add .; git commit -qm $i; done; git tag -m t t\n"
	   "git repack -qadf; mkdir ../flip\n"
	   "cp .git/objects/pack/*.pack ../flip/p.pack\n"
	   "cp .git/objects/pack/*.idx ../flip/p.idx\n"
	   "chmod u+w ../flip/*");
	read_file("flip/p.pack", &pack);
	read_file("flip/p.idx", &index);
	flip("flip/p.pack", &pack, 1, &errors, &lost);
	assert_true(errors >= 8 && lost > 100);
	errors = lost = 0;
	flip("flip/p.idx", &index, 1, &errors, &lost);
	assert_true(errors > 1000 && lost > 0);
	buf_free(&pack);
	buf_free(&index);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ofs),
		cmocka_unit_test(test_by_name),
		cmocka_unit_test(test_had),
		cmocka_unit_test(test_wide),
		cmocka_unit_test(test_several),
		cmocka_unit_test(test_alternates),
		cmocka_unit_test(test_forgetful),
		cmocka_unit_test(test_types_and_limit),
		cmocka_unit_test(test_thin),
		cmocka_unit_test(test_damage),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
