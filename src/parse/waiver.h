/*
 * A waiver: the message of a signed tag, whose trailers say what is waived.
 *
 *	Sluice: waiver
 *	Repository: payments/api
 *	For: refs/heads/main
 *	Finding: secret.github_pat
 *	Commit: <40 digits>		where the tag points to something else
 *	Fingerprint: <hex digits>	where the finding has one
 *	Path: <place>			where it is to be one place only
 *	Reason: why
 *	Until: 2026-12-01T12:00:00Z
 */
#ifndef PARSE_WAIVER_H
#define PARSE_WAIVER_H

#include "model/change.h"
#include "model/finding.h"

#define WAIVER_REASON_MAX 1000 /* bytes */
#define WAIVER_PATH_MAX 1000
#define WAIVER_FINGERPRINT_MAX 128

struct waiver {
	struct oid commit; /* or an annotated tag: what the finding is about */
	struct span repository, ref, finding;
	enum finding_id id;
	struct span fingerprint, path; /* empty: not named */
	struct span reason;
	int64_t until; /* seconds since 1970; good before it */
};

/*
 * waiver_read(tag, out):
 * NULL, or why this tag is no waiver, in words. Each trailer stands once; those
 * of other names are passed over. The spans are the tag's. Without Commit: the
 * tag points to the commit (or annotated tag) itself; with it, it may point to
 * that as well, or to a tree or a blob, so that a waiver need not bring what it
 * is about. Signature and malformed parts of the tag are the caller's to judge.
 */
const char *waiver_read(const struct tag *tag, struct waiver *out);

/* waiver_write(w, subject, out): a message that waiver_read takes for ${w},
 * with Commit: in any case. ${subject} is its first line. */
void waiver_write(const struct waiver *w, const char *subject, struct buf *out);

#endif
