/*
 * What approvals and waivers share: both are signed tags under
 * refs/sluice/<kind>/<commit>/<anything>, in the repository or in the push, and
 * reach what their commit reaches inside the change that is pushed.
 */
#ifndef GATHER_SIGNEDTAG_H
#define GATHER_SIGNEDTAG_H

#include "gather/gather.h"

/* signed_tag_place(ref, prefix, out): the commit that the ref's own name
 * claims; false when it does not name one so. */
MUST_USE bool signed_tag_place(
	struct span ref, struct span prefix, struct oid *out);

/* signed_tag_read(g, id, out, fault, err): *${fault} says why it is no tag to
 * go on with, or is NULL; -1 only when it could not be read. */
MUST_USE int signed_tag_read(struct gather *g, const struct oid *id,
	struct tag *out, const char **fault, struct err *err);

/* Who signed it. */
struct signed_by {
	const struct person *person; /* NULL unless the signature is good */
	enum signature_kind kind;    /* then, and ${key}: with what */
	const char *key;
	bool stranger;      /* well signed, by nobody of the policy */
	const char *detail; /* why there is no person, or "" */
};
MUST_USE int signed_tag_judge(struct signers *s, const struct tag *tag,
	int64_t at, struct arena *arena, struct signed_by *out,
	struct err *err);

/* change_numbers(f, out): the commits of ${f}, each with its index; for
 * oid_set_free to free. */
void change_numbers(const struct facts *f, struct oid_set *out);

/* update_brings(uf, at): whether change number ${at} is among its own. */
bool update_brings(const struct update_fact *uf, size_t at);

/* update_reach(f, uf, numbers, commit, arena): bit i: ${commit} is or reaches
 * uf->change[i] by way of commits of the update. ${commit} must be one. */
uint64_t *update_reach(const struct facts *f, const struct update_fact *uf,
	const struct oid_set *numbers, const struct oid *commit,
	struct arena *arena);

#endif
