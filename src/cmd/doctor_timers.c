/*
 * sluice doctor: whether what a timer should do is done. Which timers there are
 * systemd says, where it runs; when a job last ran, and how it ended, the job
 * itself noted, whoever started it.
 */
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/proc.h"
#include "base/text.h"
#include "cmd/doctor.h"
#include "log/runs.h"
#include "log/store.h"
#include "parse/retention.h"
#include "parse/unitstate.h"
#include "port/trustfile.h"

#define DAY 86400
#define SYSTEMCTL_TIMEOUT_MS 20000
#define SYSTEMCTL_MAX 65536u

struct job {
	enum run_job job;
	const char *timer;
	int64_t often; /* seconds: longer ago than that is too long */
};

/* Some turns may be missed: a machine is off, or busy. */
static const struct job jobs[] = {
	{RUN_AUDIT, "sluice-audit.timer", DAY},
	{RUN_PACK, "sluice-pack.timer", 7 * DAY},
	{RUN_PRUNE, "sluice-prune.timer", 7 * DAY},
};

struct timers {
	struct doctor *d;
	const char *state; /* the folder that has log and vault */
	struct buf said;   /* by systemctl */
	bool systemd;      /* it runs here, and answered */
	bool retention;    /* how long records stay is set */
};

static void ask_systemd(struct timers *t)
{
	const char *argv[] = {"systemctl", "show",
		"--property=Id,LoadState,UnitFileState,ActiveState",
		jobs[0].timer, jobs[1].timer, jobs[2].timer, NULL};
	const struct proc p = {
		.argv = argv,
		.out = &t->said,
		.timeout_ms = SYSTEMCTL_TIMEOUT_MS,
	};
	struct err err = ERR_INIT;
	struct proc_end end;
	struct stat st;

	/* As sd_booted(3). */
	if (lstat("/run/systemd/system", &st) || !S_ISDIR(st.st_mode))
		return;
	if (proc_run(&p, &end, &err))
		doctor_say_err(t->d, LEVEL_UNKNOWN, "timers", &err);
	else if (end.signal || end.status)
		doctor_say(t->d, LEVEL_UNKNOWN, "timers", NULL,
			"systemctl does not tell of units");
	else
		t->systemd = true;
}

/* What starts it, in words; whether something does. */
static bool started(const struct timers *t, const struct job *j,
	const char **text, const char **hint)
{
	struct unitstate u = {false, false, false};

	*hint = NULL;
	*text = "";
	if (!t->systemd)
		return false;
	if (!unitstate_find(buf_all(&t->said), j->timer, &u) || !u.loaded) {
		*text = arena_fmt(t->d->a, "; %s is not installed", j->timer);
		return false;
	}
	if (u.active) {
		*text = arena_fmt(t->d->a, "; %s starts it%s", j->timer,
			u.enabled ? "" : ", until the system does");
		return true;
	}
	*text = arena_fmt(t->d->a, "; %s is not started", j->timer);
	*hint = arena_fmt(t->d->a, "systemctl enable --now %s", j->timer);
	return false;
}

static void say_run(const struct timers *t, const struct job *j,
	const struct lastrun *r, const char *by, const char *hint)
{
	int64_t age = clock_now() - (r->done ? r->ended : r->began);
	char when[CLOCK_TEXT_MAX];
	enum level level = LEVEL_OK;
	const char *how = "ran well";

	clock_text(r->done ? r->ended : r->began, when);
	if (r->done && r->status) {
		level = LEVEL_WARN;
		how = arena_fmt(
			t->d->a, "ended with status %u, last run", r->status);
		hint = j->job == RUN_AUDIT
			? "'sluice audit' says why"
			: arena_fmt(t->d->a,
				  "'sluice --state %s log %s' says "
				  "why",
				  t->state, runs_name(j->job));
	} else if (age > j->often) {
		level = LEVEL_WARN;
		how = r->done ? "did not run since"
			      : "was cut short, and did not run since";
	} else if (!r->done) {
		how = "is running, or was cut short,";
	}
	doctor_say(t->d, level, runs_name(j->job),
		level == LEVEL_OK ? NULL : hint, "%s %s%s", how, when, by);
}

static void look_at_job(const struct timers *t, const struct job *j)
{
	const char *by, *hint;
	bool timer = started(t, j, &by, &hint), found;
	bool wanted = j->job == RUN_PRUNE && t->retention;
	struct err err = ERR_INIT;
	struct lastrun r;

	if (runs_read(t->state, j->job, &r, &found, &err)) {
		doctor_say_err(t->d, LEVEL_UNKNOWN, runs_name(j->job), &err);
		return;
	}
	if (j->job == RUN_PRUNE && timer && !t->retention)
		doctor_say(t->d, LEVEL_WARN, runs_name(j->job),
			"such as {\"keep_days\": 400}",
			"%s starts it, and there is no '%s/" STORE_RETENTION
			"' that says how long records stay",
			j->timer, t->state);
	else if (found)
		say_run(t, j, &r, by, hint);
	else if (wanted && !timer)
		doctor_say(t->d, LEVEL_WARN, runs_name(j->job),
			hint ? hint : "run 'sluice log prune' from a timer",
			"'" STORE_RETENTION "' says how long records stay, "
			"and none was ever pruned%s",
			by);
	/* Nobody has to prune. */
	else if (j->job != RUN_PRUNE || timer)
		doctor_say(t->d, LEVEL_OK, runs_name(j->job), hint,
			"never ran yet%s", by);
}

static void look_at_retention(struct timers *t)
{
	const char *path = arena_fmt(t->d->a, "%s/" STORE_RETENTION, t->state);
	struct buf text = BUF_INIT(RETENTION_FILE_MAX);
	struct err err = ERR_INIT;
	struct retention r;
	struct stat st;

	t->retention = io_exists(path);
	if (!t->retention)
		return;
	/* It may be that of logd, whose account this is not. */
	if (stat(t->state, &st))
		st.st_uid = 0;
	if (trustfile_place(path, st.st_uid, &err) ||
		io_read_file(path, &text, &err) ||
		retention_parse(buf_all(&text), t->d->a, &r, &err)) {
		err_in(&err, "'%s'", path);
		doctor_say_err(t->d, LEVEL_BAD, "retention", &err);
	} else {
		doctor_say(t->d, LEVEL_OK, "retention", NULL,
			"records stay %u days, by '%s'", r.keep_days, path);
	}
	buf_free(&text);
}

/* A gate's folder has a link where a logd keeps the log. */
static const char *folder_of_log(struct doctor *d)
{
	char full[PATH_MAX], *slash;

	if (!store_elsewhere(d->state) ||
		!realpath(arena_fmt(d->a, "%s/" STORE_LOG, d->state), full))
		return d->state;
	slash = strrchr(full, '/');
	return arena_str(d->a, span_of(full, (size_t)(slash - full)));
}

void doctor_timers(struct doctor *d)
{
	struct timers t = {.d = d,
		.state = folder_of_log(d),
		.said = BUF_INIT(SYSTEMCTL_MAX)};
	size_t i;

	ask_systemd(&t);
	look_at_retention(&t);
	for (i = 0; i < ARRAY_LEN(jobs); i++) {
		struct timers one = t;

		/* Whoever audits is the gate. */
		if (jobs[i].job == RUN_AUDIT)
			one.state = d->state;
		look_at_job(&one, &jobs[i]);
	}
	buf_free(&t.said);
}
