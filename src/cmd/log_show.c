/* sluice log show: one entry and its record, for people or as JSON. */
#include "base/io.h"
#include "base/text.h"
#include "cmd/log.h"
#include "cmd/log_doubts.h"
#include "cmd/print.h"
#include "log/pruned.h"
#include "log/vault.h"
#include "parse/bundle.h"
#include "parse/doc.h"
#include "parse/pushcert.h"
#include "parse/rotation.h"
#include "port/crypto.h"

#define LINES_MAX 50 /* of a list; the JSON form has all */

static void show_updates(const struct index_row *r)
{
	char old[OID_HEX + 1], new[OID_HEX + 1];
	size_t i;

	printf("updates\n");
	for (i = 0; i < r->nupdate && i < LINES_MAX; i++) {
		const struct index_update *u = &r->update[i];

		printf("  %s %s ", oid_hex(&u->old, old),
			oid_hex(&u->new, new));
		print_text(u->ref);
		if (r->kind == RECORD_DECISION)
			printf(u->applied ? " (applied)" : " (not applied)");
		putchar('\n');
	}
	if (i < r->nupdate)
		printf("  and %zu more\n", r->nupdate - i);
}

static void show_word(const struct doc *j, const char *key)
{
	struct span s = doc_get_text(j, key);

	if (!s.n)
		return;
	putchar(' ');
	print_text(s);
}

static void show_signature(const struct doc *sig)
{
	printf("  signature:");
	show_word(sig, "status");
	show_word(sig, "kind");
	show_word(sig, "person");
	show_word(sig, "key");
}

static void show_signed(const char *label, const struct doc *list)
{
	size_t i, n = doc_count(list);

	if (!n)
		return;
	printf("%s\n", label);
	for (i = 0; i < n && i < LINES_MAX; i++) {
		const struct doc *c = doc_at(list, i);
		const struct doc *sig = doc_get(c, "signature");
		struct span id;

		/* An adoption has names alone. */
		printf("  ");
		print_text(doc_text(c, &id) ? id : doc_get_text(c, "id"));
		if (sig) {
			show_signature(sig);
			printf("  author:");
			show_word(c, "author");
		}
		putchar('\n');
	}
	if (i < n)
		printf("  and %zu more\n", n - i);
}

static void show_mergetags(const struct doc *list)
{
	size_t i, n = doc_count(list);

	if (!n)
		return;
	printf("merged tags\n");
	for (i = 0; i < n && i < LINES_MAX; i++) {
		const struct doc *t = doc_at(list, i);

		printf(" ");
		show_word(t, "commit");
		printf(" tag:");
		show_word(t, "name");
		show_signature(doc_get(t, "signature"));
		putchar('\n');
	}
	if (i < n)
		printf("  and %zu more\n", n - i);
}

static void show_approvals(const struct doc *list)
{
	size_t i, n = doc_count(list);

	if (!n)
		return;
	printf("approvals\n");
	for (i = 0; i < n && i < LINES_MAX; i++) {
		const struct doc *a = doc_at(list, i);

		printf(" ");
		show_word(a, "commit");
		printf(" by");
		show_word(a, "person");
		printf(" for");
		show_word(a, "ref");
		printf(" (");
		print_text(doc_get_text(a, "status"));
		printf(", tag");
		show_word(a, "object");
		printf(")\n");
	}
	if (i < n)
		printf("  and %zu more\n", n - i);
}

static void show_reviews(const struct doc *list)
{
	size_t i, n = doc_count(list);

	if (!n)
		return;
	printf("reviews\n");
	for (i = 0; i < n && i < LINES_MAX; i++) {
		const struct doc *r = doc_at(list, i);

		printf(" ");
		show_word(r, "commit");
		printf(" by");
		show_word(r, "person");
		printf(" for");
		show_word(r, "ref");
		printf(" (");
		print_text(doc_get_text(r, "status"));
		printf(", account");
		show_word(r, "login");
		printf(", request %lld at",
			(long long)doc_get_int(r, "request"));
		show_word(r, "forge");
		printf(")");
		if (doc_get_text(r, "detail").n) {
			printf(":");
			show_word(r, "detail");
		}
		putchar('\n');
	}
	if (i < n)
		printf("  and %zu more\n", n - i);
}

static void show_waivers(const struct doc *list)
{
	size_t i, n = doc_count(list);

	if (!n)
		return;
	printf("waivers\n");
	for (i = 0; i < n && i < LINES_MAX; i++) {
		const struct doc *w = doc_at(list, i);

		printf(" ");
		show_word(w, "finding");
		printf(" of");
		show_word(w, "commit");
		show_word(w, "fingerprint");
		show_word(w, "path");
		printf(" by");
		show_word(w, "person");
		printf(" for");
		show_word(w, "ref");
		printf(" until");
		show_word(w, "until");
		printf(" (%s, ", doc_get_bool(w, "used") ? "used" : "not used");
		print_text(doc_get_text(w, "status"));
		printf(", tag");
		show_word(w, "object");
		printf("): ");
		print_text(doc_get_text(w, "reason"));
		putchar('\n');
	}
	if (i < n)
		printf("  and %zu more\n", n - i);
}

static void show_findings(const struct doc *list)
{
	size_t i, n = doc_count(list);

	if (!n)
		return;
	printf("findings\n");
	for (i = 0; i < n && i < LINES_MAX; i++) {
		const struct doc *f = doc_at(list, i);

		printf(" ");
		show_word(f, "severity");
		show_word(f, "id");
		show_word(f, "ref");
		show_word(f, "object");
		show_word(f, "place");
		show_word(f, "detail");
		putchar('\n');
	}
	if (i < n)
		printf("  and %zu more\n", n - i);
}

static void show_pusher(const struct doc *who)
{
	if (!who)
		return;
	printf("%-12s", "pusher");
	print_text(doc_get_text(who, "name"));
	printf(" (");
	print_text(doc_get_text(who, "transport"));
	show_word(who, "address");
	show_word(who, "source");
	printf(")\n");
}

/* "2f… signed by ada (good ssh SHA256:…), nonce ok", and what is wrong. */
static void show_certificate(const struct doc *c)
{
	const struct doc *sig = doc_get(c, "signature");
	const struct doc *faults = doc_get(c, "faults");
	struct span malformed = doc_get_text(c, "malformed"), text;
	size_t i;

	if (!c)
		return;
	printf("%-12s", "certificate");
	print_text(doc_get(c, "sha256") ? doc_get_text(c, "sha256")
					: SPAN_LIT("could not be read"));
	putchar('\n');
	if (sig) {
		show_signature(sig);
		putchar('\n');
	}
	if (doc_get_text(c, "pushee").n) {
		printf("  made for:");
		show_word(c, "pushee");
		putchar('\n');
	}
	printf("  nonce:");
	show_word(c, "nonce_status");
	if (doc_get(c, "nonce_age"))
		printf(", %lld s old", (long long)doc_get_int(c, "nonce_age"));
	putchar('\n');
	if (malformed.n) {
		printf("  malformed:");
		show_word(c, "malformed");
		putchar('\n');
	}
	for (i = 0; i < doc_count(faults); i++) {
		if (!doc_text(doc_at(faults, i), &text))
			continue;
		printf("  fault: ");
		print_text(text);
		putchar('\n');
	}
}

static void show_pruned(const struct doc *p)
{
	printf("%-12s%lld records\n", "pruned",
		(long long)doc_get_int(p, "count"));
	print_line("older than", doc_get_text(p, "before"));
	print_line("by", doc_get_text(p, "by"));
	print_line("entries", doc_get_text(p, "entries"));
}

/* From which key to which; the statement itself is in the JSON. */
static void show_rotation(const struct doc *p)
{
	struct arena *a = arena_new(ROTATION_ARENA);
	struct buf key = BUF_INIT(ROTATION_MAX);
	struct err none = ERR_INIT;
	struct rotation c;

	if (!rotation_parse(doc_get_text(p, "rotation"), a, &c, &none)) {
		note_key_text(&c.old, &key);
		print_line("old key", buf_all(&key));
		buf_reset(&key);
		note_key_text(&c.new, &key);
		print_line("new key", buf_all(&key));
		print_line("the old is",
			span_str(c.compromised ? "compromised" : "retired"));
	}
	buf_free(&key);
	arena_free(a);
}

static void show_text(const struct index_row *r, const struct doc *record)
{
	const struct doc *p = doc_get(record, "predicate");

	printf("%-12s%llu\n", "entry", (unsigned long long)r->entry);
	print_line("kind", span_str(record_kind_name(r->kind)));
	print_line("repository", r->repository);
	print_line("time", r->time);
	if (r->decision != ENTRY_NONE)
		printf("%-12s%llu\n", "decision",
			(unsigned long long)r->decision);
	show_pusher(doc_get(p, "pusher"));
	if (r->kind == RECORD_DECISION) {
		print_line("verdict", span_str(verdict_name(r->verdict)));
		print_line("cause", doc_get_text(p, "cause"));
		printf("%-12s%s\n", "mode", r->observe ? "observe" : "enforce");
		printf("%-12s%s\n", "admitted", r->admitted ? "yes" : "no");
		if (r->outcome == ENTRY_NONE)
			printf("%-12s%s\n", "outcome", "none");
		else
			printf("%-12sentry %llu\n", "outcome",
				(unsigned long long)r->outcome);
		print_line("policy", doc_get_text(p, "policy"));
		print_line("rules", doc_get_text(p, "rules"));
	}
	print_line("program", doc_get_text(p, "program"));
	if (r->kind == RECORD_PRUNED && p)
		show_pruned(p);
	else if (r->kind == RECORD_KEY)
		show_rotation(p);
	else
		show_updates(r);
	show_certificate(doc_get(p, "push_certificate"));
	show_signed("commits", doc_get(p, "commits"));
	show_signed("tags", doc_get(p, "tags"));
	show_mergetags(doc_get(p, "mergetags"));
	show_approvals(doc_get(p, "approvals"));
	show_reviews(doc_get(p, "reviews"));
	show_waivers(doc_get(p, "waivers"));
	show_findings(doc_get(p, "findings"));
	printf("%-12s%s\n", "record", r->record);
}

static int show_json(const struct index_row *r, struct span entry,
	const struct doc *record, const struct log_doubts *doubts,
	struct err *err)
{
	struct buf out = BUF_INIT(4 * RECORD_MAX);
	struct doc *j = doc_object(), *e = NULL, *doubted;
	int ret = -1;

	if (doc_parse(entry, &e, err))
		goto out;
	doc_set(j, "index", doc_of_int((int64_t)r->entry));
	if (r->outcome != ENTRY_NONE)
		doc_set(j, "outcome", doc_of_int((int64_t)r->outcome));
	doc_set(j, "entry", e);
	doubted = log_doubts_doc(doubts, r);
	if (doubted)
		doc_set(j, "compromised", doubted);
	if (record)
		doc_set(j, "record", doc_copy(record));
	doc_pretty(j, &out);
	printf("%s", buf_cstr(&out));
	ret = 0;
out:
	doc_free(j);
	buf_free(&out);
	return ret;
}

/* The certificate as git stored it, for gpg or ssh-keygen to look at. */
static int show_bytes(
	const struct index_row *r, const struct doc *record, struct err *err)
{
	const struct doc *c =
		doc_get(doc_get(record, "predicate"), "push_certificate");
	struct buf bytes = BUF_INIT(PUSHCERT_MAX);
	char hex[SHA256_HEX + 1];
	int ret = -1;

	if (!record || !record_certificate(record, &bytes)) {
		err_set(err, ERR_LOG, "entry %llu holds no push certificate",
			(unsigned long long)r->entry);
		goto out;
	}
	if (!span_is(doc_get_text(c, "sha256"),
		    sha256_hex(buf_all(&bytes), hex))) {
		err_set(err, ERR_LOG,
			"the push certificate of entry %llu is not the one "
			"that its record names",
			(unsigned long long)r->entry);
		goto out;
	}
	fwrite(bytes.p, 1, bytes.n, stdout);
	ret = 0;
out:
	buf_free(&bytes);
	return ret;
}

enum exit_code cmd_log_show(struct run *run, int argc, char **argv)
{
	struct buf entry = BUF_INIT(ENTRY_MAX), text = BUF_INIT(RECORD_MAX);
	struct buf why = BUF_INIT(PRUNED_TEXT_MAX);
	struct arena *a = arena_new(LOG_ARENA);
	struct index_row row;
	struct index *ix = NULL;
	struct log_doubts doubts = {.run = run};
	struct doc *record = NULL;
	struct err err = ERR_INIT;
	enum exit_code status;
	uint64_t n = 0;
	bool found = false, bytes = false;
	const struct option_def defs[] = {
		{"--certificate", OPTION_FLAG, &bytes,
			"write out the push certificate, as it was signed"},
	};
	int left;

	left = options_read(run, defs, ARRAY_LEN(defs), argc, argv, &err);
	if (left >= 0 && run->help) {
		status = cmd_usage(
			"log show", "[OPTION…] N", defs, ARRAY_LEN(defs));
		goto out;
	}
	if (left == 1 && !text_to_u64(span_str(argv[1]), INT64_MAX, &n))
		left = err_set(&err, ERR_USAGE, "'%s' is no number", argv[1]);
	else if (left >= 0 && left != 1)
		left = err_set(&err, ERR_USAGE, "log show takes one number");
	if (left < 0 || index_open(run->state, &ix, &err) ||
		index_entry(ix, n, a, &row, &err) ||
		log_entry(index_log(ix), n, &entry, &err) ||
		vault_read(run->state, n, row.record, &text, &found, &err) ||
		(found && record_parse(buf_all(&text), &record, &err))) {
		status = cmd_fail(&err);
		goto out;
	}
	if (!found) {
		pruned_why(run->state, n, &why);
		fprintf(stderr, "sluice: the record of entry %llu %s\n",
			(unsigned long long)n, buf_cstr(&why));
	}
	if (!bytes)
		log_doubts_look(&doubts, run, &row, 1, a);
	if (bytes ? show_bytes(&row, record, &err) != 0
		  : run->json &&
				show_json(&row, buf_all(&entry), record,
					&doubts, &err) != 0) {
		status = cmd_fail(&err);
		goto out;
	}
	if (!bytes && !run->json)
		show_text(&row, record);
	if (!bytes)
		log_doubts_say(&doubts, &row);
	status = found ? EXIT_YES : EXIT_UNKNOWN;
out:
	log_doubts_free(&doubts);
	doc_free(record);
	index_close(ix);
	arena_free(a);
	buf_free(&text);
	buf_free(&entry);
	buf_free(&why);
	return status;
}
