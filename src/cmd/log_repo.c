/* Those of sluice log that open keys and repositories: whether what was signed
 * is in doubt now. */
#include "cmd/log.h"

/* The front hands over the whole line, "log" and all. */
enum exit_code cmd_log_repo(struct run *run, int argc, char **argv)
{
	struct err err = ERR_INIT;
	int at = log_name_at(run, argc, argv, &err);

	if (at < 0)
		return cmd_fail(&err);
	if (at < argc && !strcmp(argv[at], "show"))
		return cmd_log_show(run, argc - at, argv + at);
	if (at < argc && !strcmp(argv[at], "find"))
		return cmd_log_find(run, argc - at, argv + at);
	return cmd_log_recheck(run, argc, argv);
}
