#include "parse/tag.h"

#include "parse/header.h"
#include "parse/ident.h"
#include "parse/trailer.h"

static void odd(struct tag *t, const char *why)
{
	if (why && !t->malformed)
		t->malformed = why;
}

/* What is signed, in the arena: headers but for signatures, then the rest. */
static struct span payload(struct span raw, struct arena *arena)
{
	unsigned char *p = arena_get(arena, raw.n + 1, 1);
	struct span rest = raw, at;
	struct header h;
	size_t n = 0;

	while (at = rest, header_next(&rest, &h)) {
		if (header_is_signature(&h))
			continue;
		memcpy(p + n, h.whole.p, h.whole.n);
		n += h.whole.n;
	}
	if (at.n)
		memcpy(p + n, at.p, at.n);
	return span_of(p, n + at.n);
}

static enum object_type type_read(struct span name)
{
	enum object_type t;

	for (t = OBJECT_COMMIT; t <= OBJECT_TAG; t++)
		if (span_is(name, object_type_name(t)))
			return t;
	return OBJECT_NONE;
}

/* Headers of the signed part, in git's order; spans of the copy. */
static void fields(struct tag *t)
{
	static const char *const order[] = {"object", "type", "tag", "tagger"};
	struct span rest = t->sig.payload;
	bool upper = false, seen[ARRAY_LEN(order)] = {false};
	struct header h;
	size_t at = 0, i;

	while (header_next(&rest, &h)) {
		for (i = 0; i < ARRAY_LEN(order); i++)
			if (h.spaced && span_is(h.key, order[i]))
				break;
		if (i == ARRAY_LEN(order)) {
			odd(t, "an unknown header");
			continue;
		}
		if (h.folded)
			odd(t, "a folded header");
		if (i != at || seen[i]) {
			odd(t, "a doubled or misplaced header");
			continue;
		}
		seen[i] = true;
		at++;
		if (i == 0) {
			if (!object_name_read(h.value, &t->target, &upper))
				odd(t, "an unreadable object name");
		} else if (i == 1) {
			t->target_type = type_read(h.value);
			if (t->target_type == OBJECT_NONE)
				odd(t, "an unknown object type");
		} else if (i == 2) {
			t->name = h.value;
		} else {
			odd(t, ident_parse(h.value, &t->tagger));
		}
	}
	if (at < 3)
		odd(t, "a missing type or name");
	if (upper)
		odd(t, "an object name in upper case");
	t->message = rest;
}

/* In the header only "gpgsig-sha256" may stand, once: it signs the SHA-256
 * form of the tag. */
static void signature_headers(struct tag *t, struct span raw)
{
	unsigned sha256 = 0;
	struct header h;

	while (header_next(&raw, &h)) {
		if (!header_is_signature(&h))
			continue;
		if (!h.spaced || !span_is(h.key, "gpgsig-sha256") || sha256++)
			odd(t, "an unknown signature header");
	}
}

int tag_parse(struct span raw, const struct oid *id, struct arena *arena,
	struct tag *out, struct err *err)
{
	struct span first, rest = raw;
	struct oid target;
	bool upper = false;
	size_t at;

	memset(out, 0, sizeof(*out));
	out->id = *id;
	if (!span_line(&rest, &first, NULL) ||
		!span_starts(first, SPAN_LIT("object ")) ||
		!object_name_read(span_from(first, 7), &target, &upper))
		return err_set(err, ERR_INPUT, "not a tag object");
	if (span_find(raw, '\0') != SIZE_MAX)
		odd(out, "a NUL byte");
	at = signature_start(raw);
	signature_headers(out, span_sub(raw, 0, at));
	out->sig.payload = payload(span_sub(raw, 0, at), arena);
	if (at < raw.n) {
		out->sig.signature = arena_copy(arena, span_from(raw, at));
		out->sig.kind = signature_kind_of(out->sig.signature);
		out->sig.count = signature_count(raw);
		if (out->sig.count > 1)
			odd(out, "more than one signature");
		if (signature_followed(out->sig.signature))
			odd(out, "text after the signature");
	}
	fields(out);
	if (!trailers_parse(out->message, arena, &out->trailer, &out->ntrailer))
		odd(out, "too many trailers");
	return 0;
}
