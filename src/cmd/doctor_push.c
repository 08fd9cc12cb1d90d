/*
 * sluice doctor: ask the gate itself, by a push that moves nothing (probe.h).
 * That it is refused proves nothing yet: anybody's hook may refuse. That the
 * log of this state folder has the decision about a name that was made up a
 * moment ago does.
 */
#include "base/io.h"
#include "base/proc.h"
#include "base/text.h"
#include "cmd/doctor.h"
#include "deploy/probe.h"
#include "log/index.h"

#define ANSWER_MAX 16384u
#define ARENA_MAX ((size_t)256 << 20)

struct asking {
	const struct doctor_account *who;
	const char *path, *ref, *state;
	struct span repository;
};

static const char *word(enum pushreport r)
{
	switch (r) {
	case PUSHREPORT_DONE:
		return "done";
	case PUSHREPORT_REFUSED:
		return "refused";
	case PUSHREPORT_NONE:
		break;
	}
	return "none";
}

static int in_log(
	const struct asking *k, struct arena *a, struct doc *j, struct err *err)
{
	const enum record_kind decision = RECORD_DECISION;
	const struct index_filter f = {.repository = k->repository,
		.ref = span_str(k->ref),
		.kind = &decision,
		.last = 1};
	struct index *ix = NULL;
	struct index_rows rows;
	int ret = -1;

	if (index_open(k->state, &ix, err) || index_list(ix, &f, a, &rows, err))
		goto out;
	if (rows.n) {
		doc_set(j, "entry", doc_of_int((int64_t)rows.v[0].entry));
		doc_set(j, "verdict",
			doc_of_str(verdict_name(rows.v[0].verdict)));
		doc_set(j, "admitted", doc_of_bool(rows.v[0].admitted));
	}
	ret = 0;
out:
	index_close(ix);
	return ret;
}

static void set_text(struct doc *j, const char *key, const char *text)
{
	struct buf shown = BUF_INIT(4096);

	text_printable(&shown, span_str(text), 500);
	doc_set(j, key, doc_of_text(buf_all(&shown)));
	buf_free(&shown);
}

/* In a child, which becomes the repository's account for good: the hooks of a
 * push must not find a process that is root as well. */
static int ask(void *ctx, int in_fd, int out_fd)
{
	const struct asking *k = ctx;
	struct arena *a = arena_new(ARENA_MAX);
	struct buf text = BUF_INIT(ANSWER_MAX);
	struct doc *j = doc_object();
	struct err err = ERR_INIT;
	struct probe p;
	int ret = 1;

	(void)in_fd;
	if (!doctor_become(k->who))
		goto out;
	if (probe_push(k->path, k->ref, a, &p, &err) || in_log(k, a, j, &err))
		set_text(j, "error", err.text);
	else
		doc_set(j, "answer", doc_of_str(word(p.answer)));
	if (!doc_get(j, "error")) {
		set_text(j, "reason", p.reason);
		set_text(j, "said", p.said);
	}
	doc_canonical(j, &text);
	ret = io_write(out_fd, buf_all(&text), &err) ? 1 : 0;
out:
	doc_free(j);
	buf_free(&text);
	arena_free(a);
	return ret;
}

static void conclude(struct doctor *d, const struct doc *j)
{
	bool done = span_is(doc_get_text(j, "answer"), "done");
	struct span said = doc_get_text(j, "said");
	unsigned long long entry = (unsigned long long)doc_get_int(j, "entry");
	struct span verdict = doc_get_text(j, "verdict");

	if (doc_get(j, "error")) {
		doctor_say(d, LEVEL_UNKNOWN, "push", NULL, "%.*s",
			SPAN_FMT(doc_get_text(j, "error")));
	} else if (!doc_get(j, "entry")) {
		doctor_say(d, LEVEL_BAD, "push",
			"the hook, what it runs, or git does something else "
			"than it looks like",
			done ? "the gate is open: git let a push through of "
			       "which the log has nothing%s%.*s"
			     : "a push was refused, but the log has nothing of "
			       "it%s%.*s",
			said.n ? ": " : "", SPAN_FMT(said));
	} else if (span_is(verdict, "undecided")) {
		doctor_say(d, LEVEL_BAD, "push", "sluice log show says why",
			"a push could not be judged, see entry %llu", entry);
	} else if (doc_get_bool(j, "admitted")) {
		doctor_say(d, LEVEL_WARN, "push",
			"its mode, or the severity of 'ref.name'",
			"a push to a reserved name was let through, as the "
			"policy says, in entry %llu",
			entry);
	} else if (done) {
		doctor_say(d, LEVEL_BAD, "push",
			"look at what runs between git and the hook",
			"the gate is open: git let through what entry %llu "
			"refuses",
			entry);
	} else {
		doctor_say(d, LEVEL_OK, "push", NULL,
			"one that moves nothing was refused, in entry %llu",
			entry);
	}
}

void doctor_push(struct doctor *d, const struct gitdir *g, const char *name,
	const struct doctor_account *who)
{
	struct asking k = {
		who, g->path, probe_ref(d->a), d->state, span_str(name)};
	struct buf out = BUF_INIT(ANSWER_MAX);
	struct err err = ERR_INIT;
	struct doc *j = NULL;
	struct proc_end end;

	if (proc_fork(ask, &k, SPAN_EMPTY, &out, 0, &end, &err) ||
		(!end.signal && !end.status &&
			doc_parse(buf_all(&out), &j, &err)))
		doctor_say_err(d, LEVEL_UNKNOWN, "push", &err);
	else if (!j)
		doctor_say(d, LEVEL_UNKNOWN, "push", NULL,
			"cannot push as '%s'", who->name);
	else
		conclude(d, j);
	doc_free(j);
	buf_free(&out);
}
