/* What is in doubt of entries that are told of, for a key that is compromised
 * now: as 'sluice log recheck' has it. */
#ifndef CMD_LOG_DOUBTS_H
#define CMD_LOG_DOUBTS_H

#include "cmd/cmd.h"
#include "deploy/recheck.h"
#include "log/index.h"

/* What could not be told of an entry; UINT64_MAX: of whether it was cleared. */
struct log_untold {
	uint64_t entry;
	const char *why;
};

struct log_doubts {
	const struct run *run;
	struct arena *arena;
	struct recheck r;
	struct log_untold *untold;
	size_t nuntold, cap;
	const char *why; /* nothing could be told of any, or NULL */
};

/*
 * log_doubts_look(d, run, rows, n, a):
 * Hold those of the entries that let something in against the keys of the
 * policy in force, or of the file that the command line names. That it cannot
 * be is no failure; it is told.
 *
 * log_doubts_doc(d, row): a list as of 'log recheck'; null: it could not be
 * told; NULL: the entry let nothing in. log_doubts_say(d, row): lines below the
 * entry, unless the run asks for JSON; what could not be told on stderr.
 */
void log_doubts_look(struct log_doubts *d, const struct run *run,
	const struct index_row *rows, size_t n, struct arena *a);
struct doc *log_doubts_doc(
	const struct log_doubts *d, const struct index_row *row);
void log_doubts_say(const struct log_doubts *d, const struct index_row *row);
void log_doubts_free(struct log_doubts *d);

#endif
