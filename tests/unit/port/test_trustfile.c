#include "port/trustfile.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "support/unit.h"

/* A folder of its own with a/b/file in it, all of it trusted. */
struct fixture {
	char top[300], file[400];
	struct buf out;
	struct err err;
};

static void put(const char *path, const char *text)
{
	struct err err = ERR_INIT;

	assert_int_equal(io_replace(path, span_str(text), 0644, &err), 0);
}

static char *in(struct fixture *f, const char *name)
{
	static char path[8][700];
	static unsigned at;
	char *p = path[at++ % 8];

	snprintf(p, 700, "%s/%s", f->top, name);
	return p;
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	char real[4096];

	assert_non_null(f);
	umask(022);
	unit_dir(f->top, sizeof(f->top));
	assert_non_null(realpath(f->top, real));
	snprintf(f->top, sizeof(f->top), "%.290s", real);
	assert_int_equal(mkdir(in(f, "a"), 0755), 0);
	assert_int_equal(mkdir(in(f, "a/b"), 0755), 0);
	snprintf(f->file, sizeof(f->file), "%s", in(f, "a/b/file"));
	put(f->file, "trusted\n");
	f->out = (struct buf)BUF_INIT(1000);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	unit_rm(f->top);
	buf_free(&f->out);
	free(f);
	return 0;
}

static int read_it(struct fixture *f, const char *path)
{
	buf_reset(&f->out);
	err_clear(&f->err);
	return trustfile_read(path, &f->out, &f->err);
}

static void accepts(struct fixture *f, const char *path)
{
	if (read_it(f, path))
		fail_msg("%s: %s", path, f->err.text);
	unit_span_is(buf_all(&f->out), "trusted\n");
}

static void refuses(struct fixture *f, const char *path, const char *what)
{
	if (!read_it(f, path))
		fail_msg("%s was trusted", path);
	if (!strstr(f->err.text, what))
		fail_msg("said '%s', expected '%s'", f->err.text, what);
}

static void a_file_of_ours_is_read(void **state)
{
	struct fixture *f = *state;

	accepts(f, f->file);
	accepts(f, in(f, "a//./b/../b/file"));
	assert_int_equal(chmod(f->file, 0400), 0);
	accepts(f, f->file);
}

static void relative_names_start_at_the_working_folder(void **state)
{
	struct fixture *f = *state;
	char here[4096];

	assert_non_null(getcwd(here, sizeof(here)));
	assert_int_equal(chdir(f->top), 0);
	accepts(f, "a/b/file");
	accepts(f, "./a/../a/b/file");
	assert_int_equal(chmod(f->top, 0775), 0);
	refuses(f, "a/b/file", "can be written by its group");
	assert_int_equal(chdir(here), 0);
}

static void writable_by_others_is_refused(void **state)
{
	static const mode_t modes[] = {0664, 0646, 0666, 0620, 0602};
	struct fixture *f = *state;
	char want[500];
	size_t i;

	for (i = 0; i < ARRAY_LEN(modes); i++) {
		assert_int_equal(chmod(f->file, modes[i]), 0);
		refuses(f, f->file, "so it carries no trust");
		assert_int_equal(f->err.code, ERR_POLICY);
		snprintf(want, sizeof(want), "chmod go-w '%s'", f->file);
		assert_string_equal(f->err.hint, want);
	}
	/* A sticky bit means nothing on a file. */
	assert_int_equal(chmod(f->file, 01666), 0);
	refuses(f, f->file, "so it carries no trust");
}

/* Its group may read what belongs to root. */
static void secrets_are_for_their_owner(void **state)
{
	static const mode_t bad[] = {0604, 0644, 0601, 0605, 0611, 0640};
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < ARRAY_LEN(bad); i++) {
		if (bad[i] == 0640 && geteuid() == 0)
			continue;
		assert_int_equal(chmod(f->file, bad[i]), 0);
		err_clear(&f->err);
		buf_reset(&f->out);
		if (!trustfile_read_secret(f->file, &f->out, &f->err))
			fail_msg("%04o was taken", (unsigned)bad[i]);
		assert_int_equal(f->err.code, ERR_POLICY);
		assert_int_equal(f->out.n, 0);
		assert_non_null(strstr(f->err.hint, "chmod go-rwx"));
	}
	assert_int_equal(chmod(f->file, geteuid() == 0 ? 0640 : 0600), 0);
	err_clear(&f->err);
	assert_int_equal(trustfile_read_secret(f->file, &f->out, &f->err), 0);
	unit_span_is(buf_all(&f->out), "trusted\n");
	assert_int_equal(chmod(f->file, 0660), 0);
	buf_reset(&f->out);
	assert_int_equal(trustfile_read_secret(f->file, &f->out, &f->err), -1);
}

static void so_is_any_folder_above(void **state)
{
	static const char *const folders[] = {"a/b", "a", "."};
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < ARRAY_LEN(folders); i++) {
		assert_int_equal(chmod(in(f, folders[i]), 0775), 0);
		refuses(f, f->file, "the folder");
		assert_non_null(strstr(f->err.hint, "chmod go-w"));
		assert_int_equal(chmod(in(f, folders[i]), 0757), 0);
		refuses(f, f->file, "can be written by others");
		assert_int_equal(chmod(in(f, folders[i]), 0755), 0);
		accepts(f, f->file);
	}
}

static void sticky_folders_of_root_protect_their_entries(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(chmod(in(f, "a"), 01777), 0);
	if (geteuid() == 0)
		accepts(f, f->file);
	else
		refuses(f, f->file, "the folder");
}

static void another_owner_is_refused(void **state)
{
	struct fixture *f = *state;

	if (geteuid() != 0)
		skip();
	assert_int_equal(chown(f->file, 12345, 0), 0);
	refuses(f, f->file, "belongs to user 12345, expected root");
	assert_non_null(strstr(f->err.hint, "chown root"));
	assert_int_equal(chown(f->file, 0, 0), 0);
	assert_int_equal(chown(in(f, "a"), 12345, 0), 0);
	refuses(f, f->file, "the folder");
	/* Sticky protects only where root set it. */
	assert_int_equal(chmod(in(f, "a"), 01777), 0);
	refuses(f, f->file, "belongs to user 12345");
}

static void links_are_held_to_the_same_rules(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(symlink(f->file, in(f, "l")), 0);
	accepts(f, in(f, "l"));
	assert_int_equal(symlink("../a/b", in(f, "a/rel")), 0);
	accepts(f, in(f, "a/rel/file"));
	/* Whoever may change a link chooses the file. */
	assert_int_equal(mkdir(in(f, "open"), 0777), 0);
	assert_int_equal(chmod(in(f, "open"), 0777), 0);
	assert_int_equal(symlink(f->file, in(f, "open/l")), 0);
	refuses(f, in(f, "open/l"), "the folder");
	/* What the link leads through counts as well. */
	assert_int_equal(symlink("open/../a/b/file", in(f, "through")), 0);
	refuses(f, in(f, "through"), "the folder");
	if (geteuid() == 0) {
		assert_int_equal(chmod(in(f, "open"), 01777), 0);
		accepts(f, in(f, "open/l"));
		assert_int_equal(lchown(in(f, "open/l"), 12345, 0), 0);
		refuses(f, in(f, "open/l"), "the symbolic link");
	}
}

static void loops_end(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(symlink("y", in(f, "x")), 0);
	assert_int_equal(symlink("x", in(f, "y")), 0);
	refuses(f, in(f, "x"), "more than 40 symbolic links");
	assert_int_equal(symlink("z/z/z/z", in(f, "z")), 0);
	refuses(f, in(f, "z"), "symbolic links");
}

static void only_regular_files(void **state)
{
	struct fixture *f = *state;

	refuses(f, in(f, "a"), "is not a regular file");
	refuses(f, "/", "is not a regular file");
	refuses(f, "/dev/null", "is not a regular file");
	refuses(f, "", "");
	assert_int_equal(mkfifo(in(f, "fifo"), 0600), 0);
	refuses(f, in(f, "fifo"), "is not a regular file");
	refuses(f, in(f, "a/b/file/x"), "cannot open");
	assert_int_equal(f->err.sys, ENOTDIR);
	refuses(f, in(f, "nothing"), "cannot open");
	assert_int_equal(f->err.code, ERR_SYS);
	assert_int_equal(f->err.sys, ENOENT);
}

static void no_more_than_the_buffer_takes(void **state)
{
	struct fixture *f = *state;
	char big[1101];

	memset(big, 'x', 1100);
	big[1100] = '\0';
	put(f->file, big);
	refuses(f, f->file, "");
	assert_int_equal(f->err.code, ERR_LIMIT);
	big[1000] = '\0';
	put(f->file, big);
	assert_int_equal(read_it(f, f->file), 0);
	assert_int_equal(f->out.n, 1000);
}

static int place(struct fixture *f, const char *path, uid_t also)
{
	err_clear(&f->err);
	return trustfile_place(path, also, &f->err);
}

static void a_place_is_a_file_or_a_folder(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(place(f, f->file, geteuid()), 0);
	assert_int_equal(place(f, in(f, "a/b"), geteuid()), 0);
	assert_int_equal(place(f, in(f, "a/b/"), geteuid()), 0);
	assert_int_equal(place(f, in(f, "nothing"), geteuid()), -1);
	assert_int_equal(f->err.sys, ENOENT);
	assert_int_equal(place(f, in(f, "a/b/file/x"), geteuid()), -1);
	assert_int_equal(symlink("b", in(f, "a/link")), 0);
	assert_int_equal(place(f, in(f, "a/link"), geteuid()), 0);
	assert_int_equal(chmod(in(f, "a/b"), 0775), 0);
	assert_int_equal(place(f, in(f, "a/b"), geteuid()), -1);
	assert_non_null(strstr(f->err.text, "can be written by its group"));
	assert_int_equal(place(f, f->file, geteuid()), -1);
	assert_int_equal(place(f, in(f, "a/link"), geteuid()), -1);
	assert_int_equal(chmod(in(f, "a/b"), 0755), 0);
	assert_int_equal(chmod(f->file, 0666), 0);
	assert_int_equal(place(f, f->file, geteuid()), -1);
}

static void a_place_may_be_of_one_more_account(void **state)
{
	struct fixture *f = *state;

	if (geteuid())
		skip();
	assert_int_equal(chown(in(f, "a"), 65534, 65534), 0);
	assert_int_equal(place(f, f->file, 0), -1);
	assert_int_equal(place(f, f->file, 65533), -1);
	assert_non_null(strstr(f->err.text, "belongs to user 65534"));
	assert_int_equal(place(f, f->file, 65534), 0);
	/* What is read for its own sake is not. */
	refuses(f, f->file, "belongs to user 65534");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_file_of_ours_is_read),
		TEST(relative_names_start_at_the_working_folder),
		TEST(a_place_is_a_file_or_a_folder),
		TEST(a_place_may_be_of_one_more_account),
		TEST(writable_by_others_is_refused),
		TEST(secrets_are_for_their_owner),
		TEST(so_is_any_folder_above),
		TEST(sticky_folders_of_root_protect_their_entries),
		TEST(another_owner_is_refused),
		TEST(links_are_held_to_the_same_rules),
		TEST(loops_end),
		TEST(only_regular_files),
		TEST(no_more_than_the_buffer_takes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
