#include "scan/members.h"

#include "base/clock.h"
#include "base/grow.h"
#include "base/text.h"
#include "parse/archivemagic.h"
#include "port/crypto.h"

#define ARENA_MAX ((size_t)64 << 20)     /* hits of one member */
#define SHOWN_MAX 400                    /* bytes of one name that are shown */
#define PART_MAX ((size_t)4 * SHOWN_MAX) /* of that, made printable */
/* Processor time for the scanner over all members: as a file has that is large,
 * but for the time that it may have before it is measured. */
#define TIME_US 5000000
#define TIME_US_PER_MIB 500000

/* What a compressed file holds has no name. */
#define NAMELESS "(unpacked)"

#define NOT_UNPACKED " was not unpacked: "

/* The member at hand at one depth. */
struct level {
	struct buf name;  /* as it came */
	struct buf shown; /* for people, without secrets in it */
	bool is_shown;    /* that is filled in */
	struct span path; /* for rules; p NULL: not known yet */
	uint32_t part;
	const char *member; /* all names down to here, when first needed */
};

struct found {
	struct scan_hit hit;
	unsigned char hash[SHA256_LEN]; /* of its secret */
	bool told_inside; /* it stands in what its part holds, too */
};

struct members {
	const struct members_eyes *eyes;
	struct arena *arena;
	struct scan_result *out;
	struct level level[UNPACK_DEPTH_MAX];
	struct found *found; /* own hits, then those of members */
	uint32_t *holder;    /* [parts] the part that a part lies in */
	size_t nfound, foundcap, nholder, holdercap;
	uint64_t bytes;
	int64_t began;
};

bool members_are_in(struct span bytes)
{
	return archive_magic(bytes) != ARCHIVE_NONE;
}

/* The first ${max} bytes of printable text; of whole characters. */
static struct span cut(struct span s, size_t max)
{
	if (s.n <= max)
		return s;
	while (max && (s.p[max] & 0xc0) == 0x80)
		max--;
	return span_sub(s, 0, max);
}

/* ${what}, ${how} and ${why} in a row; of a long ${what} only the start. */
static void give_up(
	struct members *m, const char *what, const char *how, const char *why)
{
	struct scan_result *out = m->out;
	size_t rest = strlen(how) + strlen(why) + sizeof("…");
	struct span name = span_str(what), shown;

	if (out->outcome != SCAN_DONE)
		return;
	out->outcome = SCAN_NOT_DONE;
	shown = cut(name, rest < SCAN_WHY_MAX ? SCAN_WHY_MAX - rest : 0);
	snprintf(out->why, sizeof(out->why), "%.*s%s%s%s", SPAN_FMT(shown),
		shown.n < name.n ? "…" : "", how, why);
}

/* Whether ${part} lies in ${in}, however deep. */
static bool lies_in(const struct members *m, uint32_t part, uint32_t in)
{
	while (part && part != in)
		part = m->holder[part];
	return part == in;
}

/* The same secret, found before in what holds this member, is told here. */
static void supersede(struct members *m, const struct found *by)
{
	struct found *f;

	for (f = m->found; f < by; f++) {
		if (!f->told_inside && f->hit.part != by->hit.part &&
			f->hit.rule == by->hit.rule &&
			!memcmp(f->hash, by->hash, sizeof(f->hash)) &&
			lies_in(m, by->hit.part, f->hit.part))
			f->told_inside = true;
	}
}

static void add(
	struct members *m, const struct scan_hit *hit, struct span bytes)
{
	struct found *f;

	m->found = grow(m->found, m->nfound, &m->foundcap, sizeof(*m->found));
	f = &m->found[m->nfound++];
	f->hit = *hit;
	f->told_inside = false;
	sha256_of(span_sub(bytes, hit->at, hit->n), f->hash);
	if (hit->part && hit->line)
		supersede(m, f);
}

static void show(struct level *l)
{
	if (l->is_shown)
		return;
	buf_reset(&l->shown);
	if (l->name.n)
		text_printable(&l->shown, buf_all(&l->name), SHOWN_MAX);
	else
		buf_str(&l->shown, NAMELESS);
	l->is_shown = true;
}

/* A secret that is a name is not to be shown either. */
static void show_redacted(struct level *l, const struct scan_result *r)
{
	struct span name = l->path;
	size_t i, at = 0;

	buf_reset(&l->shown);
	for (i = 0; i < r->nhit; i++) {
		const struct scan_hit *hit = &r->hit[i];

		if (!hit->line || hit->at < at)
			continue;
		text_printable(
			&l->shown, span_sub(name, at, hit->at - at), SHOWN_MAX);
		buf_str(&l->shown, hit->redacted);
		at = hit->at + hit->n;
	}
	if (!at)
		return;
	text_printable(&l->shown, span_from(name, at), SHOWN_MAX);
	l->is_shown = true;
}

/* "lib.zip!inner/config.py", but for the name of the blob itself. */
static const char *member_of(struct members *m, unsigned depth)
{
	struct buf all = BUF_INIT((size_t)UNPACK_DEPTH_MAX * (PART_MAX + 1));
	struct level *l = &m->level[depth - 1];
	unsigned i;

	if (l->member)
		return l->member;
	for (i = 0; i < depth; i++) {
		show(&m->level[i]);
		if (i)
			buf_byte(&all, '!');
		buf_span(&all, cut(buf_all(&m->level[i].shown), PART_MAX));
	}
	l->member = arena_str(m->arena, buf_all(&all));
	buf_free(&all);
	return l->member;
}

static struct span path_of(const struct members *m, unsigned depth)
{
	struct span path = buf_all(&m->level[depth - 1].name);

	if (path.n) {
		while (span_starts(path, SPAN_LIT("./")))
			path = span_from(path, 2);
		return path;
	}
	if (depth == 1 || !m->level[depth - 2].path.p)
		return SPAN_EMPTY;
	return archive_strip(m->level[depth - 2].path);
}

static void enter(struct members *m, unsigned depth, struct span name)
{
	struct level *l = &m->level[depth - 1];

	buf_reset(&l->name);
	buf_span(&l->name, name);
	l->is_shown = false;
	l->member = NULL;
	l->path = path_of(m, depth);
	m->holder =
		grow(m->holder, m->nholder, &m->holdercap, sizeof(*m->holder));
	l->part = (uint32_t)m->nholder;
	m->holder[m->nholder++] = depth > 1 ? m->level[depth - 2].part : 0;
}

/* ${bytes}: what the hits are in. False when there are too many. */
static bool keep(struct members *m, unsigned depth, struct span bytes,
	const struct scan_result *r)
{
	struct level *l = &m->level[depth - 1];
	struct span path = SPAN_EMPTY;
	size_t i;

	if (r->nhit && l->path.p)
		path = arena_copy(m->arena, l->path);
	for (i = 0; i < r->nhit; i++) {
		struct scan_hit hit = r->hit[i];

		if (m->nfound == SCAN_HITS_MAX) {
			give_up(m, "", "", "too many matches in an archive");
			return false;
		}
		hit.member = member_of(m, depth);
		hit.member_path = path;
		hit.part = l->part;
		if (hit.encoding)
			hit.encoding =
				arena_str(m->arena, span_str(hit.encoding));
		add(m, &hit, bytes);
	}
	m->out->elsewhere |= r->elsewhere && !path.p;
	if (r->outcome != SCAN_DONE)
		give_up(m, member_of(m, depth), ": ", r->why);
	return true;
}

static bool in_time(const struct members *m)
{
	int64_t may =
		TIME_US + (int64_t)(m->bytes >> 10) * TIME_US_PER_MIB / 1024;

	return clock_cpu_us() - m->began < may;
}

static int on_member(void *ctx, unsigned depth, struct span name,
	struct span bytes, bool *stop, struct err *err)
{
	struct members *m = ctx;
	struct level *l = &m->level[depth - 1];
	struct arena *arena = arena_new(ARENA_MAX);
	struct scan_result r;
	int ret = -1;

	m->bytes += bytes.n;
	enter(m, depth, name);
	if (name.n) {
		if (m->eyes->name(m->eyes->ctx, l->path, arena, &r, err))
			goto out;
		show_redacted(l, &r);
		if (!keep(m, depth, l->path, &r))
			*stop = true;
	}
	if (m->eyes->content(m->eyes->ctx, bytes, l->path, arena, &r, err))
		goto out;
	if (!keep(m, depth, bytes, &r))
		*stop = true;
	if (!*stop && !in_time(m)) {
		give_up(m, "", "", "looking into an archive takes too long");
		*stop = true;
	}
	ret = 0;
out:
	arena_free(arena);
	return ret;
}

static void on_refused(void *ctx, unsigned depth, enum unpack_reason why)
{
	struct members *m = ctx;

	give_up(m, depth ? member_of(m, depth) : "an archive", NOT_UNPACKED,
		unpack_reason_text(why));
}

static void open_levels(struct members *m)
{
	size_t i;

	for (i = 0; i < UNPACK_DEPTH_MAX; i++) {
		m->level[i].name.max = UNPACK_NAME_MAX;
		m->level[i].shown.max = (size_t)4 * UNPACK_NAME_MAX;
	}
}

static void close_all(struct members *m)
{
	size_t i;

	for (i = 0; i < UNPACK_DEPTH_MAX; i++) {
		buf_free(&m->level[i].name);
		buf_free(&m->level[i].shown);
	}
	free(m->found);
	free(m->holder);
}

static void hand_over(struct members *m)
{
	struct scan_hit *hit;
	size_t i, n = 0;

	hit = m->nfound ? arena_get(m->arena, m->nfound, sizeof(*hit)) : NULL;
	for (i = 0; i < m->nfound; i++)
		if (!m->found[i].told_inside)
			hit[n++] = m->found[i].hit;
	m->out->hit = hit;
	m->out->nhit = n;
}

int members_add(const struct members_eyes *eyes, struct span bytes,
	struct arena *arena, struct scan_result *r, struct err *err)
{
	struct members m = {.eyes = eyes,
		.arena = arena,
		.out = r,
		.nholder = 0,
		.began = clock_cpu_us()};
	const struct unpack_visitor visitor = {on_member, on_refused, &m};
	char why[UNPACK_WHY_MAX];
	size_t i;
	int ret;

	open_levels(&m);
	enter(&m, 1, SPAN_EMPTY); /* part 0: the archive itself */
	for (i = 0; i < r->nhit; i++)
		add(&m, &r->hit[i], bytes);
	ret = unpacker_run(eyes->unpacker, bytes, &visitor, why, err);
	if (why[0])
		give_up(&m, "an archive", NOT_UNPACKED, why);
	hand_over(&m);
	close_all(&m);
	return ret;
}
