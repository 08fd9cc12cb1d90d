#include "log/export.h"

#include "base/text.h"
#include "log/exporttext.h"
#include "log/pruned.h"
#include "log/vault.h"
#include "parse/bundle.h"
#include "parse/entry.h"
#include "port/crypto.h"

#define SUMS_MAX ((size_t)1 << 30)
#define TREE_MAX ((size_t)1 << 30)
#define ASC_MAX 65536u
#define README_MAX 65536u
#define NAME_MAX 100u

struct export
{
	struct log_reader *log;
	const struct log_export *what;
	struct tree_nodes nodes;
	struct vault *vault;
	struct export_to *to;
	struct buf sums, tree, entry;
	size_t missing;
};

/* Its digest goes into SHA256SUMS. */
static int put(
	struct export *x, const char *name, struct span s, struct err *err)
{
	char sum[SHA256_HEX + 1];

	buf_fmt(&x->sums, "%s  %s\n", sha256_hex(s, sum), name);
	return export_put(x->to, name, s, err);
}

static int put_record(
	struct export *x, uint64_t n, const char *sha256, struct err *err)
{
	struct buf text = BUF_INIT(RECORD_MAX), name = BUF_INIT(NAME_MAX);
	bool found;
	int ret;

	buf_fmt(&name, "records/%s", sha256);
	ret = vault_record(x->vault, n, sha256, &text, &found, err);
	if (!ret && !found && !pruned_find(x->what->pruned, n))
		x->missing++;
	if (!ret && found && !export_has(x->to, buf_cstr(&name)))
		ret = put(x, buf_cstr(&name), buf_all(&text), err);
	buf_free(&name);
	buf_free(&text);
	return ret;
}

static int put_list(
	struct export *x, const struct entry_list *list, struct err *err)
{
	struct buf text = BUF_INIT(LOG_LIST_MAX), name = BUF_INIT(NAME_MAX);
	int ret = 0;

	buf_fmt(&name, "lists/%s", list->sha256);
	if (list->sha256[0] && !export_has(x->to, buf_cstr(&name))) {
		ret = log_list(x->log, list->sha256, &text, err);
		if (!ret)
			ret = put(x, buf_cstr(&name), buf_all(&text), err);
	}
	buf_free(&name);
	buf_free(&text);
	return ret;
}

static int put_entry(
	struct export *x, uint64_t n, struct hash *out, struct err *err)
{
	struct arena *a = arena_new(64u << 20);
	char name[48];
	struct entry e;
	int ret = -1;

	snprintf(name, sizeof(name), "entries/%llu", (unsigned long long)n);
	if (!log_entry(x->log, n, &x->entry, err) &&
		!entry_parse(buf_all(&x->entry), a, &e, err) &&
		!put(x, name, buf_all(&x->entry), err) &&
		!put_record(x, n, e.record, err) &&
		!put_list(x, &e.updates_list, err))
		ret = put_list(x, &e.commits_list, err);
	*out = tree_leaf(buf_all(&x->entry));
	buf_fmt(&x->tree, "entry %llu\n", (unsigned long long)n);
	arena_free(a);
	return ret;
}

/* How many of the entries to be exported come before ${n}. */
static size_t before(const struct export *x, uint64_t n)
{
	size_t lo = 0, hi = x->what->count;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (x->what->n[mid] < n)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* The subtree of the leaves from ${from} to before ${to}. As deep as the tree,
 * which is 63 at most. */
static int walk(struct export *x, uint64_t from, uint64_t to, struct hash *out,
	struct err *err)
{
	uint64_t n = to - from, half = 1;
	struct hash left, right;
	unsigned level = 0;

	if (before(x, from) == before(x, to) && !(n & (n - 1))) {
		while (n >> level > 1)
			level++;
		if (x->nodes.get(x->nodes.ctx, level, from >> level, out, err))
			return -1;
		buf_fmt(&x->tree, "hash %llu ", (unsigned long long)n);
		text_base64(&x->tree, span_of(out->b, HASH_LEN));
		buf_byte(&x->tree, '\n');
		return 0;
	}
	if (n == 1)
		return put_entry(x, from, out, err);
	while (half < n - half)
		half *= 2;
	if (walk(x, from, from + half, &left, err) ||
		walk(x, from + half, to, &right, err))
		return -1;
	buf_str(&x->tree, "join\n");
	*out = tree_node(&left, &right);
	return 0;
}

static int put_tree(struct export *x, struct err *err)
{
	struct hash root;

	if (walk(x, 0, log_size(x->log), &root, err))
		return -1;
	if (!hash_eq(&root, log_root(x->log)))
		return err_set(err, ERR_LOG,
			"the entries and tiles do not give the root that was "
			"signed");
	if (buf_check(&x->tree, "tree", err))
		return -1;
	return put(x, "tree", buf_all(&x->tree), err);
}

static int put_countersignature(struct export *x, struct err *err)
{
	struct buf asc = BUF_INIT(ASC_MAX);
	bool found;
	int ret = log_source_get(log_source(x->log), "checkpoint.asc", ASC_MAX,
		&asc, &found, err);

	if (!ret && found)
		ret = put(x, "checkpoint.asc", buf_all(&asc), err);
	buf_free(&asc);
	return ret;
}

/* The key that signed the checkpoint, and how it followed on others. */
static int put_keys(struct export *x, struct err *err)
{
	const struct keychain *keys = log_keys(x->log);
	struct buf text = BUF_INIT(KEYCHAIN_TEXT_MAX);
	int ret;

	note_key_text(keychain_key(keys, log_signer(x->log)), &text);
	buf_byte(&text, '\n');
	ret = put(x, "log.vkey", buf_all(&text), err);
	buf_reset(&text);
	keychain_notes(keys, &text);
	if (!ret && text.n)
		ret = put(x, KEYCHAIN_FILE, buf_all(&text), err);
	buf_free(&text);
	return ret;
}

static int put_readme(struct export *x, struct err *err)
{
	struct buf text = BUF_INIT(README_MAX);
	size_t i;
	int ret = -1;

	buf_fmt(&text, "%s\n", x->what->about);
	for (i = 0; i < ARRAY_LEN(export_text); i++)
		buf_str(&text, export_text[i]);
	if (!buf_check(&text, "README", err))
		ret = put(x, "README", buf_all(&text), err);
	buf_free(&text);
	return ret;
}

static int make_folders(struct export *x, struct err *err)
{
	static const char *const in[] = {"entries", "records", "lists"};
	size_t i;

	for (i = 0; i < ARRAY_LEN(in); i++)
		if (export_folder(x->to, in[i], err))
			return -1;
	return 0;
}

int log_export(struct log_reader *log, const struct log_export *what,
	struct export_to *to, size_t *missing, struct err *err)
{
	struct export x = {.log = log,
		.what = what,
		.nodes = log_nodes(log),
		.vault = vault_new(what->state),
		.to = to,
		.sums = BUF_INIT(SUMS_MAX),
		.tree = BUF_INIT(TREE_MAX),
		.entry = BUF_INIT(ENTRY_MAX)};
	int ret = -1;

	*missing = 0;
	if (!make_folders(&x, err) && !put_readme(&x, err) &&
		!put_keys(&x, err) &&
		!put(&x, "checkpoint", log_checkpoint(log), err) &&
		!put_countersignature(&x, err) && !put_tree(&x, err) &&
		!buf_check(&x.sums, "SHA256SUMS", err) &&
		!put(&x, "SHA256SUMS", buf_all(&x.sums), err))
		ret = export_end(to, err);
	*missing = x.missing;
	vault_free(x.vault);
	buf_free(&x.sums);
	buf_free(&x.tree);
	buf_free(&x.entry);
	return ret;
}
