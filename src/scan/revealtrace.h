/* What a blob's encoded text leaves for blobs made from it. */
#ifndef SCAN_REVEALTRACE_H
#define SCAN_REVEALTRACE_H

#include "scan/fresh.h"
#include "scan/reveal.h"

/* A secret by its hash. */
struct reveal_mark {
	const struct rule *rule;
	bool old;
	unsigned char hash[16];
};

struct reveal_trace {
	size_t n;           /* length of the blob */
	bool all;           /* too much to tell: look at everything */
	bool marked;        /* decode_has_mark */
	struct window *run; /* those that told something */
	size_t nrun, runcap;
	struct reveal_mark *mark;
	size_t nmark, markcap;
};

/* reveal_trace_run(t, at, n): a run that told something. ${t} may be NULL; too
 * many: t->all. */
void reveal_trace_run(struct reveal_trace *t, size_t at, size_t n);

/* reveal_trace_secret(base, t, rule, secret): whether ${base} has this secret
 * from the repository; notes it in ${t} too. Both may be NULL. */
bool reveal_trace_secret(const struct reveal_trace *base,
	struct reveal_trace *t, const struct rule *rule, struct span secret);

#endif
