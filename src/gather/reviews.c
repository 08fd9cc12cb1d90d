/*
 * What was said at forges -> facts. The judge has no network: it writes a
 * question, and whoever started it gives it the answers with the push when it
 * judges again. A forge is believed in what it says of its own requests; what
 * commit a review is for, for which ref, and who it is by, is judged here.
 */
#include "base/text.h"
#include "gather/gather.h"
#include "gather/signedtag.h"
#include "parse/review.h"
#include "parse/reviewask.h"
#include "port/crypto.h"

struct reviews {
	struct gather *g;
	struct facts *f;
	struct oid_set numbers; /* commit -> index in facts->change */
	struct approval_fact *v;
	size_t n, cap;
};

static void question_add(
	struct reviewask_ref *q, struct oid_set *seen, const struct oid *commit)
{
	if (q->n == REVIEWASK_COMMITS_MAX || oid_set_has(seen, commit))
		return;
	oid_set_add(seen, commit);
	q->commit[q->n++] = *commit;
}

/* The tip first, and what it merges: a forge that is asked for one commit after
 * the other is not asked for all. */
static void question_of(const struct facts *f, const struct update_fact *uf,
	struct arena *arena, struct reviewask_ref *q)
{
	const struct rule_approval *rule = uf->rules.approval;
	struct oid_set seen = {0};
	const struct change *tip = NULL;
	size_t i;

	q->ref = uf->up->ref;
	for (i = 0; i < rule->nforge && i < REVIEWASK_FORGES_MAX; i++)
		q->forge[q->nforge++] = span_str(rule->forge[i]->name);
	q->commit = arena_get(arena,
		uf->nchange < REVIEWASK_COMMITS_MAX ? uf->nchange
						    : REVIEWASK_COMMITS_MAX,
		sizeof(*q->commit));
	for (i = 0; i < uf->nchange && !tip; i++)
		if (oid_eq(&f->change[uf->change[i]].commit.id, &uf->up->new))
			tip = &f->change[uf->change[i]];
	if (tip)
		question_add(q, &seen, &tip->commit.id);
	for (i = 0; tip && i < uf->nchange; i++) {
		const struct oid *id = &f->change[uf->change[i]].commit.id;
		size_t k;

		for (k = 0; k < tip->commit.nparent; k++)
			if (oid_eq(id, &tip->commit.parent[k]))
				question_add(q, &seen, id);
	}
	for (i = 0; i < uf->nchange; i++)
		question_add(q, &seen, &f->change[uf->change[i]].commit.id);
	oid_set_free(&seen);
}

int reviews_question(struct gather *g, const struct facts *f, struct buf *out,
	struct err *err)
{
	struct reviewask q = {
		.policy = span_str(f->policy->digest),
		.repository = span_str(f->push->repository),
	};
	size_t u;

	for (u = 0; u < f->push->nup; u++)
		q.n += update_asks(&f->update[u]);
	if (!q.n || f->push->reviews.asked)
		return 0;
	if (q.n > REVIEWASK_REFS_MAX)
		return err_set(err, ERR_LIMIT,
			"more than %d refs whose approvals are at forges",
			REVIEWASK_REFS_MAX);
	q.ref = arena_get(g->arena, q.n, sizeof(*q.ref));
	q.n = 0;
	for (u = 0; u < f->push->nup; u++)
		if (update_asks(&f->update[u]))
			question_of(f, &f->update[u], g->arena, &q.ref[q.n++]);
	reviewask_write(&q, out);
	return buf_check(out, "what is asked of forges", err);
}

/* The account that opened a request may have a number in the policy that is not
 * told here; a name in other letters is taken for the same as well. */
static bool is_opener(
	const struct person *who, const struct forge *forge, struct span opener)
{
	size_t i;

	for (i = 0; i < who->nforge; i++)
		if (!strcmp(who->forge[i].forge, forge->name) &&
			text_same(span_str(who->forge[i].login), opener))
			return true;
	return false;
}

static void take(struct reviews *r, size_t u, const struct forge *forge,
	const struct review_request *request, const struct review *one,
	uint64_t *covers)
{
	const struct policy *policy = r->f->policy;
	const struct forge_account *account;
	struct approval_fact a = {
		.what = APPROVAL_GIVEN,
		.commit = request->head,
		.ref = r->f->update[u].up->ref,
		.key = "",
		.detail = "",
		.pushed_in = SIZE_MAX,
		.update = u,
		.covers = covers,
		.forge = forge,
		.request = request->number,
		.review = one->id,
		.login = one->login,
		.against = one->against,
	};

	account = policy_account(
		policy, forge, one->login, one->account, &a.person);
	a.status = APPROVAL_INVALID;
	if (one->fault) {
		a.detail = one->fault;
	} else if (account && account_compromised(account, r->f->push->time)) {
		/* That it is against something is heeded all the same. */
		a.detail = "the account is compromised";
	} else if (a.person) {
		a.status = APPROVAL_VALID;
		a.opened = is_opener(a.person, forge, request->opener);
	} else {
		a.status = APPROVAL_STRANGER;
		a.detail = "the account is nobody's whom the policy knows";
	}
	r->v = arena_grow(r->g->arena, r->v, r->n, &r->cap, sizeof(*r->v));
	r->v[r->n++] = a;
}

static bool counts_here(const struct update_fact *uf, const struct forge *forge)
{
	size_t i;

	for (i = 0; i < uf->rules.approval->nforge; i++)
		if (uf->rules.approval->forge[i] == forge)
			return true;
	return false;
}

static int place(struct reviews *r, const struct forge *forge,
	const struct review_request *request, struct err *err)
{
	struct facts *f = r->f;
	size_t at = oid_set_get(&r->numbers, &request->head), u, i, k;
	const size_t prefix = strlen("refs/heads/");
	uint64_t *covers;

	for (u = 0; u < f->push->nup && request->open; u++) {
		const struct update_fact *uf = &f->update[u];

		if (!update_asks(uf) || !counts_here(uf, forge) ||
			!update_brings(uf, at) ||
			!span_eq(span_from(uf->up->ref, prefix),
				request->branch))
			continue;
		if (request->untold_against && uf->rules.approval->objections.n)
			return err_set(err, ERR_INPUT,
				"forge '%s': it was not asked who is against "
				"request %llu",
				forge->name,
				(unsigned long long)request->number);
		covers = update_reach(
			f, uf, &r->numbers, &request->head, r->g->arena);
		for (k = 0; request->alone && k < uf->nchange; k++)
			if (uf->change[k] != at)
				covers[k / 64] &= ~(UINT64_C(1) << k % 64);
		for (i = 0; i < request->nreview; i++)
			take(r, u, forge, request, &request->review[i], covers);
	}
	return 0;
}

static bool same_request(
	const struct review_answer *a, const struct review_answer *b)
{
	return a->number == b->number && span_eq(a->forge, b->forge);
}

static int read_request(struct reviews *r, const struct review_answer *a,
	size_t n, struct err *err)
{
	const struct forge *forge = policy_forge(r->f->policy, a->forge);
	struct review_request request;
	struct review_where where = {0};

	if (!forge)
		return err_set(err, ERR_INPUT,
			"there are answers of a forge that the policy has not");
	where.project = forge_project(forge, span_str(r->f->push->repository));
	where.token = forge->token_file != NULL;
	where.trust_reset = forge->trust_reset;
	where.server_id = span_str(forge->server_id);
	where.highest = forge->highest;
	if (review_dialect(forge->kind)
			->read(&where, a, n, r->g->arena, &request, err)) {
		err_in(err, "request %llu", (unsigned long long)a->number);
		return err_in(err, "forge '%s'", forge->name);
	}
	if (request.number != a->number)
		return err_set(err, ERR_INPUT,
			"forge '%s': asked for request %llu, it answers with "
			"%llu",
			forge->name, (unsigned long long)a->number,
			(unsigned long long)request.number);
	return place(r, forge, &request, err);
}

static void keep(struct reviews *r, const struct review_answer *a, size_t n)
{
	struct facts *f = r->f;
	size_t i;

	f->answer = arena_get(r->g->arena, n + 1, sizeof(*f->answer));
	for (i = 0; i < n; i++) {
		f->answer[i].answer = a[i];
		sha256_hex(a[i].body, f->answer[i].sha256);
	}
	f->nanswer = n;
}

static int read_all(struct reviews *r, struct err *err)
{
	struct review_answer *a;
	size_t n, i, end;

	if (reviewbundle_read(
		    r->f->push->reviews.answers, r->g->arena, &a, &n, err))
		return -1;
	keep(r, a, n);
	for (i = 0; i < n; i = end) {
		for (end = i; end < n && same_request(&a[i], &a[end]); end++)
			;
		if (read_request(r, &a[i], end - i, err))
			return -1;
	}
	return 0;
}

void gather_reviews(struct gather *g, struct facts *f)
{
	struct push_reviews *asked = &f->reviews;
	struct reviews r = {.g = g, .f = f};
	struct err why = ERR_INIT;
	struct approval_fact *all;

	*asked = f->push->reviews;
	if (!asked->asked || asked->fault)
		return;
	change_numbers(f, &r.numbers);
	if (read_all(&r, &why)) {
		asked->fault = arena_str(g->arena, span_str(why.text));
		asked->hint = "";
		goto out;
	}
	all = arena_get(g->arena, f->napproval + r.n + 1, sizeof(*all));
	if (f->napproval)
		memcpy(all, f->approval, f->napproval * sizeof(*all));
	if (r.n)
		memcpy(all + f->napproval, r.v, r.n * sizeof(*all));
	f->approval = all;
	f->napproval += r.n;
out:
	oid_set_free(&r.numbers);
}
