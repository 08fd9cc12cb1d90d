/* sluice log prove --continuous: that a ref was gated without a gap. */
#include "base/clock.h"
#include "cmd/log.h"
#include "log/spanfile.h"
#include "log/store.h"

struct proving {
	struct index *ix;
	struct log_reader *log;
	struct arena *a;
	struct index_steps steps; /* of the ref, the newest first */
	struct continuity_ask ask;
	bool to_end; /* of the log */
};

/* The one repository in which the log knows the ref. */
static int find_repository(
	struct proving *p, const struct prove_span *k, struct err *err)
{
	const struct index_filter f = {.ref = span_str(k->ref)};
	struct index_rows rows;
	size_t i;

	p->ask.repository = span_str(k->repository);
	if (k->repository)
		return 0;
	if (index_list(p->ix, &f, p->a, &rows, err))
		return -1;
	for (i = 0; i < rows.n; i++) {
		if (!i)
			p->ask.repository = rows.v[i].repository;
		else if (!span_eq(rows.v[i].repository, p->ask.repository)) {
			err_set(err, ERR_USAGE,
				"several repositories have '%s'", k->ref);
			return err_hint(err, "--repository says which");
		}
	}
	return 0;
}

static int time_of(
	struct proving *p, uint64_t n, int64_t *when, struct err *err)
{
	struct index_row row;

	if (index_entry(p->ix, n, p->a, &row, err))
		return -1;
	if (!clock_read(row.time, when))
		return err_set(err, ERR_LOG, "entry %llu has no time",
			(unsigned long long)n);
	return 0;
}

static int read_time(
	const char *text, const char *option, int64_t *out, struct err *err)
{
	if (clock_read(span_str(text), out))
		return 0;
	err_set(err, ERR_USAGE, "%s: '%s' is no date or time", option, text);
	return err_hint(err, "like 2026-11-23 or 2026-11-23T08:00:00Z");
}

/* Where a step has taken effect, or ENTRY_NONE. */
static uint64_t settled(const struct index_step *s)
{
	if (!s->applied)
		return ENTRY_NONE;
	return s->kind == RECORD_ADOPT ? s->entry : s->outcome;
}

/* The entries begin with what gave the ref its value at the start, and with
 * the decisions of all that was carried out later. */
static int find_start(struct proving *p, struct err *err)
{
	uint64_t begin = ENTRY_NONE;
	int64_t when;
	size_t i;

	for (i = 0; i < p->steps.n && begin == ENTRY_NONE; i++) {
		const uint64_t n = settled(&p->steps.v[i]);

		if (n == ENTRY_NONE || n >= log_size(p->log))
			continue;
		if (time_of(p, n, &when, err))
			return -1;
		if (when <= p->ask.from)
			begin = n;
	}
	if (begin == ENTRY_NONE) {
		err_set(err, ERR_INPUT,
			"the log does not say what '%.*s' was at that time",
			SPAN_FMT(p->ask.ref));
		return err_hint(err,
			"'sluice log list --ref' shows since when it knows it");
	}
	p->ask.start = begin;
	for (i = 0; i < p->steps.n; i++) {
		const uint64_t n = settled(&p->steps.v[i]);

		if (n != ENTRY_NONE && n >= begin &&
			p->steps.v[i].entry < p->ask.start)
			p->ask.start = p->steps.v[i].entry;
	}
	return 0;
}

/* They end with the first that is later than the end, or the log's last, or
 * with the outcome of what was decided before, whichever is later: all of the
 * second in which the time ends are among them. */
static int find_end(struct proving *p, struct err *err)
{
	const uint64_t size = log_size(p->log);
	uint64_t end = p->ask.start, before;
	bool late = false, later = false;
	int64_t when;
	size_t i;

	while (!later && end < size) {
		if (time_of(p, end++, &when, err))
			return -1;
		late |= when >= p->ask.to;
		later = when > p->ask.to && !p->to_end;
		if (end - p->ask.start > SPANFILE_ENTRIES_MAX)
			break; /* refused when it is written */
	}
	if (!late && end == size) {
		err_set(err, ERR_INPUT,
			"the log has no entry as late as the end: nothing "
			"shows the time after its last one");
		return err_hint(
			err, "without --to, the proof ends with that entry");
	}
	do {
		before = end;
		for (i = 0; i < p->steps.n; i++) {
			const struct index_step *s = &p->steps.v[i];

			if (s->entry < end && s->outcome != ENTRY_NONE &&
				s->outcome >= end && s->outcome < size)
				end = s->outcome + 1;
		}
	} while (end != before);
	p->ask.n = end - p->ask.start;
	return 0;
}

static int find_span(
	struct proving *p, const struct prove_span *k, struct err *err)
{
	const uint64_t size = log_size(p->log);

	if (read_time(k->from, "--from", &p->ask.from, err) ||
		(k->to && read_time(k->to, "--to", &p->ask.to, err)))
		return -1;
	if (!k->to && size && time_of(p, size - 1, &p->ask.to, err))
		return -1;
	if (p->ask.from > p->ask.to)
		return err_set(err, ERR_USAGE, "the end is before the start");
	p->to_end = !k->to;
	p->ask.ref = span_str(k->ref);
	if (find_repository(p, k, err) ||
		index_ref_history(p->ix, p->ask.repository, p->ask.ref, 0, p->a,
			&p->steps, err) ||
		find_start(p, err))
		return -1;
	return find_end(p, err);
}

/* As whoever gets it will: what is not shown is not handed out. */
static int check(const struct proving *p, const char *state, struct span text,
	bool *whole, struct err *err)
{
	struct buf vkey = BUF_INIT(4096);
	enum proof_verdict verdict;
	struct continuity c;
	struct spanfile f;
	int ret = -1;

	*whole = false;
	if (store_vkey(state, &vkey, err) ||
		spanfile_open(text, buf_all(&vkey), p->a, &f, &verdict, err) ||
		verdict != PROOF_GOOD)
		goto out;
	ret = 0;
	continuity_find(&f.ask, p->a, &c);
	*whole = c.verdict == CONTINUITY_WHOLE;
	if (!*whole && c.verdict == CONTINUITY_UNKNOWN)
		fprintf(stderr, "sluice: nothing to prove: %s\n", c.why);
	else if (!*whole)
		fprintf(stderr, "sluice: nothing to prove: entry %llu: %s\n",
			(unsigned long long)c.at, c.why);
out:
	buf_free(&vkey);
	return ret;
}

enum exit_code log_prove_span(
	struct run *run, const struct prove_span *k, struct err *err)
{
	struct proving p = {.a = arena_new(LOG_ARENA)};
	struct buf out = BUF_INIT(SPANFILE_MAX);
	struct log_reader *witnessed = NULL;
	enum exit_code status;
	bool whole;

	if (index_open(run->state, &p.ix, err) ||
		(k->witnessed &&
			log_open_witnessed(run->state, &witnessed, err)))
		goto fail;
	p.log = witnessed ? witnessed : index_log(p.ix);
	if (find_span(&p, k, err) || spanfile_write(p.log, &p.ask, &out, err) ||
		check(&p, run->state, buf_all(&out), &whole, err))
		goto fail;
	if (whole)
		fwrite(out.p, out.n, 1, stdout);
	status = whole ? EXIT_YES : EXIT_NO;
	goto out;
fail:
	status = cmd_fail(err);
out:
	log_close(witnessed);
	index_close(p.ix);
	arena_free(p.a);
	buf_free(&out);
	return status;
}
