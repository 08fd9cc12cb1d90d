/*
 * The policy file (sluice-policy(5)): JSON, read strictly. Pure: key files are
 * only named here and no digest is filled in; policy_load of gather/ does that.
 */
#ifndef PARSE_POLICY_H
#define PARSE_POLICY_H

#include "base/arena.h"
#include "base/err.h"
#include "model/policy.h"

#define POLICY_FILE_MAX (4u << 20) /* bytes of a policy file */
#define POLICY_PEOPLE_MAX 20000
#define POLICY_GROUPS_MAX 1000
#define POLICY_ENTRIES_MAX 2000 /* of any list of rules or patterns */
#define POLICY_COUNT_MAX 100    /* approvals that may be asked for */
#define POLICY_FORGES_MAX 16
#define POLICY_SLOP_MAX 86400 /* seconds, signature.nonce_slop */

/* waiver.max_days by default, and at most. */
#define POLICY_WAIVER_DAYS 14
#define POLICY_WAIVER_DAYS_MAX 366

#define POLICY_DECODE_DEPTH 2 /* secret.decode_depth by default */
#define POLICY_DECODE_DEPTH_MAX 5

#define POLICY_MAX_BLOB (UINT64_C(50) << 20) /* secret.max_blob by default */

/* secret.archive_depth and secret.archive_max by default, and at most. */
#define POLICY_ARCHIVE_DEPTH 2
#define POLICY_ARCHIVE_DEPTH_MAX 5
#define POLICY_ARCHIVE_MAX (UINT64_C(256) << 20)
#define POLICY_ARCHIVE_MAX_MAX (UINT64_C(2) << 30)

/*
 * policy_parse(text, arena, out, err):
 * Everything in the result lives in the arena. Refused (ERR_POLICY, or
 * ERR_INPUT when it is not JSON) with the JSON path, what was expected and what
 * was found: unknown and duplicate keys, wrong types, empty lists, references
 * to nobody, groups that hold themselves, an e-mail, account or key file of two
 * people, rules that nobody could ever satisfy.
 */
MUST_USE int policy_parse(struct span text, struct arena *arena,
	struct policy **out, struct err *err);

#endif
