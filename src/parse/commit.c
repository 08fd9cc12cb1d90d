#include "parse/commit.h"

#include "base/text.h"
#include "parse/header.h"
#include "parse/ident.h"
#include "parse/trailer.h"

/* Places in the fixed order of headers. */
enum place {
	AT_TREE,
	AT_PARENT,
	AT_AUTHOR,
	AT_COMMITTER,
	AT_REST,
};

struct reading {
	struct arena *arena;
	struct commit *out;
	enum place at;
	size_t parent_cap;
	unsigned gpgsig, gpgsig_sha256;
	size_t signature_bytes;
	bool odd_name;
};

static void odd(struct commit *c, const char *why)
{
	if (why && !c->malformed)
		c->malformed = why;
}

/* The four headers whose order counts. Values are read later, from the copy in
 * the arena; here parents are, because they must be those git sees. */
static bool fixed_header(struct reading *r, const struct header *h)
{
	static const struct {
		const char *key;
		enum place is, from, to;
	} fixed[] = {
		{"tree", AT_TREE, AT_TREE, AT_PARENT},
		{"parent", AT_PARENT, AT_PARENT, AT_PARENT},
		{"author", AT_AUTHOR, AT_PARENT, AT_COMMITTER},
		{"committer", AT_COMMITTER, AT_COMMITTER, AT_REST},
	};
	struct commit *c = r->out;
	struct oid o;
	size_t i;

	for (i = 0; i < ARRAY_LEN(fixed); i++)
		if (h->spaced && span_is(h->key, fixed[i].key))
			break;
	if (i == ARRAY_LEN(fixed))
		return false;
	if (h->folded)
		odd(c, "a folded header");
	if (r->at != fixed[i].from) {
		odd(c, "a doubled or misplaced header");
		return true;
	}
	r->at = fixed[i].to;
	if (fixed[i].is != AT_PARENT)
		return true;
	if (!object_name_read(h->value, &o, &r->odd_name)) {
		odd(c, "an unreadable parent");
		return true;
	}
	c->parent = arena_grow(r->arena, c->parent, c->nparent, &r->parent_cap,
		sizeof(*c->parent));
	c->parent[c->nparent++] = o;
	return true;
}

static void signature_header(struct reading *r, const struct header *h)
{
	r->signature_bytes += h->whole.n;
	if (h->spaced && span_is(h->key, "gpgsig"))
		r->gpgsig++;
	else if (h->spaced && span_is(h->key, "gpgsig-sha256"))
		r->gpgsig_sha256++;
	else
		odd(r->out, "an unknown signature header");
	if (r->at != AT_REST)
		odd(r->out, "a signature before the end of the fixed headers");
}

static void survey(struct reading *r, struct span raw)
{
	struct commit *c = r->out;
	struct header h;

	while (header_next(&raw, &h)) {
		if (header_is_signature(&h)) {
			signature_header(r, &h);
			continue;
		}
		if (fixed_header(r, &h))
			continue;
		if (h.key.n == 0)
			odd(c, "a header without a name");
		/* Readers stop at the first header they do not expect. */
		if (r->at != AT_REST)
			odd(c, "a header among the fixed ones");
	}
	if (r->at != AT_REST)
		odd(c, "a missing author or committer");
	if (r->odd_name)
		odd(c, "an object name in upper case");
	if (r->gpgsig > 1 || r->gpgsig_sha256 > 1)
		odd(c, "more than one signature");
}

/* Split ${raw} into what is signed and the signature, both in the arena. */
static void separate(struct reading *r, struct span raw)
{
	struct signed_text *sig = &r->out->sig;
	size_t room = raw.n - r->signature_bytes;
	unsigned char *payload = arena_get(r->arena, room + 1, 1);
	unsigned char *text = NULL;
	size_t n = 0, ntext = 0;
	struct span rest = raw, at;
	struct header h;

	if (r->gpgsig)
		text = arena_get(r->arena, r->signature_bytes + 1, 1);
	while (at = rest, header_next(&rest, &h)) {
		if (!header_is_signature(&h)) {
			memcpy(payload + n, h.whole.p, h.whole.n);
			n += h.whole.n;
		} else if (h.spaced && span_is(h.key, "gpgsig")) {
			ntext += header_unfold(&h, text + ntext);
		}
	}
	/* The empty line and the message. */
	if (at.n)
		memcpy(payload + n, at.p, at.n);
	n += at.n;
	sig->payload = span_of(payload, n);
	if (!r->gpgsig)
		return;
	sig->signature = span_of(text, ntext);
	sig->kind = signature_kind_of(sig->signature);
	sig->count = signature_count(sig->signature);
	if (sig->count < r->gpgsig)
		sig->count = r->gpgsig;
	if (sig->count > 1)
		odd(r->out, "more than one signature");
	if (sig->kind == SIGNATURE_NONE)
		odd(r->out, "a signature of no known kind");
}

static void mergetag_add(struct commit *c, const struct header *h, size_t *cap,
	struct arena *arena)
{
	unsigned char *text = arena_get(arena, h->whole.n, 1);

	c->mergetag = arena_grow(
		arena, c->mergetag, c->nmergetag, cap, sizeof(*c->mergetag));
	c->mergetag[c->nmergetag++] = span_of(text, header_unfold(h, text));
}

/* Names, merged tags and the message, as spans of the copy. */
static void fields(struct commit *c, struct arena *arena)
{
	struct span rest = c->sig.payload;
	bool author = false, committer = false;
	size_t cap = 0;
	struct header h;

	while (header_next(&rest, &h)) {
		if (span_is(h.key, "author") && !author) {
			author = true;
			odd(c, ident_parse(h.value, &c->author));
		} else if (span_is(h.key, "committer") && !committer) {
			committer = true;
			odd(c, ident_parse(h.value, &c->committer));
		} else if (h.spaced && span_is(h.key, "mergetag")) {
			mergetag_add(c, &h, &cap, arena);
		}
	}
	c->message = rest;
}

/* The addresses in ${value}, or all of it where it has none in brackets. */
static void coauthor(
	struct commit *c, struct span value, size_t *cap, struct arena *arena)
{
	struct span mail;
	bool any = ident_mail_next(&value, &mail);

	if (!any)
		mail = span_trim(value);
	do {
		c->coauthor = arena_grow(arena, c->coauthor, c->ncoauthor, cap,
			sizeof(*c->coauthor));
		c->coauthor[c->ncoauthor++] = mail;
	} while (any && ident_mail_next(&value, &mail));
}

/* Lines by which programs say who had a hand in a commit beside its author:
 * forges, the Linux kernel's rules for patches, coding agents. */
static bool names_a_helper(struct span key)
{
	static const char *const keys[] = {"co-authored-by", "co-developed-by",
		"assisted-by", "generated-by"};
	size_t i;

	for (i = 0; i < ARRAY_LEN(keys); i++)
		if (text_same(key, span_str(keys[i])))
			return true;
	return false;
}

/* A name there is only ever held against a commit. So it counts in any
 * paragraph: programs differ in which is the last. */
static void coauthors(struct commit *c, struct arena *arena)
{
	struct span rest = c->message, line, all;
	struct trailer t;
	size_t cap = 0;

	while (span_line(&rest, &line, NULL)) {
		if (!trailer_line(line, &t) || !names_a_helper(t.key))
			continue;
		all = line;
		while (rest.n && (rest.p[0] == ' ' || rest.p[0] == '\t') &&
			span_line(&rest, &line, NULL))
			all.n = (size_t)(line.p + line.n - all.p);
		coauthor(c, span_from(all, span_find(all, ':') + 1), &cap,
			arena);
	}
}

int commit_parse(struct span raw, const struct oid *id, struct arena *arena,
	struct commit *out, struct err *err)
{
	struct reading r = {.arena = arena, .out = out};
	struct span first, rest = raw;

	memset(out, 0, sizeof(*out));
	out->id = *id;
	if (!span_line(&rest, &first, NULL) ||
		!span_starts(first, SPAN_LIT("tree ")) ||
		!object_name_read(span_from(first, 5), &out->tree, &r.odd_name))
		return err_set(err, ERR_INPUT, "not a commit object");
	if (span_find(raw, '\0') != SIZE_MAX)
		odd(out, "a NUL byte");
	survey(&r, raw);
	separate(&r, raw);
	fields(out, arena);
	if (!trailers_parse(out->message, arena, &out->trailer, &out->ntrailer))
		odd(out, "too many trailers");
	coauthors(out, arena);
	return 0;
}
