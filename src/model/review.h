/* A request to merge that a forge keeps ("pull request", "merge request",
 * "change"), and what people said of it there. */
#ifndef MODEL_REVIEW_H
#define MODEL_REVIEW_H

#include "model/oid.h"

/* What a forge answered to one question, as it was received. */
struct review_answer {
	struct span forge, part, path; /* its name; which part of what is asked;
					* what was asked for */
	uint64_t number;               /* of the request there */
	unsigned status;               /* of HTTP; 0: it was not asked so */
	struct span body;
};

/* What somebody said last. */
struct review {
	struct span login; /* as the forge has it; may be any text */
	uint64_t account;  /* its number there, 0 if it has none */
	uint64_t id;       /* of the review there, 0 if it has none */
	const char *fault; /* why it is no approval that counts, or NULL */
	bool against;      /* it asks that the request is not merged so */
};

struct review_request {
	uint64_t number;
	bool open;
	struct span branch;  /* it is to be merged into, without refs/heads/ */
	struct oid head;     /* the commit that the forge has for it now */
	struct span opener;  /* login of who opened it */
	bool alone;          /* the head alone was reviewed, not what it
			     * reaches */
	bool untold_against; /* who speaks against it was not asked */
	struct review *review; /* who approved, or did so once, or is against it
				*/
	size_t nreview;
};

#endif
