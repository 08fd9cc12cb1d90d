/* Entries of the log as they are named and listed. */
#include "base/text.h"
#include "cmd/log.h"
#include "cmd/print.h"

#define SHORT 12 /* digits of an object name in a line */

bool log_is_number(const char *text, uint64_t *out)
{
	struct span s = span_str(text);

	if (s.n && s.p[0] == '#')
		return text_to_u64(span_from(s, 1), INT64_MAX, out);
	return s.n <= 6 && text_to_u64(s, INT64_MAX, out);
}

int log_object(struct index *ix, const char *text, struct arena *a,
	struct oid *out, struct err *err)
{
	struct oid *v;
	char hex[OID_HEX + 1];
	size_t n;

	if (oid_read(span_str(text), out))
		return 0;
	if (strlen(text) < 7) {
		err_set(err, ERR_USAGE, "not an object name: '%s'", text);
		return err_hint(err, "give at least 7 hex digits");
	}
	if (index_abbreviated(ix, span_str(text), 2, a, &v, &n, err))
		return -1;
	if (!n)
		return 1;
	if (n > 1) {
		err_set(err, ERR_INPUT, "'%s' begins more than one name", text);
		return err_hint(err, "%s is one of them", oid_hex(&v[0], hex));
	}
	*out = v[0];
	return 0;
}

static void set_span(struct doc *j, const char *key, struct span s)
{
	if (s.n)
		doc_set(j, key, doc_of_text(s));
}

static struct doc *row_doc(const struct index_row *r)
{
	struct doc *j = doc_object(), *updates = doc_array();
	char hex[OID_HEX + 1];
	size_t i;

	doc_set(j, "entry", doc_of_int((int64_t)r->entry));
	doc_set(j, "kind", doc_of_str(record_kind_name(r->kind)));
	set_span(j, "repository", r->repository);
	set_span(j, "time", r->time);
	if (r->kind == RECORD_DECISION) {
		doc_set(j, "verdict", doc_of_str(verdict_name(r->verdict)));
		doc_set(j, "mode",
			doc_of_str(r->observe ? "observe" : "enforce"));
		doc_set(j, "admitted", doc_of_bool(r->admitted));
		doc_set(j, "waived", doc_of_bool(r->waived));
		set_span(j, "pusher", r->pusher);
		if (r->outcome != ENTRY_NONE)
			doc_set(j, "outcome", doc_of_int((int64_t)r->outcome));
	}
	if (r->decision != ENTRY_NONE)
		doc_set(j, "decision", doc_of_int((int64_t)r->decision));
	else if (r->kind < RECORD_OBSERVED)
		doc_set(j, "applied", doc_of_bool(r->applied));
	for (i = 0; i < r->nupdate; i++) {
		const struct index_update *u = &r->update[i];
		struct doc *d = doc_object();

		set_span(d, "ref", u->ref);
		doc_set(d, "old", doc_of_str(oid_hex(&u->old, hex)));
		doc_set(d, "new", doc_of_str(oid_hex(&u->new, hex)));
		if (r->kind < RECORD_OUTCOME)
			doc_set(d, "applied", doc_of_bool(u->applied));
		doc_add(updates, d);
	}
	doc_set(j, "updates", updates);
	doc_set(j, "record", doc_of_str(r->record));
	return j;
}

static const char *row_word(const struct index_row *r)
{
	if (r->kind == RECORD_ADOPT)
		return "adopted";
	if (r->kind == RECORD_OUTCOME)
		return "outcome";
	if (r->kind == RECORD_OBSERVED || r->kind == RECORD_PRUNED ||
		r->kind == RECORD_KEY)
		return record_kind_name(r->kind);
	if (r->verdict == VERDICT_ACCEPT)
		return r->applied ? "accept" : "accept, not applied";
	if (r->admitted)
		return r->verdict == VERDICT_REJECT ? "reject, observed"
						    : "undecided, observed";
	return verdict_name(r->verdict);
}

void log_row(
	const struct index_row *r, bool json, const struct doc *compromised)
{
	struct buf line = BUF_INIT((size_t)256 << 20);
	char old[OID_HEX + 1], new[OID_HEX + 1];
	struct doc *j;

	if (json) {
		j = row_doc(r);
		if (compromised)
			doc_set(j, "compromised", doc_copy(compromised));
		doc_canonical(j, &line);
		printf("%s\n", buf_cstr(&line));
		doc_free(j);
		buf_free(&line);
		return;
	}
	printf("%6llu  ", (unsigned long long)r->entry);
	print_text(r->time);
	printf("  %-10s", row_word(r));
	if (r->decision != ENTRY_NONE)
		printf(" of %llu", (unsigned long long)r->decision);
	printf("  ");
	print_text(r->repository);
	if (r->pusher.n) {
		printf("  ");
		print_text(r->pusher);
	}
	if (r->nupdate) {
		printf("  ");
		print_text(r->update[0].ref);
		printf(" %.*s..%.*s", SHORT, oid_hex(&r->update[0].old, old),
			SHORT, oid_hex(&r->update[0].new, new));
	}
	if (r->nupdate > 1)
		printf(" and %zu more", r->nupdate - 1);
	if (r->waived)
		printf("  (by a waiver)");
	putchar('\n');
}

/* "--state X" and the like may stand before the name. */
int log_name_at(struct run *run, int argc, char **argv, struct err *err)
{
	int at = 1;

	while (at < argc && argv[at][0] == '-') {
		bool value = !strcmp(argv[at], "--state") ||
			!strcmp(argv[at], "--policy");
		int n = value && at + 1 < argc ? 2 : 1;
		char *part[4] = {
			argv[0], argv[at], n > 1 ? argv[at + 1] : NULL, NULL};

		if (options_read(run, NULL, 0, n + 1, part, err) < 0)
			return -1;
		at += n;
	}
	return at;
}
