#include "support/scene.h"

#define FIRST_OF_APPROVALS 7 /* of scene_ids; the one most often lacking */
#define EXCLUDE_ALL (EXCLUDE_AUTHOR | EXCLUDE_COMMITTER | EXCLUDE_PUSHER)

uint64_t scene_seed = 88172645463325252u;

/* A generator of our own, so that a failure can be repeated. */
static size_t below(size_t n)
{
	scene_seed ^= scene_seed << 13;
	scene_seed ^= scene_seed >> 7;
	scene_seed ^= scene_seed << 17;
	return (size_t)((scene_seed >> 11) % n);
}

static bool one_in(size_t n)
{
	return !below(n);
}

static size_t somebody(void)
{
	return below(SCENE_PEOPLE);
}

/* Who makes most of a push, or nobody could approve any of it. */
static size_t maker(const struct scene *s)
{
	return s->n && below(4) ? s->commit[0].author : somebody();
}

/* Most of them. */
static unsigned some_people(void)
{
	unsigned set = 0;
	size_t i;

	for (i = 0; i < SCENE_PEOPLE; i++)
		set |= (unsigned)!one_in(4) << i;
	return set;
}

static struct scene_quorum quorum(size_t most)
{
	return (struct scene_quorum){some_people(), 1 + (unsigned)below(most)};
}

/* Nothing of what makes a signature bad helps whoever is its author. */
static void sign(struct scene_commit *c)
{
	static const enum signature_status bad[] = {SIGNATURE_BAD,
		SIGNATURE_MISSING, SIGNATURE_UNKNOWN_KEY, SIGNATURE_EXPIRED,
		SIGNATURE_REVOKED, SIGNATURE_COMPROMISED, SIGNATURE_WEAK,
		SIGNATURE_MALFORMED, SIGNATURE_UNSUPPORTED,
		SIGNATURE_UNCHECKED};

	c->signer = one_in(10) ? SCENE_FORGE
		: below(4)     ? c->author
			       : somebody();
	c->kind = one_in(60) ? SIGNATURE_OPENPGP : SIGNATURE_SSH;
	c->status = SIGNATURE_GOOD;
	c->malformed = one_in(200);
	if (one_in(200))
		c->signer = SCENE_NOBODY;
	if (below(30))
		return;
	/* Whose key it would have been is known of some of them. */
	c->status = bad[below(sizeof(bad) / sizeof(*bad))];
	if (one_in(2))
		c->signer = SCENE_NOBODY;
}

/* Most are as good as the commit's own. */
static void merged_tag(struct scene_commit *c)
{
	struct scene_tag *t = &c->tag[c->ntag++];
	struct scene_commit by = *c;

	by.author = somebody();
	sign(&by);
	*t = (struct scene_tag){.tagger = one_in(30) ? somebody() : by.signer,
		.signer = by.signer,
		.status = by.status,
		.kind = by.kind,
		.malformed = by.malformed,
		.of = one_in(20) ? below(3) : c->nparent - 1};
}

static void one_commit(struct scene *s, bool well)
{
	struct scene_commit *c = &s->commit[s->n];
	size_t i;

	*c = (struct scene_commit){.author = maker(s),
		.committer = maker(s),
		.coauthor = one_in(12) ? somebody() : SCENE_NOBODY,
		.nparent = !s->n                ? 0
			: s->n > 1 && one_in(3) ? 2
						: 1,
		.paths = (unsigned)(below(4) & below(4))};
	/* The newest is reached, or the update would not bring it. */
	for (i = 0; i < c->nparent; i++)
		c->parent[i] = i ? below(s->n - 1) : s->n - 1;
	c->clean = c->nparent == 2 && one_in(2);
	while (c->nparent == 2 && c->ntag < SCENE_TAGGED && !one_in(3))
		merged_tag(c);
	if (well) {
		c->signer = c->author;
		c->status = SIGNATURE_GOOD;
		c->kind = SIGNATURE_SSH;
		s->may_sign |= 1u << c->author;
	} else {
		sign(c);
	}
	s->n++;
}

static void one_word(struct scene *s)
{
	static const enum approval_status bad[] = {APPROVAL_INVALID,
		APPROVAL_STRANGER, APPROVAL_ELSEWHERE, APPROVAL_WITHDRAWN};
	struct scene_word *w = &s->word[s->nword++];

	*w = (struct scene_word){.objection = one_in(10),
		.who = somebody(),
		.commit = below(3) ? s->n - 1 : below(s->n),
		.status = APPROVAL_VALID,
		.forge = one_in(4) ? below(SCENE_FORGES) : SCENE_TAGS,
		.opened = one_in(8),
		.carried = one_in(4),
		.covers = 1u + (unsigned)below((1u << s->n) - 1),
		.was_author = one_in(3) ? somebody() : SCENE_NOBODY,
		.was_signer = one_in(3) ? somebody() : SCENE_NOBODY};
	if (w->objection && one_in(3))
		w->forge = below(SCENE_FORGES);
	if (w->carried)
		w->forge = SCENE_TAGS; /* only tags can be these */
	/* A signed objection is to one commit, one at a forge to all that the
	 * request brings; there are forges that ask commit by commit. */
	w->alone = w->forge == SCENE_TAGS ? w->objection : one_in(4);
	if (one_in(2))
		w->covers |= (1u << s->n) - 1;
	if (one_in(10))
		w->status = bad[below(sizeof(bad) / sizeof(*bad))];
	w->other_ref = one_in(20);
	/* What is not to be merged here, a forge is not asked of. */
	if (w->objection && w->forge != SCENE_TAGS)
		w->other_ref = false;
}

static void one_waiver(struct scene *s)
{
	struct scene_waiver *w = &s->waiver[s->nwaiver++];

	*w = (struct scene_waiver){.who = somebody(),
		.commit = below(2) ? s->n - 1 : below(s->n),
		.finding = below(SCENE_IDS),
		.status = one_in(10) ? (enum waiver_status)below(WAIVER_VALID)
				     : WAIVER_VALID,
		.other_ref = one_in(20),
		.days = one_in(12) ? -(int)below(2) : 1 + (int)below(3),
		.age = (int)below(3)};
	if (one_in(2))
		w->finding = FIRST_OF_APPROVALS +
			below(one_in(2) ? 1 : SCENE_IDS - FIRST_OF_APPROVALS);
}

void scene_rules(struct scene *s)
{
	size_t i;

	s->may_sign = some_people() | (unsigned)one_in(2) << SCENE_FORGE;
	s->kinds = one_in(8) ? SIGNATURE_BIT(SIGNATURE_SSH) : ~0u;
	s->identity = one_in(5);
	s->merged_tags =
		one_in(4) ? (enum merged_tags)below(3) : MERGED_TAGS_OFF;
	s->rule = quorum(1 + below(3));
	s->exclude = one_in(3) ? EXCLUDE_ALL : (unsigned)below(8);
	s->ngroup = one_in(3) ? 1 + below(SCENE_RULES) : 0;
	s->shared = one_in(3);
	s->npath = one_in(4) ? 1 + below(SCENE_RULES) : 0;
	s->nowner = one_in(4) ? 1 + below(SCENE_RULES) : 0;
	/* As the policy's reader has it: none only beside these. */
	if ((s->npath || s->nowner) && one_in(2))
		s->rule.count = 0;
	for (i = 0; i < SCENE_RULES; i++) {
		s->group[i] = quorum(2);
		s->path[i] = quorum(2);
		s->owner[i] = quorum(2);
	}
	s->robot_count = one_in(4) ? s->rule.count + 1 : 0;
	s->clean_merges = one_in(2);
	s->no_tags = one_in(10);
	s->forges = s->no_tags ? 1 + (unsigned)below(3)
		: one_in(3)    ? (unsigned)below(4)
			       : 0;
	s->objectors = one_in(2) ? 0
		: one_in(3)      ? 1u << somebody()
				 : some_people();
	s->nwaiving = one_in(2) ? 1 + below(SCENE_RULES) : 0;
	for (i = 0; i < SCENE_RULES; i++)
		s->waiving[i] = (struct scene_waiving){
			.findings = (unsigned)below(1u << SCENE_IDS) |
				(unsigned)below(1u << SCENE_IDS),
			.by = some_people(),
			.count = 1 + (unsigned)one_in(3),
			.exclude = one_in(3) ? EXCLUDE_ALL : (unsigned)below(8),
			.max_days = 1 + (unsigned)below(4)};
	s->warned = one_in(10) ? below(SCENE_IDS) : SCENE_IDS;
}

void scene_make(struct scene *s)
{
	bool well = one_in(2); /* or most fail by a signature alone */
	size_t i, k, n;

	*s = (struct scene){.pusher = below(SCENE_PEOPLE + 1),
		.certified = one_in(5) ? somebody() : SCENE_NOBODY,
		.forge_signs = (enum signs)below(3),
		.forge_silent = one_in(8)};
	scene_rules(s);
	for (i = 0; i < SCENE_FORGES; i++)
		s->account[i] = one_in(2) ? some_people() : 1u << somebody();
	for (i = 0, n = 1 + below(SCENE_COMMITS); i < n; i++)
		one_commit(s, well);
	for (i = 0; i < s->nowner; i++)
		for (k = 0; k < s->n; k++)
			s->owned[i] |= (unsigned)one_in(3) << k;
	for (i = 0, n = below(SCENE_WORDS + 1); i < n; i++)
		one_word(s);
	for (i = 0, n = s->nwaiving ? below(SCENE_WAIVERS + 1) : 0; i < n; i++)
		one_waiver(s);
}
