/* Which repository holds the policy, for those who open none. */
#ifndef CMD_POLICYNAME_H
#define CMD_POLICYNAME_H

#include "base/arena.h"
#include "base/err.h"

#define ROOT_FILE "root.json" /* in the state folder */

/*
 * policyname_read(state, a, out, err):
 * The name in ROOT_FILE, as far as that can be told without being able to read
 * a policy; *${out} is NULL when there is no such file. The judge reads all of
 * it and compares.
 */
MUST_USE int policyname_read(
	const char *state, struct arena *a, const char **out, struct err *err);

#endif
