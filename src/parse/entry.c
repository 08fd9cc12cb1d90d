#include "parse/entry.h"

#include "base/text.h"
#include "parse/bundle.h"
#include "parse/entryscan.h"
#include "parse/shape.h"
#include "parse/statementkeys.h"

#define REQUIRED true
#define OPTIONAL false

static const char *const entry_types[] = {ENTRY_TYPE, NULL};

static const struct shape list_keys[] = {
	{"count", SHAPE_COUNT, REQUIRED, 0, NULL, NULL},
	{"sha256", SHAPE_SHA256, REQUIRED, 0, NULL, NULL},
	{NULL, SHAPE_TEXT, OPTIONAL, 0, NULL, NULL},
};

#define COMMON_KEYS                                                           \
	{"kind", SHAPE_WORD, REQUIRED, 0, statement_kinds, NULL},             \
		{"repository", SHAPE_NAME, REQUIRED, 512, NULL, NULL},        \
		{"time", SHAPE_TIME, REQUIRED, 0, NULL, NULL},                \
		{"record", SHAPE_SHA256, REQUIRED, 0, NULL, NULL},            \
		{"updates", SHAPE_OBJECTS, OPTIONAL, ENTRY_UPDATES_MAX, NULL, \
			statement_update_keys},                               \
	{                                                                     \
		"updates_list", SHAPE_OBJECT, OPTIONAL, 0, NULL, list_keys    \
	}
#define COMMIT_KEYS                                                        \
	{"commits", SHAPE_OIDS, OPTIONAL, ENTRY_COMMITS_MAX, NULL, NULL},  \
	{                                                                  \
		"commits_list", SHAPE_OBJECT, OPTIONAL, 0, NULL, list_keys \
	}

static const struct shape decision_keys[] = {
	COMMON_KEYS,
	COMMIT_KEYS,
	{"verdict", SHAPE_WORD, REQUIRED, 0, statement_verdicts, NULL},
	{"mode", SHAPE_WORD, REQUIRED, 0, statement_modes, NULL},
	{"admitted", SHAPE_BOOL, REQUIRED, 0, NULL, NULL},
	{"pusher", SHAPE_TEXT, REQUIRED, 512, NULL, NULL},
	{"certificate", SHAPE_SHA256, OPTIONAL, 0, NULL, NULL},
	{"policy", SHAPE_SHA256, OPTIONAL, 0, NULL, NULL},
	{"findings", SHAPE_COUNTS, OPTIONAL, 10000, NULL, NULL},
	{"waivers", SHAPE_OIDS, OPTIONAL, ENTRY_WAIVERS_MAX, NULL, NULL},
	{NULL, SHAPE_TEXT, OPTIONAL, 0, NULL, NULL},
};
static const struct shape adopt_keys[] = {
	COMMON_KEYS,
	COMMIT_KEYS,
	{NULL, SHAPE_TEXT, OPTIONAL, 0, NULL, NULL},
};
static const struct shape outcome_keys[] = {
	COMMON_KEYS,
	{"decision", SHAPE_COUNT, REQUIRED, 0, NULL, NULL},
	{NULL, SHAPE_TEXT, OPTIONAL, 0, NULL, NULL},
};
static const struct shape observed_keys[] = {
	COMMON_KEYS,
	{"decision", SHAPE_COUNT, OPTIONAL, 0, NULL, NULL},
	{"policy", SHAPE_SHA256, OPTIONAL, 0, NULL, NULL},
	{NULL, SHAPE_TEXT, OPTIONAL, 0, NULL, NULL},
};
static const struct shape pruned_keys[] = {
	COMMON_KEYS,
	STATEMENT_PRUNED_KEYS,
	{NULL, SHAPE_TEXT, OPTIONAL, 0, NULL, NULL},
};
static const struct shape key_keys[] = {
	STATEMENT_KEY_KEYS,
	{"record", SHAPE_SHA256, REQUIRED, 0, NULL, NULL},
	{NULL, SHAPE_TEXT, OPTIONAL, 0, NULL, NULL},
};
static const struct shape *const keys_of[] = {
	[RECORD_ADOPT] = adopt_keys,
	[RECORD_DECISION] = decision_keys,
	[RECORD_OUTCOME] = outcome_keys,
	[RECORD_OBSERVED] = observed_keys,
	[RECORD_PRUNED] = pruned_keys,
	[RECORD_KEY] = key_keys,
};

const struct shape entry_subjects = {"subject", SHAPE_OBJECTS, OPTIONAL,
	ENTRY_SUBJECTS_MAX, NULL, statement_subject_keys};

const struct shape *entry_shape(enum record_kind kind)
{
	switch (kind) {
	case RECORD_ADOPT:
	case RECORD_DECISION:
	case RECORD_OUTCOME:
	case RECORD_OBSERVED:
		return keys_of[kind];
	case RECORD_PRUNED:
	case RECORD_KEY:
		break;
	}
	return NULL;
}

static int check(const struct doc *j, enum record_kind *kind, struct err *err)
{
	struct shape top[] = {
		{"_type", SHAPE_WORD, REQUIRED, 0, statement_types, NULL},
		{"predicateType", SHAPE_WORD, REQUIRED, 0, entry_types, NULL},
		entry_subjects,
		{"predicate", SHAPE_OBJECT, REQUIRED, 0, NULL, NULL},
		{NULL, SHAPE_TEXT, OPTIONAL, 0, NULL, NULL},
	};
	const struct doc *p = doc_get(j, "predicate");

	if (!record_kind_read(doc_get_text(p, "kind"), kind))
		return err_set(err, ERR_INPUT,
			"entry: predicate.kind: not a known kind");
	top[3].keys = keys_of[*kind];
	if (shape_check(j, top, "entry", err))
		return -1;
	if (*kind == RECORD_KEY)
		return statement_rotation(p, "entry", err);
	if (!doc_get(p, "updates") == !doc_get(p, "updates_list"))
		return err_set(err, ERR_INPUT,
			"entry: predicate: needs updates or updates_list");
	if (*kind == RECORD_PRUNED && !record_pruned(p))
		return err_set(err, ERR_INPUT,
			"entry: predicate: not a list of what was pruned");
	if (doc_get(p, "commits") && doc_get(p, "commits_list"))
		return err_set(err, ERR_INPUT,
			"entry: predicate: has commits and commits_list");
	if (*kind == RECORD_ADOPT && !doc_get(p, "commits") &&
		!doc_get(p, "commits_list"))
		return err_set(
			err, ERR_INPUT, "entry: predicate: needs commits");
	return 0;
}

static void list_of(const struct doc *j, struct entry_list *out)
{
	struct span hex = doc_get_text(j, "sha256");

	if (!hex.n)
		return;
	memcpy(out->sha256, hex.p, 64);
	out->count = (uint64_t)doc_get_int(j, "count");
}

/* The shape was checked, so every name is one. */
static struct oid oid_of(struct span hex)
{
	struct oid o = {{0}};

	if (!oid_read(hex, &o))
		memset(&o, 0, sizeof(o));
	return o;
}

struct span entry_shown_ref(struct span shown, struct arena *a)
{
	struct buf raw = BUF_INIT(shown.n + 1);
	struct span ref;

	if (span_find(shown, '\\') == SIZE_MAX)
		return arena_copy(a, shown);
	text_unprintable(&raw, shown);
	ref = arena_copy(a, buf_all(&raw));
	buf_free(&raw);
	return ref;
}

static void fill_updates(
	const struct doc *j, struct arena *a, struct entry *out)
{
	size_t i;

	out->nupdate = doc_count(j);
	out->update = arena_get(a, out->nupdate, sizeof(*out->update));
	for (i = 0; i < out->nupdate; i++) {
		const struct doc *u = doc_at(j, i);

		out->update[i].ref = entry_shown_ref(doc_get_text(u, "ref"), a);
		out->update[i].old = oid_of(doc_get_text(u, "old"));
		out->update[i].new = oid_of(doc_get_text(u, "new"));
	}
}

static struct oid *oids_of(const struct doc *j, struct arena *a, size_t *n)
{
	struct oid *v;
	struct span hex;
	size_t i;

	*n = doc_count(j);
	v = arena_get(a, *n, sizeof(*v));
	for (i = 0; i < *n; i++)
		if (doc_text(doc_at(j, i), &hex))
			v[i] = oid_of(hex);
	return v;
}

static void fill_findings(
	const struct doc *j, struct arena *a, struct entry *out)
{
	const struct doc *value;
	const void *pos = NULL;
	struct span key;
	int64_t count;
	size_t i = 0;

	out->nfinding = doc_count(j);
	out->finding = arena_get(a, out->nfinding, sizeof(*out->finding));
	while (i < out->nfinding && doc_next(j, &pos, &key, &value)) {
		out->finding[i].id = arena_copy(a, key);
		out->finding[i].count =
			doc_int(value, &count) ? (uint64_t)count : 0;
		i++;
	}
}

static void fill(const struct doc *p, struct arena *a, struct entry *out)
{
	struct span verdict = doc_get_text(p, "verdict");
	struct span certificate = doc_get_text(p, "certificate");

	if (certificate.n)
		memcpy(out->certificate, certificate.p, 64);
	out->repository = arena_copy(a, doc_get_text(p, "repository"));
	out->time = arena_copy(a, doc_get_text(p, "time"));
	out->pusher = arena_copy(a, doc_get_text(p, "pusher"));
	out->policy = arena_copy(a, doc_get_text(p, "policy"));
	out->observe = span_is(doc_get_text(p, "mode"), "observe");
	out->admitted = doc_get_bool(p, "admitted");
	if (span_is(verdict, "accept"))
		out->verdict = VERDICT_ACCEPT;
	else if (span_is(verdict, "reject"))
		out->verdict = VERDICT_REJECT;
	if (out->kind == RECORD_ADOPT) {
		out->verdict = VERDICT_ACCEPT;
		out->admitted = true;
	}
	out->pruned = arena_copy(a, doc_get_text(p, "entries"));
	out->pruned_by = arena_copy(a, doc_get_text(p, "by"));
	out->pruned_before = arena_copy(a, doc_get_text(p, "before"));
	out->settles = doc_get(p, "decision") != NULL;
	out->decision = (uint64_t)doc_get_int(p, "decision");
	fill_updates(doc_get(p, "updates"), a, out);
	list_of(doc_get(p, "updates_list"), &out->updates_list);
	out->commit = oids_of(doc_get(p, "commits"), a, &out->ncommit);
	out->waiver = oids_of(doc_get(p, "waivers"), a, &out->nwaiver);
	list_of(doc_get(p, "commits_list"), &out->commits_list);
	fill_findings(doc_get(p, "findings"), a, out);
	memcpy(out->record, doc_get_text(p, "record").p, 64);
	out->rotation = arena_copy(a, doc_get_text(p, "rotation"));
}

int entry_read(
	struct span bytes, struct arena *a, struct entry *out, struct err *err)
{
	struct buf again = BUF_INIT(ENTRY_MAX);
	struct doc *j = NULL;
	int ret = -1;

	memset(out, 0, sizeof(*out));
	if (doc_parse(bytes, &j, err)) {
		err_in(err, "entry");
		goto out;
	}
	doc_canonical(j, &again);
	if (!span_eq(buf_all(&again), bytes)) {
		err_set(err, ERR_INPUT, "entry: not in its canonical form");
		goto out;
	}
	if (check(j, &out->kind, err))
		goto out;
	fill(doc_get(j, "predicate"), a, out);
	ret = 0;
out:
	doc_free(j);
	buf_free(&again);
	return ret;
}

int entry_parse(
	struct span bytes, struct arena *a, struct entry *out, struct err *err)
{
	return entry_scan(bytes, a, out) ? 0 : entry_read(bytes, a, out, err);
}

/* Whole lines, as many as promised, each after the one before. */
static int next_line(struct span *rest, struct span *line, struct span *before,
	size_t min, struct err *err)
{
	bool lf;

	if (!span_line(rest, line, &lf) || !lf || line->n < min)
		return err_set(err, ERR_INPUT, "list: a line is cut short");
	if (before->p && span_cmp(*before, *line) >= 0)
		return err_set(err, ERR_INPUT, "list: not sorted");
	*before = *line;
	return 0;
}

static int count_ok(
	struct span text, uint64_t count, size_t min, struct err *err)
{
	if (count > text.n / min)
		return err_set(
			err, ERR_INPUT, "list: shorter than the entry says");
	return 0;
}

int entry_list_updates(struct span text, const struct entry_list *list,
	struct arena *a, struct entry_update **out, struct err *err)
{
	struct span before = SPAN_EMPTY, line, rest = text;
	struct entry_update *v;
	size_t i;

	*out = NULL;
	if (count_ok(text, list->count, 2 * OID_HEX + 4, err))
		return -1;
	v = arena_get(a, list->count, sizeof(*v));
	for (i = 0; i < list->count; i++) {
		if (next_line(&rest, &line, &before, 2 * OID_HEX + 3, err))
			return -1;
		if (line.p[OID_HEX] != ' ' || line.p[2 * OID_HEX + 1] != ' ' ||
			!oid_read(span_sub(line, 0, OID_HEX), &v[i].old) ||
			!oid_read(span_sub(line, OID_HEX + 1, OID_HEX),
				&v[i].new))
			return err_set(err, ERR_INPUT,
				"list: a line is not '<old> <new> <ref>'");
		v[i].ref = entry_shown_ref(span_from(line, 2 * OID_HEX + 2), a);
	}
	if (rest.n)
		return err_set(
			err, ERR_INPUT, "list: longer than the entry says");
	*out = v;
	return 0;
}

int entry_list_commits(struct span text, const struct entry_list *list,
	struct arena *a, struct oid **out, struct err *err)
{
	struct span before = SPAN_EMPTY, line, rest = text;
	struct oid *v;
	size_t i;

	*out = NULL;
	if (count_ok(text, list->count, OID_HEX + 1, err))
		return -1;
	v = arena_get(a, list->count, sizeof(*v));
	for (i = 0; i < list->count; i++) {
		if (next_line(&rest, &line, &before, OID_HEX, err))
			return -1;
		if (!oid_read(line, &v[i]))
			return err_set(err, ERR_INPUT,
				"list: a line is not an object name");
	}
	if (rest.n)
		return err_set(
			err, ERR_INPUT, "list: longer than the entry says");
	*out = v;
	return 0;
}
