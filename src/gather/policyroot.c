#include "gather/policyroot.h"

#include "base/io.h"
#include "base/text.h"

static int only(bool holds, const char *what, const char *path, struct err *err)
{
	if (holds)
		return 0;
	err_set(err, ERR_POLICY, "root '%s': expected %s", path, what);
	return err_hint(err, "sluice-policy(5), POLICY IN A REPOSITORY");
}

int policyroot_load(const char *path, struct arena *arena,
	struct policy_root **out, struct err *err)
{
	struct policy_root *root = ARENA_NEW(arena, struct policy_root);
	const struct repository_rules *r;
	const struct rules *rules;
	const char *name;

	*out = NULL;
	if (!io_exists(path))
		return 0;
	if (policy_load(path, arena, &root->policy, err))
		return err_in(err, "root");
	r = root->policy->repository;
	if (only(root->policy->nrepository == 1 && r->nmatch == 1,
		    "one repository, with one name", path, err))
		return -1;
	name = r->match[0];
	rules = &r->ref->rules;
	if (only(!strpbrk(name, "*?"), "a name without '*' and '?'", path,
		    err) ||
		only(r->nref == 1 && r->ref->nmatch == 1 &&
				!strcmp(r->ref->match[0], POLICY_REF),
			"rules for " POLICY_REF " alone", path, err) ||
		only(rules->approval && rules->approval->count &&
				!rules->approval->npath &&
				!rules->approval->ngroup &&
				!rules->approval->nforge &&
				!rules->approval->no_tags,
			"an approval with 'count' and 'by' alone", path, err))
		return -1;
	root->repository = name;
	root->approval = rules->approval;
	*out = root;
	return 0;
}

static int moved(const char *how, const struct oid *to, struct err *err)
{
	char hex[OID_HEX + 1];

	err_set(err, ERR_POLICY, POLICY_REF " %s", how);
	return err_hint(err,
		"the administrator looks why, and then: git "
		"update-ref " POLICY_REF " %s",
		oid_hex(to, hex));
}

int policyroot_tip(struct repo *r, const struct oid *tip, size_t n,
	struct oid *at, struct err *err)
{
	bool there = repo_ref_value(r, POLICY_REF, at), known = false, behind;
	size_t i;

	if (!there)
		memset(at, 0, sizeof(*at));
	if (!there && !n)
		return 0;
	if (!there)
		return moved("is gone", &tip[0], err);
	if (!n) {
		err_set(err, ERR_POLICY,
			POLICY_REF " did not come through the gate");
		return err_hint(err,
			"take it away, and push it: git update-ref "
			"-d " POLICY_REF);
	}
	for (i = 0; i < n; i++)
		known = known || oid_eq(&tip[i], at);
	if (!known)
		return moved("was moved round the gate", &tip[0], err);
	for (i = 0; i < n; i++) {
		if (oid_eq(&tip[i], at) ||
			repo_type(r, &tip[i], NULL) != OBJECT_COMMIT)
			continue;
		if (repo_is_ancestor(r, at, &tip[i], &behind, err))
			return -1;
		if (behind)
			return moved("was moved back", &tip[i], err);
	}
	return 0;
}
