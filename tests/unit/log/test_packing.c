/*
 * Records moved into packs: all of them are read as before, whatever happens
 * meanwhile, and what is damaged stays as it is and is named.
 */
#include "../../support/unit.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "../../support/disk.h"
#include "../../support/killed.h"
#include "../../support/logwhole.h"
#include "../../support/records.h"
#include "base/io.h"
#include "log/append.h"
#include "log/check.h"
#include "log/packing.h"
#include "log/reader.h"
#include "log/store.h"
#include "log/vault.h"
#include "parse/bundle.h"
#include "parse/entry.h"
#include "parse/record.h"

#define REF "refs/heads/main"
#define TILE 256u

static struct packing_result pack(const char *state)
{
	struct packing_result r;
	struct err err = ERR_INIT;

	if (packing_run(state, &r, &err))
		fail_msg("packing: %s", err.text);
	return r;
}

static void append(const char *state, unsigned from, unsigned n)
{
	struct buf text = BUF_INIT(RECORD_MAX);
	struct log_receipt receipt;
	struct err err = ERR_INIT;
	unsigned i;

	for (i = from; i < from + n; i++) {
		test_text(test_decision("accept", REF, i), &text);
		if (append_run(state, buf_all(&text), &receipt, &err))
			fail_msg("append: %s", err.text);
	}
	buf_free(&text);
}

/* The name of the record of an entry. */
static void name_of(const char *state, uint64_t n, char out[65])
{
	struct arena *a = arena_new(1u << 20);
	struct buf text = BUF_INIT(BUNDLE_MAX);
	struct log_reader *log;
	struct err err = ERR_INIT;
	struct entry e;

	assert_int_equal(log_open_state(state, &log, &err), 0);
	assert_int_equal(log_entry(log, n, &text, &err), 0);
	assert_int_equal(entry_parse(buf_all(&text), a, &e, &err), 0);
	memcpy(out, e.record, 65);
	log_close(log);
	buf_free(&text);
	arena_free(a);
}

static bool is_loose(const char *state, uint64_t n)
{
	struct buf path = PATH_BUF_INIT;
	char name[65];
	bool there;

	name_of(state, n, name);
	there = io_exists(store_vault_path(&path, state, name));
	buf_free(&path);
	return there;
}

static bool readable(const char *state, uint64_t n)
{
	struct buf text = BUF_INIT(RECORD_MAX);
	struct err err = ERR_INIT;
	char name[65];
	bool found;
	int ret;

	name_of(state, n, name);
	ret = vault_read(state, n, name, &text, &found, &err);
	buf_free(&text);
	return !ret && found;
}

static size_t count_loose(const char *state)
{
	struct buf path = PATH_BUF_INIT, sub = PATH_BUF_INIT;
	struct dirent *e, *f;
	size_t n = 0;
	DIR *top, *dir;

	top = opendir(store_path(&path, state, STORE_VAULT));
	assert_non_null(top);
	while ((e = readdir(top))) {
		io_join(&sub, buf_cstr(&path), e->d_name);
		dir = e->d_name[0] == '.' ? NULL : opendir(buf_cstr(&sub));
		while (dir && (f = readdir(dir)))
			n += strlen(f->d_name) == 64;
		if (dir)
			closedir(dir);
	}
	closedir(top);
	buf_free(&sub);
	buf_free(&path);
	return n;
}

static char said[4096];
static size_t told;

static void tell(void *ctx, enum check_word word, const char *what)
{
	(void)ctx;
	if (word == CHECK_NOTE)
		return;
	told++;
	snprintf(said, sizeof(said), "%s", what);
}

/* What a check of the whole says, of ${n} things. */
static void damaged(const char *state, size_t n, const char *what)
{
	struct log_check c = {.state = state, .tell = tell};
	struct buf key = BUF_INIT(4096), path = PATH_BUF_INIT;
	struct log_check_result r;
	struct err err = ERR_INIT;

	told = 0;
	assert_int_equal(store_vkey(state, &key, &err), 0);
	c.vkey = buf_all(&key);
	assert_int_equal(log_source_dir(store_path(&path, state, STORE_LOG),
				 &c.src, &err),
		0);
	assert_int_equal(log_check_run(&c, &r, &err), 0);
	assert_int_equal(told, n);
	if (!strstr(said, what))
		fail_msg("%s", said);
	log_source_close(c.src);
	buf_free(&key);
	buf_free(&path);
}

static void flip(const char *path, off_t at)
{
	int fd = open(path, O_RDWR);
	unsigned char c;

	assert_true(fd >= 0);
	if (at < 0)
		at += lseek(fd, 0, SEEK_END);
	assert_int_equal(pread(fd, &c, 1, at), 1);
	c ^= 0x20;
	assert_int_equal(pwrite(fd, &c, 1, at), 1);
	close(fd);
}

/* Two packs, the second not full; what is in no whole tile stays. */
static void test_packed(void **unused)
{
	char *dir = log_folder(), *state = test_log(dir, 4096 + TILE + 7);
	struct packing_result r = pack(state);
	struct buf path = PATH_BUF_INIT;
	struct stat st;
	uint64_t n;

	(void)unused;
	assert_int_equal(r.records, 4096 + TILE);
	assert_int_equal(r.packs, 2);
	assert_int_equal(r.left, 7);
	assert_int_equal(r.damaged, 0);
	assert_true(r.stored < r.bytes / 4);
	assert_int_equal(count_loose(state), 7);
	assert_int_equal(log_whole(state), 4096 + TILE + 7);
	for (n = 0; n < 4096 + TILE + 7; n += 61)
		assert_true(readable(state, n));
	assert_true(readable(state, 4095));
	assert_true(readable(state, 4096));
	assert_int_equal(stat(vault_pack_path(&path, state, 1), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	r = pack(state);
	assert_int_equal(r.packs + r.records, 0);
	buf_free(&path);
	free(state);
	log_remove(dir);
}

/* A pack that is not full is written anew, with what came. */
static void test_grows(void **unused)
{
	char *dir = log_folder(), *state = test_log(dir, TILE);
	struct packing_result r = pack(state);
	uint64_t n;

	(void)unused;
	assert_int_equal(r.records, TILE);
	append(state, 1000, TILE - 1);
	/* Those are not on disk yet, as far as is known. */
	assert_int_equal(pack(state).packs, 0);
	append(state, 2000, 1);
	r = pack(state);
	assert_int_equal(r.records, TILE);
	assert_int_equal(r.packs, 1);
	assert_int_equal(count_loose(state), 0);
	for (n = 0; n < 2 * TILE; n += 13)
		assert_true(readable(state, n));
	assert_int_equal(log_whole(state), 2 * TILE);
	append(state, 3000, 3);
	assert_int_equal(log_whole(state), 2 * TILE + 3);
	free(state);
	log_remove(dir);
}

/* The same record again, while that of before is in a pack already: the append
 * that makes all files last does not miss it. */
static void test_same_again(void **unused)
{
	char *dir = log_folder(), *state = test_log(dir, TILE);
	struct buf text = BUF_INIT(RECORD_MAX);
	struct log_receipt receipt;
	struct err err = ERR_INIT;

	(void)unused;
	pack(state);
	test_text(test_decision("reject", REF, 5), &text);
	assert_int_equal(append_run(state, buf_all(&text), &receipt, &err), 0);
	assert_true(is_loose(state, TILE));
	pack(state);
	assert_false(is_loose(state, TILE));
	assert_true(readable(state, TILE));
	append(state, 1000, TILE - 1);
	assert_int_equal(log_whole(state), 2 * TILE);
	assert_int_equal(pack(state).records, TILE - 1);
	assert_true(readable(state, TILE));
	assert_int_equal(log_whole(state), 2 * TILE);
	buf_free(&text);
	free(state);
	log_remove(dir);
}

/* Who looked before finds it afterwards. */
static void test_moved_meanwhile(void **unused)
{
	char *dir = log_folder(), *state = test_log(dir, TILE);
	struct vault *v = vault_new(state);
	struct buf text = BUF_INIT(RECORD_MAX);
	struct err err = ERR_INIT;
	char name[65];
	bool found;

	(void)unused;
	name_of(state, 0, name);
	assert_int_equal(vault_record(v, 0, name, &text, &found, &err), 0);
	assert_true(found);
	pack(state);
	name_of(state, 1, name);
	assert_int_equal(vault_record(v, 1, name, &text, &found, &err), 0);
	assert_true(found);
	memset(name, 'a', 64);
	assert_int_equal(vault_record(v, 1, name, &text, &found, &err), 0);
	assert_false(found);
	vault_free(v);
	buf_free(&text);
	free(state);
	log_remove(dir);
}

/* A run that was cut short left a record twice. */
static void test_twice(void **unused)
{
	char *dir = log_folder(), *state = test_log(dir, TILE), name[65];
	struct buf text = BUF_INIT(RECORD_MAX), path = PATH_BUF_INIT;
	struct err err = ERR_INIT;

	(void)unused;
	name_of(state, 9, name);
	store_vault_path(&path, state, name);
	assert_int_equal(io_read_file(buf_cstr(&path), &text, &err), 0);
	pack(state);
	assert_int_equal(
		io_replace(buf_cstr(&path), buf_all(&text), 0600, &err), 0);
	assert_int_equal(log_whole(state), TILE);
	assert_int_equal(pack(state).packs, 0);
	assert_false(io_exists(buf_cstr(&path)));
	assert_true(readable(state, 9));
	buf_free(&path);
	buf_free(&text);
	free(state);
	log_remove(dir);
}

static void test_damaged_file(void **unused)
{
	char *dir = log_folder(), *state = test_log(dir, TILE), name[65];
	struct buf path = PATH_BUF_INIT;

	(void)unused;
	name_of(state, 9, name);
	flip(store_vault_path(&path, state, name), 20);
	assert_int_equal(pack(state).damaged, 1);
	assert_true(is_loose(state, 9));
	assert_int_equal(count_loose(state), 1);
	damaged(state, 1, name);
	buf_free(&path);
	free(state);
	log_remove(dir);
}

/* A pack that is damaged is named once, and never replaced by one without what
 * cannot be read. */
static void test_damaged_pack(void **unused)
{
	char *dir = log_folder(), *state = test_log(dir, TILE);
	struct buf path = PATH_BUF_INIT;
	struct packing_result r;
	struct err err = ERR_INIT;
	struct stat before, after;

	(void)unused;
	pack(state);
	append(state, 1000, TILE);
	vault_pack_path(&path, state, 0);
	assert_int_equal(stat(buf_cstr(&path), &before), 0);
	/* The first block; the checksum; the magic. */
	flip(buf_cstr(&path), 100);
	damaged(state, 1, "block 0");
	assert_int_equal(packing_run(state, &r, &err), -1);
	assert_int_equal(err.code, ERR_LOG);
	flip(buf_cstr(&path), 100);
	flip(buf_cstr(&path), -1);
	damaged(state, 1, "checksum");
	flip(buf_cstr(&path), -1);
	flip(buf_cstr(&path), -72);
	damaged(state, 1, "not a pack");
	flip(buf_cstr(&path), -72);
	assert_int_equal(stat(buf_cstr(&path), &after), 0);
	assert_true(before.st_ino == after.st_ino);
	assert_int_equal(pack(state).records, TILE);
	assert_int_equal(log_whole(state), 2 * TILE);
	/* Without it, the first of its records is what is missing. */
	assert_int_equal(unlink(buf_cstr(&path)), 0);
	damaged(state, 2 * TILE, "the record of entry");
	buf_free(&path);
	free(state);
	log_remove(dir);
}

static void test_group_reads(void **unused)
{
	char *dir = log_folder(), *state = test_log(dir, TILE);
	struct buf path = PATH_BUF_INIT;
	struct stat st;

	(void)unused;
	assert_int_equal(chmod(store_path(&path, state, STORE_VAULT), 0750), 0);
	pack(state);
	assert_int_equal(stat(store_path(&path, state, STORE_PACKS), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0750);
	assert_int_equal(stat(vault_pack_path(&path, state, 0), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0640);
	buf_free(&path);
	free(state);
	log_remove(dir);
}

static void test_of_logd(void **unused)
{
	char *dir = log_folder(), *state = test_log(dir, TILE);
	struct buf path = PATH_BUF_INIT;
	struct packing_result r;
	struct err err = ERR_INIT;

	(void)unused;
	assert_int_equal(io_replace(store_path(&path, state, STORE_SOCKET),
				 SPAN_LIT("{}"), 0600, &err),
		0);
	assert_int_equal(packing_run(state, &r, &err), -1);
	assert_non_null(strstr(err.text, "logd"));
	assert_int_equal(count_loose(state), TILE);
	buf_free(&path);
	free(state);
	log_remove(dir);
}

/* Partial tiles that a crash left beside the full one. */
static void test_partial_tiles(void **unused)
{
	static const char *const names[] = {"tile/0/000.p/5",
		"tile/entries/000.p/7", "tile/1/000.p/1", "tile/0/001.p/9"};
	char *dir = log_folder(), *state = test_log(dir, TILE + 9);
	struct buf path = PATH_BUF_INIT, name = PATH_BUF_INIT;
	struct err err = ERR_INIT;
	size_t i;

	(void)unused;
	for (i = 0; i < ARRAY_LEN(names); i++) {
		buf_reset(&name);
		buf_fmt(&name, STORE_LOG "/%s", names[i]);
		store_path(&path, state, buf_cstr(&name));
		*strrchr((char *)path.p, '/') = '\0';
		assert_int_equal(io_mkdirs((char *)path.p, 0755, &err), 0);
		path.p[strlen((char *)path.p)] = '/';
		if (!io_exists(buf_cstr(&path)))
			assert_int_equal(io_replace(buf_cstr(&path),
						 SPAN_LIT("x"), 0644, &err),
				0);
	}
	pack(state);
	store_path(&path, state, STORE_LOG "/tile/0/000.p");
	assert_false(io_exists(buf_cstr(&path)));
	store_path(&path, state, STORE_LOG "/tile/entries/000.p");
	assert_false(io_exists(buf_cstr(&path)));
	/* Those of open tiles stay. */
	assert_true(io_exists(
		store_path(&path, state, STORE_LOG "/tile/1/000.p/1")));
	assert_true(io_exists(
		store_path(&path, state, STORE_LOG "/tile/0/001.p/9")));
	buf_free(&name);
	buf_free(&path);
	free(state);
	log_remove(dir);
}

static int pack_quietly(void *ctx)
{
	struct packing_result r;
	struct err err = ERR_INIT;

	return packing_run(ctx, &r, &err);
}

/* Before any call: the log verifies, and the next run ends what was begun. */
static void test_killed(void **unused)
{
	unsigned twice = 0;
	int at, r = 1;

	(void)unused;
	for (at = 1; r > 0; at += 97 * UNIT_STEP) {
		char *dir = log_folder(), *state = test_log(dir, TILE + 3);
		size_t loose;

		r = killed_at(pack_quietly, state, at);
		if (r < 0)
			print_message("no tracing here, left out\n");
		loose = count_loose(state);
		twice += r > 0 && loose > 3 && loose < TILE + 3;
		assert_int_equal(log_whole(state), TILE + 3);
		pack(state);
		assert_int_equal(count_loose(state), 3);
		assert_int_equal(log_whole(state), TILE + 3);
		free(state);
		log_remove(dir);
	}
	if (r >= 0)
		assert_true(twice > 0);
}

/* The power goes before any sync, and at the end. */
static void cut_each(const char *dir, const char *state, uint64_t size)
{
	struct disk *d = disk_new(state);
	struct buf cut = PATH_BUF_INIT;
	unsigned way, cuts = 0;
	size_t moment;

	io_join(&cut, dir, "cut");
	if (disk_run(d, pack_quietly, (void *)(uintptr_t)state) < 0) {
		print_message("no tracing here, left out\n");
		goto out;
	}
	assert_int_equal(count_loose(state), 0);
	for (moment = 0; moment <= disk_now(d); moment++) {
		for (way = 0; way < 6; way++) {
			if (!disk_before_sync(d, moment))
				continue;
			disk_build(d, moment,
				way < DISK_SOME ? (enum disk_left)way
						: DISK_SOME,
				(unsigned)moment * 31 + way, buf_cstr(&cut));
			assert_int_equal(log_whole(buf_cstr(&cut)), size);
			pack(buf_cstr(&cut));
			assert_int_equal(count_loose(buf_cstr(&cut)), 0);
			assert_int_equal(log_whole(buf_cstr(&cut)), size);
			unit_rm(buf_cstr(&cut));
			cuts++;
		}
	}
	print_message("%u cuts\n", cuts);
	assert_true(cuts >= 12);
out:
	buf_free(&cut);
	disk_free(d);
}

static void test_power_cut(void **unused)
{
	char *dir = log_folder(), *state = test_log(dir, TILE);

	(void)unused;
	cut_each(dir, state, TILE);
	/* And of a pack that takes the place of another. */
	append(state, 1000, TILE);
	cut_each(dir, state, 2 * TILE);
	free(state);
	log_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_packed),
		cmocka_unit_test(test_grows),
		cmocka_unit_test(test_same_again),
		cmocka_unit_test(test_moved_meanwhile),
		cmocka_unit_test(test_twice),
		cmocka_unit_test(test_damaged_file),
		cmocka_unit_test(test_damaged_pack),
		cmocka_unit_test(test_group_reads),
		cmocka_unit_test(test_of_logd),
		cmocka_unit_test(test_partial_tiles),
		cmocka_unit_test(test_killed),
		cmocka_unit_test(test_power_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
