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

/* What is to be done with the entries. */
struct check_entries {
	/*
	 * Whether all is well with entry ${n}, so that there is nothing to
	 * tell. Asked by several threads at once, numbered below WORKERS_MAX,
	 * about bytes that may yet turn out not to be those that were signed.
	 */
	bool (*quick)(
		void *ctx, unsigned worker, uint64_t n, struct span entry);
	/* Given every entry of which quick did not say so and whose hash is the
	 * one that was signed, in order. */
	void (*each)(void *ctx, uint64_t n, struct span entry);
	/* Something long that is done beside the others, by one thread. */
	void (*beside)(void *ctx);
	void *ctx;
};

/*
 * check_tree(t, size, root, entries):
 * Compare every bundle and tile of a log of ${size} entries with each other
 * and with the signed root. Answers how many entries quick vouched for.
 */
uint64_t check_tree(struct check_told *t, uint64_t size,
	const struct hash *root, const struct check_entries *entries);

#endif
