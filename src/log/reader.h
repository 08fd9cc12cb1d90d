/*
 * Reading a log, proven: nothing is answered that does not hash up to the root
 * of a checkpoint signed by the key that was asked for.
 */
#ifndef LOG_READER_H
#define LOG_READER_H

#include "base/arena.h"
#include "log/keychain.h"
#include "log/source.h"
#include "log/tree.h"

struct log_reader;

/*
 * log_open(src, vkey, out, err):
 * Read the checkpoint from ${src} and check it against the verifier key's text
 * ("name+hash+base64", and rotations: log/keychain.h). ${src} is handed over,
 * also on failure. ERR_LOG: there is no checkpoint, or it is signed neither by
 * that key nor by one that followed it; that it followed is an entry of the
 * log.
 */
MUST_USE int log_open(struct log_source *src, struct span vkey,
	struct log_reader **out, struct err *err);
/* log_open_copy(src, log, out, err): a copy of that log, which may be older
 * than its newest key. */
MUST_USE int log_open_copy(struct log_source *src, const struct log_reader *log,
	struct log_reader **out, struct err *err);
/* log_open_state(state, out, err): the log in a state folder, by its own key
 * (log.vkey). */
MUST_USE int log_open_state(
	const char *state, struct log_reader **out, struct err *err);
/* log_open_witnessed(state, out, err): the same as far as a quorum of the
 * witnesses has signed it (log/witnessed). ERR_LOG when none has yet. */
MUST_USE int log_open_witnessed(
	const char *state, struct log_reader **out, struct err *err);
void log_close(struct log_reader *r); /* NULL is fine */

uint64_t log_size(const struct log_reader *r);
const struct hash *log_root(const struct log_reader *r);
const char *log_origin(const struct log_reader *r);
const char *log_vkey(const struct log_reader *r); /* the trusted one */
/* log_keys(r): the keys it had, as its folder and the opener know them.
 * log_signer(r): the number of the one that signed its checkpoint.
 * log_knows(r, vkey): whether that is the text of one of them. */
const struct keychain *log_keys(const struct log_reader *r);
size_t log_signer(const struct log_reader *r);
bool log_knows(const struct log_reader *r, struct span vkey);
struct span log_checkpoint(const struct log_reader *r); /* the signed note */
struct log_source *log_source(struct log_reader *r);    /* borrowed */

/* log_entry(r, n, out, err): the bytes of entry ${n} in ${out} (emptied
 * first), shown to be in the tree. */
MUST_USE int log_entry(
	struct log_reader *r, uint64_t n, struct buf *out, struct err *err);

/*
 * log_each(r, from, root, each, ctx, err):
 * Call ${each} for every entry from ${from} to the end, in order; stops when
 * it answers -1. Bundles are read whole, and the root is computed along the
 * way and compared at the end: until this function has answered 0, what
 * ${each} was given is not proven. If ${root} is not NULL, it is the root the
 * caller knows of the first ${from} entries: ERR_LOG when this log does not
 * continue it.
 */
MUST_USE int log_each(struct log_reader *r, uint64_t from,
	const struct hash *root,
	int (*each)(void *ctx, uint64_t n, struct span entry, struct err *err),
	void *ctx, struct err *err);

/* log_inclusion(r, n, out, err): the proof that entry ${n} is in the log of
 * log_size(r) entries. It was checked. */
MUST_USE int log_inclusion(
	struct log_reader *r, uint64_t n, struct proof *out, struct err *err);
/* log_growth(r, first, out, root, err): the proof that the log continues the
 * one of its ${first} first entries (0 < first <= size), whose root is put in
 * ${root}. */
MUST_USE int log_growth(struct log_reader *r, uint64_t first, struct proof *out,
	struct hash *root, struct err *err);
/* log_root_at(r, size, out, err): the root of the first ${size} entries, as
 * the tiles have it, shown to lead to the signed root. */
MUST_USE int log_root_at(
	struct log_reader *r, uint64_t size, struct hash *out, struct err *err);

/* log_nodes(r): its tree as the tiles have it, not shown to be the one that was
 * signed. */
struct tree_nodes log_nodes(struct log_reader *r);

/* log_rotation(r, n, note, err): that entry ${n}, a change of keys by ${note},
 * is the one that log_keys has for it, with the root of the entries before. */
MUST_USE int log_rotation(
	struct log_reader *r, uint64_t n, struct span note, struct err *err);

/* log_holds(r, note): whether ${note} is a checkpoint under the log's signature
 * whose tree this log continues, or is. */
MUST_USE bool log_holds(struct log_reader *r, struct span note);

/* log_list(r, sha256, out, err): the side list of that digest, checked. */
#define LOG_LIST_MAX ((size_t)256 << 20)
MUST_USE int log_list(struct log_reader *r, const char *sha256, struct buf *out,
	struct err *err);

#endif
