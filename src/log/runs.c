#include "log/runs.h"

#include <errno.h>

#include "base/clock.h"
#include "base/io.h"
#include "log/store.h"

#define ARENA_MAX ((size_t)1 << 20)

const char *runs_name(enum run_job job)
{
	static const char *const name[] = {"audit", "pack", "prune"};

	return name[job];
}

static const char *path_of(struct buf *out, const char *state, enum run_job job)
{
	store_path(out, state, STORE_RUNS);
	buf_fmt(out, "/%s", runs_name(job));
	return buf_cstr(out);
}

static int write_run(const char *state, enum run_job job,
	const struct lastrun *r, struct err *err)
{
	struct buf path = PATH_BUF_INIT, text = BUF_INIT(LASTRUN_FILE_MAX);
	int ret = io_mkdirs(store_path(&path, state, STORE_RUNS), 0755, err);

	lastrun_text(r, &text);
	/* The gate reads those of its logd's folder. */
	if (!ret)
		ret = io_replace(
			path_of(&path, state, job), buf_all(&text), 0644, err);
	buf_free(&text);
	buf_free(&path);
	return ret ? err_in(err, "noting that it ran") : 0;
}

int runs_begin(const char *state, enum run_job job, struct err *err)
{
	return write_run(
		state, job, &(struct lastrun){.began = clock_now()}, err);
}

int runs_end(
	const char *state, enum run_job job, unsigned status, struct err *err)
{
	struct lastrun r;
	bool found;

	if (runs_read(state, job, &r, &found, err))
		return -1;
	r.ended = clock_now();
	if (!found)
		r.began = r.ended;
	r.done = true;
	r.status = status;
	return write_run(state, job, &r, err);
}

int runs_read(const char *state, enum run_job job, struct lastrun *out,
	bool *found, struct err *err)
{
	struct buf path = PATH_BUF_INIT, text = BUF_INIT(LASTRUN_FILE_MAX);
	struct arena *a = arena_new(ARENA_MAX);
	int ret = io_read_file(path_of(&path, state, job), &text, err);

	memset(out, 0, sizeof(*out));
	*found = !ret;
	if (!ret)
		ret = lastrun_parse(buf_all(&text), a, out, err);
	else if (err->code == ERR_SYS && err->sys == ENOENT) {
		err_clear(err);
		ret = 0;
	}
	if (ret)
		err_in(err, "'%s'", buf_cstr(&path));
	arena_free(a);
	buf_free(&text);
	buf_free(&path);
	return ret;
}
