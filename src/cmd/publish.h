/* sluice policy publish: the policy where developers can fetch it. */
#ifndef CMD_PUBLISH_H
#define CMD_PUBLISH_H

#include "cmd/cmd.h"

/* policy_publish(run, n, repositories): into each of them; none named: where an
 * older one stands, of all that this state folder gates. */
enum exit_code policy_publish(struct run *run, int n, char **repositories);

#endif
