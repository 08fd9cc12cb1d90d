#include "parse/request.h"

#include "base/text.h"

static const enum transport transports[] = {
	TRANSPORT_LOCAL, TRANSPORT_SSH, TRANSPORT_HTTP, TRANSPORT_WEB};

static const enum nonce_status nonces[] = {NONCE_UNCHECKED, NONCE_UNSOLICITED,
	NONCE_MISSING, NONCE_BAD, NONCE_OK, NONCE_SLOP};

static void signed_write(const struct push_signed *s, struct buf *out)
{
	char blob[OID_HEX + 1];
	size_t i;

	if (!s->given)
		return;
	buf_fmt(out, "certificate %s %s %llu %d\nnonce %s\n",
		oid_hex(&s->blob, blob), nonce_status_name(s->nonce_status),
		(unsigned long long)s->slop, s->options_known, s->nonce);
	for (i = 0; i < s->noption; i++) {
		buf_str(out, "signed-option ");
		text_base64(out, s->option[i]);
		buf_byte(out, '\n');
	}
	for (i = 0; i < s->nused; i++)
		buf_fmt(out, "used %s %llu\n", s->used[i].sha256,
			(unsigned long long)s->used[i].entry);
}

static void reviews_write(const struct push_reviews *r, struct buf *out)
{
	if (!r->asked)
		return;
	if (r->fault) {
		buf_fmt(out, "no-reviews %s\nno-reviews-hint %s\n", r->fault,
			r->hint);
		return;
	}
	buf_str(out, "reviews ");
	text_base64(out, r->answers);
	buf_byte(out, '\n');
}

/* Steps of one push have the same waivers, which follow the last of them. */
static void waived_write(const struct waiver_past *past, struct buf *out)
{
	char a[OID_HEX + 1], b[OID_HEX + 1];
	size_t i, k;

	for (i = 0; i < past->nwaived; i++) {
		const struct waived_step *s = &past->waived[i];

		buf_fmt(out, "waived %s %s ", oid_hex(&s->old, a),
			oid_hex(&s->new, b));
		buf_span(out, s->ref);
		buf_byte(out, '\n');
		if (i + 1 < past->nwaived && s[1].by == s->by)
			continue;
		for (k = 0; k < s->nby; k++)
			buf_fmt(out, "by %s\n", oid_hex(&s->by[k], a));
	}
}

void request_write(const struct push *push, struct buf *out)
{
	char a[OID_HEX + 1], b[OID_HEX + 1];
	size_t i;

	buf_fmt(out, "repository %s\ntime %lld\n", push->repository,
		(long long)push->time);
	buf_fmt(out, "pusher %s\nsource %s\nemail %s\naddress %s\n",
		push->pusher.name, push->pusher.source, push->pusher.email,
		push->pusher.address);
	buf_fmt(out, "transport %s\n", transport_name(push->pusher.transport));
	for (i = 0; i < push->noption; i++)
		buf_fmt(out, "option %s\n", push->option[i]);
	signed_write(&push->sign, out);
	if (push->policy_of)
		buf_fmt(out, "policy-of %s\n", push->policy_of);
	for (i = 0; i < push->npolicy_tip; i++)
		buf_fmt(out, "policy %s\n", oid_hex(&push->policy_tip[i], a));
	reviews_write(&push->reviews, out);
	for (i = 0; i < push->nup; i++) {
		const struct ref_update *up = &push->up[i];

		buf_fmt(out, "update %s %s %d ", oid_hex(&up->old, a),
			oid_hex(&up->new, b), push->old_gated[i]);
		buf_span(out, up->ref);
		buf_byte(out, '\n');
	}
	for (i = 0; i < push->ngated; i++) {
		buf_fmt(out, "gated %s %d ", oid_hex(&push->gated[i].oid, a),
			push->gated[i].accepted);
		buf_span(out, push->gated[i].ref);
		buf_byte(out, '\n');
	}
	waived_write(&push->past, out);
	for (i = 0; i < push->past.nspent; i++)
		buf_fmt(out, "spent %s\n", oid_hex(&push->past.spent[i], a));
	for (i = 0; i < push->past.nwithdrawn; i++)
		buf_fmt(out, "withdrawn %s\n",
			oid_hex(&push->past.withdrawn[i], a));
	for (i = 0; i < push->nadopted; i++)
		buf_fmt(out, "adopted %s\n", oid_hex(&push->adopted[i], a));
	buf_str(out, "end\n");
}

/* A cursor over the lines. */
struct reader {
	struct span rest, line;
	struct arena *arena;
	bool have; /* ${line} is not used up */
};

static void advance(struct reader *r)
{
	bool lf = false;

	r->have = span_line(&r->rest, &r->line, &lf) && lf;
}

/* The value of the next line if its key is ${key}. */
static bool take(struct reader *r, const char *key, struct span *value)
{
	size_t n = strlen(key);

	if (!r->have || r->line.n < n + 1 || r->line.p[n] != ' ' ||
		!span_eq(span_sub(r->line, 0, n), span_str(key)))
		return false;
	*value = span_from(r->line, n + 1);
	advance(r);
	return true;
}

static bool text(struct reader *r, const char *key, const char **out)
{
	struct span v;

	if (!take(r, key, &v) || span_find(v, '\0') != SIZE_MAX)
		return false;
	*out = arena_str(r->arena, v);
	return true;
}

static bool head(struct reader *r, struct push *out)
{
	const char *transport = NULL;
	struct span time;
	uint64_t seconds;
	size_t i;

	if (!text(r, "repository", &out->repository) ||
		!take(r, "time", &time) ||
		!text_to_u64(time, INT64_MAX, &seconds) ||
		!text(r, "pusher", &out->pusher.name) ||
		!text(r, "source", &out->pusher.source) ||
		!text(r, "email", &out->pusher.email) ||
		!text(r, "address", &out->pusher.address) ||
		!text(r, "transport", &transport))
		return false;
	out->time = (int64_t)seconds;
	for (i = 0; i < ARRAY_LEN(transports); i++) {
		if (!strcmp(transport, transport_name(transports[i]))) {
			out->pusher.transport = transports[i];
			return true;
		}
	}
	return false;
}

static bool is_ref(struct span ref)
{
	return ref.n && span_find(ref, ' ') == SIZE_MAX &&
		span_find(ref, '\0') == SIZE_MAX;
}

static bool update(struct span v, struct ref_update *up, bool *gated)
{
	const size_t flag = 2 * (OID_HEX + 1);

	if (v.n < flag + 3 || v.p[OID_HEX] != ' ' || v.p[flag - 1] != ' ' ||
		v.p[flag + 1] != ' ' || (v.p[flag] != '0' && v.p[flag] != '1'))
		return false;
	*gated = v.p[flag] == '1';
	up->ref = span_from(v, flag + 2);
	return oid_read(span_sub(v, 0, OID_HEX), &up->old) &&
		oid_read(span_sub(v, OID_HEX + 1, OID_HEX), &up->new) &&
		is_ref(up->ref);
}

static bool gated(struct span v, struct gated_tip *tip)
{
	const size_t flag = OID_HEX + 1;

	if (v.n < flag + 3 || v.p[flag - 1] != ' ' || v.p[flag + 1] != ' ' ||
		(v.p[flag] != '0' && v.p[flag] != '1'))
		return false;
	tip->accepted = v.p[flag] == '1';
	tip->ref = span_from(v, flag + 2);
	return oid_read(span_sub(v, 0, OID_HEX), &tip->oid) && is_ref(tip->ref);
}

/* The word up to the next space, taken off with it. */
static struct span word(struct span *rest)
{
	size_t at = span_find(*rest, ' ');
	struct span w = span_sub(*rest, 0, at);

	*rest = at == SIZE_MAX ? SPAN_EMPTY : span_from(*rest, at + 1);
	return w;
}

static bool certificate(struct span v, struct push_signed *out)
{
	struct span blob = word(&v), status = word(&v), slop = word(&v);
	size_t i;

	for (i = 0; i < ARRAY_LEN(nonces); i++)
		if (span_is(status, nonce_status_name(nonces[i])))
			break;
	if (i == ARRAY_LEN(nonces) || !oid_read(blob, &out->blob) ||
		!text_to_u64(slop, INT64_MAX, &out->slop) ||
		!(span_is(v, "0") || span_is(v, "1")))
		return false;
	out->given = true;
	out->nonce_status = nonces[i];
	out->options_known = span_is(v, "1");
	return true;
}

static bool base64(struct reader *r, struct span v, struct span *out)
{
	struct buf text = BUF_INIT(REQUEST_MAX);
	bool good = text_base64_read(v, &text) && !text.full;

	*out = arena_copy(r->arena, buf_all(&text));
	buf_free(&text);
	return good;
}

static bool used(struct reader *r, struct span v, struct certificate_use *out)
{
	struct span sha256 = word(&v);
	unsigned char raw[32];

	out->sha256 = arena_str(r->arena, sha256);
	return text_hex_read(sha256, raw, sizeof(raw)) &&
		text_to_u64(v, INT64_MAX, &out->entry);
}

static bool signed_read(struct reader *r, struct push_signed *out)
{
	size_t cap = 0, uses = 0;
	struct span v;

	out->nonce = "";
	if (!take(r, "certificate", &v))
		return true;
	if (!certificate(v, out) || !text(r, "nonce", &out->nonce))
		return false;
	while (take(r, "signed-option", &v)) {
		out->option = arena_grow(r->arena, out->option, out->noption,
			&cap, sizeof(*out->option));
		if (!base64(r, v, &out->option[out->noption]))
			return false;
		out->noption++;
	}
	while (take(r, "used", &v)) {
		out->used = arena_grow(r->arena, out->used, out->nused, &uses,
			sizeof(*out->used));
		if (!used(r, v, &out->used[out->nused]))
			return false;
		out->nused++;
	}
	return true;
}

static bool waived(struct span v, struct waived_step *step)
{
	const size_t at = 2 * (OID_HEX + 1);

	if (v.n <= at || v.p[OID_HEX] != ' ' || v.p[at - 1] != ' ')
		return false;
	step->ref = span_from(v, at);
	return oid_read(span_sub(v, 0, OID_HEX), &step->old) &&
		oid_read(span_sub(v, OID_HEX + 1, OID_HEX), &step->new) &&
		is_ref(step->ref);
}

static bool oids(struct reader *r, const char *key, struct oid **out, size_t *n)
{
	size_t cap = 0;
	struct span v;

	while (take(r, key, &v)) {
		*out = arena_grow(r->arena, *out, *n, &cap, sizeof(**out));
		if (!oid_read(v, &(*out)[*n]))
			return false;
		++*n;
	}
	return true;
}

/* The steps of one push, and its waivers. */
static bool steps(struct reader *r, struct waiver_past *past)
{
	size_t cap = 0, from, i;
	struct span v;

	while (take(r, "waived", &v)) {
		from = past->nwaived;
		do {
			past->waived = arena_grow(r->arena, past->waived,
				past->nwaived, &cap, sizeof(*past->waived));
			if (!waived(v, &past->waived[past->nwaived]))
				return false;
			past->nwaived++;
		} while (take(r, "waived", &v));
		if (!oids(r, "by", &past->waived[from].by,
			    &past->waived[from].nby))
			return false;
		for (i = from + 1; i < past->nwaived; i++) {
			past->waived[i].by = past->waived[from].by;
			past->waived[i].nby = past->waived[from].nby;
		}
	}
	return true;
}

static bool policy_read(struct reader *r, struct push *out)
{
	struct reader before = *r;
	struct span v;

	if (!take(r, "policy-of", &v))
		return true;
	*r = before;
	return text(r, "policy-of", &out->policy_of) &&
		oids(r, "policy", &out->policy_tip, &out->npolicy_tip);
}

static bool reviews_read(struct reader *r, struct push_reviews *out)
{
	struct span v;

	if (take(r, "reviews", &v)) {
		out->asked = true;
		return base64(r, v, &out->answers);
	}
	if (!text(r, "no-reviews", &out->fault))
		return true;
	out->asked = true;
	return text(r, "no-reviews-hint", &out->hint);
}

static bool body(struct reader *r, struct push *out)
{
	size_t ups = 0, flags = 0, tips = 0, options = 0;
	const char *option;
	struct span v;

	while (text(r, "option", &option)) {
		out->option = arena_grow(r->arena, out->option, out->noption,
			&options, sizeof(*out->option));
		out->option[out->noption++] = option;
	}
	if (!signed_read(r, &out->sign) || !policy_read(r, out) ||
		!reviews_read(r, &out->reviews))
		return false;
	while (take(r, "update", &v)) {
		out->up = arena_grow(
			r->arena, out->up, out->nup, &ups, sizeof(*out->up));
		out->old_gated = arena_grow(r->arena, out->old_gated, out->nup,
			&flags, sizeof(*out->old_gated));
		if (!update(v, &out->up[out->nup], &out->old_gated[out->nup]))
			return false;
		out->nup++;
	}
	while (take(r, "gated", &v)) {
		out->gated = arena_grow(r->arena, out->gated, out->ngated,
			&tips, sizeof(*out->gated));
		if (!gated(v, &out->gated[out->ngated]))
			return false;
		out->ngated++;
	}
	return steps(r, &out->past) &&
		oids(r, "spent", &out->past.spent, &out->past.nspent) &&
		oids(r, "withdrawn", &out->past.withdrawn,
			&out->past.nwithdrawn) &&
		oids(r, "adopted", &out->adopted, &out->nadopted);
}

int request_parse(struct span bytes, struct arena *arena, struct push *out,
	struct err *err)
{
	struct reader r = {.rest = bytes, .arena = arena};

	memset(out, 0, sizeof(*out));
	advance(&r);
	if (!head(&r, out) || !body(&r, out) || !r.have ||
		!span_is(r.line, "end") || r.rest.n) {
		memset(out, 0, sizeof(*out));
		return err_set(err, ERR_INPUT,
			"the judge was not told the push in its proper form");
	}
	return 0;
}
