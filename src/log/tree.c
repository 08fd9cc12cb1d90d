#include "log/tree.h"

#include "parse/bundle.h"
#include "port/crypto.h"

struct hash tree_leaf(struct span entry)
{
	unsigned char bytes[ENTRY_MAX + 1];
	struct hash h;

	if (entry.n > ENTRY_MAX)
		die("tree_leaf: an entry of %zu bytes", entry.n);
	bytes[0] = 0;
	if (entry.n)
		memcpy(bytes + 1, entry.p, entry.n);
	sha256_of(span_of(bytes, entry.n + 1), h.b);
	return h;
}

struct hash tree_node(const struct hash *left, const struct hash *right)
{
	unsigned char bytes[1 + 2 * HASH_LEN];
	struct hash h;

	bytes[0] = 1;
	memcpy(bytes + 1, left->b, HASH_LEN);
	memcpy(bytes + 1 + HASH_LEN, right->b, HASH_LEN);
	sha256_of(span_of(bytes, sizeof(bytes)), h.b);
	return h;
}

bool hash_eq(const struct hash *a, const struct hash *b)
{
	return !memcmp(a->b, b->b, HASH_LEN);
}

void tree_range_add(struct tree_range *r, const struct hash *leaf)
{
	uint64_t size = r->size++;

	r->node[r->n++] = *leaf;
	/* Two subtrees of one size become one, as carries do in adding 1. */
	for (; size & 1; size >>= 1, r->n--)
		r->node[r->n - 2] =
			tree_node(&r->node[r->n - 2], &r->node[r->n - 1]);
}

struct hash tree_range_root(const struct tree_range *r)
{
	struct hash h;
	unsigned i;

	if (!r->n) {
		memcpy(h.b, checkpoint_empty_root, HASH_LEN);
		return h;
	}
	h = r->node[r->n - 1];
	for (i = r->n - 1; i-- > 0;)
		h = tree_node(&r->node[i], &h);
	return h;
}

int tree_range_at(const struct tree_nodes *nodes, uint64_t size,
	struct tree_range *out, struct err *err)
{
	struct tree_range r = TREE_RANGE_EMPTY;
	unsigned level;

	*out = TREE_RANGE_EMPTY;
	for (level = 64; level-- > 0;) {
		uint64_t width = (uint64_t)1 << level;

		if (!(size & width))
			continue;
		if (nodes->get(nodes->ctx, level, r.size >> level, &r.node[r.n],
			    err))
			return -1;
		r.n++;
		r.size += width;
	}
	*out = r;
	return 0;
}

/* The largest power of two below n, for n > 1, as an exponent. */
static unsigned split_of(uint64_t n)
{
	unsigned k = 0;

	while (((uint64_t)2 << k) < n)
		k++;
	return k;
}

/* The root of leaves lo to hi; lo is a multiple of every subtree in it. */
static int range_root(const struct tree_nodes *nodes, uint64_t lo, uint64_t hi,
	struct hash *out, struct err *err)
{
	struct hash left, right;
	uint64_t n = hi - lo;
	unsigned k;

	if (n == 1)
		return nodes->get(nodes->ctx, 0, lo, out, err);
	k = split_of(n);
	if (n == (uint64_t)2 << k)
		return nodes->get(nodes->ctx, k + 1, lo >> (k + 1), out, err);
	if (nodes->get(nodes->ctx, k, lo >> k, &left, err) ||
		range_root(nodes, lo + ((uint64_t)1 << k), hi, &right, err))
		return -1;
	*out = tree_node(&left, &right);
	return 0;
}

static int push_root(const struct tree_nodes *nodes, uint64_t lo, uint64_t hi,
	struct proof *out, struct err *err)
{
	struct hash h;

	if (range_root(nodes, lo, hi, &h, err))
		return -1;
	if (out->n == PROOF_HASHES_MAX)
		die("a proof of more than %d hashes", PROOF_HASHES_MAX);
	memcpy(out->hash[out->n++], h.b, HASH_LEN);
	return 0;
}

/* PATH(m, D[lo:hi]) of RFC 6962 section 2.1.1. */
static int path(const struct tree_nodes *nodes, uint64_t index, uint64_t lo,
	uint64_t hi, struct proof *out, struct err *err)
{
	uint64_t mid;

	if (hi - lo == 1)
		return 0;
	mid = lo + ((uint64_t)1 << split_of(hi - lo));
	if (index < mid)
		return path(nodes, index, lo, mid, out, err) ||
				push_root(nodes, mid, hi, out, err)
			? -1
			: 0;
	return path(nodes, index, mid, hi, out, err) ||
			push_root(nodes, lo, mid, out, err)
		? -1
		: 0;
}

int tree_prove(const struct tree_nodes *nodes, uint64_t index, uint64_t size,
	struct proof *out, struct err *err)
{
	out->n = 0;
	if (index >= size)
		return err_set(err, ERR_INPUT,
			"entry %llu is not in a log of %llu entries",
			(unsigned long long)index, (unsigned long long)size);
	return path(nodes, index, 0, size, out, err);
}

/* SUBPROOF(m, D[lo:hi], whole) of RFC 6962 section 2.1.2. */
static int subproof(const struct tree_nodes *nodes, uint64_t m, uint64_t lo,
	uint64_t hi, bool whole, struct proof *out, struct err *err)
{
	uint64_t mid;

	if (m == hi)
		return whole ? 0 : push_root(nodes, lo, hi, out, err);
	mid = lo + ((uint64_t)1 << split_of(hi - lo));
	if (m <= mid)
		return subproof(nodes, m, lo, mid, whole, out, err) ||
				push_root(nodes, mid, hi, out, err)
			? -1
			: 0;
	return subproof(nodes, m, mid, hi, false, out, err) ||
			push_root(nodes, lo, mid, out, err)
		? -1
		: 0;
}

int tree_prove_growth(const struct tree_nodes *nodes, uint64_t first,
	uint64_t size, struct proof *out, struct err *err)
{
	out->n = 0;
	if (!first || first > size)
		return err_set(err, ERR_INPUT,
			"no growth from %llu to %llu entries",
			(unsigned long long)first, (unsigned long long)size);
	return subproof(nodes, first, 0, size, true, out, err);
}

static struct hash at(const struct proof *p, unsigned i)
{
	struct hash h;

	memcpy(h.b, p->hash[i], HASH_LEN);
	return h;
}

enum proof_verdict tree_check(const struct hash *leaf, uint64_t index,
	uint64_t size, const struct proof *p, const struct hash *root)
{
	struct hash r = *leaf;
	uint64_t fn = index, sn = size - 1;
	unsigned i;

	if (index >= size)
		return PROOF_BAD;
	for (i = 0; i < p->n; i++) {
		struct hash h = at(p, i);

		if (!sn)
			return PROOF_BAD;
		if ((fn & 1) || fn == sn) {
			r = tree_node(&h, &r);
			while (!(fn & 1) && fn) {
				fn >>= 1;
				sn >>= 1;
			}
		} else {
			r = tree_node(&r, &h);
		}
		fn >>= 1;
		sn >>= 1;
	}
	return !sn && hash_eq(&r, root) ? PROOF_GOOD : PROOF_BAD;
}

enum proof_verdict tree_check_growth(uint64_t first,
	const struct hash *first_root, uint64_t size, const struct hash *root,
	const struct proof *p)
{
	struct hash fr, sr;
	uint64_t fn, sn;
	unsigned i = 0;

	if (first == size)
		return !p->n && hash_eq(first_root, root) ? PROOF_GOOD
							  : PROOF_BAD;
	if (!first || first > size || !p->n)
		return PROOF_BAD;
	fn = first - 1;
	sn = size - 1;
	for (; fn & 1; fn >>= 1)
		sn >>= 1;
	/* The root of a perfect first tree is known and left out. */
	fr = first & (first - 1) ? at(p, i++) : *first_root;
	sr = fr;
	for (; i < p->n; i++) {
		struct hash c = at(p, i);

		if (!sn)
			return PROOF_BAD;
		if ((fn & 1) || fn == sn) {
			fr = tree_node(&c, &fr);
			sr = tree_node(&c, &sr);
			while (!(fn & 1) && fn) {
				fn >>= 1;
				sn >>= 1;
			}
		} else {
			sr = tree_node(&sr, &c);
		}
		fn >>= 1;
		sn >>= 1;
	}
	return !sn && hash_eq(&fr, first_root) && hash_eq(&sr, root)
		? PROOF_GOOD
		: PROOF_BAD;
}
