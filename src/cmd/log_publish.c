/* sluice log publish: the proofs of all that came through the gate, into the
 * repositories it came to. What is there stays; so it can be run again. */
#include <limits.h>

#include "base/proc.h"
#include "base/text.h"
#include "cmd/log.h"
#include "cmd/owner.h"
#include "deploy/proofref.h"
#include "deploy/repositories.h"
#include "log/prooffile.h"

#define BATCH 256 /* proofs in one commit */
#define NAMES_MAX ((size_t)1 << 30)

struct publish {
	struct run *run;
	const struct gated_repository *to;
	struct index *ix;
	struct log_reader *log; /* whose checkpoint the proofs have */
	bool witnessed;
	struct arena *a;
	struct oid_set there[2]; /* by name and decision; the second: those
				  * that are witnessed */
	struct proofref_push push[BATCH];
	struct buf text[BATCH];
	size_t n, bytes, total;
};

/* Object and decision as one name, for a set. */
static struct oid key_of(const struct oid *o, uint64_t decision)
{
	struct oid k = *o;
	size_t i;

	for (i = 0; i < sizeof(decision); i++)
		k.b[i] ^= (unsigned char)(decision >> 8 * i);
	return k;
}

static void note(struct publish *p, struct span path)
{
	struct span name = span_from(path, OID_HEX + 3);
	bool witnessed = span_ends(name, SPAN_LIT(".w"));
	uint64_t decision;
	struct oid o;

	if (witnessed)
		name = span_sub(name, 0, name.n - 2);
	if (!proofref_object(path, &o) ||
		!text_to_u64(name, UINT64_MAX, &decision))
		return;
	o = key_of(&o, decision);
	oid_set_add(&p->there[0], &o);
	if (witnessed)
		oid_set_add(&p->there[1], &o);
}

static int list(struct publish *p, struct err *err)
{
	const char *argv[] = {"git", "--git-dir", p->to->path, "ls-tree", "-r",
		"--name-only", PROOF_REF, NULL};
	struct buf names = BUF_INIT(NAMES_MAX), talk = BUF_INIT(4096);
	const struct proc run = {.argv = argv, .out = &names, .talk = &talk};
	struct span rest, line;
	struct proc_end end;
	int ret = proc_run(&run, &end, err);

	rest = buf_all(&names);
	/* Without the ref there are none yet. */
	while (!ret && !end.signal && !end.status &&
		span_line(&rest, &line, NULL))
		note(p, line);
	buf_free(&talk);
	buf_free(&names);
	return ret;
}

static int flush(struct publish *p, struct err *err)
{
	size_t i;
	int ret = 0;

	for (i = 0; i < p->n; i++)
		p->push[i].proof = buf_all(&p->text[i]);
	if (p->n)
		ret = proofref_write(p->to->path, p->push, p->n, err);
	for (i = 0; i < p->n; i++)
		buf_free(&p->text[i]);
	p->n = p->bytes = 0;
	return ret;
}

static int add(struct publish *p, const struct index_row *r, struct err *err)
{
	const uint64_t entry[] = {r->entry, r->outcome};
	struct oid *tip = arena_get(p->a, r->nupdate, sizeof(*tip));
	size_t i, ntip = 0;

	for (i = 0; i < r->nupdate; i++) {
		const struct index_update *u = &r->update[i];
		struct oid k = key_of(&u->new, r->entry);

		if (u->applied && !oid_is_zero(&u->new) &&
			!oid_set_has(&p->there[p->witnessed], &k))
			tip[ntip++] = u->new;
	}
	if (!ntip)
		return 0;
	p->text[p->n] = (struct buf)BUF_INIT(PROOF_SHORT_MAX);
	if (proof_file_short(p->log, entry, r->outcome == ENTRY_NONE ? 1 : 2,
		    &p->text[p->n], err))
		return -1;
	p->push[p->n] = (struct proofref_push){.decision = r->entry,
		.witnessed = p->witnessed,
		.tip = tip,
		.ntip = ntip};
	p->bytes += p->text[p->n++].n;
	p->total++;
	if (p->n < BATCH && p->bytes < PROOF_BATCH_MAX - PROOF_SHORT_MAX * 2)
		return 0;
	return flush(p, err);
}

static int publish(struct publish *p, struct err *err)
{
	const struct index_filter f = {.repository = span_str(p->to->name)};
	uint64_t size = log_size(p->log);
	struct index_rows rows;
	size_t i;

	if (list(p, err) || index_list(p->ix, &f, p->a, &rows, err))
		return -1;
	for (i = 0; i < rows.n; i++) {
		const struct index_row *r = &rows.v[i];

		if (r->kind == RECORD_OUTCOME || !r->applied ||
			r->entry >= size ||
			(r->outcome != ENTRY_NONE && r->outcome >= size))
			continue;
		if (add(p, r, err))
			return -1;
	}
	return flush(p, err);
}

static int one(struct run *run, bool witnessed,
	const struct gated_repository *to, struct index *ix, struct err *err)
{
	struct publish *p = calloc(1, sizeof(*p));
	struct log_reader *signed_log = NULL;
	size_t i;
	int ret = -1;

	if (!p)
		die("out of memory");
	p->run = run;
	p->to = to;
	p->ix = ix;
	p->witnessed = witnessed;
	p->a = arena_new(LOG_ARENA);
	if (!witnessed || !log_open_witnessed(run->state, &signed_log, err)) {
		p->log = witnessed ? signed_log : index_log(ix);
		ret = publish(p, err);
	}
	if (ret)
		err_in(err, "'%s'", to->path);
	else if (!run->quiet)
		printf("%s: %zu proofs added\n", to->path, p->total);
	for (i = 0; i < p->n; i++)
		buf_free(&p->text[i]);
	log_close(signed_log);
	oid_set_free(&p->there[0]);
	oid_set_free(&p->there[1]);
	arena_free(p->a);
	free(p);
	return ret;
}

/* Whether a repository is among those named; none named: all are. */
static int is_named(
	const struct gated_repository *r, int n, char **names, bool *seen)
{
	char full[PATH_MAX];
	int i, found = !n;

	for (i = 0; i < n; i++) {
		if (!realpath(names[i], full) || strcmp(full, r->path))
			continue;
		seen[i] = true;
		found = 1;
	}
	return found;
}

enum exit_code cmd_log_publish(struct run *run, int argc, char **argv)
{
	bool witnessed = false;
	const struct option_def defs[] = {
		{"--witnessed", OPTION_FLAG, &witnessed,
			"by the newest checkpoint that the witnesses signed"},
	};
	struct arena *a = arena_new(LOG_ARENA);
	enum exit_code status = EXIT_YES;
	struct gated_repository *v;
	struct index *ix = NULL;
	struct err err = ERR_INIT;
	bool *seen;
	size_t i, n;
	int k, left;

	left = options_read(run, defs, ARRAY_LEN(defs), argc, argv, &err);
	if (left >= 0 && run->help) {
		arena_free(a);
		return cmd_usage(
			"log publish", "[REPO.git…]", defs, ARRAY_LEN(defs));
	}
	if (left < 0 || owner_become(run->state, run->quiet, &err) ||
		repositories_read(run->state, a, &v, &n, &err) ||
		index_open(run->state, &ix, &err)) {
		status = cmd_fail(&err);
		goto out;
	}
	seen = arena_get(a, (size_t)left + 1, sizeof(*seen));
	for (i = 0; i < n; i++) {
		err_clear(&err);
		if (is_named(&v[i], left, argv + 1, seen) &&
			one(run, witnessed, &v[i], ix, &err))
			status = cmd_fail(&err);
	}
	for (k = 0; k < left; k++) {
		if (seen[k])
			continue;
		err_clear(&err);
		err_set(&err, ERR_REPO, "'%s' is not gated", argv[1 + k]);
		status = cmd_fail(&err);
	}
out:
	index_close(ix);
	arena_free(a);
	return status;
}
