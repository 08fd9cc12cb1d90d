/* sluice init: a log of one's own, its key, and a policy to start from. */
#include "base/io.h"
#include "cmd/cmd.h"
#include "gather/gather.h"
#include "log/store.h"

/* Valid, and lets nothing in: every push is "policy.silent" until somebody
 * writes down who may do what. */
static const char skeleton[] =
	"{\n"
	"  \"comment\": \"Refuses every push until people and repositories "
	"are named: sluice-policy(5). Examples lie beside the program in "
	"share/sluice/policies.\",\n"
	"  \"people\": {},\n"
	"  \"groups\": {},\n"
	"  \"repositories\": []\n"
	"}\n";

static int write_policy(const char *path, struct err *err)
{
	if (io_exists(path))
		return 0;
	return io_replace(path, span_str(skeleton), 0644, err);
}

enum exit_code cmd_init(struct run *run, int argc, char **argv)
{
	const char *origin = NULL;
	const struct option_def defs[] = {
		{"--origin", OPTION_TEXT, &origin,
			"what the log is called for ever, like "
			"git.example.org/sluice"},
	};
	struct buf vkey = BUF_INIT(4096), path = PATH_BUF_INIT;
	struct err err = ERR_INIT;
	const char *policy;
	enum exit_code status;
	int left;

	left = options_read(run, defs, ARRAY_LEN(defs), argc, argv, &err);
	if (left >= 0 && run->help)
		return cmd_usage(
			"init", "--origin NAME", defs, ARRAY_LEN(defs));
	if (left > 0)
		err_set(&err, ERR_USAGE, "init takes no arguments");
	if (!left && !origin) {
		left = err_set(&err, ERR_USAGE, "init needs --origin");
		err_hint(&err,
			"a name for the log that stays: the host and a "
			"path, like git.example.org/sluice");
	}
	policy = run_policy_path(run, &path);
	if (left || store_create(run->state, span_str(origin), &vkey, &err) ||
		write_policy(policy, &err) ||
		secrets_prepare(run->state, &err)) {
		status = cmd_fail(&err);
		goto out;
	}
	printf("%s\n", buf_cstr(&vkey));
	if (!run->quiet) {
		fprintf(stderr,
			"sluice: made the log '%s' in %s\n"
			"Above is its verifier key: give it to whoever will "
			"check the log, by another way than this server.\n"
			"Next:\n"
			"  1. say who may push what in %s\n"
			"     and look it over: sluice policy check %s\n"
			"  2. sluice install REPO.git\n"
			"  3. sluice doctor REPO.git\n",
			origin, run->state, policy, policy);
	}
	status = EXIT_YES;
out:
	buf_free(&vkey);
	buf_free(&path);
	return status;
}
