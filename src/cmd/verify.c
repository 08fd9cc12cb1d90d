/*
 * sluice verify: what a proof shows, in words. Needs a file, or a clone with
 * the proofs that travel with its repository, and the log's verifier key; no
 * state, no server, no network.
 */
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "cmd/cloneproof.h"
#include "cmd/dispatch.h"
#include "cmd/print.h"
#include "cmd/verify.h"
#include "deploy/proofref.h"
#include "log/prooffile.h"

#define LINES_MAX 50
#define ARENA_MAX ((size_t)4 << 30)

static int read_input(const char *path, struct buf *out, struct err *err)
{
	if (!strcmp(path, "-"))
		return io_read(STDIN_FILENO, out, err);
	return io_read_file(path, out, err);
}

/* A key has its '+'; anything else is the name of a file that holds one. */
static int read_vkey(const char *arg, struct buf *out, struct err *err)
{
	if (!strchr(arg, '+') || !access(arg, F_OK))
		return io_read_file(arg, out, err);
	buf_str(out, arg);
	return buf_check(out, "--vkey", err);
}

static const char *answer_text(const struct proof_file *p,
	const struct proof_question *q, enum proof_answer a)
{
	const struct proof_question any = {.repository = q->repository};
	const struct proof_item *item;

	switch (a) {
	case ANSWER_NOTHING:
		if (q->ref.n &&
			proof_file_answer_to(p, &any, &item) == ANSWER_ACCEPTED)
			return "nothing in this proof has that ref moved to it "
			       "itself, though it came with a push that was "
			       "let in";
		return "nothing in this proof names it";
	case ANSWER_REJECTED:
		return "the gate refused it";
	case ANSWER_UNDECIDED:
		return "the gate could not judge it, and refused it";
	case ANSWER_OBSERVED:
		return "the policy was broken; the gate only observed and let "
		       "it in";
	case ANSWER_NOT_APPLIED:
		return "the gate accepted it, but nothing shows that the ref "
		       "was moved";
	case ANSWER_ADOPTED:
		return "it was there before the gate, and was never judged";
	case ANSWER_ACCEPTED:
		return "it came through the gate";
	}
	return "";
}

/* What JSON calls them. */
static const char *answer_name(enum proof_answer a)
{
	static const char *const names[] = {
		[ANSWER_NOTHING] = "nothing",
		[ANSWER_REJECTED] = "rejected",
		[ANSWER_UNDECIDED] = "undecided",
		[ANSWER_OBSERVED] = "observed",
		[ANSWER_NOT_APPLIED] = "not applied",
		[ANSWER_ADOPTED] = "adopted",
		[ANSWER_ACCEPTED] = "accepted",
	};

	return names[a];
}

static void text_or(const struct doc *j, const char *key, const char *none)
{
	struct span s = doc_get_text(j, key);

	print_text(s.n ? s : span_str(none));
}

static void say_updates(const struct proof_file *p, const struct proof_item *d)
{
	size_t i, n = d->entry.nupdate;
	char old[OID_HEX + 1], new[OID_HEX + 1];

	for (i = 0; i < n && i < LINES_MAX; i++) {
		const struct entry_update *u = &d->entry.update[i];

		printf("  ref         ");
		print_text(u->ref);
		printf(" from %.12s to %.12s", oid_hex(&u->old, old),
			oid_hex(&u->new, new));
		if (d->entry.kind == RECORD_DECISION)
			printf(proof_file_moved(p, d, u) ? ", applied"
							 : ", not applied");
		putchar('\n');
	}
	if (i < n)
		printf("  and %zu more refs\n", n - i);
}

static void say_signature(const struct doc *c, const struct oid *subject)
{
	const struct doc *sig = doc_get(c, "signature");
	char hex[OID_HEX + 1];

	if (!sig ||
		(subject &&
			!span_is(doc_get_text(c, "id"), oid_hex(subject, hex))))
		return;
	printf("  signed      %.12s by ", doc_get_text(c, "id").p);
	text_or(sig, "person", "nobody known");
	printf(": ");
	text_or(sig, "status", "?");
	if (doc_get_text(sig, "key").n) {
		printf(" (");
		text_or(sig, "kind", "");
		printf(" ");
		text_or(sig, "key", "");
		printf(")");
	}
	putchar('\n');
}

static void say_people(const struct proof_file *p, const struct doc *pred)
{
	const struct oid *subject = p->has_subject ? &p->subject : NULL;
	const struct doc *list, *who = doc_get(pred, "pusher");
	size_t i;

	if (who) {
		printf("  pushed by   ");
		text_or(who, "name", "somebody unknown");
		printf(" (");
		text_or(who, "transport", "?");
		printf(")\n");
	}
	list = doc_get(pred, "commits");
	for (i = 0; i < doc_count(list) && i < LINES_MAX; i++)
		say_signature(doc_at(list, i), subject);
	list = doc_get(pred, "tags");
	for (i = 0; i < doc_count(list) && i < LINES_MAX; i++)
		say_signature(doc_at(list, i), subject);
	list = doc_get(pred, "approvals");
	for (i = 0; i < doc_count(list) && i < LINES_MAX; i++) {
		const struct doc *a = doc_at(list, i);

		printf("  approval    of %.12s by ",
			doc_get_text(a, "commit").p);
		text_or(a, "person", "nobody known");
		printf(": ");
		text_or(a, "status", "?");
		putchar('\n');
	}
	list = doc_get(pred, "reviews");
	for (i = 0; i < doc_count(list) && i < LINES_MAX; i++) {
		const struct doc *r = doc_at(list, i);

		printf("  review      of %.12s by ",
			doc_get_text(r, "commit").p);
		text_or(r, "person", "nobody known");
		printf(" (request %lld at ",
			(long long)doc_get_int(r, "request"));
		text_or(r, "forge", "?");
		printf("): ");
		text_or(r, "status", "?");
		putchar('\n');
	}
}

/* Those that let something pass, which "accepted" alone would hide. */
static void say_waivers(const struct doc *pred)
{
	const struct doc *list = doc_get(pred, "waivers");
	size_t i, told = 0;

	for (i = 0; i < doc_count(list) && told < LINES_MAX; i++) {
		const struct doc *w = doc_at(list, i);

		if (!doc_get_bool(w, "used"))
			continue;
		told++;
		printf("  waived      ");
		text_or(w, "finding", "?");
		printf(" by ");
		text_or(w, "person", "nobody known");
		printf(": ");
		text_or(w, "reason", "no reason");
		putchar('\n');
	}
}

static void say_findings(const struct proof_item *d)
{
	size_t i;

	for (i = 0; i < d->entry.nfinding; i++) {
		printf("  finding     ");
		print_text(d->entry.finding[i].id);
		printf(", %llu\n",
			(unsigned long long)d->entry.finding[i].count);
	}
}

static void say_decision(const struct proof_file *p, const struct proof_item *d)
{
	const struct doc *pred = d->predicate;

	printf("%s in entry %llu\n",
		d->entry.kind == RECORD_ADOPT ? "adopted" : "decided",
		(unsigned long long)d->index);
	printf("  repository  ");
	print_text(d->entry.repository);
	printf("\n  time        ");
	print_text(d->entry.time);
	putchar('\n');
	if (d->entry.kind == RECORD_DECISION) {
		printf("  verdict     %s, mode %s\n",
			verdict_name(d->entry.verdict),
			d->entry.observe ? "observe" : "enforce");
		if (d->entry.policy.n)
			printf("  policy      sha256 %.*s\n",
				SPAN_FMT(d->entry.policy));
	}
	say_updates(p, d);
	if (!pred && d->entry.pusher.n) {
		printf("  pushed by   ");
		print_text(d->entry.pusher);
		putchar('\n');
	}
	if (d->entry.nwaiver && !pred)
		printf("  waivers     %zu let findings pass\n",
			d->entry.nwaiver);
	say_people(p, pred);
	say_waivers(pred);
	say_findings(d);
}

int vouch(const char *file, const struct note *note, struct arena *a,
	struct vouched *out, bool *forged, struct err *err)
{
	*forged = false;
	if (!file)
		return 0;
	out->asked = true;
	if (witnessed_policy(file, a, &out->policy, err))
		return -1;
	*forged = witnessed_by(&out->policy, note, &out->by, err) != 0;
	return 0;
}

void say_vouched(const struct vouched *v)
{
	char when[CLOCK_TEXT_MAX];
	size_t i;

	for (i = 0; i < v->policy.nnode; i++) {
		if (!v->by.cosigned[i])
			continue;
		clock_text((int64_t)v->by.time[i], when);
		printf("witness ");
		print_text(v->policy.node[i].name);
		printf(" signed it at %s\n", when);
	}
	printf("witnesses: %s\n",
		v->by.quorum ? "a quorum of them signed this log"
			     : "no quorum of them signed this log");
}

void say_signer(const struct keychain *c, size_t i)
{
	if (i > c->at)
		printf("key: the one that was given was retired in entry %llu, "
		       "by itself and its successor; the one that signed this "
		       "follows from it\n",
			(unsigned long long)c->link[c->at].size);
	if (i < c->at)
		printf("key: one before the one that was given signed this; it "
		       "was retired in entry %llu, by itself and its "
		       "successor\n"
		       "not shown: that nobody else had it by then\n",
			(unsigned long long)c->link[i].size);
}

void signer_doc(struct doc *j, const struct keychain *c, size_t i)
{
	struct buf key = BUF_INIT(ROTATION_MAX);

	if (i == c->at)
		return;
	note_key_text(keychain_key(c, i), &key);
	doc_set(j, "key", doc_of_text(buf_all(&key)));
	doc_set(j, "retired",
		doc_of_int((int64_t)c->link[i > c->at ? c->at : i].size));
	buf_free(&key);
}

/* Whether who signed and approved is only behind a digest. */
static bool is_short(const struct proof_file *p)
{
	size_t i;

	for (i = 0; i < p->nitem; i++)
		if (!p->item[i].predicate)
			return true;
	return false;
}

static void say_keys(const struct keys_told *k)
{
	size_t i;

	for (i = 0; i < k->n && i < LINES_MAX; i++)
		printf("in doubt: %s compromised now\n", k->words[i]);
	if (i < k->n)
		printf("and %zu more\n", k->n - i);
	if (k->n)
		printf("hint: whether people have cleared that since, 'sluice "
		       "log recheck' says where the log is\n");
	if (k->untold)
		printf("could not be told: whether a key is compromised now: "
		       "%s\n",
			k->untold);
}

static void say(const struct proof_file *p, const struct vouched *v,
	const struct proof_question *q, enum proof_answer answer,
	const struct keys_told *keys)
{
	char hex[OID_HEX + 1];
	size_t i;

	printf("log '%s' of %llu entries: signature, %zu inclusion proof%s and "
	       "%s hold\n",
		p->origin, (unsigned long long)p->size, p->nitem,
		p->nitem == 1 ? "" : "s",
		is_short(p) ? "the entries" : "the records");
	say_signer(&p->keys, p->signer);
	if (v->asked)
		say_vouched(v);
	for (i = 0; i < p->nitem; i++)
		if (p->item[i].entry.kind < RECORD_OUTCOME)
			say_decision(p, &p->item[i]);
	printf("%s", p->has_subject ? oid_hex(&p->subject, hex) : "push");
	if (q->ref.n) {
		printf(" as ");
		print_text(q->ref);
	}
	if (q->repository.n) {
		printf(" in ");
		print_text(q->repository);
	}
	printf(": %s\n", answer_text(p, q, answer));
	say_keys(keys);
	printf("not shown: that the policy of that digest is a good "
	       "one%s%s%s%s\n",
		is_short(p) ? "; who signed and approved, which the gate's "
			      "record of that push has"
			    : "",
		q->ref.n ? "; that the ref was not moved since" : "",
		v->asked && v->by.quorum
			? ""
			: "; that everybody is shown the same log",
		keys->asked ? ""
			    : "; whether a key that signed is compromised now, "
			      "which --policy would tell");
}

struct doc *vouched_doc(const struct vouched *v)
{
	struct doc *list = doc_array();
	char when[CLOCK_TEXT_MAX];
	size_t i;

	for (i = 0; i < v->policy.nnode; i++) {
		struct doc *one;

		if (!v->by.cosigned[i])
			continue;
		one = doc_object();
		clock_text((int64_t)v->by.time[i], when);
		doc_set(one, "witness", doc_of_text(v->policy.node[i].name));
		doc_set(one, "time", doc_of_str(when));
		doc_add(list, one);
	}
	return list;
}

static void say_json(const struct proof_file *p, const struct vouched *v,
	const struct proof_question *q, enum proof_answer answer,
	const struct proof_item *item, const struct keys_told *keys)
{
	struct buf out = BUF_INIT(65536);
	struct doc *j = doc_object();
	char hex[OID_HEX + 1];

	doc_set(j, "origin", doc_of_str(p->origin));
	doc_set(j, "size", doc_of_int((int64_t)p->size));
	signer_doc(j, &p->keys, p->signer);
	if (p->has_subject)
		doc_set(j, "subject", doc_of_str(oid_hex(&p->subject, hex)));
	if (q->ref.n)
		doc_set(j, "ref", doc_of_text(q->ref));
	doc_set(j, "answer", doc_of_str(answer_name(answer)));
	doc_set(j, "why", doc_of_str(answer_text(p, q, answer)));
	if (item) {
		doc_set(j, "entry", doc_of_int((int64_t)item->index));
		doc_set(j, "repository", doc_of_text(item->entry.repository));
		doc_set(j, "time", doc_of_text(item->entry.time));
		if (item->entry.nwaiver)
			doc_set(j, "waivers",
				doc_of_int((int64_t)item->entry.nwaiver));
	}
	if (keys->asked)
		doc_set(j, "compromised",
			keys->untold && !keys->n ? doc_of_null()
						 : doc_copy(keys->list));
	if (v->asked) {
		doc_set(j, "quorum", doc_of_bool(v->by.quorum));
		doc_set(j, "witnesses", vouched_doc(v));
	}
	doc_pretty(j, &out);
	printf("%s", buf_cstr(&out));
	doc_free(j);
	buf_free(&out);
}

/* A call, and the best that any proof said so far. */
struct verification {
	struct run *run;
	const char *vkey, *witnesses, *ref, *repository, *proofs;
	const char *approved_by;
	bool revision;
	struct arena *a;
	struct buf key;
	struct proof_question question;
	const struct oid *subject; /* of a revision; NULL: the file's own */
	struct proof_file best;
	struct vouched vouched;
	enum proof_answer answer;
	const struct proof_item *item;
	const struct doc *approval; /* of best, if asked for */
	verify_look *look;
	struct keys_told keys;
	size_t ngood, nbad;
	struct err bad; /* of the first that is false */
	bool told;      /* a proof of continuity has its own words */
	enum exit_code status;
};

static bool is_enough(const struct verification *v)
{
	return v->answer == ANSWER_ACCEPTED &&
		(!v->approved_by || v->approval) &&
		(!v->vouched.asked || v->vouched.by.quorum);
}

static void note_bad(struct verification *v, const struct err *why)
{
	if (!v->nbad++)
		v->bad = *why;
}

/* -1: what is wrong is not the proof; also a file that is none. */
static int take_proof(struct verification *v, struct span text, struct err *err)
{
	struct vouched vouched = {.asked = false};
	const struct doc *approval = NULL;
	const struct proof_item *item;
	enum proof_verdict verdict;
	enum proof_answer answer;
	struct proof_file p;
	bool forged = false;
	int ret;

	ret = proof_file_open(text, buf_all(&v->key), v->a, &p, &verdict, err);
	if (!ret && verdict == PROOF_GOOD)
		ret = vouch(
			v->witnesses, &p.note, v->a, &vouched, &forged, err);
	if (ret || verdict != PROOF_GOOD || forged) {
		proof_file_free(&p);
		if (ret)
			return -1;
		note_bad(v, err);
		err_clear(err);
		return 0;
	}
	if (v->subject) {
		p.has_subject = true;
		p.subject = *v->subject;
	}
	answer = proof_file_answer_to(&p, &v->question, &item);
	if (v->approved_by)
		approval = proof_file_approval(
			&p, &v->question, span_str(v->approved_by));
	if (v->ngood++ && answer <= v->answer &&
		!(answer == v->answer && approval && !v->approval) &&
		!(answer == v->answer && vouched.by.quorum)) {
		proof_file_free(&p);
		return 0;
	}
	proof_file_free(&v->best);
	v->best = p;
	v->vouched = vouched;
	v->answer = answer;
	v->item = item;
	v->approval = approval;
	return 0;
}

/* One from the clone, where a file that is none is as false as any other. */
static int take_published(
	void *ctx, struct span text, bool *enough, struct err *err)
{
	struct verification *v = ctx;
	struct err why = ERR_INIT;

	(void)err;
	if (take_proof(v, text, &why))
		note_bad(v, &why);
	*enough = is_enough(v);
	return 0;
}

/* A commit in the middle of a push is found by what it was pushed with. */
static int take_later(struct verification *v, struct err *err)
{
	struct oid *after;
	size_t i, n;

	if (cloneproof_after(v->proofs, v->subject, v->a, &after, &n, err))
		return -1;
	for (i = 0; i < n && !is_enough(v); i++)
		if (cloneproof_each(
			    v->proofs, &after[i], v->a, take_published, v, err))
			return -1;
	return 0;
}

static int take_clone(
	struct verification *v, struct clone_name *name, struct err *err)
{
	v->subject = &name->oid;
	if (name->tag && !v->ref)
		v->question.ref = span_str(name->tag);
	if (cloneproof_there(v->proofs, v->a, err) ||
		cloneproof_each(
			v->proofs, v->subject, v->a, take_published, v, err))
		return -1;
	if (is_enough(v) || v->question.ref.n)
		return 0;
	return take_later(v, err);
}

/*
 * Whether the argument names a revision. A file of a repository must not be
 * able to answer for one that has its name: then neither is meant.
 */
static int choose(struct verification *v, const char *arg, bool *revision,
	struct clone_name *name, struct err *err)
{
	bool file = !v->revision && (!strcmp(arg, "-") || !access(arg, F_OK));

	*revision = false;
	if (file && (arg[0] == '/' || arg[0] == '.' || !strcmp(arg, "-")))
		return 0;
	if (cloneproof_name(arg, v->a, revision, name, err))
		return -1;
	if (file && *revision) {
		err_set(err, ERR_USAGE, "'%s' is a file and a revision", arg);
		return err_hint(
			err, "'./%s' is the file, --revision the other", arg);
	}
	if (file || *revision)
		return 0;
	return err_set(
		err, ERR_INPUT, "'%s' is no file, and no revision here", arg);
}

static int take_file(struct verification *v, struct span text, struct err *err)
{
	const struct span_question q = {v->witnesses, v->ref, v->repository};

	v->told = spanfile_is(text);
	if (v->told && v->approved_by)
		return err_set(err, ERR_USAGE,
			"a proof of continuity tells of no approvals");
	return v->told ? verify_span(v->run, text, buf_all(&v->key), &q, v->a,
				 &v->status, err)
		       : take_proof(v, text, err);
}

static int take(struct verification *v, const char *arg, struct err *err)
{
	struct buf text = BUF_INIT(PROOF_FILE_MAX);
	struct clone_name *name = arena_get(v->a, 1, sizeof(*name));
	bool revision;
	int ret = -1;

	v->question = (struct proof_question){
		span_str(v->ref), span_str(v->repository)};
	if (read_vkey(v->vkey, &v->key, err) ||
		choose(v, arg, &revision, name, err))
		goto out;
	if (revision) {
		ret = take_clone(v, name, err);
		goto out;
	}
	if (read_input(arg, &text, err))
		goto out;
	ret = take_file(v, buf_all(&text), err);
	if (ret)
		err_in(err, "'%s'", arg);
out:
	buf_free(&text);
	return ret;
}

static void say_approval(const struct verification *v)
{
	printf("approved by ");
	print_text(span_str(v->approved_by));
	if (!v->approval) {
		printf(": not shown by the record of a push that let it in\n");
		return;
	}
	printf(": shown, by the tag %.12s that the gate found signed by key ",
		doc_get_text(v->approval, "object").p);
	text_or(v->approval, "key", "?");
	printf("\nnot shown: that nobody else has that key\n");
}

static enum exit_code tell(const struct verification *v)
{
	if (v->told)
		return v->status;
	if (v->nbad && !is_enough(v)) {
		fprintf(stderr, "sluice: the proof is false: %s\n",
			v->bad.text);
		return EXIT_NO;
	}
	if (v->nbad)
		fprintf(stderr,
			"sluice: note: besides, %zu false proofs are there: "
			"%s\n",
			v->nbad, v->bad.text);
	if (!v->ngood) {
		fprintf(stderr,
			"sluice: no proof in '%s' names it; fetch that again "
			"if it was pushed since\n",
			v->proofs);
		return EXIT_NO;
	}
	if (v->run->json)
		say_json(&v->best, &v->vouched, &v->question, v->answer,
			v->item, &v->keys);
	else if (!v->run->quiet)
		say(&v->best, &v->vouched, &v->question, v->answer, &v->keys);
	if (v->approved_by && !v->run->json && !v->run->quiet)
		say_approval(v);
	if (!is_enough(v) || v->keys.n)
		return EXIT_NO;
	return v->keys.untold ? EXIT_UNKNOWN : EXIT_YES;
}

/* Of the decision that the answer stands on. */
static int look_at_keys(struct verification *v, struct err *err)
{
	if (!v->look || !v->run->policy)
		return 0;
	if (v->told)
		return err_set(err, ERR_USAGE,
			"a proof of continuity tells of no keys");
	if (!v->item || v->answer != ANSWER_ACCEPTED)
		return 0;
	v->keys.asked = true;
	return v->look(v->run->policy, v->item, v->a, &v->keys, err);
}

enum exit_code cmd_verify(struct run *run, int argc, char **argv)
{
	return verify_run(run, argc, argv, NULL);
}

enum exit_code verify_run(
	struct run *run, int argc, char **argv, verify_look *look)
{
	struct verification v = {.run = run,
		.look = look,
		.proofs = PROOF_REF,
		.key = BUF_INIT(KEYCHAIN_TEXT_MAX),
		.a = arena_new(ARENA_MAX)};
	const struct option_def defs[] = {
		{"--vkey", OPTION_TEXT, &v.vkey,
			"the log's verifier key, or a file with it"},
		{"--witnesses", OPTION_TEXT, &v.witnesses,
			"a policy file: whose cosignatures there must be"},
		{"--repository", OPTION_TEXT, &v.repository,
			"that it came through the gate there"},
		{"--ref", OPTION_TEXT, &v.ref,
			"that the gate let this ref have it"},
		{"--approved-by", OPTION_TEXT, &v.approved_by,
			"that this person had approved it then"},
		{"--revision", OPTION_FLAG, &v.revision,
			"the name is not that of a file"},
		{"--proofs", OPTION_TEXT, &v.proofs,
			"where the clone has them (" PROOF_REF ")"},
	};
	struct err err = ERR_INIT;
	enum exit_code status;
	int left;

	left = options_read(run, defs, ARRAY_LEN(defs), argc, argv, &err);
	if (left >= 0 && run->help) {
		status = cmd_usage("verify", "PROOF|REVISION --vkey KEY", defs,
			ARRAY_LEN(defs));
		goto out;
	}
	if (left >= 0 && (left != 1 || !v.vkey)) {
		left = err_set(&err, ERR_USAGE,
			"verify takes one proof or revision and --vkey KEY");
		err_hint(&err,
			"'sluice log key' on the server prints the key; "
			"take it from where you trust it");
	}
	if (left >= 0 && run->policy && !look)
		status = dispatch_repo(run);
	else if (left < 0 || take(&v, argv[1], &err) || look_at_keys(&v, &err))
		status = cmd_fail(&err);
	else
		status = tell(&v);
out:
	doc_free(v.keys.list);
	proof_file_free(&v.best);
	arena_free(v.a);
	buf_free(&v.key);
	return status;
}
