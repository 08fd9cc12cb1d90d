/*
 * One push to one ref, in plain numbers: who made, signed, approved, objected
 * to and waived what, and what the rules ask. The same scene can be made facts
 * for the gate, and be judged by a slow judge that was written from
 * sluice-policy(5) and shares no code with the gate: people, commits and their
 * sets are bits, and whatever there is to find is found by trying all ways.
 */
#ifndef SUPPORT_SCENE_H
#define SUPPORT_SCENE_H

#include "support/facts.h"

enum {
	SCENE_HUMANS = 5,
	SCENE_AGENT = SCENE_HUMANS, /* a robot without limits */
	SCENE_FORGE,                /* a robot whose signature may be limited */
	SCENE_PEOPLE,
	SCENE_NOBODY = SCENE_PEOPLE,
};

#define SCENE_COMMITS 9
#define SCENE_WORDS 10
#define SCENE_WAIVERS 6
#define SCENE_RULES 2 /* of one sort: groups, paths, owners, waiving */
#define SCENE_FORGES 2
#define SCENE_TAGGED 2      /* tags that a merge has in its header */
#define SCENE_TAGS SIZE_MAX /* where a word stands: no forge, a signed tag */

struct scene_tag {
	size_t tagger, signer; /* or SCENE_NOBODY */
	enum signature_status status;
	enum signature_kind kind;
	bool malformed;
	size_t of; /* number of the parent; or more than there are */
};

struct scene_commit {
	size_t author, committer, coauthor;
	size_t signer; /* as far as it is told */
	enum signature_status status;
	enum signature_kind kind;
	bool malformed;
	size_t parent[2], nparent; /* earlier commits of the push */
	bool clean;
	struct scene_tag tag[SCENE_TAGGED];
	size_t ntag;
	unsigned paths; /* bit i: touches what path[i] is about */
};

/* An approval or an objection. */
struct scene_word {
	bool objection;
	size_t who, commit;
	enum approval_status status;
	bool other_ref;
	size_t forge; /* or SCENE_TAGS */
	bool opened;
	bool alone; /* said of ${commit}, and of nothing that it reaches */
	/* Of what the commits were before a rebase, instead of ${commit}. */
	bool carried;
	unsigned covers;
	size_t was_author, was_signer;
};

struct scene_waiver {
	size_t who, commit;
	size_t finding; /* index into scene_ids */
	enum waiver_status status;
	bool other_ref;
	int days, age; /* until it ends; since it was made */
};

/* People, and how many of them. */
struct scene_quorum {
	unsigned by, count;
};

struct scene_waiving {
	unsigned findings; /* bits of scene_ids */
	unsigned by, count, exclude, max_days;
};

struct scene {
	struct scene_commit commit[SCENE_COMMITS];
	struct scene_word word[SCENE_WORDS];
	struct scene_waiver waiver[SCENE_WAIVERS];
	size_t n, nword, nwaiver;
	size_t pusher;    /* whom the server tells */
	size_t certified; /* who signed the push */
	enum signs forge_signs;
	bool forge_silent;              /* it was asked and did not answer */
	unsigned account[SCENE_FORGES]; /* who has one there */

	unsigned may_sign, kinds;
	bool identity;
	enum merged_tags merged_tags;
	struct scene_quorum rule, group[SCENE_RULES], path[SCENE_RULES],
		owner[SCENE_RULES];
	size_t ngroup, npath, nowner;
	unsigned owned[SCENE_RULES]; /* the commits that owner[i] is about */
	bool shared, clean_merges, no_tags;
	unsigned forges; /* bits of those whose reviews count */
	unsigned exclude, objectors, robot_count;
	struct scene_waiving waiving[SCENE_RULES];
	size_t nwaiving;
	size_t warned; /* of scene_ids: only warned of; or more than there are */
};

/* Findings that waivers here are about; ends with NULL. */
extern const char *const scene_ids[];
#define SCENE_IDS 13

/* scene_world(s, w): as the facts of an open world's only ruled update. */
void scene_world(const struct scene *s, struct world *w);

/*
 * scene_make(s), scene_rules(s):
 * A random one; or other rules for the same history, people and words.
 * ${scene_seed} before says which.
 */
extern uint64_t scene_seed;
void scene_make(struct scene *s);
void scene_rules(struct scene *s);

/* scene_wrong(s): the finding for which the slow judge refuses it, or NULL. */
const char *scene_wrong(const struct scene *s);

#endif
