#include "log/prooffile.h"

#include "log/keychain.h"
#include "log/pruned.h"
#include "log/store.h"
#include "log/vault.h"
#include "parse/bundle.h"
#include "parse/shape.h"
#include "parse/tlogproof.h"
#include "port/crypto.h"

#define FORMAT "sluice proof v1"
#define PROOF_TEXT_MAX (CHECKPOINT_MAX + 8192u)

static int put_list(struct log_reader *log, const struct entry_list *list,
	const char *key, struct doc *item, struct err *err)
{
	struct buf text = BUF_INIT(LOG_LIST_MAX);
	int ret = 0;

	if (list->sha256[0]) {
		ret = log_list(log, list->sha256, &text, err);
		if (!ret)
			doc_set(item, key, doc_of_text(buf_all(&text)));
	}
	buf_free(&text);
	return ret;
}

static int put_record(const char *state, uint64_t n, const char *sha256,
	struct doc *item, struct err *err)
{
	struct buf record = BUF_INIT(RECORD_MAX);
	struct buf why = BUF_INIT(PRUNED_TEXT_MAX);
	bool found;
	int ret = vault_read(state, n, sha256, &record, &found, err);

	if (!ret && !found) {
		pruned_why(state, n, &why);
		ret = err_set(err, ERR_LOG, "the record of entry %llu %s",
			(unsigned long long)n, buf_cstr(&why));
	}
	if (!ret)
		doc_set(item, "record", doc_of_text(buf_all(&record)));
	buf_free(&why);
	buf_free(&record);
	return ret;
}

void proof_put_keys(const struct log_reader *log, struct doc *j)
{
	struct buf text = BUF_INIT(ROTATIONS_TEXT_MAX);

	keychain_notes(log_keys(log), &text);
	if (text.n)
		doc_set(j, "keys", doc_of_text(buf_all(&text)));
	buf_free(&text);
}

int proof_take_keys(struct span vkey, const struct doc *j, struct arena *a,
	struct keychain *out, struct err *err)
{
	if (keychain_read(vkey, a, out, err))
		return -1;
	if (keychain_add(out, doc_get_text(j, "keys"), a, err))
		return err_in(err, "proof");
	return 0;
}

/* Without a state folder: the lists in place of the record. */
static int write_item(struct log_reader *log, const char *state, uint64_t n,
	struct arena *a, struct doc *items, struct err *err)
{
	struct buf entry = BUF_INIT(ENTRY_MAX);
	struct buf text = BUF_INIT(PROOF_TEXT_MAX);
	struct tlogproof proof = {
		.index = n, .checkpoint = log_checkpoint(log)};
	struct doc *item = doc_object();
	struct entry e;
	int ret = -1;

	if (log_entry(log, n, &entry, err) ||
		entry_parse(buf_all(&entry), a, &e, err) ||
		log_inclusion(log, n, &proof.path, err))
		goto out;
	doc_set(item, "entry", doc_of_text(buf_all(&entry)));
	if (state ? put_record(state, n, e.record, item, err)
		  : put_list(log, &e.updates_list, "updates_list", item, err) ||
				put_list(log, &e.commits_list, "commits_list",
					item, err))
		goto out;
	tlogproof_text(&proof, &text);
	if (buf_check(&text, "proof", err))
		goto out;
	doc_set(item, "tlog_proof", doc_of_text(buf_all(&text)));
	doc_add(items, item);
	item = NULL;
	ret = 0;
out:
	doc_free(item);
	buf_free(&text);
	buf_free(&entry);
	return ret;
}

static int write_file(struct log_reader *log, const char *state,
	const uint64_t *n, size_t count, const struct oid *subject,
	struct doc **out, struct err *err)
{
	struct arena *a = arena_new((size_t)1 << 30);
	struct doc *j = doc_object(), *items = doc_array();
	char hex[OID_HEX + 1];
	size_t i;
	int ret = 0;

	doc_set(j, "format", doc_of_str(FORMAT));
	if (subject)
		doc_set(j, "subject", doc_of_str(oid_hex(subject, hex)));
	doc_set(j, "items", items);
	proof_put_keys(log, j);
	for (i = 0; i < count && !ret; i++)
		ret = write_item(log, state, n[i], a, items, err);
	arena_free(a);
	*out = j;
	return ret;
}

int proof_file_write(struct log_reader *log, const char *state,
	const uint64_t *n, size_t count, const struct oid *subject,
	struct buf *out, struct err *err)
{
	struct doc *j;
	int ret = write_file(log, state, n, count, subject, &j, err);

	if (!ret) {
		doc_pretty(j, out);
		ret = buf_check(out, "proof", err);
	}
	doc_free(j);
	return ret;
}

int proof_file_short(struct log_reader *log, const uint64_t *n, size_t count,
	struct buf *out, struct err *err)
{
	struct doc *j;
	int ret = write_file(log, NULL, n, count, NULL, &j, err);

	if (!ret) {
		doc_canonical(j, out);
		ret = buf_check(out, "proof", err);
	}
	doc_free(j);
	return ret;
}

static const char *const formats[] = {FORMAT, NULL};
static const struct shape item_keys[] = {
	{"entry", SHAPE_TEXT, true, ENTRY_MAX, NULL, NULL},
	{"record", SHAPE_TEXT, false, RECORD_MAX, NULL, NULL},
	{"updates_list", SHAPE_TEXT, false, LOG_LIST_MAX, NULL, NULL},
	{"commits_list", SHAPE_TEXT, false, LOG_LIST_MAX, NULL, NULL},
	{"tlog_proof", SHAPE_TEXT, true, PROOF_TEXT_MAX, NULL, NULL},
	{NULL, SHAPE_TEXT, false, 0, NULL, NULL},
};
static const struct shape file_keys[] = {
	{"format", SHAPE_WORD, true, 0, formats, NULL},
	{"subject", SHAPE_OID, false, 0, NULL, NULL},
	{"items", SHAPE_OBJECTS, true, PROOF_ITEMS_MAX, NULL, item_keys},
	{"keys", SHAPE_TEXT, false, ROTATIONS_TEXT_MAX, NULL, NULL},
	{NULL, SHAPE_TEXT, false, 0, NULL, NULL},
};

/* What is read is well-formed; what is false in it is a verdict. */
struct opening {
	struct keychain keys;
	size_t signer;
	struct arena *a;
	struct span checkpoint; /* of the first item: all have that one */
	struct note note;
	struct checkpoint head;
	enum proof_verdict verdict;
};

static int is_false(struct opening *o, struct err *err)
{
	o->verdict = PROOF_BAD;
	err->code = ERR_LOG;
	return 0;
}

static int open_head(struct opening *o, struct span checkpoint, struct err *err)
{
	struct note note;

	if (o->checkpoint.n) {
		if (span_eq(o->checkpoint, checkpoint))
			return 0;
		err_set(err, ERR_LOG, "the items have different checkpoints");
		return is_false(o, err);
	}
	/* The file's document goes, the note stays. */
	checkpoint = arena_copy(o->a, checkpoint);
	if (note_parse(checkpoint, o->a, &note, err))
		return err_in(err, "checkpoint");
	o->checkpoint = checkpoint;
	o->note = note;
	if (keychain_open(&o->keys, KEYCHAIN_BACK, checkpoint, o->a, &o->head,
		    &o->signer, err))
		return is_false(o, err);
	return 0;
}

/* The record's digest, and that it gives this entry. */
static int open_record(struct opening *o, const struct proof_item *it,
	struct span text, struct span entry, struct entry_text *derived,
	struct doc **record, struct err *err)
{
	char sum[SHA256_HEX + 1];

	if (strcmp(sha256_hex(text, sum), it->entry.record)) {
		err_set(err, ERR_LOG,
			"the record is not the one that entry %llu names",
			(unsigned long long)it->index);
		return is_false(o, err);
	}
	if (record_parse(text, record, err) ||
		entry_derive(*record, text, sha256_of, derived, err) ||
		!span_eq(buf_all(&derived->entry), entry)) {
		err_set(err, ERR_LOG,
			"entry %llu is not what follows from its record",
			(unsigned long long)it->index);
		return is_false(o, err);
	}
	return 0;
}

/* A list that the entry names: given beside it, or made of the record. False
 * when it is not there or another. */
static bool list_given(const struct doc *j, const char *key,
	const struct entry_list *list, const struct entry_text *derived,
	struct span *text)
{
	char sum[SHA256_HEX + 1];
	size_t i;

	for (i = 0; i < derived->nlists; i++) {
		if (strcmp(derived->list_name[i], list->sha256))
			continue;
		*text = buf_all(&derived->list[i]);
		return true;
	}
	*text = doc_get_text(j, key);
	return doc_get(j, key) && !strcmp(sha256_hex(*text, sum), list->sha256);
}

static int open_lists(struct opening *o, const struct doc *j,
	const struct entry_text *derived, struct proof_item *out,
	struct err *err)
{
	struct entry *e = &out->entry;
	struct span text;

	if (e->updates_list.sha256[0]) {
		if (!list_given(j, "updates_list", &e->updates_list, derived,
			    &text))
			goto lacking;
		if (entry_list_updates(
			    text, &e->updates_list, o->a, &e->update, err))
			return is_false(o, err);
		e->nupdate = e->updates_list.count;
	}
	if (e->commits_list.sha256[0]) {
		if (!list_given(j, "commits_list", &e->commits_list, derived,
			    &text))
			goto lacking;
		if (entry_list_commits(
			    text, &e->commits_list, o->a, &e->commit, err))
			return is_false(o, err);
		e->ncommit = e->commits_list.count;
	}
	return 0;
lacking:
	err_set(err, ERR_LOG, "a list that entry %llu names is not the one",
		(unsigned long long)out->index);
	return is_false(o, err);
}

/* An item: -1 unreadable; otherwise o->verdict says whether it is true. */
static int open_item(struct opening *o, const struct doc *j,
	struct proof_item *out, struct doc **record, struct err *err)
{
	struct span entry = doc_get_text(j, "entry");
	struct entry_text derived = {.nlists = 0};
	struct tlogproof proof;
	struct hash leaf, root;
	int ret = -1;

	if (tlogproof_parse(doc_get_text(j, "tlog_proof"), &proof, err) ||
		entry_parse(entry, o->a, &out->entry, err) ||
		open_head(o, proof.checkpoint, err))
		goto out;
	ret = 0;
	if (o->verdict != PROOF_GOOD)
		goto out;
	out->index = proof.index;
	leaf = tree_leaf(entry);
	memcpy(root.b, o->head.root, HASH_LEN);
	if (tree_check(&leaf, proof.index, o->head.size, &proof.path, &root) !=
		PROOF_GOOD) {
		err_set(err, ERR_LOG, "entry %llu is not in the log",
			(unsigned long long)proof.index);
		ret = is_false(o, err);
		goto out;
	}
	if (doc_get(j, "record"))
		ret = open_record(o, out, doc_get_text(j, "record"), entry,
			&derived, record, err);
	if (!ret && o->verdict == PROOF_GOOD)
		ret = open_lists(o, j, &derived, out, err);
	if (!ret && o->verdict == PROOF_GOOD)
		out->predicate = doc_get(*record, "predicate");
out:
	entry_text_free(&derived);
	return ret;
}

int proof_file_open(struct span text, struct span vkey, struct arena *a,
	struct proof_file *out, enum proof_verdict *verdict, struct err *err)
{
	struct opening o = {.a = a, .verdict = PROOF_GOOD};
	struct proof_file p = {0};
	const struct doc *items;
	struct doc *j = NULL;
	size_t i;
	int ret = -1;

	memset(out, 0, sizeof(*out));
	*verdict = PROOF_BAD;
	if (keychain_read(vkey, a, &o.keys, err) || doc_parse(text, &j, err) ||
		shape_check(j, file_keys, "proof", err))
		goto out;
	if (proof_take_keys(vkey, j, a, &o.keys, err)) {
		/* Made up, or of another log. */
		ret = 0;
		goto out;
	}
	items = doc_get(j, "items");
	if (!doc_count(items)) {
		err_set(err, ERR_INPUT, "proof: holds no items");
		goto out;
	}
	p.has_subject = oid_read(doc_get_text(j, "subject"), &p.subject);
	p.item = arena_get(a, doc_count(items), sizeof(*p.item));
	p.doc = arena_get(a, doc_count(items), sizeof(struct doc *));
	for (i = 0; i < doc_count(items) && o.verdict == PROOF_GOOD; i++) {
		p.nitem++;
		if (open_item(
			    &o, doc_at(items, i), &p.item[i], &p.doc[i], err)) {
			err_in(err, "proof: items[%zu]", i);
			goto out;
		}
	}
	ret = 0;
	if (o.verdict != PROOF_GOOD)
		goto out;
	p.size = o.head.size;
	p.note = o.note;
	p.keys = o.keys;
	p.signer = o.signer;
	snprintf(p.origin, sizeof(p.origin), "%s", o.keys.pinned.name);
	*verdict = PROOF_GOOD;
	*out = p;
	p.nitem = 0;
out:
	proof_file_free(&p);
	doc_free(j);
	return ret;
}

void proof_file_free(struct proof_file *p)
{
	size_t i;

	for (i = 0; i < p->nitem; i++)
		doc_free(p->doc[i]);
	p->nitem = 0;
}

static bool same_update(
	const struct entry_update *a, const struct entry_update *b)
{
	return span_eq(a->ref, b->ref) && oid_eq(&a->old, &b->old) &&
		oid_eq(&a->new, &b->new);
}

bool proof_file_moved(const struct proof_file *p, const struct proof_item *d,
	const struct entry_update *u)
{
	size_t i, k;

	for (i = 0; i < p->nitem; i++) {
		const struct proof_item *o = &p->item[i];

		if (!o->entry.settles || o->entry.decision != d->index ||
			o->index <= d->index ||
			!span_eq(o->entry.repository, d->entry.repository))
			continue;
		for (k = 0; k < o->entry.nupdate; k++)
			if (same_update(&o->entry.update[k], u))
				return true;
	}
	return false;
}

/* Whether a push brought the object: among its commits or, of which only the
 * record tells, its tags. */
static bool brought(const struct proof_item *it, const struct oid *subject)
{
	const struct doc *tags = doc_get(it->predicate, "tags");
	char hex[OID_HEX + 1];
	size_t i;

	for (i = 0; i < it->entry.ncommit; i++)
		if (oid_eq(&it->entry.commit[i], subject))
			return true;
	oid_hex(subject, hex);
	for (i = 0; i < doc_count(tags); i++)
		if (span_is(doc_get_text(doc_at(tags, i), "id"), hex))
			return true;
	return false;
}

/* Whether an update is what is asked about. */
static bool asked(const struct proof_file *p, const struct proof_question *q,
	const struct entry_update *u)
{
	return (!p->has_subject || oid_eq(&u->new, &p->subject)) &&
		(!q->ref.n || span_eq(u->ref, q->ref));
}

/*
 * Whether the push carried the object to a ref. If refs were moved to it, one
 * of these must have been; if it came with others, it is not known with which,
 * so all must have been.
 */
static bool applied(const struct proof_file *p, const struct proof_item *d,
	const struct proof_question *q)
{
	size_t i, n = d->entry.nupdate, moved = 0, tips = 0, tips_moved = 0;

	for (i = 0; i < n; i++) {
		const struct entry_update *u = &d->entry.update[i];
		bool tip = (p->has_subject || q->ref.n) && asked(p, q, u);
		bool went = proof_file_moved(p, d, u);

		moved += went;
		tips += tip;
		tips_moved += tip && went;
	}
	if (tips)
		return tips_moved > 0;
	return n && moved == n;
}

static bool named(const struct proof_file *p, const struct proof_item *it,
	const struct proof_question *q)
{
	size_t i;

	if (q->repository.n && !span_eq(q->repository, it->entry.repository))
		return false;
	if (!q->ref.n && (!p->has_subject || brought(it, &p->subject)))
		return true;
	for (i = 0; i < it->entry.nupdate; i++)
		if (asked(p, q, &it->entry.update[i]))
			return true;
	return false;
}

static enum proof_answer answer_of(const struct proof_file *p,
	const struct proof_item *it, const struct proof_question *q)
{
	if (it->entry.kind == RECORD_OUTCOME ||
		it->entry.kind == RECORD_OBSERVED ||
		it->entry.kind == RECORD_PRUNED || !named(p, it, q))
		return ANSWER_NOTHING;
	if (it->entry.kind == RECORD_ADOPT)
		return ANSWER_ADOPTED;
	switch (it->entry.verdict) {
	case VERDICT_UNDECIDED:
		return it->entry.admitted ? ANSWER_OBSERVED : ANSWER_UNDECIDED;
	case VERDICT_REJECT:
		return it->entry.admitted ? ANSWER_OBSERVED : ANSWER_REJECTED;
	case VERDICT_ACCEPT:
		break;
	}
	return applied(p, it, q) ? ANSWER_ACCEPTED : ANSWER_NOT_APPLIED;
}

enum proof_answer proof_file_answer_to(const struct proof_file *p,
	const struct proof_question *q, const struct proof_item **item)
{
	enum proof_answer best = ANSWER_NOTHING;
	size_t i;

	*item = NULL;
	for (i = 0; i < p->nitem; i++) {
		enum proof_answer a = answer_of(p, &p->item[i], q);

		if (a > best) {
			best = a;
			*item = &p->item[i];
		}
	}
	return best;
}

enum proof_answer proof_file_answer(
	const struct proof_file *p, const struct proof_item **item)
{
	const struct proof_question any = {.ref = SPAN_EMPTY};

	return proof_file_answer_to(p, &any, item);
}

const struct doc *proof_file_approval(const struct proof_file *p,
	const struct proof_question *q, struct span person)
{
	char hex[OID_HEX + 1];
	size_t i, k;

	oid_hex(&p->subject, hex);
	for (i = 0; p->has_subject && i < p->nitem; i++) {
		const struct doc *list =
			doc_get(p->item[i].predicate, "approvals");

		if (answer_of(p, &p->item[i], q) != ANSWER_ACCEPTED)
			continue;
		for (k = 0; k < doc_count(list); k++) {
			const struct doc *a = doc_at(list, k);

			if (span_is(doc_get_text(a, "commit"), hex) &&
				span_eq(doc_get_text(a, "person"), person) &&
				span_is(doc_get_text(a, "status"), "valid"))
				return a;
		}
	}
	return NULL;
}
