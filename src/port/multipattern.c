#include "port/multipattern.h"

#include <hs.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/mman.h>

#include "base/banned.h"
#include "base/grow.h"
#include "parse/regexnames.h"

/*
 * Memory for the library's databases and scratch, all of its pages at once: one
 * by one, as they are touched, they would take most of the time that loading
 * takes. In front of it its own length, as a cache line.
 */
#define ROOM_HEAD 64

static void *room_new(size_t n)
{
	size_t *p;

	if (n > SIZE_MAX - ROOM_HEAD)
		return NULL;
	p = mmap(NULL, n + ROOM_HEAD, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (p == MAP_FAILED)
		return NULL;
	*p = n + ROOM_HEAD;
	return (char *)p + ROOM_HEAD;
}

static void room_free(void *room)
{
	char *p = room;

	if (p)
		munmap(p - ROOM_HEAD, *(size_t *)(void *)(p - ROOM_HEAD));
}

static void lib_start(void)
{
	if (hs_set_database_allocator(room_new, room_free) != HS_SUCCESS ||
		hs_set_scratch_allocator(room_new, room_free) != HS_SUCCESS)
		die("Hyperscan: cannot start");
}

static void lib_once(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	if (pthread_once(&once, lib_start))
		die("Hyperscan: cannot start");
}

/* Matches longer than this are looked for by their words, bytes. */
#define WIDE 400
/* A longer word makes an item that has none. */
#define WORD_MAX 256u

/* What is known of an item besides the database; saved with it. */
struct kind {
	uint32_t kind, width, reach, confirm;
};
#define NO_REACH UINT32_MAX

/* What all that share it only read. */
struct compiled {
	hs_database_t *db;   /* NULL when no item has anything to look for */
	hs_database_t *side; /* for multi_confirm, or NULL */
	struct kind *kinds;
	size_t n;
	atomic_size_t users;
};

struct multi {
	struct compiled *of;
	hs_scratch_t *scratch;
};

/* What is handed to the compiler: an item, or one of its words. */
struct job {
	char *text;
	unsigned flags, id;
};
struct jobs {
	struct job *v;
	size_t n, cap;
};

static void jobs_free(struct jobs *jobs)
{
	size_t i;

	for (i = 0; i < jobs->n; i++)
		free(jobs->v[i].text);
	free(jobs->v);
	*jobs = (struct jobs){0};
}

/* ${text} is handed over. */
static void jobs_add(struct jobs *jobs, char *text, unsigned flags, size_t id)
{
	jobs->v = grow(jobs->v, jobs->n, &jobs->cap, sizeof(*jobs->v));
	jobs->v[jobs->n++] = (struct job){text, flags, (unsigned)id};
}

static char *text_of(struct span s)
{
	char *text = malloc(s.n + 1);

	if (!text)
		die("no memory for the pattern compiler");
	if (s.n)
		memcpy(text, s.p, s.n);
	text[s.n] = 0;
	return text;
}

static char *literal_of(struct span s)
{
	char *text = malloc(4 * s.n + 1);
	size_t i;

	if (!text)
		die("no memory for the pattern compiler");
	for (i = 0; i < s.n; i++)
		snprintf(text + 4 * i, 5, "\\x%02x", s.p[i]);
	text[4 * s.n] = 0;
	return text;
}

/* Whether the engine understands the text; its longest match, UINT_MAX for
 * "no bound". An expression that can match nothing at all is not understood:
 * the engine would have to report every byte. */
static bool understood(const char *text, unsigned flags, unsigned *width)
{
	hs_expr_info_t *info = NULL;
	hs_compile_error_t *why = NULL;
	bool yes;

	if (hs_expression_info(text, flags, &info, &why) != HS_SUCCESS) {
		hs_free_compile_error(why);
		return false;
	}
	yes = info->min_width > 0;
	*width = info->max_width;
	free(info);
	return yes;
}

static bool has_words(const struct multi_item *item)
{
	size_t i;

	for (i = 0; i < item->nwords; i++) {
		if (!item->words[i].n || item->words[i].n > WORD_MAX)
			return false;
	}
	return item->nwords > 0;
}

static void plan_words(const struct multi_item *item, size_t id, unsigned reach,
	struct jobs *jobs, struct kind *kind)
{
	size_t i;

	*kind = (struct kind){MULTI_ALWAYS, 0, NO_REACH, 0};
	if (!has_words(item))
		return;
	*kind = (struct kind){MULTI_WORDS, 0, reach, 0};
	for (i = 0; i < item->nwords; i++) {
		if (item->words[i].n > kind->width)
			kind->width = (uint32_t)item->words[i].n;
		jobs_add(jobs, literal_of(item->words[i]),
			HS_FLAG_CASELESS | HS_FLAG_SINGLEMATCH, id);
	}
}

/*
 * A list of names is found by a look at a table, and what may follow a name is
 * a machine with hundreds of states, started each time that one of the words in
 * the names turns up. So the engine looks for the names alone, where there are
 * any, and whoever called searches for the rest.
 */
static void cut_to_names(char *text, struct kind *kind)
{
	size_t n = regexnames_head(span_str(text));
	unsigned width;
	char rest;

	if (!n)
		return;
	rest = text[n];
	text[n] = 0;
	if (understood(text, 0, &width))
		kind->width = width;
	else
		text[n] = rest;
}

/*
 * The best way in which the engine takes the item. Only where it takes the
 * expression as it stands, and that has a bound, are its ends and its width
 * those of the expression, or of the names it begins with. The ends of an
 * unbounded expression say nothing about where to start looking, and counting
 * to thousands makes the engine slow to build: words tell as much, cost nothing
 * to find, and are there or not whatever stands around them. Without words:
 * presence of the expression, or of a wider one.
 */
static void plan(const struct multi_item *item, size_t id, bool words_only,
	struct jobs *jobs, struct kind *kind)
{
	bool words = has_words(item), plain;
	unsigned width = 0;
	char *text;

	/* The engine takes C strings; one with NUL inside would be cut. */
	if (span_find(item->text, 0) != SIZE_MAX) {
		plan_words(item, id, NO_REACH, jobs, kind);
		return;
	}
	text = text_of(item->text);
	plain = understood(text, 0, &width);
	if (!plain)
		width = NO_REACH;
	if (words_only) {
		free(text);
		plan_words(item, id, width, jobs, kind);
	} else if (plain && width <= (words ? WIDE : UINT_MAX - 1)) {
		*kind = (struct kind){MULTI_EXACT, width, width, 0};
		cut_to_names(text, kind);
		jobs_add(jobs, text, 0, id);
	} else if (words) {
		free(text);
		plan_words(item, id, width, jobs, kind);
	} else if (plain || understood(text, HS_FLAG_PREFILTER, &width)) {
		*kind = (struct kind){MULTI_PRESENT, 0, NO_REACH, 0};
		jobs_add(jobs, text,
			HS_FLAG_SINGLEMATCH | (plain ? 0 : HS_FLAG_PREFILTER),
			id);
	} else {
		free(text);
		*kind = (struct kind){MULTI_ALWAYS, 0, NO_REACH, 0};
	}
}

/* Whether only names of the item are looked for at first, or only its words. */
static bool by_names(const struct kind *kind)
{
	return kind->kind == MULTI_EXACT && kind->width < kind->reach;
}

static bool by_words(const struct kind *kind)
{
	return kind->kind == MULTI_WORDS && kind->reach == NO_REACH;
}

/* The expression itself, if the engine takes it. */
static void plan_side(const struct multi_item *item, size_t id,
	struct jobs *jobs, struct kind *kind)
{
	unsigned width = 0, flags = by_words(kind) ? HS_FLAG_SINGLEMATCH : 0;
	char *text;

	if ((!by_words(kind) && !by_names(kind)) ||
		span_find(item->text, 0) != SIZE_MAX)
		return;
	text = text_of(item->text);
	if (!understood(text, 0, &width)) {
		flags |= HS_FLAG_PREFILTER;
		if (!understood(text, HS_FLAG_PREFILTER, &width)) {
			free(text);
			return;
		}
	}
	kind->confirm = 1;
	jobs_add(jobs, text, flags, id);
}

/* The index of the item that the engine refused goes to *${bad}, or SIZE_MAX
 * when the fault is not with one item. */
static int compile(const struct jobs *jobs, hs_database_t **db, size_t *bad,
	struct err *err)
{
	const char **texts = calloc(jobs->n, sizeof(*texts));
	unsigned *flags = calloc(jobs->n, sizeof(*flags));
	unsigned *ids = calloc(jobs->n, sizeof(*ids));
	hs_compile_error_t *why = NULL;
	size_t i;
	int r = 0;

	if (!texts || !flags || !ids)
		die("no memory for the pattern compiler");
	*bad = SIZE_MAX;
	for (i = 0; i < jobs->n; i++) {
		texts[i] = jobs->v[i].text;
		flags[i] = jobs->v[i].flags;
		ids[i] = jobs->v[i].id;
	}
	if (hs_compile_multi(texts, flags, ids, (unsigned)jobs->n,
		    HS_MODE_BLOCK, NULL, db, &why) != HS_SUCCESS) {
		*db = NULL;
		if (why && why->expression >= 0 &&
			(size_t)why->expression < jobs->n)
			*bad = ids[why->expression];
		r = err_set(err, ERR_SYS, "cannot compile the patterns: %s",
			why && why->message ? why->message : "no reason given");
		hs_free_compile_error(why);
	}
	free(ids);
	free(flags);
	free(texts);
	return r;
}

static int take_scratch(struct multi *m, struct err *err)
{
	hs_error_t r = HS_SUCCESS;

	if (m->of->db)
		r = hs_alloc_scratch(m->of->db, &m->scratch);
	if (r == HS_SUCCESS && m->of->side)
		r = hs_alloc_scratch(m->of->side, &m->scratch);
	if (r == HS_NOMEM)
		die("no memory for the pattern engine");
	if (r != HS_SUCCESS)
		return err_set(err, ERR_INPUT,
			"the pattern engine refuses its database (%d)", r);
	return 0;
}

static struct multi *multi_blank(size_t n)
{
	struct multi *m = calloc(1, sizeof(*m));

	if (m)
		m->of = calloc(1, sizeof(*m->of));
	if (m && m->of)
		m->of->kinds = calloc(n ? n : 1, sizeof(*m->of->kinds));
	if (!m || !m->of || !m->of->kinds)
		die("no memory for the pattern engine");
	m->of->n = n;
	atomic_init(&m->of->users, 1);
	return m;
}

/* An expression that is refused is left out, and then not confirmed. */
static int compile_side(struct multi *m, const struct multi_item *items,
	size_t n, struct err *err)
{
	struct kind *kinds = m->of->kinds;
	bool *refused = calloc(n ? n : 1, sizeof(*refused));
	struct jobs jobs = {0};
	size_t i, bad;
	int r = -1;

	if (!refused)
		die("no memory for the pattern compiler");
	for (;;) {
		jobs_free(&jobs);
		for (i = 0; i < n; i++) {
			kinds[i].confirm = 0;
			if (!refused[i])
				plan_side(&items[i], i, &jobs, &kinds[i]);
		}
		if (!jobs.n || !compile(&jobs, &m->of->side, &bad, err))
			break;
		if (bad == SIZE_MAX || refused[bad])
			goto out;
		refused[bad] = true;
		err_clear(err);
	}
	r = 0;
out:
	free(refused);
	jobs_free(&jobs);
	return r;
}

int multi_new(const struct multi_item *items, size_t n, struct multi **out,
	struct err *err)
{
	struct jobs jobs = {0};
	struct multi *m = multi_blank(n);
	bool *words_only = calloc(n ? n : 1, sizeof(*words_only));
	size_t i, bad;
	int r = -1;

	*out = NULL;
	lib_once();
	if (!words_only)
		die("no memory for the pattern compiler");
	if (n > MULTI_ITEMS_MAX) {
		err_set(err, ERR_LIMIT, "more than %d patterns",
			MULTI_ITEMS_MAX);
		goto out;
	}
	if (hs_valid_platform() != HS_SUCCESS) {
		err_set(err, ERR_SYS,
			"this processor lacks SSSE3, which Hyperscan needs");
		goto out;
	}
	/* Some expressions are refused only when all are put together; each
	 * such one falls back to its words, so this ends. */
	for (;;) {
		jobs_free(&jobs);
		for (i = 0; i < n; i++)
			plan(&items[i], i, words_only[i], &jobs,
				&m->of->kinds[i]);
		if (!jobs.n)
			break;
		if (!compile(&jobs, &m->of->db, &bad, err))
			break;
		if (bad == SIZE_MAX || words_only[bad])
			goto out;
		words_only[bad] = true;
		err_clear(err);
	}
	if (compile_side(m, items, n, err) || take_scratch(m, err))
		goto out;
	*out = m;
	m = NULL;
	r = 0;
out:
	multi_free(m);
	free(words_only);
	jobs_free(&jobs);
	return r;
}

void multi_free(struct multi *m)
{
	if (!m)
		return;
	hs_free_scratch(m->scratch);
	if (atomic_fetch_sub(&m->of->users, 1) == 1) {
		hs_free_database(m->of->db);
		hs_free_database(m->of->side);
		free(m->of->kinds);
		free(m->of);
	}
	free(m);
}

int multi_share(const struct multi *m, struct multi **out, struct err *err)
{
	struct multi *share = calloc(1, sizeof(*share));

	if (!share)
		die("no memory for the pattern engine");
	share->of = m->of;
	atomic_fetch_add(&share->of->users, 1);
	*out = share;
	if (!take_scratch(share, err))
		return 0;
	multi_free(share);
	*out = NULL;
	return -1;
}

const char *multi_engine(void)
{
	return hs_version();
}

size_t multi_count(const struct multi *m)
{
	return m->of->n;
}

enum multi_kind multi_kind(const struct multi *m, size_t item)
{
	return (enum multi_kind)m->of->kinds[item].kind;
}

size_t multi_width(const struct multi *m, size_t item)
{
	return m->of->kinds[item].width;
}

size_t multi_reach(const struct multi *m, size_t item)
{
	uint32_t reach = m->of->kinds[item].reach;

	return reach == NO_REACH ? SIZE_MAX : reach;
}

bool multi_confirms(const struct multi *m, size_t item)
{
	return m->of->kinds[item].confirm;
}

/*
 * Saved form, numbers little endian: "SLMP", 32 bits each of form (6), count
 * and zero, 64 bits each of check and of the lengths of the engine's two
 * databases, count times 32 bits of kind, width, reach and confirm, the two
 * databases. The engine's own
 * checksum does not cover all of its bytes; ${check} does, and the rest too.
 */
#define HEAD 40
#define FORM 6u
#define EACH 16 /* bytes of one item's kind */

static uint32_t get32(const unsigned char *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
		(uint32_t)p[3] << 24;
}

static void put32(struct buf *out, uint32_t v)
{
	unsigned char b[4] = {(unsigned char)v, (unsigned char)(v >> 8),
		(unsigned char)(v >> 16), (unsigned char)(v >> 24)};

	buf_add(out, b, sizeof(b));
}

static uint64_t get64(const unsigned char *p)
{
	return (uint64_t)get32(p) | (uint64_t)get32(p + 4) << 32;
}

static void put64(struct buf *out, uint64_t v)
{
	put32(out, (uint32_t)v);
	put32(out, (uint32_t)(v >> 32));
}

static uint64_t mix(uint64_t h, uint64_t v)
{
	h = (h ^ v) * UINT64_C(0x9e3779b97f4a7c15);
	return h ^ h >> 29;
}

/* Finds damage, not intent. Every step can be undone, so one changed word
 * always shows; four lanes, since a push waits for it. */
static uint64_t check_of(struct span s, uint64_t h)
{
	uint64_t lane[4] = {h, h + 1, h + 2, h + 3};
	size_t i, k;

	for (i = 0; i + 32 <= s.n; i += 32) {
		for (k = 0; k < 4; k++)
			lane[k] = mix(lane[k], get64(s.p + i + 8 * k));
	}
	for (; i < s.n; i++)
		lane[0] = mix(lane[0], s.p[i]);
	for (k = 0; k < 4; k++)
		h = mix(h, lane[k]);
	return mix(h, s.n);
}

int multi_save(const struct multi *m, struct buf *out, struct err *err)
{
	const struct compiled *of = m->of;
	struct buf table = BUF_INIT(MULTI_ITEMS_MAX * EACH);
	char *bytes[2] = {NULL, NULL};
	size_t i, n[2] = {0, 0};
	uint64_t check;

	if ((of->db && hs_serialize_database(of->db, &bytes[0], &n[0])) ||
		(of->side &&
			hs_serialize_database(of->side, &bytes[1], &n[1]))) {
		free(bytes[0]);
		return err_set(
			err, ERR_SYS, "cannot save the compiled patterns");
	}
	for (i = 0; i < of->n; i++) {
		put32(&table, of->kinds[i].kind);
		put32(&table, of->kinds[i].width);
		put32(&table, of->kinds[i].reach);
		put32(&table, of->kinds[i].confirm);
	}
	check = check_of(buf_all(&table), FORM);
	for (i = 0; i < 2; i++)
		check = check_of(span_of(bytes[i], n[i]), check);
	buf_str(out, "SLMP");
	put32(out, FORM);
	put32(out, (uint32_t)of->n);
	put32(out, 0);
	put64(out, check);
	put64(out, n[0]);
	put64(out, n[1]);
	buf_span(out, buf_all(&table));
	for (i = 0; i < 2; i++) {
		buf_add(out, bytes[i], n[i]);
		free(bytes[i]);
	}
	buf_free(&table);
	return buf_check(out, "the compiled patterns", err);
}

static int damaged(struct err *err)
{
	return err_set(err, ERR_INPUT,
		"compiled pattern set is damaged or from another version");
}

static int load_kinds(struct compiled *of, struct span table, struct err *err)
{
	size_t i;

	for (i = 0; i < of->n; i++) {
		const unsigned char *p = table.p + EACH * i;

		of->kinds[i] = (struct kind){
			get32(p), get32(p + 4), get32(p + 8), get32(p + 12)};
		if (of->kinds[i].kind > MULTI_EXACT)
			return damaged(err);
	}
	return 0;
}

static int load_database(struct span s, hs_database_t **out, struct err *err)
{
	if (!s.n ||
		hs_deserialize_database((const char *)s.p, s.n, out) ==
			HS_SUCCESS)
		return 0;
	*out = NULL;
	return damaged(err);
}

int multi_load(struct span s, struct multi **out, struct err *err)
{
	struct multi *m = NULL;
	struct span table, main, side;
	size_t n;
	int r = -1;

	*out = NULL;
	lib_once();
	if (s.n < HEAD || memcmp(s.p, "SLMP", 4) || get32(s.p + 4) != FORM ||
		get32(s.p + 12))
		return err_set(err, ERR_INPUT, "not a compiled pattern set");
	n = get32(s.p + 8);
	if (n > MULTI_ITEMS_MAX || s.n < HEAD + EACH * n)
		return err_set(err, ERR_INPUT, "compiled pattern set is cut");
	table = span_sub(s, HEAD, EACH * n);
	main = span_from(s, HEAD + EACH * n);
	if (get64(s.p + 24) > main.n)
		return err_set(err, ERR_INPUT, "compiled pattern set is cut");
	side = span_from(main, get64(s.p + 24));
	main.n = get64(s.p + 24);
	if (get64(s.p + 32) != side.n ||
		get64(s.p + 16) !=
			check_of(side, check_of(main, check_of(table, FORM))))
		return damaged(err);
	m = multi_blank(n);
	if (load_kinds(m->of, table, err) ||
		load_database(main, &m->of->db, err) ||
		load_database(side, &m->of->side, err) || take_scratch(m, err))
		goto out;
	*out = m;
	m = NULL;
	r = 0;
out:
	multi_free(m);
	return r;
}

struct call {
	void (*found)(void *ctx, size_t item, size_t end);
	void *ctx;
	size_t n;
};

static int on_match(unsigned id, unsigned long long from, unsigned long long to,
	unsigned flags, void *ctx)
{
	struct call *call = ctx;

	(void)from;
	(void)flags;
	if (id < call->n)
		call->found(call->ctx, id, (size_t)to);
	return 0;
}

static int look(struct multi *m, const hs_database_t *db, struct span s,
	struct call *call, struct err *err)
{
	hs_error_t r;

	if (!db || !s.n)
		return 0;
	if (s.n > MULTI_INPUT_MAX)
		return err_set(err, ERR_LIMIT, "more than %zu bytes at once",
			MULTI_INPUT_MAX);
	r = hs_scan(db, (const char *)s.p, (unsigned)s.n, 0, m->scratch,
		on_match, call);
	if (r != HS_SUCCESS)
		return err_set(
			err, ERR_SYS, "the pattern engine failed (%d)", r);
	return 0;
}

int multi_scan(struct multi *m, struct span s,
	void (*found)(void *ctx, size_t item, size_t end), void *ctx,
	struct err *err)
{
	struct call call = {found, ctx, m->of->n};

	return look(m, m->of->db, s, &call, err);
}

int multi_confirm(struct multi *m, struct span s,
	void (*found)(void *ctx, size_t item, size_t end), void *ctx,
	struct err *err)
{
	struct call call = {found, ctx, m->of->n};

	return look(m, m->of->side, s, &call, err);
}
