/* The fast readers of entries and records, held against the others. */
#ifndef SUPPORT_ENTRIES_H
#define SUPPORT_ENTRIES_H

#include "parse/entryscan.h"
#include "parse/recordscan.h"

static inline bool entries_same_lists(
	const struct entry *a, const struct entry *b)
{
	size_t i;

	if (a->nupdate != b->nupdate || a->ncommit != b->ncommit ||
		a->nwaiver != b->nwaiver || a->nfinding != b->nfinding)
		return false;
	for (i = 0; i < a->nupdate; i++)
		if (!span_eq(a->update[i].ref, b->update[i].ref) ||
			!oid_eq(&a->update[i].old, &b->update[i].old) ||
			!oid_eq(&a->update[i].new, &b->update[i].new))
			return false;
	for (i = 0; i < a->ncommit; i++)
		if (!oid_eq(&a->commit[i], &b->commit[i]))
			return false;
	for (i = 0; i < a->nwaiver; i++)
		if (!oid_eq(&a->waiver[i], &b->waiver[i]))
			return false;
	for (i = 0; i < a->nfinding; i++)
		if (!span_eq(a->finding[i].id, b->finding[i].id) ||
			a->finding[i].count != b->finding[i].count)
			return false;
	return true;
}

/* entries_same(a, b): in every field. */
static inline bool entries_same(const struct entry *a, const struct entry *b)
{
	return a->kind == b->kind && span_eq(a->repository, b->repository) &&
		span_eq(a->time, b->time) && a->verdict == b->verdict &&
		a->observe == b->observe && a->admitted == b->admitted &&
		span_eq(a->pusher, b->pusher) &&
		span_eq(a->policy, b->policy) &&
		!strcmp(a->certificate, b->certificate) &&
		a->settles == b->settles && a->decision == b->decision &&
		!strcmp(a->updates_list.sha256, b->updates_list.sha256) &&
		a->updates_list.count == b->updates_list.count &&
		!strcmp(a->commits_list.sha256, b->commits_list.sha256) &&
		a->commits_list.count == b->commits_list.count &&
		!strcmp(a->record, b->record) && entries_same_lists(a, b);
}

/* entries_agree(in, a): what the fast way takes the other one takes as well,
 * and reads the same. */
static inline bool entries_agree(struct span in, struct arena *a)
{
	struct err err = ERR_INIT;
	struct entry slow, fast;

	return !entry_scan(in, a, &fast) ||
		(!entry_read(in, a, &slow, &err) && entries_same(&fast, &slow));
}

/*
 * records_agree(in, taken, t):
 * The same for a record that the other way has ${taken} and made ${t} of:
 * whatever has no lists follows from it, and no other entry does. ${t} is
 * changed.
 */
static inline bool records_agree(
	struct span in, bool taken, struct entry_text *t)
{
	struct span sha256 = span_str(t->record), entry = buf_all(&t->entry);
	bool scans = record_scans(in);
	struct span named;

	if (!taken)
		return !scans;
	if (record_gives(in, sha256, entry, UINT64_MAX) !=
			(scans && !t->nlists) ||
		!record_named(entry, &named) || !span_eq(named, sha256))
		return false;
	t->entry.p[in.n % entry.n] ^= (unsigned char)(1u << in.n / 7 % 8);
	return !record_gives(in, sha256, entry, UINT64_MAX);
}

#endif
