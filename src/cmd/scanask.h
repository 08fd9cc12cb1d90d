/* The command line of 'sluice scan', and what follows from it. */
#ifndef CMD_SCANASK_H
#define CMD_SCANASK_H

#include "base/arena.h"
#include "cmd/scan.h"

#define SCAN_PACKS_MAX 16
#define SCAN_LISTS_MAX 64

struct scan_ask {
	const char *format, *git, *leaks, *standard, *threads, *max, *depth,
		*archive_depth;
	struct option_list rules, baseline, ignore, exclude;
	bool staged, gitignore, comments, no_archives;
};

/* ask_check(ask, n, err): whether the options and ${n} arguments go together.
 * The others answer ERR_USAGE for a value that does not make sense. */
MUST_USE int ask_check(const struct scan_ask *ask, int n, struct err *err);
MUST_USE int ask_format(const struct run *run, const struct scan_ask *ask,
	enum report_format *out, struct err *err);
MUST_USE int ask_threads(
	const struct scan_ask *ask, unsigned *out, struct err *err);
MUST_USE int ask_size(const struct scan_ask *ask, size_t *out, struct err *err);

/* ask_baseline(ask, out, err): NULL when nothing is to be left out. */
MUST_USE int ask_baseline(
	const struct scan_ask *ask, struct baseline **out, struct err *err);

/* ask_inspector(run, ask, max, arena, out, own_key, err): by --gitleaks-config
 * and --rules; when there are none, by our own. The rules are in the arena.
 * ${own_key}: the fingerprints are of this run alone, not to be told. */
MUST_USE int ask_inspector(const struct run *run, const struct scan_ask *ask,
	size_t max, struct arena *arena, struct inspector **out, bool *own_key,
	struct err *err);

#endif
