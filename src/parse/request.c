#include "parse/request.h"

#include "base/text.h"

static const enum transport transports[] = {
	TRANSPORT_LOCAL, TRANSPORT_SSH, TRANSPORT_HTTP, TRANSPORT_WEB};

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
	return true;
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
