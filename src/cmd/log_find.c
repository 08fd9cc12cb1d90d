/* sluice log find: the entries that name a commit or tag. */
#include "cmd/log.h"
#include "cmd/log_doubts.h"

static void tell(const struct log_doubts *d, const struct index_row *r)
{
	struct doc *compromised = d->run->json ? log_doubts_doc(d, r) : NULL;

	log_row(r, d->run->json, compromised);
	log_doubts_say(d, r);
	doc_free(compromised);
}

enum exit_code cmd_log_find(struct run *run, int argc, char **argv)
{
	struct arena *a = arena_new(LOG_ARENA);
	struct index_rows rows = {0};
	struct index *ix = NULL;
	struct log_doubts doubts;
	struct err err = ERR_INIT;
	enum exit_code status;
	struct oid oid;
	size_t i;
	int left, r;

	left = options_read(run, NULL, 0, argc, argv, &err);
	if (left >= 0 && run->help) {
		status = cmd_usage("log find", "COMMIT", NULL, 0);
		goto out;
	}
	if (left >= 0 && left != 1)
		err_set(&err, ERR_USAGE, "log find takes one object name");
	if (left != 1 || index_open(run->state, &ix, &err)) {
		status = cmd_fail(&err);
		goto out;
	}
	r = log_object(ix, argv[1], a, &oid, &err);
	if (r < 0 || (!r && index_commit(ix, &oid, a, &rows, &err))) {
		status = cmd_fail(&err);
		goto out;
	}
	log_doubts_look(&doubts, run, rows.v, rows.n, a);
	for (i = 0; i < rows.n; i++)
		tell(&doubts, &rows.v[i]);
	log_doubts_free(&doubts);
	status = rows.n ? EXIT_YES : EXIT_NO;
	if (!rows.n && !run->quiet)
		fprintf(stderr, "sluice: no entry of the log names '%s'\n",
			argv[1]);
out:
	index_close(ix);
	arena_free(a);
	return status;
}
