/*
 * sluice log monitor: follow a log from outside and tell, once each, what
 * somebody should know of.
 */
#include <poll.h>
#include <signal.h>
#include <time.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/proc.h"
#include "cmd/log.h"
#include "log/keychain.h"
#include "log/monitor.h"
#include "log/store.h"
#include "parse/doc.h"

#define DIR_DEFAULT "monitor"
#define ARGS "FROM --vkey KEY [OPTIONS]"
#define EXEC_MS 60000u
#define TEXT_MAX 65536u

struct ask {
	struct run *run;
	struct log_http how;
	const char *vkey, *dir, *exec;
	int64_t every, silence, settle; /* seconds */
	bool once;
	char untold[ERR_TEXT_MAX]; /* what could not be told, as last said */
};

/* What a handler may touch. */
static volatile sig_atomic_t stopped;

static void on_signal(int number)
{
	(void)number;
	stopped = 1;
}

static struct doc *alert_doc(const struct monitor_alert *a, const char *now)
{
	struct doc *j = doc_object();

	doc_set(j, "alert", doc_of_str(monitor_kind_name(a->kind)));
	if (a->entry != ENTRY_NONE)
		doc_set(j, "entry", doc_of_int((int64_t)a->entry));
	doc_set(j, "over", doc_of_bool(a->over));
	doc_set(j, "text", doc_of_str(a->text));
	doc_set(j, "time", doc_of_str(now));
	return j;
}

/* The program is given the kind, and the rest as a line of JSON. */
static int hand_on(const struct ask *k, const struct monitor_alert *a,
	struct span line, struct err *err)
{
	const char *const argv[] = {k->exec, monitor_kind_name(a->kind), NULL};
	struct proc p = {.argv = argv, .in = line, .timeout_ms = EXEC_MS};
	struct proc_end end;
	char text[64];

	if (proc_run(&p, &end, err))
		return -1;
	if (!end.signal && !end.status)
		return 0;
	proc_end_text(end, text, sizeof(text));
	err_set(err, ERR_SYS, "'%s' ended with %s", k->exec, text);
	return err_hint(err, "what it was to be told is told again");
}

static int tell(
	const struct ask *k, const struct monitor_alert *a, struct err *err)
{
	struct buf line = BUF_INIT(TEXT_MAX);
	char now[CLOCK_TEXT_MAX];
	struct doc *j;
	int ret = 0;

	clock_text(clock_now(), now);
	j = alert_doc(a, now);
	doc_canonical(j, &line);
	buf_byte(&line, '\n');
	doc_free(j);
	if (k->run->json)
		fwrite(line.p, 1, line.n, stdout);
	else
		printf("%s %s %s: %s\n", now, a->over ? "OVER" : "ALERT",
			monitor_kind_name(a->kind), a->text);
	/* Not remembered as told before it is out. */
	if (fflush(stdout) || ferror(stdout)) {
		clearerr(stdout);
		ret = err_sys(err, "cannot write to the standard output");
	} else if (k->exec) {
		ret = hand_on(k, a, buf_all(&line), err);
	}
	buf_free(&line);
	return ret;
}

/* On standard error, when it is not what was said the last time. */
static void cannot_tell(struct ask *k, const struct err *err)
{
	if (strcmp(k->untold, err->text))
		(void)cmd_fail(err);
	snprintf(k->untold, sizeof(k->untold), "%s", err->text);
}

static enum exit_code turn(struct ask *k)
{
	struct monitor *m = NULL;
	struct log_reader *log = NULL;
	const struct monitor_alert *v;
	struct err err = ERR_INIT;
	enum exit_code status = EXIT_UNKNOWN;
	bool told = true;
	size_t i, n;

	if (monitor_open(k->dir, clock_now(), &m, &err)) {
		cannot_tell(k, &err);
		goto out;
	}
	if (log_open_from(&k->how, k->vkey, &log, &err) ||
		monitor_look(m, log, k->settle, &err))
		told = monitor_fail(m, &err);
	if (told)
		k->untold[0] = '\0';
	else
		cannot_tell(k, &err);
	v = monitor_alerts(m, k->silence, &n);
	status = !monitor_calm(m) ? EXIT_NO : told ? EXIT_YES : EXIT_UNKNOWN;
	err_clear(&err);
	for (i = 0; i < n; i++)
		if (tell(k, &v[i], &err))
			break;
	if (i < n || monitor_keep(m, &err)) {
		(void)cmd_fail(&err);
		if (status == EXIT_YES)
			status = EXIT_UNKNOWN;
	}
out:
	log_close(log);
	monitor_close(m);
	return status;
}

/* Until the next turn, or a signal: one that came before is not slept over. */
static void pause_for(int64_t seconds)
{
	struct timespec t = {.tv_sec = (time_t)seconds};
	sigset_t set, was;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, &was);
	if (!stopped)
		ppoll(NULL, 0, &t, &was);
	sigprocmask(SIG_SETMASK, &was, NULL);
}

static enum exit_code follow(struct ask *k)
{
	struct sigaction act = {.sa_handler = on_signal};

	if (k->once)
		return turn(k);
	sigaction(SIGINT, &act, NULL);
	sigaction(SIGTERM, &act, NULL);
	while (!stopped) {
		(void)turn(k);
		pause_for(k->every);
	}
	return EXIT_YES;
}

/* An address or key that is none must end it at once, not be told as the log's
 * damage. */
static int ready(
	struct ask *k, struct buf *vkey, struct buf *dir, struct err *err)
{
	struct arena *a = arena_new(8 * KEYCHAIN_TEXT_MAX);
	struct log_source *src = NULL;
	struct keychain keys;
	int ret = -1;

	if (log_source_from(&k->how, &src, err) && err->code == ERR_USAGE)
		goto out;
	/* What is not there yet may come. */
	err_clear(err);
	log_source_close(src);
	if (log_read_vkey(k->vkey, vkey, err))
		goto out;
	if (keychain_read(buf_all(vkey), a, &keys, err)) {
		err_in(err, "--vkey");
		goto out;
	}
	k->vkey = buf_cstr(vkey);
	if (!k->dir)
		k->dir = store_path(dir, k->run->state, DIR_DEFAULT);
	ret = 0;
out:
	arena_free(a);
	return ret;
}

enum exit_code cmd_log_monitor(struct run *run, int argc, char **argv)
{
	struct ask k = {.run = run, .every = 300, .settle = 3600};
	const char *every = NULL, *silence = NULL, *settle = NULL;
	const struct option_def defs[] = {
		{"--vkey", OPTION_TEXT, &k.vkey,
			"the log's verifier key, or a file with it"},
		{"--state-dir", OPTION_TEXT, &k.dir,
			"what is remembered; else <state>/" DIR_DEFAULT},
		{"--every", OPTION_TEXT, &every, "a turn so often; else 5m"},
		{"--once", OPTION_FLAG, &k.once, "one turn alone"},
		{"--silence", OPTION_TEXT, &silence,
			"tell when nothing was logged for so long: 36h"},
		{"--settle", OPTION_TEXT, &settle,
			"how long a push may take to be applied; else 1h"},
		{"--exec", OPTION_TEXT, &k.exec,
			"run this for each, with JSON at its input"},
		{"--ca-file", OPTION_TEXT, &k.how.ca_file,
			"trust these authorities for https only"},
		{"--proxy", OPTION_TEXT, &k.how.proxy, "go through this proxy"},
	};
	struct buf vkey = BUF_INIT(KEYCHAIN_TEXT_MAX), dir = PATH_BUF_INIT;
	struct err err = ERR_INIT;
	enum exit_code status;
	int left;

	left = options_read(run, defs, ARRAY_LEN(defs), argc, argv, &err);
	if (left >= 0 && run->help)
		return cmd_usage("log monitor", ARGS, defs, ARRAY_LEN(defs));
	if (left >= 0 && (left != 1 || !k.vkey))
		left = err_set(&err, ERR_USAGE,
			"log monitor takes an address or folder, and "
			"--vkey KEY");
	if (left == 1)
		k.how.url = argv[1];
	if (left < 0 ||
		(every && log_duration("--every", every, &k.every, &err)) ||
		(silence &&
			log_duration("--silence", silence, &k.silence, &err)) ||
		(settle && log_duration("--settle", settle, &k.settle, &err)) ||
		ready(&k, &vkey, &dir, &err))
		status = cmd_fail(&err);
	else
		status = follow(&k);
	buf_free(&vkey);
	buf_free(&dir);
	return status;
}
