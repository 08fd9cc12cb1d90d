#include "deploy/match.h"

#include "base/text.h"

#define OWN_REFS "refs/sluice/"

const char *deploy_verdict_name(enum deploy_verdict v)
{
	switch (v) {
	case DEPLOY_NOT_EVALUABLE:
		return "not evaluable";
	case DEPLOY_UNKNOWN:
		return "unknown";
	case DEPLOY_REJECTED:
		return "rejected";
	case DEPLOY_NOT_APPLIED:
		return "decided, not applied";
	case DEPLOY_ELSEWHERE:
		return "gated elsewhere";
	case DEPLOY_ADOPTED:
		return "before the gate";
	case DEPLOY_DIRTY:
		return "dirty";
	case DEPLOY_DOUBT:
		return "in doubt";
	case DEPLOY_GATED:
		return "gated";
	}
	return "not evaluable";
}

static bool right_repository(const struct deploy_wish *wish,
	const struct deployed *item, const struct entry *e)
{
	return (!wish->repository.n ||
		       span_eq(wish->repository, e->repository)) &&
		(!item->repository.n ||
			span_eq(item->repository, e->repository));
}

static bool right_ref(const struct deploy_wish *wish, struct span ref)
{
	if (wish->ref.n)
		return text_glob(wish->ref, ref);
	return !span_starts(ref, SPAN_LIT(OWN_REFS));
}

/* How the refs of a push stand to one commit and the wish. */
struct standing {
	bool fits;       /* it may be said to be on a ref that will do */
	bool moved;      /* and that ref moved */
	struct span ref; /* the one to name */
};

static struct standing standing_of(const struct history_push *p,
	const struct oid *commit, const struct deploy_wish *wish)
{
	struct standing all = {.fits = true, .moved = true};
	bool any = false;
	size_t i;

	for (i = 0; i < p->entry.nupdate; i++) {
		const struct entry_update *u = &p->entry.update[i];
		bool right = right_ref(wish, u->ref);

		if (oid_is_zero(&u->new))
			continue;
		if (oid_eq(&u->new, commit) && right && p->moved[i])
			return (struct standing){true, true, u->ref};
		all.fits = all.fits && right;
		all.moved = all.moved && p->moved[i];
		if (!any || (right && !right_ref(wish, all.ref)))
			all.ref = u->ref;
		any = true;
	}
	all.fits = all.fits && any;
	all.moved = all.moved && any;
	/* Several refs, and not all will do: was it the tip of one that will,
	 * which did not move? */
	for (i = 0; !all.fits && i < p->entry.nupdate; i++) {
		const struct entry_update *u = &p->entry.update[i];

		if (oid_eq(&u->new, commit) && right_ref(wish, u->ref))
			return (struct standing){true, p->moved[i], u->ref};
	}
	return all;
}

/* A candidate answer; the greatest rank wins, the first of equals when it is
 * good news and the last when it is not. */
struct candidate {
	unsigned rank;
	enum deploy_verdict verdict;
	const struct history_push *push;
	struct standing at;
	bool unjudged; /* let in where no rule looked at it */
};

static struct candidate judge(const struct history_push *p,
	const struct oid *commit, const struct deploy_wish *wish,
	const struct deployed *item)
{
	const struct entry *e = &p->entry;
	bool right = right_repository(wish, item, e);
	struct candidate c = {.push = p};

	if (e->kind == RECORD_ADOPT) {
		/* Adopted history is told by its tips; any ref may reach it. */
		c.verdict = right ? DEPLOY_ADOPTED : DEPLOY_ELSEWHERE;
		c.rank = right ? 6 : 3;
		return c;
	}
	c.at = standing_of(p, commit, wish);
	right = right && c.at.fits;
	if (e->verdict != VERDICT_ACCEPT || !e->admitted) {
		c.verdict = DEPLOY_REJECTED;
		c.rank = right ? 4 : 1;
	} else if (!c.at.moved) {
		c.verdict = DEPLOY_NOT_APPLIED;
		c.rank = right ? 5 : 2;
	} else {
		c.verdict = right ? DEPLOY_GATED : DEPLOY_ELSEWHERE;
		c.rank = right ? 7 : 3;
	}
	return c;
}

/* "refs/heads/main of payments/api", fit for a terminal. */
static const char *place(const struct candidate *c, struct arena *a)
{
	struct buf text = BUF_INIT(4096);
	char *ret;

	if (c->at.ref.n) {
		text_printable(&text, c->at.ref, 255);
		buf_str(&text, " of ");
	}
	text_printable(&text, c->push->entry.repository, 255);
	ret = arena_str(a, buf_all(&text));
	buf_free(&text);
	return ret;
}

static const char *in_words(const struct candidate *c, struct arena *a)
{
	const struct entry *e = &c->push->entry;
	const char *where = place(c, a);

	switch (c->verdict) {
	case DEPLOY_GATED:
		return arena_fmt(a, "accepted on %s, %.*s%s", where,
			SPAN_FMT(e->time),
			e->nwaiver ? ", in a push that needed a waiver" : "");
	case DEPLOY_ADOPTED:
		return arena_fmt(a,
			"in %s before the gate was closed there; never judged",
			where);
	case DEPLOY_NOT_APPLIED:
		return arena_fmt(a,
			c->push->outcome ? "accepted for %s, but the server "
					   "did not move every ref of that "
					   "push"
					 : "accepted for %s, but nothing says "
					   "that the ref moved",
			where);
	case DEPLOY_ELSEWHERE:
		if (c->unjudged)
			return arena_fmt(a,
				"only on %s, where the policy asked for "
				"nothing",
				where);
		if (e->kind == RECORD_ADOPT)
			return arena_fmt(a,
				"known only from %s, before the gate was "
				"closed there",
				where);
		if (e->nupdate > 1)
			return arena_fmt(a,
				"accepted with %s and other refs, which the "
				"log cannot tell apart for it",
				where);
		return arena_fmt(a, "accepted only on %s", where);
	case DEPLOY_REJECTED:
		if (e->admitted)
			return arena_fmt(a,
				"broke the policy on %s, let in by mode "
				"\"observe\"",
				where);
		return arena_fmt(a,
			e->verdict == VERDICT_UNDECIDED
				? "refused on %s: it could not be judged"
				: "refused on %s",
			where);
	case DEPLOY_NOT_EVALUABLE:
	case DEPLOY_UNKNOWN:
	case DEPLOY_DIRTY:
	case DEPLOY_DOUBT:
		break;
	}
	return "no entry of the log names it";
}

/* Whether some push of that repository that was let in as it should be
 * answered for the commit: a ref without rules takes any tip. */
static bool was_judged(const struct history *h,
	const struct history_sighting *s, size_t n, struct span repository)
{
	size_t i;

	for (i = 0; i < n; i++) {
		const struct entry *e = &h->push[s[i].push].entry;

		if (s[i].judged && span_eq(e->repository, repository) &&
			e->verdict == VERDICT_ACCEPT && e->admitted)
			return true;
	}
	return false;
}

/* The commit alone, whatever state the files are in. */
static void match_commit(const struct history *h,
	const struct deploy_wish *wish, const struct deployed *item,
	struct arena *a, struct deploy_answer *out)
{
	const struct history_sighting *s;
	struct candidate best = {.rank = 0, .verdict = DEPLOY_UNKNOWN};
	size_t n, i;
	bool many;

	s = history_find(h, &item->oid, item->digits, &n, &many);
	if (many) {
		out->verdict = DEPLOY_NOT_EVALUABLE;
		out->why = "several commits in the log begin so: the whole "
			   "name is needed";
		return;
	}
	for (i = 0; i < n; i++) {
		struct candidate c =
			judge(&h->push[s[i].push], &s[i].commit, wish, item);

		if (c.verdict == DEPLOY_GATED &&
			!was_judged(h, s, n, c.push->entry.repository)) {
			c.verdict = DEPLOY_ELSEWHERE;
			c.rank = 3;
			c.unjudged = true;
		}
		if (c.rank > best.rank ||
			(c.rank == best.rank && c.verdict != DEPLOY_GATED))
			best = c;
	}
	out->verdict = best.verdict;
	if (best.push) {
		out->entry = best.push->number;
		out->waivers = best.push->entry.nwaiver;
		out->why = in_words(&best, a);
	} else {
		out->why = item->digits < OID_HEX
			? "no commit in the log begins so"
			: "no entry of the log names it";
	}
}

void deploy_match(const struct history *h, const struct deploy_wish *wish,
	const struct deployed *item, struct arena *a, struct deploy_answer *out)
{
	out->verdict = DEPLOY_NOT_EVALUABLE;
	out->entry = DEPLOY_NO_ENTRY;
	out->waivers = 0;
	out->keys = DEPLOY_KEYS_UNTOLD;
	if (item->unfit)
		out->why = item->unfit;
	else
		match_commit(h, wish, item, a, out);
	if (item->dirty) {
		/* The worse of the two is the verdict. */
		if (out->verdict >= DEPLOY_ELSEWHERE ||
			out->verdict == DEPLOY_NOT_EVALUABLE) {
			out->why = arena_fmt(
				a, "%s; the commit: %s", item->dirty, out->why);
			out->verdict = DEPLOY_DIRTY;
		} else {
			out->why = arena_fmt(
				a, "%s; and %s", out->why, item->dirty);
		}
	}
	if (item->remark)
		out->why = arena_fmt(a, "%s (%s)", out->why, item->remark);
}

void deploy_doubt(struct deploy_answer *out, const char *why, struct arena *a)
{
	out->keys = DEPLOY_KEYS_COMPROMISED;
	out->verdict = DEPLOY_DOUBT;
	out->why = arena_fmt(a, "%s; %s", out->why, why);
}

void deploy_untold(struct deploy_answer *out, const char *why, struct arena *a)
{
	if (out->keys == DEPLOY_KEYS_COMPROMISED)
		return;
	out->keys = DEPLOY_KEYS_UNTOLD;
	out->verdict = DEPLOY_NOT_EVALUABLE;
	out->why = arena_fmt(a,
		"%s; whether by a key that is compromised now could not be "
		"told: %s",
		out->why, why);
}
