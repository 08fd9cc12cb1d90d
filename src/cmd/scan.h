/* What the ways of 'sluice scan' share: files, staged files, history. */
#ifndef CMD_SCAN_H
#define CMD_SCAN_H

#include "cmd/cmd.h"
#include "scan/baseline.h"
#include "scan/inspect.h"
#include "scan/report.h"

#define SCAN_FILE_MAX ((size_t)1 << 30)
#define SCAN_THREADS_MAX 64
#define SHOWN_MORE 65536 /* redacted, a short secret is longer */

struct scan {
	struct inspector *inspector;
	struct report *report;
	struct repo *repo;
	const struct baseline *baseline; /* or NULL */
	struct option_list exclude;      /* globs */
	bool gitignore, progress;
	bool own_key; /* fingerprints are of this run alone */
	unsigned threads;
	size_t max; /* larger is not scanned */
	uint64_t files, objects, size;
	uint64_t known; /* left out by the baseline */
	/* Secrets at paths of a history, by their hash: the version of a file,
	 * in the order in which they come, that had it first. */
	struct oid_set told;
	struct oid version;
	size_t versions;
	uint64_t again;   /* left out: the same at the same path */
	int64_t shown_at; /* progress: when, in milliseconds; 0 never */
};

/* scan_shown(path, r, out): a path without the secrets that were found in it,
 * made in ${out}; the path itself when there are none. */
struct span scan_shown(
	struct span path, const struct scan_result *r, struct buf *out);

/* scan_author(s, commit, out): "Name <mail>", empty when it cannot be read. */
void scan_author(struct scan *s, const struct oid *commit, struct buf *out);

/* scan_hit_tell, scan_unscanned_tell: to the report, unless the baseline has
 * it. */
void scan_hit_tell(struct scan *s, const struct report_place *place,
	const struct scan_hit *hit);
void scan_unscanned_tell(
	struct scan *s, const struct report_place *place, const char *why);

/* scan_progress(s, done, all, what): the line on the terminal, a few
 * times a second; scan_progress_clear(s): take it away. */
void scan_progress(struct scan *s, size_t done, size_t all, const char *what);
void scan_progress_clear(struct scan *s);

/* scan_excluded(s, path): whether --exclude names it: a glob with '/' is for
 * the path (without a leading "./"), one without for the name alone. */
bool scan_excluded(const struct scan *s, struct span path);

/* scan_files(s, n, path, err): files, folders all the way down and "-"; in
 * the order given, by name in a folder, whatever the number of threads. */
MUST_USE int scan_files(
	struct scan *s, size_t n, char *const *path, struct err *err);

/* scan_check_packs(s, err): that no index of the repository leads out of its
 * pack; before objects are asked for. */
MUST_USE int scan_check_packs(const struct scan *s, struct err *err);

/* scan_staged(s, err): what the index holds that HEAD has not, in the
 * repository at hand. */
MUST_USE int scan_staged(struct scan *s, struct err *err);

#endif
