#include "log/logdrules.h"

#include "base/clock.h"
#include "base/text.h"
#include "log/tiles.h"
#include "parse/bundle.h"
#include "parse/entry.h"
#include "parse/tilepath.h"

#define ARENA_MAX ((size_t)16 << 20)
/* Two clocks of one machine, one of them read before a step back. */
#define AHEAD_MAX 5

static int may_kind(const struct logdconf_peer *peer, const struct entry *e,
	struct err *err)
{
	size_t i;

	if (e->kind >= RECORD_KINDS || !peer->append[e->kind]) {
		err_set(err, ERR_LOG, "this account may not append '%s'",
			record_kind_name(e->kind));
		return err_hint(err,
			"\"append\" in logd's configuration says what it may");
	}
	for (i = 0; i < peer->nrepository; i++)
		if (text_glob(span_str(peer->repository[i]), e->repository))
			break;
	if (!peer->nrepository || i < peer->nrepository)
		return 0;
	err_set(err, ERR_LOG, "this account does not gate '%.*s'",
		SPAN_FMT(e->repository));
	return err_hint(err,
		"\"repositories\" in logd's configuration says what it gates");
}

/* Keys were judged at that time, so it stays; but it has to be now. */
static int may_time(
	const struct logdrules *r, const struct entry *e, struct err *err)
{
	int64_t t;

	if (clock_read(e->time, &t) && t <= r->now + AHEAD_MAX &&
		t >= r->now - r->max_age)
		return 0;
	err_set(err, ERR_LOG, "the record is of %.*s, which is not now",
		SPAN_FMT(e->time));
	return err_hint(err,
		"a push that takes longer than \"max_age\" in logd's "
		"configuration needs a larger one");
}

/* Entry ${n} as its tile has it. */
static int entry_at(struct log_source *src, uint64_t size, uint64_t n,
	struct arena *arena, struct entry *out, struct err *err)
{
	struct tiles *tiles = tiles_new(src, size);
	struct buf room = BUF_INIT(BUNDLE_MAX);
	const struct hash *hashes;
	struct bundle bundle;
	struct span bytes;
	struct hash leaf;
	unsigned width, at = (unsigned)(n % TILE_WIDTH);
	int ret = -1;

	if (tiles_bundle(tiles, n / TILE_WIDTH, &room, &bundle, err) ||
		tiles_hashes(tiles, 0, n / TILE_WIDTH, &hashes, &width, err))
		goto out;
	if (at >= bundle.n || at >= width) {
		err_set(err, ERR_LOG, "entry %llu is not in its bundle",
			(unsigned long long)n);
		goto out;
	}
	bytes = bundle.entry[at];
	leaf = tree_leaf(bytes);
	if (!hash_eq(&leaf, &hashes[at])) {
		err_set(err, ERR_LOG,
			"entry %llu in its bundle is not the one that was "
			"signed",
			(unsigned long long)n);
		goto out;
	}
	ret = entry_parse(bytes, arena, out, err);
out:
	buf_free(&room);
	tiles_free(tiles);
	return ret;
}

static bool has_update(const struct entry *e, const struct entry_update *u)
{
	size_t i;

	for (i = 0; i < e->nupdate; i++)
		if (span_eq(e->update[i].ref, u->ref) &&
			oid_eq(&e->update[i].old, &u->old) &&
			oid_eq(&e->update[i].new, &u->new))
			return true;
	return false;
}

/* Very many updates stand in a list apart: those are not compared. */
static bool belongs(const struct entry *outcome, const struct entry *decision)
{
	size_t i;

	if (decision->kind != RECORD_DECISION || !decision->admitted ||
		!span_eq(decision->repository, outcome->repository))
		return false;
	if (decision->updates_list.sha256[0] || outcome->updates_list.sha256[0])
		return true;
	for (i = 0; i < outcome->nupdate; i++)
		if (!has_update(decision, &outcome->update[i]))
			return false;
	return true;
}

static int may_follow(const struct entry *e, struct log_source *src,
	uint64_t size, struct arena *arena, struct err *err)
{
	struct entry decision;

	if (!e->settles)
		return 0;
	if (e->decision < size) {
		if (entry_at(src, size, e->decision, arena, &decision, err))
			return -1;
		if (belongs(e, &decision))
			return 0;
	}
	return err_set(err, ERR_LOG,
		"entry %llu is no decision that let these updates in",
		(unsigned long long)e->decision);
}

int logdrules_may(const struct logdrules *r, const struct logdconf_peer *peer,
	struct span entry, struct log_source *src, uint64_t size,
	struct err *err)
{
	struct arena *arena = arena_new(ARENA_MAX);
	struct entry e;
	int ret = -1;

	if (!entry_parse(entry, arena, &e, err) && !may_kind(peer, &e, err) &&
		!may_time(r, &e, err) && !may_follow(&e, src, size, arena, err))
		ret = 0;
	arena_free(arena);
	return ret;
}
