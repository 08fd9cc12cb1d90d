#include "log/spanfile.h"

#include "base/clock.h"
#include "log/prooffile.h"
#include "parse/bundle.h"
#include "parse/shape.h"
#include "port/crypto.h"

#define FORMAT "sluice continuity proof v1"
#define ARENA_MAX ((size_t)1 << 30)
#define HASHES_MAX ((PROOF_HASHES_MAX + 1) * 46u)

/* The nodes that begin a tree of ${size} leaves. */
static int put_before(
	struct log_reader *log, uint64_t size, struct doc *j, struct err *err)
{
	struct buf text = BUF_INIT(HASHES_MAX);
	struct tree_nodes nodes = log_nodes(log);
	struct proof before = {.n = 0};
	struct tree_range range;
	unsigned i;

	if (tree_range_at(&nodes, size, &range, err))
		return -1;
	for (i = 0; i < range.n; i++)
		memcpy(before.hash[i], range.node[i].b, HASH_LEN);
	before.n = range.n;
	prooflines_write(&before, &text);
	doc_set(j, "before", doc_of_text(buf_all(&text)));
	buf_free(&text);
	return 0;
}

static int put_after(
	struct log_reader *log, uint64_t size, struct doc *j, struct err *err)
{
	struct buf text = BUF_INIT(HASHES_MAX);
	struct proof after;
	struct hash root;

	if (log_growth(log, size, &after, &root, err))
		return -1;
	prooflines_write(&after, &text);
	doc_set(j, "after", doc_of_text(buf_all(&text)));
	buf_free(&text);
	return 0;
}

static int put_entry(struct log_reader *log, uint64_t n, struct span repository,
	struct doc *list, size_t *left, struct err *err)
{
	struct buf entry = BUF_INIT(ENTRY_MAX), text = BUF_INIT(LOG_LIST_MAX);
	struct arena *a = arena_new(ARENA_MAX);
	struct doc *item = doc_object();
	struct entry e;
	int ret = -1;

	doc_add(list, item);
	if (log_entry(log, n, &entry, err) ||
		entry_parse(buf_all(&entry), a, &e, err))
		goto out;
	doc_set(item, "entry", doc_of_text(buf_all(&entry)));
	if (e.updates_list.sha256[0] && span_eq(e.repository, repository)) {
		if (log_list(log, e.updates_list.sha256, &text, err))
			goto out;
		doc_set(item, "updates_list", doc_of_text(buf_all(&text)));
	}
	if (entry.n + text.n > *left) {
		err_set(err, ERR_LIMIT, "the proof is over %zu bytes",
			SPANFILE_MAX);
		goto out;
	}
	*left -= entry.n + text.n;
	ret = 0;
out:
	arena_free(a);
	buf_free(&text);
	buf_free(&entry);
	return ret;
}

int spanfile_write(struct log_reader *log, const struct continuity_ask *ask,
	struct buf *out, struct err *err)
{
	struct doc *j = doc_object(), *list = doc_array();
	size_t i, left = SPANFILE_MAX;
	char when[CLOCK_TEXT_MAX];
	int ret = -1;

	doc_set(j, "format", doc_of_str(FORMAT));
	doc_set(j, "repository", doc_of_text(ask->repository));
	doc_set(j, "ref", doc_of_text(ask->ref));
	clock_text(ask->from, when);
	doc_set(j, "from", doc_of_str(when));
	clock_text(ask->to, when);
	doc_set(j, "to", doc_of_str(when));
	doc_set(j, "start", doc_of_int((int64_t)ask->start));
	doc_set(j, "entries", list);
	if (ask->n > SPANFILE_ENTRIES_MAX) {
		err_set(err, ERR_LIMIT,
			"the proof would have %zu entries, more than %u",
			ask->n, SPANFILE_ENTRIES_MAX);
		err_hint(err,
			"several proofs of shorter times, each to the "
			"time that the next one is from");
		goto out;
	}
	for (i = 0; i < ask->n; i++)
		if (put_entry(log, ask->start + i, ask->repository, list, &left,
			    err))
			goto out;
	if (put_before(log, ask->start, j, err) ||
		put_after(log, ask->start + ask->n, j, err))
		goto out;
	doc_set(j, "checkpoint", doc_of_text(log_checkpoint(log)));
	proof_put_keys(log, j);
	doc_pretty(j, out);
	ret = buf_check(out, "proof", err);
out:
	doc_free(j);
	return ret;
}

static const char *const formats[] = {FORMAT, NULL};
static const struct shape entry_keys[] = {
	{"entry", SHAPE_TEXT, true, ENTRY_MAX, NULL, NULL},
	{"updates_list", SHAPE_TEXT, false, LOG_LIST_MAX, NULL, NULL},
	{NULL, SHAPE_TEXT, false, 0, NULL, NULL},
};
static const struct shape file_keys[] = {
	{"format", SHAPE_WORD, true, 0, formats, NULL},
	{"repository", SHAPE_NAME, true, 4096, NULL, NULL},
	{"ref", SHAPE_NAME, true, 4096, NULL, NULL},
	{"from", SHAPE_TIME, true, 0, NULL, NULL},
	{"to", SHAPE_TIME, true, 0, NULL, NULL},
	{"start", SHAPE_COUNT, true, 0, NULL, NULL},
	{"entries", SHAPE_OBJECTS, true, SPANFILE_ENTRIES_MAX, NULL,
		entry_keys},
	{"before", SHAPE_TEXT, true, HASHES_MAX, NULL, NULL},
	{"after", SHAPE_TEXT, true, HASHES_MAX, NULL, NULL},
	{"checkpoint", SHAPE_TEXT, true, CHECKPOINT_MAX, NULL, NULL},
	{"keys", SHAPE_TEXT, false, ROTATIONS_TEXT_MAX, NULL, NULL},
	{NULL, SHAPE_TEXT, false, 0, NULL, NULL},
};

bool spanfile_is(struct span text)
{
	struct err none = ERR_INIT;
	struct doc *j = NULL;
	bool is;

	/* The document is read only if it may be one: proofs are large. */
	if (span_search(text, SPAN_LIT(FORMAT)) == SIZE_MAX ||
		doc_parse(text, &j, &none))
		return false;
	is = span_is(doc_get_text(j, "format"), FORMAT);
	doc_free(j);
	return is;
}

static int is_false(struct err *err, const char *why)
{
	return err_set(err, ERR_LOG, "%s", why);
}

static int read_hashes(const struct doc *j, const char *key, struct proof *out,
	struct err *err)
{
	struct span rest = doc_get_text(j, key);
	const char *why = "something follows the hashes";

	if (prooflines_read(&rest, out, &why) && !rest.n)
		return 0;
	return err_set(err, ERR_INPUT, "proof: %s: %s", key, why);
}

/* The list of an entry of that repository; others have none here. */
static int open_list(const struct doc *j, struct span repository,
	struct arena *a, struct entry *e, struct err *err)
{
	struct span text = doc_get_text(j, "updates_list");
	char sum[SHA256_HEX + 1];

	if (!e->updates_list.sha256[0] || !span_eq(e->repository, repository))
		return doc_get(j, "updates_list")
			? is_false(err,
				  "an entry has a list that is not asked "
				  "for")
			: 0;
	if (!doc_get(j, "updates_list") ||
		strcmp(sha256_hex(text, sum), e->updates_list.sha256))
		return is_false(err,
			"a list that an entry names is not the "
			"one");
	if (entry_list_updates(text, &e->updates_list, a, &e->update, err))
		return -1;
	e->nupdate = e->updates_list.count;
	return 0;
}

/* That these are the leaves from ${start} on of the tree that was signed. The
 * nodes before are nobody's word: with others, the root is another. */
static int check_leaves(const struct doc *list, uint64_t start,
	const struct proof *before, const struct proof *after,
	const struct checkpoint *head, struct err *err)
{
	struct tree_range range = {.size = start, .n = before->n};
	size_t i, n = doc_count(list);
	struct hash leaf, root, signed_root;
	unsigned bits = 0;

	for (i = 0; i < 64; i++)
		bits += (unsigned)(start >> i & 1);
	if (!n || start > head->size || n > head->size - start ||
		bits != before->n)
		return is_false(err, "the entries are not a part of the log");
	for (i = 0; i < before->n; i++)
		memcpy(range.node[i].b, before->hash[i], HASH_LEN);
	for (i = 0; i < n; i++) {
		leaf = tree_leaf(doc_get_text(doc_at(list, i), "entry"));
		tree_range_add(&range, &leaf);
	}
	root = tree_range_root(&range);
	memcpy(signed_root.b, head->root, HASH_LEN);
	if (tree_check_growth(range.size, &root, head->size, &signed_root,
		    after) != PROOF_GOOD)
		return is_false(err,
			"the entries are not those of the log, "
			"all of them and in their order");
	return 0;
}

static int open_entries(const struct doc *list, struct arena *a,
	struct spanfile *out, struct err *err)
{
	size_t i, n = doc_count(list);
	struct entry *e = arena_get(a, n, sizeof(*e));

	for (i = 0; i < n; i++) {
		const struct doc *item = doc_at(list, i);

		if (entry_parse(doc_get_text(item, "entry"), a, &e[i], err) ||
			open_list(item, out->ask.repository, a, &e[i], err))
			return err_in(err, "proof: entries[%zu]", i);
	}
	out->ask.entry = e;
	out->ask.n = n;
	return 0;
}

static int open_head(struct span text, struct arena *a, struct spanfile *out,
	struct checkpoint *head, struct err *err)
{
	if (note_parse(text, a, &out->note, err) ||
		keychain_open(&out->keys, KEYCHAIN_BACK, text, a, head,
			&out->signer, err))
		return -1;
	out->size = head->size;
	snprintf(out->origin, sizeof(out->origin), "%s", out->keys.pinned.name);
	return 0;
}

static void read_ask(const struct doc *j, struct arena *a, struct spanfile *out)
{
	struct continuity_ask *ask = &out->ask;

	ask->repository = arena_copy(a, doc_get_text(j, "repository"));
	ask->ref = arena_copy(a, doc_get_text(j, "ref"));
	ask->start = (uint64_t)doc_get_int(j, "start");
	out->from = arena_copy(a, doc_get_text(j, "from"));
	out->to = arena_copy(a, doc_get_text(j, "to"));
}

int spanfile_open(struct span text, struct span vkey, struct arena *a,
	struct spanfile *out, enum proof_verdict *verdict, struct err *err)
{
	struct proof before, after;
	struct checkpoint head;
	struct spanfile f = {.size = 0};
	const struct doc *list;
	struct doc *j = NULL;
	int ret = -1;

	memset(out, 0, sizeof(*out));
	*verdict = PROOF_BAD;
	if (keychain_read(vkey, a, &f.keys, err) || doc_parse(text, &j, err) ||
		shape_check(j, file_keys, "proof", err) ||
		read_hashes(j, "before", &before, err) ||
		read_hashes(j, "after", &after, err))
		goto out;
	read_ask(j, a, &f);
	if (!clock_read(f.from, &f.ask.from) || !clock_read(f.to, &f.ask.to)) {
		err_set(err, ERR_INPUT, "proof: a time is in no calendar");
		goto out;
	}
	list = doc_get(j, "entries");
	/* From here on it is a file that can be read, true or false. */
	ret = 0;
	if (proof_take_keys(vkey, j, a, &f.keys, err) ||
		open_head(arena_copy(a, doc_get_text(j, "checkpoint")), a, &f,
			&head, err) ||
		check_leaves(list, f.ask.start, &before, &after, &head, err) ||
		open_entries(list, a, &f, err)) {
		err->code = ERR_LOG;
		goto out;
	}
	*verdict = PROOF_GOOD;
	*out = f;
out:
	doc_free(j);
	return ret;
}
