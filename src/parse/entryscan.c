#include "parse/entryscan.h"

#include "parse/bundle.h"
#include "parse/statement.h"

/* A predicate as it is written, by the rows of its table. */
struct scanned {
	const struct shape *keys;
	struct span value[CANONICAL_KEYS_MAX];
};

static struct span get(const struct scanned *s, const char *key)
{
	return canonical_get(s->keys, s->value, key);
}

static const struct shape *keys_below(const struct scanned *s, const char *key)
{
	return s->keys[canonical_row(s->keys, key)].keys;
}

/* The shape was checked, so every name is one. */
static struct oid oid_of(struct span value)
{
	struct oid o = {{0}};

	if (!oid_read(canonical_inside(value), &o))
		memset(&o, 0, sizeof(o));
	return o;
}

static size_t count_items(struct span list, size_t least)
{
	return list.n / least + 1;
}

static bool fill_updates(
	const struct scanned *s, struct arena *a, struct entry *out)
{
	static const char *const names[] = {"new", "old", "ref"};
	struct span list = get(s, "updates"), items = canonical_begin(list);
	const struct shape *keys = keys_below(s, "updates");
	struct span value[CANONICAL_KEYS_MAX];
	size_t row[ARRAY_LEN(names)], i;

	for (i = 0; i < ARRAY_LEN(names); i++)
		row[i] = canonical_row(keys, names[i]);
	out->update = arena_get(
		a, count_items(list, 2 * OID_HEX), sizeof(*out->update));
	while (canonical_more(&items)) {
		struct entry_update *u = &out->update[out->nupdate++];

		if (!canonical_object(&items, keys, value))
			return false;
		u->new = oid_of(value[row[0]]);
		u->old = oid_of(value[row[1]]);
		u->ref = entry_shown_ref(canonical_text(value[row[2]], a), a);
	}
	return true;
}

static bool fill_oids(
	struct span list, struct arena *a, struct oid **v, size_t *n)
{
	struct span items = canonical_begin(list), value;

	*v = arena_get(a, count_items(list, OID_HEX), sizeof(**v));
	while (canonical_more(&items)) {
		if (!canonical_value(&items, &shape_item_oid, &value))
			return false;
		(*v)[(*n)++] = oid_of(value);
	}
	return true;
}

static bool fill_findings(
	const struct scanned *s, struct arena *a, struct entry *out)
{
	struct span list = get(s, "findings"), items = canonical_begin(list);
	struct span value;

	/* "a":1 */
	out->finding =
		arena_get(a, count_items(list, 5), sizeof(*out->finding));
	while (canonical_more(&items)) {
		struct entry_finding *f = &out->finding[out->nfinding++];

		f->id = arena_copy(a, canonical_member(&items));
		if (!canonical_value(&items, &shape_item_count, &value))
			return false;
		f->count = canonical_number(value);
	}
	return true;
}

static bool fill_list(
	const struct scanned *s, const char *key, struct entry_list *out)
{
	struct span list = get(s, key), value[CANONICAL_KEYS_MAX];
	const struct shape *keys;

	if (!list.p)
		return true;
	keys = keys_below(s, key);
	if (!canonical_object(&list, keys, value))
		return false;
	memcpy(out->sha256,
		canonical_inside(value[canonical_row(keys, "sha256")]).p, 64);
	out->count = canonical_number(value[canonical_row(keys, "count")]);
	return true;
}

static enum verdict verdict_of(struct span word)
{
	if (span_is(word, "accept"))
		return VERDICT_ACCEPT;
	return span_is(word, "reject") ? VERDICT_REJECT : VERDICT_UNDECIDED;
}

static bool fill(const struct scanned *s, struct arena *a, struct entry *out)
{
	struct span certificate = canonical_inside(get(s, "certificate"));

	if (certificate.n)
		memcpy(out->certificate, certificate.p, 64);
	out->repository = canonical_text(get(s, "repository"), a);
	out->time = canonical_text(get(s, "time"), a);
	out->pusher = canonical_text(get(s, "pusher"), a);
	out->policy = canonical_text(get(s, "policy"), a);
	out->observe = span_is(canonical_inside(get(s, "mode")), "observe");
	out->admitted = out->kind == RECORD_ADOPT ||
		span_is(get(s, "admitted"), "true");
	out->verdict = out->kind == RECORD_ADOPT
		? VERDICT_ACCEPT
		: verdict_of(canonical_inside(get(s, "verdict")));
	out->settles = get(s, "decision").p;
	out->decision = canonical_number(get(s, "decision"));
	memcpy(out->record, canonical_inside(get(s, "record")).p, 64);
	return fill_updates(s, a, out) &&
		fill_list(s, "updates_list", &out->updates_list) &&
		fill_oids(get(s, "commits"), a, &out->commit, &out->ncommit) &&
		fill_oids(get(s, "waivers"), a, &out->waiver, &out->nwaiver) &&
		fill_list(s, "commits_list", &out->commits_list) &&
		fill_findings(s, a, out);
}

/* What parse/entry.c asks besides the table. */
static bool agrees(const struct scanned *s, enum record_kind kind)
{
	bool commits = get(s, "commits").p, list = get(s, "commits_list").p;

	return statement_is(get(s, "kind"), kind) &&
		!get(s, "updates").p != !get(s, "updates_list").p &&
		!(commits && list) && (kind != RECORD_ADOPT || commits || list);
}

bool entry_scan(struct span bytes, struct arena *a, struct entry *out)
{
	struct span rest = bytes;
	struct scanned s;

	memset(out, 0, sizeof(*out));
	if (bytes.n > ENTRY_MAX || !statement_begin(&rest, &out->kind))
		return false;
	s.keys = entry_shape(out->kind);
	if (!s.keys || !canonical_object(&rest, s.keys, s.value) ||
		!canonical_take(&rest,
			SPAN_LIT(",\"predicateType\":\"" ENTRY_TYPE "\"")))
		return false;
	if (canonical_take(&rest, SPAN_LIT(",\"subject\":")) &&
		!canonical_value(&rest, &entry_subjects, NULL))
		return false;
	return span_is(rest, "}") && agrees(&s, out->kind) && fill(&s, a, out);
}
