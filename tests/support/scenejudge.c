#include "support/scene.h"

const char *const scene_ids[] = {"signature.missing", "signature.expired",
	"signature.not_allowed", "signature.identity", "signature.limited",
	"signature.malformed", "signature.compromised", "approval.too_few",
	"approval.group", "approval.robot", "approval.path",
	"approval.objection", "approval.forge", NULL};

#define ALL_MAX (SCENE_COMMITS * 4 + SCENE_WORDS + 8)

/* What is wrong, and with which commits. */
struct wrong {
	const char *id;
	unsigned commits;
};

struct trial {
	const struct scene *s;
	unsigned reach[SCENE_COMMITS];
	struct wrong wrong[ALL_MAX];
	size_t n;
};

static bool has(unsigned set, size_t i)
{
	return set >> i & 1;
}

static void say(struct trial *t, const char *id, unsigned commits)
{
	if (!commits)
		return;
	if (t->n == ALL_MAX)
		die("scene: too much is wrong");
	t->wrong[t->n++] = (struct wrong){id, commits};
}

static bool is_robot(size_t who)
{
	return who >= SCENE_HUMANS;
}

static bool pushes(const struct scene *s, size_t who)
{
	return s->pusher == who || s->certified == who;
}

static bool had_a_hand(
	const struct scene_commit *c, size_t who, unsigned exclude)
{
	return ((exclude & EXCLUDE_AUTHOR) &&
		       (c->author == who || c->coauthor == who ||
			       c->signer == who)) ||
		((exclude & EXCLUDE_COMMITTER) && c->committer == who);
}

/* Signatures. */

/* Whether somebody else approved what the commit was before a rebase. */
static bool carried(const struct scene *s, size_t c)
{
	size_t i, k;

	for (i = 0; i < s->nword; i++) {
		const struct scene_word *w = &s->word[i];
		const struct scene_commit was = {.author = w->was_author,
			.signer = w->was_signer,
			.committer = SCENE_NOBODY,
			.coauthor = SCENE_NOBODY};
		bool own = had_a_hand(&was, w->who, s->exclude);

		for (k = 0; k < s->n; k++)
			own |= has(w->covers, k) &&
				had_a_hand(&s->commit[k], w->who, s->exclude);
		if (w->carried && !w->objection && has(w->covers, c) &&
			w->status == APPROVAL_VALID && !w->other_ref &&
			!is_robot(w->who) && !own && !s->no_tags)
			return true;
	}
	return false;
}

static const char *signature(
	const struct scene *s, const struct scene_commit *c)
{
	static const char *const by_status[] = {
		[SIGNATURE_BAD] = "signature.bad",
		[SIGNATURE_UNKNOWN_KEY] = "signature.unknown_key",
		[SIGNATURE_EXPIRED] = "signature.expired",
		[SIGNATURE_REVOKED] = "signature.revoked",
		[SIGNATURE_COMPROMISED] = "signature.compromised",
		[SIGNATURE_WEAK] = "signature.weak",
		[SIGNATURE_MALFORMED] = "signature.malformed",
		[SIGNATURE_UNSUPPORTED] = "signature.unsupported",
		[SIGNATURE_UNCHECKED] = "signature.bad",
	};

	if (c->malformed)
		return "signature.malformed";
	if (c->status == SIGNATURE_MISSING)
		return "signature.missing";
	if (!has(s->kinds, c->kind))
		return "signature.kind";
	if (c->status != SIGNATURE_GOOD)
		return by_status[c->status];
	if (c->signer == SCENE_NOBODY)
		return "signature.unknown_key";
	if (!has(s->may_sign, c->signer))
		return "signature.not_allowed";
	if (s->identity && c->author != c->signer && c->committer != c->signer)
		return "signature.identity";
	return NULL;
}

static bool tag_is_wrong(const struct scene *s, const struct scene_commit *c,
	const struct scene_tag *t)
{
	return t->malformed || t->of >= c->nparent || !has(s->kinds, t->kind) ||
		t->status != SIGNATURE_GOOD || t->signer == SCENE_NOBODY ||
		(s->identity && t->tagger != t->signer);
}

static bool merges_wrongly(const struct scene *s, const struct scene_commit *c)
{
	size_t i, k;

	if (s->merged_tags == MERGED_TAGS_OFF)
		return false;
	for (i = 0; i < c->ntag; i++)
		if (tag_is_wrong(s, c, &c->tag[i]))
			return true;
	for (i = 1; s->merged_tags == MERGED_TAGS_REQUIRED && i < c->nparent;
		i++) {
		for (k = 0; k < c->ntag && c->tag[k].of != i; k++)
			;
		if (k == c->ntag)
			return true;
	}
	return false;
}

static void signatures(struct trial *t)
{
	const struct scene *s = t->s;
	size_t i;

	for (i = 0; i < s->n; i++) {
		const struct scene_commit *c = &s->commit[i];
		const char *id = signature(s, c);

		if (id)
			say(t, id, 1u << i);
		if (merges_wrongly(s, c))
			say(t, "signature.merged_tag", 1u << i);
		if (c->status != SIGNATURE_GOOD || c->signer != SCENE_FORGE ||
			s->forge_signs == SIGNS_ANYTHING || c->clean)
			continue;
		if (s->forge_signs != SIGNS_UNCHANGED || !carried(s, i))
			say(t, "signature.limited", 1u << i);
	}
}

/* Approvals. */

static unsigned covers(const struct trial *t, const struct scene_word *w)
{
	if (w->carried)
		return w->covers;
	return w->alone ? 1u << w->commit : t->reach[w->commit];
}

/* Whether it was said where words of this person count. */
static bool is_heard(const struct scene *s, const struct scene_word *w)
{
	return has(s->forges, w->forge) && has(s->account[w->forge], w->who);
}

static bool counts(const struct trial *t, const struct scene_word *w)
{
	const struct scene *s = t->s;
	unsigned all = covers(t, w);
	const struct scene_commit was = {.author = w->was_author,
		.signer = w->was_signer,
		.committer = SCENE_NOBODY,
		.coauthor = SCENE_NOBODY};
	size_t i;

	if (w->objection || w->status != APPROVAL_VALID || w->other_ref ||
		is_robot(w->who))
		return false;
	if (w->forge == SCENE_TAGS ? s->no_tags : w->opened || !is_heard(s, w))
		return false;
	if ((s->exclude & EXCLUDE_PUSHER) && pushes(s, w->who))
		return false;
	for (i = 0; i < s->n; i++)
		if (has(all, i) &&
			had_a_hand(&s->commit[i], w->who, s->exclude))
			return false;
	return !w->carried || !had_a_hand(&was, w->who, s->exclude);
}

/* All whose approval of the commit counts. */
static unsigned approvers(const struct trial *t, size_t c)
{
	unsigned all = 0;
	size_t i;

	for (i = 0; i < t->s->nword; i++) {
		const struct scene_word *w = &t->s->word[i];

		if (has(covers(t, w), c) && counts(t, w))
			all |= 1u << w->who;
	}
	return all;
}

static bool enough(unsigned who, const struct scene_quorum *q)
{
	return (unsigned)__builtin_popcount(who & q->by) >= q->count;
}

/* Whether people from number ${p} on can be given to the quorums, each to one,
 * so that all have what they still want. */
static bool share_out(unsigned who, const struct scene_quorum *q, size_t nq,
	unsigned *want, size_t p)
{
	size_t i;

	for (i = 0; i < nq && !want[i]; i++)
		;
	if (i == nq)
		return true;
	if (p == SCENE_PEOPLE)
		return false;
	if (!has(who, p))
		return share_out(who, q, nq, want, p + 1);
	for (i = 0; i < nq; i++) {
		bool found;

		if (!want[i] || !has(q[i].by, p))
			continue;
		want[i]--;
		found = share_out(who, q, nq, want, p + 1);
		want[i]++;
		if (found)
			return true;
	}
	return share_out(who, q, nq, want, p + 1);
}

/* Whether groups lack people beside the rule's own number, or, where that is
 * lacking itself, among themselves. */
static bool groups_lack(const struct scene *s, unsigned who, unsigned count)
{
	struct scene_quorum q[SCENE_RULES + 1];
	unsigned want[SCENE_RULES + 1];
	size_t i, n = 0;

	q[n] = (struct scene_quorum){s->rule.by, count};
	n += enough(who, &q[0]) && !s->shared;
	for (i = 0; i < s->ngroup; i++) {
		if (s->shared && !enough(who, &s->group[i]))
			return true;
		q[n++] = s->group[i];
	}
	for (i = 0; i < n; i++)
		want[i] = q[i].count;
	return !s->shared && !share_out(who, q, n, want, 0);
}

static bool of_robots(const struct scene_commit *c)
{
	return had_a_hand(c, SCENE_AGENT, EXCLUDE_AUTHOR | EXCLUDE_COMMITTER) ||
		had_a_hand(c, SCENE_FORGE, EXCLUDE_AUTHOR | EXCLUDE_COMMITTER);
}

static void approvals(struct trial *t)
{
	const struct scene *s = t->s;
	const struct scene_quorum robots = {s->rule.by, s->robot_count};
	unsigned few = 0, robot = 0, group = 0, path[SCENE_RULES] = {0},
		 owner[SCENE_RULES] = {0}, all;
	size_t i, k, first = t->n;

	for (i = 0; i < s->n; i++) {
		const struct scene_commit *c = &s->commit[i];
		unsigned who = approvers(t, i), bit = 1u << i;

		if (s->clean_merges && c->clean)
			continue;
		if (!enough(who, &s->rule))
			few |= bit;
		if (of_robots(c) && !enough(who, &robots))
			robot |= bit;
		if (s->ngroup &&
			(groups_lack(s, who, s->rule.count) ||
				(of_robots(c) &&
					groups_lack(s, who, s->robot_count))))
			group |= bit;
		for (k = 0; k < s->npath; k++)
			if (has(c->paths, k) && !enough(who, &s->path[k]))
				path[k] |= bit;
		for (k = 0; k < s->nowner; k++)
			if (has(s->owned[k], i) && !enough(who, &s->owner[k]))
				owner[k] |= bit;
	}
	say(t, "approval.too_few", few);
	say(t, "approval.robot", robot);
	say(t, "approval.group", group);
	for (k = 0; k < s->npath; k++)
		say(t, "approval.path", path[k]);
	for (k = 0; k < s->nowner; k++)
		say(t, "approval.codeowners", owner[k]);
	if (!s->forges || !s->forge_silent)
		return;
	/* What is lacking without the forge's word may not be lacking, and
	 * whoever is heard there may be against any of it. */
	for (all = 0, i = first; i < t->n; i++)
		all |= t->wrong[i].commits;
	for (i = 0; i < SCENE_FORGES; i++)
		if (has(s->forges, i) && s->account[i] & s->objectors)
			all = (1u << s->n) - 1;
	t->n = first;
	say(t, "approval.forge", all);
}

/* At a forge it is taken back there: one that is told of stands. */
static bool stands(const struct scene *s, const struct scene_word *w)
{
	if (w->forge != SCENE_TAGS)
		return is_heard(s, w);
	return w->status == APPROVAL_VALID && !w->other_ref;
}

static void objections(struct trial *t)
{
	size_t i;

	for (i = 0; i < t->s->nword; i++) {
		const struct scene_word *w = &t->s->word[i];

		if (w->objection && stands(t->s, w) &&
			has(t->s->objectors, w->who))
			say(t, "approval.objection", covers(t, w));
	}
}

/* Waivers. */

/* Whether that one makes the person one more who waives it in commit ${c}. */
static bool waives(const struct trial *t, const struct scene_waiving *rule,
	const struct scene_waiver *w, const struct wrong *x, size_t c)
{
	const struct scene *s = t->s;
	bool one = !strncmp(x->id, "signature.", 10);
	unsigned about = one ? x->commits & 1u << w->commit
			     : x->commits & t->reach[w->commit];
	size_t i;

	if (strcmp(scene_ids[w->finding], x->id) || !has(about, c))
		return false;
	if (w->status != WAIVER_VALID || w->other_ref || is_robot(w->who) ||
		!has(rule->by, w->who))
		return false;
	if (w->days <= 0 || w->days > (int)rule->max_days ||
		w->days + w->age > (int)rule->max_days)
		return false;
	if ((rule->exclude & EXCLUDE_PUSHER) && pushes(s, w->who))
		return false;
	about |= 1u << w->commit;
	for (i = 0; i < s->n; i++)
		if (has(about, i) &&
			had_a_hand(&s->commit[i], w->who, rule->exclude))
			return false;
	return true;
}

static bool is_waived_by(const struct trial *t,
	const struct scene_waiving *rule, const struct wrong *x)
{
	size_t c, i;

	for (c = 0; c < t->s->n; c++) {
		unsigned who = 0;

		if (!has(x->commits, c))
			continue;
		for (i = 0; i < t->s->nwaiver; i++)
			if (waives(t, rule, &t->s->waiver[i], x, c))
				who |= 1u << t->s->waiver[i].who;
		if ((unsigned)__builtin_popcount(who) < rule->count)
			return false;
	}
	return true;
}

static bool is_let_pass(const struct trial *t, const struct wrong *x)
{
	const struct scene *s = t->s;
	size_t i, k;

	for (k = 0; scene_ids[k] && strcmp(scene_ids[k], x->id); k++)
		;
	if (!scene_ids[k])
		return false;
	if (k == s->warned)
		return true;
	/* What is in doubt cannot be waived; a key that others have only by
	 * its name, which no waiver here has. */
	if (!strcmp(x->id, "signature.malformed") ||
		!strcmp(x->id, "signature.compromised"))
		return false;
	for (i = 0; i < s->nwaiving; i++)
		if (has(s->waiving[i].findings, k) &&
			is_waived_by(t, &s->waiving[i], x))
			return true;
	return false;
}

const char *scene_wrong(const struct scene *s)
{
	struct trial t = {.s = s};
	size_t i, k;

	for (i = 0; i < s->n; i++) {
		t.reach[i] = 1u << i;
		for (k = 0; k < s->commit[i].nparent; k++)
			t.reach[i] |= t.reach[s->commit[i].parent[k]];
	}
	signatures(&t);
	approvals(&t);
	objections(&t);
	for (i = 0; i < t.n; i++)
		if (!is_let_pass(&t, &t.wrong[i]))
			return t.wrong[i].id;
	return NULL;
}
