/*
 * Many regular expressions over the same bytes at once (Hyperscan). It tells
 * near what candidates may start; port/pattern.h then decides.
 *
 * The promise to the caller: for every item, and for every range of bytes that
 * its expression can match,
 *	MULTI_EXACT	an end is reported that is not past that of the range,
 *			and at most multi_width() bytes behind its start;
 *	MULTI_PRESENT	the item is reported at least once;
 *	MULTI_WORDS	the same, and so it is in any bytes that hold one of its
 *			words, none of which is longer than multi_width();
 *	MULTI_ALWAYS	nothing is promised: the caller must look itself.
 * More may be reported than there is; never less.
 */
#ifndef PORT_MULTIPATTERN_H
#define PORT_MULTIPATTERN_H

#include "base/buf.h"

struct multi;

struct multi_item {
	struct span text; /* the expression, in the dialect of pattern.h */
	/* Literals of which, but for ASCII case, every match contains one;
	 * used when the engine cannot take the expression. May be empty. */
	const struct span *words;
	size_t nwords;
};

enum multi_kind {
	MULTI_ALWAYS,
	MULTI_PRESENT,
	MULTI_WORDS,
	MULTI_EXACT
};

#define MULTI_ITEMS_MAX 4096
/* The longest input of one search. */
#define MULTI_INPUT_MAX ((size_t)1 << 31)

/*
 * multi_new(items, n, out, err):
 * Compile; items are known by their index. Takes about 3 ms an item. Fails
 * (ERR_SYS) where the processor lacks SSSE3, which the engine needs.
 */
MUST_USE int multi_new(const struct multi_item *items, size_t n,
	struct multi **out, struct err *err);
/* multi_share(m, out, err): the same patterns for another thread. Either may
 * be freed first. */
MUST_USE int multi_share(
	const struct multi *m, struct multi **out, struct err *err);
/* multi_free(m): NULL is fine. */
void multi_free(struct multi *m);

/*
 * multi_save(m, out): the compiled form as bytes.
 * multi_load(s, out, err): and back. Refuses (ERR_INPUT) bytes that are cut,
 * changed, or from another version of the engine or kind of processor; it does
 * not tell whose expressions they are, nor resist a forger.
 */
MUST_USE int multi_save(
	const struct multi *m, struct buf *out, struct err *err);
MUST_USE int multi_load(struct span s, struct multi **out, struct err *err);

/* multi_engine(): name and version of the engine, for cache keys. */
const char *multi_engine(void);

size_t multi_count(const struct multi *m);
enum multi_kind multi_kind(const struct multi *m, size_t item);
/* MULTI_EXACT and MULTI_WORDS only. Less than multi_reach() where the names
 * that an expression begins with are looked for (parse/regexnames.h). */
size_t multi_width(const struct multi *m, size_t item);
/* multi_reach(m, item): no match is longer, and none looks further than two
 * bytes past its ends; SIZE_MAX when that is not known. */
size_t multi_reach(const struct multi *m, size_t item);

/*
 * multi_scan(m, s, found, ctx, err):
 * Call found(ctx, item, end) for every candidate. Items come in any order.
 */
MUST_USE int multi_scan(struct multi *m, struct span s,
	void (*found)(void *ctx, size_t item, size_t end), void *ctx,
	struct err *err);

/*
 * multi_confirm(m, s, found, ctx, err):
 * For items for which multi_confirms() is true, a second look at all of the
 * bytes. Those of kind MULTI_WORDS, without a reach, are reported if they
 * match, with any end; those of kind MULTI_EXACT, found by their names, with
 * every end of every match, none of which is longer than multi_reach().
 */
MUST_USE int multi_confirm(struct multi *m, struct span s,
	void (*found)(void *ctx, size_t item, size_t end), void *ctx,
	struct err *err);
bool multi_confirms(const struct multi *m, size_t item);

#endif
