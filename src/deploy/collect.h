/* The history of the commits asked about, out of a proven log. */
#ifndef DEPLOY_COLLECT_H
#define DEPLOY_COLLECT_H

#include "deploy/history.h"
#include "log/index.h"
#include "log/reader.h"

/* collect_all(log, items, a, out, err): by reading every entry. Nothing of
 * ${out} holds before this has answered 0. */
MUST_USE int collect_all(struct log_reader *log,
	const struct deployed_list *items, struct arena *a, struct history *out,
	struct err *err);

/*
 * collect_indexed(ix, items, a, out, err):
 * By asking the index which entries to read. Each of them is read from the log
 * and proven; what a wrong index can do is hide entries, and a commit without
 * entries is unknown.
 */
MUST_USE int collect_indexed(struct index *ix,
	const struct deployed_list *items, struct arena *a, struct history *out,
	struct err *err);

#endif
