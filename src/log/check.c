#include "log/check.h"

#include <errno.h>
#include <stdarg.h>

#include "base/grow.h"
#include "base/io.h"
#include "base/workers.h"
#include "log/check_tree.h"
#include "log/gaps.h"
#include "log/highwater.h"
#include "log/index.h"
#include "log/index_same.h"
#include "log/journal.h"
#include "log/keychain.h"
#include "log/logkey.h"
#include "log/pruned.h"
#include "log/reader.h"
#include "log/store.h"
#include "log/tiles.h"
#include "log/vault.h"
#include "log/vaultpeek.h"
#include "parse/entry.h"
#include "parse/entryscan.h"
#include "parse/record.h"
#include "parse/recordscan.h"
#include "port/crypto.h"

#define TELL_MAX 600
#define CHECK_ARENA ((size_t)1 << 30)
#define ENTRY_ARENA ((size_t)1 << 30)

/* What each thread has for itself. */
struct check_own {
	struct arena *arena;
	unsigned char *record; /* room for one */
	struct vault *vault;   /* for those in packs */
	struct buf packed;
};

struct missing {
	uint64_t n;
	char sha256[SHA256_HEX + 1];
};

struct check_all {
	struct check_told told;
	const struct log_check *c;
	struct arena *arena;
	struct keychain keys;
	size_t signer, changes; /* of keys: who signed, how many entries */
	struct checkpoint checkpoint;
	struct buf note, room, path;
	struct vault *vault;          /* of the state folder, if there is one */
	char told_last[ERR_TEXT_MAX]; /* of a record */
	struct pruned pruned;
	struct missing *missing; /* records, until all entries are seen */
	size_t nmissing, missing_cap;
	struct gaps gaps;
	uint64_t excused;  /* records that are missing and may be */
	int loose;         /* the vault's folder */
	uint64_t in_vault; /* records that are there, */
	bool counted;      /* if they were counted beside the rest */
	bool index_same;   /* found so, without looking closer */
	struct check_own *own[WORKERS_MAX];
};

void check_tell(
	struct check_told *t, enum check_word word, const char *fmt, ...)
{
	char text[TELL_MAX];
	va_list ap;

	va_start(ap, fmt);
	if (vsnprintf(text, sizeof(text), fmt, ap) < 0)
		text[0] = '\0';
	va_end(ap);
	t->result->damaged += word == CHECK_DAMAGE;
	t->result->unknown += word == CHECK_UNKNOWN;
	t->c->tell(t->c->ctx, word, text);
}

void check_tell_err(struct check_told *t, const struct err *e)
{
	check_tell(t, e->code == ERR_SYS ? CHECK_UNKNOWN : CHECK_DAMAGE, "%s",
		e->text);
}

/* A list that an entry names; errors say which entry. */
static void check_list(struct check_all *a, uint64_t n,
	const struct entry_list *list, bool updates, struct arena *arena)
{
	char path[80], sum[SHA256_HEX + 1];
	struct entry_update *update;
	struct err err = ERR_INIT;
	struct oid *commit;
	bool found;

	if (!list->sha256[0])
		return;
	snprintf(path, sizeof(path), "lists/%s", list->sha256);
	if (log_source_get(
		    a->c->src, path, LOG_LIST_MAX, &a->room, &found, &err)) {
		check_tell_err(&a->told, &err);
		return;
	}
	if (!found) {
		check_tell(&a->told, CHECK_DAMAGE,
			"'%s' is missing, which entry %llu names", path,
			(unsigned long long)n);
		return;
	}
	if (strcmp(sha256_hex(buf_all(&a->room), sum), list->sha256)) {
		check_tell(&a->told, CHECK_DAMAGE,
			"'%s' does not have the digest it is named by", path);
		return;
	}
	if (updates ? entry_list_updates(
			      buf_all(&a->room), list, arena, &update, &err)
		    : entry_list_commits(
			      buf_all(&a->room), list, arena, &commit, &err))
		check_tell(&a->told, CHECK_DAMAGE, "'%s': %s", path, err.text);
}

/* The record an entry names: there, whole, and giving this very entry. */
static void check_record(
	struct check_all *a, uint64_t n, const char *sha256, struct span entry)
{
	struct entry_text text = {.nlists = 0};
	struct err err = ERR_INIT;
	bool found;

	if (vault_record(a->vault, n, sha256, &a->room, &found, &err)) {
		/* A damaged block is that of a hundred records. */
		if (strcmp(err.text, a->told_last) != 0)
			check_tell_err(&a->told, &err);
		memcpy(a->told_last, err.text, sizeof(a->told_last));
		return;
	}
	if (!found && gaps_excuse(&a->gaps, n)) {
		a->excused++;
		return;
	}
	if (!found) {
		a->missing = grow(a->missing, a->nmissing, &a->missing_cap,
			sizeof(*a->missing));
		a->missing[a->nmissing].n = n;
		memcpy(a->missing[a->nmissing++].sha256, sha256,
			sizeof(a->missing->sha256));
		return;
	}
	a->told.result->records++;
	if (record_entry(buf_all(&a->room), sha256_of, &text, &err))
		check_tell(&a->told, CHECK_DAMAGE,
			"the record of entry %llu: %s", (unsigned long long)n,
			err.text);
	else if (!span_eq(buf_all(&text.entry), entry))
		check_tell(&a->told, CHECK_DAMAGE,
			"entry %llu is not what follows from its record",
			(unsigned long long)n);
	entry_text_free(&text);
}

static struct check_own *own_of(const struct check_all *a, unsigned worker)
{
	struct check_own *own = a->own[worker];

	if (own->arena)
		return own;
	own->arena = arena_new(ENTRY_ARENA);
	own->record = malloc(VAULTPEEK_MAX);
	if (!own->record)
		die("out of memory");
	own->packed = (struct buf)BUF_INIT(RECORD_MAX);
	if (a->c->state)
		own->vault = vault_new(a->c->state);
	return own;
}

static bool quick_record(const struct check_all *a, struct check_own *own,
	uint64_t n, struct span sha256, struct span *record)
{
	struct err err = ERR_INIT;
	char name[SHA256_HEX + 1];
	bool found;

	if (vaultpeek_get(a->loose, sha256, own->record, record))
		return true;
	snprintf(name, sizeof(name), "%.*s", SPAN_FMT(sha256));
	if (vault_record(own->vault, n, name, &own->packed, &found, &err) ||
		!found)
		return false;
	*record = buf_all(&own->packed);
	return true;
}

/* The same without a word, for nearly all of them; what is not as usual is for
 * check_entry. */
static bool check_quick(
	void *ctx, unsigned worker, uint64_t n, struct span bytes)
{
	const struct check_all *a = ctx;
	struct check_own *own = own_of(a, worker);
	struct span record, sha256;
	struct entry e;
	bool good;

	/* What follows from its record is an entry. */
	if (a->c->state)
		return record_named(bytes, &sha256) &&
			quick_record(a, own, n, sha256, &record) &&
			record_gives(record, sha256, bytes, n);
	good = entry_scan(bytes, own->arena, &e) &&
		!(e.settles && e.decision >= n) && !e.updates_list.sha256[0] &&
		!e.commits_list.sha256[0];
	arena_reset(own->arena);
	return good;
}

/* The root that the tiles give for another size; false when they do not. */
static bool tiles_root(struct check_all *a, uint64_t size, struct hash *out)
{
	struct tiles *tiles = tiles_new(a->c->src, size);
	struct tree_nodes nodes = tiles_nodes(tiles);
	struct tree_range range;
	struct err err = ERR_INIT;
	bool ok = !tree_range_at(&nodes, size, &range, &err);

	if (ok)
		*out = tree_range_root(&range);
	tiles_free(tiles);
	return ok;
}

/* A change of keys: signed by both, of this log at this place, and the one that
 * the log's folder tells. */
static void check_rotation(
	struct check_all *a, uint64_t n, struct span note, struct arena *arena)
{
	struct err err = ERR_INIT;
	struct rotation r;
	struct hash root;
	size_t i = a->changes++;

	if (keychain_link(note, arena, &r, &err)) {
		check_tell(&a->told, CHECK_DAMAGE, "entry %llu: %s",
			(unsigned long long)n, err.text);
		return;
	}
	if (r.size != n || !tiles_root(a, n, &root) ||
		memcmp(root.b, r.root, HASH_LEN))
		check_tell(&a->told, CHECK_DAMAGE,
			"entry %llu: a change of keys made for another log or "
			"another place",
			(unsigned long long)n);
	else if (i == a->keys.n && n + 1 == a->checkpoint.size &&
		!keychain_next(&a->keys, note, arena, &r, &err))
		/* The file is written when the entry is in the log. */
		check_tell(&a->told, CHECK_NOTE,
			"entry %llu, the last one, changes the log's key; "
			"'" KEYCHAIN_FILE "' does not tell yet",
			(unsigned long long)n);
	else if (i >= a->keys.n || !span_eq(note, a->keys.link[i].note))
		check_tell(&a->told, CHECK_DAMAGE,
			"'" KEYCHAIN_FILE "' does not have the change of keys "
			"of entry %llu: keys that are retired would not be "
			"told from those that sign",
			(unsigned long long)n);
	else
		check_tell(&a->told, CHECK_NOTE,
			"entry %llu: the log's key was changed, signed by the "
			"one before and the one after",
			(unsigned long long)n);
}

static void check_entry(void *ctx, uint64_t n, struct span bytes)
{
	struct arena *arena = arena_new(ENTRY_ARENA);
	struct check_all *a = ctx;
	struct err err = ERR_INIT;
	struct entry e;

	if (entry_parse(bytes, arena, &e, &err)) {
		check_tell(&a->told, CHECK_DAMAGE, "entry %llu: %s",
			(unsigned long long)n, err.text);
		goto out;
	}
	if (e.settles && e.decision >= n)
		check_tell(&a->told, CHECK_DAMAGE,
			"entry %llu: the outcome of a later entry",
			(unsigned long long)n);
	pruned_add(&a->pruned, n, &e);
	if (e.kind == RECORD_KEY)
		check_rotation(a, n, e.rotation, arena);
	check_list(a, n, &e.updates_list, true, arena);
	check_list(a, n, &e.commits_list, false, arena);
	if (a->c->state)
		check_record(a, n, e.record, bytes);
out:
	arena_free(arena);
}

/* A record that an entry tells was pruned is not missed. */
static void tell_missing(struct check_all *a)
{
	uint64_t *gone = calloc(a->pruned.n + 1, sizeof(*gone));
	struct buf text = BUF_INIT(PRUNED_TEXT_MAX);
	size_t i;

	if (!gone)
		die("out of memory");
	for (i = 0; i < a->nmissing; i++) {
		const struct missing *m = &a->missing[i];
		const struct pruned_entry *e = pruned_find(&a->pruned, m->n);

		a->excused += e != NULL;
		if (e)
			gone[e - a->pruned.v]++;
		else
			check_tell(&a->told, CHECK_DAMAGE,
				"the record of entry %llu is missing: "
				"'" STORE_VAULT "/%.2s/%s'",
				(unsigned long long)m->n, m->sha256, m->sha256);
	}
	for (i = 0; i < a->pruned.n && a->c->state; i++) {
		const struct pruned_entry *e = &a->pruned.v[i];

		buf_reset(&text);
		pruned_text(e, &text);
		check_tell(&a->told, CHECK_NOTE,
			"%llu records of entries %llu to %llu were %s",
			(unsigned long long)e->count,
			(unsigned long long)e->range[0].from,
			(unsigned long long)e->range[e->nrange - 1].to,
			buf_cstr(&text));
		if (gone[i] < e->count)
			check_tell(&a->told, CHECK_NOTE,
				"%llu of these are still in the vault; 'sluice "
				"log prune' removes them",
				(unsigned long long)(e->count - gone[i]));
	}
	buf_free(&text);
	free(gone);
}

static void check_mark(struct check_all *a)
{
	unsigned long long size = a->checkpoint.size;
	struct err err = ERR_INIT;
	struct highwater mark;
	struct hash root;

	if (highwater_read(store_path(&a->path, a->c->state, STORE_HIGHWATER),
		    &mark, &err)) {
		check_tell_err(&a->told, &err);
		return;
	}
	if (mark.size > size && !mark.pending) {
		check_tell(&a->told, CHECK_DAMAGE,
			"the log was rolled back: checkpoint has size %llu, "
			"but %llu entries were signed before (" STORE_HIGHWATER
			")",
			size, (unsigned long long)mark.size);
		return;
	}
	if (mark.size == size) {
		if (memcmp(mark.root.b, a->checkpoint.root, HASH_LEN))
			check_tell(&a->told, CHECK_DAMAGE,
				"checkpoint: another root was signed for %llu "
				"entries before (" STORE_HIGHWATER ")",
				size);
		return;
	}
	if (!tiles_root(a, mark.size, &root) || !hash_eq(&root, &mark.root))
		check_tell(&a->told, CHECK_DAMAGE,
			"the log does not continue the %llu entries that were "
			"signed before (" STORE_HIGHWATER ")",
			(unsigned long long)mark.size);
	else if (mark.size > size)
		check_tell(&a->told, CHECK_NOTE,
			"an append was cut short after entry %llu was written; "
			"the next one publishes it",
			(unsigned long long)mark.size - 1);
	else
		check_tell(&a->told, CHECK_NOTE,
			"the high-water mark is old: size %llu of %llu",
			(unsigned long long)mark.size, size);
}

/* Files may be missing that the next append writes again. */
static void check_journal(struct check_all *a)
{
	struct journal j = JOURNAL_NONE;
	struct err err = ERR_INIT;
	bool found;

	if (journal_open(store_path(&a->path, a->c->state, STORE_JOURNAL), &j,
		    &found, &err)) {
		/* Whoever checks need not be able to append. */
		if (err.code != ERR_SYS || err.sys != EACCES)
			check_tell_err(&a->told, &err);
	} else if (j.n && !j.same_boot) {
		check_tell(&a->told, CHECK_NOTE,
			"the newest %zu entries may not be on disk since the "
			"machine or a disk failed; the next append writes them "
			"again ('" STORE_JOURNAL "')",
			j.n);
	}
	journal_close(&j);
}

/* What is known to be missing is named as such. */
static void tell_gaps(struct check_all *a)
{
	size_t i;

	for (i = 0; i < a->gaps.n; i++) {
		const struct gap *g = &a->gaps.v[i];

		check_tell(&a->told, CHECK_NOTE,
			g->kind == GAP_LOST
				? "entries %llu to %llu were signed once and "
				  "lost; others are in their place (%s)"
				: "entries %llu to %llu came back from a "
				  "mirror, without their records (%s)",
			(unsigned long long)g->from,
			(unsigned long long)g->to - 1, g->time);
	}
}

static void read_gaps(struct check_all *a)
{
	struct err err = ERR_INIT;

	if (!gaps_read(a->c->state, &a->gaps, &err))
		tell_gaps(a);
	else if (err.code != ERR_SYS || err.sys != EACCES)
		check_tell_err(&a->told, &err);
}

/* The public half that is published, and the key that signs. */
static void check_key(struct check_all *a)
{
	struct err err = ERR_INIT;
	struct note_key key;
	size_t i;

	if (logkey_peek(
		    store_path(&a->path, a->c->state, STORE_KEY), &key, &err)) {
		/* Whoever checks need not be able to sign. */
		if (err.code != ERR_SYS || err.sys != EACCES)
			check_tell_err(&a->told, &err);
		return;
	}
	if (io_exists(store_path(&a->path, a->c->state, STORE_ROTATION)))
		check_tell(&a->told, CHECK_NOTE,
			"a change of the log's key was cut short; the next "
			"append finishes it, or forgets it");
	else if (!keychain_find(&a->keys, &key, &i) || i != a->keys.n)
		check_tell(&a->told, CHECK_DAMAGE,
			"'" STORE_KEY "' and '" STORE_VKEY
			"' are not one pair");
}

/* What takes long and has nothing to do with the tree. */
static void look_beside(void *ctx)
{
	struct check_all *a = ctx;
	struct err err = ERR_INIT;

	a->index_same = index_is_same(a->c->state);
	a->counted = !vault_count(a->vault, &a->in_vault, &err);
}

static void check_index(struct check_all *a)
{
	struct err err = ERR_INIT;
	bool differs = false;

	if (a->index_same)
		return;
	if (index_check(a->c->state, &differs, &err)) {
		check_tell_err(&a->told, &err);
		return;
	}
	if (differs)
		check_tell(&a->told, CHECK_DAMAGE,
			"'" STORE_INDEX "' does not say what the log says; "
			"'sluice log verify --reindex' builds it anew");
}

/* Records that no entry names are what a killed append leaves. */
static void tell_vault(struct check_all *a)
{
	const struct log_check_result *r = a->told.result;
	struct err err = ERR_INIT;

	if (!a->counted && vault_count(a->vault, &a->in_vault, &err)) {
		check_tell_err(&a->told, &err);
		return;
	}
	if (a->in_vault > r->records &&
		r->records + a->excused == a->checkpoint.size)
		check_tell(&a->told, CHECK_NOTE,
			"the vault has %llu records that no entry names, left "
			"by appends that were cut short or never published",
			(unsigned long long)(a->in_vault - r->records));
}

static int open_checkpoint(struct check_all *a, struct err *err)
{
	bool found;

	if (keychain_read(a->c->vkey, a->arena, &a->keys, err) ||
		log_source_get(a->c->src, "checkpoint", CHECKPOINT_MAX,
			&a->note, &found, err))
		return -1;
	if (!found)
		return err_set(err, ERR_LOG, "'checkpoint' is missing");
	if (keychain_fetch(&a->keys, a->c->src, a->arena, err) ||
		keychain_open(&a->keys,
			a->c->state ? KEYCHAIN_OWN : KEYCHAIN_ON,
			buf_all(&a->note), a->arena, &a->checkpoint, &a->signer,
			err))
		return -1;
	if (a->signer > a->keys.at)
		check_tell(&a->told, CHECK_NOTE,
			"the key that was given was changed; the one that "
			"signs now follows from it by entry %llu",
			(unsigned long long)a->keys.link[a->signer - 1].size);
	return 0;
}

/* Those of the folder are in the log, each once. */
static void check_changes(struct check_all *a)
{
	if (a->changes >= a->keys.n || a->told.result->damaged ||
		a->told.result->unknown)
		return;
	check_tell(&a->told, CHECK_DAMAGE,
		"'" KEYCHAIN_FILE "' tells of %zu changes of the log's key, "
		"and the log of %zu",
		a->keys.n, a->changes);
}

/* Without a checkpoint there is still the high-water mark to go by. */
static int go_by_mark(struct check_all *a, struct err *err)
{
	struct highwater mark;

	if (!a->c->state ||
		highwater_read(
			store_path(&a->path, a->c->state, STORE_HIGHWATER),
			&mark, err))
		return -1;
	a->checkpoint.size = mark.size;
	memcpy(a->checkpoint.root, mark.root.b, HASH_LEN);
	return 0;
}

int log_check_run(const struct log_check *c, struct log_check_result *out,
	struct err *err)
{
	struct check_all a = {
		.arena = arena_new(CHECK_ARENA),
		.told = {c, out},
		.c = c,
		.note = BUF_INIT(CHECKPOINT_MAX),
		.room = BUF_INIT(RECORD_MAX),
		.path = PATH_BUF_INIT,
		.loose = c->state ? vaultpeek_open(c->state) : -1,
	};
	struct check_own own[WORKERS_MAX] = {{.arena = NULL}};
	const struct check_entries entries = {.quick = check_quick,
		.each = check_entry,
		.beside = c->state ? look_beside : NULL,
		.ctx = &a};
	bool by_mark = false, ours = c->state && !store_elsewhere(c->state);
	struct hash root;
	uint64_t passed;
	unsigned i;
	int ret = -1;

	for (i = 0; i < WORKERS_MAX; i++)
		a.own[i] = &own[i];
	memset(out, 0, sizeof(*out));
	a.pruned.a = a.arena;
	if (c->state)
		a.vault = vault_new(c->state);
	if (open_checkpoint(&a, err)) {
		if (err->code != ERR_LOG)
			goto out;
		check_tell_err(&a.told, err);
		err_clear(err);
		by_mark = true;
		if (go_by_mark(&a, err)) {
			ret = 0;
			goto out;
		}
	}
	out->size = a.checkpoint.size;
	memcpy(out->root.b, a.checkpoint.root, HASH_LEN);
	root = out->root;
	if (ours)
		check_key(&a);
	if (ours)
		check_journal(&a);
	if (c->state)
		read_gaps(&a);
	if (ours && !by_mark)
		check_mark(&a);
	passed = check_tree(&a.told, out->size, &root, &entries);
	if (c->state)
		out->records += passed;
	tell_missing(&a);
	check_changes(&a);
	if (c->state && !out->damaged && !out->unknown) {
		tell_vault(&a);
		check_index(&a);
	}
	ret = 0;
out:
	for (i = 0; i < WORKERS_MAX; i++) {
		arena_free(own[i].arena);
		free(own[i].record);
		vault_free(own[i].vault);
		buf_free(&own[i].packed);
	}
	io_close(a.loose);
	vault_free(a.vault);
	free(a.missing);
	gaps_free(&a.gaps);
	buf_free(&a.note);
	buf_free(&a.room);
	buf_free(&a.path);
	arena_free(a.arena);
	return ret;
}
