#include "parse/pushcert.h"

#include "base/text.h"
#include "parse/header.h"
#include "parse/refline.h"

/* A cursor over the signed lines. */
struct reader {
	struct span rest, line;
	size_t number; /* of ${line}, from 1 */
	bool have;     /* ${line} is not used up */
	struct arena *arena;
	struct err *err;
};

static int fail(struct reader *r, const char *what)
{
	return err_set(r->err, ERR_INPUT, "line %zu: %s", r->number, what);
}

/* The next line, or the end: nothing is left without its LF. */
static int advance(struct reader *r)
{
	bool lf = true;

	r->number++;
	r->have = span_line(&r->rest, &r->line, &lf);
	if (r->have && !lf)
		return fail(r, "is cut off");
	if (r->have && r->line.n >= PUSHCERT_LINE_MAX)
		return err_set(r->err, ERR_LIMIT,
			"line %zu: longer than %d bytes", r->number,
			PUSHCERT_LINE_MAX);
	return 0;
}

static bool starts(const struct reader *r, const char *key)
{
	return r->have && span_starts(r->line, span_str(key));
}

/* The last word of ${s}, taken off it with the space before it. */
static struct span last_word(struct span *s)
{
	struct span word;
	size_t at = s->n;

	while (at && s->p[at - 1] != ' ')
		at--;
	word = span_from(*s, at);
	s->n = at ? at - 1 : 0;
	return word;
}

static bool is_zone(struct span s)
{
	size_t i;

	if (s.n != 5 || (s.p[0] != '+' && s.p[0] != '-'))
		return false;
	for (i = 1; i < s.n; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	return true;
}

static int pusher(struct reader *r, struct pushcert *out)
{
	struct span value, zone, time;
	uint64_t seconds;

	if (!starts(r, "pusher "))
		return fail(r, "is not 'pusher …'");
	value = span_from(r->line, 7);
	zone = last_word(&value);
	time = last_word(&value);
	if (text_has_control(r->line) || !is_zone(zone) ||
		!text_to_u64(time, INT64_MAX, &seconds) || !span_trim(value).n)
		return fail(r, "does not say who pushes and when");
	out->pusher = span_trim(value);
	out->time = (int64_t)seconds;
	return advance(r);
}

/* A line "<key> <value>" that may be there once. */
static int field(
	struct reader *r, const char *key, size_t max, struct span *out)
{
	if (!starts(r, key))
		return 0;
	*out = span_from(r->line, strlen(key));
	if (!out->n || out->n > max || text_has_control(*out))
		return fail(r, "has no value that can be read in one way");
	return advance(r);
}

static int options(struct reader *r, struct pushcert *out)
{
	static const char key[] = "push-option ";
	size_t cap = 0;

	while (starts(r, key)) {
		out->option = arena_grow(r->arena, out->option, out->noption,
			&cap, sizeof(*out->option));
		out->option[out->noption++] =
			span_from(r->line, sizeof(key) - 1);
		if (advance(r))
			return -1;
	}
	return 0;
}

static int command(struct reader *r, struct ref_update *up)
{
	const size_t old = OID_HEX, new = 2 * OID_HEX + 1;
	const struct span line = r->line;
	bool upper = false;

	if (line.n <= new + 1 || line.p[old] != ' ' || line.p[new] != ' ' ||
		!object_name_read(
			span_sub(line, 0, OID_HEX), &up->old, &upper) ||
		!object_name_read(
			span_sub(line, old + 1, OID_HEX), &up->new, &upper))
		return fail(r, "is not '<old> <new> <ref>'");
	if (upper)
		return fail(r, "has an object name in upper case");
	if (oid_is_zero(&up->old) && oid_is_zero(&up->new))
		return fail(r, "changes nothing into nothing");
	up->ref = span_from(line, new + 1);
	if (!span_starts(up->ref, SPAN_LIT("refs/")) ||
		up->ref.n > REF_NAME_MAX || text_has_control(up->ref) ||
		span_find(up->ref, ' ') != SIZE_MAX)
		return fail(r, "does not name a ref");
	return 0;
}

static int by_ref(const void *a, const void *b)
{
	return span_cmp(*(const struct span *)a, *(const struct span *)b);
}

static int refuse_twice(struct reader *r, const struct pushcert *c)
{
	struct span *refs = arena_get(r->arena, c->nup + 1, sizeof(*refs));
	size_t i;

	for (i = 0; i < c->nup; i++)
		refs[i] = c->up[i].ref;
	qsort(refs, c->nup, sizeof(*refs), by_ref);
	for (i = 1; i < c->nup; i++)
		if (span_eq(refs[i - 1], refs[i]))
			return err_set(r->err, ERR_INPUT,
				"two lines name the same ref");
	return 0;
}

static int commands(struct reader *r, struct pushcert *out)
{
	size_t cap = 0;

	while (r->have) {
		out->up = arena_grow(
			r->arena, out->up, out->nup, &cap, sizeof(*out->up));
		if (command(r, &out->up[out->nup]))
			return -1;
		out->nup++;
		if (advance(r))
			return -1;
	}
	if (!out->nup)
		return fail(r, "no ref is named");
	return refuse_twice(r, out);
}

static int signature(struct span raw, struct pushcert *out, struct err *err)
{
	size_t at = signature_start(raw);

	out->sig.payload = span_sub(raw, 0, at);
	out->sig.signature = span_from(raw, at);
	out->sig.kind = signature_kind_of(out->sig.signature);
	out->sig.count = signature_count(raw);
	if (!out->sig.count)
		return err_set(err, ERR_INPUT, "it is not signed");
	if (out->sig.count > 1)
		return err_set(err, ERR_INPUT, "more than one signature");
	if (signature_followed(out->sig.signature))
		return err_set(err, ERR_INPUT, "text after the signature");
	return 0;
}

static int body(struct reader *r, struct pushcert *out)
{
	if (advance(r))
		return -1;
	if (!r->have || !span_is(r->line, "certificate version 0.1"))
		return fail(r, "is not 'certificate version 0.1'");
	if (advance(r) || pusher(r, out) ||
		field(r, "pushee ", PUSHCERT_LINE_MAX, &out->pushee) ||
		field(r, "nonce ", PUSHCERT_NONCE_MAX, &out->nonce) ||
		options(r, out))
		return -1;
	if (!r->have || r->line.n)
		return fail(r, "is unknown, doubled or out of order");
	return advance(r) || commands(r, out) ? -1 : 0;
}

int pushcert_parse(struct span raw, struct arena *arena, struct pushcert *out,
	struct err *err)
{
	struct reader r = {.arena = arena, .err = err};

	memset(out, 0, sizeof(*out));
	if (raw.n > PUSHCERT_MAX) {
		err_set(err, ERR_LIMIT, "it is larger than %u bytes",
			PUSHCERT_MAX);
		goto out;
	}
	if (span_find(raw, '\0') != SIZE_MAX) {
		err_set(err, ERR_INPUT, "a NUL byte");
		goto out;
	}
	if (signature(raw, out, err))
		goto out;
	r.rest = out->sig.payload;
	if (body(&r, out))
		goto out;
	return 0;
out:
	memset(out, 0, sizeof(*out));
	return -1;
}
