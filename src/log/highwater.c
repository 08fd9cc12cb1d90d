#include "log/highwater.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/text.h"
#include "port/crypto.h"

#define SLOT_APART 4096
#define FILE_LEN (2 * SLOT_APART)
/* "highwater <size> <root> <check> pending\n", fields of fixed width. */
#define HEAD "highwater "
#define SIZE_AT (sizeof(HEAD) - 1)
#define SIZE_DIGITS 20
#define ROOT_AT (SIZE_AT + SIZE_DIGITS + 1)
#define CHECK_AT (ROOT_AT + 2 * HASH_LEN + 1)
#define CHECK_LEN 8
#define MARK_AT (CHECK_AT + 2 * CHECK_LEN + 1)
#define MARK_PENDING "pending\n"
#define MARK_SETTLED "settled\n"
#define LINE_LEN (MARK_AT + sizeof(MARK_PENDING) - 1)

static void line_of(uint64_t size, const struct hash *root, struct buf *out)
{
	unsigned char sum[SHA256_LEN];

	buf_fmt(out, HEAD "%0*llu ", SIZE_DIGITS, (unsigned long long)size);
	text_hex(out, span_of(root->b, HASH_LEN));
	sha256_of(buf_all(out), sum);
	buf_byte(out, ' ');
	text_hex(out, span_of(sum, CHECK_LEN));
	buf_byte(out, ' ');
}

static bool slot_read(struct span in, struct highwater *out)
{
	struct buf again = BUF_INIT(LINE_LEN);
	struct span digits = span_sub(in, SIZE_AT, SIZE_DIGITS);
	struct span mark = span_sub(in, MARK_AT, sizeof(MARK_PENDING) - 1);
	bool ok = false;

	while (digits.n > 1 && digits.p[0] == '0')
		digits = span_from(digits, 1);
	if (!text_to_u64(digits, LOG_SIZE_MAX, &out->size) ||
		!text_hex_read(span_sub(in, ROOT_AT, 2 * HASH_LEN), out->root.b,
			HASH_LEN))
		goto out;
	out->pending = span_is(mark, MARK_PENDING);
	if (!out->pending && !span_is(mark, MARK_SETTLED))
		goto out;
	line_of(out->size, &out->root, &again);
	ok = span_eq(buf_all(&again), span_sub(in, 0, MARK_AT));
out:
	buf_free(&again);
	return ok;
}

int highwater_write(const char *path, uint64_t size, const struct hash *root,
	struct err *err)
{
	struct buf b = BUF_INIT(FILE_LEN);
	int ret;

	line_of(size, root, &b);
	buf_str(&b, MARK_SETTLED);
	while (b.n < FILE_LEN)
		buf_byte(&b, '\n');
	ret = io_replace(path, buf_all(&b), 0600, err);
	buf_free(&b);
	return ret;
}

int highwater_create(const char *path, struct err *err)
{
	struct hash root;

	memcpy(root.b, checkpoint_empty_root, HASH_LEN);
	return highwater_write(path, 0, &root, err);
}

/* Whoever writes it says from where the log may be signed. */
static const char *fault_of(const struct stat *st)
{
	uid_t us = geteuid();

	if (!S_ISREG(st->st_mode))
		return "is not a regular file";
	if (us && st->st_uid && st->st_uid != us)
		return "belongs to another account";
	return st->st_mode & (S_IWGRP | S_IWOTH) ? "can be written by others"
						 : NULL;
}

static int not_trusted(const char *path, const char *fault, struct err *err)
{
	err_set(err, ERR_LOG, "the high-water mark '%s' %s", path, fault);
	return err_hint(err,
		"if nobody else wrote it, make it a file of the account that "
		"appends, mode 600; else remove it and see 'sluice log "
		"recover'");
}

static int lost(const char *path, const char *how, struct highwater *out,
	struct err *err)
{
	out->lost = true;
	err_set(err, ERR_LOG, "the high-water mark '%s' is %s", path, how);
	return err_hint(err,
		"without it a log that was rolled back cannot be told; 'sluice "
		"log recover' makes it anew by a mirror or by witnesses");
}

static int read_trusted(const char *path, struct buf *out, struct highwater *hw,
	struct err *err)
{
	int fd = open(path,
		O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW);
	const char *fault;
	struct stat st;
	int ret = -1;

	if (fd < 0 && errno == ELOOP)
		return not_trusted(path, "is a symbolic link", err);
	if (fd < 0 && errno == ENOENT) {
		lost(path, "missing", hw, err);
		err->code = ERR_SYS;
		err->sys = ENOENT;
		return -1;
	}
	if (fd < 0)
		return err_sys(err, "cannot open '%s'", path);
	if (fstat(fd, &st))
		err_sys(err, "cannot stat '%s'", path);
	else if ((fault = fault_of(&st)))
		not_trusted(path, fault, err);
	else if ((uint64_t)st.st_size > FILE_LEN)
		lost(path, "damaged", hw, err);
	else
		ret = io_read(fd, out, err);
	io_close(fd);
	return ret;
}

int highwater_read(const char *path, struct highwater *out, struct err *err)
{
	struct buf b = BUF_INIT(FILE_LEN);
	struct highwater slot[2] = {{.slot = 0}, {.slot = 1}};
	bool have[2];
	int ret = -1;

	memset(out, 0, sizeof(*out));
	if (read_trusted(path, &b, out, err))
		goto out;
	have[0] = slot_read(span_sub(buf_all(&b), 0, LINE_LEN), &slot[0]);
	have[1] = slot_read(
		span_sub(buf_all(&b), SLOT_APART, LINE_LEN), &slot[1]);
	if (!have[0] && !have[1]) {
		lost(path, "damaged", out, err);
		goto out;
	}
	if (have[0] && have[1])
		*out = slot[slot[1].size > slot[0].size];
	else
		*out = slot[have[1]];
	ret = 0;
out:
	buf_free(&b);
	return ret;
}

int highwater_raise(const char *path, struct highwater *hw, uint64_t size,
	const struct hash *root, bool lasting, struct err *err)
{
	struct highwater next = {.size = size,
		.root = *root,
		.pending = true,
		.slot = !hw->slot};
	struct buf line = BUF_INIT(LINE_LEN);
	bool written;
	int ret;

	line_of(size, root, &line);
	buf_str(&line, MARK_PENDING);
	ret = io_overwrite(path, next.slot ? SLOT_APART : 0, buf_all(&line),
		lasting, &written, err);
	if (!ret)
		*hw = next;
	buf_free(&line);
	return ret;
}

int highwater_settle(const char *path, struct highwater *hw, struct err *err)
{
	off_t at = (hw->slot ? SLOT_APART : 0) + (off_t)MARK_AT;
	bool written;

	if (io_overwrite(
		    path, at, SPAN_LIT(MARK_SETTLED), false, &written, err))
		return -1;
	hw->pending = false;
	return 0;
}
