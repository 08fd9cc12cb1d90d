/*
 * The tree of RFC 6962 section 2.1 as it is written there, over all leaves in
 * memory. Nothing of src/ is in it: what src/ computes is compared with this.
 */
#ifndef SUPPORT_RFC6962_H
#define SUPPORT_RFC6962_H

#include <stddef.h>

struct rfc_hash {
	unsigned char b[32];
};

struct rfc_hash rfc_leaf(const void *entry, size_t n);
struct rfc_hash rfc_node(struct rfc_hash left, struct rfc_hash right);

/* MTH(D[n]), PATH(m, D[n]) and PROOF(m, D[n]), of leaf hashes; the latter two
 * answer how many hashes there are, of at most 64. */
struct rfc_hash rfc_mth(const struct rfc_hash *d, size_t n);
size_t rfc_path(
	size_t m, const struct rfc_hash *d, size_t n, struct rfc_hash out[64]);
size_t rfc_proof(
	size_t m, const struct rfc_hash *d, size_t n, struct rfc_hash out[64]);

/* rfc_split(n): k, the largest power of two below n; n > 1. */
size_t rfc_split(size_t n);

#endif
