/* sluice doctor: is every gate really closed? Looks at what is there, the way
 * the next push will find it; changes nothing. */
#include <dirent.h>
#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/proc.h"
#include "base/text.h"
#include "cmd/doctor.h"
#include "cmd/inforce.h"
#include "cmd/logdlook.h"
#include "cmd/owner.h"
#include "deploy/bypass.h"
#include "deploy/hookfile.h"
#include "deploy/publish.h"
#include "deploy/repositories.h"
#include "gather/gather.h"
#include "log/index.h"
#include "log/keyaside.h"
#include "log/store.h"
#include "log/witnessed.h"
#include "parse/doc.h"
#include "scan/unpack.h"

#define ARENA_MAX (256u << 20)
#define SPACE_LOW (64u << 20)
#define VERIFY_TIMEOUT_MS 600000
#define WITNESSED_BEHIND 1000 /* entries */
#define CLOCK_SLACK 60 /* seconds that an entry may seem to come from later */

static const char *level_name(enum level l)
{
	static const char *const name[] = {"ok", "WARN", "BAD", "UNKNOWN"};

	return name[l];
}

/* One line of the report, and the hint below it if there is one. */
void doctor_say(struct doctor *d, enum level l, const char *what,
	const char *hint, const char *fmt, ...)
{
	char line[2048];
	struct buf shown = BUF_INIT(16384);
	struct doc *j = doc_object();
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	text_printable(&shown, span_str(line), sizeof(line));
	d->count[l]++;
	doc_set(j, "level", doc_of_str(level_name(l)));
	doc_set(j, "what", doc_of_str(what));
	if (d->repository)
		doc_set(j, "repository", doc_of_str(d->repository));
	doc_set(j, "text", doc_of_text(buf_all(&shown)));
	if (hint)
		doc_set(j, "hint", doc_of_str(hint));
	doc_add(d->list, j);
	if (!d->run->json && (l != LEVEL_OK || !d->run->quiet)) {
		printf("%-7s %-12s %s\n", level_name(l), what,
			buf_cstr(&shown));
		if (hint)
			printf("%-20s hint: %s\n", "", hint);
	}
	buf_free(&shown);
}

void doctor_say_err(
	struct doctor *d, enum level l, const char *what, const struct err *err)
{
	doctor_say(
		d, l, what, err->hint[0] ? err->hint : NULL, "%s", err->text);
}

static void look_at_folder(struct doctor *d)
{
	struct statvfs fs;
	struct stat st;
	uint64_t room;

	if (stat(d->state, &st)) {
		doctor_say(d, LEVEL_BAD, "state", "'sluice init' makes it",
			"'%s': %s", d->state, strerror(errno));
		return;
	}
	if (st.st_mode & S_IWOTH)
		doctor_say(d, LEVEL_BAD, "state", "chmod o-w",
			"everybody may write to '%s'", d->state);
	else
		doctor_say(d, LEVEL_OK, "state", NULL, "'%s'", d->state);
	if (statvfs(d->state, &fs)) {
		doctor_say(d, LEVEL_UNKNOWN, "space", NULL, "'%s': %s",
			d->state, strerror(errno));
		return;
	}
	room = (uint64_t)fs.f_bavail * fs.f_frsize;
	if (room < SPACE_LOW)
		doctor_say(d, room < SPACE_LOW / 64 ? LEVEL_BAD : LEVEL_WARN,
			"space",
			"a push is refused when its evidence cannot be written",
			"only %llu KiB are free below '%s'",
			(unsigned long long)(room >> 10), d->state);
	else
		doctor_say(d, LEVEL_OK, "space", NULL, "%llu MiB are free",
			(unsigned long long)(room >> 20));
}

static size_t observed_refs(const struct policy *p)
{
	size_t i, k, n = 0;

	for (i = 0; i < p->nrepository; i++)
		for (k = 0; k < p->repository[i].nref; k++)
			n += p->repository[i].ref[k].rules.mode == MODE_OBSERVE;
	return n;
}

static void look_at_policy(struct doctor *d)
{
	struct buf path = PATH_BUF_INIT, beside = PATH_BUF_INIT;
	const char *file = run_policy_path(d->run, &path);
	struct err err = ERR_INIT;
	struct inforce force;
	struct policy *p;

	if (inforce_open(&force, d->run, d->a, &err) ||
		signers_check(force.policy, d->a, &err)) {
		doctor_say_err(d, LEVEL_BAD, "policy", &err);
	} else {
		d->policy = p = force.policy;
		if (!p->path)
			file = force.source.called;
		if (p->observe)
			doctor_say(d, LEVEL_WARN, "policy",
				"\"mode\": \"enforce\" closes it",
				"'%s' only observes: nothing is refused", file);
		else if (observed_refs(p))
			doctor_say(d, LEVEL_WARN, "policy",
				"without their \"mode\": \"observe\" they are "
				"closed",
				"'%s' only observes %zu of its entries for "
				"refs",
				file, observed_refs(p));
		else
			doctor_say(d, LEVEL_OK, "policy", NULL, "'%s' (%zu %s)",
				file, p->nperson,
				p->nperson == 1 ? "person" : "people");
		doctor_forges(d, run_policy_path(d->run, &beside));
	}
	buf_free(&beside);
	/* That it cannot be is told by who publishes it. */
	err_clear(&err);
	d->publishable = d->policy &&
		!published_read(&force.source, d->a, &d->published, &err);
	inforce_close(&force);
	buf_free(&path);
}

static void look_at_published(struct doctor *d, const struct gitdir *g)
{
	struct err err = ERR_INIT;
	enum published_state is;

	if (!d->publishable)
		return;
	if (published_look(&d->published, g->path, d->a, &is, &err))
		doctor_say_err(d, LEVEL_UNKNOWN, "published", &err);
	else if (is == PUBLISHED_OLD)
		doctor_say(d, LEVEL_WARN, "published", "sluice policy publish",
			"'sluice check' judges by another policy than this: "
			"that of " PUBLISHED_REF);
	else if (is == PUBLISHED_CURRENT)
		doctor_say(d, LEVEL_OK, "published", NULL,
			"developers find the policy in force");
}

static void on_logd(void *ctx, bool good, const char *text, const char *hint)
{
	doctor_say(ctx, good ? LEVEL_OK : LEVEL_BAD, "logd", hint, "%s", text);
}

/* Where the log is another account's, so is the key. */
static void look_at_logd(struct doctor *d)
{
	if (!store_elsewhere(d->state))
		return;
	logdlook(d->state, on_logd, d);
	if (d->policy && d->policy->log_openpgp)
		doctor_say(d, LEVEL_WARN, "logd",
			"take \"openpgp_key\" out of the policy; docs/logd.md "
			"has how logd's account makes it",
			"checkpoint.asc is not made by hooks where logd keeps "
			"the log");
}

static void look_at_key(struct doctor *d)
{
	const char *key = arena_fmt(d->a, "%s/log.key", d->state);
	struct stat st, folder;

	if (lstat(key, &st)) {
		doctor_say(d, LEVEL_BAD, "log key",
			"restore it from its backup; 'sluice init' makes the "
			"first one",
			"'%s': %s", key, strerror(errno));
		return;
	}
	if (!S_ISREG(st.st_mode))
		doctor_say(d, LEVEL_BAD, "log key", NULL,
			"'%s' is not a regular file", key);
	else if (st.st_mode & 077)
		doctor_say(d, LEVEL_BAD, "log key", "chmod 600",
			"others than its owner may use '%s' (mode %03o)", key,
			(unsigned)st.st_mode & 0777);
	else if (!stat(d->state, &folder) && folder.st_uid != st.st_uid)
		doctor_say(d, LEVEL_BAD, "log key", "chown it to that account",
			"'%s' does not belong to the owner of '%s'", key,
			d->state);
	else
		doctor_say(d, LEVEL_OK, "log key", NULL, "'%s'", key);
}

static void look_at_key_aside(struct doctor *d)
{
	struct buf name = PATH_BUF_INIT;
	struct err err = ERR_INIT;
	bool found;

	if (!keyaside_find(d->state, &name, &found, &err) && found)
		doctor_say(d, LEVEL_WARN, "log key",
			"give that command again, or remove the file",
			"'%s' in the state folder was left by a command on the "
			"log's key that was cut short, and may hold a key",
			buf_cstr(&name));
	buf_free(&name);
}

/* The line of the report that matters: the first damage, or the summary. */
static struct span telling(struct span out, struct span talk, bool good)
{
	struct span line, chosen = SPAN_LIT("it gives no reason");

	if (talk.n && !good) {
		if (span_line(&talk, &chosen, NULL) &&
			span_starts(chosen, SPAN_LIT("sluice: ")))
			chosen = span_from(chosen, 8);
		return chosen;
	}
	while (span_line(&out, &line, NULL)) {
		chosen = line;
		if (!good && !span_starts(line, SPAN_LIT("note: ")))
			break;
	}
	return chosen;
}

/* The log is checked as anybody would, by 'sluice log verify'. */
static void look_at_log(struct doctor *d)
{
	const char *argv[] = {
		d->run->program, "--state", d->state, "log", "verify", NULL};
	struct buf out = BUF_INIT(1u << 20), talk = BUF_INIT(1u << 20);
	const struct proc p = {
		.argv = argv,
		.out = &out,
		.talk = &talk,
		.timeout_ms = VERIFY_TIMEOUT_MS,
	};
	enum level level = LEVEL_UNKNOWN;
	struct err err = ERR_INIT;
	struct proc_end end;
	struct span line;

	if (proc_run(&p, &end, &err)) {
		doctor_say_err(d, LEVEL_UNKNOWN, "log", &err);
		goto out;
	}
	if (!end.signal && end.status == EXIT_YES)
		level = LEVEL_OK;
	else if (!end.signal && end.status == EXIT_NO)
		level = LEVEL_BAD;
	line = telling(buf_all(&out), buf_all(&talk), level == LEVEL_OK);
	doctor_say(d, level, "log",
		level == LEVEL_OK ? NULL : "'sluice log verify' says more",
		"%.*s", SPAN_FMT(line));
out:
	buf_free(&talk);
	buf_free(&out);
}

/* The next push is judged by the clock here. One that is behind what was logged
 * was set back, and makes good keys and waivers that had run out. */
static void look_at_clock(struct doctor *d)
{
	const struct index_filter newest = {.last = 1};
	const int64_t now = clock_now();
	char here[CLOCK_TEXT_MAX];
	struct index *ix = NULL;
	struct index_rows rows;
	struct err err = ERR_INIT;
	int64_t then;

	if (index_open(d->state, &ix, &err) ||
		index_list(ix, &newest, d->a, &rows, &err)) {
		/* What is wrong with the log is told by now. */
		err_clear(&err);
		goto out;
	}
	if (!rows.n || !clock_read(rows.v[0].time, &then) ||
		then <= now + CLOCK_SLACK)
		goto out;
	clock_text(now, here);
	doctor_say(d, LEVEL_BAD, "clock",
		"set it right, or see 'sluice log "
		"list' for an entry of the future",
		"it is %s here, and the newest entry is of %.*s", here,
		SPAN_FMT(rows.v[0].time));
out:
	index_close(ix);
}

/* How far behind the log what the witnesses signed is. */
static void look_at_witnesses(struct doctor *d)
{
	const char *path = arena_fmt(d->a, "%s/" WITNESSED_POLICY, d->state);
	struct log_reader *log = NULL, *signed_log = NULL;
	struct err err = ERR_INIT;
	struct tlogpolicy policy;
	struct witnessed by;
	struct note note;
	uint64_t behind;

	if (!io_exists(path))
		return;
	if (witnessed_policy(path, d->a, &policy, &err) ||
		log_open_state(d->state, &log, &err) ||
		log_open_witnessed(d->state, &signed_log, &err) ||
		note_parse(log_checkpoint(signed_log), d->a, &note, &err) ||
		witnessed_by(&policy, &note, &by, &err)) {
		doctor_say_err(d, LEVEL_BAD, "witnesses", &err);
	} else if (!by.quorum) {
		doctor_say(d, LEVEL_BAD, "witnesses",
			"run 'sluice log witness'",
			"no quorum of '%s' signed the log", path);
	} else {
		behind = log_size(log) - log_size(signed_log);
		doctor_say(d, behind > WITNESSED_BEHIND ? LEVEL_WARN : LEVEL_OK,
			"witnesses",
			behind > WITNESSED_BEHIND
				? "run 'sluice log witness' from a timer"
				: NULL,
			"%zu of them signed the log of %llu entries; %llu "
			"came since",
			by.n, (unsigned long long)log_size(signed_log),
			(unsigned long long)behind);
	}
	log_close(signed_log);
	log_close(log);
}

bool doctor_become(const struct doctor_account *who)
{
	if (geteuid() == who->uid)
		return true;
	if (initgroups(who->name, who->gid) || setgid(who->gid) ||
		setuid(who->uid))
		return false;
	setenv("HOME", who->home, 1);
	return true;
}

/* May the account that runs git-receive-pack here write the evidence? */
struct writing {
	const struct doctor_account *who;
	const char *state;
};

static int can_write(void *ctx, int in_fd, int out_fd)
{
	const struct writing *w = ctx;

	(void)in_fd;
	(void)out_fd;
	if (!doctor_become(w->who))
		return 2;
	return access(w->state, R_OK | W_OK | X_OK) ? 1 : 0;
}

/* True when it may. */
static bool look_at_account(
	struct doctor *d, const struct gitdir *g, struct doctor_account *who)
{
	struct writing w = {who, d->state};
	struct err err = ERR_INIT;
	struct proc_end end;
	struct passwd *pw;
	struct stat st;

	if (stat(g->path, &st)) {
		doctor_say(d, LEVEL_UNKNOWN, "account", NULL, "'%s': %s",
			g->path, strerror(errno));
		return false;
	}
	pw = getpwuid(st.st_uid);
	who->uid = st.st_uid;
	who->gid = pw ? pw->pw_gid : st.st_gid;
	who->home = pw ? arena_str(d->a, span_str(pw->pw_dir)) : "/";
	who->name = pw ? arena_str(d->a, span_str(pw->pw_name))
		       : arena_fmt(d->a, "%lu", (unsigned long)st.st_uid);
	if (geteuid() != 0 && geteuid() != who->uid) {
		doctor_say(d, LEVEL_UNKNOWN, "account",
			"run doctor as that account or as root",
			"cannot tell whether '%s' may write to '%s'", who->name,
			d->state);
		return false;
	}
	if (proc_fork(can_write, &w, SPAN_EMPTY, NULL, 0, &end, &err))
		doctor_say_err(d, LEVEL_UNKNOWN, "account", &err);
	else if (end.signal || end.status > 1)
		doctor_say(d, LEVEL_UNKNOWN, "account", NULL,
			"cannot become '%s'", who->name);
	else if (end.status)
		doctor_say(d, LEVEL_BAD, "account",
			"give it the state folder: chown -R",
			"'%s', who owns the repository, cannot write to '%s'",
			who->name, d->state);
	else
		doctor_say(d, LEVEL_OK, "account", NULL,
			"'%s' may write evidence", who->name);
	return err.code == ERR_NONE && !end.signal && !end.status;
}

static void look_at_program(struct doctor *d, const struct hookfile *f)
{
	char full[PATH_MAX];
	struct stat st;

	if (stat(f->line.program, &st) || access(f->line.program, X_OK)) {
		doctor_say(d, LEVEL_BAD, hook_name(f->hook),
			"'sluice install' again wires it to this program",
			"it runs '%s': %s", f->line.program, strerror(errno));
		return;
	}
	if (st.st_mode & (S_IWOTH | S_IWGRP))
		doctor_say(d, LEVEL_BAD, hook_name(f->hook), "chmod go-w",
			"others than its owner may write to '%s'",
			f->line.program);
	if (!realpath(d->run->program, full) || strcmp(full, f->line.program))
		doctor_say(d, LEVEL_WARN, hook_name(f->hook),
			"'sluice install' again wires it to this program",
			"it runs another program, '%s'", f->line.program);
}

static const char *install_hint(const struct doctor *d, const struct gitdir *g)
{
	return arena_fmt(
		d->a, "sluice --state %s install %s", d->state, g->path);
}

static void look_at_ours(
	struct doctor *d, const struct gitdir *g, const struct hookfile *f)
{
	const char *what = hook_name(f->hook);
	size_t problems = d->count[LEVEL_BAD] + d->count[LEVEL_WARN];
	struct stat st;

	if (!f->executable)
		doctor_say(d, LEVEL_BAD, what, "chmod +x",
			"'%s' is not executable, so git does not run it",
			f->path);
	if (!stat(f->path, &st) && st.st_mode & (S_IWOTH | S_IWGRP))
		doctor_say(d, LEVEL_BAD, what, "chmod go-w",
			"others than its owner may write to '%s'", f->path);
	if (strcmp(f->line.state, d->state))
		doctor_say(d, LEVEL_BAD, what, install_hint(d, g),
			"it works with another state folder, '%s'",
			f->line.state);
	look_at_program(d, f);
	if (f->line.chain && !f->previous_there)
		doctor_say(d, LEVEL_BAD, what,
			"put it back, or uninstall and install again",
			"the previous hook is gone: '%s'", f->previous);
	else if (f->line.chain && !f->previous_executable)
		doctor_say(d, LEVEL_BAD, what, "chmod +x",
			"the previous hook '%s' is not executable",
			f->previous);
	else if (!f->line.chain && f->previous_there && f->previous_executable)
		doctor_say(d, LEVEL_WARN, what, install_hint(d, g),
			"the previous hook '%s' does not run", f->previous);
	if (problems == d->count[LEVEL_BAD] + d->count[LEVEL_WARN])
		doctor_say(d, LEVEL_OK, what, NULL, "'%s'%s", f->path,
			f->line.chain ? ", then the previous hook" : "");
}

/* True when it is ours. */
static bool look_at_hook(
	struct doctor *d, const struct gitdir *g, enum hook h, bool gitlab)
{
	struct err err = ERR_INIT;
	struct hookfile f;

	if (hookfile_find(g, h, gitlab, d->a, &f, &err)) {
		doctor_say_err(d, LEVEL_UNKNOWN, hook_name(h), &err);
		return false;
	}
	switch (f.state) {
	case HOOKFILE_ABSENT:
		doctor_say(d, LEVEL_BAD, hook_name(h), install_hint(d, g),
			"'%s' is not there", f.path);
		break;
	case HOOKFILE_FOREIGN:
		doctor_say(d, LEVEL_BAD, hook_name(h), install_hint(d, g),
			"'%s' is not sluice's%s", f.path,
			f.link ? " (a symbolic link)" : "");
		break;
	case HOOKFILE_CHANGED:
		doctor_say(d, LEVEL_BAD, hook_name(h),
			"remove it and install again",
			"'%s' was edited after the installation", f.path);
		break;
	case HOOKFILE_OURS:
		look_at_ours(d, g, &f);
		break;
	}
	return f.state == HOOKFILE_OURS;
}

/* Hooks of others that take part in a push, for the administrator to know. */
static void look_at_others(struct doctor *d, const struct gitdir *g)
{
	static const char *const other[] = {"update", "proc-receive",
		"reference-transaction", "post-update", "push-to-checkout"};
	struct buf list = BUF_INIT(4096);
	size_t i;

	for (i = 0; i < ARRAY_LEN(other); i++)
		if (!access(arena_fmt(d->a, "%s/%s", g->hooks, other[i]), X_OK))
			buf_fmt(&list, "%s%s", list.n ? ", " : "", other[i]);
	if (list.n)
		doctor_say(d, LEVEL_OK, "hooks", NULL, "git also runs: %s",
			buf_cstr(&list));
	buf_free(&list);
}

static void look_at_name(
	struct doctor *d, const struct gitdir *g, const char *name)
{
	struct gated_repository *r;
	struct err err = ERR_INIT;
	struct rules rules;
	size_t i, n;

	if (!name) {
		doctor_say(d, LEVEL_BAD, "name", install_hint(d, g),
			"its configuration has no sluice.name");
		return;
	}
	if (repositories_read(d->state, d->a, &r, &n, &err)) {
		doctor_say_err(d, LEVEL_UNKNOWN, "name", &err);
		return;
	}
	for (i = 0; i < n && strcmp(r[i].path, g->path); i++)
		;
	if (i == n)
		doctor_say(d, LEVEL_BAD, "name", install_hint(d, g),
			"'%s/repositories' does not list it", d->state);
	else if (strcmp(r[i].name, name))
		doctor_say(d, LEVEL_BAD, "name", install_hint(d, g),
			"its configuration calls it '%s', "
			"'%s/repositories' calls it '%s'",
			name, d->state, r[i].name);
	if (d->policy &&
		!policy_rules(d->policy, span_str(name),
			SPAN_LIT("refs/heads/main"), &rules))
		doctor_say(d, LEVEL_BAD, "name",
			"add it to \"repositories\"; until then every push is "
			"refused",
			"the policy does not name '%s'", name);
	else
		doctor_say(d, LEVEL_OK, "name", NULL, "'%s'", name);
}

static void look_at_hidden(struct doctor *d, const struct gitdir *g)
{
	static const char *const key[] = {
		"transfer.hideRefs", "receive.hideRefs"};
	const char *value;
	struct err err = ERR_INIT;
	size_t i;

	for (i = 0; i < ARRAY_LEN(key); i++) {
		if (gitdir_config(g, key[i], d->a, &value, &err)) {
			doctor_say_err(d, LEVEL_UNKNOWN, "refs", &err);
			return;
		}
		if (value &&
			span_starts(SPAN_LIT("refs/sluice/approvals"),
				span_str(value)))
			doctor_say(d, LEVEL_WARN, "refs",
				"approvals are pushed there",
				"%s hides '%s' from pushes", key[i], value);
	}
}

/* Whether a stranger on this machine may read the file. */
static bool is_open(struct doctor *d, const struct gitdir *g)
{
	struct stat file, folder;

	return !stat(arena_fmt(d->a, "%s/config", g->path), &file) &&
		!stat(g->path, &folder) && file.st_mode & S_IROTH &&
		folder.st_mode & S_IXOTH;
}

/* What git needs to ask for push certificates, where the policy does. */
static void look_at_certificates(
	struct doctor *d, const struct gitdir *g, const char *name)
{
	static const char key[] = "receive.certNonceSeed";
	const char *own, *any;
	struct err err = ERR_INIT;
	size_t problems;

	if (!name || !d->policy ||
		!policy_wants_certificates(d->policy, span_str(name)))
		return;
	if (gitdir_config(g, key, d->a, &own, &err) ||
		gitdir_config_in_force(g, key, d->a, &any, &err)) {
		doctor_say_err(d, LEVEL_UNKNOWN, "push certs", &err);
		return;
	}
	problems = d->count[LEVEL_BAD] + d->count[LEVEL_WARN];
	if (!policy_has_urls(d->policy, span_str(name)))
		doctor_say(d, LEVEL_WARN, "push certs",
			"list its addresses as \"urls\" in its entry of "
			"\"repositories\"",
			"a certificate that was made for another server may "
			"do: the policy has no addresses of '%s'",
			name);
	if (!any)
		doctor_say(d, LEVEL_BAD, "push certs",
			"sluice install --push-certificates",
			"the policy demands push certificates, and git does "
			"not ask for them: there is no %s",
			key);
	else if (!own)
		doctor_say(d, LEVEL_WARN, "push certs",
			"sluice install --push-certificates",
			"its %s is not its own: over http a certificate is "
			"fresh in all repositories that share it",
			key);
	else if (is_open(d, g))
		doctor_say(d, LEVEL_WARN, "push certs", "chmod o-r",
			"every account of this machine may read %s in "
			"'%s/config'",
			key, g->path);
	if (problems == d->count[LEVEL_BAD] + d->count[LEVEL_WARN])
		doctor_say(
			d, LEVEL_OK, "push certs", NULL, "git asks for them");
}

static void look_at_bypasses(struct doctor *d, const struct gitdir *g)
{
	struct err err = ERR_INIT;
	struct bypasses b;
	size_t i;

	if (bypass_find(g, d->a, &b, &err))
		doctor_say_err(d, LEVEL_UNKNOWN, "hooks", &err);
	for (i = 0; i < b.n; i++)
		doctor_say(d, b.v[i].open ? LEVEL_BAD : LEVEL_WARN, "hooks",
			b.v[i].hint, "%s", b.v[i].what);
}

static void look_at_repository(struct doctor *d, const char *path)
{
	const char *name, *state, *adopted, *layout;
	struct err err = ERR_INIT;
	struct doctor_account who;
	struct gitdir g;
	bool gitlab, ours;

	d->repository = path;
	if (!d->run->json && !d->run->quiet)
		printf("%s\n", path);
	if (gitdir_open(path, d->a, &g, &err)) {
		doctor_say_err(d, LEVEL_BAD, "repo", &err);
		return;
	}
	if (gitdir_config(&g, "sluice.name", d->a, &name, &err) ||
		gitdir_config(&g, "sluice.state", d->a, &state, &err) ||
		gitdir_config(&g, "sluice.adopted", d->a, &adopted, &err) ||
		gitdir_config(&g, "sluice.layout", d->a, &layout, &err)) {
		doctor_say_err(d, LEVEL_UNKNOWN, "config", &err);
		return;
	}
	gitlab = layout && !strcmp(layout, "gitlab");
	look_at_bypasses(d, &g);
	look_at_name(d, &g, name);
	if (state && strcmp(state, d->state))
		doctor_say(d, LEVEL_BAD, "config", install_hint(d, &g),
			"sluice.state is '%s'", state);
	ours = look_at_hook(d, &g, HOOK_PRE_RECEIVE, gitlab);
	(void)look_at_hook(d, &g, HOOK_POST_RECEIVE, gitlab);
	if (name && !adopted)
		doctor_say(d, LEVEL_BAD, "history", install_hint(d, &g),
			"what was there before the gate was never adopted");
	look_at_others(d, &g);
	look_at_hidden(d, &g);
	look_at_certificates(d, &g, name);
	if (name)
		look_at_published(d, &g);
	/* GitLab runs its hooks by a program of its own, git knows none. */
	if (look_at_account(d, &g, &who) && ours && name && !d->no_push &&
		!g.hooks_outside && !gitlab)
		doctor_push(d, &g, name, &who);
}

static void look_at_all(struct doctor *d)
{
	struct gated_repository *r;
	struct err err = ERR_INIT;
	size_t i, n;

	if (repositories_read(d->state, d->a, &r, &n, &err)) {
		doctor_say_err(d, LEVEL_UNKNOWN, "state", &err);
		return;
	}
	if (!n)
		doctor_say(d, LEVEL_WARN, "state", "'sluice install REPO.git'",
			"no repository is gated");
	for (i = 0; i < n; i++)
		look_at_repository(d, r[i].path);
}

/* Policy and log as the hook will find them. */
static void look_as_owner(struct doctor *d)
{
	struct err err = ERR_INIT;
	struct owner back;

	if (owner_enter(d->state, &back, &err)) {
		doctor_say_err(d, LEVEL_UNKNOWN, "state", &err);
		return;
	}
	look_at_policy(d);
	look_at_logd(d);
	look_at_log(d);
	look_at_clock(d);
	look_at_witnesses(d);
	doctor_timers(d);
	owner_leave(&back);
}

static int on_member(void *ctx, unsigned depth, struct span name,
	struct span bytes, bool *stop, struct err *err)
{
	(void)depth;
	(void)name;
	(void)stop;
	(void)err;
	*(bool *)ctx = span_is(bytes, "sluice\n");
	return 0;
}

static void on_refused(void *ctx, unsigned depth, enum unpack_reason why)
{
	(void)ctx;
	(void)depth;
	(void)why;
}

/* Whether an archive could be looked into: by doing it. */
static void look_at_unpacker(struct doctor *d)
{
	/* What 'echo sluice | gzip' says. */
	static const unsigned char gz[] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3,
		0x2b, 0xce, 0x29, 0xcd, 0x4c, 0x4e, 0xe5, 0x02, 0x00, 0x5a,
		0x0e, 0x08, 0xfa, 7, 0, 0, 0};
	const struct unpack_setup setup = {.wait_ms = 10000};
	struct unpacker *u = unpacker_new(&setup);
	char why[UNPACK_WHY_MAX];
	struct err err = ERR_INIT;
	bool done = false;
	const struct unpack_visitor v = {on_member, on_refused, &done};

	if (unpacker_run(u, span_of(gz, sizeof(gz)), &v, why, &err) || !done)
		doctor_say(d, LEVEL_BAD, "archives",
			"until then archives count as not scanned, and pushes "
			"of them are refused",
			"sluice-unpack does not work: %s",
			why[0] ? why : "it unpacks nothing");
	else
		doctor_say(d, LEVEL_OK, "archives", NULL,
			"sluice-unpack looks into them");
	unpacker_free(u);
}

static enum exit_code conclude(struct doctor *d)
{
	struct buf text = BUF_INIT(64u << 20);
	struct doc *j;

	if (d->run->json) {
		j = doc_object();
		doc_set(j, "checks", d->list);
		doc_set(j, "bad", doc_of_int((int64_t)d->count[LEVEL_BAD]));
		doc_set(j, "warn", doc_of_int((int64_t)d->count[LEVEL_WARN]));
		doc_set(j, "unknown",
			doc_of_int((int64_t)d->count[LEVEL_UNKNOWN]));
		doc_pretty(j, &text);
		fwrite(text.p, 1, text.n, stdout);
		doc_free(j);
		buf_free(&text);
	} else {
		doc_free(d->list);
		if (d->count[LEVEL_BAD])
			fprintf(stderr, "sluice: %zu %s not as it must be\n",
				d->count[LEVEL_BAD],
				d->count[LEVEL_BAD] == 1 ? "thing is"
							 : "things are");
	}
	if (d->count[LEVEL_BAD])
		return EXIT_NO;
	return d->count[LEVEL_UNKNOWN] ? EXIT_UNKNOWN : EXIT_YES;
}

enum exit_code cmd_doctor(struct run *run, int argc, char **argv)
{
	struct doctor d = {.run = run};
	const struct option_def defs[] = {
		{"--no-push", OPTION_FLAG, &d.no_push,
			"do not ask the gate by a push"},
	};
	struct err err = ERR_INIT;
	enum exit_code status;
	char full[PATH_MAX];
	int i, n = options_read(run, defs, ARRAY_LEN(defs), argc, argv, &err);

	if (run->help)
		return cmd_usage("doctor", "[--no-push] [REPO.git…]", defs,
			ARRAY_LEN(defs));
	if (n < 0)
		return cmd_fail(&err);
	d.a = arena_new(ARENA_MAX);
	d.list = doc_array();
	d.state = realpath(run->state, full) ? full : run->state;
	look_at_folder(&d);
	doctor_files(&d);
	if (!store_elsewhere(d.state))
		look_at_key(&d);
	look_at_key_aside(&d);
	look_as_owner(&d);
	look_at_unpacker(&d);
	for (i = 1; i <= n; i++)
		look_at_repository(&d, argv[i]);
	if (!n)
		look_at_all(&d);
	status = conclude(&d);
	arena_free(d.a);
	return status;
}
