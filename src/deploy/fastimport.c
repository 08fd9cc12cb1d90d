#include "deploy/fastimport.h"

#include "base/clock.h"
#include "base/proc.h"

#define TALK_MAX 4096
/* Others wait meanwhile, pushes among them. */
#define TIMEOUT_MS 120000

void fastimport_commit(
	struct buf *out, const char *ref, const char *message, bool first)
{
	buf_fmt(out,
		"commit %s\ncommitter sluice <sluice> %lld +0000\n"
		"data <<END\n%s\nEND\n",
		ref, (long long)clock_now(), message);
	if (!first)
		buf_fmt(out, "from %s^0\n", ref);
}

int fastimport_run(const char *path, struct span stream, struct err *err)
{
	const char *argv[] = {"git", "--git-dir", path, "fast-import",
		"--quiet", "--done", NULL};
	struct buf talk = BUF_INIT(TALK_MAX);
	const struct proc p = {.argv = argv,
		.in = stream,
		.talk = &talk,
		.timeout_ms = TIMEOUT_MS};
	struct proc_end end;
	struct span line, rest;
	int ret;

	ret = proc_run(&p, &end, err);
	rest = buf_all(&talk);
	if (!ret && (end.signal || end.status))
		ret = err_set(err, ERR_REPO, "git fast-import: %.*s",
			span_line(&rest, &line, NULL) ? (int)line.n : 0,
			(const char *)line.p);
	buf_free(&talk);
	return ret;
}
