/*
 * What a command on the log's key left when it was killed: the file that it
 * wrote aside. It may hold the secret, even one that was to be encrypted, and
 * nobody ever reads it.
 */
#ifndef LOG_KEYASIDE_H
#define LOG_KEYASIDE_H

#include <stdbool.h>

#include "base/buf.h"

/* keyaside_find(state, name, found, err): the name of one in the state folder,
 * in ${name}, reset first. Under the log's lock, or it may be at work. */
MUST_USE int keyaside_find(
	const char *state, struct buf *name, bool *found, struct err *err);

/* keyaside_drop(state, err): remove all of them. For who holds the lock. */
MUST_USE int keyaside_drop(const char *state, struct err *err);

#endif
