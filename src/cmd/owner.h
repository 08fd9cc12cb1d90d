/* Root acting as the account that owns the state folder, which is the one that
 * runs git-receive-pack. */
#ifndef CMD_OWNER_H
#define CMD_OWNER_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"

/* owner_become(state, quiet, err): for good. Nothing happens for others than
 * root, or when root owns the folder. */
MUST_USE int owner_become(const char *state, bool quiet, struct err *err);

#define OWNER_GROUPS_MAX 64
struct owner {
	bool changed;
	gid_t group[OWNER_GROUPS_MAX];
	int ngroup;
};
/* owner_enter, owner_leave: for a while, to see what that account sees. */
MUST_USE int owner_enter(
	const char *state, struct owner *back, struct err *err);
void owner_leave(const struct owner *back);

#endif
