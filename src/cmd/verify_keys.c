/* sluice verify --policy FILE: whether what a proof shows stands on the word of
 * a key that the policy calls compromised by now. */
#include "cmd/cmd.h"
#include "cmd/doubt.h"
#include "cmd/verify.h"
#include "gather/gather.h"
#include "gather/keybook.h"

static void tell_untold(
	void *ctx, const char *repository, uint64_t entry, const char *why)
{
	struct keys_told *k = ctx;

	(void)repository;
	(void)entry;
	if (!k->untold)
		k->untold = why;
}

static const char *a_thing(const struct doubt *d)
{
	return doubt_is_review(d) ? "an account" : "a key";
}

/* What only the object itself could settle stays open: a proof has none. */
static void take(struct keys_told *k, const struct doubt *d, struct arena *a)
{
	if (!d->sure) {
		tell_untold(k, d->repository, d->entry,
			arena_fmt(a,
				"of %s it can only be told from the object",
				doubt_words(d, a)));
		return;
	}
	doc_add(k->list, doubt_doc(d));
	k->words[k->n++] =
		arena_fmt(a, "%s, %s that is", doubt_words(d, a), a_thing(d));
}

static int look(const char *file, const struct proof_item *item,
	struct arena *a, struct keys_told *out, struct err *err)
{
	struct policy *policy;
	struct keybook book;
	struct recheck r = {
		.book = &book, .arena = a, .untold = tell_untold, .ctx = out};
	size_t i;

	out->list = doc_array();
	if (policy_load(file, a, &policy, err) ||
		keybook_make(policy, a, &book, err))
		return -1;
	if (!recheck_needed(policy, &book))
		return 0;
	if (!item->predicate) {
		out->untold = "the proof has no records, which say who signed";
		return 0;
	}
	r.policy = policy;
	recheck_record(&r, item->index, item->predicate);
	out->words = arena_get(a, r.n + 1, sizeof(*out->words));
	for (i = 0; i < r.n; i++)
		take(out, &r.v[i], a);
	recheck_free(&r);
	return 0;
}

enum exit_code cmd_verify_keys(struct run *run, int argc, char **argv)
{
	return verify_run(run, argc, argv, look);
}
