/* sluice-repo: the subcommands that open repositories, keyrings and pattern
 * databases, and the judge. sluice starts it. */
#include "cmd/dispatch.h"

static const struct cmd cmds[] = {
	{"judge", "", "", cmd_judge},
	{"reviews", "", "", cmd_reviews},
	{"countersign", "", "", cmd_countersign},
	{"init", "", "", cmd_init},
	{"install", "", "", cmd_install},
	{"uninstall", "", "", cmd_uninstall},
	{"doctor", "", "", cmd_doctor},
	{"check", "", "", cmd_check},
	{"approve", "", "", cmd_approve},
	{"waive", "", "", cmd_waive},
	{"deployed", "", "", cmd_deployed},
	{"audit", "", "", cmd_audit},
	{"policy", "", "", cmd_policy},
	{"log", "", "", cmd_log_repo},
	{"scan", "", "", cmd_scan},
	{"verify", "", "", cmd_verify_keys},
	{NULL, NULL, NULL, NULL},
};

int main(int argc, char **argv)
{
	return (int)dispatch(cmds, argc, argv);
}
