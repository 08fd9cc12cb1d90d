/* Where rule packs come from: this program, or a file. */
#ifndef SCAN_PACK_H
#define SCAN_PACK_H

#include "parse/rulepack.h"

/* A pack and the SHA-256 of the bytes it was read from, in hex. */
struct pack {
	const struct rulepack *rules;
	char digest[65];
};

/*
 * pack_read(name, arena, out, err):
 * "builtin" is the pack inside this program (policies/secrets/builtin.json at
 * build time); "gitleaks:FILE" is a gitleaks.toml (scan/leakpack.h);
 * anything else is the path of a file.
 */
MUST_USE int pack_read(const char *name, struct arena *arena, struct pack *out,
	struct err *err);

/* pack_of(text, arena, out, err): a pack from its bytes. */
MUST_USE int pack_of(struct span text, struct arena *arena, struct pack *out,
	struct err *err);

#endif
