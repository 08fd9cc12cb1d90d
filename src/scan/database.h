/* The compiled form of all rules for the multi-pattern engine, kept on disk. */
#ifndef SCAN_DATABASE_H
#define SCAN_DATABASE_H

#include "parse/rulepack.h"
#include "port/multipattern.h"

/*
 * database_open(rules, n, digest, cache, out, err):
 * Load <cache>/hs-<key>.db, where the key is over ${digest} and the engine's
 * version; compile when it is not there, not ours (owner, mode), damaged or
 * from another kind of processor, and then try to write it. ${cache} may be
 * NULL.
 */
MUST_USE int database_open(const struct rule *const *rules, size_t n,
	const char *digest, const char *cache, struct multi **out,
	struct err *err);

#endif
