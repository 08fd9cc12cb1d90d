#include "base/text.h"
#include "checks/check.h"
#include "model/quorum.h"
#include "model/robot.h"

#define PREFIX "refs/sluice/approvals/"
#define REASONS_MAX 6      /* told of why an approval did not count */
#define NAMES_MAX 5        /* people to ask in a hint */
#define LOOKED_AT_MAX 1000 /* commits looked at for whom to ask */
#define OWNERS_TOLD_MAX 20 /* rules of CODEOWNERS told of one by one */

/* A person with at least one approval that counts, and what those cover. */
struct approver {
	const struct person *who;
	uint64_t *covers; /* bit i: up->change[i] */
	unsigned serves;  /* approval_serves */
};

struct tally {
	const struct facts *facts;
	const struct update_fact *up;
	const struct rule_approval *rule;
	size_t u;
	struct findings *out;
	struct approver *v;
	size_t n, cap;
	const char *reasons; /* why others did not count */
	size_t nreasons;
};

/* What a group of commits needs: the rule itself, or one for paths. */
struct demand_of {
	const struct people *by;
	unsigned count;
	const struct approval_path *path; /* NULL: every commit */
	const struct people *robots; /* only what one of them had a hand in;
				      * NULL: every commit */
	const uint64_t *commits; /* those that lack it, once they are known */
};

static const char *short_id(struct findings *out, const struct oid *o)
{
	char hex[OID_HEX + 1];

	return arena_fmt(out->arena, "%.10s", oid_hex(o, hex));
}

/* NULL stands for signed tags. */
static bool is_source(
	const struct rule_approval *rule, const struct forge *forge)
{
	size_t i;

	for (i = 0; forge && i < rule->nforge; i++)
		if (rule->forge[i] == forge)
			return true;
	return !forge && !rule->no_tags;
}

/* Why this approval counts for nothing whoever is asked for, or NULL. An
 * approver who had a hand in any of what it covers is no second pair of eyes
 * for the rest of it either. */
static const char *flaw(struct tally *t, const struct approval_fact *a)
{
	const struct update_fact *up = t->up;
	const char *role;
	size_t i;

	if (a->status != APPROVAL_VALID || !a->person)
		return a->detail && a->detail[0]
			? findings_show(t->out, span_str(a->detail), 120)
			: "not valid";
	if (!span_eq(a->ref, up->up->ref))
		return "it is for another ref";
	if (!is_source(t->rule, a->forge))
		return a->forge ? "reviews there do not count here"
				: "signed tags do not count here";
	if (a->opened)
		return arena_fmt(t->out->arena, "opened request %llu",
			(unsigned long long)a->request);
	if (a->person->robot)
		return "a robot";
	if ((t->rule->exclude & EXCLUDE_PUSHER) &&
		facts_is_pusher(t->facts, a->person))
		return "the pusher";
	for (i = 0; i < up->nchange; i++) {
		const struct change *c = &t->facts->change[up->change[i]];

		if (!bit_get(a->covers, i))
			continue;
		role = change_role(c, a->person, t->rule->exclude);
		if (role)
			return arena_fmt(t->out->arena, "%s of %s", role,
				short_id(t->out, &c->commit.id));
	}
	/* To write a commit anew must not wash off who made it. */
	for (i = 0; i < a->nwas; i++) {
		role = change_role(&a->was[i], a->person, t->rule->exclude);
		if (role)
			return arena_fmt(t->out->arena,
				"%s of %s, before it was rebased", role,
				short_id(t->out, &a->was[i].commit.id));
	}
	return NULL;
}

static void reason(
	struct tally *t, const struct approval_fact *a, const char *why)
{
	const char *who = NULL;

	if (a->person)
		who = a->person->name;
	else if (a->forge)
		who = arena_fmt(t->out->arena, "account '%s'",
			findings_show(t->out, a->login, 60));
	else
		who = arena_fmt(
			t->out->arena, "tag %s", short_id(t->out, &a->object));
	if (a->forge)
		who = arena_fmt(
			t->out->arena, "%s at '%s'", who, a->forge->name);
	if (++t->nreasons > REASONS_MAX)
		return;
	t->reasons = arena_fmt(t->out->arena, "%s%s%s: %s", t->reasons,
		t->reasons[0] ? "; " : "", who, why);
}

static void take(struct tally *t, const struct approval_fact *a)
{
	size_t words = BIT_WORDS(t->up->nchange), i;
	struct approver *at = NULL;

	for (i = 0; i < t->n && !at; i++)
		if (t->v[i].who == a->person)
			at = &t->v[i];
	if (!at) {
		t->v = arena_grow(
			t->out->arena, t->v, t->n, &t->cap, sizeof(*t->v));
		at = &t->v[t->n++];
		at->who = a->person;
		at->serves = approval_serves(t->rule, a->person);
		at->covers =
			arena_get(t->out->arena, words, sizeof(*at->covers));
	}
	for (i = 0; i < words && a->covers; i++)
		at->covers[i] |= a->covers[i];
}

/* Whether any of what is asked for besides the rule's own numbers is asked of
 * this person. */
static bool asked_elsewhere(const struct tally *t, const struct person *who)
{
	size_t i;

	for (i = 0; i < t->rule->npath; i++)
		if (people_has(&t->rule->path[i].by, who))
			return true;
	for (i = 0; i < t->up->nowner; i++)
		if (people_has(&t->up->owner[i].by, who))
			return true;
	return false;
}

static void count_approvals(struct tally *t)
{
	const struct facts *facts = t->facts;
	const char *why;
	size_t i;

	for (i = 0; i < facts->napproval; i++) {
		const struct approval_fact *a = &facts->approval[i];

		if (a->what != APPROVAL_GIVEN || a->update != t->u)
			continue;
		why = flaw(t, a);
		if (!why && !approval_serves(t->rule, a->person) &&
			!asked_elsewhere(t, a->person))
			why = "not one of those who may approve here";
		if (why)
			reason(t, a, why);
		else
			take(t, a);
	}
}

/* The first path of a commit that a rule is about, or NULL. */
static const struct path_change *path_hit(
	const struct approval_path *rule, const struct change *c)
{
	size_t i, k;

	for (k = 0; k < c->npath; k++)
		for (i = 0; i < rule->nmatch; i++)
			if (text_glob(
				    span_str(rule->match[i]), c->path[k].path))
				return &c->path[k];
	return NULL;
}

/* Whether nothing is asked of a commit, since its parents have all of it. */
static bool is_spared(const struct tally *t, const struct change *c)
{
	return t->rule->clean_merges && c->merge == MERGE_CLEAN;
}

/* " (not a clean merge: …)" */
static const char *unclean(const struct tally *t, const struct change *c)
{
	return t->rule->clean_merges && c->unclean
		? arena_fmt(
			  t->out->arena, " (not a clean merge: %s)", c->unclean)
		: "";
}

static unsigned have(const struct tally *t, const struct demand_of *d, size_t i)
{
	unsigned n = 0;
	size_t k;

	for (k = 0; k < t->n; k++)
		n += bit_get(t->v[k].covers, i) &&
			people_has(d->by, t->v[k].who);
	return n;
}

/* Whether the person could give an approval of the whole change. */
static bool is_free(const struct tally *t, const struct person *who)
{
	const struct update_fact *up = t->up;
	size_t i;

	if (who->robot ||
		((t->rule->exclude & EXCLUDE_PUSHER) &&
			facts_is_pusher(t->facts, who)))
		return false;
	for (i = 0; i < up->nchange && i < LOOKED_AT_MAX; i++)
		if (change_role(&t->facts->change[up->change[i]], who,
			    t->rule->exclude))
			return false;
	return true;
}

/* Whether they have approved all that lacks approvals, and are not the one who
 * is missing. */
static bool has_approved(const struct tally *t, const struct demand_of *d,
	const struct person *who)
{
	size_t i, k = 0;

	while (k < t->n && t->v[k].who != who)
		k++;
	if (k == t->n || !d->commits)
		return false;
	for (i = 0; i < t->up->nchange; i++)
		if (bit_get(d->commits, i) && !bit_get(t->v[k].covers, i))
			return false;
	return true;
}

/* Whom to ask: a few of those who can; "" if nobody can. */
static const char *people_hint(
	const struct tally *t, const struct demand_of *d, bool *approved)
{
	const struct people *p = d->by;
	const char *all = "";
	size_t i, n = 0;

	*approved = false;
	for (i = 0; i < p->n && n < NAMES_MAX; i++) {
		if (!is_free(t, p->v[i]))
			continue;
		if (has_approved(t, d, p->v[i])) {
			*approved = true;
			continue;
		}
		all = arena_fmt(t->out->arena, "%s%s%s", all, n ? ", " : "",
			p->v[i]->name);
		n++;
	}
	if (i < p->n)
		all = arena_fmt(t->out->arena, "%s or another", all);
	return all;
}

static const char *hint(const struct tally *t, const struct demand_of *d)
{
	const struct update_fact *up = t->up;
	const struct oid *tip = &up->up->new;
	bool approved;
	const char *who = people_hint(t, d, &approved);
	const char *ref = findings_word(t->out, up->up->ref);
	char hex[OID_HEX + 1];

	if (!who[0])
		return approved
			? "nobody else may approve here, or had no hand in it; "
			  "ask the server's administrator"
			: "nobody who may approve here had no hand in it; ask "
			  "the server's administrator";
	if (up->type == OBJECT_TAG && up->ntag)
		tip = &t->facts->tag[up->tag[up->ntag - 1]].tag.target;
	if (update_asks(up))
		who = arena_fmt(t->out->arena,
			"%s to approve, at '%s', the request whose head is "
			"%.10s%s",
			who, t->rule->forge[0]->name, oid_hex(tip, hex),
			t->rule->no_tags ? "" : ", or");
	if (t->rule->no_tags)
		return arena_fmt(t->out->arena, "ask %s", who);
	return arena_fmt(t->out->arena,
		"ask %s to run: sluice approve %s --for %s", who,
		oid_hex(tip, hex), ref ? ref : "<ref>");
}

static enum finding_id lacking(const struct demand_of *d)
{
	return d->path      ? FINDING_APPROVAL_PATH
		: d->robots ? FINDING_APPROVAL_ROBOT
			    : FINDING_APPROVAL_TOO_FEW;
}

/* " (a co-author is the robot 'ci')" */
static const char *robot_of(const struct tally *t, const struct demand_of *d,
	const struct change *c)
{
	const struct person *who = d->robots ? robot_in(c, d->robots) : NULL;

	return who ? arena_fmt(t->out->arena, " (%s is the robot '%s')",
			     robot_role(c, who), who->name)
		   : "";
}

/* One finding for all commits that lack approvals: the way out is the same. */
static void demand(struct tally *t, const struct demand_of *d)
{
	const struct update_fact *up = t->up;
	uint64_t *commits = arena_get(
		t->out->arena, BIT_WORDS(up->nchange) + 1, sizeof(*commits));
	const struct path_change *place = NULL, *hit;
	const struct change *first = NULL;
	struct demand_of missing = *d;
	unsigned n, first_has = 0;
	size_t i, asked = 0, lack = 0;
	struct finding *f;

	for (i = 0; i < up->nchange && d->count; i++) {
		const struct change *c = &t->facts->change[up->change[i]];

		hit = d->path ? path_hit(d->path, c) : NULL;
		if ((d->path && !hit) || is_spared(t, c) ||
			(d->robots && !robot_in(c, d->robots)))
			continue;
		asked++;
		n = have(t, d, i);
		if (n >= d->count)
			continue;
		lack++;
		bit_set(commits, i);
		if (!first) {
			first = c;
			first_has = n;
			place = hit;
		}
	}
	if (!lack)
		return;
	f = findings_add(t->out, lacking(d), t->u, &first->commit.id);
	f->detail = arena_fmt(t->out->arena,
		"%zu of %zu new commits%s without enough approvals: %s%s%s has "
		"%u of %u%s%s%s",
		lack, asked, d->robots ? " that a robot had a hand in" : "",
		findings_about(t->out, &first->commit), robot_of(t, d, first),
		unclean(t, first), first_has, d->count,
		t->reasons[0] ? "; did not count: " : "", t->reasons,
		t->nreasons > REASONS_MAX ? "; and others" : "");
	if (place)
		f->place = findings_show(t->out, place->path, 300);
	missing.commits = commits;
	f->hint = hint(t, &missing);
	f->commits = commits;
}

/* An approval is checked when it arrives, whatever the policy says of its ref,
 * so that a reviewer learns of a slip before the author does. It may be for a
 * ref that this push does not touch, or does not touch only. */
static const char *arrival_fault(struct tally *t, const struct approval_fact *a)
{
	bool elsewhere = a->status == APPROVAL_ELSEWHERE &&
		a->update < t->facts->push->nup &&
		!span_eq(a->ref, t->facts->update[a->update].up->ref);

	if ((a->status == APPROVAL_VALID || a->status == APPROVAL_WITHDRAWN ||
		    elsewhere) &&
		a->person)
		return NULL;
	if (a->detail && a->detail[0])
		return findings_show(t->out, span_str(a->detail), 200);
	return a->status == APPROVAL_STRANGER
		? "it is signed by nobody the policy knows"
		: "it is not a signed approval";
}

/* refs/sluice/approvals/<commit>/<anything> */
static bool stored_well(struct span ref, const struct approval_fact *a)
{
	struct span rest = span_from(ref, sizeof(PREFIX) - 1);
	char hex[OID_HEX + 1];

	return rest.n > OID_HEX + 1 && rest.p[OID_HEX] == '/' &&
		span_is(span_sub(rest, 0, OID_HEX), oid_hex(&a->commit, hex));
}

static void arrival(struct tally *t)
{
	const struct facts *facts = t->facts;
	const struct update_fact *up = t->up;
	const char *fault = "it is not a signed approval tag";
	size_t i;

	for (i = 0; i < facts->napproval; i++) {
		const struct approval_fact *a = &facts->approval[i];

		if (a->pushed_in != t->u || !oid_eq(&a->object, &up->up->new))
			continue;
		fault = arrival_fault(t, a);
		if (!fault && !stored_well(up->up->ref, a))
			fault = "it is not stored under the commit that it "
				"names";
		if (fault)
			break;
	}
	if (up->type != OBJECT_TAG)
		fault = "it is not an annotated tag";
	if (fault)
		findings_add(
			t->out, FINDING_APPROVAL_INVALID, t->u, &up->up->new)
			->detail = fault;
}

/* Whether those who cover commit ${i} suffice for all groups at once, when the
 * rule itself asks for ${count}. */
static bool groups_short(struct tally *t, size_t i, unsigned count,
	unsigned *mask, struct quorum_gap *gap)
{
	const struct rule_approval *r = t->rule;
	unsigned counts[QUORUM_MAX] = {count};
	size_t k;

	for (k = 0; k < r->ngroup; k++)
		counts[k + 1] = r->group[k].count;
	for (k = 0; k < t->n; k++)
		mask[k] = bit_get(t->v[k].covers, i) ? t->v[k].serves : 0;
	return quorum_short(counts, r->ngroup + 1, mask, t->n, r->shared, gap);
}

/* "approval.by and approval.groups[0]" */
static const char *set_name(const struct tally *t, unsigned set)
{
	const char *all = set & 1 ? "approval.by" : "";
	size_t i;

	for (i = 0; i < t->rule->ngroup; i++)
		if (set & (2u << i))
			all = arena_fmt(t->out->arena,
				"%s%sapproval.groups[%zu]", all,
				all[0] ? " and " : "", i);
	return all;
}

/* Those who may serve any of the set and are not counted for commit ${i}. */
static struct people wanted_of(const struct tally *t, unsigned set, size_t i)
{
	const struct policy *policy = t->facts->policy;
	struct people p = {0};
	size_t k, n;

	p.v = arena_get(t->out->arena, policy->nperson + 1, sizeof(*p.v));
	for (k = 0; k < policy->nperson; k++) {
		const struct person *who = &policy->person[k];

		if (!(approval_serves(t->rule, who) & set))
			continue;
		for (n = 0; n < t->n; n++)
			if (t->v[n].who == who && bit_get(t->v[n].covers, i))
				break;
		if (n == t->n)
			p.v[p.n++] = who;
	}
	return p;
}

/* Groups are counted together: whoever stands for one stands for no other. */
static void demand_groups(struct tally *t, const struct people *robots)
{
	const struct update_fact *up = t->up;
	unsigned *mask = arena_get(t->out->arena, t->n + 1, sizeof(*mask));
	uint64_t *commits = arena_get(
		t->out->arena, BIT_WORDS(up->nchange) + 1, sizeof(*commits));
	struct quorum_gap gap, first = {0};
	size_t i, at = 0, lack = 0;
	struct people ask;
	struct finding *f;
	const struct change *c;

	for (i = 0; i < up->nchange && t->rule->ngroup; i++) {
		c = &t->facts->change[up->change[i]];
		/* Both numbers: where a robot's is not reached, which may be
		 * a warning only, the other still has to be. */
		if (is_spared(t, c))
			continue;
		if (!groups_short(t, i, t->rule->count, mask, &gap) &&
			(!robot_in(c, robots) ||
				!groups_short(t, i, t->rule->robot_count, mask,
					&gap)))
			continue;
		bit_set(commits, i);
		if (!lack++) {
			first = gap;
			at = i;
		}
	}
	if (!lack)
		return;
	c = &t->facts->change[up->change[at]];
	ask = wanted_of(t, first.set, at);
	f = findings_add(t->out, FINDING_APPROVAL_GROUP, t->u, &c->commit.id);
	f->detail = arena_fmt(t->out->arena,
		"%zu of %zu new commits without enough approvals: %s has %u "
		"of the %u people that %s ask%s for%s%s%s",
		lack, up->nchange, findings_about(t->out, &c->commit),
		first.have, first.want, set_name(t, first.set),
		first.set & (first.set - 1) ? "" : "s",
		t->reasons[0] ? "; did not count: " : "", t->reasons,
		t->nreasons > REASONS_MAX ? "; and others" : "");
	f->hint = hint(t, &(struct demand_of){.by = &ask});
	f->commits = commits;
}

/* " change crypto/a.c and 2 more, owned by @sec" */
static const char *owned(
	struct tally *t, const struct owner_demand *d, size_t commits)
{
	const char *more = d->npath > 1
		? arena_fmt(t->out->arena, " and %zu more", d->npath - 1)
		: "";

	if (!d->owners.n)
		return "";
	return arena_fmt(t->out->arena, " change%s %s%s, owned by %s",
		commits == 1 ? "s" : "", findings_show(t->out, d->path, 200),
		more, findings_show(t->out, d->owners, 200));
}

static const char *unknown(struct tally *t, const struct owner_demand *d)
{
	return d->unknown.n
		? arena_fmt(t->out->arena, "; nobody whom the policy knows: %s",
			  findings_show(t->out, d->unknown, 200))
		: "";
}

static const char *owners_hint(const struct tally *t,
	const struct owner_demand *d, const uint64_t *commits)
{
	if (d->by.n)
		return hint(t,
			&(struct demand_of){.by = &d->by, .commits = commits});
	return d->owners.n
		? "the server's administrator can say in the policy who they "
		  "are (approval.codeowners.owners), or who stands in for them "
		  "(fallback)"
		: "the server's administrator can say in the policy who "
		  "approves meanwhile (approval.codeowners.fallback)";
}

/* Commits that lack what a rule of CODEOWNERS asks for, into bits. */
static size_t owners_lack(const struct tally *t, const struct owner_demand *d,
	uint64_t *commits, size_t *first, unsigned *first_has)
{
	const struct demand_of of = {.by = &d->by, .count = d->count};
	size_t i, lack = 0;
	unsigned n;

	for (i = 0; i < t->up->nchange; i++) {
		if (!bit_get(d->commits, i) ||
			is_spared(t, &t->facts->change[t->up->change[i]]))
			continue;
		n = have(t, &of, i);
		if (n >= d->count)
			continue;
		bit_set(commits, i);
		if (lack++)
			continue;
		*first = i;
		*first_has = n;
	}
	return lack;
}

static uint64_t *no_commits(const struct tally *t)
{
	return arena_get(t->out->arena, BIT_WORDS(t->up->nchange) + 1, 8);
}

static bool demand_owner(struct tally *t, const struct owner_demand *d)
{
	uint64_t *commits = no_commits(t);
	unsigned has = 0;
	size_t at = 0, lack = owners_lack(t, d, commits, &at, &has);
	const struct change *first;
	struct finding *f;

	if (!lack)
		return false;
	first = &t->facts->change[t->up->change[at]];
	f = findings_add(
		t->out, FINDING_APPROVAL_CODEOWNERS, t->u, &first->commit.id);
	f->detail = arena_fmt(t->out->arena,
		"%s: %s%s%zu new commit%s%s: %s has %u of %u approvals by "
		"%s%s%s"
		"%s%s",
		d->rule, d->fault ? d->fault : "", d->fault ? "; " : "", lack,
		lack == 1 ? "" : "s", owned(t, d, lack),
		findings_about(t->out, &first->commit), has, d->count,
		d->fault ? "those who stand in" : "owners", unknown(t, d),
		t->reasons[0] ? "; did not count: " : "", t->reasons,
		t->nreasons > REASONS_MAX ? "; and others" : "");
	if (d->path.n)
		f->place = findings_show(t->out, d->path, 300);
	f->hint = owners_hint(t, d, commits);
	f->commits = commits;
	return true;
}

/* All that is not told one by one is one finding: waiving the others must not
 * let it pass. */
static void demand_owners_rest(struct tally *t, size_t i)
{
	uint64_t *commits = no_commits(t);
	const struct owner_demand *last = NULL;
	size_t at = 0, rules = 0, lack, lacks = 0;
	struct finding *f;
	unsigned has;

	for (; i < t->up->nowner; i++) {
		lack = owners_lack(t, &t->up->owner[i], commits, &at, &has);
		if (!lack)
			continue;
		rules++;
		lacks = lack;
		last = &t->up->owner[i];
	}
	if (!rules)
		return;
	f = findings_add(t->out, FINDING_APPROVAL_CODEOWNERS, t->u,
		&t->facts->change[t->up->change[at]].commit.id);
	f->detail = arena_fmt(t->out->arena,
		"%zu more rules lack approvals by owners, such as %s: %zu new "
		"commit%s%s",
		rules, last->rule, lacks, lacks == 1 ? "" : "s",
		owned(t, last, lacks));
	f->hint = owners_hint(t, last, NULL);
	f->commits = commits;
}

static void demand_owners(struct tally *t)
{
	size_t i, told = 0;

	for (i = 0; i < t->up->nowner && told < OWNERS_TOLD_MAX; i++)
		told += demand_owner(t, &t->up->owner[i]);
	demand_owners_rest(t, i);
}

/* Any server lets its refs be deleted; what was said against a change must not
 * go that way. */
static void kept(struct tally *t)
{
	size_t i;

	for (i = 0; i < t->facts->napproval; i++) {
		const struct approval_fact *a = &t->facts->approval[i];

		if (!a->taken || a->taken_in != t->u)
			continue;
		findings_add(
			t->out, FINDING_APPROVAL_KEPT, t->u, &t->up->up->old)
			->detail = arena_fmt(t->out->arena, "%s by %s",
			a->what == APPROVAL_OBJECTION ? "an objection"
						      : "a withdrawal",
			a->person->name);
	}
}

/* How who said so takes it back. */
static const char *objection_hint(
	struct tally *t, const struct approval_fact *a)
{
	const char *ref = findings_word(t->out, t->up->up->ref);
	char commit[OID_HEX + 1], tag[OID_HEX + 1];

	if (a->forge)
		return arena_fmt(t->out->arena,
			"change it, or ask %s to take that back in request "
			"%llu at '%s'",
			a->person->name, (unsigned long long)a->request,
			a->forge->name);
	return arena_fmt(t->out->arena,
		"change it, or ask %s to run: sluice approve %s --for %s "
		"--withdraw %s",
		a->person->name, oid_hex(&a->commit, commit),
		ref ? ref : "<ref>", oid_hex(&a->object, tag));
}

static void objection(struct tally *t, const struct approval_fact *a)
{
	const struct update_fact *up = t->up;
	const struct change *c = NULL;
	struct finding *f;
	size_t i;

	for (i = 0; i < up->nchange && !c; i++)
		if (bit_get(a->covers, i))
			c = &t->facts->change[up->change[i]];
	if (!c)
		return;
	f = findings_add(
		t->out, FINDING_APPROVAL_OBJECTION, t->u, &c->commit.id);
	f->detail = arena_fmt(t->out->arena, "%s objects to %s%s%s",
		a->person->name, findings_about(t->out, &c->commit),
		a->forge ? ": " : "", a->forge ? a->detail : "");
	f->hint = objection_hint(t, a);
	f->commits = a->covers;
}

/* A signed one, or what is said at a forge that is a source. */
static bool is_objection(const struct tally *t, const struct approval_fact *a)
{
	if (a->forge)
		return a->against && is_source(t->rule, a->forge);
	return a->what == APPROVAL_OBJECTION && a->status == APPROVAL_VALID;
}

static void objections(struct tally *t)
{
	size_t i;

	for (i = 0; i < t->facts->napproval; i++) {
		const struct approval_fact *a = &t->facts->approval[i];

		if (a->update == t->u && is_objection(t, a) && a->person &&
			people_has(&t->rule->objections, a->person))
			objection(t, a);
	}
}

/* Everything that asks for approvals. */
static void demands(struct tally *t)
{
	struct people robots = robots_of(t->facts->policy, t->out->arena);
	size_t i;

	demand(t,
		&(struct demand_of){
			.by = &t->rule->by, .count = t->rule->count});
	demand(t,
		&(struct demand_of){.by = &t->rule->by,
			.count = t->rule->robot_count,
			.robots = &robots});
	demand_groups(t, &robots);
	demand_owners(t);
	for (i = 0; i < t->rule->npath; i++) {
		const struct approval_path *p = &t->rule->path[i];

		demand(t,
			&(struct demand_of){
				.by = &p->by, .count = p->count, .path = p});
	}
}

static bool has_account(const struct person *who, const struct forge *forge)
{
	size_t i;

	for (i = 0; i < who->nforge; i++)
		if (!strcmp(who->forge[i].forge, forge->name))
			return true;
	return false;
}

/* Whether anybody whose objections count may have one where nothing was heard
 * from. */
static bool may_object(const struct rule_approval *rule)
{
	size_t i, k;

	for (i = 0; i < rule->objections.n; i++)
		for (k = 0; k < rule->nforge; k++)
			if (has_account(rule->objections.v[i], rule->forge[k]))
				return true;
	return false;
}

/* What is lacking without a forge's answer may not be lacking: one finding that
 * says so stands for all of those from number ${first}. */
static void untold(struct tally *t, size_t first)
{
	const struct push_reviews *asked = &t->facts->reviews;
	uint64_t *commits = no_commits(t);
	struct findings *out = t->out;
	struct finding *f;
	struct oid object;
	size_t i, k;

	if (!update_asks(t->up) || !asked->fault ||
		(out->n == first && !may_object(t->rule)))
		return;
	object = out->n > first ? out->v[first].object : t->up->up->new;
	for (i = 0; i < t->up->nchange && may_object(t->rule); i++)
		bit_set(commits, i);
	for (i = first; i < out->n; i++)
		for (k = 0; k < BIT_WORDS(t->up->nchange); k++)
			if (out->v[i].commits)
				commits[k] |= out->v[i].commits[k];
	out->n = first;
	f = findings_add(out, FINDING_APPROVAL_FORGE, t->u, &object);
	f->detail = findings_show(out, span_str(asked->fault), 500);
	if (asked->hint && asked->hint[0])
		f->hint = findings_show(out, span_str(asked->hint), 500);
	f->commits = commits;
}

static void run(const struct facts *facts, size_t u, struct findings *out)
{
	const struct update_fact *up = &facts->update[u];
	struct tally t = {
		.facts = facts,
		.up = up,
		.rule = up->rules.approval,
		.u = u,
		.out = out,
		.reasons = "",
	};
	size_t first;

	if (span_starts(up->up->ref, SPAN_LIT(PREFIX)))
		kept(&t);
	if (up->movement == MOVEMENT_DELETE)
		return;
	if (span_starts(up->up->ref, SPAN_LIT(PREFIX)))
		arrival(&t);
	if (!t.rule || !up->nchange)
		return;
	count_approvals(&t);
	first = out->n;
	demands(&t);
	untold(&t, first);
	objections(&t);
}

const struct check check_approval = {"approval", run};
