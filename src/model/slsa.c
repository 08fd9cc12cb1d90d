#include "model/slsa.h"

#include "model/finding.h"

/* Whether a severity of the policy could have let such findings pass. */
static bool is_weakened(const struct rules *r, const char *group)
{
	struct span of = span_str(group);
	size_t i;

	for (i = 0; i < r->nseverity; i++) {
		struct span p = span_str(r->severity[i].finding);

		if (r->severity[i].severity == SEVERITY_BLOCK)
			continue;
		if (p.n && p.p[p.n - 1] == '*')
			p.n--;
		if (span_starts(p, of) || span_starts(of, p))
			return true;
	}
	return false;
}

/* The ref cannot be rewritten or taken away. */
static bool is_kept(const struct slsa_facts *f)
{
	const struct rule_ref *r = f->rules->ref;

	return r && r->deny_delete && !f->rules->observe &&
		!is_weakened(f->rules, "ref.") &&
		(f->is_tag ? r->deny_move : r->deny_force_push);
}

/* Who made each commit is shown by a key of theirs. */
static bool is_controlled(const struct rules *r)
{
	return r->signature && r->signature->by.n &&
		!is_weakened(r, "signature.");
}

/*
 * Somebody else than author and pusher has approved exactly what came: not a
 * patch like it, and merges are not taken on trust. A robot is nobody: beside
 * one it takes two who approve to make two people.
 */
static bool is_reviewed(const struct slsa_facts *f)
{
	const unsigned others = EXCLUDE_AUTHOR | EXCLUDE_PUSHER;
	const struct rule_approval *a = f->rules->approval;

	if (!a || !a->count || (a->exclude & others) != others)
		return false;
	if (f->by_robot && a->count < 2 && a->robot_count < 2)
		return false;
	return !a->binds_patch && !a->clean_merges &&
		!is_weakened(f->rules, "approval.");
}

enum slsa_source slsa_source(const struct slsa_facts *f)
{
	if (!f->accepted)
		return SLSA_SOURCE_0;
	if (!f->continuous || !is_kept(f))
		return SLSA_SOURCE_1;
	if (f->waived || !is_controlled(f->rules))
		return SLSA_SOURCE_2;
	return is_reviewed(f) ? SLSA_SOURCE_4 : SLSA_SOURCE_3;
}
