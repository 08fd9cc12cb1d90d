#include "cmd/doubt.h"

#include "base/text.h"
#include "cmd/print.h"
#include "model/finding.h"

static struct doc *oids_doc(const struct oid_set *set)
{
	struct doc *list = doc_array();
	char hex[OID_HEX + 1];
	size_t i;

	for (i = 0; i < set->cap; i++)
		if (!oid_is_zero(&set->slot[i]))
			doc_add(list, doc_of_str(oid_hex(&set->slot[i], hex)));
	return list;
}

static const char *kind_name(const struct doubt *d)
{
	return doubt_is_review(d) ? "forge" : signature_kind_name(d->kind);
}

const char *doubt_thing(const struct doubt *d)
{
	return doubt_is_review(d) ? "account" : "key";
}

struct doc *doubt_doc(const struct doubt *d)
{
	struct doc *j = doc_object();
	char hex[OID_HEX + 1];

	doc_set(j, "what", doc_of_str(d->what));
	if (d->name)
		doc_set(j, "name", doc_of_str(d->name));
	doc_set(j, "repository", doc_of_str(d->repository));
	doc_set(j, "entry", doc_of_int((int64_t)d->entry));
	doc_set(j, "time", doc_of_str(d->time));
	doc_set(j, "ref", doc_of_text(d->ref));
	doc_set(j, "object", doc_of_str(oid_hex(&d->object, hex)));
	doc_set(j, "commit", doc_of_str(oid_hex(&d->commit, hex)));
	doc_set(j, "person", doc_of_str(d->person));
	doc_set(j, "kind", doc_of_str(kind_name(d)));
	doc_set(j, "key", doc_of_str(d->key));
	doc_set(j, "fingerprint", doc_of_str(d->fingerprint));
	doc_set(j, "cleared", doc_of_bool(d->cleared));
	if (d->cleared)
		doc_set(j, "waivers", oids_doc(&d->by));
	return j;
}

const char *doubt_words(const struct doubt *d, struct arena *a)
{
	struct buf line = BUF_INIT(8192);
	char hex[OID_HEX + 1];
	const char *text;

	buf_fmt(&line, "%s ", d->what);
	if (d->name) {
		buf_str(&line, "'");
		text_printable(&line, span_str(d->name), 500);
		buf_str(&line, "' in ");
	}
	buf_fmt(&line, "%s by ", oid_hex(&d->object, hex));
	text_printable(&line, span_str(d->person), 500);
	buf_fmt(&line, " with %s %s ", kind_name(d), doubt_thing(d));
	text_printable(&line, span_str(d->key), 500);
	text = arena_str(a, buf_all(&line));
	buf_free(&line);
	return text;
}

/* The command is made to be pasted into a shell. */
void doubt_say(const struct doubt *d, struct arena *a)
{
	struct findings quoting = {.arena = a};
	const char *ref = findings_word(&quoting, d->ref);
	char commit[OID_HEX + 1];

	printf("%-7s  %llu  %s  ", d->cleared ? "cleared" : "DOUBT",
		(unsigned long long)d->entry, d->time);
	print_text(span_str(d->repository));
	putchar(' ');
	print_text(d->ref);
	printf("  %s\n", doubt_words(d, a));
	if (d->cleared)
		return;
	printf("         to clear: sluice waive signature.compromised --for %s "
	       "--ref %s --repository %s --fingerprint %s\n",
		oid_hex(&d->commit, commit), ref ? ref : "<ref>", d->repository,
		d->fingerprint);
}
