/*
 * A folder for an auditor, or a tar file of it: entries, their records and
 * lists, the checkpoint and how the entries hash up to it, with a README
 * (export.txt) that tells how to check all of it with sha256sum, openssl and
 * gpg alone.
 *
 * The file "tree" is a program for a stack, a step a line: "entry N"; "hash N
 * H" for the root H (base64) of a perfect subtree of N entries, none of which
 * is in the folder; "join". Its shape is that of RFC 6962, which forces all
 * numbers.
 */
#ifndef LOG_EXPORT_H
#define LOG_EXPORT_H

#include "log/exportto.h"
#include "log/pruned.h"
#include "log/reader.h"

struct log_export {
	const char *state; /* whose vault has the records */
	const uint64_t *n; /* the entries, ascending, each once */
	size_t count;
	const struct pruned *pruned; /* whose records are not missed */
	const char *about; /* what was asked for, the README's first lines */
};

/*
 * log_export(log, what, to, missing, err):
 * Write it to ${to}, which is ended. *${missing} counts records that are not
 * in the vault, and were not pruned; the export is whole but for these.
 */
MUST_USE int log_export(struct log_reader *log, const struct log_export *what,
	struct export_to *to, size_t *missing, struct err *err);

#endif
