#include "parse/sshkrl.h"

#include "parse/sshkeyline.h"

#define MAGIC SPAN_LIT("SSHKRL\n\0")
#define VERSION 1

enum section {
	SECTION_CERTIFICATES = 1,
	SECTION_KEY = 2,
	SECTION_SHA1 = 3,
	SECTION_SIGNATURE = 4,
	SECTION_SHA256 = 5,
	SECTION_EXTENSION = 255,
};

enum cert_section {
	CERT_SERIALS = 0x20,
	CERT_RANGE = 0x21,
	CERT_BITMAP = 0x22,
	CERT_KEY_ID = 0x23,
	CERT_EXTENSION = 0x39,
};

struct reading {
	struct sshkrl *out;
	struct arena *arena;
	struct err *err;
};

static int damaged(struct reading *r, const char *what)
{
	return err_set(r->err, ERR_INPUT,
		"the revocation list is damaged or of another kind: %s", what);
}

static void set_add(struct reading *r, struct sshkrl_set *set, struct span s)
{
	set->v = arena_grow(
		r->arena, set->v, set->n, &set->cap, sizeof(*set->v));
	set->v[set->n++] = s;
}

static int by_bytes(const void *a, const void *b)
{
	return span_cmp(*(const struct span *)a, *(const struct span *)b);
}

static void set_sort(struct sshkrl_set *set)
{
	if (set->n)
		qsort(set->v, set->n, sizeof(*set->v), by_bytes);
}

static bool set_has(const struct sshkrl_set *set, struct span s)
{
	return set->n && bsearch(&s, set->v, set->n, sizeof(*set->v), by_bytes);
}

/* A name, whether it must be understood, and contents. */
static int extension(struct reading *r, struct span data)
{
	struct sshwire w = {.rest = data};
	unsigned char critical;

	sshwire_string(&w);
	critical = sshwire_byte(&w);
	sshwire_string(&w);
	if (!sshwire_end(&w))
		return damaged(r, "an extension");
	return critical ? damaged(r, "a critical extension") : 0;
}

/* Strings of ${length} bytes each, or if that is 0, of any. */
static int hashes(struct reading *r, struct span data, size_t length,
	struct sshkrl_set *to)
{
	struct sshwire w = {.rest = data};
	struct span one;

	while (w.rest.n) {
		one = sshwire_string(&w);
		if (w.bad || one.n != length)
			return damaged(r, "a hash");
		set_add(r, to, one);
	}
	return 0;
}

static int keys(struct reading *r, struct span data)
{
	struct sshwire w = {.rest = data};
	struct sshkey key;
	struct span one;

	while (w.rest.n) {
		one = sshwire_string(&w);
		if (w.bad || sshcert_named(one) ||
			sshkey_read(one, &key, r->err))
			return damaged(r, "a key");
		set_add(r, &r->out->key, one);
	}
	return 0;
}

/* Serial 0 is that of an authority which does not count. */
static int range(
	struct reading *r, struct sshkrl_certs *c, uint64_t low, uint64_t high)
{
	if (!low || low > high)
		return damaged(r, "a serial");
	c->range = arena_grow(r->arena, c->range, c->nrange, &c->range_cap,
		sizeof(*c->range));
	c->range[c->nrange++] = (struct sshkrl_range){low, high};
	return 0;
}

static bool bit_is_set(const struct sshkrl_bitmap *b, uint64_t bit)
{
	return bit / 8 < b->bits.n &&
		(b->bits.p[b->bits.n - 1 - bit / 8] >> bit % 8 & 1);
}

static int bitmap(struct reading *r, struct sshkrl_certs *c, struct sshwire *w)
{
	struct sshkrl_bitmap b = {.first = sshwire_u64(w)};
	uint64_t last;

	b.bits = sshwire_number(w);
	if (!sshwire_end(w))
		return damaged(r, "a bitmap of serials");
	for (last = b.bits.n * 8 - 1; !bit_is_set(&b, last); last--)
		;
	if (UINT64_MAX - b.first < last || (!b.first && bit_is_set(&b, 0)))
		return damaged(r, "a bitmap of serials");
	c->bitmap = arena_grow(r->arena, c->bitmap, c->nbitmap, &c->bitmap_cap,
		sizeof(*c->bitmap));
	c->bitmap[c->nbitmap++] = b;
	return 0;
}

static int key_ids(struct reading *r, struct sshkrl_certs *c, struct sshwire *w)
{
	struct span id;

	while (w->rest.n) {
		id = sshwire_string(w);
		if (w->bad || span_find(id, 0) != SIZE_MAX)
			return damaged(r, "a key id");
		set_add(r, &c->key_id, id);
	}
	return 0;
}

static int cert_section(struct reading *r, struct sshkrl_certs *c,
	unsigned char type, struct span data)
{
	struct sshwire w = {.rest = data};
	uint64_t low, high;

	switch (type) {
	case CERT_SERIALS:
		while (w.rest.n) {
			low = sshwire_u64(&w);
			if (w.bad || range(r, c, low, low))
				return damaged(r, "a serial");
		}
		return 0;
	case CERT_RANGE:
		low = sshwire_u64(&w);
		high = sshwire_u64(&w);
		return sshwire_end(&w) ? range(r, c, low, high)
				       : damaged(r, "a range of serials");
	case CERT_BITMAP:
		return bitmap(r, c, &w);
	case CERT_KEY_ID:
		return key_ids(r, c, &w);
	case CERT_EXTENSION:
		return extension(r, data);
	default:
		return damaged(r, "an unknown part about certificates");
	}
}

static int certificates(struct reading *r, struct span data)
{
	struct sshkrl *k = r->out;
	struct sshwire w = {.rest = data};
	struct sshkrl_certs *c;
	struct span part;
	struct sshkey key;
	unsigned char type;

	k->certs = arena_grow(r->arena, k->certs, k->ncerts, &k->certs_cap,
		sizeof(*k->certs));
	c = &k->certs[k->ncerts++];
	c->authority = sshwire_string(&w);
	part = sshwire_string(&w);
	if (w.bad || part.n ||
		(c->authority.n && sshkey_read(c->authority, &key, r->err)))
		return damaged(r, "an authority");
	while (w.rest.n) {
		type = sshwire_byte(&w);
		part = sshwire_string(&w);
		if (w.bad)
			return damaged(r, "a part about certificates");
		if (cert_section(r, c, type, part))
			return -1;
	}
	set_sort(&c->key_id);
	return 0;
}

static int section(struct reading *r, unsigned char type, struct span data)
{
	switch (type) {
	case SECTION_CERTIFICATES:
		return certificates(r, data);
	case SECTION_KEY:
		return keys(r, data);
	case SECTION_SHA1:
		return hashes(r, data, SSHKRL_SHA1, &r->out->sha1);
	case SECTION_SHA256:
		return hashes(r, data, SSHKRL_SHA256, &r->out->sha256);
	case SECTION_EXTENSION:
		return extension(r, data);
	case SECTION_SIGNATURE:
		return damaged(r, "it is signed");
	default:
		return damaged(r, "an unknown part");
	}
}

static int binary(struct reading *r, struct span bytes)
{
	struct sshwire w = {.rest = span_from(bytes, MAGIC.n)};
	uint32_t version = sshwire_u32(&w);
	struct span data;
	unsigned char type;
	uint64_t flags;

	sshwire_u64(&w); /* its number */
	sshwire_u64(&w); /* when it was made */
	flags = sshwire_u64(&w);
	data = sshwire_string(&w);
	sshwire_string(&w); /* a comment */
	if (w.bad || version != VERSION || flags || data.n)
		return damaged(r, "its head");
	while (w.rest.n) {
		type = sshwire_byte(&w);
		data = sshwire_string(&w);
		if (w.bad)
			return damaged(r, "it is cut");
		if (section(r, type, data))
			return -1;
	}
	return 0;
}

/* A certificate stands for the key in it. */
static int text_line(struct reading *r, struct span line)
{
	struct buf plain = BUF_INIT(SSHKEY_BLOB_MAX);
	struct span comment;
	struct sshcert cert;
	struct sshkey key;

	if (sshkeyline_key(line, r->arena, &key, &comment, r->err))
		return -1;
	if (sshcert_named(key.blob)) {
		if (sshcert_read(key.blob, &cert, r->err))
			return -1;
		sshcert_plain(&cert, &plain);
		key.blob = arena_copy(r->arena, buf_all(&plain));
		buf_free(&plain);
	}
	set_add(r, &r->out->key, key.blob);
	return 0;
}

static int text(struct reading *r, struct span bytes)
{
	struct span line;
	size_t number = 0;

	if (!span_trim(bytes).n) {
		err_set(r->err, ERR_INPUT, "the file is empty");
		return err_hint(r->err,
			"a list that revokes nothing holds a comment: # none");
	}
	while (span_line(&bytes, &line, NULL)) {
		number++;
		line = span_trim(line);
		if (line.n && line.p[0] != '#' && text_line(r, line))
			return err_in(r->err, "line %zu", number);
	}
	return 0;
}

int sshkrl_read(struct span bytes, struct arena *arena, struct sshkrl *out,
	struct err *err)
{
	struct reading r = {out, arena, err};

	memset(out, 0, sizeof(*out));
	if (span_starts(bytes, MAGIC) ? binary(&r, bytes) : text(&r, bytes)) {
		memset(out, 0, sizeof(*out));
		return -1;
	}
	set_sort(&out->key);
	set_sort(&out->sha1);
	set_sort(&out->sha256);
	return 0;
}

bool sshkrl_has_key(const struct sshkrl *k, struct span blob,
	const unsigned char sha1[SSHKRL_SHA1],
	const unsigned char sha256[SSHKRL_SHA256])
{
	return set_has(&k->key, blob) ||
		set_has(&k->sha1, span_of(sha1, SSHKRL_SHA1)) ||
		set_has(&k->sha256, span_of(sha256, SSHKRL_SHA256));
}

static bool has_serial(const struct sshkrl_certs *c, uint64_t serial)
{
	size_t i;

	if (!serial)
		return false;
	for (i = 0; i < c->nrange; i++)
		if (serial >= c->range[i].low && serial <= c->range[i].high)
			return true;
	for (i = 0; i < c->nbitmap; i++)
		if (serial >= c->bitmap[i].first &&
			bit_is_set(&c->bitmap[i], serial - c->bitmap[i].first))
			return true;
	return false;
}

bool sshkrl_has_cert(const struct sshkrl *k, const struct sshcert *cert)
{
	size_t i;

	for (i = 0; i < k->ncerts; i++) {
		const struct sshkrl_certs *c = &k->certs[i];

		if (c->authority.n &&
			!span_eq(c->authority, cert->authority.blob))
			continue;
		if (has_serial(c, cert->serial) ||
			set_has(&c->key_id, cert->key_id))
			return true;
	}
	return false;
}
