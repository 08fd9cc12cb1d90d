/* Waivers: what is taken for one says what it waives, and reads the same when
 * it is written again. */
#include "parse/tag.h"
#include "parse/waiver.h"

#define HEAD                                                               \
	"object 4b825dc642cb6eb9a060e54bf8d69288fbee4904\ntype tree\ntag " \
	"w\n\n"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void again(const struct waiver *w, struct arena *arena)
{
	static const struct oid id;
	struct buf text = BUF_INIT(1u << 20);
	struct err err = ERR_INIT;
	struct waiver back;
	struct tag t;

	buf_str(&text, HEAD);
	waiver_write(w, "waive", &text);
	if (text.full)
		goto out;
	if (tag_parse(buf_all(&text), &id, arena, &t, &err) ||
		waiver_read(&t, &back) || !oid_eq(&back.commit, &w->commit) ||
		!span_eq(back.finding, w->finding) ||
		!span_eq(back.ref, w->ref) ||
		!span_eq(back.repository, w->repository) ||
		!span_eq(back.fingerprint, w->fingerprint) ||
		!span_eq(back.path, w->path) ||
		!span_eq(back.reason, w->reason) || back.until != w->until)
		abort();
out:
	buf_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const struct oid id;
	struct arena *arena = arena_new(64u << 20);
	struct err err = ERR_INIT;
	struct waiver w;
	struct tag t;

	if (!tag_parse(span_of(data, n), &id, arena, &t, &err) &&
		!waiver_read(&t, &w)) {
		if (!finding_waivable(w.id) || !w.finding.n || !w.reason.n ||
			w.reason.n > WAIVER_REASON_MAX)
			abort();
		again(&w, arena);
	}
	arena_free(arena);
	return 0;
}
