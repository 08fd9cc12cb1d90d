#include "logwhole.h"

#include "records.h"
#include "unit.h"

#include <fcntl.h>

#include "base/io.h"
#include "log/append.h"
#include "log/check.h"
#include "log/highwater.h"
#include "log/journal.h"
#include "log/keychain.h"
#include "log/reader.h"
#include "log/store.h"
#include "port/crypto.h"

#define BOOT_LEN 36

static char said[4096];

static void tell(void *ctx, enum check_word word, const char *what)
{
	(void)ctx;
	if (word != CHECK_NOTE)
		snprintf(said, sizeof(said), "%s", what);
}

uint64_t log_whole(const char *state)
{
	struct log_check c = {.state = state, .tell = tell};
	struct buf key = BUF_INIT(4096), path = PATH_BUF_INIT;
	struct log_check_result r;
	struct err err = ERR_INIT;

	said[0] = '\0';
	assert_int_equal(store_vkey(state, &key, &err), 0);
	c.vkey = buf_all(&key);
	assert_int_equal(log_source_dir(store_path(&path, state, STORE_LOG),
				 &c.src, &err),
		0);
	assert_int_equal(log_check_run(&c, &r, &err), 0);
	if (r.damaged || r.unknown)
		fail_msg("damaged: %s", said);
	log_source_close(c.src);
	buf_free(&key);
	buf_free(&path);
	return r.size;
}

void log_aside(const char *state)
{
	struct arena *a = arena_new(1u << 20);
	struct buf key = BUF_INIT(4096), path = PATH_BUF_INIT;
	struct buf note = BUF_INIT(CHECKPOINT_MAX);
	struct err err = ERR_INIT;
	struct checkpoint c;
	struct highwater mark;
	struct note_key k;

	store_path(&path, state, STORE_LOG "/.checkpoint.tmp");
	if (io_read_file(buf_cstr(&path), &note, &err))
		goto out;
	assert_int_equal(store_vkey(state, &key, &err), 0);
	assert_int_equal(key_read(buf_all(&key), NOTE_ED25519, &k, &err), 0);
	if (checkpoint_open(&k, buf_all(&note), a, &c, &err))
		goto out;
	store_path(&path, state, STORE_HIGHWATER);
	assert_int_equal(highwater_read(buf_cstr(&path), &mark, &err), 0);
	assert_true(c.size <= mark.size);
	if (c.size == mark.size)
		assert_memory_equal(c.root, mark.root.b, HASH_LEN);
out:
	buf_free(&note);
	buf_free(&path);
	buf_free(&key);
	arena_free(a);
}

void log_reboot(const char *state)
{
	struct buf path = PATH_BUF_INIT, all = BUF_INIT(JOURNAL_LEN);
	struct buf line = BUF_INIT(400);
	unsigned char sum[SHA256_LEN];
	struct err err = ERR_INIT;
	size_t i, end;
	int fd;

	store_path(&path, state, STORE_JOURNAL);
	if (!io_exists(buf_cstr(&path)))
		goto out;
	assert_int_equal(io_read_file(buf_cstr(&path), &all, &err), 0);
	end = span_find(buf_all(&all), '\n');
	/* "… <root> <boot> <digest>" */
	if (end == SIZE_MAX || end < BOOT_LEN + 18)
		goto out;
	buf_add(&line, all.p, end - 17 - BOOT_LEN);
	buf_str(&line, "00000000-0000-0000-0000-000000000000");
	sha256_of(buf_all(&line), sum);
	buf_byte(&line, ' ');
	for (i = 0; i < 8; i++)
		buf_fmt(&line, "%02x", sum[i]);
	fd = open(buf_cstr(&path), O_WRONLY);
	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, line.p, line.n, 0), (ssize_t)line.n);
	close(fd);
out:
	buf_free(&line);
	buf_free(&all);
	buf_free(&path);
}

uint64_t log_append(const char *state, struct doc *record)
{
	struct buf text = BUF_INIT(RECORD_MAX);
	struct log_receipt r;
	struct err err = ERR_INIT;

	test_text(record, &text);
	if (append_run(state, buf_all(&text), &r, &err))
		fail_msg("append: %s", err.text);
	buf_free(&text);
	return r.index;
}
