/* sluice verify, of a proof that a ref was gated without a gap. */
#include "cmd/print.h"
#include "cmd/verify.h"

static const char *const names[] = {
	[CONTINUITY_UNKNOWN] = "unknown",
	[CONTINUITY_BROKEN] = "broken",
	[CONTINUITY_OPEN] = "open",
	[CONTINUITY_WHOLE] = "continuous",
};

static void say_state(const char *what, const struct oid *o)
{
	char hex[OID_HEX + 1];

	printf("  %s %s\n", what, oid_is_zero(o) ? "nothing" : oid_hex(o, hex));
}

static void say_span(const struct spanfile *f, const struct continuity *c)
{
	const struct continuity_ask *ask = &f->ask;
	size_t i;

	printf("  known since entry %llu of ", (unsigned long long)c->since);
	print_text(ask->entry[c->since - ask->start].time);
	printf("%s\n",
		c->adopted ? ", an adoption: what was there then was never "
			     "judged"
			   : "");
	say_state("at first   ", &c->first);
	printf("  moves       %zu, each accepted, carried out, and from where "
	       "the one before ended\n",
		c->moves);
	if (c->waived)
		printf("  waived      %zu of them had findings that a waiver "
		       "let pass\n",
			c->waived);
	if (c->observed)
		printf("  observed    the outcome of %zu of them was written "
		       "by "
		       "an audit, later\n",
			c->observed);
	for (i = 0; i < c->npolicy; i++) {
		printf("  policy      sha256 ");
		print_text(c->policy[i]);
		putchar('\n');
	}
	if (c->more_policies)
		printf("  and more policies\n");
	say_state("at the end ", &c->last);
}

static void say(const struct spanfile *f, const struct continuity *c,
	const struct vouched *v)
{
	const struct continuity_ask *ask = &f->ask;
	const uint64_t last = ask->start + ask->n - 1;

	printf("log '%s' of %llu entries: signature and entries %llu to %llu, "
	       "none left out, hold\n",
		f->origin, (unsigned long long)f->size,
		(unsigned long long)ask->start, (unsigned long long)last);
	say_signer(&f->keys, f->signer);
	if (v->asked)
		say_vouched(v);
	if (c->verdict == CONTINUITY_WHOLE)
		say_span(f, c);
	print_text(ask->ref);
	printf(" in ");
	print_text(ask->repository);
	printf(" from ");
	print_text(f->from);
	printf(" to ");
	print_text(f->to);
	if (c->verdict == CONTINUITY_WHOLE)
		printf(": gated without a gap\n");
	else if (c->verdict == CONTINUITY_UNKNOWN)
		printf(": not shown: %s\n", c->why);
	else
		printf(": not shown to be without a gap: entry %llu: %s\n",
			(unsigned long long)c->at, c->why);
	printf("not shown: a move there and back again of which the log was "
	       "told nothing; that the clock of the gate was right; what came "
	       "after entry %llu; that policies of those digests are good "
	       "ones%s\n",
		(unsigned long long)last,
		v->asked && v->by.quorum
			? ""
			: "; that everybody is shown the same log");
}

static void set_oid(struct doc *j, const char *key, const struct oid *o)
{
	char hex[OID_HEX + 1];

	doc_set(j, key, doc_of_str(oid_hex(o, hex)));
}

static void set_span(struct doc *j, const struct continuity *c)
{
	struct doc *policies = doc_array();
	size_t i;

	doc_set(j, "since", doc_of_int((int64_t)c->since));
	doc_set(j, "adopted", doc_of_bool(c->adopted));
	set_oid(j, "first", &c->first);
	set_oid(j, "last", &c->last);
	doc_set(j, "moves", doc_of_int((int64_t)c->moves));
	doc_set(j, "waived", doc_of_int((int64_t)c->waived));
	doc_set(j, "observed", doc_of_int((int64_t)c->observed));
	for (i = 0; i < c->npolicy; i++)
		doc_add(policies, doc_of_text(c->policy[i]));
	doc_set(j, "policies", policies);
	doc_set(j, "more_policies", doc_of_bool(c->more_policies));
}

static void say_json(const struct spanfile *f, const struct continuity *c,
	const struct vouched *v)
{
	struct buf out = BUF_INIT(1 << 20);
	struct doc *j = doc_object();

	doc_set(j, "origin", doc_of_str(f->origin));
	doc_set(j, "size", doc_of_int((int64_t)f->size));
	signer_doc(j, &f->keys, f->signer);
	doc_set(j, "repository", doc_of_text(f->ask.repository));
	doc_set(j, "ref", doc_of_text(f->ask.ref));
	doc_set(j, "from", doc_of_text(f->from));
	doc_set(j, "to", doc_of_text(f->to));
	doc_set(j, "start", doc_of_int((int64_t)f->ask.start));
	doc_set(j, "entries", doc_of_int((int64_t)f->ask.n));
	doc_set(j, "answer", doc_of_str(names[c->verdict]));
	if (c->verdict == CONTINUITY_WHOLE)
		set_span(j, c);
	else
		doc_set(j, "why", doc_of_str(c->why));
	if (c->verdict == CONTINUITY_BROKEN || c->verdict == CONTINUITY_OPEN)
		doc_set(j, "entry", doc_of_int((int64_t)c->at));
	if (v->asked) {
		doc_set(j, "quorum", doc_of_bool(v->by.quorum));
		doc_set(j, "witnesses", vouched_doc(v));
	}
	doc_pretty(j, &out);
	printf("%s", buf_cstr(&out));
	doc_free(j);
	buf_free(&out);
}

/* A true proof of another ref is no answer. */
static bool is_asked(const struct span_question *q, const struct spanfile *f)
{
	return (!q->ref || span_is(f->ask.ref, q->ref)) &&
		(!q->repository || span_is(f->ask.repository, q->repository));
}

int verify_span(struct run *run, struct span text, struct span vkey,
	const struct span_question *q, struct arena *a, enum exit_code *status,
	struct err *err)
{
	struct vouched v = {.asked = false};
	enum proof_verdict verdict;
	struct continuity c;
	struct spanfile f;
	bool forged = false;

	*status = EXIT_NO;
	if (spanfile_open(text, vkey, a, &f, &verdict, err))
		return -1;
	if (verdict == PROOF_GOOD &&
		vouch(q->witnesses, &f.note, a, &v, &forged, err))
		return -1;
	if (verdict != PROOF_GOOD || forged) {
		fprintf(stderr, "sluice: the proof is false: %s\n", err->text);
		return 0;
	}
	if (!is_asked(q, &f)) {
		fprintf(stderr,
			"sluice: the proof is of another ref or repository "
			"than what is asked\n");
		return 0;
	}
	continuity_find(&f.ask, a, &c);
	if (run->json)
		say_json(&f, &c, &v);
	else if (!run->quiet)
		say(&f, &c, &v);
	if (c.verdict == CONTINUITY_WHOLE && (!v.asked || v.by.quorum))
		*status = EXIT_YES;
	return 0;
}
