#include "log/prooffile.h"

#include "log/key.h"
#include "log/store.h"
#include "parse/bundle.h"
#include "parse/shape.h"
#include "parse/tlogproof.h"
#include "port/crypto.h"

#define FORMAT "sluice proof v1"
#define PROOF_TEXT_MAX (CHECKPOINT_MAX + 8192u)

static int write_item(struct log_reader *log, const char *state, uint64_t n,
	struct arena *a, struct doc *items, struct err *err)
{
	struct buf entry = BUF_INIT(ENTRY_MAX), record = BUF_INIT(RECORD_MAX);
	struct buf text = BUF_INIT(PROOF_TEXT_MAX);
	struct tlogproof proof = {
		.index = n, .checkpoint = log_checkpoint(log)};
	struct doc *item;
	struct entry e;
	bool found;
	int ret = -1;

	if (log_entry(log, n, &entry, err) ||
		entry_parse(buf_all(&entry), a, &e, err) ||
		log_inclusion(log, n, &proof.path, err) ||
		store_record(state, e.record, &record, &found, err))
		goto out;
	if (!found) {
		err_set(err, ERR_LOG,
			"the record of entry %llu is not in the vault",
			(unsigned long long)n);
		goto out;
	}
	tlogproof_text(&proof, &text);
	if (buf_check(&text, "proof", err))
		goto out;
	item = doc_object();
	doc_set(item, "entry", doc_of_text(buf_all(&entry)));
	doc_set(item, "record", doc_of_text(buf_all(&record)));
	doc_set(item, "tlog_proof", doc_of_text(buf_all(&text)));
	doc_add(items, item);
	ret = 0;
out:
	buf_free(&text);
	buf_free(&record);
	buf_free(&entry);
	return ret;
}

int proof_file_write(struct log_reader *log, const char *state,
	const uint64_t *n, size_t count, const struct oid *subject,
	struct buf *out, struct err *err)
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
	for (i = 0; i < count && !ret; i++)
		ret = write_item(log, state, n[i], a, items, err);
	if (!ret) {
		doc_pretty(j, out);
		ret = buf_check(out, "proof", err);
	}
	doc_free(j);
	arena_free(a);
	return ret;
}

static const char *const formats[] = {FORMAT, NULL};
static const struct shape item_keys[] = {
	{"entry", SHAPE_TEXT, true, ENTRY_MAX, NULL, NULL},
	{"record", SHAPE_TEXT, true, RECORD_MAX, NULL, NULL},
	{"tlog_proof", SHAPE_TEXT, true, PROOF_TEXT_MAX, NULL, NULL},
	{NULL, SHAPE_TEXT, false, 0, NULL, NULL},
};
static const struct shape file_keys[] = {
	{"format", SHAPE_WORD, true, 0, formats, NULL},
	{"subject", SHAPE_OID, false, 0, NULL, NULL},
	{"items", SHAPE_OBJECTS, true, PROOF_ITEMS_MAX, NULL, item_keys},
	{NULL, SHAPE_TEXT, false, 0, NULL, NULL},
};

/* What is read is well-formed; what is false in it is a verdict. */
struct opening {
	struct note_key key;
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
	if (checkpoint_open(&o->key, checkpoint, o->a, &o->head, err))
		return is_false(o, err);
	return 0;
}

/* An item: -1 unreadable; otherwise o->verdict says whether it is true. */
static int open_item(struct opening *o, const struct doc *j,
	struct proof_item *out, struct doc **record, struct err *err)
{
	struct span entry = doc_get_text(j, "entry");
	struct span text = doc_get_text(j, "record");
	struct entry_text derived = {.nlists = 0};
	struct tlogproof proof;
	struct hash leaf, root;
	char sum[SHA256_HEX + 1];
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
	if (strcmp(sha256_hex(text, sum), out->entry.record)) {
		err_set(err, ERR_LOG,
			"the record is not the one that entry %llu names",
			(unsigned long long)proof.index);
		ret = is_false(o, err);
		goto out;
	}
	if (record_parse(text, record, err) ||
		entry_derive(*record, text, sha256_of, &derived, err) ||
		!span_eq(buf_all(&derived.entry), entry)) {
		err_set(err, ERR_LOG,
			"entry %llu is not what follows from its record",
			(unsigned long long)proof.index);
		ret = is_false(o, err);
		goto out;
	}
	out->record = *record;
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
	if (key_read(vkey, NOTE_ED25519, &o.key, err) ||
		doc_parse(text, &j, err) ||
		shape_check(j, file_keys, "proof", err))
		goto out;
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
	snprintf(p.origin, sizeof(p.origin), "%s", o.key.name);
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

static bool same_update(const struct doc *a, const struct doc *b)
{
	return span_eq(doc_get_text(a, "ref"), doc_get_text(b, "ref")) &&
		span_eq(doc_get_text(a, "old"), doc_get_text(b, "old")) &&
		span_eq(doc_get_text(a, "new"), doc_get_text(b, "new"));
}

static const struct doc *updates_of(const struct proof_item *it)
{
	return doc_get(doc_get(it->record, "predicate"), "updates");
}

bool proof_file_moved(const struct proof_file *p, const struct proof_item *d,
	const struct doc *update)
{
	size_t i, k;

	for (i = 0; i < p->nitem; i++) {
		const struct proof_item *o = &p->item[i];
		const struct doc *list = updates_of(o);

		if (o->entry.kind != RECORD_OUTCOME ||
			o->entry.decision != d->index || o->index <= d->index ||
			!span_eq(o->entry.repository, d->entry.repository))
			continue;
		for (k = 0; k < doc_count(list); k++)
			if (same_update(doc_at(list, k), update))
				return true;
	}
	return false;
}

/* Whether a record brought the object: among its commits or tags. */
static bool brought(const struct proof_item *it, struct span hex)
{
	static const char *const lists[] = {"commits", "tags"};
	const struct doc *p = doc_get(it->record, "predicate");
	struct span id;
	size_t i, k;

	for (i = 0; i < ARRAY_LEN(lists); i++) {
		const struct doc *list = doc_get(p, lists[i]);

		for (k = 0; k < doc_count(list); k++) {
			const struct doc *c = doc_at(list, k);

			if (!doc_text(c, &id))
				id = doc_get_text(c, "id");
			if (span_eq(id, hex))
				return true;
		}
	}
	return false;
}

/*
 * Whether the push carried the object to a ref. If refs were moved to it, one
 * of these must have been; if it came with others, it is not known with which,
 * so all must have been.
 */
static bool applied(
	const struct proof_file *p, const struct proof_item *d, struct span hex)
{
	const struct doc *list = updates_of(d);
	size_t i, moved = 0, tips = 0, tips_moved = 0;

	for (i = 0; i < doc_count(list); i++) {
		const struct doc *u = doc_at(list, i);
		bool tip = span_eq(doc_get_text(u, "new"), hex);
		bool went = proof_file_moved(p, d, u);

		moved += went;
		tips += tip;
		tips_moved += tip && went;
	}
	if (tips)
		return tips_moved > 0;
	return i && moved == i;
}

static enum proof_answer answer_of(const struct proof_file *p,
	const struct proof_item *it, struct span hex)
{
	const struct doc *list = updates_of(it);
	bool named = !hex.n || brought(it, hex);
	size_t i;

	for (i = 0; i < doc_count(list); i++)
		if (span_eq(doc_get_text(doc_at(list, i), "new"), hex))
			named = true;
	if (!named || it->entry.kind == RECORD_OUTCOME)
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
	return applied(p, it, hex) ? ANSWER_ACCEPTED : ANSWER_NOT_APPLIED;
}

enum proof_answer proof_file_answer(
	const struct proof_file *p, const struct proof_item **item)
{
	enum proof_answer best = ANSWER_NOTHING;
	struct span subject = SPAN_EMPTY;
	char hex[OID_HEX + 1];
	size_t i;

	*item = NULL;
	if (p->has_subject)
		subject = span_str(oid_hex(&p->subject, hex));
	for (i = 0; i < p->nitem; i++) {
		enum proof_answer a = answer_of(p, &p->item[i], subject);

		if (a > best) {
			best = a;
			*item = &p->item[i];
		}
	}
	return best;
}
