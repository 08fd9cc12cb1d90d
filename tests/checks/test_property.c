/*
 * Random histories, people, keys, merges and approvals, judged by the checks and
 * by a slow judge of a few lines that was written from the manual: no commit
 * reaches a gated ref without its signature and its approvals, and none that has
 * both is held back.
 */
#include "support/fixture.h"

#include "gather/signedtag.h"

#define ROUNDS 30000
#define COMMITS 9
#define APPROVALS 8
#define HUMANS 3

/* A generator of our own, so that a failure can be repeated. */
static uint64_t seed = 88172645463325252u;
static size_t below(size_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (size_t)((seed >> 11) % n);
}

static const char *mail_of(const struct world *w, size_t who)
{
	return w->person[who].email[below(2)];
}

/* What the slow judge knows of a commit: numbers alone. */
struct made {
	size_t author, committer, coauthor; /* WORLD_PEOPLE: nobody known */
	size_t signer;                      /* WORLD_PEOPLE: not well signed */
	size_t parent[2], nparent;
};

struct given {
	size_t who, commit;
	bool good; /* valid and for this ref */
};

struct scene {
	struct made made[COMMITS];
	size_t n;
	struct given given[APPROVALS];
	size_t ngiven, pusher;
	bool may_sign[WORLD_PEOPLE], may_approve[WORLD_PEOPLE];
	unsigned count, exclude;
};

/* The slow judge. */

static bool reaches(const struct scene *s, size_t from, size_t to)
{
	size_t i;

	if (from == to)
		return true;
	for (i = 0; i < s->made[from].nparent; i++)
		if (reaches(s, s->made[from].parent[i], to))
			return true;
	return false;
}

static bool had_a_hand(const struct scene *s, size_t who, size_t commit)
{
	const struct made *m = &s->made[commit];

	return ((s->exclude & EXCLUDE_AUTHOR) &&
		       (m->author == who || m->coauthor == who ||
			       m->signer == who)) ||
		((s->exclude & EXCLUDE_COMMITTER) && m->committer == who);
}

static bool counts(const struct scene *s, const struct given *g)
{
	size_t i;

	if (!g->good || g->who >= HUMANS || !s->may_approve[g->who])
		return false;
	if ((s->exclude & EXCLUDE_PUSHER) && s->pusher == g->who)
		return false;
	for (i = 0; i < s->n; i++)
		if (reaches(s, g->commit, i) && had_a_hand(s, g->who, i))
			return false;
	return true;
}

static bool passes(const struct scene *s)
{
	size_t c, p, i;

	for (c = 0; c < s->n; c++) {
		unsigned n = 0;

		if (s->made[c].signer == WORLD_PEOPLE ||
			!s->may_sign[s->made[c].signer])
			return false;
		for (p = 0; p < HUMANS; p++) {
			for (i = 0; i < s->ngiven; i++)
				if (s->given[i].who == p &&
					counts(s, &s->given[i]) &&
					reaches(s, s->given[i].commit, c))
					break;
			n += i < s->ngiven;
		}
		if (n < s->count)
			return false;
	}
	return true;
}

/* The same as facts. */

static void some_people(
	struct world *w, bool in[WORLD_PEOPLE], struct people *out)
{
	size_t i;

	*out = (struct people){
		.v = arena_get(w->arena, WORLD_PEOPLE, sizeof(*out->v))};
	for (i = 0; i < WORLD_PEOPLE; i++) {
		in[i] = below(4) > 0;
		if (in[i])
			out->v[out->n++] = &w->person[i];
	}
}

static void sign(struct world *w, struct change *c, struct made *m)
{
	static const enum signature_status bad[] = {SIGNATURE_BAD,
		SIGNATURE_MISSING, SIGNATURE_UNKNOWN_KEY, SIGNATURE_EXPIRED,
		SIGNATURE_REVOKED, SIGNATURE_COMPROMISED, SIGNATURE_WEAK,
		SIGNATURE_MALFORMED, SIGNATURE_UNSUPPORTED,
		SIGNATURE_UNCHECKED};

	m->signer = below(WORLD_PEOPLE);
	c->sig.person = &w->person[m->signer];
	if (below(40))
		return;
	/* Whose key it would have been is known of some of them. */
	c->sig.status = bad[below(ARRAY_LEN(bad))];
	if (below(2))
		c->sig.person = NULL;
	else
		m->author = m->signer;
	if (m->author == m->signer)
		c->commit.author.email = span_str(mail_of(w, m->author));
	m->signer = WORLD_PEOPLE;
}

static void one_commit(struct fixture *f, struct scene *s)
{
	struct world *w = &f->w;
	struct made *m = &s->made[s->n];
	struct change *c;
	size_t i;

	*m = (struct made){.author = below(WORLD_PEOPLE),
		.committer = below(WORLD_PEOPLE),
		.coauthor = WORLD_PEOPLE};
	c = world_commit(w, f->up, (int)m->author);
	c->commit.author.email = span_str(mail_of(w, m->author));
	c->commit.committer.email = span_str(mail_of(w, m->committer));
	if (!below(6)) {
		struct span *mail = ARENA_NEW(w->arena, struct span);

		m->coauthor = below(WORLD_PEOPLE);
		*mail = span_str(mail_of(w, m->coauthor));
		c->commit.coauthor = mail;
		c->commit.ncoauthor = 1;
	}
	m->nparent = !s->n ? 0 : s->n > 1 && !below(3) ? 2 : 1;
	c->commit.parent = arena_get(w->arena, 2, sizeof(struct oid));
	c->commit.nparent = m->nparent ? m->nparent : 1;
	/* What is not of the push is no commit of it. */
	c->commit.parent[0] = (struct oid){{0x77}};
	for (i = 0; i < m->nparent; i++) {
		/* The newest is reached, or the update would not bring it. */
		m->parent[i] = i ? below(s->n - 1) : s->n - 1;
		c->commit.parent[i] = w->change[m->parent[i]].commit.id;
	}
	sign(w, c, m);
	s->n++;
}

static void one_approval(struct fixture *f, struct scene *s)
{
	struct given *g = &s->given[s->ngiven++];
	struct world *w = &f->w;
	struct approval_fact *a;
	struct oid_set numbers = {0};

	g->who = below(WORLD_PEOPLE);
	g->commit = below(3) ? s->n - 1 : below(s->n);
	g->good = below(8) > 0;
	a = world_approval(w, f->up, (int)g->who, g->commit);
	change_numbers(&w->facts, &numbers);
	a->covers =
		update_reach(&w->facts, f->up, &numbers, &a->commit, w->arena);
	oid_set_free(&numbers);
	if (g->good)
		return;
	switch (below(3)) {
	case 0:
		a->status = APPROVAL_INVALID;
		break;
	case 1:
		a->status = APPROVAL_WITHDRAWN;
		break;
	default:
		a->ref = SPAN_LIT("refs/heads/other");
		break;
	}
}

static void make(struct fixture *f, struct scene *s)
{
	struct world *w = &f->w;
	size_t i, n;

	*s = (struct scene){.pusher = below(WORLD_PEOPLE + 1)};
	if (s->pusher < WORLD_PEOPLE)
		w->push.pusher.name = w->person[s->pusher].name;
	some_people(w, s->may_sign, &f->signature.by);
	some_people(w, s->may_approve, &f->approval.by);
	f->signature.kinds = ~0u;
	f->approval.count = s->count = 1 + (unsigned)below(3);
	f->approval.exclude = s->exclude = (unsigned)below(8);
	for (i = 0, n = 1 + below(COMMITS); i < n; i++)
		one_commit(f, s);
	for (i = 0, n = below(APPROVALS + 1); i < n; i++)
		one_approval(f, s);
	f->up->rules.signature = &f->signature;
	f->up->rules.approval = &f->approval;
}

static void agree(void **unused)
{
	unsigned passed = 0, refused = 0, round;

	(void)unused;
	for (round = 0; round < ROUNDS; round += UNIT_STEP) {
		uint64_t began = seed;
		void *state;
		struct fixture *f = fixture_new(&state, &check_signature);
		struct scene s;
		bool want, have;

		make(f, &s);
		want = passes(&s);
		have = !*judged(f);
		f->check = &check_approval;
		have = !*judged(f) && have;
		if (want != have)
			fail_msg("round %u, seed %llu: the checks %s it", round,
				(unsigned long long)began,
				have ? "pass" : "refuse");
		passed += want;
		refused += !want;
		fixture_free(&state);
	}
	/* Or nothing was asked. */
	assert_true(passed > ROUNDS / UNIT_STEP / 100);
	assert_true(refused > ROUNDS / UNIT_STEP / 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
