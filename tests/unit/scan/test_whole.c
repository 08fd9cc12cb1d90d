/* A whole history at once: what is told, and of which commit, against what git
 * itself says of every commit. */
#include "support/unit.h"

#include "base/bits.h"
#include "base/grow.h"
#include "base/io.h"
#include "scan/whole.h"

/*
 * Forks and merges; files and folders that come, go, come back, are copied and
 * moved, change a line at a time; secrets in files, in names and in messages.
 * In one pack of long deltas, in several packs, and in no pack at all.
 */
static const char script[] =
	"export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1\n"
	"git init -q --bare r; cd r\n"
	"awk 'BEGIN {\n"
	"	srand(11)\n"
	"	split(\"a a/b a/b/c d d/e f\", dir, \" \")\n"
	"	for (i = 1; i <= 240; i++) {\n"
	"		a = i - 1 - int(rand() * 4); b = i - 1 - int(rand() * "
	"12)\n"
	"		print \"commit refs/heads/b\" i % 6 \"\\nmark :\" i\n"
	"		print \"committer c <c@x> \" 1700000000 + int(rand() * "
	"9999) \" +0000\"\n"
	"		m = rand() < 0.03 ? \"KEY\" 1000 + i : \"m\" i\n"
	"		print \"data \" length(m) \"\\n\" m\n"
	"		if (a > 0) print \"from :\" a\n"
	"		if (a > 0 && b > 0 && b != a && rand() < 0.3)\n"
	"			print \"merge :\" b\n"
	"		for (k = 0; k < 3; k++) {\n"
	"			d = dir[1 + int(rand() * 6)]\n"
	"			f = \"f\" int(rand() * 9)\n"
	"			if (rand() < 0.03) f = \"KEY\" 2000 + i % 50\n"
	"			if (rand() < 0.1) { print \"D \" d \"/\" f; "
	"continue }\n"
	"			t = \"\"\n"
	"			for (j = 0; j < 40; j++)\n"
	"				t = t \"line \" (rand() < 0.04 ? i : "
	"j) \"\\n\"\n"
	"			if (rand() < 0.12) t = t \"KEY\" 3000 + "
	"int(rand() "
	"* 40) \"\\n\"\n"
	"			print \"M 100644 inline \" d \"/\" f\n"
	"			print \"data \" length(t) \"\\n\" t\n"
	"		}\n"
	"		if (rand() < 0.1) {\n"
	"			print \"M 100644 inline d/e/k\\ndata 1\\nk\"\n"
	"			print \"R d/e g\" i % 3\n"
	"		}\n"
	"		if (rand() < 0.1) {\n"
	"			print \"M 100644 inline a/b/k\\ndata 1\\nk\"\n"
	"			print \"C a/b h\" i % 3 \"/i\"\n"
	"		}\n"
	"	}\n"
	"	print \"done\" }' |\n"
	"git -c fastimport.unpackLimit=0 fast-import --quiet --done --force\n"
	"git rev-list --all --parents >../commits\n"
	"for c in $(git rev-list --all); do\n"
	"	git ls-tree -r --format=\"$c %(objectname) %(path)\" $c\n"
	"done >../entries\n"
	"for c in $(git rev-list --all); do\n"
	"	git grep -lE 'KEY[0-9]{4}' $c -- || :\n"
	"done | tr : ' ' >../secret\n"
	"git for-each-ref --format='%(objectname)' refs/heads >../tips\n";

struct entry {
	size_t commit;
	struct oid object;
	struct span path;
	bool secret, first;
};

struct fixture {
	char dir[300];
	struct buf commits, entries, secret, tips;
	struct oid id[400], tip[64];
	size_t parent[400][3], nparent[400], n, ntip;
	uint64_t above[400][BIT_WORDS(400)]; /* whose history has which */
	struct entry *entry;
	size_t nentry;
	struct inspector *in;
	struct arena *arena;
	struct pack pack;
};

static void read_lines(struct fixture *f, const char *name, struct buf *out)
{
	struct buf path = PATH_BUF_INIT;
	struct err err = ERR_INIT;

	*out = (struct buf)BUF_INIT(1u << 24);
	io_join(&path, f->dir, name);
	assert_int_equal(io_read_file(buf_cstr(&path), out, &err), 0);
	buf_free(&path);
}

static size_t place(const struct fixture *f, struct span hex)
{
	struct oid id;
	size_t i;

	assert_true(oid_read(hex, &id));
	for (i = 0; i < f->n; i++)
		if (oid_eq(&f->id[i], &id))
			return i;
	fail_msg("%.*s is no commit", SPAN_FMT(hex));
	return 0;
}

static struct span word(struct span *line)
{
	size_t at = span_find(*line, ' ');
	struct span w = span_sub(*line, 0, at);

	*line = at == SIZE_MAX ? SPAN_EMPTY : span_from(*line, at + 1);
	return w;
}

static void read_commits(struct fixture *f)
{
	struct span rest, line;
	size_t i, k, j, w;

	read_lines(f, "commits", &f->commits);
	rest = buf_all(&f->commits);
	while (span_line(&rest, &line, NULL)) {
		assert_true(f->n < ARRAY_LEN(f->id));
		assert_true(oid_read(word(&line), &f->id[f->n++]));
	}
	rest = buf_all(&f->commits);
	for (i = 0; span_line(&rest, &line, NULL); i++) {
		word(&line);
		while (line.n) {
			assert_true(f->nparent[i] < 3);
			f->parent[i][f->nparent[i]++] = place(f, word(&line));
		}
	}
	/* Until no history grows: the order of the list does not matter. */
	for (j = 0; j < f->n; j++)
		for (i = 0; i < f->n; i++)
			for (k = 0; k < f->nparent[i]; k++) {
				size_t p = f->parent[i][k];

				bit_set(f->above[i], p);
				for (w = 0; w < BIT_WORDS(400); w++)
					f->above[i][w] |= f->above[p][w];
			}
}

static bool same_place(const struct entry *a, const struct entry *b)
{
	return oid_eq(&a->object, &b->object) && span_eq(a->path, b->path);
}

static void read_entries(struct fixture *f)
{
	struct span rest, line;
	size_t i, k, cap = 0;

	read_lines(f, "entries", &f->entries);
	rest = buf_all(&f->entries);
	while (span_line(&rest, &line, NULL)) {
		struct entry e = {.commit = place(f, word(&line))};

		assert_true(oid_read(word(&line), &e.object));
		e.path = line;
		f->entry = grow(f->entry, f->nentry, &cap, sizeof(e));
		f->entry[f->nentry++] = e;
	}
	read_lines(f, "secret", &f->secret);
	rest = buf_all(&f->secret);
	while (span_line(&rest, &line, NULL)) {
		size_t c = place(f, word(&line));

		for (i = 0; i < f->nentry; i++)
			if (f->entry[i].commit == c &&
				span_eq(f->entry[i].path, line))
				f->entry[i].secret = true;
	}
	for (i = 0; i < f->nentry; i++) {
		f->entry[i].first = true;
		for (k = 0; k < f->nentry; k++)
			if (bit_get(f->above[f->entry[i].commit],
				    f->entry[k].commit) &&
				same_place(&f->entry[i], &f->entry[k]))
				f->entry[i].first = false;
	}
}

#define RULES                                                       \
	"{\"name\":\"n\",\"rules\":[{\"id\":\"key\","               \
	"\"regex\":\"KEY[0-9]{4}\",\"confidence\":\"low\","         \
	"\"description\":\"d\",\"remediation\":\"r\",\"examples\":" \
	"{\"match\":[\"KEY0000\"]}}]}"

static int setup(void **state)
{
	static const unsigned char key[FINGERPRINT_KEY] = {1};
	struct fixture *f = calloc(1, sizeof(*f));
	struct scanner_setup s = {.packs = &f->pack, .npacks = 1, .key = key};
	struct scanner *scanner;
	struct err err = ERR_INIT;
	struct span rest, line;

	assert_non_null(f);
	unit_dir(f->dir, sizeof(f->dir));
	unit_shell(f->dir, script);
	read_commits(f);
	read_entries(f);
	read_lines(f, "tips", &f->tips);
	rest = buf_all(&f->tips);
	while (span_line(&rest, &line, NULL))
		assert_true(oid_read(line, &f->tip[f->ntip++]));
	f->arena = arena_new(1u << 24);
	if (rulepack_parse(SPAN_LIT(RULES), f->arena, &f->pack.rules, &err) ||
		scanner_new(&s, &scanner, &err))
		fail_msg("%s", err.text);
	f->in = inspector_new(scanner, 2);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	inspector_free(f->in);
	arena_free(f->arena);
	buf_free(&f->commits);
	buf_free(&f->entries);
	buf_free(&f->secret);
	buf_free(&f->tips);
	free(f->entry);
	unit_rm(f->dir);
	free(f);
	return 0;
}

struct told {
	struct fixture *f;
	struct oid object[2000];
	struct span path[2000];
	size_t n, messages, paths;
	struct arena *arena;
};

static bool told_before(const struct told *t, const struct history_hit *hit)
{
	size_t i;

	for (i = 0; i < t->n; i++)
		if (oid_eq(&t->object[i], hit->object) &&
			(strcmp(hit->what, "path") ||
				span_eq(t->path[i], hit->path)))
			return true;
	return false;
}

/* That it is there, in that commit, and in none before. */
static void is_first(const struct told *t, const struct history_hit *hit)
{
	char hex[OID_HEX + 1];
	struct fixture *f = t->f;
	size_t c = place(f, span_str(oid_hex(hit->commit, hex))), i;

	for (i = 0; i < f->nentry; i++) {
		const struct entry *e = &f->entry[i];

		if (e->commit != c || !span_eq(e->path, hit->path))
			continue;
		assert_true(oid_eq(&e->object, hit->object));
		assert_true(e->first);
		assert_true(e->secret || !strcmp(hit->what, "path"));
		return;
	}
	fail_msg("%.*s is not in that commit", SPAN_FMT(hit->path));
}

static int on_tell(void *ctx, const struct history_hit *hit, struct err *err)
{
	struct told *t = ctx;

	(void)err;
	assert_non_null(hit->hit);
	if (!strcmp(hit->what, "commit message")) {
		assert_true(oid_eq(hit->object, hit->commit));
		t->messages++;
		return 0;
	}
	assert_false(told_before(t, hit));
	is_first(t, hit);
	if (!strcmp(hit->what, "path")) {
		t->paths++;
		return 0;
	}
	assert_true(t->n < ARRAY_LEN(t->object));
	t->object[t->n] = *hit->object;
	t->path[t->n++] = arena_copy(t->arena, hit->path);
	return 0;
}

static size_t number_of_secrets(const struct fixture *f)
{
	size_t i, k, n = 0;

	for (i = 0; i < f->nentry; i++) {
		if (!f->entry[i].secret)
			continue;
		for (k = 0; k < i; k++)
			if (f->entry[k].secret &&
				oid_eq(&f->entry[k].object,
					&f->entry[i].object))
				break;
		n += k == i;
	}
	return n;
}

static void scan_all(struct fixture *f, const char *how, size_t packs)
{
	static size_t messages, paths;
	struct told *t = calloc(1, sizeof(*t));
	struct history h = {
		.inspector = f->in, .max = 1u << 24, .tell = on_tell, .ctx = t};
	struct whole_setup setup = {
		.tips = f->tip, .ntips = f->ntip, .workers = 2};
	struct buf path = PATH_BUF_INIT;
	struct packlist list = {0};
	struct err err = ERR_INIT;

	assert_non_null(t);
	t->f = f;
	t->arena = arena_new(1u << 24);
	unit_shell(f->dir, how);
	io_join(&path, f->dir, "r/objects");
	assert_int_equal(packlist_open(buf_cstr(&path), false, &list, &err), 0);
	assert_int_equal(list.n, packs);
	setup.packs = &list;
	io_join(&path, f->dir, "r");
	assert_int_equal(repo_open(buf_cstr(&path), NULL, &h.repo, &err), 0);
	if (whole_scan(&h, &setup, &err))
		fail_msg("%s", err.text);
	/* Each of them, whatever it lies in. */
	assert_int_equal(t->n, number_of_secrets(f));
	if (t->n <= 20 || t->messages <= 3 || t->paths <= 2)
		fail_msg("%zu, %zu, %zu, %zu", t->n, t->messages, t->paths,
			f->n);
	if (messages) {
		assert_int_equal(t->messages, messages);
		assert_int_equal(t->paths, paths);
	}
	messages = t->messages;
	paths = t->paths;
	history_free(&h);
	repo_close(h.repo);
	packlist_close(&list);
	arena_free(t->arena);
	buf_free(&path);
	free(t);
}

static void of_one_pack(void **state)
{
	scan_all(*state,
		"cd r; git repack -qadf --depth=200 --window=50 --threads=1",
		1);
}

static void of_some_packs(void **state)
{
	scan_all(*state,
		"cd r; for b in b0 b2 b4; do\n"
		"	git rev-list --objects $b | cut -d' ' -f1 |\n"
		"		git pack-objects -q objects/pack/pack "
		">/dev/null\n"
		"done",
		4);
}

static void of_no_pack(void **state)
{
	scan_all(*state,
		"mkdir aside; mv r/objects/pack/* aside; for p in "
		"aside/*.pack\n"
		"do git -C r unpack-objects -q <$p; done",
		0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_one_pack),
		cmocka_unit_test(of_some_packs),
		cmocka_unit_test(of_no_pack),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
