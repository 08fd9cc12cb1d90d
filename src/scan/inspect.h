/*
 * What stands between an object's bytes and the scanner.
 *
 * One input may hold more than what it says as it stands: text that is written
 * in another way, members of an archive. The inspector makes each such view of
 * the input, has the scanner read it, and tells all that was found as one
 * result, with places in the input as it was given, or in the member.
 */
#ifndef SCAN_INSPECT_H
#define SCAN_INSPECT_H

#include "scan/reveal.h"
#include "scan/scanner.h"
#include "scan/unpack.h"

/* A scanner with what is needed to look through its eyes; for one thread. */
struct inspector;

/* inspector_new(s, depth): the scanner becomes the inspector's, and is freed
 * with it. ${depth}: how often text may be encoded, 0 to REVEAL_DEPTH_MAX. */
struct inspector *inspector_new(struct scanner *s, unsigned depth);
/* inspector_unpack(in, setup): from now on look into archives as well; that one
 * cannot be looked into makes an input SCAN_NOT_DONE. */
void inspector_unpack(struct inspector *in, const struct unpack_setup *setup);
/* inspector_clone(in, out, err): for another thread, as scanner_clone. */
MUST_USE int inspector_clone(
	const struct inspector *in, struct inspector **out, struct err *err);
void inspector_free(struct inspector *in); /* NULL is fine */

/* inspector_digest(in): scanner_digest. */
const char *inspector_digest(const struct inspector *in);

/* inspect_scan(in, bytes, path, arena, out, err): scanner_scan, of all that
 * ${bytes} hold. */
MUST_USE int inspect_scan(struct inspector *in, struct span bytes,
	struct span path, struct arena *arena, struct scan_result *out,
	struct err *err);

/* What one blob leaves for those made from it: struct scan_carry, of all that
 * the blob holds. */
struct inspect_carry;
struct inspect_carry *inspect_carry_new(void);
void inspect_carry_free(struct inspect_carry *c); /* NULL is fine */
void inspect_carry_old(struct inspect_carry *c);  /* scan_carry_old */

/* inspect_open, inspect_new: scanner_scan_open and scanner_scan_new, with the
 * same promise: what inspect_new finds is what inspect_open does. */
MUST_USE int inspect_open(struct inspector *in, struct span bytes,
	struct inspect_carry *carry, struct arena *arena,
	struct scan_result *out, struct err *err);
MUST_USE int inspect_new(struct inspector *in, struct span bytes,
	const struct scan_copy *copy, size_t ncopy,
	const struct inspect_carry *base, struct inspect_carry *carry,
	struct arena *arena, struct scan_result *out, struct err *err);

/* inspect_settle(in, path, r, err): scanner_settle. */
MUST_USE int inspect_settle(struct inspector *in, struct span path,
	struct scan_result *r, struct err *err);

/* inspect_path(in, path, arena, out, err): scanner_scan_path. */
MUST_USE int inspect_path(struct inspector *in, struct span path,
	struct arena *arena, struct scan_result *out, struct err *err);

/* inspect_stands(in, hit, path, commit, out, err): scanner_stands. */
MUST_USE int inspect_stands(struct inspector *in, const struct scan_hit *hit,
	struct span path, const char *commit, bool *out, struct err *err);

#endif
