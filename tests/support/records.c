#include "records.h"

#include "unit.h"

#include <sys/stat.h>

#include "base/io.h"
#include "log/highwater.h"
#include "log/key.h"
#include "log/store.h"
#include "parse/bundle.h"
#include "parse/record.h"
#include "parse/tilepath.h"
#include "port/crypto.h"

struct oid test_oid(unsigned n)
{
	struct oid o = {{0}};

	o.b[0] = (unsigned char)(n * 37);
	o.b[1] = 0xab;
	o.b[16] = (unsigned char)(n >> 24);
	o.b[17] = (unsigned char)(n >> 16);
	o.b[18] = (unsigned char)(n >> 8);
	o.b[19] = (unsigned char)n;
	return o;
}

static struct doc *oid_doc(unsigned n, bool zero)
{
	struct oid o = test_oid(n), none = {{0}};
	char hex[OID_HEX + 1];

	return doc_of_str(oid_hex(zero ? &none : &o, hex));
}

struct doc *test_predicate(struct doc *record)
{
	return (struct doc *)(uintptr_t)doc_get(record, "predicate");
}

static struct doc *statement(const char *kind, const char *ref, unsigned from,
	bool zero, unsigned to)
{
	struct doc *j = doc_object(), *p = doc_object(), *subjects, *s, *d;
	struct doc *updates = doc_array(), *u = doc_object();

	s = doc_object();
	d = doc_object();
	doc_set(d, "gitCommit", oid_doc(to, false));
	doc_set(s, "name", doc_of_str(ref));
	doc_set(s, "digest", d);
	subjects = doc_array();
	doc_add(subjects, s);
	doc_set(u, "ref", doc_of_str(ref));
	doc_set(u, "old", oid_doc(from, zero));
	doc_set(u, "new", oid_doc(to, false));
	doc_add(updates, u);
	doc_set(p, "kind", doc_of_str(kind));
	doc_set(p, "repository", doc_of_str("r/a"));
	doc_set(p, "time", doc_of_str("2026-11-23T08:00:00Z"));
	doc_set(p, "program", doc_of_str("sluice 0.1.0"));
	doc_set(p, "updates", updates);
	doc_set(j, "_type", doc_of_str(STATEMENT_TYPE));
	doc_set(j, "predicateType", doc_of_str(RECORD_TYPE));
	doc_set(j, "subject", subjects);
	doc_set(j, "predicate", p);
	return j;
}

struct doc *test_decision(const char *verdict, const char *ref, unsigned n)
{
	struct doc *j = statement("decision", ref, n, n == 0, n + 1);
	struct doc *p = test_predicate(j), *who = doc_object();
	struct doc *commits = doc_array(), *c = doc_object();
	struct doc *sig = doc_object();
	bool accept = !strcmp(verdict, "accept");
	char policy[65];

	doc_set(p, "verdict", doc_of_str(verdict));
	doc_set(p, "mode", doc_of_str("enforce"));
	doc_set(p, "admitted", doc_of_bool(accept));
	if (!strcmp(verdict, "undecided"))
		doc_set(p, "cause", doc_of_str("the judge died"));
	doc_set(who, "name", doc_of_str("ada"));
	doc_set(who, "source", doc_of_str("ssh"));
	doc_set(who, "transport", doc_of_str("ssh"));
	doc_set(p, "pusher", who);
	doc_set(p, "policy",
		doc_of_str(sha256_hex(SPAN_LIT("policy"), policy)));
	doc_set(sig, "status", doc_of_str("good"));
	doc_set(sig, "kind", doc_of_str("ssh"));
	doc_set(sig, "key", doc_of_str("SHA256:abc"));
	doc_set(sig, "person", doc_of_str("ada"));
	doc_set(c, "id", oid_doc(n + 1, false));
	doc_set(c, "author", doc_of_str("Ada <ada@example.org>"));
	doc_set(c, "signature", sig);
	doc_add(commits, c);
	doc_set(p, "commits", commits);
	if (!accept) {
		struct doc *findings = doc_array(), *f = doc_object();

		doc_set(f, "id", doc_of_str("signature.missing"));
		doc_set(f, "severity", doc_of_str("block"));
		doc_set(f, "ref", doc_of_str(ref));
		doc_add(findings, f);
		doc_set(p, "findings", findings);
	}
	return j;
}

struct doc *test_adopt(const char *ref, unsigned n)
{
	struct doc *j = statement("adopt", ref, 0, true, n);
	struct doc *commits = doc_array();
	unsigned i;

	for (i = 1; i <= n; i++)
		doc_add(commits, oid_doc(i, false));
	doc_set(test_predicate(j), "commits", commits);
	return j;
}

struct doc *test_outcome(uint64_t entry, const char *ref, unsigned n)
{
	struct doc *j = statement("outcome", ref, n, n == 0, n + 1);

	doc_set(test_predicate(j), "decision", doc_of_int((int64_t)entry));
	return j;
}

struct doc *test_observed(uint64_t entry, const char *ref, unsigned n)
{
	struct doc *j = statement("observed", ref, n, n == 0, n + 1);

	if (entry != UINT64_MAX)
		doc_set(test_predicate(j), "decision",
			doc_of_int((int64_t)entry));
	return j;
}

void test_text(struct doc *j, struct buf *out)
{
	buf_reset(out);
	doc_canonical(j, out);
	doc_free(j);
}

char *log_folder(void)
{
	char path[512];

	unit_dir(path, sizeof(path));
	return strdup(path);
}

void log_remove(char *dir)
{
	unit_rm(dir);
	free(dir);
}

/* Folders without a sync each: a test makes hundreds. */
static FILE *open_below(char *path)
{
	FILE *f = fopen(path, "w");
	char *slash;

	for (slash = strchr(path + 1, '/'); !f && slash;
		slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(path, 0755);
		*slash = '/';
	}
	return f ? f : fopen(path, "w");
}

static void put(const char *state, const char *name, struct span s)
{
	struct buf path = PATH_BUF_INIT;
	FILE *f;

	store_path(&path, state, name);
	f = open_below((char *)path.p);
	assert_non_null(f);
	if (s.n)
		assert_int_equal(fwrite(s.p, s.n, 1, f), 1);
	assert_int_equal(fclose(f), 0);
	buf_free(&path);
}

static void put_tile(const char *state, const struct tilepath *t, struct span s)
{
	char path[TILEPATH_MAX], name[TILEPATH_MAX + 8];

	snprintf(name, sizeof(name), STORE_LOG "/%s", tilepath_text(t, path));
	put(state, name, s);
}

/* Level by level; level l + 1 has the roots of the full tiles of level l. */
static void put_tiles(const char *state, struct hash *level, unsigned count)
{
	unsigned i, k, l;

	for (l = 0; count; l++) {
		for (i = 0; i < count; i += 256) {
			unsigned w = count - i < 256 ? count - i : 256;
			struct tilepath t = {false, l, i / 256, w};

			put_tile(state, &t,
				span_of(&level[i], w * sizeof(*level)));
		}
		for (i = 0; i < count / 256; i++) {
			struct tree_range r = TREE_RANGE_EMPTY;

			for (k = 0; k < 256; k++)
				tree_range_add(&r, &level[i * 256 + k]);
			level[i] = tree_range_root(&r);
		}
		count /= 256;
	}
}

static void put_checkpoint(
	const char *state, unsigned n, const struct hash *root)
{
	struct buf path = PATH_BUF_INIT, text = BUF_INIT(CHECKPOINT_MAX);
	struct buf note = BUF_INIT(CHECKPOINT_MAX);
	struct checkpoint c = {.size = n};
	struct highwater hw;
	struct note_key key;
	struct err err = ERR_INIT;

	store_path(&path, state, STORE_KEY);
	assert_int_equal(
		key_secret_read(buf_cstr(&path), NOTE_ED25519, &key, &err), 0);
	c.origin = span_str(key.name);
	memcpy(c.root, root->b, sizeof(c.root));
	checkpoint_text(&c, &text);
	assert_int_equal(key_sign(&key, buf_all(&text), &note, &err), 0);
	put(state, STORE_CHECKPOINT, buf_all(&note));
	store_path(&path, state, STORE_HIGHWATER);
	assert_int_equal(highwater_read(buf_cstr(&path), &hw, &err), 0);
	assert_int_equal(
		highwater_raise(buf_cstr(&path), &hw, n, root, true, &err), 0);
	assert_int_equal(highwater_settle(buf_cstr(&path), &hw, &err), 0);
	key_wipe(&key);
	buf_free(&path);
	buf_free(&text);
	buf_free(&note);
}

/* A log in the making. */
struct making {
	char state[600];
	struct hash *level;
	struct tree_range range;
	struct buf bundle;
	unsigned n;
};

static void begin(struct making *m, const char *dir, unsigned n)
{
	struct buf vkey = BUF_INIT(1024);
	struct err err = ERR_INIT;

	*m = (struct making){.range = TREE_RANGE_EMPTY, .n = n};
	m->bundle = (struct buf)BUF_INIT(BUNDLE_MAX);
	m->level = calloc(n + 1, sizeof(*m->level));
	snprintf(m->state, sizeof(m->state), "%s/s", dir);
	assert_int_equal(store_create(m->state, SPAN_LIT("test.example/log"),
				 &vkey, &err),
		0);
	buf_free(&vkey);
}

static void add_entry(struct making *m, unsigned i, struct span entry)
{
	struct tilepath t = {true, 0, i / 256, i % 256 + 1};

	m->level[i] = tree_leaf(entry);
	tree_range_add(&m->range, &m->level[i]);
	bundle_add(&m->bundle, entry);
	if (t.width == 256 || i + 1 == m->n) {
		put_tile(m->state, &t, buf_all(&m->bundle));
		buf_reset(&m->bundle);
	}
}

static char *finish(struct making *m)
{
	struct hash root = tree_range_root(&m->range);

	put_tiles(m->state, m->level, m->n);
	if (m->n)
		put_checkpoint(m->state, m->n, &root);
	free(m->level);
	buf_free(&m->bundle);
	return strdup(m->state);
}

char *test_log(const char *dir, unsigned n)
{
	struct buf record = BUF_INIT(RECORD_MAX);
	struct making m;
	unsigned i;

	begin(&m, dir, n);
	for (i = 0; i < n; i++) {
		struct doc *j = test_decision("reject", "refs/heads/main", i);
		struct err err = ERR_INIT;
		struct entry_text e;
		char name[128];

		buf_reset(&record);
		doc_canonical(j, &record);
		assert_int_equal(
			entry_derive(j, buf_all(&record), sha256_of, &e, &err),
			0);
		doc_free(j);
		snprintf(name, sizeof(name), STORE_VAULT "/%.2s/%s", e.record,
			e.record);
		put(m.state, name, buf_all(&record));
		add_entry(&m, i, buf_all(&e.entry));
		entry_text_free(&e);
	}
	buf_free(&record);
	return finish(&m);
}

char *test_log_bare(const char *dir, unsigned n)
{
	struct making m;
	char text[32];
	unsigned i;

	begin(&m, dir, n);
	for (i = 0; i < n; i++) {
		snprintf(text, sizeof(text), "entry %u", i);
		add_entry(&m, i, span_str(text));
	}
	return finish(&m);
}
