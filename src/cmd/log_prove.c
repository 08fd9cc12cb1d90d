/* sluice log prove: what the gate decided on a commit, in a file that shows it
 * to whoever has the log's verifier key. */
#include "base/io.h"
#include "cmd/log.h"
#include "log/keyholder.h"
#include "log/prooffile.h"
#include "log/store.h"
#include "parse/policy.h"

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
	if (r.decision != ENTRY_NONE)
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

/* What the options ask for. */
struct prove {
	const char *repository, *ref;
	const char *approved_by;
	bool witnessed, statement, vsa;
	struct prove_span span; /* with its ref: instead of all else */
};

/* The update a summary is of: the one asked for, or the only one that does. */
static bool is_of(const struct prove *k, const struct index_row *r,
	const struct index_update *u, const struct oid *o)
{
	if (!u->applied || r->verdict != VERDICT_ACCEPT ||
		(o && !oid_eq(&u->new, o)) || oid_is_zero(&u->new))
		return false;
	return k->ref ? span_is(u->ref, k->ref)
		      : !span_starts(u->ref, SPAN_LIT("refs/sluice/"));
}

/* The newest decision among the rows that let a ref have the object; or the
 * newest at all, of which there is no more to say than its record. */
static int choose_update(const struct prove *k, const struct index_rows *rows,
	const struct oid *o, struct attest *out, struct err *err)
{
	const struct index_row *r;
	size_t i, u;

	for (i = rows->n; i-- > 0;) {
		r = &rows->v[i];
		if (r->kind != RECORD_DECISION ||
			(k->repository &&
				!span_is(r->repository, k->repository)))
			continue;
		out->entry = r->entry;
		if (!k->vsa)
			return 0;
		for (u = 0; u < r->nupdate; u++) {
			if (!is_of(k, r, &r->update[u], o))
				continue;
			if (out->ref.n) {
				err_set(err, ERR_USAGE,
					"the push of entry %llu moved several "
					"refs there",
					(unsigned long long)r->entry);
				return err_hint(err, "--ref says which");
			}
			out->ref = r->update[u].ref;
		}
		if (out->ref.n)
			return 0;
	}
	return err_set(err, ERR_LOG,
		"no push in the log let %s have it, and no summary is made "
		"of less",
		k->ref ? k->ref : "a ref");
}

static int attestation(struct run *run, const struct prove *k,
	const struct index_rows *rows, const struct oid *o, struct err *err)
{
	struct buf path = PATH_BUF_INIT, policy = BUF_INIT(POLICY_FILE_MAX);
	struct buf out = BUF_INIT(2 * RECORD_MAX);
	struct attest what = {.entry = 0};
	int ret = -1;

	if (choose_update(k, rows, o, &what, err))
		goto out;
	if (k->vsa) {
		if (io_read_file(run_policy_path(run, &path), &policy, err))
			goto out;
		what.policy = buf_all(&policy);
	}
	if (keyholder_attest(run->state, &what, &out, err))
		goto out;
	fwrite(out.p, out.n, 1, stdout);
	ret = 0;
out:
	buf_free(&out);
	buf_free(&policy);
	buf_free(&path);
	return ret;
}

/* As whoever gets the proof will find: 1 if it shows the approval. */
static int is_approved(const char *state, const struct prove *k,
	struct span text, struct arena *a, struct err *err)
{
	const struct proof_question q = {.repository = span_str(k->repository)};
	struct buf vkey = BUF_INIT(4096);
	enum proof_verdict verdict;
	struct proof_file p = {.nitem = 0};
	int ret = -1;

	if (!store_vkey(state, &vkey, err) &&
		!proof_file_open(text, buf_all(&vkey), a, &p, &verdict, err) &&
		verdict == PROOF_GOOD)
		ret = proof_file_approval(&p, &q, span_str(k->approved_by)) !=
			NULL;
	proof_file_free(&p);
	buf_free(&vkey);
	return ret;
}

enum exit_code cmd_log_prove(struct run *run, int argc, char **argv)
{
	struct prove k = {.repository = NULL};
	const struct option_def defs[] = {
		{"--repository", OPTION_TEXT, &k.repository,
			"only what was decided there"},
		{"--witnessed", OPTION_FLAG, &k.witnessed,
			"by the newest checkpoint that the witnesses signed"},
		{"--statement", OPTION_FLAG, &k.statement,
			"instead: the record, an in-toto Statement in DSSE"},
		{"--vsa", OPTION_FLAG, &k.vsa,
			"instead: a SLSA source verification summary in DSSE"},
		{"--ref", OPTION_TEXT, &k.ref, "with --vsa: of what ref"},
		{"--approved-by", OPTION_TEXT, &k.approved_by,
			"only if it shows that this person approved it"},
		{"--continuous", OPTION_TEXT, &k.span.ref,
			"instead: that this ref was gated without a gap"},
		{"--from", OPTION_TEXT, &k.span.from,
			"from that time, like 2026-11-23T08:00:00Z"},
		{"--to", OPTION_TEXT, &k.span.to,
			"to that time (the log's newest entry)"},
	};
	struct log_reader *log = NULL;
	struct buf out = BUF_INIT(PROOF_FILE_MAX);
	struct arena *a = arena_new(LOG_ARENA);
	struct numbers numbers = {.n = 0};
	struct index_rows rows = {.n = 0};
	struct index_row row;
	struct index *ix = NULL;
	struct err err = ERR_INIT;
	struct oid oid, *subject = NULL;
	enum exit_code status;
	uint64_t n;
	int left, r = 0;

	left = options_read(run, defs, ARRAY_LEN(defs), argc, argv, &err);
	if (left >= 0 && run->help) {
		status = cmd_usage("log prove", "N|COMMIT|--continuous REF",
			defs, ARRAY_LEN(defs));
		goto out;
	}
	if (left >= 0 && (k.span.ref || k.span.from || k.span.to)) {
		k.span.repository = k.repository;
		k.span.witnessed = k.witnessed;
		if (left || k.statement || k.vsa || k.ref || k.approved_by ||
			!k.span.ref || !k.span.from)
			err_set(&err, ERR_USAGE,
				"--continuous REF takes --from T, and --to T, "
				"--repository or --witnessed, and nothing "
				"else");
		status = err.code ? cmd_fail(&err)
				  : log_prove_span(run, &k.span, &err);
		goto out;
	}
	if (left >= 0 && left != 1)
		err_set(&err, ERR_USAGE,
			"log prove takes an entry's number or a commit");
	else if (left >= 0 &&
		(k.statement + k.vsa + k.witnessed > 1 || (k.ref && !k.vsa) ||
			(k.approved_by && (k.statement || k.vsa))))
		left = err_set(&err, ERR_USAGE,
			"--statement, --vsa and --witnessed exclude each "
			"other, --approved-by the first two, and --ref goes "
			"with --vsa");
	if (left != 1 || index_open(run->state, &ix, &err))
		goto fail;
	if (log_is_number(argv[1], &n)) {
		if (choose_entry(ix, n, a, &numbers, &err) ||
			index_entry(ix, numbers.v[0], a, &row, &err))
			goto fail;
		rows = (struct index_rows){&row, 1};
	} else {
		r = log_object(ix, argv[1], a, &oid, &err);
		if (r < 0 || (!r && index_commit(ix, &oid, a, &rows, &err)))
			goto fail;
		if (!r)
			choose(&rows, k.repository, &numbers);
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
	if (k.statement || k.vsa) {
		if (attestation(run, &k, &rows, subject, &err))
			goto fail;
		status = EXIT_YES;
		goto out;
	}
	if (k.witnessed && open_witnessed(run->state, &numbers, &log, &err))
		goto fail;
	if (proof_file_write(log ? log : index_log(ix), run->state, numbers.v,
		    numbers.n, subject, &out, &err))
		goto fail;
	if (k.approved_by) {
		r = is_approved(run->state, &k, buf_all(&out), a, &err);
		if (r < 0)
			goto fail;
		if (!r) {
			fprintf(stderr,
				"sluice: no record of a push that let it in "
				"has an approval by that person: there is "
				"nothing to prove\n");
			status = EXIT_NO;
			goto out;
		}
	}
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
