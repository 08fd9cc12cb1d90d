/*
 * The policy as text for people. policy_show is made to be compared: one fact a
 * line under the name that the policy file uses, every default spelled out,
 * groups resolved, people sorted. policy_explain is made to be read.
 */
#ifndef PARSE_POLICYTEXT_H
#define PARSE_POLICYTEXT_H

#include "base/arena.h"
#include "base/buf.h"
#include "model/policy.h"

/* policy_show(p, arena, out): the whole policy in effect. Needs no keys. */
void policy_show(const struct policy *p, struct arena *arena, struct buf *out);

/* The sections of a ref's rules, in the order in which they are shown. */
enum policy_section {
	SECTION_SIGNATURE,
	SECTION_IDENTITY,
	SECTION_APPROVAL,
	SECTION_ROBOT,
	SECTION_SECRET,
	SECTION_REF,
	SECTION_MESSAGE,
	SECTION_FILE,
	SECTION_WAIVER,
	SECTION_MODE,
	SECTION_SEVERITY,
	SECTIONS,
};
/* policy_show_section(r, section, arena, out): one of them as policy_show has
 * it; nothing where there is none. policy_show_people(p, arena, out): who is
 * who, whose files have their keys, and the groups. */
void policy_show_section(const struct rules *r, enum policy_section section,
	struct arena *arena, struct buf *out);
void policy_show_people(
	const struct policy *p, struct arena *arena, struct buf *out);

/*
 * policy_explain(p, rules, repository, ref, arena, out):
 * What a push to ${ref} must satisfy under ${rules} of ${p}, and the place in
 * the file that each demand comes from. ${repository} is only shown.
 */
void policy_explain(const struct policy *p, const struct rules *rules,
	const char *repository, const char *ref, struct arena *arena,
	struct buf *out);

/*
 * policy_diff(a, b, arena, out):
 * What changes between two texts of policy_show: each changed line with "- " or
 * "+ " before it, under the entry and ref it stands in. Equal texts: nothing.
 */
void policy_diff(
	struct span a, struct span b, struct arena *arena, struct buf *out);

#endif
