#include "log/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/text.h"
#include "port/crypto.h"

#define BOOT_FILE "/proc/sys/kernel/random/boot_id"
#define BOOT_LEN 36
#define CHECK_LEN 8
#define LINK_LEN 8 /* of the root before, to know a frame's place */
#define LINE_MAX 320

/* This boot of the machine, or "" when that cannot be told. */
static const char *boot_now(void)
{
	static char id[BOOT_LEN + 1];
	struct buf b = BUF_INIT(BOOT_LEN + 1);
	struct err ignored = ERR_INIT;
	int fd;

	if (id[0])
		return id;
	fd = open(BOOT_FILE, O_RDONLY | O_CLOEXEC);
	if (fd >= 0 && !io_read(fd, &b, &ignored) && b.n >= BOOT_LEN)
		memcpy(id, b.p, BOOT_LEN);
	io_close(fd);
	buf_free(&b);
	return id;
}

/* A line is its words, and the begin of their SHA-256. */
static void line_end(struct buf *out)
{
	unsigned char sum[SHA256_LEN];

	sha256_of(buf_all(out), sum);
	buf_byte(out, ' ');
	text_hex(out, span_of(sum, CHECK_LEN));
	buf_byte(out, '\n');
}

static void head_line(uint64_t synced, const struct hash *root,
	const char *boot, struct buf *out)
{
	buf_fmt(out, "journal %llu ", (unsigned long long)synced);
	text_hex(out, span_of(root->b, HASH_LEN));
	buf_fmt(out, " %s", *boot ? boot : "-");
	line_end(out);
}

static void frame_line(const struct journal_frame *f, const struct hash *before,
	struct buf *out)
{
	buf_fmt(out, "append %llu ", (unsigned long long)f->size);
	text_hex(out, span_of(f->root.b, HASH_LEN));
	buf_fmt(out, " %zu ", f->record.n);
	text_hex(out, span_of(f->sha256, SHA256_LEN));
	buf_byte(out, ' ');
	text_hex(out, span_of(before->b, LINK_LEN));
	buf_fmt(out, " %llu", (unsigned long long)f->more);
	line_end(out);
}

static bool word(struct span *rest, struct span *out)
{
	size_t at = span_find(*rest, ' ');

	*out = span_sub(*rest, 0, at);
	*rest = at == SIZE_MAX ? SPAN_EMPTY : span_from(*rest, at + 1);
	return out->n > 0;
}

/* The line that ${block} starts with, of that first word; ${rest}: the words
 * after it, without the digest, which was right. */
static bool line_read(
	struct span block, const char *kind, struct span *rest, size_t *length)
{
	struct span s = span_sub(block, 0, LINE_MAX), line, first;
	unsigned char sum[SHA256_LEN], want[CHECK_LEN];
	size_t digest = 2 * CHECK_LEN + 1;
	bool lf;

	if (!span_line(&s, &line, &lf) || !lf || line.n <= digest)
		return false;
	*length = line.n + 1;
	*rest = span_sub(line, 0, line.n - digest);
	if (!text_hex_read(
		    span_from(line, line.n - digest + 1), want, sizeof(want)))
		return false;
	sha256_of(*rest, sum);
	return !memcmp(sum, want, sizeof(want)) && word(rest, &first) &&
		span_is(first, kind);
}

static bool head_read(struct span block, struct journal *j)
{
	struct span rest, w;
	size_t length;

	if (!line_read(block, "journal", &rest, &length) || !word(&rest, &w) ||
		!text_to_u64(w, LOG_SIZE_MAX, &j->synced) || !word(&rest, &w) ||
		!text_hex_read(w, j->root.b, HASH_LEN) || !word(&rest, &w))
		return false;
	j->same_boot = *boot_now() && span_is(w, boot_now());
	return true;
}

static size_t blocks(size_t n)
{
	return (n + JOURNAL_BLOCK - 1) / JOURNAL_BLOCK * JOURNAL_BLOCK;
}

/* Its place among the others: the root before it, and how many of its group
 * follow. Frames from before there were groups do not say. */
static bool place_read(
	struct span rest, const struct hash *before, struct journal_frame *out)
{
	unsigned char link[LINK_LEN];
	struct span w;

	out->more = 0;
	if (!rest.n)
		return true;
	return word(&rest, &w) && text_hex_read(w, link, LINK_LEN) &&
		!memcmp(link, before->b, LINK_LEN) && word(&rest, &w) &&
		text_to_u64(w, JOURNAL_FRAMES, &out->more) && !rest.n;
}

/* The frame at ${at}, if there is one for that size; then where the next would
 * be. */
static bool frame_read(struct span all, size_t *at, uint64_t size,
	const struct hash *before, struct journal_frame *out)
{
	struct span rest, w, block = span_from(all, *at);
	uint64_t n;
	size_t length;

	if (!block.n || !line_read(block, "append", &rest, &length) ||
		!word(&rest, &w) || !text_to_u64(w, LOG_SIZE_MAX, &out->size) ||
		out->size != size || !word(&rest, &w) ||
		!text_hex_read(w, out->root.b, HASH_LEN) || !word(&rest, &w) ||
		!text_to_u64(w, JOURNAL_LEN, &n) || n > block.n - length ||
		!word(&rest, &w) ||
		!text_hex_read(w, out->sha256, SHA256_LEN) ||
		!place_read(rest, before, out))
		return false;
	out->record = span_sub(block, length, (size_t)n);
	*at += blocks(length + (size_t)n);
	return true;
}

bool journal_whole(const struct journal_frame *f)
{
	unsigned char sum[SHA256_LEN];

	sha256_of(f->record, sum);
	return !memcmp(sum, f->sha256, sizeof(sum));
}

int journal_create(const char *path, uint64_t size, const struct hash *root,
	struct err *err)
{
	struct buf b = BUF_INIT(JOURNAL_LEN);
	int ret;

	head_line(size, root, boot_now(), &b);
	if (!buf_room(&b, JOURNAL_LEN - b.n))
		die("journal: no room");
	memset(b.p + b.n, 0, JOURNAL_LEN - b.n);
	b.n = JOURNAL_LEN;
	ret = io_replace(path, buf_all(&b), 0600, err);
	buf_free(&b);
	return ret;
}

static int damaged(const char *path, struct err *err)
{
	err_set(err, ERR_LOG, "the journal '%s' is damaged", path);
	return err_hint(err,
		"if 'sluice log verify' finds the log whole, remove the "
		"journal; see 'The journal' in sluice-log(5)");
}

static int map(
	const char *path, struct journal *j, bool *found, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW), ret = -1;
	struct stat st;

	*found = false;
	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0)
		return err_sys(err, "cannot open '%s'", path);
	if (fstat(fd, &st)) {
		err_sys(err, "'%s'", path);
		goto out;
	}
	if (!S_ISREG(st.st_mode) || st.st_size != JOURNAL_LEN) {
		damaged(path, err);
		goto out;
	}
	/* What is in it will be signed. */
	if ((st.st_mode & 022) ||
		(st.st_uid != geteuid() && st.st_uid && geteuid())) {
		err_set(err, ERR_LOG,
			"the journal '%s' may be written by others", path);
		err_hint(err, "run: chmod 600 '%s'", path);
		goto out;
	}
	j->map = mmap(NULL, JOURNAL_LEN, PROT_READ, MAP_SHARED, fd, 0);
	if (j->map == MAP_FAILED) {
		j->map = NULL;
		err_sys(err, "cannot read '%s'", path);
		goto out;
	}
	*found = true;
	ret = 0;
out:
	io_close(fd);
	return ret;
}

/* Frames as far as they follow on each other. */
static void read_frames(struct span all, struct journal *j)
{
	const struct hash *before = &j->root;
	uint64_t more = 0; /* that the group still has to come */

	j->end = JOURNAL_BLOCK;
	while (j->n < ARRAY_LEN(j->frame)) {
		struct journal_frame *f = &j->frame[j->n];
		size_t at = j->end;

		if (!frame_read(all, &at, j->synced + j->n + 1, before, f) ||
			(more && f->more != more - 1))
			return;
		before = &f->root;
		more = f->more;
		j->end = at;
		j->n++;
	}
}

/* A group is promised when all of it lasts: one that lacks something was cut
 * short, and nobody was told of it. */
static void drop_cut(struct span all, struct journal *j)
{
	size_t i, from = j->n;
	bool whole = true;

	if (!j->n)
		return;
	for (from--; from && j->frame[from - 1].more; from--)
		;
	for (i = from; i < j->n; i++)
		whole = whole && journal_whole(&j->frame[i]);
	if (whole && !j->frame[j->n - 1].more)
		return;
	j->n = from;
	j->end = (size_t)(j->frame[from].record.p - all.p) / JOURNAL_BLOCK *
		JOURNAL_BLOCK;
}

int journal_open(
	const char *path, struct journal *out, bool *found, struct err *err)
{
	struct span all;

	*out = JOURNAL_NONE;
	if (map(path, out, found, err))
		return -1;
	if (!*found)
		return 0;
	all = span_of(out->map, JOURNAL_LEN);
	if (!head_read(span_sub(all, 0, JOURNAL_BLOCK), out)) {
		journal_close(out);
		*found = false;
		return damaged(path, err);
	}
	read_frames(all, out);
	drop_cut(all, out);
	return 0;
}

void journal_close(struct journal *j)
{
	if (j->map)
		munmap(j->map, JOURNAL_LEN);
	*j = JOURNAL_NONE;
}

bool journal_fits(const struct journal *j, size_t n, bool used)
{
	size_t from = used ? j->end : JOURNAL_BLOCK;

	return *boot_now() && from <= JOURNAL_LEN && n <= JOURNAL_LEN &&
		LINE_MAX + n <= JOURNAL_LEN - from &&
		(!used || j->n < ARRAY_LEN(j->frame));
}

size_t journal_fitting(
	const struct journal *j, const struct journal_frame *f, size_t n)
{
	struct journal after = {.end = j->end, .n = j->n};
	size_t i;

	for (i = 0; i < n && journal_fits(&after, f[i].record.n, true); i++) {
		after.end += blocks(LINE_MAX + f[i].record.n);
		after.n++;
	}
	return i;
}

int journal_add(const char *path, struct journal *j, struct journal_frame *f,
	size_t n, bool *written, struct err *err)
{
	const struct hash *before = j->n ? &j->frame[j->n - 1].root : &j->root;
	struct buf b = BUF_INIT(JOURNAL_LEN), line = BUF_INIT(LINE_MAX);
	size_t i;
	int ret = -1;

	*written = false;
	if (journal_fitting(j, f, n) != n)
		die("journal: no room for a frame");
	for (i = 0; i < n; i++) {
		sha256_of(f[i].record, f[i].sha256);
		f[i].more = n - 1 - i;
		while (b.n % JOURNAL_BLOCK)
			buf_byte(&b, '\0');
		buf_reset(&line);
		frame_line(&f[i], before, &line);
		buf_span(&b, buf_all(&line));
		buf_span(&b, f[i].record);
		before = &f[i].root;
	}
	if (buf_check(&b, "journal", err) ||
		io_overwrite(
			path, (off_t)j->end, buf_all(&b), true, written, err))
		goto out;
	for (i = 0; i < n; i++)
		j->frame[j->n++] = f[i];
	j->end += blocks(b.n);
	ret = 0;
out:
	buf_free(&line);
	buf_free(&b);
	return ret;
}

int journal_again(const char *path, const struct journal *j, struct err *err)
{
	struct buf b = BUF_INIT(JOURNAL_LEN);
	bool written;
	int ret;

	buf_span(&b,
		span_sub(span_of(j->map, JOURNAL_LEN), JOURNAL_BLOCK,
			j->end - JOURNAL_BLOCK));
	ret = io_overwrite(
		path, JOURNAL_BLOCK, buf_all(&b), true, &written, err);
	buf_free(&b);
	return ret;
}

/* The first line in place of the one that is there. */
static int head_write(const char *path, uint64_t size, const struct hash *root,
	const char *boot, struct err *err)
{
	struct buf b = BUF_INIT(JOURNAL_BLOCK);
	bool written;
	int ret;

	head_line(size, root, boot, &b);
	/* What may be left of a longer one. */
	while (b.n < LINE_MAX)
		buf_byte(&b, '\0');
	ret = io_overwrite(path, 0, buf_all(&b), true, &written, err);
	buf_free(&b);
	return ret;
}

int journal_restart(const char *path, struct journal *j, uint64_t size,
	const struct hash *root, struct err *err)
{
	if (head_write(path, size, root, boot_now(), err))
		return -1;
	j->synced = size;
	j->root = *root;
	j->same_boot = true;
	j->n = 0;
	j->end = JOURNAL_BLOCK;
	return 0;
}

int journal_distrust(const char *path, struct journal *j, struct err *err)
{
	if (head_write(path, j->synced, &j->root, "", err))
		return -1;
	j->same_boot = false;
	return 0;
}
