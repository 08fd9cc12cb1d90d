#include "parse/record.h"

#include "base/grow.h"
#include "base/text.h"
#include "parse/bundle.h"
#include "parse/pushcert.h"
#include "parse/ranges.h"
#include "parse/recordlist.h"
#include "parse/recordscan.h"
#include "parse/shape.h"
#include "parse/statementkeys.h"

#define REF_MAX STATEMENT_REF_MAX
#define NAME_MAX_BYTES 512u
#define TEXT_MAX 4096u
#define CERTIFICATE_MAX (PUSHCERT_MAX / 3 * 4 + 8) /* in base64 */
#define UPDATES_MAX 1000000u
#define OBJECTS_MAX RECORDLIST_MAX
#define WAIVERS_MAX ENTRY_WAIVERS_MAX
#define FORGES_MAX 1000u

static const char zeros[] = "0000000000000000000000000000000000000000";

static const char *const transports[] = {"ssh", "http", "local", "web", NULL};
static const char *const nonces[] = {
	"unchecked", "unsolicited", "missing", "bad", "ok", "slop", NULL};
static const char *const severities[] = {"block", "warn", "waived", NULL};

#define REQUIRED true
#define OPTIONAL false

static const struct shape pusher_keys[] = {
	{"name", SHAPE_TEXT, REQUIRED, NAME_MAX_BYTES, NULL, NULL},
	{"pseudonym", SHAPE_NAME, OPTIONAL, NAME_MAX_BYTES, NULL, NULL},
	{"source", SHAPE_TEXT, OPTIONAL, NAME_MAX_BYTES, NULL, NULL},
	{"transport", SHAPE_WORD, OPTIONAL, 0, transports, NULL},
	{"address", SHAPE_TEXT, OPTIONAL, NAME_MAX_BYTES, NULL, NULL},
	{NULL, SHAPE_TEXT, OPTIONAL, 0, NULL, NULL},
};
static const struct shape signature_keys[] = {
	{"status", SHAPE_NAME, REQUIRED, 64, NULL, NULL},
	{"kind", SHAPE_TEXT, OPTIONAL, 64, NULL, NULL},
	{"key", SHAPE_TEXT, OPTIONAL, NAME_MAX_BYTES, NULL, NULL},
	{"person", SHAPE_TEXT, OPTIONAL, NAME_MAX_BYTES, NULL, NULL},
	{"detail", SHAPE_TEXT, OPTIONAL, TEXT_MAX, NULL, NULL},
	{NULL, SHAPE_TEXT, OPTIONAL, 0, NULL, NULL},
};
static const struct shape certificate_keys[] = {
	{"blob", SHAPE_OID, REQUIRED, 0, NULL, NULL},
	{"sha256", SHAPE_SHA256, OPTIONAL, 0, NULL, NULL},
	{"signed_sha256", SHAPE_SHA256, OPTIONAL, 0, NULL, NULL},
	{"base64", SHAPE_TEXT, OPTIONAL, CERTIFICATE_MAX, NULL, NULL},
	{"malformed", SHAPE_TEXT, OPTIONAL, TEXT_MAX, NULL, NULL},
	{"pusher", SHAPE_TEXT, OPTIONAL, TEXT_MAX, NULL, NULL},
	{"pushee", SHAPE_TEXT, OPTIONAL, 4 * TEXT_MAX, NULL, NULL},
	{"nonce", SHAPE_TEXT, OPTIONAL, TEXT_MAX, NULL, NULL},
	{"nonce_status", SHAPE_WORD, REQUIRED, 0, nonces, NULL},
	{"nonce_age", SHAPE_COUNT, OPTIONAL, 0, NULL, NULL},
	{"signature", SHAPE_OBJECT, OPTIONAL, 0, NULL, signature_keys},
	{"faults", SHAPE_TEXTS, OPTIONAL, 16, NULL, NULL},
	{NULL, SHAPE_TEXT, OPTIONAL, 0, NULL, NULL},
};
static const struct shape signed_keys[] = {
	{"id", SHAPE_OID, REQUIRED, 0, NULL, NULL},
	{"author", SHAPE_TEXT, OPTIONAL, TEXT_MAX, NULL, NULL},
	{"committer", SHAPE_TEXT, OPTIONAL, TEXT_MAX, NULL, NULL},
	{"tagger", SHAPE_TEXT, OPTIONAL, TEXT_MAX, NULL, NULL},
	{"signature", SHAPE_OBJECT, OPTIONAL, 0, NULL, signature_keys},
	{NULL, SHAPE_TEXT, OPTIONAL, 0, NULL, NULL},
};
static const struct shape mergetag_keys[] = {
	{"commit", SHAPE_OID, REQUIRED, 0, NULL, NULL},
	{"name", SHAPE_TEXT, REQUIRED, 4 * NAME_MAX_BYTES, NULL, NULL},
	{"target", SHAPE_OID, OPTIONAL, 0, NULL, NULL},
	{"tagger", SHAPE_TEXT, OPTIONAL, TEXT_MAX, NULL, NULL},
	{"signature", SHAPE_OBJECT, REQUIRED, 0, NULL, signature_keys},
	{NULL, SHAPE_TEXT, OPTIONAL, 0, NULL, NULL},
};
static const struct shape approval_keys[] = {
	{"object", SHAPE_OID, REQUIRED, 0, NULL, NULL},
	{"commit", SHAPE_OID, REQUIRED, 0, NULL, NULL},
	{"ref", SHAPE_TEXT, OPTIONAL, REF_MAX, NULL, NULL},
	{"person", SHAPE_TEXT, OPTIONAL, NAME_MAX_BYTES, NULL, NULL},
	{"kind", SHAPE_TEXT, OPTIONAL, 64, NULL, NULL},
	{"key", SHAPE_TEXT, OPTIONAL, NAME_MAX_BYTES, NULL, NULL},
	{"status", SHAPE_NAME, REQUIRED, 64, NULL, NULL},
	{"detail", SHAPE_TEXT, OPTIONAL, TEXT_MAX, NULL, NULL},
	{NULL, SHAPE_TEXT, OPTIONAL, 0, NULL, NULL},
};
static const struct shape review_keys[] = {
	{"forge", SHAPE_NAME, REQUIRED, NAME_MAX_BYTES, NULL, NULL},
	{"request", SHAPE_COUNT, REQUIRED, 0, NULL, NULL},
	{"review", SHAPE_COUNT, OPTIONAL, 0, NULL, NULL},
	{"commit", SHAPE_OID, REQUIRED, 0, NULL, NULL},
	{"ref", SHAPE_TEXT, REQUIRED, REF_MAX, NULL, NULL},
	{"login", SHAPE_TEXT, REQUIRED, 2 * NAME_MAX_BYTES, NULL, NULL},
	{"person", SHAPE_TEXT, REQUIRED, NAME_MAX_BYTES, NULL, NULL},
	{"status", SHAPE_NAME, REQUIRED, 64, NULL, NULL},
	{"detail", SHAPE_TEXT, OPTIONAL, TEXT_MAX, NULL, NULL},
	{"against", SHAPE_BOOL, OPTIONAL, 0, NULL, NULL},
	{NULL, SHAPE_TEXT, OPTIONAL, 0, NULL, NULL},
};
static const struct shape answer_keys[] = {
	{"forge", SHAPE_NAME, REQUIRED, 2 * NAME_MAX_BYTES, NULL, NULL},
	{"request", SHAPE_COUNT, REQUIRED, 0, NULL, NULL},
	{"part", SHAPE_NAME, REQUIRED, 2 * NAME_MAX_BYTES, NULL, NULL},
	{"path", SHAPE_TEXT, REQUIRED, 4 * TEXT_MAX, NULL, NULL},
	{"status", SHAPE_COUNT, OPTIONAL, 0, NULL, NULL},
	{"sha256", SHAPE_SHA256, REQUIRED, 0, NULL, NULL},
	{"base64", SHAPE_TEXT, REQUIRED, RECORD_MAX, NULL, NULL},
	{NULL, SHAPE_TEXT, OPTIONAL, 0, NULL, NULL},
};
static const struct shape waiver_keys[] = {
	{"object", SHAPE_OID, REQUIRED, 0, NULL, NULL},
	{"commit", SHAPE_OID, REQUIRED, 0, NULL, NULL},
	{"ref", SHAPE_TEXT, REQUIRED, REF_MAX, NULL, NULL},
	{"finding", SHAPE_TEXT, REQUIRED, 4 * NAME_MAX_BYTES, NULL, NULL},
	{"fingerprint", SHAPE_HEX, OPTIONAL, 128, NULL, NULL},
	{"path", SHAPE_TEXT, OPTIONAL, 4 * TEXT_MAX, NULL, NULL},
	{"reason", SHAPE_TEXT, REQUIRED, 4 * TEXT_MAX, NULL, NULL},
	{"until", SHAPE_TEXT, REQUIRED, 32, NULL, NULL},
	{"person", SHAPE_TEXT, REQUIRED, NAME_MAX_BYTES, NULL, NULL},
	{"kind", SHAPE_TEXT, OPTIONAL, 64, NULL, NULL},
	{"key", SHAPE_TEXT, OPTIONAL, NAME_MAX_BYTES, NULL, NULL},
	{"status", SHAPE_NAME, REQUIRED, 64, NULL, NULL},
	{"detail", SHAPE_TEXT, OPTIONAL, 4 * TEXT_MAX, NULL, NULL},
	{"used", SHAPE_BOOL, REQUIRED, 0, NULL, NULL},
	{NULL, SHAPE_TEXT, OPTIONAL, 0, NULL, NULL},
};
static const struct shape finding_keys[] = {
	{"id", SHAPE_ID, REQUIRED, 0, NULL, NULL},
	{"severity", SHAPE_WORD, REQUIRED, 0, severities, NULL},
	{"ref", SHAPE_TEXT, OPTIONAL, REF_MAX, NULL, NULL},
	{"observed", SHAPE_BOOL, OPTIONAL, 0, NULL, NULL},
	{"object", SHAPE_OID, OPTIONAL, 0, NULL, NULL},
	{"text", SHAPE_TEXT, OPTIONAL, TEXT_MAX, NULL, NULL},
	{"place", SHAPE_TEXT, OPTIONAL, 4 * TEXT_MAX, NULL, NULL},
	{"detail", SHAPE_TEXT, OPTIONAL, 4 * TEXT_MAX, NULL, NULL},
	{"hint", SHAPE_TEXT, OPTIONAL, 4 * TEXT_MAX, NULL, NULL},
	{"fingerprint", SHAPE_HEX, OPTIONAL, 128, NULL, NULL},
	{"waiver", SHAPE_TEXT, OPTIONAL, 4 * TEXT_MAX, NULL, NULL},
	{"waivers", SHAPE_OIDS, OPTIONAL, WAIVERS_MAX, NULL, NULL},
	{NULL, SHAPE_TEXT, OPTIONAL, 0, NULL, NULL},
};

#define COMMON_KEYS                                                        \
	{"kind", SHAPE_WORD, REQUIRED, 0, statement_kinds, NULL},          \
		{"repository", SHAPE_NAME, REQUIRED, NAME_MAX_BYTES, NULL, \
			NULL},                                             \
		{"time", SHAPE_TIME, REQUIRED, 0, NULL, NULL},             \
		{"program", SHAPE_NAME, REQUIRED, 64, NULL, NULL},         \
	{                                                                  \
		"updates", SHAPE_OBJECTS, REQUIRED, UPDATES_MAX, NULL,     \
			statement_update_keys                              \
	}

static const struct shape policy_file_keys[] = {
	{"name", SHAPE_TEXT, REQUIRED, 4 * TEXT_MAX, NULL, NULL},
	{"base64", SHAPE_TEXT, REQUIRED, RECORD_MAX, NULL, NULL},
	{NULL, SHAPE_TEXT, OPTIONAL, 0, NULL, NULL},
};
static const struct shape policy_change_keys[] = {
	{"version", SHAPE_COUNT, REQUIRED, 0, NULL, NULL},
	{"policy", SHAPE_SHA256, REQUIRED, 0, NULL, NULL},
	{"keys", SHAPE_SHA256, REQUIRED, 0, NULL, NULL},
	{"signers", SHAPE_TEXTS, REQUIRED, 1000, NULL, NULL},
	{"files", SHAPE_OBJECTS, REQUIRED, OBJECTS_MAX, NULL, policy_file_keys},
	{NULL, SHAPE_TEXT, OPTIONAL, 0, NULL, NULL},
};
/* Text of numbers; ranges.h reads it. */
#define RANGES_MAX ((size_t)16 << 20)
static const struct shape section_keys[] = {
	{"signature", SHAPE_HEX, OPTIONAL, 64, NULL, NULL},
	{"identity", SHAPE_HEX, OPTIONAL, 64, NULL, NULL},
	{"approval", SHAPE_HEX, OPTIONAL, 64, NULL, NULL},
	{"robot", SHAPE_HEX, OPTIONAL, 64, NULL, NULL},
	{"secret", SHAPE_HEX, OPTIONAL, 64, NULL, NULL},
	{"ref", SHAPE_HEX, OPTIONAL, 64, NULL, NULL},
	{"message", SHAPE_HEX, OPTIONAL, 64, NULL, NULL},
	{"file", SHAPE_HEX, OPTIONAL, 64, NULL, NULL},
	{"waiver", SHAPE_HEX, OPTIONAL, 64, NULL, NULL},
	{"mode", SHAPE_HEX, OPTIONAL, 64, NULL, NULL},
	{"severity", SHAPE_HEX, OPTIONAL, 64, NULL, NULL},
	{NULL, SHAPE_TEXT, OPTIONAL, 0, NULL, NULL},
};
static const struct shape fact_update_keys[] = {
	{"movement", SHAPE_NAME, REQUIRED, 16, NULL, NULL},
	{"type", SHAPE_NAME, REQUIRED, 16, NULL, NULL},
	{"last", SHAPE_NAME, OPTIONAL, 16, NULL, NULL},
	{"alias", SHAPE_TEXT, OPTIONAL, REF_MAX, NULL, NULL},
	{"commits", SHAPE_TEXT, OPTIONAL, RANGES_MAX, NULL, NULL},
	{"tags", SHAPE_TEXT, OPTIONAL, RANGES_MAX, NULL, NULL},
	{"sections", SHAPE_OBJECT, REQUIRED, 0, NULL, section_keys},
	{"forges", SHAPE_TEXTS, OPTIONAL, FORGES_MAX, NULL, NULL},
	{"objections", SHAPE_BOOL, OPTIONAL, 0, NULL, NULL},
	{NULL, SHAPE_TEXT, OPTIONAL, 0, NULL, NULL},
};
static const struct shape fact_parents_keys[] = {
	{"at", SHAPE_COUNT, REQUIRED, 0, NULL, NULL},
	{"of", SHAPE_OIDS, REQUIRED, OBJECTS_MAX, NULL, NULL},
	{NULL, SHAPE_TEXT, OPTIONAL, 0, NULL, NULL},
};
static const struct shape fact_coauthor_keys[] = {
	{"at", SHAPE_COUNT, REQUIRED, 0, NULL, NULL},
	{"email", SHAPE_TEXT, REQUIRED, 4 * TEXT_MAX, NULL, NULL},
	{NULL, SHAPE_TEXT, OPTIONAL, 0, NULL, NULL},
};
static const struct shape fact_tag_keys[] = {
	{"name", SHAPE_TEXT, REQUIRED, 4 * TEXT_MAX, NULL, NULL},
	{"malformed", SHAPE_BOOL, OPTIONAL, 0, NULL, NULL},
	{NULL, SHAPE_TEXT, OPTIONAL, 0, NULL, NULL},
};
static const struct shape fact_approval_keys[] = {
	{"update", SHAPE_COUNT, OPTIONAL, 0, NULL, NULL},
	{"covers", SHAPE_TEXT, OPTIONAL, RANGES_MAX, NULL, NULL},
	{"rebased", SHAPE_BOOL, OPTIONAL, 0, NULL, NULL},
	{NULL, SHAPE_TEXT, OPTIONAL, 0, NULL, NULL},
};
static const struct shape fact_review_keys[] = {
	{"update", SHAPE_COUNT, REQUIRED, 0, NULL, NULL},
	{"covers", SHAPE_TEXT, OPTIONAL, RANGES_MAX, NULL, NULL},
	{"opened", SHAPE_BOOL, OPTIONAL, 0, NULL, NULL},
	{NULL, SHAPE_TEXT, OPTIONAL, 0, NULL, NULL},
};
static const struct shape fact_objection_keys[] = {
	{"object", SHAPE_OID, REQUIRED, 0, NULL, NULL},
	{"commit", SHAPE_OID, REQUIRED, 0, NULL, NULL},
	{"person", SHAPE_TEXT, REQUIRED, NAME_MAX_BYTES, NULL, NULL},
	{"update", SHAPE_COUNT, REQUIRED, 0, NULL, NULL},
	{"covers", SHAPE_TEXT, OPTIONAL, RANGES_MAX, NULL, NULL},
	{NULL, SHAPE_TEXT, OPTIONAL, 0, NULL, NULL},
};
static const struct shape fact_off_keys[] = {
	{"id", SHAPE_ID, REQUIRED, 0, NULL, NULL},
	{"update", SHAPE_COUNT, REQUIRED, 0, NULL, NULL},
	{NULL, SHAPE_TEXT, OPTIONAL, 0, NULL, NULL},
};
static const struct shape fact_keys[] = {
	{"version", SHAPE_COUNT, REQUIRED, 0, NULL, NULL},
	{"people", SHAPE_HEX, REQUIRED, 64, NULL, NULL},
	{"pusher_email", SHAPE_TEXT, OPTIONAL, 4 * TEXT_MAX, NULL, NULL},
	{"updates", SHAPE_OBJECTS, REQUIRED, UPDATES_MAX, NULL,
		fact_update_keys},
	{"merges", SHAPE_TEXT, OPTIONAL, RANGES_MAX, NULL, NULL},
	{"malformed", SHAPE_TEXT, OPTIONAL, RANGES_MAX, NULL, NULL},
	{"parents", SHAPE_OBJECTS, OPTIONAL, OBJECTS_MAX, NULL,
		fact_parents_keys},
	{"tagged", SHAPE_TEXT, OPTIONAL, RANGES_MAX, NULL, NULL},
	{"coauthors", SHAPE_OBJECTS, OPTIONAL, OBJECTS_MAX, NULL,
		fact_coauthor_keys},
	{"tags", SHAPE_OBJECTS, OPTIONAL, OBJECTS_MAX, NULL, fact_tag_keys},
	{"approvals", SHAPE_OBJECTS, OPTIONAL, UPDATES_MAX, NULL,
		fact_approval_keys},
	{"reviews", SHAPE_OBJECTS, OPTIONAL, UPDATES_MAX, NULL,
		fact_review_keys},
	{"objections", SHAPE_OBJECTS, OPTIONAL, UPDATES_MAX, NULL,
		fact_objection_keys},
	{"unanswered", SHAPE_TEXT, OPTIONAL, 4 * TEXT_MAX, NULL, NULL},
	{"off", SHAPE_OBJECTS, OPTIONAL, UPDATES_MAX, NULL, fact_off_keys},
	{NULL, SHAPE_TEXT, OPTIONAL, 0, NULL, NULL},
};
static const struct shape decision_keys[] = {
	COMMON_KEYS,
	{"verdict", SHAPE_WORD, REQUIRED, 0, statement_verdicts, NULL},
	{"mode", SHAPE_WORD, REQUIRED, 0, statement_modes, NULL},
	{"admitted", SHAPE_BOOL, REQUIRED, 0, NULL, NULL},
	{"cause", SHAPE_TEXT, OPTIONAL, TEXT_MAX, NULL, NULL},
	{"hint", SHAPE_TEXT, OPTIONAL, TEXT_MAX, NULL, NULL},
	{"pusher", SHAPE_OBJECT, REQUIRED, 0, NULL, pusher_keys},
	{"push_options", SHAPE_TEXTS, OPTIONAL, 1000, NULL, NULL},
	{"push_certificate", SHAPE_OBJECT, OPTIONAL, 0, NULL, certificate_keys},
	{"policy", SHAPE_SHA256, OPTIONAL, 0, NULL, NULL},
	{"policy_change", SHAPE_OBJECT, OPTIONAL, 0, NULL, policy_change_keys},
	{"rules", SHAPE_SHA256, OPTIONAL, 0, NULL, NULL},
	{"commits", SHAPE_OBJECTS, OPTIONAL, OBJECTS_MAX, NULL, signed_keys},
	{"tags", SHAPE_OBJECTS, OPTIONAL, OBJECTS_MAX, NULL, signed_keys},
	{"mergetags", SHAPE_OBJECTS, OPTIONAL, OBJECTS_MAX, NULL,
		mergetag_keys},
	{"approvals", SHAPE_OBJECTS, OPTIONAL, UPDATES_MAX, NULL,
		approval_keys},
	{"reviews", SHAPE_OBJECTS, OPTIONAL, UPDATES_MAX, NULL, review_keys},
	{"review_answers", SHAPE_OBJECTS, OPTIONAL, UPDATES_MAX, NULL,
		answer_keys},
	{"waivers", SHAPE_OBJECTS, OPTIONAL, WAIVERS_MAX, NULL, waiver_keys},
	{"findings", SHAPE_OBJECTS, OPTIONAL, UPDATES_MAX, NULL, finding_keys},
	{"facts", SHAPE_OBJECT, OPTIONAL, 0, NULL, fact_keys},
	{"counts", SHAPE_COUNTS, OPTIONAL, 64, NULL, NULL},
	{"durations_us", SHAPE_COUNTS, OPTIONAL, 64, NULL, NULL},
	{NULL, SHAPE_TEXT, OPTIONAL, 0, NULL, NULL},
};
static const struct shape adopt_keys[] = {
	COMMON_KEYS,
	{"commits", SHAPE_OIDS, REQUIRED, OBJECTS_MAX, NULL, NULL},
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
	{"program", SHAPE_NAME, REQUIRED, 64, NULL, NULL},
	{NULL, SHAPE_TEXT, OPTIONAL, 0, NULL, NULL},
};

/* The predicate is checked by itself, when its kind is known. */
static const char *const record_types[] = {RECORD_TYPE, NULL};

static const struct shape *const keys_of[] = {
	[RECORD_ADOPT] = adopt_keys,
	[RECORD_DECISION] = decision_keys,
	[RECORD_OUTCOME] = outcome_keys,
	[RECORD_OBSERVED] = observed_keys,
	[RECORD_PRUNED] = pruned_keys,
	[RECORD_KEY] = key_keys,
};

const struct shape record_subjects = {"subject", SHAPE_OBJECTS, REQUIRED,
	UPDATES_MAX, NULL, statement_subject_keys};

const struct shape *record_shape(enum record_kind kind)
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

const char *record_kind_name(enum record_kind k)
{
	return statement_kinds[k];
}

bool record_kind_read(struct span s, enum record_kind *out)
{
	unsigned k;

	for (k = 0; statement_kinds[k]; k++) {
		if (span_is(s, statement_kinds[k])) {
			*out = (enum record_kind)k;
			return true;
		}
	}
	return false;
}

/* An update as bytes to sort and compare: what it says, and where it stands. */
struct line {
	struct span ref, old, new;
	size_t at;
};

static int by_ref(const void *a, const void *b)
{
	const struct line *x = a, *y = b;

	return span_cmp(x->ref, y->ref);
}

/* The order of the lines of a list: names have one length. */
static int by_line(const void *a, const void *b)
{
	const struct line *x = a, *y = b;
	int r = span_cmp(x->old, y->old);

	if (!r)
		r = span_cmp(x->new, y->new);
	return r ? r : span_cmp(x->ref, y->ref);
}

static struct line *lines_of(const struct doc *updates, size_t *n)
{
	struct line *v;
	size_t i;

	*n = doc_count(updates);
	v = calloc(*n + 1, sizeof(*v));
	if (!v)
		die("out of memory");
	for (i = 0; i < *n; i++) {
		const struct doc *u = doc_at(updates, i);

		v[i].ref = doc_get_text(u, "ref");
		v[i].old = doc_get_text(u, "old");
		v[i].new = doc_get_text(u, "new");
		v[i].at = i;
	}
	qsort(v, *n, sizeof(*v), by_ref);
	return v;
}

static int check_updates(
	enum record_kind kind, const struct line *v, size_t n, struct err *err)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (i && span_eq(v[i].ref, v[i - 1].ref))
			return err_set(err, ERR_INPUT,
				"record: predicate.updates[%zu].ref: twice",
				v[i].at);
		if (kind == RECORD_ADOPT &&
			(!span_is(v[i].old, zeros) || span_is(v[i].new, zeros)))
			return err_set(err, ERR_INPUT,
				"record: predicate.updates[%zu]: adopts "
				"something else than a tip that is there",
				v[i].at);
	}
	return 0;
}

/* Each subject is the new value of an update; no subject comes twice. */
static int check_subjects(const struct doc *subjects, const struct line *v,
	size_t n, struct err *err)
{
	size_t i, count = doc_count(subjects);
	bool *seen = calloc(n + 1, sizeof(*seen));
	int ret = -1;

	if (!seen)
		die("out of memory");
	for (i = 0; i < count; i++) {
		const struct doc *s = doc_at(subjects, i), *value;
		const struct doc *digest = doc_get(s, "digest");
		struct line key = {.ref = doc_get_text(s, "name")};
		const struct line *hit;
		const void *pos = NULL;
		struct span name, oid = SPAN_EMPTY;

		hit = bsearch(&key, v, n, sizeof(*v), by_ref);
		if (doc_count(digest) == 1 &&
			doc_next(digest, &pos, &name, &value))
			doc_text(value, &oid);
		if (!hit || seen[hit - v] || span_is(hit->new, zeros) ||
			!span_eq(oid, hit->new)) {
			err_set(err, ERR_INPUT,
				"record: subject[%zu]: not the new value of an "
				"update",
				i);
			goto out;
		}
		seen[hit - v] = true;
	}
	ret = 0;
out:
	free(seen);
	return ret;
}

/* The waiver of that name; a tag that is pushed may be there twice. */
static const struct doc *waiver_named(const struct doc *p, struct span object)
{
	const struct doc *list = doc_get(p, "waivers");
	size_t i;

	for (i = 0; i < doc_count(list); i++)
		if (span_eq(doc_get_text(doc_at(list, i), "object"), object) &&
			doc_get_bool(doc_at(list, i), "used"))
			return doc_at(list, i);
	return NULL;
}

/* That a finding is waived has to be shown: by waivers for exactly that finding
 * on exactly that ref, each signed by somebody. */
static int check_waived(const struct doc *p, struct err *err)
{
	const struct doc *findings = doc_get(p, "findings");
	size_t i, k;

	for (i = 0; i < doc_count(findings); i++) {
		const struct doc *f = doc_at(findings, i);
		const struct doc *by = doc_get(f, "waivers");
		bool waived = span_is(doc_get_text(f, "severity"), "waived");

		if (waived != (doc_count(by) > 0))
			return err_set(err, ERR_INPUT,
				"record: predicate.findings[%zu].waivers: "
				"stand "
				"exactly with the severity 'waived'",
				i);
		for (k = 0; k < doc_count(by); k++) {
			const struct doc *w;
			struct span object;

			if (!doc_text(doc_at(by, k), &object))
				continue;
			w = waiver_named(p, object);
			if (w && span_is(doc_get_text(w, "status"), "valid") &&
				doc_get_text(w, "person").n &&
				span_eq(doc_get_text(w, "finding"),
					doc_get_text(f, "id")) &&
				span_eq(doc_get_text(w, "ref"),
					doc_get_text(f, "ref")))
				continue;
			return err_set(err, ERR_INPUT,
				"record: predicate.findings[%zu].waivers[%zu]: "
				"no valid waiver of it that was used",
				i, k);
		}
	}
	return 0;
}

bool record_pruned(const struct doc *predicate)
{
	struct span text = doc_get_text(predicate, "entries");
	struct arena *a = arena_new((size_t)64 * ENTRY_PRUNED_MAX);
	struct range *v;
	uint64_t count = 0;
	size_t i, n;
	bool good = !doc_count(doc_get(predicate, "updates")) &&
		doc_get(predicate, "updates") &&
		ranges_ascending(text, INT64_MAX, a, &v, &n);

	for (i = 0; good && i < n; i++)
		count += v[i].to - v[i].from + 1;
	arena_free(a);
	return good && count == (uint64_t)doc_get_int(predicate, "count");
}

/* The verdict, what follows from it and what led to it must agree. */
static int check_decision(const struct doc *p, struct err *err)
{
	const struct doc *findings = doc_get(p, "findings");
	struct span verdict = doc_get_text(p, "verdict");
	bool accept = span_is(verdict, "accept");
	bool enforce = span_is(doc_get_text(p, "mode"), "enforce");
	bool admitted = doc_get_bool(p, "admitted");
	size_t i, block = 0, observed = 0;

	if (enforce && admitted && !accept)
		return err_set(err, ERR_INPUT,
			"record: predicate.admitted: true, with the verdict "
			"'%.*s' enforced",
			SPAN_FMT(verdict));
	if (accept && !admitted)
		return err_set(err, ERR_INPUT,
			"record: predicate.admitted: false, with the verdict "
			"'accept'");
	if (span_is(verdict, "undecided") != !!doc_get(p, "cause"))
		return err_set(err, ERR_INPUT,
			"record: predicate.cause: stands exactly with the "
			"verdict 'undecided'");
	for (i = 0; i < doc_count(findings); i++) {
		const struct doc *f = doc_at(findings, i);

		if (!span_is(doc_get_text(f, "severity"), "block"))
			continue;
		if (accept)
			return err_set(err, ERR_INPUT,
				"record: predicate.findings[%zu]: blocks, with "
				"the verdict 'accept'",
				i);
		block++;
		observed += doc_get_bool(f, "observed");
	}
	if (check_waived(p, err))
		return -1;
	/* Records from before a ref could have a mode have none of these. */
	if (admitted && observed && observed != block)
		return err_set(err, ERR_INPUT,
			"record: predicate.admitted: true, with findings on a "
			"ref that is not only observed");
	return 0;
}

bool predicate_certificate(const struct doc *predicate, struct buf *out)
{
	const struct doc *c = doc_get(predicate, "push_certificate");
	struct span text;

	return doc_text(doc_get(c, "base64"), &text) &&
		text_base64_read(text, out);
}

bool record_certificate(const struct doc *record, struct buf *out)
{
	return predicate_certificate(doc_get(record, "predicate"), out);
}

/* The bytes and their digest stand together or not at all. That they fit is for
 * who has a digest to compute. */
bool record_certificate_ok(struct span base64, struct span sha256)
{
	struct buf bytes = BUF_INIT(PUSHCERT_MAX);
	bool good = true;

	if (base64.p || sha256.p)
		good = base64.p && sha256.p &&
			text_base64_read(base64, &bytes) && !bytes.full;
	buf_free(&bytes);
	return good;
}

static int check_certificate(const struct doc *j, struct err *err)
{
	const struct doc *c =
		doc_get(doc_get(j, "predicate"), "push_certificate");

	if (record_certificate_ok(
		    doc_get_text(c, "base64"), doc_get_text(c, "sha256")))
		return 0;
	return err_set(err, ERR_INPUT,
		"record: predicate.push_certificate.base64: not the bytes of a "
		"certificate with a digest");
}

static int check(const struct doc *j, struct err *err)
{
	struct shape top[] = {
		{"_type", SHAPE_WORD, REQUIRED, 0, statement_types, NULL},
		{"predicateType", SHAPE_WORD, REQUIRED, 0, record_types, NULL},
		record_subjects,
		{"predicate", SHAPE_OBJECT, REQUIRED, 0, NULL, NULL},
		{NULL, SHAPE_TEXT, OPTIONAL, 0, NULL, NULL},
	};
	const struct doc *p = doc_get(j, "predicate");
	enum record_kind kind;
	struct line *v;
	size_t n;
	int ret;

	if (!record_kind_read(doc_get_text(p, "kind"), &kind))
		return err_set(err, ERR_INPUT,
			"record: predicate.kind: not a known kind");
	top[3].keys = keys_of[kind];
	if (shape_check(j, top, "record", err))
		return -1;
	if (kind == RECORD_DECISION &&
		(check_decision(p, err) || check_certificate(j, err)))
		return -1;
	if (kind == RECORD_PRUNED && !record_pruned(p))
		return err_set(err, ERR_INPUT,
			"record: predicate: no updates, and as many entries as "
			"it counts, are what is pruned");
	if (kind == RECORD_KEY && statement_rotation(p, "record", err))
		return -1;
	v = lines_of(doc_get(p, "updates"), &n);
	ret = check_updates(kind, v, n, err);
	if (!ret)
		ret = check_subjects(doc_get(j, "subject"), v, n, err);
	free(v);
	return ret;
}

static int check_size(struct span bytes, struct err *err)
{
	if (bytes.n <= RECORD_MAX)
		return 0;
	return err_set(err, ERR_LIMIT,
		"a record of %zu bytes is larger than %zu", bytes.n,
		RECORD_MAX);
}

int record_parse(struct span bytes, struct doc **out, struct err *err)
{
	struct buf again = BUF_INIT(RECORD_MAX);
	struct doc *j = NULL;
	int ret = -1;

	*out = NULL;
	if (check_size(bytes, err))
		goto out;
	if (doc_parse(bytes, &j, err)) {
		err_in(err, "record");
		goto out;
	}
	doc_canonical(j, &again);
	if (!span_eq(buf_all(&again), bytes)) {
		err_set(err, ERR_INPUT, "record: not in its canonical form");
		goto out;
	}
	if (check(j, err))
		goto out;
	*out = j;
	j = NULL;
	ret = 0;
out:
	doc_free(j);
	buf_free(&again);
	return ret;
}

static void hex_digest(struct span s,
	void (*digest)(struct span s, unsigned char out[32]), char out[65])
{
	struct buf hex = BUF_INIT(64);
	unsigned char sum[32];

	digest(s, sum);
	text_hex(&hex, span_of(sum, sizeof(sum)));
	snprintf(out, 65, "%s", buf_cstr(&hex));
	buf_free(&hex);
}

static int by_bytes(const void *a, const void *b)
{
	return span_cmp(*(const struct span *)a, *(const struct span *)b);
}

/* The object names of commits, sorted, each once. */
struct names {
	struct span *v;
	size_t n;
	bool any; /* there is a list */
};

static void names_add(struct names *names, size_t *cap, struct span id)
{
	names->v = grow(names->v, names->n, cap, sizeof(*names->v));
	names->v[names->n++] = id;
}

static void names_sort(struct names *names)
{
	size_t i, kept = 0;

	names->any = true;
	if (!names->n)
		return;
	qsort(names->v, names->n, sizeof(*names->v), by_bytes);
	for (i = 0; i < names->n; i++)
		if (!i || !span_eq(names->v[i], names->v[kept - 1]))
			names->v[kept++] = names->v[i];
	names->n = kept;
}

/* Those of a decision or an adoption. */
static struct names names_of(const struct doc *record)
{
	const struct doc *commits =
		doc_get(doc_get(record, "predicate"), "commits");
	struct names names = {0};
	size_t i, cap = 0;
	struct span id;

	for (i = 0; i < doc_count(commits); i++) {
		const struct doc *c = doc_at(commits, i);

		names_add(&names, &cap,
			doc_text(c, &id) ? id : doc_get_text(c, "id"));
	}
	if (commits)
		names_sort(&names);
	return names;
}

/* Of a record without its lists; they are handed over. */
static struct names names_taken(
	const struct doc *record, struct recordlist_rest *rest)
{
	struct names names = {.v = rest->commit, .n = rest->ncommit};

	if (!rest->taken[RECORDLIST_COMMITS])
		return names_of(record);
	rest->commit = NULL;
	rest->ncommit = 0;
	names_sort(&names);
	return names;
}

static struct doc *list_ref(struct entry_text *out, struct buf *text,
	size_t count, void (*digest)(struct span s, unsigned char out[32]))
{
	struct doc *j = doc_object();
	size_t i = out->nlists++;

	hex_digest(buf_all(text), digest, out->list_name[i]);
	out->list[i] = *text;
	doc_set(j, "count", doc_of_int((int64_t)count));
	doc_set(j, "sha256", doc_of_str(out->list_name[i]));
	return j;
}

/* What does not fit is left to lists, in this order. */
struct inlined {
	bool updates, commits, subjects;
};

static void set_updates(struct doc *to, const struct doc *updates,
	const struct inlined *in, struct entry_text *out,
	void (*digest)(struct span s, unsigned char out[32]))
{
	struct buf text = BUF_INIT(4 * RECORD_MAX);
	struct line *v;
	size_t i, n;

	if (in->updates) {
		doc_set(to, "updates", doc_copy(updates));
		return;
	}
	v = lines_of(updates, &n);
	qsort(v, n, sizeof(*v), by_line);
	for (i = 0; i < n; i++) {
		buf_span(&text, v[i].old);
		buf_byte(&text, ' ');
		buf_span(&text, v[i].new);
		buf_byte(&text, ' ');
		buf_span(&text, v[i].ref);
		buf_byte(&text, '\n');
	}
	free(v);
	doc_set(to, "updates_list", list_ref(out, &text, n, digest));
}

static void set_commits(struct doc *to, const struct names *names,
	const struct inlined *in, struct entry_text *out,
	void (*digest)(struct span s, unsigned char out[32]))
{
	struct buf text = BUF_INIT(4 * RECORD_MAX);
	const struct span *v = names->v;
	size_t i, n = names->n;

	if (!names->any)
		return;
	if (in->commits && n <= ENTRY_COMMITS_MAX) {
		struct doc *list = doc_array();

		for (i = 0; i < n; i++)
			doc_add(list, doc_of_text(v[i]));
		doc_set(to, "commits", list);
	} else {
		for (i = 0; i < n; i++) {
			buf_span(&text, v[i]);
			buf_byte(&text, '\n');
		}
		doc_set(to, "commits_list", list_ref(out, &text, n, digest));
	}
}

static void set_findings(struct doc *to, const struct doc *findings)
{
	struct doc *counts;
	size_t i;

	if (!doc_count(findings))
		return;
	counts = doc_object();
	for (i = 0; i < doc_count(findings); i++) {
		struct span id = doc_get_text(doc_at(findings, i), "id");
		const char *key = (const char *)id.p;

		doc_set(counts, key, doc_of_int(doc_get_int(counts, key) + 1));
	}
	doc_set(to, "findings", counts);
}

/* The waivers that let something pass, each once: that they are spent can then
 * be told from the log alone. */
static void set_waivers(struct doc *to, const struct doc *waivers)
{
	size_t i, n = 0, count = doc_count(waivers);
	struct span *v = calloc(count + 1, sizeof(*v));
	struct doc *list;

	if (!v)
		die("out of memory");
	for (i = 0; i < count; i++)
		if (doc_get_bool(doc_at(waivers, i), "used"))
			v[n++] = doc_get_text(doc_at(waivers, i), "object");
	qsort(v, n, sizeof(*v), by_bytes);
	if (n) {
		list = doc_array();
		for (i = 0; i < n; i++)
			if (!i || !span_eq(v[i], v[i - 1]))
				doc_add(list, doc_of_text(v[i]));
		doc_set(to, "waivers", list);
	}
	free(v);
}

static void entry_write(const struct doc *record, const struct names *commits,
	const struct inlined *in,
	void (*digest)(struct span s, unsigned char out[32]),
	struct entry_text *out)
{
	static const char *const kept[] = {"kind", "repository", "time",
		"verdict", "mode", "admitted", "policy", "decision", "before",
		"by", "count", "entries", "rotation", NULL};
	const struct doc *from = doc_get(record, "predicate");
	const struct doc *subjects = doc_get(record, "subject");
	struct doc *j = doc_object(), *p = doc_object();
	const struct doc *pusher = doc_get(from, "pusher");
	const struct doc *certificate =
		doc_get(doc_get(from, "push_certificate"), "signed_sha256");
	size_t i;

	for (i = 0; kept[i]; i++)
		if (doc_get(from, kept[i]))
			doc_set(p, kept[i], doc_copy(doc_get(from, kept[i])));
	if (pusher)
		doc_set(p, "pusher",
			doc_copy(doc_get(pusher,
				doc_get(pusher, "pseudonym") ? "pseudonym"
							     : "name")));
	if (certificate)
		doc_set(p, "certificate", doc_copy(certificate));
	if (doc_get(from, "updates"))
		set_updates(p, doc_get(from, "updates"), in, out, digest);
	set_commits(p, commits, in, out, digest);
	set_findings(p, doc_get(from, "findings"));
	set_waivers(p, doc_get(from, "waivers"));
	doc_set(p, "record", doc_of_str(out->record));
	doc_set(j, "_type", doc_of_str(STATEMENT_TYPE));
	doc_set(j, "predicateType", doc_of_str(ENTRY_TYPE));
	if (in->subjects)
		doc_set(j, "subject", doc_copy(subjects));
	doc_set(j, "predicate", p);
	doc_canonical(j, &out->entry);
	doc_free(j);
}

static void start_over(struct entry_text *out)
{
	buf_free(&out->entry);
	buf_free(&out->list[0]);
	buf_free(&out->list[1]);
	out->nlists = 0;
	out->entry = (struct buf)BUF_INIT(ENTRY_MAX);
}

static int derive(const struct doc *record, const struct names *commits,
	struct span bytes, void (*digest)(struct span s, unsigned char out[32]),
	struct entry_text *out, struct err *err)
{
	const struct doc *p = doc_get(record, "predicate");
	struct inlined in = {
		.updates =
			doc_count(doc_get(p, "updates")) <= ENTRY_UPDATES_MAX,
		.commits = true,
		.subjects = doc_count(doc_get(record, "subject")) <=
			ENTRY_SUBJECTS_MAX,
	};
	bool *const give_up[] = {&in.updates, &in.commits, &in.subjects};
	size_t i = 0;

	memset(out, 0, sizeof(*out));
	if (!record_kind_read(doc_get_text(p, "kind"), &out->kind))
		die("derive: a record of no kind");
	hex_digest(bytes, digest, out->record);
	for (;;) {
		start_over(out);
		entry_write(record, commits, &in, digest, out);
		if (!out->entry.full)
			break;
		if (i == ARRAY_LEN(give_up))
			return err_set(err, ERR_LIMIT,
				"the log entry is larger than %u bytes",
				ENTRY_MAX);
		*give_up[i++] = false;
	}
	return 0;
}

int entry_derive(const struct doc *record, struct span bytes,
	void (*digest)(struct span s, unsigned char out[32]),
	struct entry_text *out, struct err *err)
{
	struct names commits = names_of(record);
	int ret = derive(record, &commits, bytes, digest, out, err);

	free(commits.v);
	return ret;
}

static bool stands_empty(const struct doc *in, const char *list)
{
	return doc_get(in, list) && !doc_count(doc_get(in, list));
}

/* Whether a record is one without the lists that were taken from it, which have
 * been looked at: with empty ones it must be that of a decision, and no other
 * list there has such a name. */
static bool whole_without(const struct recordlist_rest *rest, struct doc **out)
{
	const bool commits = rest->taken[RECORDLIST_COMMITS];
	const bool parents = rest->taken[RECORDLIST_PARENTS];
	struct err none = ERR_INIT;
	const struct doc *p;

	if (record_parse(buf_all(&rest->text), out, &none))
		return false;
	p = doc_get(*out, "predicate");
	if ((commits || parents) &&
		!span_is(doc_get_text(p, "kind"),
			statement_kinds[RECORD_DECISION]))
		return false;
	return (!commits || stands_empty(p, "commits")) &&
		(!parents || stands_empty(doc_get(p, "facts"), "parents"));
}

int record_entry(struct span bytes,
	void (*digest)(struct span s, unsigned char out[32]),
	struct entry_text *out, struct err *err)
{
	struct recordlist_rest rest;
	struct names commits = {0};
	struct doc *record = NULL;
	int ret = -1;

	memset(out, 0, sizeof(*out));
	if (check_size(bytes, err))
		return -1;
	if (recordlist_split(bytes, &rest) && whole_without(&rest, &record)) {
		commits = names_taken(record, &rest);
		ret = derive(record, &commits, bytes, digest, out, err);
		goto out;
	}
	doc_free(record);
	record = NULL;
	if (!record_parse(bytes, &record, err))
		ret = entry_derive(record, bytes, digest, out, err);
out:
	free(commits.v);
	doc_free(record);
	recordlist_rest_free(&rest);
	return ret;
}

int record_outline(struct span bytes, struct doc **out, struct err *err)
{
	struct recordlist_rest rest;
	int ret;

	*out = NULL;
	if (check_size(bytes, err))
		return -1;
	ret = doc_parse(
		recordlist_split(bytes, &rest) ? buf_all(&rest.text) : bytes,
		out, err);
	recordlist_rest_free(&rest);
	return ret;
}

void entry_text_free(struct entry_text *t)
{
	buf_free(&t->entry);
	buf_free(&t->list[0]);
	buf_free(&t->list[1]);
	t->nlists = 0;
}
