#include "log/recover.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/text.h"
#include "log/appender.h"
#include "log/gaps.h"
#include "log/keychain.h"
#include "log/mirror.h"
#include "log/store.h"
#include "log/vault.h"
#include "log/witnessed.h"
#include "parse/checkpoint.h"
#include "parse/entry.h"

#define ARENA_MAX ((size_t)4 << 20)
#define ENTRY_ARENA ((size_t)1 << 30)
/* "<size> <time>": since when the witnesses are asked about that size. */
#define RECOVER_ASKED "recover-asked"
#define ASKED_MAX 100

struct recovery {
	struct appender *a;
	const struct recover_ask *ask;
	struct recover_result *out;
	struct err why; /* that the log does not sign */
	bool lost;      /* there is no high-water mark */
};

/* Whether the log signs as it is now. -1: that could not be told. */
static int signs(struct recovery *r, bool *yes, struct err *err)
{
	struct err e = ERR_INIT;

	*yes = false;
	journal_close(&r->a->journal);
	if (!appender_settle(r->a, &e)) {
		*yes = true;
		return 0;
	}
	if (e.code != ERR_LOG && (e.code != ERR_SYS || e.sys != ENOENT)) {
		*err = e;
		return -1;
	}
	r->why = e;
	return 0;
}

/* The journal's entries, as if the machine had stopped. */
static int by_journal(struct recovery *r, bool *yes, struct err *err)
{
	const char *path = appender_path(r->a, STORE_JOURNAL);
	struct err none = ERR_INIT;
	bool found;
	int ret = 0;

	journal_close(&r->a->journal);
	if (journal_open(path, &r->a->journal, &found, &none) || !found ||
		!r->a->journal.n)
		return 0;
	ret = journal_distrust(path, &r->a->journal, err);
	if (!ret)
		ret = signs(r, yes, err);
	if (!ret && *yes)
		r->out->answer = RECOVER_JOURNAL;
	return ret;
}

/* Runs of entries whose records are not in the vault. */
struct missing {
	struct recovery *r;
	struct gaps known;
	struct vault *vault;
	uint64_t from, to;
};

static int missing_end(struct missing *m, struct err *err)
{
	if (m->to == m->from)
		return 0;
	m->r->out->without += m->to - m->from;
	return gaps_add(m->r->a->state, GAP_RECOVERED, m->from, m->to,
		m->r->ask->now, err);
}

static int missing_entry(
	void *ctx, uint64_t n, struct span text, struct err *err)
{
	struct arena *arena = arena_new(ENTRY_ARENA);
	struct missing *m = ctx;
	struct entry e;
	bool there = gaps_excuse(&m->known, n);
	int ret = entry_parse(text, arena, &e, err);

	if (!ret && !there)
		ret = vault_has(m->vault, n, e.record, &there, err);
	if (!ret && !there) {
		if (m->to != n || m->from == m->to) {
			ret = missing_end(m, err);
			m->from = n;
		}
		m->to = n + 1;
	}
	arena_free(arena);
	return ret;
}

/* Said before the log's checkpoint says that they are there; ${own} is the one
 * of before, if there is any. */
static int name_missing(
	struct recovery *r, const struct checkpoint *own, struct err *err)
{
	struct missing m = {.r = r};
	uint64_t from = own ? own->size : 0;
	struct hash root;
	int ret;

	/* Otherwise nothing will be copied. */
	if (from > log_size(r->ask->mirror))
		return 0;
	if (own) {
		if (log_root_at(r->ask->mirror, from, &root, err))
			return -1;
		if (memcmp(root.b, own->root, HASH_LEN))
			return 0;
	}
	if (gaps_read(r->a->state, &m.known, err))
		return -1;
	m.vault = vault_new(r->a->state);
	ret = log_each(r->ask->mirror, from, NULL, missing_entry, &m, err);
	if (!ret)
		ret = missing_end(&m, err);
	vault_free(m.vault);
	gaps_free(&m.known);
	return ret;
}

static int not_continued(
	const struct mirror_result *m, const char *state, struct err *err)
{
	if (m->answer == MIRROR_SHRUNK) {
		err_set(err, ERR_LOG,
			"the mirror has fewer entries than the log, which has "
			"%llu",
			(unsigned long long)m->was);
		return err_hint(err, "give a newer mirror");
	}
	err_set(err, ERR_LOG,
		"the mirror does not continue the log: its key has signed two "
		"histories");
	return err_hint(err,
		"both checkpoints are in '%s/" STORE_LOG "/" MIRROR_FORK
		"'; see docs/recovery.md",
		state);
}

/* Where something other than this folder says that the log ends. */
static int mark_anew(struct recovery *r, uint64_t size, const struct hash *root,
	struct err *err)
{
	if (highwater_write(
		    appender_path(r->a, STORE_HIGHWATER), size, root, err))
		return -1;
	r->lost = false;
	r->out->mark = true;
	return 0;
}

static int by_mirror(struct recovery *r, const struct checkpoint *own,
	bool *yes, struct err *err)
{
	struct log_reader *mirror = r->ask->mirror;
	struct appender *a = r->a;
	struct buf dir = PATH_BUF_INIT;
	struct mirror_result m;
	struct err none = ERR_INIT;
	bool found;
	int ret = -1;

	store_path(&dir, a->state, STORE_LOG);
	if (name_missing(r, own, err) ||
		mirror_run(mirror, buf_cstr(&dir), &m, err))
		goto out;
	if (m.answer != MIRROR_CURRENT) {
		not_continued(&m, a->state, err);
		goto out;
	}
	r->out->was = m.was;
	if (r->lost && mark_anew(r, m.size, log_root(mirror), err))
		goto out;
	/* A journal of what the mirror has says nothing more. */
	journal_close(&a->journal);
	if (!journal_open(appender_path(a, STORE_JOURNAL), &a->journal, &found,
		    &none) &&
		found && a->journal.synced + a->journal.n <= m.size &&
		journal_create(appender_path(a, STORE_JOURNAL), m.size,
			log_root(mirror), err))
		goto out;
	ret = signs(r, yes, err);
	if (!ret && *yes)
		r->out->answer = m.size > m.was || r->out->mark
			? RECOVER_MIRROR
			: RECOVER_NOTHING;
out:
	buf_free(&dir);
	return ret;
}

/* The log's checkpoint, of its key. */
static int own_checkpoint(struct appender *a, struct arena *arena,
	struct buf *note, struct checkpoint *out, struct err *err)
{
	buf_reset(note);
	if (io_read_file(appender_path(a, STORE_CHECKPOINT), note, err))
		return -1;
	return checkpoint_open(&a->key.public, buf_all(note), arena, out, err);
}

/* Since when; 0 when they are not being asked. */
static int64_t asked_since(struct appender *a, uint64_t size, int64_t now)
{
	struct buf text = BUF_INIT(ASKED_MAX);
	struct err none = ERR_INIT;
	struct span s, digits;
	int64_t since = 0, t;
	uint64_t n;
	size_t at;

	if (io_read_file(appender_path(a, RECOVER_ASKED), &text, &none))
		goto out;
	s = span_trim(buf_all(&text));
	at = span_find(s, ' ');
	digits = span_sub(s, 0, at);
	if (at != SIZE_MAX && text_to_u64(digits, LOG_SIZE_MAX, &n) &&
		n == size && clock_read(span_from(s, at + 1), &t) && t <= now &&
		t >= now - RECOVER_ASKED_S)
		since = t;
out:
	buf_free(&text);
	return since;
}

static int ask_from_now(
	struct appender *a, uint64_t size, int64_t now, struct err *err)
{
	struct buf text = BUF_INIT(ASKED_MAX);
	char when[CLOCK_TEXT_MAX];
	int ret;

	clock_text(now, when);
	buf_fmt(&text, "%llu %s\n", (unsigned long long)size, when);
	ret = io_replace(
		appender_path(a, RECOVER_ASKED), buf_all(&text), 0600, err);
	buf_free(&text);
	return ret;
}

/* As the log alone signed it, for the witnesses to sign. */
static int ask_anew(
	struct appender *a, const struct note *note, struct err *err)
{
	struct buf bare = BUF_INIT(CHECKPOINT_MAX);
	size_t i;
	int ret;

	buf_span(&bare, note->text);
	note_split(&bare);
	for (i = 0; i < note->nsigs; i++)
		if (!memcmp(note->sigs[i].id, a->key.public.id, NOTE_ID_LEN))
			note_add_sig(&bare, note->sigs[i].name,
				note->sigs[i].id, note->sigs[i].bytes);
	ret = io_replace(
		appender_path(a, WITNESSED_ASKED), buf_all(&bare), 0644, err);
	buf_free(&bare);
	return ret;
}

/* Enough have signed since then, and too few have not. */
static bool enough(
	const struct tlogpolicy *p, const struct witnessed *w, int64_t since)
{
	bool fresh[TLOGPOLICY_NODES_MAX], rest[TLOGPOLICY_NODES_MAX];
	size_t i;

	for (i = 0; i < p->nnode; i++) {
		fresh[i] = w->cosigned[i] && w->time[i] >= (uint64_t)since;
		rest[i] = !p->node[i].member && !fresh[i];
	}
	return p->quorum && tlogpolicy_met(p, fresh) &&
		!tlogpolicy_met(p, rest);
}

/* Whether the witnesses vouch for that checkpoint as the newest. */
static int vouched(struct recovery *r, struct arena *arena,
	const struct checkpoint *c, const struct note *own, struct err *err)
{
	struct appender *a = r->a;
	int64_t since = asked_since(a, c->size, r->ask->now);
	struct buf asked = BUF_INIT(CHECKPOINT_MAX);
	struct err none = ERR_INIT;
	struct checkpoint seen;
	struct tlogpolicy p;
	struct witnessed w;
	struct note note;
	int ret = -1;

	if (witnessed_policy(
		    appender_path(a, WITNESSED_POLICY), arena, &p, err))
		goto out;
	/* What they signed before they were asked does not say that they have
	 * seen no more since. */
	if (since &&
		!io_read_file(
			appender_path(a, WITNESSED_ASKED), &asked, &none) &&
		!checkpoint_open(
			&a->key.public, buf_all(&asked), arena, &seen, &none) &&
		seen.size == c->size && !memcmp(seen.root, c->root, HASH_LEN) &&
		!note_parse(buf_all(&asked), arena, &note, &none)) {
		if (witnessed_by(&p, &note, &w, err))
			goto out;
		if (enough(&p, &w, since)) {
			ret = 0;
			goto out;
		}
	}
	if ((!since && ask_from_now(a, c->size, r->ask->now, err)) ||
		ask_anew(a, own, err))
		goto out;
	err_set(err, ERR_LOG,
		"too few witnesses have signed since they were asked that %llu "
		"entries are the newest they know",
		(unsigned long long)c->size);
	err_hint(err,
		"run 'sluice log witness' within the hour, and then this "
		"again; those who do not sign must be no quorum by themselves");
out:
	buf_free(&asked);
	return ret;
}

/* What was promised past the checkpoint is given up, and said so. */
static int give_up(struct recovery *r, const struct checkpoint *c,
	uint64_t mark, struct err *err)
{
	struct appender *a = r->a;
	struct buf aside = PATH_BUF_INIT;
	struct hash root;
	int ret = -1;

	memcpy(root.b, c->root, HASH_LEN);
	if (gaps_add(a->state, GAP_LOST, c->size, mark, r->ask->now, err))
		goto out;
	/* Its records are all that is left of them. */
	journal_close(&a->journal);
	buf_fmt(&aside, "%s/" STORE_JOURNAL ".lost-%llu", a->state,
		(unsigned long long)mark);
	if (rename(appender_path(a, STORE_JOURNAL), buf_cstr(&aside)) &&
		errno != ENOENT) {
		err_sys(err, "cannot rename to '%s'", buf_cstr(&aside));
		goto out;
	}
	if (io_sync_dir(a->state, err) ||
		highwater_write(
			appender_path(a, STORE_HIGHWATER), c->size, &root, err))
		goto out;
	ret = 0;
out:
	buf_free(&aside);
	return ret;
}

static int by_witnesses(struct recovery *r, bool *yes, struct err *err)
{
	struct arena *arena = arena_new(ARENA_MAX);
	struct buf text = BUF_INIT(CHECKPOINT_MAX);
	struct checkpoint c;
	struct hash root;
	struct note own;
	int ret = -1;

	if (own_checkpoint(r->a, arena, &text, &c, err) ||
		note_parse(buf_all(&text), arena, &own, err))
		goto out;
	/* A log that is not behind has another trouble. */
	if (!r->lost && c.size >= r->out->signed_before) {
		*err = r->why;
		goto out;
	}
	memcpy(root.b, c.root, HASH_LEN);
	if (vouched(r, arena, &c, &own, err) ||
		(r->lost ? mark_anew(r, c.size, &root, err)
			 : give_up(r, &c, r->out->signed_before, err)) ||
		signs(r, yes, err))
		goto out;
	if (*yes)
		r->out->answer = RECOVER_WITNESSED;
	ret = 0;
out:
	buf_free(&text);
	arena_free(arena);
	return ret;
}

/* What the log has now is the least it ever signed. */
static int settle_high(struct appender *a, struct err *err)
{
	const char *path = appender_path(a, STORE_HIGHWATER);
	struct hash root = tree_range_root(&a->range);

	if (a->mark.size >= a->size)
		return 0;
	if (highwater_raise(path, &a->mark, a->size, &root, true, err))
		return -1;
	return highwater_settle(path, &a->mark, err);
}

static int refuse(const struct recovery *r, struct err *err)
{
	err_set(err, ERR_LOG, "%s", r->why.text);
	return err_hint(err,
		r->lost ? "give a mirror that has all of the log with "
			  "--mirror, or let the witnesses say with "
			  "--witnessed; see docs/recovery.md"
			: r->ask->mirror
			? "the mirror has not all of it: give a newer one, or "
			  "add --witnessed to let the witnesses decide; see "
			  "docs/recovery.md"
			: "give a copy that has more with --mirror, or let the "
			  "witnesses decide with --witnessed; see "
			  "docs/recovery.md");
}

static int recover(struct recovery *r, struct err *err)
{
	struct appender *a = r->a;
	struct arena *arena = arena_new(ARENA_MAX);
	struct buf text = BUF_INIT(CHECKPOINT_MAX);
	struct err none = ERR_INIT;
	struct checkpoint c, *own = NULL;
	bool yes = false;
	int ret = -1;

	if (highwater_read(appender_path(a, STORE_HIGHWATER), &a->mark, err)) {
		if (!a->mark.lost)
			goto out;
		r->lost = true;
		r->why = *err;
		err_clear(err);
	}
	r->out->signed_before = a->mark.size;
	if (!own_checkpoint(a, arena, &text, &c, &none))
		own = &c;
	r->out->was = own ? c.size : 0;
	if (r->ask->mirror ? by_mirror(r, own, &yes, err)
			   : !r->lost && signs(r, &yes, err))
		goto out;
	if (!yes && !r->lost && by_journal(r, &yes, err))
		goto out;
	if (!yes && r->ask->witnessed && by_witnesses(r, &yes, err))
		goto out;
	if (!yes) {
		refuse(r, err);
		goto out;
	}
	if (settle_high(a, err))
		goto out;
	r->out->size = a->size;
	ret = 0;
out:
	buf_free(&text);
	arena_free(arena);
	return ret;
}

int recover_run(const char *state, const struct recover_ask *ask,
	struct recover_result *out, struct err *err)
{
	struct appender a = APPENDER_NONE;
	struct recovery r = {.a = &a, .ask = ask, .out = out};
	int ret = -1;

	*out = (struct recover_result){.answer = RECOVER_NOTHING};
	if (!appender_open(&a, state, err))
		ret = recover(&r, err);
	appender_close(&a);
	return ret;
}
