#include "../../support/unit.h"

#include "log/tree.h"

/* The tree as RFC 6962 section 2.1 writes it down, over all leaves. */
static struct hash mth(const struct hash *leaf, uint64_t n)
{
	struct hash l, r;
	uint64_t k = 1;

	if (n == 1)
		return leaf[0];
	while (k * 2 < n)
		k *= 2;
	l = mth(leaf, k);
	r = mth(leaf + k, n - k);
	return tree_node(&l, &r);
}

static int node(void *ctx, unsigned level, uint64_t index, struct hash *out,
	struct err *err)
{
	const struct hash *leaves = ctx;

	(void)err;
	*out = mth(leaves + (index << level), (uint64_t)1 << level);
	return 0;
}

static const unsigned sizes[] = {
	1, 2, 3, 4, 5, 7, 8, 9, 255, 256, 257, 511, 512, 513, 70000};
#define LEAVES 70000u

static struct hash *leaves_of(unsigned n)
{
	struct hash *leaves = calloc(n, sizeof(*leaves));
	char text[16];
	unsigned i;

	assert_non_null(leaves);
	for (i = 0; i < n; i++) {
		snprintf(text, sizeof(text), "entry %u", i);
		leaves[i] = tree_leaf(span_str(text));
	}
	return leaves;
}

static int group(void **state)
{
	*state = leaves_of(LEAVES);
	return 0;
}

static int ungroup(void **state)
{
	free(*state);
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

static void test_roots(void **state)
{
	struct hash *leaves = *state;
	const struct tree_nodes nodes = {node, leaves};
	struct tree_range grown = TREE_RANGE_EMPTY, loaded;
	struct err err = ERR_INIT;
	unsigned n, i = 0;

	for (n = 1; n <= LEAVES; n++) {
		struct hash want, a, b;

		tree_range_add(&grown, &leaves[n - 1]);
		assert_int_equal(grown.size, n);
		if (n != sizes[i])
			continue;
		i++;
		want = mth(leaves, n);
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

static void test_inclusion(void **state)
{
	struct hash *leaves = *state;
	const struct tree_nodes nodes = {node, leaves};
	struct err err = ERR_INIT;
	struct proof p;
	size_t i;

	for (i = 0; i < ARRAY_LEN(sizes); i++) {
		uint64_t n = sizes[i], k, step = n > 600 ? n / 7 : 1;
		struct hash root = mth(leaves, n);

		for (k = 0; k < n; k += step) {
			assert_int_equal(tree_prove(&nodes, k, n, &p, &err), 0);
			assert_int_equal(
				tree_check(&leaves[k], k, n, &p, &root),
				PROOF_GOOD);
			if (n < 10 || k == n / 2 || k + step >= n)
				spoil(&leaves[k], k, n, &p, &root);
		}
		assert_int_equal(tree_prove(&nodes, n, n, &p, &err), -1);
	}
}

static void test_growth(void **state)
{
	struct hash *leaves = *state;
	const struct tree_nodes nodes = {node, leaves};
	struct err err = ERR_INIT;
	struct proof p;
	size_t i, k;
	unsigned bit;

	for (i = 0; i < ARRAY_LEN(sizes); i++) {
		for (k = 0; k <= i; k++) {
			uint64_t n = sizes[i], m = sizes[k];
			struct hash root = mth(leaves, n);
			struct hash first = mth(leaves, m), other = first;

			assert_int_equal(
				tree_prove_growth(&nodes, m, n, &p, &err), 0);
			assert_int_equal(
				tree_check_growth(m, &first, n, &root, &p),
				PROOF_GOOD);
			other.b[7] ^= 1;
			assert_int_equal(
				tree_check_growth(m, &other, n, &root, &p),
				PROOF_BAD);
			for (bit = 0; bit < p.n * HASH_LEN * 8; bit += 13) {
				p.hash[bit / 256][bit / 8 % 32] ^=
					(unsigned char)(1 << bit % 8);
				assert_int_equal(tree_check_growth(m, &first, n,
							 &root, &p),
					PROOF_BAD);
				p.hash[bit / 256][bit / 8 % 32] ^=
					(unsigned char)(1 << bit % 8);
			}
			p.n++;
			assert_int_equal(
				tree_check_growth(m, &first, n, &root, &p),
				PROOF_BAD);
		}
	}
	/* No proof at all, and growth from nothing or backwards. */
	p.n = 0;
	assert_int_equal(
		tree_check_growth(3, &leaves[0], 5, &leaves[1], &p), PROOF_BAD);
	p.n = 1;
	assert_int_equal(
		tree_check_growth(0, &leaves[0], 5, &leaves[1], &p), PROOF_BAD);
	assert_int_equal(
		tree_check_growth(6, &leaves[0], 5, &leaves[1], &p), PROOF_BAD);
	assert_int_equal(tree_prove_growth(&nodes, 0, 5, &p, &err), -1);
	assert_int_equal(tree_prove_growth(&nodes, 6, 5, &p, &err), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known),
		cmocka_unit_test(test_roots),
		cmocka_unit_test(test_inclusion),
		cmocka_unit_test(test_growth),
	};

	return cmocka_run_group_tests(tests, group, ungroup);
}
