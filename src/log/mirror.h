/*
 * A copy of a log's public folder, kept up to date and verified before it is
 * stored: the entries are read, tiles are made from them anew, and the copy
 * only ever grows. What it had and the log no longer admits is kept as proof.
 */
#ifndef LOG_MIRROR_H
#define LOG_MIRROR_H

#include "log/reader.h"

/* Names below the copy's folder, beside those of a log. */
#define MIRROR_FORK "fork"

/* How the log stands to the copy. Zero is no good. */
enum mirror_answer {
	MIRROR_FORKED,  /* it does not continue what was copied before */
	MIRROR_SHRUNK,  /* it has fewer entries than were copied before */
	MIRROR_CURRENT, /* the copy is as the log is */
};

struct mirror_result {
	enum mirror_answer answer;
	uint64_t was, size; /* entries in the copy, before and after */
	char last[40];      /* time of the newest entry, or "" */
};

/*
 * mirror_run(log, dir, out, err):
 * Bring the copy in ${dir} (made if need be) to what ${log} has. Each entry
 * must be one that a gate writes, and each list that it names be there. Files
 * are durable before the checkpoint, which comes last. When the log forked or
 * shrank nothing of the copy is changed, and both checkpoints are left in
 * ${dir}/fork. -1: something could not be read, written or verified; the copy
 * is what it was.
 */
MUST_USE int mirror_run(struct log_reader *log, const char *dir,
	struct mirror_result *out, struct err *err);

/* mirror_silent(r, now, limit): whether the newest entry is more than ${limit}
 * seconds before ${now}; false for a log without entries. */
MUST_USE bool mirror_silent(
	const struct mirror_result *r, int64_t now, int64_t limit);

#endif
