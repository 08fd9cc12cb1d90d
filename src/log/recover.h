/*
 * The way on for a log that refuses to sign, because more was signed than it
 * has: an old copy was put back. Signing from there would make a second
 * history, so something must show that it does not.
 *
 *	the journal has the entries that are missing;
 *
 *	a mirror has them: they are copied, as far as the log's own signature
 *	vouches for them. Records of them stay lost;
 *
 *	witnesses sign anew, after they were asked for this, what is left: it is
 *	the newest they have seen. Those that do not sign must be too few to be
 *	a quorum: then whoever asks for witnesses never believed more. The
 *	entries past it are lost, and named in <state>/gaps.
 *
 * The same when the high-water mark itself was lost, and with it what was ever
 * signed: it is made anew where a mirror ends that has all of the log, or where
 * the witnesses are. The journal alone, which is part of the same folder, does
 * not do.
 */
#ifndef LOG_RECOVER_H
#define LOG_RECOVER_H

#include "log/reader.h"

/* For so long the witnesses may take to answer. */
#define RECOVER_ASKED_S 3600

struct recover_ask {
	struct log_reader *mirror; /* under the log's own key, or NULL */
	bool witnessed;
	int64_t now; /* seconds */
};

enum recover_answer {
	RECOVER_NOTHING, /* the log was as it should be */
	RECOVER_JOURNAL,
	RECOVER_MIRROR,
	RECOVER_WITNESSED,
};

struct recover_result {
	enum recover_answer answer;
	uint64_t was; /* entries of the log, before */
	bool mark;    /* the high-water mark was lost, and made anew */
	uint64_t signed_before; /* the most that was ever signed, if that is
				 * known: 0 with ${mark} */
	uint64_t size;          /* entries now; signing goes on from here */
	uint64_t without;       /* of them so many have no record any more */
};

/* recover_run(state, ask, out, err): ERR_LOG when nothing shows that signing
 * may go on; the log signs no more than before then. */
MUST_USE int recover_run(const char *state, const struct recover_ask *ask,
	struct recover_result *out, struct err *err);

#endif
