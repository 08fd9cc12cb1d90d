#include "parse/recordlist.h"

#include <stdlib.h>

#include "base/grow.h"
#include "parse/recordscan.h"

/* No text can hold these: its quotes would be escaped. */
static const char *const opening[RECORDLISTS] = {
	[RECORDLIST_COMMITS] = ",\"commits\":[",
	[RECORDLIST_PARENTS] = ",\"parents\":[",
};

bool recordlist_open(struct span *rest, enum recordlist list, struct buf *out)
{
	struct span open = span_str(opening[list]);
	size_t at = span_search(*rest, open);

	if (at == SIZE_MAX)
		return false;
	buf_span(out, span_sub(*rest, 0, at + open.n));
	*rest = span_from(*rest, at + open.n);
	return true;
}

static void put_object(struct buf *out)
{
	buf_str(out, out->n && out->p[out->n - 1] == '}' ? ",{" : "{");
}

static void put_text(struct buf *out, struct span s)
{
	size_t i, done = 0;

	buf_byte(out, '"');
	for (i = 0; i < s.n; i++) {
		if (s.p[i] != '"' && s.p[i] != '\\')
			continue;
		buf_span(out, span_sub(s, done, i - done));
		buf_byte(out, '\\');
		done = i;
	}
	buf_span(out, span_from(s, done));
	buf_byte(out, '"');
}

/* ${key} with its quotes and colon. */
static void put_member(
	struct buf *out, bool *first, struct span key, struct span value)
{
	if (!value.n)
		return;
	if (!*first)
		buf_byte(out, ',');
	buf_span(out, key);
	put_text(out, value);
	*first = false;
}

static void put_signature(struct buf *out, const struct recordlist_commit *c)
{
	bool first = true;

	put_member(out, &first, SPAN_LIT("\"detail\":"), span_str(c->detail));
	put_member(out, &first, SPAN_LIT("\"key\":"), span_str(c->key));
	put_member(out, &first, SPAN_LIT("\"kind\":"), span_str(c->kind));
	put_member(out, &first, SPAN_LIT("\"person\":"), span_str(c->person));
	put_member(out, &first, SPAN_LIT("\"status\":"), span_str(c->status));
}

void recordlist_put_commit(struct buf *out, const struct recordlist_commit *c)
{
	bool first = true;

	put_object(out);
	put_member(out, &first, SPAN_LIT("\"author\":"), c->author);
	put_member(out, &first, SPAN_LIT("\"committer\":"), c->committer);
	put_member(out, &first, SPAN_LIT("\"id\":"), c->id);
	buf_str(out, ",\"signature\":{");
	put_signature(out, c);
	buf_str(out, "}}");
}

void recordlist_put_parents(
	struct buf *out, size_t at, const struct oid *parent, size_t n)
{
	char hex[OID_HEX + 1];
	size_t i;

	put_object(out);
	buf_fmt(out, "\"at\":%zu,\"of\":[", at);
	for (i = 0; i < n; i++) {
		buf_str(out, i ? ",\"" : "\"");
		buf_str(out, oid_hex(&parent[i], hex));
		buf_byte(out, '"');
	}
	buf_str(out, "]}");
}

/* The rows of the tables by which a record is checked. */
static const struct shape *shape_of(enum recordlist list)
{
	const struct shape *keys = record_shape(RECORD_DECISION);

	if (list == RECORDLIST_COMMITS)
		return &keys[canonical_row(keys, "commits")];
	keys = keys[canonical_row(keys, "facts")].keys;
	return &keys[canonical_row(keys, "parents")];
}

static bool take_parents(struct span *items)
{
	const struct shape *list = shape_of(RECORDLIST_PARENTS);
	size_t n = 0;

	do {
		if (n++ == list->max ||
			!canonical_object(items, list->keys, NULL))
			return false;
	} while (canonical_take(items, SPAN_LIT(",")));
	return true;
}

static bool take_commits(struct span *items, struct recordlist_rest *out)
{
	const struct shape *list = shape_of(RECORDLIST_COMMITS);
	size_t id = canonical_row(list->keys, "id"), cap = 0;
	struct span value[CANONICAL_KEYS_MAX];

	do {
		if (out->ncommit == list->max ||
			!canonical_object(items, list->keys, value))
			return false;
		out->commit = grow(
			out->commit, out->ncommit, &cap, sizeof(*out->commit));
		out->commit[out->ncommit++] = canonical_inside(value[id]);
	} while (canonical_take(items, SPAN_LIT(",")));
	return true;
}

/* The objects of a list that is open, if there are any. */
static bool take(
	struct span *rest, enum recordlist list, struct recordlist_rest *out)
{
	if (span_starts(*rest, SPAN_LIT("]")))
		return true;
	out->taken[list] = true;
	return (list == RECORDLIST_COMMITS ? take_commits(rest, out)
					   : take_parents(rest)) &&
		span_starts(*rest, SPAN_LIT("]"));
}

bool recordlist_split(struct span record, struct recordlist_rest *out)
{
	struct span rest = record;
	enum recordlist list;

	*out = (struct recordlist_rest){.text = BUF_INIT(RECORD_MAX)};
	for (list = 0; list < RECORDLISTS; list++)
		if (recordlist_open(&rest, list, &out->text) &&
			!take(&rest, list, out))
			return false;
	buf_span(&out->text, rest);
	return !out->text.full;
}

void recordlist_rest_free(struct recordlist_rest *rest)
{
	buf_free(&rest->text);
	free(rest->commit);
	rest->commit = NULL;
	rest->ncommit = 0;
}
