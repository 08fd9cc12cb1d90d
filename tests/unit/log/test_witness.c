/* A witness: what it signs, what it never does, and what it remembers. */
#include "../../support/unit.h"

#include "../../support/fault.h"
#include "../../support/records.h"
#include "base/io.h"
#include "log/cosign.h"
#include "log/keychain.h"
#include "log/store.h"
#include "log/tree.h"
#include "log/witness.h"

#define NOW 1790000000u
#define NO_FORK UINT64_MAX

static struct arena *arena;
static char *folder;       /* the witness's */
static struct note_key us; /* its public key */

/* A log that is nowhere: entry i is the number i, and another one from entry
 * ${fork} on. */
struct world {
	struct note_key key; /* secret */
	uint64_t fork;
};

static struct hash subtree(uint64_t fork, uint64_t from, uint64_t n)
{
	struct hash left, right;
	uint64_t entry[2] = {from, from >= fork};

	if (n == 1)
		return tree_leaf(span_of(entry, sizeof(entry)));
	left = subtree(fork, from, n / 2);
	right = subtree(fork, from + n / 2, n / 2);
	return tree_node(&left, &right);
}

static int node(void *ctx, unsigned level, uint64_t index, struct hash *out,
	struct err *err)
{
	const struct world *w = ctx;

	(void)err;
	*out = subtree(w->fork, index << level, (uint64_t)1 << level);
	return 0;
}

static struct hash root_of(struct world *w, uint64_t size)
{
	struct tree_nodes nodes = {node, w};
	struct tree_range r;
	struct err err = ERR_INIT;
	struct hash empty;

	memcpy(empty.b, checkpoint_empty_root, HASH_LEN);
	if (!size)
		return empty;
	assert_int_equal(tree_range_at(&nodes, size, &r, &err), 0);
	return tree_range_root(&r);
}

static struct span signed_by(const struct world *w, const char *origin,
	uint64_t size, const struct hash *root)
{
	struct buf text = BUF_INIT(CHECKPOINT_MAX);
	struct buf note = BUF_INIT(CHECKPOINT_MAX);
	struct checkpoint c = {.origin = span_str(origin), .size = size};
	struct err err = ERR_INIT;
	struct span s;

	memcpy(c.root, root->b, HASH_LEN);
	checkpoint_text(&c, &text);
	assert_int_equal(key_sign(&w->key, buf_all(&text), &note, &err), 0);
	s = arena_copy(arena, buf_all(&note));
	buf_free(&text);
	buf_free(&note);
	return s;
}

/* The request of one whose witness has seen ${old} entries. */
static struct span request(struct world *w, uint64_t old, uint64_t size)
{
	struct tree_nodes nodes = {node, w};
	struct buf body = BUF_INIT(ADDCHECKPOINT_MAX);
	struct hash root = root_of(w, size);
	struct addcheckpoint a = {.old = old};
	struct err err = ERR_INIT;
	struct span s;

	a.checkpoint = signed_by(w, w->key.name, size, &root);
	if (old && old < size)
		assert_int_equal(
			tree_prove_growth(&nodes, old, size, &a.growth, &err),
			0);
	addcheckpoint_text(&a, &body);
	s = arena_copy(arena, buf_all(&body));
	buf_free(&body);
	return s;
}

static int setup(void **state)
{
	struct buf vkey = BUF_INIT(4096);
	struct err err = ERR_INIT;

	(void)state;
	arena = arena_new(1u << 28);
	folder = log_folder();
	if (witness_create(folder, SPAN_LIT("w.example.org/w"), &vkey, &err) ||
		key_read(buf_all(&vkey), NOTE_COSIGN, &us, &err))
		fail_msg("%s", err.text);
	buf_free(&vkey);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	log_remove(folder);
	arena_free(arena);
	return 0;
}

static struct world made(const char *origin, bool trusted)
{
	struct world w = {.fork = NO_FORK};
	struct buf vkey = BUF_INIT(4096);
	struct note_key public;
	struct err err = ERR_INIT;

	assert_int_equal(
		key_new(span_str(origin), NOTE_ED25519, &w.key, &err), 0);
	assert_int_equal(key_public(&w.key, &public, &err), 0);
	note_key_text(&public, &vkey);
	if (trusted && witness_trust(folder, buf_all(&vkey), false, &err))
		fail_msg("%s", err.text);
	buf_free(&vkey);
	return w;
}

static enum witness_answer add(struct span body, uint64_t *size)
{
	struct witness_reply r = {.line = BUF_INIT(4096)};
	struct buf note = BUF_INIT(CHECKPOINT_MAX);
	struct addcheckpoint a;
	struct err err = ERR_INIT;
	struct note n;
	uint64_t time;

	if (witness_add(folder, body, NOW, &r, &err))
		fail_msg("%s", err.text);
	if (size)
		*size = r.size;
	if (r.answer != WITNESS_COSIGNED) {
		assert_int_equal(r.line.n, 0);
		assert_true(r.why[0] != '\0');
	} else {
		assert_int_equal(addcheckpoint_parse(body, &a, &err), 0);
		buf_span(&note, a.checkpoint);
		buf_span(&note, buf_all(&r.line));
		assert_int_equal(
			note_parse(buf_all(&note), arena, &n, &err), 0);
		assert_int_equal(cosign_check(&us, &n, &time), NOTE_GOOD);
		assert_int_equal(time, NOW);
	}
	buf_free(&note);
	buf_free(&r.line);
	return r.answer;
}

static bool kept_fork(const char *origin)
{
	char name[WITNESS_NAME_LEN + 1];

	witness_name(span_str(origin), name);
	return io_exists(
		arena_fmt(arena, "%s/" WITNESS_FORKS "/%s", folder, name));
}

static void test_grows(void **unused)
{
	static const unsigned sizes[] = {
		0, 0, 1, 2, 2, 3, 255, 256, 257, 511, 512, 513, 1000};
	struct world w = made("grows.example", true);
	uint64_t old = 0, said;
	size_t i;

	(void)unused;
	for (i = 0; i < ARRAY_LEN(sizes); i++) {
		assert_int_equal(add(request(&w, old, sizes[i]), NULL),
			WITNESS_COSIGNED);
		old = sizes[i];
		/* Nothing but where it is now. */
		if (old) {
			assert_int_equal(add(request(&w, old - 1, old), &said),
				WITNESS_BEHIND);
			assert_int_equal(said, old);
		}
		assert_int_equal(add(request(&w, old + 1, old + 1), &said),
			WITNESS_BEHIND);
		assert_int_equal(said, old);
	}
	/* From nothing to anything, but once. */
	w = made("leaps.example", true);
	assert_int_equal(add(request(&w, 0, 700), NULL), WITNESS_COSIGNED);
	assert_int_equal(add(request(&w, 0, 700), &said), WITNESS_BEHIND);
	assert_false(kept_fork("grows.example"));
}

static void test_rollback(void **unused)
{
	struct world w = made("rollback.example", true);
	uint64_t said, n;

	(void)unused;
	assert_int_equal(add(request(&w, 0, 300), NULL), WITNESS_COSIGNED);
	for (n = 0; n < 300; n += 37) {
		assert_int_equal(add(request(&w, n, n), &said), WITNESS_BEHIND);
		assert_int_equal(said, 300);
		assert_int_equal(
			add(request(&w, n, 300), &said), WITNESS_BEHIND);
	}
	/* Said to be at 300, shown to be smaller: not even a request. */
	{
		struct hash root = root_of(&w, 200);
		struct buf b = BUF_INIT(ADDCHECKPOINT_MAX);

		buf_str(&b, "old 300\n\n");
		buf_span(&b, signed_by(&w, w.key.name, 200, &root));
		assert_int_equal(add(buf_all(&b), NULL), WITNESS_MALFORMED);
		buf_free(&b);
	}
	assert_int_equal(add(request(&w, 300, 301), NULL), WITNESS_COSIGNED);
}

/* Two histories under one signature. */
static void test_split_view(void **unused)
{
	struct world w = made("split.example", true), other = w;
	uint64_t said;

	(void)unused;
	other.fork = 290;
	assert_int_equal(add(request(&w, 0, 280), NULL), WITNESS_COSIGNED);
	assert_int_equal(add(request(&w, 280, 300), NULL), WITNESS_COSIGNED);
	/* Longer, from a fork: no proof can lead there. */
	assert_int_equal(add(request(&other, 300, 310), NULL), WITNESS_FORKED);
	assert_false(kept_fork("split.example"));
	/* As long: that is the proof of it. */
	assert_int_equal(add(request(&other, 300, 300), NULL), WITNESS_FORKED);
	assert_true(kept_fork("split.example"));
	/* And the one history goes on. */
	assert_int_equal(add(request(&w, 280, 310), &said), WITNESS_BEHIND);
	assert_int_equal(add(request(&w, 300, 310), NULL), WITNESS_COSIGNED);
}

static void test_unsigned(void **unused)
{
	struct world w = made("signed.example", true);
	struct world stranger = made("stranger.example", false);
	struct world forger = made("signed.example", false);
	struct hash root = root_of(&w, 5);
	struct buf b = BUF_INIT(ADDCHECKPOINT_MAX);
	struct err err = ERR_INIT;
	struct span vkey;

	(void)unused;
	assert_int_equal(add(request(&stranger, 0, 5), NULL), WITNESS_UNKNOWN);
	assert_int_equal(add(request(&forger, 0, 5), NULL), WITNESS_UNSIGNED);
	/* Its own key, another log's name: both are known, neither is it. */
	buf_str(&b, "old 0\n\n");
	buf_span(&b, signed_by(&w, "split.example", 5, &root));
	assert_int_equal(add(buf_all(&b), NULL), WITNESS_UNSIGNED);
	buf_free(&b);
	/* Another key for that name is another log. */
	{
		struct note_key public;
		struct buf text = BUF_INIT(4096);

		assert_int_equal(key_public(&forger.key, &public, &err), 0);
		note_key_text(&public, &text);
		vkey = buf_all(&text);
		assert_int_equal(witness_trust(folder, vkey, false, &err), -1);
		assert_non_null(strstr(err.text, "already"));
		buf_free(&text);
	}
	assert_int_equal(add(request(&w, 0, 5), NULL), WITNESS_COSIGNED);
}

/* An empty log has one root, and nothing in a proof. */
static void test_empty(void **unused)
{
	static const unsigned char one[HASH_LEN] = {1};
	struct world w = made("empty.example", true);
	struct hash zero = {{0}}, empty = root_of(&w, 0), five = root_of(&w, 5);
	const struct {
		uint64_t size;
		const struct hash *root;
		unsigned growth;
		enum witness_answer answer;
	} t[] = {
		{0, &zero, 0, WITNESS_FORKED},
		{0, &five, 0, WITNESS_FORKED},
		{0, &empty, 1, WITNESS_FORKED},
		{5, &five, 1, WITNESS_FORKED},
		{0, &empty, 0, WITNESS_COSIGNED},
		{0, &zero, 0, WITNESS_FORKED},
		{5, &five, 1, WITNESS_FORKED},
		{5, &five, 0, WITNESS_COSIGNED},
	};
	size_t i;

	(void)unused;
	for (i = 0; i < ARRAY_LEN(t); i++) {
		struct buf body = BUF_INIT(ADDCHECKPOINT_MAX);
		struct addcheckpoint a = {.growth = {.n = t[i].growth}};

		a.checkpoint = signed_by(&w, w.key.name, t[i].size, t[i].root);
		memcpy(a.growth.hash[0], one, HASH_LEN);
		addcheckpoint_text(&a, &body);
		if (add(buf_all(&body), NULL) != t[i].answer)
			fail_msg("%zu", i);
		buf_free(&body);
	}
	assert_false(kept_fork("empty.example"));
}

/* The statement that the log went over to the key of ${to}, and its line
 * before. */
static struct span changed(const struct world *w, const struct world *to,
	uint64_t size, bool compromised)
{
	struct rotation r = {.size = size, .compromised = compromised};
	struct buf text = BUF_INIT(ROTATION_MAX),
		   all = BUF_INIT(KEYCHAIN_TEXT_MAX);
	struct buf one = BUF_INIT(CHECKPOINT_MAX);
	struct err err = ERR_INIT;
	struct span s;

	assert_int_equal(key_public(&w->key, &r.old, &err), 0);
	assert_int_equal(key_public(&to->key, &r.new, &err), 0);
	memset(r.root, 1, sizeof(r.root));
	rotation_text(&r, &text);
	note_key_text(&r.new, &all);
	buf_byte(&all, '\n');
	assert_int_equal(key_sign(&w->key, buf_all(&text), &one, &err), 0);
	buf_span(&all, buf_all(&one));
	buf_reset(&one);
	assert_int_equal(key_sign(&to->key, buf_all(&text), &one, &err), 0);
	buf_span(&all, span_from(buf_all(&one), text.n + 1));
	s = arena_copy(arena, buf_all(&all));
	buf_free(&one);
	buf_free(&text);
	buf_free(&all);
	return s;
}

/* A log that has another key now: what was signed of it stays. */
static void test_another_key(void **unused)
{
	struct world w = made("changed.example", true);
	struct world to = made("changed.example", false);
	struct world other = made("changed.example", false);
	struct err err = ERR_INIT;
	uint64_t size;

	(void)unused;
	assert_int_equal(add(request(&w, 0, 9), NULL), WITNESS_COSIGNED);
	assert_int_equal(add(request(&to, 9, 12), NULL), WITNESS_UNSIGNED);
	/* Of a key that is not the known one; of one that was retired before
	 * what it signed; of one that was stolen. */
	assert_int_equal(witness_trust(folder, changed(&other, &to, 9, false),
				 false, &err),
		-1);
	assert_int_equal(
		witness_trust(folder, changed(&w, &to, 7, false), false, &err),
		-1);
	assert_int_equal(
		witness_trust(folder, changed(&w, &to, 8, true), false, &err),
		-1);
	assert_int_equal(add(request(&to, 9, 12), NULL), WITNESS_UNSIGNED);
	assert_int_equal(
		witness_trust(folder, changed(&w, &to, 8, false), false, &err),
		0);
	assert_int_equal(add(request(&w, 9, 12), NULL), WITNESS_UNSIGNED);
	assert_int_equal(add(request(&to, 0, 12), &size), WITNESS_BEHIND);
	assert_int_equal(size, 9);
	assert_int_equal(add(request(&to, 9, 12), NULL), WITNESS_COSIGNED);
	/* By one who knows. */
	assert_int_equal(witness_trust(folder, changed(&to, &other, 20, true),
				 true, &err),
		0);
	assert_int_equal(add(request(&other, 12, 21), NULL), WITNESS_COSIGNED);
}

/* Every bit of a request for growth; those that only say the same in other
 * words there are none of. */
static void test_flips(void **unused)
{
	struct world w = made("flips.example", true);
	struct span good;
	unsigned char *p;
	size_t bit;

	(void)unused;
	assert_int_equal(add(request(&w, 0, 5), NULL), WITNESS_COSIGNED);
	good = request(&w, 5, 12);
	p = arena_get(arena, good.n, 1);
	memcpy(p, good.p, good.n);
	for (bit = 0; bit < good.n * 8; bit += UNIT_STEP) {
		p[bit / 8] ^= (unsigned char)(1 << bit % 8);
		if (add(span_of(p, good.n), NULL) == WITNESS_COSIGNED)
			fail_msg("signed with bit %zu of byte %zu flipped",
				bit % 8, bit / 8);
		p[bit / 8] ^= (unsigned char)(1 << bit % 8);
	}
	for (bit = 0; bit < good.n; bit += UNIT_STEP)
		assert_int_not_equal(
			add(span_of(p, bit), NULL), WITNESS_COSIGNED);
	assert_int_equal(add(good, NULL), WITNESS_COSIGNED);
}

/* What it knew is gone or unreadable: it signs nothing. */
static void test_damage(void **unused)
{
	struct world w = made("damage.example", true);
	struct witness_reply r = {.line = BUF_INIT(4096)};
	char name[WITNESS_NAME_LEN + 1];
	struct err err = ERR_INIT;
	const char *path;
	size_t i;
	static const char *const damage[] = {"", "size 9\n", "vkey x\n"};

	(void)unused;
	assert_int_equal(add(request(&w, 0, 9), NULL), WITNESS_COSIGNED);
	witness_name(SPAN_LIT("damage.example"), name);
	path = arena_fmt(arena, "%s/" WITNESS_LOGS "/%s", folder, name);
	for (i = 0; i < ARRAY_LEN(damage); i++) {
		assert_int_equal(
			io_replace(path, span_str(damage[i]), 0600, &err), 0);
		assert_int_equal(
			witness_add(folder, request(&w, 9, 10), NOW, &r, &err),
			-1);
		assert_int_equal(r.answer, WITNESS_BROKEN);
		assert_non_null(strstr(err.text, "damaged"));
		assert_int_equal(r.line.n, 0);
	}
	assert_int_equal(unlink(path), 0);
	assert_int_equal(add(request(&w, 9, 10), NULL), WITNESS_UNKNOWN);
	buf_free(&r.line);
}

/* Killed, or with one system call failing, each in turn: what it acknowledged
 * it knows, it has signed one history, and goes on. */
struct asked {
	struct span body;
};

static int add_one(void *ctx)
{
	const struct asked *k = ctx;
	struct witness_reply r = {.line = BUF_INIT(4096)};
	struct err err = ERR_INIT;
	int ret = witness_add(folder, k->body, NOW, &r, &err);

	if (r.answer != WITNESS_COSIGNED || !r.line.n)
		ret = -1;
	buf_free(&r.line);
	return ret;
}

static void test_faults(void **unused)
{
	struct world w = made("faults.example", true), other = w;
	uint64_t size = 0, said;
	int f, at, step = 2 * UNIT_STEP, tried = 0;

	(void)unused;
	for (f = 0; f < FAULTS; f++) {
		if (!fault_possible((enum fault)f))
			continue;
		for (at = 1 + f % 2; at < 1000; at += step) {
			struct asked k = {request(&w, size, size + 2)};
			struct fault_end o =
				fault_run(add_one, &k, at, (enum fault)f);
			enum witness_answer again;

			if (!o.traced) {
				print_message("no tracing here, left out\n");
				return;
			}
			/* The other history may only be signed by who knows
			 * nothing of this one yet, and then this one never. */
			other.fork = size + 1;
			if (!o.status) {
				assert_int_not_equal(
					add(request(&other, size, size + 2),
						NULL),
					WITNESS_COSIGNED);
				assert_int_equal(
					add(k.body, &said), WITNESS_BEHIND);
			}
			again = add(k.body, &said);
			if (again == WITNESS_BEHIND)
				assert_int_equal(said, size + 2);
			else
				assert_int_equal(again, WITNESS_COSIGNED);
			assert_int_not_equal(
				add(request(&other, size + 2, size + 2), NULL),
				WITNESS_COSIGNED);
			size += 2;
			tried += o.struck;
			if (o.nr < 0)
				break;
		}
		assert_true(at < 1000);
	}
	assert_true(tried > 50 / UNIT_STEP);
}

/* A key that others can read, or that is a log's, signs nothing. */
static void test_key(void **unused)
{
	struct world w = made("key.example", true);
	struct witness_reply r = {.line = BUF_INIT(4096)};
	struct buf text = BUF_INIT(4096);
	struct err err = ERR_INIT;
	const char *path = arena_fmt(arena, "%s/" WITNESS_KEY, folder);
	struct span was;

	(void)unused;
	assert_int_equal(io_read_file(path, &text, &err), 0);
	was = arena_copy(arena, buf_all(&text));
	assert_int_equal(io_replace(path, was, 0644, &err), 0);
	assert_int_equal(
		witness_add(folder, request(&w, 0, 1), NOW, &r, &err), -1);
	assert_non_null(strstr(err.text, "open to others"));
	buf_reset(&text);
	note_secret_text(&w.key, &text);
	assert_int_equal(io_replace(path, buf_all(&text), 0600, &err), 0);
	assert_int_equal(
		witness_add(folder, request(&w, 0, 1), NOW, &r, &err), -1);
	assert_int_equal(r.line.n, 0);
	assert_int_equal(io_replace(path, was, 0600, &err), 0);
	/* It had not gone on. */
	assert_int_equal(add(request(&w, 0, 1), NULL), WITNESS_COSIGNED);
	buf_wipe(&text);
	buf_free(&r.line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_grows),
		cmocka_unit_test(test_rollback),
		cmocka_unit_test(test_split_view),
		cmocka_unit_test(test_unsigned),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_another_key),
		cmocka_unit_test(test_flips),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_key),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
