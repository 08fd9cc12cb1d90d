/*
 * The files of a log as appends leave them, at the sizes where something
 * begins: a tile, a level, a partial of either. Root, tiles, bundles and proofs
 * are compared with a tree made of the bundles' bytes by the words of RFC 6962.
 */
#include "../../support/unit.h"

#include "../../support/records.h"
#include "../../support/rfc6962.h"
#include "base/io.h"
#include "log/append.h"
#include "log/reader.h"
#include "parse/checkpoint.h"
#include "parse/tilepath.h"

#define WIDTH 256u
#define LEVELS 4u

static char *dir, *state;
static struct rfc_hash *leaf;

static int setup(void **unused)
{
	(void)unused;
	dir = log_folder();
	leaf = calloc(70001, sizeof(*leaf));
	assert_non_null(leaf);
	return 0;
}

static int teardown(void **unused)
{
	(void)unused;
	free(leaf);
	log_remove(dir);
	return 0;
}

/* Of its own, not src/parse's: groups of three digits with an x before all but
 * the last, and the width of a partial one. */
static const char *path_of(const char *kind, size_t n, size_t width)
{
	static char path[4096];
	char groups[64];

	if (n < 1000)
		snprintf(groups, sizeof(groups), "%03zu", n);
	else
		snprintf(groups, sizeof(groups), "x%03zu/%03zu", n / 1000,
			n % 1000);
	snprintf(path, sizeof(path), "%s/log/tile/%s/%s", state, kind, groups);
	if (width < WIDTH)
		snprintf(path + strlen(path), sizeof(path) - strlen(path),
			".p/%zu", width);
	return path;
}

static void read_file(const char *path, struct buf *out)
{
	struct err err = ERR_INIT;

	buf_reset(out);
	if (io_read_file(path, out, &err))
		fail_msg("%s", err.text);
}

/* Bundle by bundle: two bytes of length, and the entry. */
static void read_leaves(size_t size)
{
	struct buf b = BUF_INIT((size_t)32 << 20);
	size_t n, i = 0, at, width;

	for (n = 0; n * WIDTH < size; n++) {
		width = size - n * WIDTH < WIDTH ? size - n * WIDTH : WIDTH;
		read_file(path_of("entries", n, width), &b);
		for (at = 0; at < b.n; i++) {
			size_t len = (size_t)b.p[at] * 256 + b.p[at + 1];

			assert_true(at + 2 + len <= b.n && i < size);
			leaf[i] = rfc_leaf(b.p + at + 2, len);
			at += 2 + len;
		}
	}
	assert_int_equal(i, size);
	assert_false(io_exists(path_of("entries", n, WIDTH)));
	assert_false(io_exists(path_of("entries", n, 0)));
	buf_free(&b);
}

/* Level l has the roots of 256^l leaves each, and nothing of fewer. */
static void same_tiles(size_t size)
{
	struct rfc_hash *want = calloc(WIDTH, sizeof(*want));
	struct buf b = BUF_INIT(WIDTH * sizeof(*want));
	size_t under = 1, level, n, i, count = size, width;
	char kind[8];

	assert_non_null(want);
	for (level = 0; level < LEVELS; level++) {
		snprintf(kind, sizeof(kind), "%zu", level);
		for (n = 0; n * WIDTH < count; n++) {
			width = count - n * WIDTH < WIDTH ? count - n * WIDTH
							  : WIDTH;
			for (i = 0; i < width; i++)
				want[i] = rfc_mth(
					leaf + (n * WIDTH + i) * under, under);
			read_file(path_of(kind, n, width), &b);
			assert_int_equal(b.n, width * sizeof(*want));
			assert_memory_equal(b.p, want, b.n);
		}
		/* An empty tile is none. */
		assert_false(io_exists(path_of(kind, n, WIDTH)));
		assert_false(io_exists(path_of(kind, n, 0)));
		count /= WIDTH;
		under *= WIDTH;
	}
	free(want);
	buf_free(&b);
}

static void same_proofs(struct log_reader *log, size_t size)
{
	const size_t at[] = {0, 1, 2, 254, 255, 256, 257, 511, 512, 65535,
		65536, 65537, size / 2, size - 2, size - 1};
	struct rfc_hash want[64];
	struct err err = ERR_INIT;
	struct hash root;
	struct proof p;
	size_t i, n;

	for (i = 0; i < ARRAY_LEN(at); i++) {
		if (at[i] >= size)
			continue;
		assert_int_equal(log_inclusion(log, at[i], &p, &err), 0);
		n = rfc_path(at[i], leaf, size, want);
		assert_int_equal(p.n, n);
		if (n)
			assert_memory_equal(p.hash, want, n * sizeof(want[0]));
		if (!at[i])
			continue;
		assert_int_equal(log_growth(log, at[i], &p, &root, &err), 0);
		n = rfc_proof(at[i], leaf, size, want);
		assert_int_equal(p.n, n);
		assert_memory_equal(p.hash, want, n * sizeof(want[0]));
		want[0] = rfc_mth(leaf, at[i]);
		assert_memory_equal(root.b, want[0].b, sizeof(root.b));
	}
	assert_int_equal(log_inclusion(log, size, &p, &err), -1);
	assert_int_equal(log_inclusion(log, UINT64_MAX, &p, &err), -1);
	assert_int_equal(log_growth(log, size + 1, &p, &root, &err), -1);
	assert_int_equal(log_growth(log, UINT64_MAX, &p, &root, &err), -1);
}

static void same(size_t size)
{
	struct log_reader *log;
	struct err err = ERR_INIT;
	struct rfc_hash root;

	if (log_open_state(state, &log, &err))
		fail_msg("%s", err.text);
	assert_int_equal(log_size(log), size);
	read_leaves(size);
	root = rfc_mth(leaf, size);
	assert_memory_equal(log_root(log)->b, root.b, sizeof(root.b));
	same_tiles(size);
	same_proofs(log, size);
	log_close(log);
}

static void append(unsigned n)
{
	struct buf text = BUF_INIT(RECORD_MAX);
	struct log_receipt r;
	struct err err = ERR_INIT;

	test_text(test_decision("reject", "refs/heads/main", n), &text);
	if (append_run(state, buf_all(&text), &r, &err))
		fail_msg("at %u: %s", n, err.text);
	assert_int_equal(r.size, n + 1);
	buf_free(&text);
}

static void test_sizes(void **unused)
{
	static const unsigned run[][2] = {
		{0, 2}, {254, 257}, {510, 513}, {65534, 65537}, {69999, 70000}};
	unsigned n;
	size_t i;

	(void)unused;
	for (i = 0; i < ARRAY_LEN(run); i++) {
		state = test_log_bare(dir, run[i][0]);
		same(run[i][0]);
		for (n = run[i][0]; n < run[i][1]; n++) {
			append(n);
			same(n + 1);
		}
		unit_rm(state);
		free(state);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sizes),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
