/* sluice policy replay: judge the pushes of the log again under another policy,
 * from what their records hold. No repository is opened. */
#include "cmd/replay.h"

#include "base/clock.h"
#include "cmd/owner.h"
#include "cmd/print.h"
#include "gate/replay.h"
#include "gather/gather.h"
#include "log/pruned.h"
#include "log/reader.h"
#include "log/vault.h"
#include "parse/entry.h"

#define POLICY_ARENA ((size_t)256 << 20)
#define PUSH_ARENA ((size_t)2 << 30)
#define SHOWN 20 /* findings of a push, as text */

struct replaying {
	const struct run *run;
	const struct replay_options *opt;
	const struct policy *policy;
	struct vault *vault;
	struct pruned pruned;
	int64_t since;
	struct doc *list;
	size_t pushes, refused, untold, other, again, kept;
};

/* What was or would be done with a push. */
static const char *word(enum verdict v, bool admitted)
{
	switch (v) {
	case VERDICT_ACCEPT:
		return "accept";
	case VERDICT_REJECT:
		return admitted ? "reject, observed" : "reject";
	case VERDICT_UNDECIDED:
		break;
	}
	return "could not tell";
}

static const char *word_then(const struct entry *e)
{
	return e->verdict == VERDICT_UNDECIDED ? "undecided"
					       : word(e->verdict, e->admitted);
}

static bool is_other(const struct entry *e, const struct replay *r)
{
	return r->verdict != VERDICT_UNDECIDED &&
		(r->verdict != e->verdict || r->admitted != e->admitted);
}

static void set_text(struct doc *to, const char *key, const char *text)
{
	if (text && text[0])
		doc_set(to, key, doc_of_text(span_str(text)));
}

static struct doc *finding_doc(const struct replay *r, const struct finding *f)
{
	struct buf id = BUF_INIT(200);
	char hex[OID_HEX + 1];
	struct doc *d = doc_object();

	finding_name(f, &id);
	doc_set(d, "id", doc_of_text(buf_all(&id)));
	doc_set(d, "severity", doc_of_str(severity_name(f->severity)));
	doc_set(d, "ref", doc_of_text(r->push.up[f->update].ref));
	doc_set(d, "object", doc_of_str(oid_hex(&f->object, hex)));
	set_text(d, "place", f->place);
	set_text(d, "detail", f->detail);
	buf_free(&id);
	return d;
}

static struct doc *push_doc(
	uint64_t n, const struct entry *e, const struct replay *r)
{
	struct doc *d = doc_object(), *found = doc_array(), *gaps = doc_array();
	size_t i;

	doc_set(d, "entry", doc_of_int((int64_t)n));
	doc_set(d, "time", doc_of_text(e->time));
	doc_set(d, "repository", doc_of_text(e->repository));
	doc_set(d, "pusher", doc_of_str(r->push.pusher.name));
	doc_set(d, "was", doc_of_str(word_then(e)));
	doc_set(d, "would", doc_of_str(word(r->verdict, r->admitted)));
	for (i = 0; i < r->findings.n; i++)
		if (r->findings.v[i].severity != SEVERITY_OFF)
			doc_add(found, finding_doc(r, &r->findings.v[i]));
	doc_set(d, "findings", found);
	for (i = 0; i < r->ngap; i++) {
		struct doc *g = doc_object();

		doc_set(g, "ref",
			doc_of_text(r->push.up[r->gap[i].update].ref));
		doc_set(g, "check", doc_of_str(r->gap[i].check));
		doc_set(g, "why", doc_of_str(r->gap[i].why));
		doc_add(gaps, g);
	}
	doc_set(d, "untold", gaps);
	return d;
}

static void say_finding(const struct replay *r, const struct finding *f)
{
	struct buf id = BUF_INIT(200);
	char hex[OID_HEX + 1];

	finding_name(f, &id);
	printf("        %s  ", buf_cstr(&id));
	print_text(r->push.up[f->update].ref);
	if (!oid_is_zero(&f->object))
		printf("  %.12s", oid_hex(&f->object, hex));
	if (f->place[0]) {
		printf("  ");
		print_text(span_str(f->place));
	}
	if (f->detail[0]) {
		printf("  ");
		print_text(span_str(f->detail));
	}
	putchar('\n');
	buf_free(&id);
}

static void say(uint64_t n, const struct entry *e, const struct replay *r)
{
	size_t i, told = 0;

	printf("%6llu  ", (unsigned long long)n);
	print_text(e->time);
	printf("  ");
	print_text(e->repository);
	printf("  ");
	print_text(span_str(r->push.pusher.name));
	printf("  %s, was %s\n", word(r->verdict, r->admitted), word_then(e));
	for (i = 0; i < r->findings.n && told < SHOWN; i++) {
		if (r->findings.v[i].severity != SEVERITY_BLOCK)
			continue;
		say_finding(r, &r->findings.v[i]);
		told++;
	}
	for (i = 0; i < r->ngap && r->verdict == VERDICT_UNDECIDED; i++) {
		printf("        %s  ", r->gap[i].check);
		print_text(r->push.up[r->gap[i].update].ref);
		printf("  %s\n", r->gap[i].why);
	}
}

static void tell(struct replaying *x, uint64_t n, const struct entry *e,
	const struct replay *r)
{
	bool other = is_other(e, r);

	x->refused += r->verdict == VERDICT_REJECT && !r->admitted;
	x->untold += r->verdict == VERDICT_UNDECIDED;
	x->other += other;
	x->again += r->again;
	x->kept += r->kept;
	if (x->opt->diff ? !other && r->verdict != VERDICT_UNDECIDED
			 : r->verdict == VERDICT_ACCEPT)
		return;
	if (x->run->json)
		doc_add(x->list, push_doc(n, e, r));
	else
		say(n, e, r);
}

/* Without a record nothing is known of the push but that it was. */
static void tell_lost(
	struct replaying *x, uint64_t n, const struct entry *e, const char *why)
{
	struct doc *d;

	x->untold++;
	if (!x->run->json) {
		fprintf(stderr, "sluice: entry %llu: %s\n",
			(unsigned long long)n, why);
		return;
	}
	d = doc_object();
	doc_set(d, "entry", doc_of_int((int64_t)n));
	doc_set(d, "repository", doc_of_text(e->repository));
	doc_set(d, "was", doc_of_str(word_then(e)));
	doc_set(d, "would", doc_of_str("could not tell"));
	set_text(d, "why", why);
	doc_add(x->list, d);
}

static void tell_pruned(struct replaying *x, uint64_t n, const struct entry *e)
{
	struct buf why = BUF_INIT(PRUNED_TEXT_MAX);

	buf_str(&why, "its record was ");
	pruned_text(pruned_find(&x->pruned, n), &why);
	tell_lost(x, n, e, buf_cstr(&why));
	buf_free(&why);
}

static void replay(
	struct replaying *x, uint64_t n, const struct entry *e, struct arena *a)
{
	struct buf text = BUF_INIT(RECORD_MAX);
	struct doc *record = NULL;
	struct err err = ERR_INIT;
	struct replay r;
	bool found;

	x->pushes++;
	if (vault_record(x->vault, n, e->record, &text, &found, &err))
		tell_lost(x, n, e, err.text);
	else if (!found && pruned_find(&x->pruned, n))
		tell_pruned(x, n, e);
	else if (!found)
		tell_lost(x, n, e, "its record is not in the vault any more");
	else if (record_parse(buf_all(&text), &record, &err) ||
		replay_open(&r, record, x->policy, a, &err))
		tell_lost(x, n, e, err.text);
	else {
		gather_sections(&r.facts, a);
		replay_judge(&r);
		tell(x, n, e, &r);
	}
	doc_free(record);
	buf_free(&text);
}

static bool wanted(const struct replaying *x, const struct entry *e)
{
	int64_t at;

	if (e->kind != RECORD_DECISION ||
		(x->opt->repository &&
			!span_is(e->repository, x->opt->repository)))
		return false;
	return !x->opt->since || !clock_read(e->time, &at) || at >= x->since;
}

static int each(void *ctx, uint64_t n, struct span bytes, struct err *err)
{
	struct arena *a = arena_new(PUSH_ARENA);
	struct replaying *x = ctx;
	struct entry e;
	int ret = entry_parse(bytes, a, &e, err);

	if (ret)
		err_in(err, "entry %llu", (unsigned long long)n);
	else if (wanted(x, &e))
		replay(x, n, &e, a);
	arena_free(a);
	return ret;
}

static enum exit_code conclusion(const struct replaying *x)
{
	struct buf text = BUF_INIT((size_t)1 << 30);

	if (x->run->json) {
		doc_pretty(x->list, &text);
		fwrite(text.p, 1, text.n, stdout);
		buf_free(&text);
	} else if (!x->run->quiet) {
		fprintf(stderr,
			"%zu pushes: %zu would be refused, %zu decided "
			"otherwise than they were, %zu could not be told\n"
			"%zu answers of checks found again, %zu kept from "
			"rules that are the same\n",
			x->pushes, x->refused, x->other, x->untold, x->again,
			x->kept);
	}
	if (x->opt->diff ? x->other : x->refused)
		return EXIT_NO;
	return x->untold ? EXIT_UNKNOWN : EXIT_YES;
}

enum exit_code policy_replay(
	struct run *run, const struct replay_options *opt, const char *path)
{
	struct replaying x = {.run = run, .opt = opt};
	struct arena *arena = arena_new(POLICY_ARENA);
	struct index *ix = NULL;
	struct err err = ERR_INIT;
	struct policy *policy;
	enum exit_code status;

	x.list = doc_array();
	x.vault = vault_new(run->state);
	if (opt->since && !clock_read(span_str(opt->since), &x.since)) {
		err_set(&err, ERR_USAGE, "--since: '%s' is no date or time",
			opt->since);
		err_hint(&err, "such as 2026-11-23 or 2026-11-23T08:00:00Z");
		goto out;
	}
	if (owner_become(run->state, true, &err) ||
		policy_load(path, arena, &policy, &err))
		goto out;
	x.policy = policy;
	if (!index_open(run->state, &ix, &err) &&
		!pruned_read(ix, arena, &x.pruned, &err) &&
		log_each(index_log(ix), 0, NULL, each, &x, &err))
		err_in(&err, "the log");
out:
	status = err.code == ERR_NONE ? conclusion(&x) : cmd_fail(&err);
	index_close(ix);
	vault_free(x.vault);
	doc_free(x.list);
	arena_free(arena);
	return status;
}
