/* What the members of an archive hold, as the inspector tells it. */
#include "support/unit.h"

#include "base/io.h"
#include "scan/inspect.h"
#include "support/chance.h"
#include "support/tarball.h"
#include "support/unpackprogram.h"

#define RULE(id, regex, more)                              \
	"{\"id\":\"" id "\",\"regex\":\"" regex "\"," more \
	"\"confidence\":\"low\",\"description\":\"d\","    \
	"\"remediation\":\"r\",\"examples\":{\"match\":[\"x\"]}}"
static const char rules[] =
	"{\"name\":\"n\",\"rules\":[" RULE("key", "KEY[0-9]{4}", "") "," RULE(
		"python", "PY[0-9]{4}", "\"path\":\"[.]py$\",") "," RULE("open",
		"BEG[^-]{3,}END", "\"keywords\":[\"beg\"],") "]}";

struct world {
	struct arena *arena;
	struct pack pack;
	struct inspector *in;
	struct buf program;
};

static int start(void **state)
{
	static struct world w = {.program = {.max = 4096}};
	static const unsigned char key[FINGERPRINT_KEY] = {1};
	const struct scanner_setup s = {
		.packs = &w.pack, .npacks = 1, .key = key};
	struct unpack_setup unpack = {.depth = 2};
	struct scanner *scanner;
	struct err err = ERR_INIT;

	unpack_program(&w.program);
	unpack.program = buf_cstr(&w.program);
	w.arena = arena_new((size_t)1 << 28);
	if (rulepack_parse(SPAN_LIT(rules), w.arena, &w.pack.rules, &err) ||
		scanner_new(&s, &scanner, &err))
		fail_msg("%s", err.text);
	w.in = inspector_new(scanner, 2);
	inspector_unpack(w.in, &unpack);
	*state = &w;
	return 0;
}

static int stop(void **state)
{
	struct world *w = *state;

	inspector_free(w->in);
	arena_free(w->arena);
	buf_free(&w->program);
	return 0;
}

/* "rule member:line:column" of each hit. */
static const char *as_text(const struct scan_result *r, struct buf *out)
{
	size_t i;

	buf_reset(out);
	for (i = 0; i < r->nhit; i++)
		buf_fmt(out, "%s%.*s %s:%zu:%zu", i ? "|" : "",
			SPAN_FMT(r->hit[i].rule->id),
			r->hit[i].member ? r->hit[i].member : "-",
			r->hit[i].line, r->hit[i].column);
	buf_byte(out, 0);
	return (const char *)out->p;
}

static void told_where_it_is(void **state)
{
	struct world *w = *state;
	struct buf inner = BUF_INIT(65536), tar = BUF_INIT(65536);
	struct buf text = BUF_INIT(65536);
	struct scan_result r;
	struct err err = ERR_INIT;

	tar_add(&inner, "deep.py", SPAN_LIT("\n PY1111"));
	tar_add(&inner, "deep.c", SPAN_LIT("PY2222 KEY2222"));
	tar_end(&inner);
	tar_add(&tar, "a.py", SPAN_LIT("x\nPY3333\n"));
	tar_add(&tar, "./d/in.tar", buf_all(&inner));
	tar_add(&tar, "b.c", SPAN_LIT("KEY3333 KEY3333"));
	tar_end(&tar);
	assert_int_equal(inspect_scan(w->in, buf_all(&tar), SPAN_LIT("x/l.tar"),
				 w->arena, &r, &err),
		0);
	assert_int_equal(r.outcome, SCAN_DONE);
	/* Each once, in the innermost place. */
	assert_string_equal(as_text(&r, &text),
		"python a.py:2:1|python ./d/in.tar!deep.py:2:2|"
		"key ./d/in.tar!deep.c:1:8|key b.c:1:1|key b.c:1:9");
	/* Open, then settled for a path: the same. */
	assert_int_equal(
		inspect_open(w->in, buf_all(&tar), NULL, w->arena, &r, &err),
		0);
	assert_int_equal(
		inspect_settle(w->in, SPAN_LIT("x/l.tar"), &r, &err), 0);
	assert_string_equal(as_text(&r, &text),
		"python a.py:2:1|python ./d/in.tar!deep.py:2:2|"
		"key ./d/in.tar!deep.c:1:8|key b.c:1:1|key b.c:1:9");
	buf_free(&inner);
	buf_free(&tar);
	buf_free(&text);
}

/* What a compressed file holds has the file's name without its end. */
static void compressed_files(void **state)
{
	static const unsigned char gz[] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3,
		/* one stored block: "PY4444\n" */
		1, 7, 0, 0xf8, 0xff, 'P', 'Y', '4', '4', '4', '4', '\n',
		/* CRC-32, length */
		0xe3, 0x49, 0x4d, 0xc6, 7, 0, 0, 0};
	struct world *w = *state;
	struct buf text = BUF_INIT(65536);
	struct scan_result r;
	struct err err = ERR_INIT;

	assert_int_equal(inspect_scan(w->in, span_of(gz, sizeof(gz)),
				 SPAN_LIT("a.py.gz"), w->arena, &r, &err),
		0);
	assert_string_equal(r.why, "");
	assert_string_equal(as_text(&r, &text), "python (unpacked):1:1");
	assert_int_equal(inspect_scan(w->in, span_of(gz, sizeof(gz)),
				 SPAN_LIT("a.c.gz"), w->arena, &r, &err),
		0);
	assert_string_equal(as_text(&r, &text), "");
	assert_int_equal(inspect_open(w->in, span_of(gz, sizeof(gz)), NULL,
				 w->arena, &r, &err),
		0);
	assert_string_equal(as_text(&r, &text), "python (unpacked):1:1");
	assert_int_equal(
		inspect_settle(w->in, SPAN_LIT("a.c.gz"), &r, &err), 0);
	assert_string_equal(as_text(&r, &text), "");
	assert_true(r.elsewhere);
	buf_free(&text);
}

static void names(void **state)
{
	struct world *w = *state;
	struct buf tar = BUF_INIT(65536), text = BUF_INIT(65536);
	struct scan_result r;
	struct err err = ERR_INIT;

	tar_add(&tar, "e\033[31m\n/../KEY9876.py", SPAN_LIT("PY5555"));
	tar_end(&tar);
	assert_int_equal(inspect_scan(w->in, buf_all(&tar), SPAN_LIT("l.tar"),
				 w->arena, &r, &err),
		0);
	assert_int_equal(r.outcome, SCAN_DONE);
	/* In the archive's own bytes the name stands too, and is told once. */
	assert_string_equal(as_text(&r, &text),
		"key e\\x1b[31m\\x0a/../K….py:2:5|"
		"python e\\x1b[31m\\x0a/../K….py:1:1");
	buf_free(&tar);
	buf_free(&text);
}

/* Nor is one shown where a member is named for another reason. */
static void the_name_of_what_cannot_be(void **state)
{
	struct world *w = *state;
	struct buf tar = BUF_INIT(65536);
	struct scan_result r;
	struct err err = ERR_INIT;

	tar_add(&tar, "KEY9876.py", SPAN_LIT("PY5555"));
	assert_int_equal(inspect_scan(w->in, span_sub(buf_all(&tar), 0, 515),
				 SPAN_LIT("l.tar"), w->arena, &r, &err),
		0);
	assert_int_equal(r.outcome, SCAN_NOT_DONE);
	assert_string_equal(r.why,
		"K….py was not unpacked: it is damaged, cut short or of an "
		"unknown kind");
	buf_free(&tar);
}

/* The reason stands behind a name of any length. */
static void long_names(void **state)
{
	struct world *w = *state;
	struct buf tar = BUF_INIT(65536);
	char name[100];
	struct scan_result r;
	struct err err = ERR_INIT;

	/* Four bytes each when shown. */
	memset(name, '\1', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	tar_add(&tar, name, SPAN_LIT("PK\3\4 ........"));
	tar_end(&tar);
	assert_int_equal(inspect_scan(w->in, buf_all(&tar), SPAN_LIT("l.tar"),
				 w->arena, &r, &err),
		0);
	assert_int_equal(r.outcome, SCAN_NOT_DONE);
	assert_true(span_starts(span_str(r.why), SPAN_LIT("\\x01\\x01")));
	assert_non_null(strstr(r.why,
		"… was not unpacked: it is damaged, cut short or of an unknown "
		"kind"));
	buf_free(&tar);
}

static void what_cannot_be(void **state)
{
	struct world *w = *state;
	struct buf inner = BUF_INIT(65536), mid = BUF_INIT(65536);
	struct buf tar = BUF_INIT(65536), text = BUF_INIT(65536);
	struct scan_result r;
	struct err err = ERR_INIT;

	tar_add(&inner, "in", SPAN_LIT("KEY1111"));
	tar_end(&inner);
	tar_add(&mid, "inner.tar", buf_all(&inner));
	tar_end(&mid);
	tar_add(&tar, "mid.tar", buf_all(&mid));
	tar_add(&tar, "bad.zip", SPAN_LIT("PK\3\4 KEY2222 ........"));
	tar_add(&tar, "good", SPAN_LIT("KEY3333"));
	tar_end(&tar);
	assert_int_equal(inspect_scan(w->in, buf_all(&tar), SPAN_LIT("l.tar"),
				 w->arena, &r, &err),
		0);
	assert_int_equal(r.outcome, SCAN_NOT_DONE);
	assert_string_equal(r.why,
		"mid.tar!inner.tar was not unpacked: archives lie in each "
		"other deeper than allowed");
	/* The rest is told all the same. */
	assert_string_equal(as_text(&r, &text),
		"key mid.tar!inner.tar:1:513|key bad.zip:1:6|key good:1:1");
	buf_free(&inner);
	buf_free(&mid);
	buf_free(&tar);
	buf_free(&text);
}

/* Without a program to ask, every archive is not scanned; files are. */
static void no_program(void **state)
{
	struct world *w = *state;
	const struct scanner_setup s = {.packs = &w->pack, .npacks = 1};
	const struct unpack_setup unpack = {.program = "/nonexistent/x"};
	struct inspector *in;
	struct scanner *scanner;
	struct scan_result r;
	struct err err = ERR_INIT;

	assert_int_equal(scanner_new(&s, &scanner, &err), 0);
	in = inspector_new(scanner, 2);
	inspector_unpack(in, &unpack);
	assert_int_equal(inspect_scan(in, SPAN_LIT("KEY1111"), SPAN_LIT("a"),
				 w->arena, &r, &err),
		0);
	assert_int_equal(r.outcome, SCAN_DONE);
	assert_int_equal(inspect_scan(in, SPAN_LIT("PK\3\4...KEY1111"),
				 SPAN_LIT("a"), w->arena, &r, &err),
		0);
	assert_int_equal(r.outcome, SCAN_NOT_DONE);
	assert_int_equal(r.nhit, 1);
	inspector_free(in);
}

/* Deltas */

static void fill(struct buf *out)
{
	static const char *const parts[] = {"KEY1234", "PY5678", "BEG ", " END",
		"\n", " ", "-", "KEY", "12", "PY0000 ", "xyz ", "BEGxxxxEND",
		" dGhlIGtleSBvZiBpdCBpcyBLRVkxMjM0IGFuZCBubyBtb3Jl "};
	size_t n = 5 + below(40);

	buf_reset(out);
	while (n--)
		buf_str(out, parts[below(ARRAY_LEN(parts))]);
}

#define MEMBERS 5
struct content {
	struct buf member[MEMBERS];
	size_t n;
};

static void pack_up(const struct content *c, struct buf *tar)
{
	static const char *const name[MEMBERS] = {
		"a.py", "b.c", "dir/c.py", "d", "e.py"};
	size_t i;

	buf_reset(tar);
	for (i = 0; i < c->n; i++)
		tar_add(tar, name[i], buf_all(&c->member[i]));
	tar_end(tar);
}

/* The copies of a delta: what is the same in front and at the end. */
static size_t compare(struct span a, struct span b, struct scan_copy copy[2])
{
	size_t head = 0, tail = 0, n = 0;

	while (head < a.n && head < b.n && a.p[head] == b.p[head])
		head++;
	while (tail < a.n - head && tail < b.n - head &&
		a.p[a.n - tail - 1] == b.p[b.n - tail - 1])
		tail++;
	if (head)
		copy[n++] = (struct scan_copy){0, 0, head};
	if (tail)
		copy[n++] = (struct scan_copy){b.n - tail, a.n - tail, tail};
	return n;
}

static bool was_in(const struct scan_result *r, const struct scan_hit *hit)
{
	size_t i;

	for (i = 0; i < r->nhit; i++)
		if (r->hit[i].rule == hit->rule &&
			!r->hit[i].encoding == !hit->encoding &&
			!strcmp(r->hit[i].fingerprint, hit->fingerprint))
			return true;
	return false;
}

static void deltas(void **state)
{
	struct world *w = *state;
	struct content c = {.n = MEMBERS};
	struct buf was = BUF_INIT(1u << 20), is = BUF_INIT(1u << 20);
	struct buf text[2] = {BUF_INIT(1u << 20), BUF_INIT(1u << 20)};
	size_t i, round, hits = 0, known = 0, fresh = 0, encoded = 0;

	for (i = 0; i < MEMBERS; i++) {
		c.member[i].max = 65536;
		fill(&c.member[i]);
	}
	pack_up(&c, &was);
	for (round = 0; round < 300; round++) {
		struct arena *arena = arena_new(1u << 24);
		struct inspect_carry *base = inspect_carry_new(),
				     *next = inspect_carry_new();
		struct scan_result first, whole, made;
		struct scan_copy copy[2];
		struct err err = ERR_INIT;
		size_t n;

		fill(&c.member[below(MEMBERS)]);
		c.n = 1 + below(MEMBERS);
		pack_up(&c, &is);
		n = compare(buf_all(&was), buf_all(&is), copy);
		assert_int_equal(inspect_open(w->in, buf_all(&was), base, arena,
					 &first, &err),
			0);
		inspect_carry_old(base);
		assert_int_equal(inspect_open(w->in, buf_all(&is), NULL, arena,
					 &whole, &err),
			0);
		assert_int_equal(inspect_new(w->in, buf_all(&is), copy, n, base,
					 next, arena, &made, &err),
			0);
		assert_int_equal(made.outcome, SCAN_DONE);
		assert_string_equal(
			as_text(&whole, &text[0]), as_text(&made, &text[1]));
		for (i = 0; i < made.nhit; i++) {
			assert_false(whole.hit[i].known);
			assert_int_equal(made.hit[i].known,
				was_in(&first, &made.hit[i]));
			known += made.hit[i].known;
			fresh += !made.hit[i].known;
			encoded += made.hit[i].known && made.hit[i].encoding;
		}
		hits += made.nhit;
		inspect_carry_free(base);
		inspect_carry_free(next);
		arena_free(arena);
		buf_reset(&was);
		buf_span(&was, buf_all(&is));
	}
	assert_true(hits > 1000);
	assert_true(known > 100);
	assert_true(fresh > 100);
	assert_true(encoded > 50);
	for (i = 0; i < MEMBERS; i++)
		buf_free(&c.member[i]);
	buf_free(&was);
	buf_free(&is);
	buf_free(&text[0]);
	buf_free(&text[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(told_where_it_is),
		cmocka_unit_test(compressed_files),
		cmocka_unit_test(names),
		cmocka_unit_test(the_name_of_what_cannot_be),
		cmocka_unit_test(long_names),
		cmocka_unit_test(what_cannot_be),
		cmocka_unit_test(no_program),
		cmocka_unit_test(deltas),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
