#include "../../support/unit.h"

#include "../../support/rfc6962.h"
#include "log/tree.h"

#define LEAVES 70000u

static struct rfc_hash leaves[LEAVES];
static struct hash root_of[LEAVES + 1]; /* at the sizes that are looked at */

static struct hash ours(struct rfc_hash h)
{
	struct hash o;

	memcpy(o.b, h.b, sizeof(o.b));
	return o;
}

static int node(void *ctx, unsigned level, uint64_t index, struct hash *out,
	struct err *err)
{
	(void)ctx;
	(void)err;
	*out = ours(rfc_mth(leaves + (index << level), (size_t)1 << level));
	return 0;
}

static const struct tree_nodes nodes = {node, NULL};

static const unsigned sizes[] = {1, 2, 3, 4, 5, 7, 8, 9, 255, 256, 257, 511,
	512, 513, 65535, 65536, 65537, 70000};

static int group(void **state)
{
	char text[16];
	unsigned i;

	(void)state;
	for (i = 0; i < LEAVES; i++) {
		struct hash h;

		snprintf(text, sizeof(text), "entry %u", i);
		leaves[i] = rfc_leaf(text, strlen(text));
		h = tree_leaf(span_str(text));
		assert_memory_equal(h.b, leaves[i].b, sizeof(h.b));
	}
	for (i = 0; i < ARRAY_LEN(sizes); i++)
		root_of[sizes[i]] = ours(rfc_mth(leaves, sizes[i]));
	return 0;
}

/* The first vectors of the certificate-transparency test suites. */
static void test_known(void **state)
{
	static const unsigned char leaf[] = {0x6e, 0x34, 0x0b, 0x9c, 0xff, 0xb3,
		0x7a, 0x98, 0x9c, 0xa5, 0x44, 0xe6, 0xbb, 0x78, 0x0a, 0x2c,
		0x78, 0x90, 0x1d, 0x3f, 0xb3, 0x37, 0x38, 0x76, 0x85, 0x11,
		0xa3, 0x06, 0x17, 0xaf, 0xa0, 0x1d};
	struct tree_range r = TREE_RANGE_EMPTY;
	struct hash h = tree_range_root(&r);

	(void)state;
	assert_memory_equal(h.b, checkpoint_empty_root, HASH_LEN);
	h = tree_leaf(SPAN_EMPTY);
	assert_memory_equal(h.b, leaf, HASH_LEN);
}

static void test_roots(void **unused)
{
	struct tree_range grown = TREE_RANGE_EMPTY, loaded;
	struct err err = ERR_INIT;
	unsigned n, i = 0;

	(void)unused;
	for (n = 1; n <= LEAVES; n++) {
		struct hash want, a, b, h = ours(leaves[n - 1]);

		tree_range_add(&grown, &h);
		assert_int_equal(grown.size, n);
		if (n != sizes[i])
			continue;
		i++;
		want = root_of[n];
		a = tree_range_root(&grown);
		assert_int_equal(tree_range_at(&nodes, n, &loaded, &err), 0);
		b = tree_range_root(&loaded);
		assert_true(hash_eq(&a, &want));
		assert_true(hash_eq(&b, &want));
		assert_int_equal(loaded.n, grown.n);
		assert_int_equal(loaded.size, n);
	}
	assert_int_equal(i, ARRAY_LEN(sizes));
}

/* Every bit of the proof, the leaf and the root; a hash too many or too few;
 * another place; another size. */
static void spoil(const struct hash *leaf, uint64_t index, uint64_t size,
	const struct proof *good, const struct hash *root)
{
	struct proof p = *good;
	struct hash h = *leaf;
	unsigned bit;

	for (bit = 0; bit < p.n * HASH_LEN * 8; bit++) {
		p.hash[bit / 256][bit / 8 % 32] ^=
			(unsigned char)(1 << bit % 8);
		assert_int_equal(
			tree_check(leaf, index, size, &p, root), PROOF_BAD);
		p.hash[bit / 256][bit / 8 % 32] ^=
			(unsigned char)(1 << bit % 8);
	}
	for (bit = 0; bit < HASH_LEN * 8; bit++) {
		h.b[bit / 8] ^= (unsigned char)(1 << bit % 8);
		assert_int_equal(
			tree_check(&h, index, size, &p, root), PROOF_BAD);
		h.b[bit / 8] ^= (unsigned char)(1 << bit % 8);
	}
	p.n++;
	assert_int_equal(tree_check(leaf, index, size, &p, root), PROOF_BAD);
	p.n = good->n;
	if (p.n) {
		p.n--;
		assert_int_equal(
			tree_check(leaf, index, size, &p, root), PROOF_BAD);
		p.n++;
	}
	assert_int_equal(tree_check(leaf, size, size, &p, root), PROOF_BAD);
	assert_int_equal(
		tree_check(leaf, UINT64_MAX, size, &p, root), PROOF_BAD);
	if (size > 1) {
		uint64_t other = index ? index - 1 : index + 1;

		assert_int_equal(
			tree_check(leaf, other, size, &p, root), PROOF_BAD);
	}
}

/* The proof is the one of the RFC, hash by hash. */
static void same_proof(
	const struct proof *p, const struct rfc_hash *want, size_t n)
{
	assert_int_equal(p->n, n);
	if (n)
		assert_memory_equal(p->hash, want, n * sizeof(*want));
}

static void test_inclusion(void **unused)
{
	struct rfc_hash want[64];
	struct err err = ERR_INIT;
	struct proof p;
	size_t i;

	(void)unused;
	for (i = 0; i < ARRAY_LEN(sizes); i++) {
		uint64_t n = sizes[i], k, step = n > 600 ? n / 7 : 1;
		const struct hash *root = &root_of[n];

		for (k = 0; k < n; k += step) {
			struct hash h = ours(leaves[k]);

			/* The last one too, where the tree is ragged. */
			if (n - k <= step)
				h = ours(leaves[k = n - 1]);
			assert_int_equal(tree_prove(&nodes, k, n, &p, &err), 0);
			same_proof(&p, want, rfc_path(k, leaves, n, want));
			assert_int_equal(
				tree_check(&h, k, n, &p, root), PROOF_GOOD);
			if (n < 10 || k == n / 2 || k + 1 == n)
				spoil(&h, k, n, &p, root);
		}
		assert_int_equal(tree_prove(&nodes, n, n, &p, &err), -1);
		assert_int_equal(
			tree_prove(&nodes, UINT64_MAX, n, &p, &err), -1);
	}
	assert_int_equal(tree_prove(&nodes, 0, 0, &p, &err), -1);
}

static void spoil_growth(uint64_t m, const struct hash *first, uint64_t n,
	const struct hash *root, const struct proof *good)
{
	struct hash other = *first;
	struct proof p = *good;
	unsigned bit;

	other.b[7] ^= 1;
	assert_int_equal(tree_check_growth(m, &other, n, root, &p), PROOF_BAD);
	other = *root;
	other.b[31] ^= 0x80;
	assert_int_equal(tree_check_growth(m, first, n, &other, &p), PROOF_BAD);
	for (bit = 0; bit < p.n * HASH_LEN * 8; bit += 13) {
		p.hash[bit / 256][bit / 8 % 32] ^=
			(unsigned char)(1 << bit % 8);
		assert_int_equal(
			tree_check_growth(m, first, n, root, &p), PROOF_BAD);
		p.hash[bit / 256][bit / 8 % 32] ^=
			(unsigned char)(1 << bit % 8);
	}
	if (p.n) {
		p.n--;
		assert_int_equal(
			tree_check_growth(m, first, n, root, &p), PROOF_BAD);
		p.n++;
	}
	if (p.n < PROOF_HASHES_MAX) {
		memset(p.hash[p.n++], 0, HASH_LEN);
		assert_int_equal(
			tree_check_growth(m, first, n, root, &p), PROOF_BAD);
		p.n--;
	}
	/* Backwards, and from 64 bits. */
	if (m < n)
		assert_int_equal(
			tree_check_growth(n, root, m, first, &p), PROOF_BAD);
	assert_int_equal(
		tree_check_growth(UINT64_MAX, first, n, root, &p), PROOF_BAD);
}

static void test_growth(void **unused)
{
	struct rfc_hash want[64];
	struct err err = ERR_INIT;
	struct proof p;
	struct hash a = ours(leaves[0]), b = ours(leaves[1]);
	size_t i, k;

	(void)unused;
	for (i = 0; i < ARRAY_LEN(sizes); i++) {
		for (k = 0; k <= i; k++) {
			uint64_t n = sizes[i], m = sizes[k];

			assert_int_equal(
				tree_prove_growth(&nodes, m, n, &p, &err), 0);
			same_proof(&p, want, rfc_proof(m, leaves, n, want));
			assert_int_equal(tree_check_growth(m, &root_of[m], n,
						 &root_of[n], &p),
				PROOF_GOOD);
			spoil_growth(m, &root_of[m], n, &root_of[n], &p);
		}
	}
	/* No proof at all, and growth from nothing or backwards. */
	p.n = 0;
	assert_int_equal(tree_check_growth(3, &a, 5, &b, &p), PROOF_BAD);
	p.n = 1;
	assert_int_equal(tree_check_growth(0, &a, 5, &b, &p), PROOF_BAD);
	assert_int_equal(tree_check_growth(6, &a, 5, &b, &p), PROOF_BAD);
	assert_int_equal(tree_prove_growth(&nodes, 0, 5, &p, &err), -1);
	assert_int_equal(tree_prove_growth(&nodes, 6, 5, &p, &err), -1);
}

/*
 * Trees that no memory holds, of leaves that are all the same: a full subtree
 * is known by its height.
 */
static struct rfc_hash full[64];

static unsigned height(uint64_t n)
{
	unsigned h = 0;

	while ((uint64_t)1 << h < n)
		h++;
	return h;
}

static struct rfc_hash same_mth(uint64_t n)
{
	uint64_t k;

	if (!(n & (n - 1)))
		return full[height(n)];
	k = rfc_split(n);
	return rfc_node(same_mth(k), same_mth(n - k));
}

static unsigned same_path(uint64_t m, uint64_t n, struct rfc_hash *out)
{
	uint64_t k;
	unsigned i;

	if (n == 1)
		return 0;
	k = rfc_split(n);
	i = m < k ? same_path(m, k, out) : same_path(m - k, n - k, out);
	out[i] = same_mth(m < k ? n - k : k);
	return i + 1;
}

static unsigned same_proof_of(
	uint64_t m, uint64_t n, bool b, struct rfc_hash *out)
{
	uint64_t k;
	unsigned i;

	if (m == n) {
		out[0] = same_mth(n);
		return !b;
	}
	k = rfc_split(n);
	i = m <= k ? same_proof_of(m, k, b, out)
		   : same_proof_of(m - k, n - k, false, out);
	out[i] = same_mth(m <= k ? n - k : k);
	return i + 1;
}

static int full_node(void *ctx, unsigned level, uint64_t index,
	struct hash *out, struct err *err)
{
	(void)ctx;
	(void)index;
	(void)err;
	*out = ours(full[level]);
	return 0;
}

static const uint64_t large[] = {((uint64_t)1 << 31) - 1, (uint64_t)1 << 31,
	((uint64_t)1 << 32) + 1, ((uint64_t)1 << 53) + 1, LOG_SIZE_MAX - 1,
	LOG_SIZE_MAX, LOG_SIZE_MAX + 1, INT64_MAX, UINT64_MAX - 1, UINT64_MAX};

static void large_inclusion(uint64_t n)
{
	const struct tree_nodes same = {full_node, NULL};
	const uint64_t at[] = {0, 1, n / 3, n / 2, n - 2, n - 1};
	struct hash h = ours(full[0]), root = ours(same_mth(n));
	struct rfc_hash want[64];
	struct err err = ERR_INIT;
	struct proof p;
	size_t i;

	for (i = 0; i < ARRAY_LEN(at); i++) {
		unsigned count = same_path(at[i], n, want);

		/* More than a proof may have. */
		if (count > PROOF_HASHES_MAX)
			continue;
		p.n = count;
		memcpy(p.hash, want, count * sizeof(*want));
		assert_int_equal(
			tree_check(&h, at[i], n, &p, &root), PROOF_GOOD);
		assert_int_equal(tree_check(&h, n, n, &p, &root), PROOF_BAD);
		assert_int_equal(
			tree_check(&h, UINT64_MAX, n, &p, &root), PROOF_BAD);
		assert_int_equal(
			tree_check(&h, at[i], 0, &p, &root), PROOF_BAD);
		p.hash[count - 1][31] ^= 1;
		assert_int_equal(
			tree_check(&h, at[i], n, &p, &root), PROOF_BAD);
		if (n > LOG_SIZE_MAX)
			continue;
		assert_int_equal(tree_prove(&same, at[i], n, &p, &err), 0);
		same_proof(&p, want, count);
	}
}

static void test_large(void **unused)
{
	const struct tree_nodes same = {full_node, NULL};
	struct rfc_hash want[66]; /* more than a proof may have */
	struct err err = ERR_INIT;
	size_t i, k;

	(void)unused;
	full[0] = leaves[0];
	for (i = 1; i < ARRAY_LEN(full); i++)
		full[i] = rfc_node(full[i - 1], full[i - 1]);
	for (i = 0; i < ARRAY_LEN(large); i++) {
		struct hash root = ours(same_mth(large[i]));

		large_inclusion(large[i]);
		for (k = 0; k < i; k++) {
			struct hash first = ours(same_mth(large[k]));
			unsigned n =
				same_proof_of(large[k], large[i], true, want);
			struct proof p = {.n = n};

			if (n > PROOF_HASHES_MAX)
				continue;
			memcpy(p.hash, want, n * sizeof(*want));
			assert_int_equal(tree_check_growth(large[k], &first,
						 large[i], &root, &p),
				PROOF_GOOD);
			spoil_growth(large[k], &first, large[i], &root, &p);
			if (large[i] > LOG_SIZE_MAX)
				continue;
			assert_int_equal(tree_prove_growth(&same, large[k],
						 large[i], &p, &err),
				0);
			same_proof(&p, want, n);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known),
		cmocka_unit_test(test_roots),
		cmocka_unit_test(test_inclusion),
		cmocka_unit_test(test_growth),
		cmocka_unit_test(test_large),
	};

	return cmocka_run_group_tests(tests, group, NULL);
}
