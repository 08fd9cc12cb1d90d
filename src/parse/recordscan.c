#include "parse/recordscan.h"

#include <stdlib.h>

#include "base/text.h"
#include "parse/bundle.h"
#include "parse/statement.h"

/* Findings; more go the long way, as what has a list of its own does. */
#define FINDINGS_MAX 64u

/* The keys of predicates whose meaning is known here: an unknown one might bear
 * on another. */
static const char *const keys_known[] = {"admitted", "approvals", "cause",
	"commits", "counts", "decision", "durations_us", "facts", "findings",
	"hint", "kind", "mode", "policy", "program", "push_certificate",
	"push_options", "pusher", "repository", "review_answers", "reviews",
	"rules", "tags", "time", "updates", "verdict"};

struct update {
	struct span ref, new; /* as they are written */
	bool named;           /* by a subject */
};

struct scanned {
	enum record_kind kind;
	const struct shape *keys;
	struct span value[CANONICAL_KEYS_MAX];
	struct span subjects;
	struct update update[ENTRY_UPDATES_MAX];
	size_t nupdate;
	struct span commit[ENTRY_COMMITS_MAX], finding[FINDINGS_MAX];
	size_t ncommit, nfinding;
	struct span certificate, pusher;
};

static bool is_known(const char *key)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(keys_known); i++)
		if (keys_known[i][0] == key[0] && !strcmp(keys_known[i], key))
			return true;
	return false;
}

static bool all_known(const struct scanned *s)
{
	size_t i;

	for (i = 0; s->keys[i].key; i++)
		if (s->value[i].p && !is_known(s->keys[i].key))
			return false;
	return true;
}

static struct span get(const struct scanned *s, const char *key)
{
	return canonical_get(s->keys, s->value, key);
}

static const struct shape *keys_below(const struct scanned *s, const char *key)
{
	return s->keys[canonical_row(s->keys, key)].keys;
}

static bool says(struct span value, struct span text)
{
	return span_eq(canonical_inside(value), text);
}

static bool is_zeros(struct span value)
{
	return says(
		value, SPAN_LIT("0000000000000000000000000000000000000000"));
}

static struct update *update_of(struct scanned *s, struct span ref)
{
	size_t i;

	for (i = 0; i < s->nupdate; i++)
		if (span_eq(s->update[i].ref, ref))
			return &s->update[i];
	return NULL;
}

static bool take_updates(struct scanned *s)
{
	struct span items = canonical_begin(get(s, "updates"));
	const struct shape *keys = keys_below(s, "updates");
	struct span value[CANONICAL_KEYS_MAX];

	while (canonical_more(&items)) {
		struct update u = {.named = false};

		if (s->nupdate == ENTRY_UPDATES_MAX ||
			!canonical_object(&items, keys, value))
			return false;
		u.ref = canonical_get(keys, value, "ref");
		u.new = canonical_get(keys, value, "new");
		if (update_of(s, u.ref))
			return false;
		if (s->kind == RECORD_ADOPT &&
			(is_zeros(u.new) ||
				!is_zeros(canonical_get(keys, value, "old"))))
			return false;
		s->update[s->nupdate++] = u;
	}
	return true;
}

/* The one name in a digest, or nothing. */
static struct span digest_oid(struct span digest)
{
	struct span items = canonical_begin(digest), oid;

	if (!canonical_more(&items) || !canonical_member(&items).n ||
		!canonical_value(&items, &shape_item_oid, &oid) || items.n)
		return SPAN_EMPTY;
	return oid;
}

static bool check_subjects(struct scanned *s)
{
	struct span items = canonical_begin(s->subjects);
	const struct shape *keys = record_subjects.keys;
	struct span value[CANONICAL_KEYS_MAX];
	size_t n = 0;

	while (canonical_more(&items)) {
		struct update *u;
		struct span oid;

		if (n++ == ENTRY_SUBJECTS_MAX ||
			!canonical_object(&items, keys, value))
			return false;
		u = update_of(s, canonical_get(keys, value, "name"));
		oid = digest_oid(canonical_get(keys, value, "digest"));
		if (!u || u->named || !oid.n || is_zeros(oid) ||
			!span_eq(oid, u->new))
			return false;
		u->named = true;
	}
	return true;
}

static bool take_findings(struct scanned *s, size_t *block, size_t *observed)
{
	struct span items = canonical_begin(get(s, "findings"));
	struct span value[CANONICAL_KEYS_MAX];
	const struct shape *keys = keys_below(s, "findings");

	*block = *observed = 0;
	while (canonical_more(&items)) {
		struct span severity;

		if (s->nfinding == FINDINGS_MAX ||
			!canonical_object(&items, keys, value))
			return false;
		severity = canonical_get(keys, value, "severity");
		if (canonical_get(keys, value, "waivers").p ||
			says(severity, SPAN_LIT("waived")))
			return false;
		s->finding[s->nfinding++] = canonical_get(keys, value, "id");
		if (!says(severity, SPAN_LIT("block")))
			continue;
		++*block;
		*observed +=
			span_is(canonical_get(keys, value, "observed"), "true");
	}
	return true;
}

static bool take_certificate(struct scanned *s)
{
	struct span object = get(s, "push_certificate");
	struct span value[CANONICAL_KEYS_MAX];
	const struct shape *keys = keys_below(s, "push_certificate");

	if (!object.p)
		return true;
	if (!canonical_object(&object, keys, value))
		return false;
	s->certificate = canonical_get(keys, value, "signed_sha256");
	return record_certificate_ok(
		canonical_inside(canonical_get(keys, value, "base64")),
		canonical_inside(canonical_get(keys, value, "sha256")));
}

static bool take_pusher(struct scanned *s)
{
	const struct shape *keys = keys_below(s, "pusher");
	struct span object = get(s, "pusher"), value[CANONICAL_KEYS_MAX];

	if (!canonical_object(&object, keys, value))
		return false;
	s->pusher = canonical_get(keys, value, "pseudonym");
	if (!s->pusher.p)
		s->pusher = canonical_get(keys, value, "name");
	return true;
}

/* The verdict, what follows from it and what led to it. */
static bool decision_ok(struct scanned *s)
{
	bool accept = says(get(s, "verdict"), SPAN_LIT("accept"));
	bool undecided = says(get(s, "verdict"), SPAN_LIT("undecided"));
	bool enforce = says(get(s, "mode"), SPAN_LIT("enforce"));
	bool admitted = span_is(get(s, "admitted"), "true");
	size_t block, observed;

	if (!take_findings(s, &block, &observed) || !take_certificate(s) ||
		!take_pusher(s))
		return false;
	return !(enforce && admitted && !accept) && !(accept && !admitted) &&
		undecided == (get(s, "cause").p != NULL) &&
		!(accept && block) &&
		!(admitted && observed && observed != block);
}

/* Object names of a decision's or an adoption's commits. */
static bool take_commits(struct scanned *s)
{
	struct span items = canonical_begin(get(s, "commits"));
	struct span value[CANONICAL_KEYS_MAX], id;
	const struct shape *keys = NULL;

	if (!items.n)
		return true;
	if (s->kind == RECORD_DECISION)
		keys = keys_below(s, "commits");
	while (canonical_more(&items)) {
		if (s->ncommit == ENTRY_COMMITS_MAX)
			return false;
		if (!keys && !canonical_value(&items, &shape_item_oid, &id))
			return false;
		if (keys) {
			if (!canonical_object(&items, keys, value))
				return false;
			id = canonical_get(keys, value, "id");
		}
		s->commit[s->ncommit++] = id;
	}
	return true;
}

static bool scan(struct span record, struct scanned *s)
{
	struct span rest = record;

	s->nupdate = s->ncommit = s->nfinding = 0;
	s->certificate = s->pusher = SPAN_EMPTY;
	if (record.n > RECORD_MAX || !statement_begin(&rest, &s->kind))
		return false;
	s->keys = record_shape(s->kind);
	if (!s->keys || !canonical_object(&rest, s->keys, s->value) ||
		!canonical_take(&rest,
			SPAN_LIT(",\"predicateType\":\"" RECORD_TYPE
				 "\",\"subject\":")) ||
		!canonical_value(&rest, &record_subjects, &s->subjects) ||
		!span_is(rest, "}"))
		return false;
	return statement_is(get(s, "kind"), s->kind) && all_known(s) &&
		take_updates(s) && check_subjects(s) && take_commits(s) &&
		(s->kind != RECORD_DECISION || decision_ok(s));
}

static int by_bytes(const void *a, const void *b)
{
	return span_cmp(*(const struct span *)a, *(const struct span *)b);
}

/* ,"key":value if there is one; the first has no comma. */
static bool same_member(
	struct span *entry, bool *first, const char *key, struct span value)
{
	if (!value.p)
		return true;
	if (!*first && !canonical_take(entry, SPAN_LIT(",")))
		return false;
	*first = false;
	return canonical_take(entry, SPAN_LIT("\"")) &&
		canonical_take(entry, span_str(key)) &&
		canonical_take(entry, SPAN_LIT("\":")) &&
		canonical_take(entry, value);
}

static bool same_commits(struct span *entry, bool *first, struct scanned *s)
{
	size_t i;

	if (!get(s, "commits").p)
		return true;
	if (!same_member(entry, first, "commits", SPAN_LIT("[")))
		return false;
	qsort(s->commit, s->ncommit, sizeof(*s->commit), by_bytes);
	for (i = 0; i < s->ncommit; i++) {
		if (i && span_eq(s->commit[i], s->commit[i - 1]))
			continue;
		if ((i && !canonical_take(entry, SPAN_LIT(","))) ||
			!canonical_take(entry, s->commit[i]))
			return false;
	}
	return canonical_take(entry, SPAN_LIT("]"));
}

static bool same_findings(struct span *entry, bool *first, struct scanned *s)
{
	char count[24];
	size_t i, n;

	if (!s->nfinding)
		return true;
	if (!same_member(entry, first, "findings", SPAN_LIT("{")))
		return false;
	qsort(s->finding, s->nfinding, sizeof(*s->finding), by_bytes);
	for (i = 0; i < s->nfinding; i += n) {
		for (n = 1; i + n < s->nfinding &&
			span_eq(s->finding[i], s->finding[i + n]);)
			n++;
		snprintf(count, sizeof(count), ":%zu", n);
		if ((i && !canonical_take(entry, SPAN_LIT(","))) ||
			!canonical_take(entry, s->finding[i]) ||
			!canonical_take(entry, span_str(count)))
			return false;
	}
	return canonical_take(entry, SPAN_LIT("}"));
}

/* Piece by piece what parse/record.c writes, in the order of keys. */
static bool same(struct span entry, struct scanned *s, struct span sha256)
{
	bool first = true;

	return canonical_take(&entry,
		       SPAN_LIT("{\"_type\":\"" STATEMENT_TYPE
				"\",\"predicate\":{")) &&
		same_member(&entry, &first, "admitted", get(s, "admitted")) &&
		same_member(&entry, &first, "certificate", s->certificate) &&
		same_commits(&entry, &first, s) &&
		same_member(&entry, &first, "decision", get(s, "decision")) &&
		same_findings(&entry, &first, s) &&
		same_member(&entry, &first, "kind", get(s, "kind")) &&
		same_member(&entry, &first, "mode", get(s, "mode")) &&
		same_member(&entry, &first, "policy", get(s, "policy")) &&
		same_member(&entry, &first, "pusher", s->pusher) &&
		same_member(&entry, &first, "record", SPAN_LIT("\"")) &&
		canonical_take(&entry, sha256) &&
		canonical_take(&entry, SPAN_LIT("\"")) &&
		same_member(
			&entry, &first, "repository", get(s, "repository")) &&
		same_member(&entry, &first, "time", get(s, "time")) &&
		same_member(&entry, &first, "updates", get(s, "updates")) &&
		same_member(&entry, &first, "verdict", get(s, "verdict")) &&
		canonical_take(&entry,
			SPAN_LIT("},\"predicateType\":\"" ENTRY_TYPE
				 "\",\"subject\":")) &&
		canonical_take(&entry, s->subjects) && span_is(entry, "}");
}

bool record_gives(
	struct span record, struct span sha256, struct span entry, uint64_t n)
{
	struct span decision;
	struct scanned s;

	if (sha256.n != 64 || entry.n > ENTRY_MAX || !scan(record, &s))
		return false;
	decision = get(&s, "decision");
	return !(decision.p && canonical_number(decision) >= n) &&
		same(entry, &s, sha256);
}

/* No text can hold this: its quotes would be escaped. */
bool record_named(struct span entry, struct span *sha256)
{
	const struct span key = SPAN_LIT(",\"record\":\"");
	size_t at = span_search(entry, key);

	if (at == SIZE_MAX)
		return false;
	*sha256 = span_sub(entry, at + key.n, 64);
	return sha256->n == 64 && text_is_hex(*sha256);
}

bool record_scans(struct span record)
{
	struct scanned s;

	return scan(record, &s);
}
