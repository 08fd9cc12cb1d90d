#include "support/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/io.h"

struct place {
	char dir[128];
	struct buf path;
};

static int setup(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	if (!p)
		return -1;
	unit_dir(p->dir, sizeof(p->dir));
	p->path = (struct buf)PATH_BUF_INIT;
	*state = p;
	return 0;
}

static int teardown(void **state)
{
	struct place *p = *state;

	unit_rm(p->dir);
	buf_free(&p->path);
	free(p);
	return 0;
}

static const char *in(struct place *p, const char *name)
{
	io_join(&p->path, p->dir, name);
	return buf_cstr(&p->path);
}

static void replace_writes_all_or_nothing(void **state)
{
	struct place *p = *state;
	struct buf got = BUF_INIT(1000), aside = PATH_BUF_INIT;
	struct err err = ERR_INIT;
	struct stat st;

	umask(077);
	assert_int_equal(
		io_replace(in(p, "f"), SPAN_LIT("one"), 0644, &err), 0);
	assert_int_equal(stat(in(p, "f"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	assert_int_equal(
		io_replace(in(p, "f"), SPAN_LIT("two\0x"), 0600, &err), 0);
	assert_int_equal(stat(in(p, "f"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(io_read_file(in(p, "f"), &got, &err), 0);
	assert_int_equal(got.n, 5);
	assert_memory_equal(got.p, "two\0x", 5);
	buf_fmt(&aside, "%s/.f.tmp-%ld", p->dir, (long)getpid());
	assert_false(io_exists(buf_cstr(&aside)));
	buf_free(&aside);
	buf_free(&got);
}

/* The aside file must not follow a link that someone left in its place. */
static void replace_does_not_follow_links(void **state)
{
	struct place *p = *state;
	struct buf aside = PATH_BUF_INIT;
	struct err err = ERR_INIT;
	char victim[256];

	snprintf(victim, sizeof(victim), "%s/victim", p->dir);
	assert_int_equal(io_replace(victim, SPAN_LIT("v"), 0600, &err), 0);
	buf_fmt(&aside, "%s/.f.tmp-%ld", p->dir, (long)getpid());
	assert_int_equal(symlink(victim, buf_cstr(&aside)), 0);
	assert_int_equal(
		io_replace(in(p, "f"), SPAN_LIT("new"), 0600, &err), -1);
	assert_int_equal(err.sys, ELOOP);
	buf_reset(&aside);
	assert_int_equal(io_read_file(victim, &aside, &err), 0);
	unit_span_is(buf_all(&aside), "v");
	buf_free(&aside);
}

static void replace_says_what_failed(void **state)
{
	struct place *p = *state;
	struct err err = ERR_INIT;

	assert_int_equal(
		io_replace(in(p, "none/f"), SPAN_LIT("x"), 0600, &err), -1);
	assert_int_equal(err.code, ERR_SYS);
	assert_int_equal(err.sys, ENOENT);
	/* Over a folder: refused, and nothing is left beside it. */
	assert_int_equal(io_mkdirs(in(p, "d"), 0700, &err), 0);
	assert_int_equal(io_replace(in(p, "d"), SPAN_LIT("x"), 0600, &err), -1);
	snprintf(err.hint, sizeof(err.hint), "%s/.d.tmp-%ld", p->dir,
		(long)getpid());
	assert_false(io_exists(err.hint));
}

static void only_regular_files_are_read(void **state)
{
	struct place *p = *state;
	struct buf got = BUF_INIT(1000);
	struct err err = ERR_INIT;

	assert_int_equal(io_read_file(in(p, "none"), &got, &err), -1);
	assert_int_equal(err.code, ERR_SYS);
	assert_int_equal(err.sys, ENOENT);
	assert_int_equal(io_read_file(p->dir, &got, &err), -1);
	assert_int_equal(err.code, ERR_INPUT);
	/* A pipe that nobody writes to must not hang. */
	assert_int_equal(mkfifo(in(p, "pipe"), 0600), 0);
	assert_int_equal(io_read_file(in(p, "pipe"), &got, &err), -1);
	assert_int_equal(err.code, ERR_INPUT);
	buf_free(&got);
}

static void reading_is_bounded(void **state)
{
	struct place *p = *state;
	struct buf got = BUF_INIT(10);
	struct err err = ERR_INIT;

	assert_int_equal(
		io_replace(in(p, "f"), SPAN_LIT("0123456789"), 0600, &err), 0);
	assert_int_equal(io_read_file(in(p, "f"), &got, &err), 0);
	buf_reset(&got);
	assert_int_equal(
		io_replace(in(p, "f"), SPAN_LIT("0123456789x"), 0600, &err), 0);
	assert_int_equal(io_read_file(in(p, "f"), &got, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
	buf_free(&got);
}

static void folders_are_made_with_parents(void **state)
{
	struct place *p = *state;
	struct err err = ERR_INIT;
	struct stat st;

	umask(0);
	assert_int_equal(io_mkdirs(in(p, "a/b/c"), 0750, &err), 0);
	assert_int_equal(io_mkdirs(in(p, "a/b/c"), 0700, &err), 0);
	assert_int_equal(stat(in(p, "a/b/c"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0750);
	assert_int_equal(
		io_replace(in(p, "a/file"), SPAN_EMPTY, 0600, &err), 0);
	assert_int_equal(io_mkdirs(in(p, "a/file"), 0700, &err), -1);
	assert_int_equal(io_mkdirs(in(p, "a/file/x"), 0700, &err), -1);
	assert_int_equal(io_sync_dir(in(p, "a/file"), &err), -1);
}

static void existence_does_not_follow_links(void **state)
{
	struct place *p = *state;

	assert_false(io_exists(in(p, "link")));
	assert_int_equal(symlink("/nonexistent", in(p, "link")), 0);
	assert_true(io_exists(in(p, "link")));
}

static void writing_to_a_full_device_fails(void **state)
{
	struct err err = ERR_INIT;
	int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(io_write(fd, SPAN_LIT("x"), &err), -1);
	assert_int_equal(err.sys, ENOSPC);
	io_close(fd);
	errno = EINTR;
	io_close(-1);
	assert_int_equal(errno, EINTR);
}

static void paths_are_joined(void **state)
{
	struct buf b = PATH_BUF_INIT;

	(void)state;
	io_join(&b, "/var", "x");
	assert_string_equal(buf_cstr(&b), "/var/x");
	io_join(&b, "/var", "/x");
	assert_string_equal(buf_cstr(&b), "/x");
	buf_free(&b);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(replace_writes_all_or_nothing),
		TEST(replace_does_not_follow_links),
		TEST(replace_says_what_failed),
		TEST(only_regular_files_are_read),
		TEST(reading_is_bounded),
		TEST(folders_are_made_with_parents),
		TEST(existence_does_not_follow_links),
		TEST(writing_to_a_full_device_fails),
		TEST(paths_are_joined),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
