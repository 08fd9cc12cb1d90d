/* sluice: a policy gate for Git servers. The front: what the hooks run, the
 * log and its proofs. Other subcommands are in sluice-repo, with the libraries
 * they need, so that no push waits for those to be loaded. */
#include "cmd/dispatch.h"

static const struct cmd cmds[] = {
	{"init", "--origin NAME", "make a log, its key and a policy to fill in",
		NULL},
	{"install", "REPO.git…", "wire the hooks, adopt the history", NULL},
	{"uninstall", "REPO.git…", "put back the hooks that were there before",
		NULL},
	{"doctor", "[REPO.git…]", "is every gate really closed?", NULL},
	{"check", "[RANGE]", "what the gate will say, before the push", NULL},
	{"approve", "COMMIT --for REF", "sign that a commit may go to a ref",
		NULL},
	{"waive", "[FINDING …] --reason …", "sign that a finding may pass",
		NULL},
	{"deployed", "--inventory FILE | …", "did what runs pass a gate?",
		NULL},
	{"audit", "[REPO.git…]", "was the gate ever walked round?", NULL},
	{"hook", "pre-receive|post-receive", "what the hooks run", cmd_hook},
	{"policy", "check|show|explain|…", "say what a policy file means",
		NULL},
	{"scan", "PATH… | --git REPO [RANGE]", "look for secrets", NULL},
	{"log", "show|list|verify …", "what the gate recorded", cmd_log},
	{"logd", "[--socket PATH]", "keep the log for other accounts",
		cmd_logd},
	{"verify", "PROOF --vkey KEY", "what a proof shows, offline",
		cmd_verify},
	{"witness", "init|trust|add|cgi …", "vouch for the logs of others",
		cmd_witness},
	{NULL, NULL, NULL, NULL},
};

int main(int argc, char **argv)
{
	return (int)dispatch(cmds, argc, argv);
}
