/* Which keys lead to which, and whose signature counts. */
#include "../../support/unit.h"

#include "log/keychain.h"

#define NAME "log.example"
#define KEYS 4

/* Keys of one log, and of another one of the same name. */
struct world {
	struct note_key secret[KEYS], public[KEYS];
	struct arena *a;
};

static int setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	struct err err = ERR_INIT;
	size_t i;

	w->a = arena_new((size_t)64 << 20);
	for (i = 0; i < KEYS; i++) {
		assert_int_equal(key_new(SPAN_LIT(NAME), NOTE_ED25519,
					 &w->secret[i], &err),
			0);
		assert_int_equal(
			key_public(&w->secret[i], &w->public[i], &err), 0);
	}
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	arena_free(w->a);
	free(w);
	return 0;
}

static void add_sig(
	struct buf *note, const struct note_key *secret, struct span text)
{
	struct buf one = BUF_INIT(CHECKPOINT_MAX);
	struct err err = ERR_INIT;

	assert_int_equal(key_sign(secret, text, &one, &err), 0);
	/* Its line, behind text and empty line. */
	buf_span(note, span_from(buf_all(&one), text.n + 1));
	buf_free(&one);
}

/* From key ${from} to key ${to}, signed by these two keys. */
static struct span link_by(struct world *w, size_t from, size_t to,
	uint64_t size, bool compromised, size_t by1, size_t by2)
{
	struct rotation r = {.old = w->public[from],
		.new = w->public[to],
		.size = size,
		.compromised = compromised};
	struct buf text = BUF_INIT(ROTATION_MAX), note = BUF_INIT(ROTATION_MAX);
	struct span ret;

	memset(r.root, 7, sizeof(r.root));
	rotation_text(&r, &text);
	buf_span(&note, buf_all(&text));
	note_split(&note);
	add_sig(&note, &w->secret[by1], buf_all(&text));
	add_sig(&note, &w->secret[by2], buf_all(&text));
	ret = arena_copy(w->a, buf_all(&note));
	buf_free(&text);
	buf_free(&note);
	return ret;
}

static struct span link_of(
	struct world *w, size_t from, size_t to, uint64_t size)
{
	return link_by(w, from, to, size, false, from, to);
}

static struct span joined(struct world *w, struct span a, struct span b)
{
	struct buf all = BUF_INIT(ROTATIONS_TEXT_MAX);
	struct span ret;

	buf_span(&all, a);
	buf_span(&all, b);
	ret = arena_copy(w->a, buf_all(&all));
	buf_free(&all);
	return ret;
}

/* What is trusted is key ${pin}, and ${links} are in the log's folder. */
static int chain(
	struct world *w, size_t pin, struct span links, struct keychain *out)
{
	struct err err = ERR_INIT;

	*out = (struct keychain){.pinned = w->public[pin]};
	return keychain_add(out, links, w->a, &err);
}

/* A checkpoint of that size, signed by some of the keys. */
static struct span checkpoint(struct world *w, uint64_t size, const char *by)
{
	struct checkpoint c = {.origin = SPAN_LIT(NAME), .size = size};
	struct buf text = BUF_INIT(CHECKPOINT_MAX);
	struct buf note = BUF_INIT(CHECKPOINT_MAX);
	struct span ret;

	memset(c.root, 9, sizeof(c.root));
	checkpoint_text(&c, &text);
	buf_span(&note, buf_all(&text));
	note_split(&note);
	for (; *by; by++)
		add_sig(&note, &w->secret[*by - '0'], buf_all(&text));
	ret = arena_copy(w->a, buf_all(&note));
	buf_free(&text);
	buf_free(&note);
	return ret;
}

/* The number of the key by which it opens, or -1. */
static int opens(struct world *w, const struct keychain *c, unsigned ways,
	uint64_t size, const char *by)
{
	struct err err = ERR_INIT;
	struct checkpoint out;
	size_t i;

	if (keychain_open(
		    c, ways, checkpoint(w, size, by), w->a, &out, &i, &err)) {
		assert_int_equal(err.code, ERR_LOG);
		assert_int_equal(out.size, 0);
		return -1;
	}
	assert_int_equal(out.size, size);
	return (int)i;
}

static void test_alone(void **state)
{
	struct world *w = *state;
	struct keychain c = {.pinned = w->public[0]};

	assert_int_equal(opens(w, &c, KEYCHAIN_ON, 5, "0"), 0);
	assert_int_equal(opens(w, &c, KEYCHAIN_ON, 5, "10"), 0);
	assert_int_equal(opens(w, &c, KEYCHAIN_ON, 5, "1"), -1);
}

/* Key 0 signs up to the entry that retires it, number 10, so to size 11. */
static void test_on(void **state)
{
	struct world *w = *state;
	struct keychain c;

	assert_int_equal(chain(w, 0, link_of(w, 0, 1, 10), &c), 0);
	assert_int_equal(c.n, 1);
	assert_int_equal(c.at, 0);
	assert_int_equal(opens(w, &c, KEYCHAIN_ON, 10, "0"), 0);
	assert_int_equal(opens(w, &c, KEYCHAIN_ON, 11, "0"), 0);
	assert_int_equal(opens(w, &c, KEYCHAIN_ON, 11, "01"), 0);
	assert_int_equal(opens(w, &c, KEYCHAIN_ON, 11, "1"), 1);
	assert_int_equal(opens(w, &c, KEYCHAIN_ON, 12, "1"), 1);
	/* Retired, and not yet one. */
	assert_int_equal(opens(w, &c, KEYCHAIN_ON, 12, "0"), -1);
	assert_int_equal(opens(w, &c, KEYCHAIN_ON, 10, "1"), -1);
	assert_int_equal(opens(w, &c, KEYCHAIN_ON, 12, "2"), -1);
	assert_int_equal(opens(w, &c, KEYCHAIN_ON, 12, "01"), 1);
}

static void test_back(void **state)
{
	struct world *w = *state;
	struct span links =
		joined(w, link_of(w, 0, 1, 10), link_of(w, 1, 2, 20));
	struct keychain c;

	assert_int_equal(chain(w, 1, links, &c), 0);
	assert_int_equal(c.at, 1);
	assert_int_equal(opens(w, &c, KEYCHAIN_ON, 5, "0"), -1);
	assert_int_equal(opens(w, &c, KEYCHAIN_BACK, 5, "0"), 0);
	assert_int_equal(opens(w, &c, KEYCHAIN_BACK, 11, "0"), 0);
	assert_int_equal(opens(w, &c, KEYCHAIN_BACK, 12, "0"), -1);
	assert_int_equal(opens(w, &c, KEYCHAIN_ON, 15, "1"), 1);
	assert_int_equal(opens(w, &c, KEYCHAIN_ON, 25, "2"), 2);
	assert_int_equal(opens(w, &c, KEYCHAIN_BACK, 25, "1"), -1);
}

static void test_compromised(void **state)
{
	struct world *w = *state;
	struct span links = joined(
		w, link_by(w, 0, 1, 10, true, 0, 1), link_of(w, 1, 2, 20));
	struct keychain c;

	assert_int_equal(chain(w, 0, links, &c), 0);
	assert_int_equal(opens(w, &c, KEYCHAIN_ON, 5, "0"), -1);
	assert_int_equal(opens(w, &c, KEYCHAIN_ON, 25, "2"), -1);
	assert_int_equal(opens(w, &c, KEYCHAIN_OWN, 25, "2"), 2);
	assert_int_equal(chain(w, 1, links, &c), 0);
	assert_int_equal(opens(w, &c, KEYCHAIN_ON, 25, "2"), 2);
	assert_int_equal(opens(w, &c, KEYCHAIN_BACK, 5, "0"), -1);
	assert_int_equal(opens(w, &c, KEYCHAIN_BACK | KEYCHAIN_OWN, 5, "0"), 0);
	/* What comes later counts as well. */
	links = joined(
		w, link_of(w, 0, 1, 10), link_by(w, 1, 2, 20, true, 1, 2));
	assert_int_equal(chain(w, 0, links, &c), 0);
	assert_int_equal(opens(w, &c, KEYCHAIN_ON, 15, "1"), -1);
	assert_int_equal(chain(w, 2, links, &c), 0);
	assert_int_equal(opens(w, &c, KEYCHAIN_ON, 25, "2"), 2);
	assert_int_equal(opens(w, &c, KEYCHAIN_BACK, 5, "0"), -1);
}

/* Signed by only one, by neither, by others; to a key that was swapped. */
static void test_forged(void **state)
{
	static const size_t by[][2] = {{0, 2}, {2, 1}, {2, 3}, {1, 0}, {0, 0}};
	struct world *w = *state;
	struct span good = link_of(w, 0, 1, 10), other, links;
	struct buf text = BUF_INIT(ROTATION_MAX);
	struct keychain c;
	size_t i;

	for (i = 0; i < ARRAY_LEN(by); i++)
		assert_int_equal(
			chain(w, 0,
				link_by(w, 0, 1, 10, false, by[i][0], by[i][1]),
				&c),
			-1);
	/* The text of one, the signatures of another. */
	other = link_of(w, 0, 2, 10);
	i = span_search(good, SPAN_LIT("\n\n"));
	buf_span(&text, span_sub(other, 0, i));
	buf_span(&text, span_from(good, i));
	assert_int_equal(chain(w, 0, buf_all(&text), &c), -1);
	/* With the ids that the text asks for, which anybody can write. */
	w->secret[2] = w->secret[3];
	memcpy(w->secret[2].id, w->public[2].id, NOTE_ID_LEN);
	assert_int_equal(
		chain(w, 0, link_by(w, 0, 2, 10, false, 0, 2), &c), -1);
	/* Of a log in which the trusted key never was. */
	assert_int_equal(chain(w, 3, good, &c), -1);
	assert_int_equal(c.n, 0);
	/* Out of order, with a hole, back again, twice. */
	links = joined(w, link_of(w, 0, 1, 10), link_of(w, 1, 3, 10));
	assert_int_equal(chain(w, 0, links, &c), -1);
	links = joined(w, link_of(w, 0, 1, 10), link_of(w, 1, 0, 20));
	assert_int_equal(chain(w, 0, links, &c), -1);
	links = joined(w, good, good);
	assert_int_equal(chain(w, 0, links, &c), -1);
	links = joined(w, good, link_of(w, 0, 3, 20));
	assert_int_equal(chain(w, 0, links, &c), -1);
	buf_free(&text);
}

/* Any bit of it, and any part of it. */
static void test_flipped(void **state)
{
	struct world *w = *state;
	struct span good = link_of(w, 0, 1, 10);
	unsigned char *bytes = malloc(good.n);
	struct keychain c;
	size_t i;

	assert_int_equal(chain(w, 0, good, &c), 0);
	for (i = 0; i < 8 * good.n; i++) {
		struct arena *was = w->a;

		w->a = arena_new((size_t)8 << 20);
		memcpy(bytes, good.p, good.n);
		bytes[i / 8] ^= (unsigned char)(1u << i % 8);
		if (!chain(w, 0, span_of(bytes, good.n), &c))
			fail_msg("taken with bit %zu of byte %zu turned over",
				i % 8, i / 8);
		arena_free(w->a);
		w->a = was;
	}
	for (i = 1; i < good.n; i++)
		assert_int_equal(chain(w, 0, span_sub(good, 0, i), &c), -1);
	free(bytes);
}

/* A key's line and what follows it. */
static void test_text(void **state)
{
	struct world *w = *state;
	struct buf text = BUF_INIT(KEYCHAIN_TEXT_MAX);
	struct keychain c, again;
	struct err err = ERR_INIT;
	size_t i;

	assert_int_equal(chain(w, 0, link_of(w, 0, 1, 10), &c), 0);
	keychain_text(&c, &text);
	assert_int_equal(keychain_read(buf_all(&text), w->a, &again, &err), 0);
	assert_int_equal(again.n, 1);
	assert_int_equal(again.at, 1);
	assert_true(keychain_find(&again, &w->public[0], &i));
	assert_int_equal(i, 0);
	assert_int_equal(opens(w, &again, KEYCHAIN_BACK, 5, "0"), 0);
	/* The same once more, and less, take nothing away. */
	assert_int_equal(
		keychain_add(&again, link_of(w, 0, 1, 10), w->a, &err), 0);
	assert_int_equal(keychain_add(&again, SPAN_EMPTY, w->a, &err), 0);
	assert_int_equal(again.n, 1);
	/* Another history of the same key. */
	assert_int_equal(
		keychain_add(&again, link_of(w, 2, 1, 10), w->a, &err), -1);
	/* A key alone, as it always was. */
	buf_reset(&text);
	buf_str(&text, " \n");
	note_key_text(&w->public[2], &text);
	buf_str(&text, "\n\n");
	err_clear(&err);
	assert_int_equal(keychain_read(buf_all(&text), w->a, &c, &err), 0);
	assert_int_equal(c.n, 0);
	buf_str(&text, "x\n");
	assert_int_equal(keychain_read(buf_all(&text), w->a, &c, &err), -1);
	buf_free(&text);
}

/* One that continues it, without taking it in. */
static void test_next(void **state)
{
	struct world *w = *state;
	struct err err = ERR_INIT;
	struct rotation r;
	struct keychain c;

	assert_int_equal(chain(w, 0, link_of(w, 0, 1, 10), &c), 0);
	assert_int_equal(
		keychain_next(&c, link_of(w, 1, 2, 20), w->a, &r, &err), 0);
	assert_int_equal(r.size, 20);
	assert_int_equal(c.n, 1);
	assert_int_equal(
		keychain_next(&c, link_of(w, 0, 2, 20), w->a, &r, &err), -1);
	assert_int_equal(
		keychain_next(&c, link_of(w, 1, 2, 10), w->a, &r, &err), -1);
	assert_int_equal(
		keychain_next(&c, link_of(w, 1, 0, 20), w->a, &r, &err), -1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_alone),
		TEST(test_on),
		TEST(test_back),
		TEST(test_compromised),
		TEST(test_forged),
		TEST(test_flipped),
		TEST(test_text),
		TEST(test_next),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
