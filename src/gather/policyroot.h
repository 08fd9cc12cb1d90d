/*
 * The policy kept in a repository: POLICY_REF of one gated repository leads to
 * commits whose trees policysource_tree reads. Who may change it is said by a
 * file of the server, which no push can change.
 */
#ifndef GATHER_POLICYROOT_H
#define GATHER_POLICYROOT_H

#include "gather/gather.h"

#define POLICY_VERSION "version" /* file beside policy.json: a number */

/* The root: itself a policy file, of people and of one rule. */
struct policy_root {
	struct policy *policy;
	const char *repository;
	const struct rule_approval *approval; /* who, and how many */
};

/*
 * policyroot_load(path, arena, out, err):
 * *${out} is NULL when there is no such file. It has the form and the trust of
 * a policy, and names exactly one repository, by its name, with rules for
 * POLICY_REF alone: an approval by people of the root.
 */
MUST_USE int policyroot_load(const char *path, struct arena *arena,
	struct policy_root **out, struct err *err);

/*
 * policyroot_tip(r, tip, n, at, err):
 * Where POLICY_REF stands in the repository ${r}, which has to be a value that
 * the log admitted, of which ${tip} are the newest, and none that another of
 * them was built on: then it was moved back. *${at} is zero when there is none
 * yet and never was.
 */
MUST_USE int policyroot_tip(struct repo *r, const struct oid *tip, size_t n,
	struct oid *at, struct err *err);

/*
 * gather_policy_change(g, root, f, err):
 * facts->policy_change, when the push has an update of the root's POLICY_REF;
 * then also approvals for it, pushed or stored, are judged by the keys of the
 * root. ${root} may be NULL. No such ref of any repository is ever only
 * observed. After gather_approvals.
 */
MUST_USE int gather_policy_change(struct gather *g,
	const struct policy_root *root, struct facts *f, struct err *err);

#endif
