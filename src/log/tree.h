/*
 * The Merkle tree (RFC 6962 section 2.1): leaf = SHA-256(0x00 entry), node =
 * SHA-256(0x01 left right), split at the largest power of two below the size.
 */
#ifndef LOG_TREE_H
#define LOG_TREE_H

#include "base/err.h"
#include "base/span.h"
#include "parse/tlogproof.h"

struct hash {
	unsigned char b[HASH_LEN];
};

struct hash tree_leaf(struct span entry);
struct hash tree_node(const struct hash *left, const struct hash *right);
bool hash_eq(const struct hash *a, const struct hash *b);

/*
 * The state needed to append: the root of each perfect subtree, largest first,
 * one for each bit that is set in the size.
 */
struct tree_range {
	struct hash node[64];
	unsigned n;
	uint64_t size;
};
#define TREE_RANGE_EMPTY ((struct tree_range){.n = 0, .size = 0})

void tree_range_add(struct tree_range *r, const struct hash *leaf);
struct hash tree_range_root(const struct tree_range *r);

/*
 * Where nodes come from: the root of the perfect subtree of 2^level leaves
 * that starts at leaf index*2^level.
 */
struct tree_nodes {
	int (*get)(void *ctx, unsigned level, uint64_t index, struct hash *out,
		struct err *err);
	void *ctx;
};

/* The state at ${size}, and the root; from nodes. */
MUST_USE int tree_range_at(const struct tree_nodes *nodes, uint64_t size,
	struct tree_range *out, struct err *err);

/* Proofs for a tree of ${size} leaves; ${index} < size, 0 < first <= size. */
MUST_USE int tree_prove(const struct tree_nodes *nodes, uint64_t index,
	uint64_t size, struct proof *out, struct err *err);
MUST_USE int tree_prove_growth(const struct tree_nodes *nodes, uint64_t first,
	uint64_t size, struct proof *out, struct err *err);

/* Zero refuses. */
enum proof_verdict {
	PROOF_BAD,
	PROOF_GOOD,
};
/* RFC 9162 sections 2.1.3.2 and 2.1.4.2. */
MUST_USE enum proof_verdict tree_check(const struct hash *leaf, uint64_t index,
	uint64_t size, const struct proof *p, const struct hash *root);
MUST_USE enum proof_verdict tree_check_growth(uint64_t first,
	const struct hash *first_root, uint64_t size, const struct hash *root,
	const struct proof *p);

#endif
