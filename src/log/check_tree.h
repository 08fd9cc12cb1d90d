/* The part of log/check.h that is about tiles and bundles. Private to it. */
#ifndef LOG_CHECK_TREE_H
#define LOG_CHECK_TREE_H

#include "log/check.h"

/* Told by check.c's own counter. */
struct check_told {
	const struct log_check *c;
	struct log_check_result *result;
};
void check_tell(struct check_told *t, enum check_word word, const char *fmt,
	...) PRINTF(3, 4);
/* check_tell_err(t, e): damage, or unknown when the system failed. */
void check_tell_err(struct check_told *t, const struct err *e);

/*
 * check_tree(t, size, root, each, ctx):
 * Compare every bundle and tile of a log of ${size} entries with each other
 * and with the signed root. ${each} gets every entry whose hash is the one
 * that was signed.
 */
void check_tree(struct check_told *t, uint64_t size, const struct hash *root,
	void (*each)(void *ctx, uint64_t n, struct span entry), void *ctx);

#endif
