/* Inside the reading of a policy: what its files share. */
#ifndef PARSE_POLICYREAD_H
#define PARSE_POLICYREAD_H

#include "parse/conf.h"
#include "parse/policy.h"

enum resolved {
	RESOLVED_NOT_YET,
	RESOLVED_OPEN, /* being resolved: meeting it again is a cycle */
	RESOLVED_DONE,
};

struct group {
	const char *name;
	struct conf *list;
	struct people people;
	enum resolved state;
};

struct reader {
	struct arena *arena;
	struct policy *policy;
	const struct person **by_name; /* sorted */
	struct group *group;
	size_t ngroup, pattern_cap, pattern_at_cap, pattern_of_cap;
};

/* list_limit(at, n, max, err): that a list of ${n} is not longer than ${max}.
 */
MUST_USE int list_limit(
	const struct conf *at, size_t n, size_t max, struct err *err);

/* people_list(r, list, min, out, err): a list of at least ${min} people and
 * groups; each person once, in the order of the list. */
MUST_USE int people_list(struct reader *r, struct conf *list, size_t min,
	struct people *out, struct err *err);

/* path_globs_read(list, what, expected, out, n, err): patterns of paths in a
 * commit, which neither start nor end with a slash. */
MUST_USE int path_globs_read(struct conf *list, const char *what,
	const char *expected, const char ***out, size_t *n, struct err *err);

/* approvers_check(policy, by, p, count, err): that among ${p} are as many as
 * ${count} who can sign approvals and waivers: people with a key who are no
 * robots. */
MUST_USE int approvers_check(const struct policy *policy, struct conf *by,
	const struct people *p, unsigned count, struct err *err);

/* servers_check(policy, a, by, p, count, err): that among ${p} are as many as
 * that who could give an approval from one of the sources of ${a}. */
MUST_USE int servers_check(const struct policy *policy,
	const struct rule_approval *a, struct conf *by, const struct people *p,
	unsigned count, struct err *err);

/* codeowners_read(r, c, a, err): approval.codeowners into ${a}, whose sources
 * are known; nothing for false. */
MUST_USE int codeowners_read(struct reader *r, struct conf *c,
	struct rule_approval *a, struct err *err);

/* exclude_read(list, out, err): EXCLUDE_ bits; all without a list (NULL). */
MUST_USE int exclude_read(struct conf *list, unsigned *out, struct err *err);

/* finding_known(id): a finding id, a prefix of some with a star, or a secret
 * rule, whose names only the rule pack knows; not those of the policy itself,
 * which has no say in them. */
bool finding_known(const char *id);

/* finding_check(at, id, err): that ${id}, a key, is known. */
MUST_USE int finding_check(
	const struct conf *at, const char *id, struct err *err);

/* hints_section(r, c, rules, err): texts by finding. */
MUST_USE int hints_section(
	struct reader *r, struct conf *c, struct rules *rules, struct err *err);

/* waiver_section(r, c, rules, err): one rule or a list of them. */
MUST_USE int waiver_section(
	struct reader *r, struct conf *c, struct rules *rules, struct err *err);

/* forges_section(r, root, err): read before people, who have accounts there. */
MUST_USE int forges_section(
	struct reader *r, struct conf *root, struct err *err);
/* forge_accounts_read(r, c, who, err): the accounts of a person at forges. */
MUST_USE int forge_accounts_read(
	struct reader *r, struct conf *c, struct person *who, struct err *err);
/* approval_sources(r, list, a, err): what counts as an approval; signed tags
 * without a list (NULL). */
MUST_USE int approval_sources(struct reader *r, struct conf *list,
	struct rule_approval *a, struct err *err);

/* name_check(at, name, err): a name of a person, a group or a forge. */
MUST_USE int name_check(
	const struct conf *at, const char *name, struct err *err);

/* X_section(r, c, out, err): the section X at ${c}, which is there. The file
 * pushrules.c has those about what stands in commits and who made them. */
MUST_USE int identity_section(struct reader *r, struct conf *c,
	const struct rule_identity **out, struct err *err);
MUST_USE int robot_section(struct reader *r, struct conf *c,
	const struct rule_robot **out, struct err *err);
MUST_USE int ref_section(struct reader *r, struct conf *c,
	const struct rule_ref **out, struct err *err);
MUST_USE int message_section(struct reader *r, struct conf *c,
	const struct rule_message **out, struct err *err);
MUST_USE int file_section(struct reader *r, struct conf *c,
	const struct rule_file **out, struct err *err);

#endif
