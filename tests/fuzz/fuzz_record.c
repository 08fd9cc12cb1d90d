#include "parse/bundle.h"
#include "parse/entry.h"
#include "support/entries.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Any digest does here; it only has to be the same each time. */
static void digest(struct span s, unsigned char out[32])
{
	size_t i;

	memset(out, 0, 32);
	for (i = 0; i < s.n; i++)
		out[i % 32] = (unsigned char)(out[i % 32] * 31 + s.p[i]);
}

/* A record that is accepted gives an entry that reads back, by both ways to the
 * same. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new((size_t)256 << 20);
	struct span in = span_of(data, size);
	struct entry_text t = {.nlists = 0}, fast = {.nlists = 0};
	struct err err = ERR_INIT;
	struct doc *j = NULL;
	struct entry e;
	int rc;

	rc = record_entry(in, digest, &fast, &err);
	if ((record_parse(in, &j, &err) ||
		    entry_derive(j, in, digest, &t, &err)) != (rc != 0))
		abort();
	if (!rc) {
		if (!span_eq(buf_all(&t.entry), buf_all(&fast.entry)))
			abort();
		if (t.entry.n > ENTRY_MAX ||
			entry_parse(buf_all(&t.entry), a, &e, &err) ||
			strcmp(e.record, t.record))
			abort();
		if (!entries_agree(buf_all(&t.entry), a))
			abort();
	}
	if (!records_agree(in, !rc, &t) || !entries_agree(in, a))
		abort();
	entry_text_free(&t);
	entry_text_free(&fast);
	doc_free(j);
	if (entry_parse(in, a, &e, &err))
		memset(&e, 0, sizeof(e));
	arena_free(a);
	return 0;
}
