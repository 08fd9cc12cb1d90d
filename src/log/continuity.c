#include "log/continuity.h"

#include "base/clock.h"

#define NONE UINT64_MAX

/* A move that git carried out. */
struct move {
	uint64_t decision, settled;
	const struct entry *judged, *outcome;
	const struct entry_update *update;
};

struct walk {
	const struct continuity_ask *ask;
	struct continuity *out;
	bool *settled; /* by the entries' place: some outcome is there */
	bool known;    /* what the ref is */
	bool begun;    /* an entry of later than the start was met */
	uint64_t open;
	uint64_t decision; /* of the last move */
	struct move waiting[CONTINUITY_WAITING_MAX];
	size_t nwaiting;
};

static const struct entry_update *update_of(
	const struct continuity_ask *ask, const struct entry *e)
{
	size_t i;

	if (!span_eq(e->repository, ask->repository))
		return NULL;
	for (i = 0; i < e->nupdate; i++)
		if (span_eq(e->update[i].ref, ask->ref))
			return &e->update[i];
	return NULL;
}

/* The first thing that is wrong stays. */
static void broken(struct walk *w, uint64_t at, const char *why)
{
	if (w->out->verdict == CONTINUITY_BROKEN)
		return;
	w->out->verdict = CONTINUITY_BROKEN;
	w->out->at = at;
	w->out->why = why;
}

static void note_policy(struct continuity *c, struct span policy)
{
	size_t i;

	for (i = 0; i < c->npolicy; i++)
		if (span_eq(c->policy[i], policy))
			return;
	if (c->npolicy < CONTINUITY_POLICIES_MAX)
		c->policy[c->npolicy++] = policy;
	else
		c->more_policies = true;
}

/* The ref's value at the start, so far: what came before does not count. */
static void begin(struct walk *w, uint64_t at, const struct oid *value)
{
	*w->out = (struct continuity){
		.since = at, .first = *value, .last = *value};
	w->known = true;
	w->open = NONE;
	w->decision = 0;
	w->nwaiting = 0;
}

static void move(struct walk *w, const struct move *m)
{
	struct continuity *c = w->out;

	c->last = m->update->new;
	c->moves++;
	c->waived += m->judged->nwaiver > 0;
	c->observed += m->outcome->kind == RECORD_OBSERVED;
	note_policy(c, m->judged->policy);
	w->decision = m->decision;
	w->open = NONE;
}

static void take_waiting(struct walk *w)
{
	size_t i = 0;

	while (i < w->nwaiting) {
		const struct move m = w->waiting[i];

		if (!oid_eq(&m.update->old, &w->out->last) ||
			w->decision > m.settled) {
			i++;
			continue;
		}
		w->nwaiting--;
		memmove(&w->waiting[i], &w->waiting[i + 1],
			(w->nwaiting - i) * sizeof(w->waiting[0]));
		move(w, &m);
		i = 0;
	}
}

/* The decision that an outcome is of, if it let the ref do just that. */
static const char *find_decision(const struct continuity_ask *ask,
	const struct entry *e, uint64_t at, const struct entry_update *u,
	struct move *out)
{
	const struct entry_update *asked;
	const struct entry *d;

	if (e->decision < ask->start || e->decision >= at)
		return "its decision is not among the entries";
	d = &ask->entry[e->decision - ask->start];
	asked = d->kind == RECORD_DECISION ? update_of(ask, d) : NULL;
	if (!asked || !oid_eq(&asked->old, &u->old) ||
		!oid_eq(&asked->new, &u->new))
		return "no decision let the ref make that move";
	if (d->verdict != VERDICT_ACCEPT || !d->admitted)
		return "the move broke the policy, and was let in because "
		       "the gate only observed";
	*out = (struct move){e->decision, at, d, e, u};
	return NULL;
}

static void outcome(struct walk *w, const struct entry *e, uint64_t at,
	const struct entry_update *u)
{
	struct move m;
	const char *why = find_decision(w->ask, e, at, u, &m);

	if (!w->begun)
		begin(w, at, &u->new);
	if (why) {
		broken(w, at, why);
		return;
	}
	if (!w->begun)
		return;
	if (oid_eq(&u->old, &w->out->last)) {
		move(w, &m);
		take_waiting(w);
	} else if (w->nwaiting < CONTINUITY_WAITING_MAX) {
		w->waiting[w->nwaiting++] = m;
	} else {
		broken(w, at, "too many moves that start elsewhere");
	}
}

static void adoption(struct walk *w, uint64_t at, const struct entry_update *u)
{
	if (!w->begun) {
		begin(w, at, &u->new);
		w->out->adopted = true;
	} else if (!oid_eq(&u->new, &w->out->last)) {
		broken(w, at,
			"the ref was adopted as it stood, and no push had put "
			"it there");
	}
}

static void take(struct walk *w, const struct entry *e, uint64_t at)
{
	const struct entry_update *u = update_of(w->ask, e);
	int64_t when;

	if (!clock_read(e->time, &when) || when > w->ask->from)
		w->begun = true;
	if (!u || (w->begun && !w->known))
		return;
	if (e->settles) {
		outcome(w, e, at, u);
		return;
	}
	switch (e->kind) {
	case RECORD_ADOPT:
		adoption(w, at, u);
		break;
	case RECORD_DECISION:
		if (e->admitted && !w->settled[at - w->ask->start])
			w->open = at;
		break;
	case RECORD_KEY:
		break;
	case RECORD_OUTCOME:
	case RECORD_PRUNED:
		break;
	case RECORD_OBSERVED:
		if (!w->begun)
			begin(w, at, &u->new);
		broken(w, at, "an audit found it moved outside the gate");
		break;
	}
}

/* Which decisions have an outcome, and whether the entries reach the end. */
static bool look_ahead(struct walk *w)
{
	const struct continuity_ask *ask = w->ask;
	bool reached = false;
	int64_t when;
	size_t i;

	for (i = 0; i < ask->n; i++) {
		const struct entry *e = &ask->entry[i];

		if (e->settles && e->decision >= ask->start &&
			e->decision - ask->start < i &&
			span_eq(e->repository, ask->repository))
			w->settled[e->decision - ask->start] = true;
		reached |= clock_read(e->time, &when) && when >= ask->to;
	}
	return reached;
}

static void unknown(struct continuity *out, const char *why)
{
	*out = (struct continuity){.why = why};
}

void continuity_find(const struct continuity_ask *ask, struct arena *a,
	struct continuity *out)
{
	struct walk w = {.ask = ask, .out = out, .open = NONE};
	bool reached;
	size_t i;

	w.settled = arena_get(a, ask->n ? ask->n : 1, sizeof(bool));
	reached = look_ahead(&w);
	unknown(out, "nothing says what the ref was at the start");
	for (i = 0; i < ask->n; i++)
		take(&w, &ask->entry[i], ask->start + i);
	if (ask->from > ask->to)
		unknown(out, "the end is before the start");
	else if (w.known && !reached)
		unknown(out, "no entry is as late as the end");
	else if (!w.known || out->verdict == CONTINUITY_BROKEN)
		return;
	else if (w.nwaiting)
		broken(&w, w.waiting[0].settled,
			"the move does not start where the one before ended");
	else if (w.open != NONE) {
		out->verdict = CONTINUITY_OPEN;
		out->at = w.open;
		out->why = "a push was accepted, and nothing says whether the "
			   "ref was moved";
	} else {
		out->verdict = CONTINUITY_WHOLE;
	}
}
