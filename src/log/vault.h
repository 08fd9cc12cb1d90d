/*
 * The records of the log, read: each a file of its own, or in a pack with the
 * others of its 4096 entries (log/packing.h). Whoever reads need not know where
 * a record is; it is named by its digest either way, and that is checked.
 */
#ifndef LOG_VAULT_H
#define LOG_VAULT_H

#include "base/buf.h"

#define STORE_PACKS "vault/pack" /* <number, 6 digits>.pack */

struct vault;

/* vault_new(state): of the log in that state folder. Nothing is opened yet; a
 * pack and a block of it are kept for the next question. */
struct vault *vault_new(const char *state);
void vault_free(struct vault *v); /* NULL is fine */

/*
 * vault_record(v, n, sha256, out, found, err):
 * The record of entry ${n}, which has that digest, in ${out} (emptied first). A
 * record that is moved into a pack meanwhile is found. ERR_LOG: it is there,
 * and it or its pack is damaged.
 */
MUST_USE int vault_record(struct vault *v, uint64_t n, const char *sha256,
	struct buf *out, bool *found, struct err *err);

/* vault_read(state, n, sha256, out, found, err): the same, for one record. */
MUST_USE int vault_read(const char *state, uint64_t n, const char *sha256,
	struct buf *out, bool *found, struct err *err);

/* vault_packed(v, n, sha256, out, found, err): the same out of the pack of
 * entry ${n}, as it is now. */
MUST_USE int vault_packed(struct vault *v, uint64_t n, const char *sha256,
	struct buf *out, bool *found, struct err *err);

/* vault_has(v, n, sha256, found, err): whether the record is there, unread. */
MUST_USE int vault_has(struct vault *v, uint64_t n, const char *sha256,
	bool *found, struct err *err);

/* vault_in_packs(v, sha256, found, err): whether any pack has it, unread. */
MUST_USE int vault_in_packs(
	struct vault *v, const char *sha256, bool *found, struct err *err);

/* vault_from_packs(v, sha256, out, found, err): the record, out of any pack. */
MUST_USE int vault_from_packs(struct vault *v, const char *sha256,
	struct buf *out, bool *found, struct err *err);

/* vault_packs(v, n, sha256, found, err): whether the pack of entry ${n} has
 * that record, unread. */
MUST_USE int vault_packs(struct vault *v, uint64_t n, const char *sha256,
	bool *found, struct err *err);

/* vault_covers(v, number, to, err): up to which entry the pack of that number
 * was made; 0 when there is none. */
MUST_USE int vault_covers(
	struct vault *v, uint64_t number, uint64_t *to, struct err *err);

/* vault_each(state, each, ctx, err): the digest of every record that is a file
 * of its own; stops when ${each} answers -1. */
MUST_USE int vault_each(const char *state,
	int (*each)(void *ctx, const char *sha256, struct err *err), void *ctx,
	struct err *err);

/* vault_count(v, n, err): records that are there, each once. */
MUST_USE int vault_count(struct vault *v, uint64_t *n, struct err *err);

/* vault_pack_path(out, state, number): where a pack is. */
const char *vault_pack_path(
	struct buf *out, const char *state, uint64_t number);

/* vault_shared(state): whether the vault's folder lets its group read, as the
 * records then do as well: logd keeps it, and the gate reads it. */
bool vault_shared(const char *state);

#endif
