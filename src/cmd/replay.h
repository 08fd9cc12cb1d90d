/* sluice policy replay: past pushes under another policy. */
#ifndef CMD_REPLAY_H
#define CMD_REPLAY_H

#include "cmd/cmd.h"

struct replay_options {
	const char *since;      /* a date or time; NULL: from the beginning */
	const char *repository; /* of one only; NULL: of all */
	bool diff;              /* only what would be decided otherwise */
};

/* policy_replay(run, opt, path): the policy in that file. */
enum exit_code policy_replay(
	struct run *run, const struct replay_options *opt, const char *path);

#endif
