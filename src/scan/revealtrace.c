#include "scan/revealtrace.h"

#include <stdlib.h>

#include "base/grow.h"
#include "port/crypto.h"

#define RUNS_MAX 64
#define MARKS_MAX 512

struct reveal_trace *reveal_trace_new(void)
{
	struct reveal_trace *t = calloc(1, sizeof(*t));

	if (!t)
		die("no memory for the scanner");
	t->all = true;
	return t;
}

void reveal_trace_free(struct reveal_trace *t)
{
	if (!t)
		return;
	free(t->run);
	free(t->mark);
	free(t);
}

void reveal_trace_old(struct reveal_trace *t)
{
	size_t i;

	for (i = 0; i < t->nmark; i++)
		t->mark[i].old = true;
}

static void mark_add(struct reveal_trace *t, const struct reveal_mark *mark)
{
	if (t->nmark == MARKS_MAX)
		return;
	t->mark = grow(t->mark, t->nmark, &t->markcap, sizeof(*t->mark));
	t->mark[t->nmark++] = *mark;
}

void reveal_trace_join(struct reveal_trace *t, const struct reveal_trace *with)
{
	size_t i;

	for (i = 0; i < with->nmark; i++)
		mark_add(t, &with->mark[i]);
}

void reveal_trace_run(struct reveal_trace *t, size_t at, size_t n)
{
	if (!t || t->all)
		return;
	if (t->nrun && t->run[t->nrun - 1].at == at &&
		t->run[t->nrun - 1].n == n)
		return;
	if (t->nrun == RUNS_MAX) {
		t->all = true;
		return;
	}
	t->run = grow(t->run, t->nrun, &t->runcap, sizeof(*t->run));
	t->run[t->nrun++] = (struct window){at, n};
}

static bool is_old(const struct reveal_trace *t, const struct reveal_mark *mark)
{
	size_t i;

	for (i = 0; t && i < t->nmark; i++)
		if (t->mark[i].old && t->mark[i].rule == mark->rule &&
			!memcmp(t->mark[i].hash, mark->hash,
				sizeof(mark->hash)))
			return true;
	return false;
}

bool reveal_trace_secret(const struct reveal_trace *base,
	struct reveal_trace *t, const struct rule *rule, struct span secret)
{
	struct reveal_mark mark = {.rule = rule};
	unsigned char hash[SHA256_LEN];

	if (!t && (!base || !base->nmark))
		return false;
	sha256_of(secret, hash);
	memcpy(mark.hash, hash, sizeof(mark.hash));
	mark.old = is_old(base, &mark);
	if (t)
		mark_add(t, &mark);
	return mark.old;
}
