/* sluice check: what its two files share. */
#ifndef CMD_CHECK_H
#define CMD_CHECK_H

#include "cmd/cmd.h"

struct check_options {
	const char *ref, *remote, *url, *repository, *as, *chain;
	bool is_signed, offline, pre_push;
};

/* check_hook(run, install): put the pre-push hook into this clone, or take it
 * away. */
enum exit_code check_hook(struct run *run, bool install);

#endif
