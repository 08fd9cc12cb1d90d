#include "support/unit.h"

#include <errno.h>
#include <signal.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/proc.h"

/* sh -c TEXT, with everything captured. */
static int sh(const char *text, struct span in, struct buf *out,
	struct buf *talk, unsigned timeout_ms, struct proc_end *end,
	struct err *err)
{
	const char *argv[] = {"/bin/sh", "-c", text, NULL};
	struct proc p = {.argv = argv,
		.in = in,
		.out = out,
		.talk = talk,
		.timeout_ms = timeout_ms};

	return proc_run(&p, end, err);
}

static void input_and_both_outputs(void **state)
{
	struct buf out = BUF_INIT(1000), talk = BUF_INIT(1000);
	struct proc_end end = {-7, -7};
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(sh("cat; echo oops >&2; exit 3", SPAN_LIT("hello"),
				 &out, &talk, 5000, &end, &err),
		0);
	unit_span_is(buf_all(&out), "hello");
	unit_span_is(buf_all(&talk), "oops\n");
	assert_int_equal(end.status, 3);
	assert_int_equal(end.signal, 0);
	buf_free(&out);
	buf_free(&talk);
}

/* More than a pipe holds, both ways at once: must not deadlock. */
static void large_input_through_a_filter(void **state)
{
	const size_t n = 3u << 20;
	struct buf out = BUF_INIT(4u << 20);
	struct proc_end end;
	struct err err = ERR_INIT;
	char *in = malloc(n);

	(void)state;
	assert_non_null(in);
	memset(in, 'x', n);
	assert_int_equal(
		sh("cat", span_of(in, n), &out, NULL, 20000, &end, &err), 0);
	assert_int_equal(out.n, n);
	assert_memory_equal(out.p, in, n);
	free(in);
	buf_free(&out);
}

static void a_child_that_does_not_read(void **state)
{
	const size_t n = 1u << 20;
	struct proc_end end;
	struct err err = ERR_INIT;
	char *in = calloc(1, n);

	(void)state;
	assert_int_equal(
		sh("exit 0", span_of(in, n), NULL, NULL, 20000, &end, &err), 0);
	assert_int_equal(end.status, 0);
	free(in);
}

static void a_signal_is_told_apart(void **state)
{
	struct proc_end end;
	struct err err = ERR_INIT;
	char text[64];

	(void)state;
	assert_int_equal(
		sh("kill -9 $$", SPAN_EMPTY, NULL, NULL, 5000, &end, &err), 0);
	assert_int_equal(end.signal, SIGKILL);
	assert_int_equal(end.status, -1);
	proc_end_text(end, text, sizeof(text));
	assert_string_equal(text, "signal 9 (Killed)");
	end = (struct proc_end){.status = 3, .signal = 0};
	proc_end_text(end, text, sizeof(text));
	assert_string_equal(text, "exit status 3");
}

static void deadlines_hold(void **state)
{
	struct proc_end end;
	struct err err = ERR_INIT;
	int64_t start = clock_ms();

	(void)state;
	assert_int_equal(
		sh("exec sleep 30", SPAN_EMPTY, NULL, NULL, 100, &end, &err),
		-1);
	assert_int_equal(err.code, ERR_LIMIT);
	/* Closing its outputs does not buy a child more time. */
	err_clear(&err);
	assert_int_equal(sh("exec sleep 30 >&- 2>&-", SPAN_EMPTY, NULL, NULL,
				 100, &end, &err),
		-1);
	assert_int_equal(err.code, ERR_LIMIT);
	assert_true(clock_ms() - start < 10000);
}

static void own_stdio_has_a_deadline_too(void **state)
{
	const char *argv[] = {"sleep", "30", NULL};
	struct proc p = {.argv = argv, .own_stdio = true, .timeout_ms = 100};
	struct proc_end end;
	struct err err = ERR_INIT;
	int64_t start = clock_ms();

	(void)state;
	assert_int_equal(proc_run(&p, &end, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
	assert_true(clock_ms() - start < 10000);
}

static void output_is_bounded(void **state)
{
	struct buf out = BUF_INIT(1000);
	struct proc_end end;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(
		sh("exec yes", SPAN_EMPTY, &out, NULL, 20000, &end, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
	buf_free(&out);
}

static void a_missing_program_is_an_error(void **state)
{
	const char *argv[] = {"/nonexistent/program", NULL};
	struct proc p = {.argv = argv};
	struct proc_end end;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(proc_run(&p, &end, &err), -1);
	assert_non_null(strstr(err.text, "/nonexistent/program"));
}

/* What git and the server put into our environment must not reach children. */
static void the_environment_is_minimal(void **state)
{
	struct buf out = BUF_INIT(100000);
	const char *argv[] = {"env", NULL};
	struct proc p = {.argv = argv, .out = &out};
	const char *const own[] = {"A=1", "PATH=/usr/bin:/bin", NULL};
	struct proc_end end;
	struct err err = ERR_INIT;
	struct span rest, line;

	(void)state;
	setenv("GIT_DIR", "/nowhere", 1);
	setenv("LD_PRELOAD_NOT", "x", 1);
	assert_int_equal(proc_run(&p, &end, &err), 0);
	rest = buf_all(&out);
	while (span_line(&rest, &line, NULL))
		assert_true(span_starts(line, SPAN_LIT("PATH=")) ||
			span_starts(line, SPAN_LIT("HOME=")) ||
			span_is(line, "LC_ALL=C.UTF-8"));
	p.env = own;
	buf_reset(&out);
	assert_int_equal(proc_run(&p, &end, &err), 0);
	unit_span_is(buf_all(&out), "A=1\nPATH=/usr/bin:/bin\n");
	buf_free(&out);
}

static void it_runs_in_the_folder_asked_for(void **state)
{
	struct buf out = BUF_INIT(1000);
	const char *argv[] = {"pwd", NULL};
	struct proc p = {.argv = argv, .out = &out, .dir = "/usr"};
	struct proc_end end;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(proc_run(&p, &end, &err), 0);
	unit_span_is(buf_all(&out), "/usr\n");
	p.dir = "/nonexistent";
	assert_int_equal(proc_run(&p, &end, &err), -1);
	buf_free(&out);
}

static int copy_in_to_out(void *ctx, int in, int out)
{
	struct buf b = BUF_INIT(1u << 20);
	struct err err = ERR_INIT;
	int status = *(int *)ctx;

	if (io_read(in, &b, &err) || io_write(out, buf_all(&b), &err))
		status = 9;
	buf_free(&b);
	return status;
}

static int crash(void *ctx, int in, int out)
{
	(void)ctx;
	(void)in;
	(void)out;
	signal(SIGSEGV, SIG_DFL);
	raise(SIGSEGV);
	return 0;
}

static int hang(void *ctx, int in, int out)
{
	(void)ctx;
	close(in);
	close(out);
	sleep(30);
	return 0;
}

static void a_forked_function(void **state)
{
	struct buf out = BUF_INIT(1u << 20);
	struct proc_end end;
	struct err err = ERR_INIT;
	int status = 5;

	(void)state;
	assert_int_equal(proc_fork(copy_in_to_out, &status, SPAN_LIT("abc"),
				 &out, 5000, &end, &err),
		0);
	unit_span_is(buf_all(&out), "abc");
	assert_int_equal(end.status, 5);
	assert_int_equal(
		proc_fork(crash, NULL, SPAN_EMPTY, NULL, 5000, &end, &err), 0);
	assert_int_equal(end.signal, SIGSEGV);
	assert_int_equal(
		proc_fork(hang, NULL, SPAN_EMPTY, NULL, 100, &end, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
	buf_free(&out);
}

/* No descriptor of ours may leak into a child: it might hold a lock or a key. */
static void descriptors_do_not_leak(void **state)
{
	struct buf out = BUF_INIT(1000);
	struct proc_end end;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(sh("for f in /proc/$$/fd/*; do case ${f##*/} in "
			    "[012]) ;; *) readlink $f ;; esac; done",
				 SPAN_EMPTY, &out, NULL, 5000, &end, &err),
		0);
	unit_span_is(buf_all(&out), "");
	buf_free(&out);
}

/* The answer is there before the child has ended. */
static void an_answer_does_not_wait_for_the_end(void **state)
{
	const char *argv[] = {
		"/bin/sh", "-c", "cat; exec >&-; sleep 0.4; exit 3", NULL};
	struct buf out = BUF_INIT(100);
	struct proc p = {.argv = argv, .in = SPAN_LIT("answer"), .out = &out};
	struct proc_job job;
	struct proc_end end;
	struct err err = ERR_INIT;
	int64_t start = clock_ms();

	(void)state;
	assert_int_equal(proc_start(&p, &job, &err), 0);
	assert_int_equal(proc_collect(&p, &job, &err), 0);
	unit_span_is(buf_all(&out), "answer");
	assert_int_equal(proc_reap(&p, &job, &end, &err), 0);
	assert_true(clock_ms() - start >= 350);
	assert_int_equal(end.status, 3);
	proc_abandon(&job); /* nothing is left to kill */
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(input_and_both_outputs),
		cmocka_unit_test(large_input_through_a_filter),
		cmocka_unit_test(a_child_that_does_not_read),
		cmocka_unit_test(a_signal_is_told_apart),
		cmocka_unit_test(deadlines_hold),
		cmocka_unit_test(own_stdio_has_a_deadline_too),
		cmocka_unit_test(output_is_bounded),
		cmocka_unit_test(a_missing_program_is_an_error),
		cmocka_unit_test(the_environment_is_minimal),
		cmocka_unit_test(it_runs_in_the_folder_asked_for),
		cmocka_unit_test(a_forked_function),
		cmocka_unit_test(descriptors_do_not_leak),
		cmocka_unit_test(an_answer_does_not_wait_for_the_end),
	};

	closefrom(3); /* what make or a terminal left open */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
