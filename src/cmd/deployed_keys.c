/* sluice deployed: whether what runs was let in on the word of a key that is
 * compromised now. */
#include "cmd/deployed.h"
#include "cmd/doubt.h"
#include "cmd/inforce.h"
#include "deploy/repositories.h"
#include "gather/keybook.h"

/* Entries of answers that are good so far, each once. */
struct looking {
	const struct run *run;
	struct deploy_answer *answer;
	size_t n;
	struct arena *a;
	uint64_t *entry;
	size_t nentry;
	size_t doubts;
};

/* A second doubt adds nothing. */
static bool rests_on(const struct deploy_answer *answer, uint64_t entry)
{
	return answer->entry == entry && answer->verdict == DEPLOY_GATED;
}

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static void list_entries(struct looking *l)
{
	size_t i, kept = 0;

	l->entry = arena_get(l->a, l->n + 1, sizeof(*l->entry));
	for (i = 0; i < l->n; i++)
		if (l->answer[i].verdict == DEPLOY_GATED)
			l->entry[l->nentry++] = l->answer[i].entry;
	if (l->nentry)
		qsort(l->entry, l->nentry, sizeof(*l->entry), by_value);
	for (i = 0; i < l->nentry; i++)
		if (!i || l->entry[i] != l->entry[kept - 1])
			l->entry[kept++] = l->entry[i];
	l->nentry = kept;
}

/* What concerns no entry of ours is about waivers alone: without them the doubt
 * stays. */
static void tell_untold(
	void *ctx, const char *repository, uint64_t entry, const char *why)
{
	struct looking *l = ctx;
	size_t i;

	(void)repository;
	for (i = 0; i < l->n; i++)
		if (rests_on(&l->answer[i], entry))
			deploy_untold(&l->answer[i], why, l->a);
}

static void mark(struct looking *l, const struct doubt *d)
{
	const char *why = arena_fmt(l->a,
		"%s is in doubt: that %s is "
		"compromised",
		doubt_words(d, l->a), doubt_thing(d));
	size_t i;

	for (i = 0; i < l->n; i++)
		if (rests_on(&l->answer[i], d->entry))
			deploy_doubt(&l->answer[i], why, l->a);
	l->doubts++;
}

static int settle(struct looking *l, struct recheck *r, struct err *err)
{
	struct gated_repository *v;
	size_t n, i;

	if (recheck_entries(r, l->entry, l->nentry, err) ||
		repositories_read(l->run->state, l->a, &v, &n, err))
		return -1;
	recheck_settle(r, v, n);
	for (i = 0; i < r->n; i++)
		if (!r->v[i].dropped && !r->v[i].cleared)
			mark(l, &r->v[i]);
	return 0;
}

static int look(struct looking *l, const struct policy *policy, struct err *err)
{
	struct keybook book;
	struct recheck r = {.policy = policy,
		.book = &book,
		.state = l->run->state,
		.arena = l->a,
		.untold = tell_untold,
		.ctx = l};
	size_t i;
	int ret;

	if (keybook_make(policy, l->a, &book, err))
		return -1;
	for (i = 0; i < l->n; i++)
		if (l->answer[i].verdict == DEPLOY_GATED)
			l->answer[i].keys = DEPLOY_KEYS_SOUND;
	ret = recheck_needed(policy, &book) ? settle(l, &r, err) : 0;
	recheck_free(&r);
	return ret;
}

int deployed_keys(const struct run *run, struct deploy_answer *answer, size_t n,
	struct arena *a, size_t *doubts, struct err *err)
{
	struct looking l = {.run = run, .answer = answer, .n = n, .a = a};
	struct inforce force;
	int ret = -1;

	list_entries(&l);
	if (!inforce_or_named(&force, run, a, err))
		ret = look(&l, force.policy, err);
	inforce_close(&force);
	*doubts = l.doubts;
	return ret;
}
