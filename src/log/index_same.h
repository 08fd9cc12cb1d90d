/*
 * Whether the index says what the log says, without building another one: the
 * log is read once, and the tables beside it in their own order. What follows
 * from an entry is told here a second time, in C where log/index_build.c has
 * SQL, so each is held against the other.
 */
#ifndef LOG_INDEX_SAME_H
#define LOG_INDEX_SAME_H

#include <stdbool.h>

/* index_is_same(state): true if it holds what it should of the entries that it
 * covers. False says nothing; index_check tells. */
bool index_is_same(const char *state);

#endif
