/* Hooks put in place and taken away: what was there before comes back. */
#include "deploy/hookfile.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/io.h"
#include "support/unit.h"

struct box {
	char dir[200];
	struct arena *a;
	struct gitdir g;
};

static const struct hook_line plain = {
	.program = "/usr/local/bin/sluice",
	.state = "/var/lib/sluice",
};

static int box_new(void **state)
{
	struct box *b = calloc(1, sizeof(*b));

	unit_dir(b->dir, sizeof(b->dir));
	b->a = arena_new(16u << 20);
	b->g.path = b->dir;
	b->g.hooks = arena_fmt(b->a, "%s/hooks", b->dir);
	*state = b;
	return 0;
}

static int box_end(void **state)
{
	struct box *b = *state;

	unit_rm(b->dir);
	arena_free(b->a);
	free(b);
	return 0;
}

static const char *in_box(struct box *b, const char *name)
{
	return arena_fmt(b->a, "%s/%s", b->dir, name);
}

static void put(struct box *b, const char *name, const char *text, mode_t mode)
{
	struct err err = ERR_INIT;

	assert_int_equal(io_mkdirs(b->g.hooks, 0755, &err), 0);
	assert_int_equal(
		io_replace(in_box(b, name), span_str(text), mode, &err), 0);
}

static void holds(struct box *b, const char *name, const char *text)
{
	struct buf got = BUF_INIT(1u << 20);
	struct err err = ERR_INIT;

	assert_int_equal(io_read_file(in_box(b, name), &got, &err), 0);
	unit_span_is(buf_all(&got), text);
	buf_free(&got);
}

static struct hookfile find(struct box *b, enum hook h)
{
	struct err err = ERR_INIT;
	struct hookfile f;

	assert_int_equal(hookfile_find(&b->g, h, false, b->a, &f, &err), 0);
	return f;
}

static void place(struct box *b, enum hook h, const struct hook_line *line)
{
	struct hookfile f = find(b, h);
	struct err err = ERR_INIT;
	bool made;

	assert_int_equal(hookfile_place(&f, line, b->a, &made, &err), 0);
	f = find(b, h);
	assert_int_equal(f.state, HOOKFILE_OURS);
	assert_true(f.executable);
}

static void take_away(struct box *b, enum hook h)
{
	struct hookfile f = find(b, h);
	struct err err = ERR_INIT;

	assert_int_equal(hookfile_remove(&f, &err), 0);
}

static void nothing_before(void **state)
{
	struct box *b = *state;
	struct err err = ERR_INIT;
	struct hookfile f;
	bool made;

	f = find(b, HOOK_POST_RECEIVE);
	assert_int_equal(f.state, HOOKFILE_ABSENT);
	assert_int_equal(hookfile_place(&f, &plain, b->a, &made, &err), 0);
	assert_true(made);
	f = find(b, HOOK_POST_RECEIVE);
	assert_int_equal(f.state, HOOKFILE_OURS);
	assert_false(f.line.chain);
	take_away(b, HOOK_POST_RECEIVE);
	assert_false(io_exists(in_box(b, "hooks/post-receive")));
}

/* The values survive whatever is in them. */
static void odd_paths(void **state)
{
	struct box *b = *state;
	const struct hook_line odd = {
		.program = "/o'brien's $HOME/\"sluice\"",
		.state = "/st ate\\'/@CHAIN@'",
		.policy = "/`id`;#' --chain x",
	};
	struct hookfile f;

	place(b, HOOK_PRE_RECEIVE, &odd);
	f = find(b, HOOK_PRE_RECEIVE);
	assert_string_equal(f.line.program, odd.program);
	assert_string_equal(f.line.state, odd.state);
	assert_string_equal(f.line.policy, odd.policy);
	assert_false(f.line.chain);
}

static void previous_comes_back(void **state)
{
	struct box *b = *state;
	const char *text = "#!/bin/sh\nexit 0\n\n";
	struct hookfile f;
	struct stat was, now;

	put(b, "hooks/pre-receive", text, 0751);
	assert_int_equal(stat(in_box(b, "hooks/pre-receive"), &was), 0);
	place(b, HOOK_PRE_RECEIVE, &plain);
	f = find(b, HOOK_PRE_RECEIVE);
	assert_true(f.line.chain);
	assert_true(f.previous_executable);
	holds(b, "hooks/pre-receive.sluice-previous", text);
	/* Again, as after an upgrade: the previous one is still known. */
	place(b, HOOK_PRE_RECEIVE, &plain);
	assert_true(find(b, HOOK_PRE_RECEIVE).line.chain);
	take_away(b, HOOK_PRE_RECEIVE);
	holds(b, "hooks/pre-receive", text);
	assert_int_equal(stat(in_box(b, "hooks/pre-receive"), &now), 0);
	assert_int_equal(now.st_ino, was.st_ino);
	assert_int_equal(now.st_mode, was.st_mode);
	assert_false(io_exists(in_box(b, "hooks/pre-receive.sluice-previous")));
}

static void not_executable_is_kept_but_not_chained(void **state)
{
	struct box *b = *state;

	put(b, "hooks/pre-receive", "never ran", 0644);
	place(b, HOOK_PRE_RECEIVE, &plain);
	assert_false(find(b, HOOK_PRE_RECEIVE).line.chain);
	take_away(b, HOOK_PRE_RECEIVE);
	holds(b, "hooks/pre-receive", "never ran");
}

static void link_stays_a_link(void **state)
{
	struct box *b = *state;
	char to[64] = "";

	put(b, "dispatch", "#!/bin/sh\n", 0755);
	assert_int_equal(
		symlink("../dispatch", in_box(b, "hooks/pre-receive")), 0);
	place(b, HOOK_PRE_RECEIVE, &plain);
	assert_true(find(b, HOOK_PRE_RECEIVE).line.chain);
	take_away(b, HOOK_PRE_RECEIVE);
	assert_int_equal(
		readlink(in_box(b, "hooks/pre-receive"), to, sizeof(to) - 1),
		11);
	assert_string_equal(to, "../dispatch");
}

static void entries(void **state)
{
	struct box *b = *state;
	const char *dispatch = "#!/bin/sh\nfor h in hooks/pre-receive.d/*; do "
			       "$h; done\n";
	struct hookfile f;

	put(b, "hooks/pre-receive", dispatch, 0755);
	assert_int_equal(mkdir(in_box(b, "hooks/pre-receive.d"), 0755), 0);
	place(b, HOOK_PRE_RECEIVE, &plain);
	f = find(b, HOOK_PRE_RECEIVE);
	assert_true(f.entry);
	assert_string_equal(f.path, in_box(b, "hooks/pre-receive.d/sluice"));
	holds(b, "hooks/pre-receive", dispatch);
	take_away(b, HOOK_PRE_RECEIVE);
	assert_false(io_exists(in_box(b, "hooks/pre-receive.d/sluice")));
	holds(b, "hooks/pre-receive", dispatch);
	/* A folder that nothing runs is no place for a gate. */
	assert_int_equal(unlink(in_box(b, "hooks/pre-receive")), 0);
	assert_false(find(b, HOOK_PRE_RECEIVE).entry);
}

static void gitlab_folder(void **state)
{
	struct box *b = *state;
	struct err err = ERR_INIT;
	struct hookfile f;

	assert_int_equal(
		hookfile_find(&b->g, HOOK_PRE_RECEIVE, true, b->a, &f, &err),
		0);
	assert_string_equal(f.path, in_box(b, "custom_hooks/pre-receive"));
}

/* A hook with any byte changed is not taken for ours, nor removed. */
static void every_byte_counts(void **state)
{
	struct box *b = *state;
	struct buf text = BUF_INIT(65536);
	struct err err = ERR_INIT;
	struct hookfile f;
	size_t i, still = 0;

	place(b, HOOK_PRE_RECEIVE, &plain);
	assert_int_equal(
		io_read_file(in_box(b, "hooks/pre-receive"), &text, &err), 0);
	for (i = 0; i < text.n; i++) {
		FILE *to = fopen(in_box(b, "hooks/pre-receive"), "wb");

		assert_non_null(to);
		text.p[i] ^= 1;
		fwrite(text.p, 1, text.n, to);
		fclose(to);
		text.p[i] ^= 1;
		f = find(b, HOOK_PRE_RECEIVE);
		if (f.state != HOOKFILE_OURS)
			continue;
		/* Only the paths may differ, and they are told. */
		still++;
		assert_true(strcmp(f.line.program, plain.program) ||
			strcmp(f.line.state, plain.state));
	}
	assert_int_equal(still, strlen(plain.program) + strlen(plain.state));
	buf_free(&text);
}

static void edited_is_left_alone(void **state)
{
	struct box *b = *state;
	struct err err = ERR_INIT;
	struct hookfile f;
	FILE *to;
	bool made;

	place(b, HOOK_PRE_RECEIVE, &plain);
	to = fopen(in_box(b, "hooks/pre-receive"), "a");
	assert_non_null(to);
	fputs("exit 0\n", to);
	fclose(to);
	f = find(b, HOOK_PRE_RECEIVE);
	assert_int_equal(f.state, HOOKFILE_CHANGED);
	assert_int_equal(hookfile_remove(&f, &err), -1);
	assert_true(err.hint[0]);
	err_clear(&err);
	assert_int_equal(hookfile_place(&f, &plain, b->a, &made, &err), -1);
}

static void replaced_is_left_alone(void **state)
{
	struct box *b = *state;
	struct err err = ERR_INIT;
	struct hookfile f;
	bool made;

	put(b, "hooks/pre-receive", "#!/bin/sh\necho first\n", 0755);
	place(b, HOOK_PRE_RECEIVE, &plain);
	put(b, "hooks/pre-receive", "#!/bin/sh\necho other\n", 0755);
	f = find(b, HOOK_PRE_RECEIVE);
	assert_int_equal(f.state, HOOKFILE_FOREIGN);
	assert_int_equal(hookfile_remove(&f, &err), -1);
	err_clear(&err);
	assert_int_equal(hookfile_place(&f, &plain, b->a, &made, &err), -1);
	holds(b, "hooks/pre-receive", "#!/bin/sh\necho other\n");
	holds(b, "hooks/pre-receive.sluice-previous",
		"#!/bin/sh\necho first\n");
}

static void lost_previous_is_told(void **state)
{
	struct box *b = *state;
	struct err err = ERR_INIT;
	struct hookfile f;

	put(b, "hooks/pre-receive", "#!/bin/sh\n", 0755);
	place(b, HOOK_PRE_RECEIVE, &plain);
	assert_int_equal(
		unlink(in_box(b, "hooks/pre-receive.sluice-previous")), 0);
	f = find(b, HOOK_PRE_RECEIVE);
	assert_int_equal(hookfile_remove(&f, &err), -1);
	assert_true(io_exists(in_box(b, "hooks/pre-receive")));
}

#define BOX_TEST(f) cmocka_unit_test_setup_teardown(f, box_new, box_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOX_TEST(nothing_before),
		BOX_TEST(odd_paths),
		BOX_TEST(previous_comes_back),
		BOX_TEST(not_executable_is_kept_but_not_chained),
		BOX_TEST(link_stays_a_link),
		BOX_TEST(entries),
		BOX_TEST(gitlab_folder),
		BOX_TEST(every_byte_counts),
		BOX_TEST(edited_is_left_alone),
		BOX_TEST(replaced_is_left_alone),
		BOX_TEST(lost_previous_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
