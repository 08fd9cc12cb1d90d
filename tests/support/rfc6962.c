#include "rfc6962.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

static struct rfc_hash sha256(const void *p, size_t n)
{
	static EVP_MD *md;
	static EVP_MD_CTX *ctx;
	struct rfc_hash h;

	/* Looked up once: each time would take longer than the hashing. */
	if (!ctx) {
		md = EVP_MD_fetch(NULL, "SHA256", NULL);
		ctx = EVP_MD_CTX_new();
	}
	if (!md || !ctx || !EVP_DigestInit_ex2(ctx, md, NULL) ||
		!EVP_DigestUpdate(ctx, p, n) ||
		!EVP_DigestFinal_ex(ctx, h.b, NULL))
		abort();
	return h;
}

struct rfc_hash rfc_leaf(const void *entry, size_t n)
{
	unsigned char *p = malloc(n + 1);
	struct rfc_hash h;

	if (!p)
		abort();
	p[0] = 0;
	memcpy(p + 1, entry, n);
	h = sha256(p, n + 1);
	free(p);
	return h;
}

struct rfc_hash rfc_node(struct rfc_hash left, struct rfc_hash right)
{
	unsigned char p[65] = {1};

	memcpy(p + 1, left.b, 32);
	memcpy(p + 33, right.b, 32);
	return sha256(p, sizeof(p));
}

size_t rfc_split(size_t n)
{
	size_t k = 1;

	while (k < n - k)
		k += k;
	return k;
}

struct rfc_hash rfc_mth(const struct rfc_hash *d, size_t n)
{
	size_t k;

	if (n == 0)
		return sha256("", 0);
	if (n == 1)
		return d[0];
	k = rfc_split(n);
	return rfc_node(rfc_mth(d, k), rfc_mth(d + k, n - k));
}

size_t rfc_path(
	size_t m, const struct rfc_hash *d, size_t n, struct rfc_hash out[64])
{
	size_t k, i;

	if (n == 1)
		return 0;
	k = rfc_split(n);
	if (m < k) {
		i = rfc_path(m, d, k, out);
		out[i] = rfc_mth(d + k, n - k);
	} else {
		i = rfc_path(m - k, d + k, n - k, out);
		out[i] = rfc_mth(d, k);
	}
	return i + 1;
}

static size_t subproof(size_t m, const struct rfc_hash *d, size_t n, int b,
	struct rfc_hash out[64])
{
	size_t k, i;

	if (m == n) {
		if (b)
			return 0;
		out[0] = rfc_mth(d, n);
		return 1;
	}
	k = rfc_split(n);
	if (m <= k) {
		i = subproof(m, d, k, b, out);
		out[i] = rfc_mth(d + k, n - k);
	} else {
		i = subproof(m - k, d + k, n - k, 0, out);
		out[i] = rfc_mth(d, k);
	}
	return i + 1;
}

size_t rfc_proof(
	size_t m, const struct rfc_hash *d, size_t n, struct rfc_hash out[64])
{
	return subproof(m, d, n, 1, out);
}
