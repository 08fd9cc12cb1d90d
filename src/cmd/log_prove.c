/* sluice log prove: what the gate decided on a commit, in a file that shows it
 * to whoever has the log's verifier key. */
#include "base/io.h"
#include "cmd/log.h"
#include "log/prooffile.h"

struct numbers {
	uint64_t v[PROOF_ITEMS_MAX];
	size_t n;
};

static void add(struct numbers *to, uint64_t n)
{
	size_t i;

	for (i = 0; i < to->n; i++)
		if (to->v[i] == n)
			return;
	if (to->n < PROOF_ITEMS_MAX)
		to->v[to->n++] = n;
}

static void add_row(struct numbers *to, const struct index_row *r)
{
	/* Room for both, or for neither: half an answer misleads. */
	if (to->n + 2 > PROOF_ITEMS_MAX)
		return;
	add(to, r->entry);
	if (r->kind == RECORD_DECISION && r->outcome != ENTRY_NONE)
		add(to, r->outcome);
}

/*
 * All that let the commit in, the newest first, with their outcomes; if
 * nothing did, the newest entry that names it.
 */
static void choose(const struct index_rows *rows, const char *repository,
	struct numbers *out)
{
	const struct index_row *newest = NULL;
	size_t i;

	for (i = rows->n; i-- > 0;) {
		const struct index_row *r = &rows->v[i];

		if (repository && !span_is(r->repository, repository))
			continue;
		if (!newest)
			newest = r;
		if (r->kind == RECORD_ADOPT ||
			(r->verdict == VERDICT_ACCEPT && r->applied))
			add_row(out, r);
	}
	if (!out->n && newest)
		add_row(out, newest);
}

static int choose_entry(struct index *ix, uint64_t n, struct arena *a,
	struct numbers *out, struct err *err)
{
	struct index_row r;

	if (index_entry(ix, n, a, &r, err))
		return -1;
	if (r.kind == RECORD_OUTCOME)
		add(out, r.decision);
	add_row(out, &r);
	return 0;
}

static int open_witnessed(const char *state, const struct numbers *numbers,
	struct log_reader **out, struct err *err)
{
	size_t i;

	if (log_open_witnessed(state, out, err))
		return -1;
	for (i = 0; i < numbers->n; i++) {
		if (numbers->v[i] < log_size(*out))
			continue;
		err_set(err, ERR_LOG,
			"entry %llu is newer than what the witnesses signed",
			(unsigned long long)numbers->v[i]);
		return err_hint(
			err, "'sluice log witness' has the newest signed");
	}
	return 0;
}

enum exit_code cmd_log_prove(struct run *run, int argc, char **argv)
{
	const char *repository = NULL;
	bool witnessed = false;
	const struct option_def defs[] = {
		{"--repository", OPTION_TEXT, &repository,
			"only what was decided there"},
		{"--witnessed", OPTION_FLAG, &witnessed,
			"by the newest checkpoint that the witnesses signed"},
	};
	struct log_reader *log = NULL;
	struct buf out = BUF_INIT(PROOF_FILE_MAX);
	struct arena *a = arena_new(LOG_ARENA);
	struct numbers numbers = {.n = 0};
	struct index_rows rows;
	struct index *ix = NULL;
	struct err err = ERR_INIT;
	struct oid oid, *subject = NULL;
	enum exit_code status;
	uint64_t n;
	int left, r = 0;

	left = options_read(run, defs, ARRAY_LEN(defs), argc, argv, &err);
	if (left >= 0 && run->help) {
		status = cmd_usage(
			"log prove", "N|COMMIT", defs, ARRAY_LEN(defs));
		goto out;
	}
	if (left >= 0 && left != 1)
		err_set(&err, ERR_USAGE,
			"log prove takes an entry's number or a commit");
	if (left != 1 || index_open(run->state, &ix, &err))
		goto fail;
	if (log_is_number(argv[1], &n)) {
		if (choose_entry(ix, n, a, &numbers, &err))
			goto fail;
	} else {
		r = log_object(ix, argv[1], a, &oid, &err);
		if (r < 0 || (!r && index_commit(ix, &oid, a, &rows, &err)))
			goto fail;
		if (!r)
			choose(&rows, repository, &numbers);
		subject = &oid;
	}
	if (!numbers.n) {
		fprintf(stderr,
			"sluice: no entry of the log names '%s': there is "
			"nothing to prove\n",
			argv[1]);
		status = EXIT_NO;
		goto out;
	}
	if (witnessed && open_witnessed(run->state, &numbers, &log, &err))
		goto fail;
	if (proof_file_write(log ? log : index_log(ix), run->state, numbers.v,
		    numbers.n, subject, &out, &err))
		goto fail;
	fwrite(out.p, out.n, 1, stdout);
	status = EXIT_YES;
	goto out;
fail:
	status = cmd_fail(&err);
out:
	log_close(log);
	index_close(ix);
	arena_free(a);
	buf_free(&out);
	return status;
}
