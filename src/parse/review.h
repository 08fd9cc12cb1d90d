/*
 * How each kind of forge is asked for requests to merge and for what people
 * said of them, and how its answers are read. Pure: paths out, bodies in. One
 * forge a file, review_gitea.c and so on.
 *
 * Every reader refuses (ERR_INPUT) what it does not understand. An answer that
 * has no approvals in it says that there are none; an answer that cannot be
 * read says nothing.
 */
#ifndef PARSE_REVIEW_H
#define PARSE_REVIEW_H

#include "model/policy.h"
#include "model/review.h"
#include "parse/reviewbundle.h"

#define REVIEW_PATH_MAX 2048
#define REVIEW_EVENTS_MAX 2000 /* of one request */

/* What is asked about. */
struct review_where {
	struct span project; /* as the forge calls the repository */
	struct span branch;  /* without refs/heads/ */
	bool token;          /* there is one */
	bool trust_reset;
	bool objections; /* who speaks against a request is asked as well, where
			  * that is a question of its own */
	/* Of NoteDb, as of struct forge. */
	struct span server_id;
	unsigned highest;
};

/* A request that may be about the push. */
struct review_hit {
	uint64_t number;
	struct oid head;
	struct span branch;
	bool open;
};
struct review_hits {
	struct review_hit *v;
	size_t n, cap;
	struct arena *arena;
};

/* One of the things that are asked about a request. */
struct review_part {
	const char *name; /* NULL ends the list */
	bool paged;       /* page after page, until one is empty */
	bool objections;  /* only where->objections asks for it */
};

struct review_dialect {
	/* Of one that is not asked over the network there is ${read} alone. */
	const struct review_part *part;
	bool by_commit; /* found by asking for each commit, else by listing
			 * what is open */

	/* Where requests are found: page ${page}, from 1, of those that are
	 * open or have to do with ${commit} (NULL where not by_commit). */
	void (*find_path)(const struct review_where *w,
		const struct oid *commit, unsigned page, struct buf *out);
	/* The same for a second list, NULL where one is enough: what the forge
	 * is merging at this moment, if it does not call that open. */
	void (*find_also)(const struct review_where *w,
		const struct oid *commit, unsigned page, struct buf *out);
	/* Add what a page lists; *${n} is how much that is, needed or not. */
	int (*find_read)(struct span body, struct review_hits *out, size_t *n,
		struct err *err);
	/* Where part number ${part} of a request is. */
	void (*part_path)(const struct review_where *w, uint64_t number,
		size_t part, unsigned page, struct buf *out);
	/* All answers about one request; those of a part are pages, of which
	 * the last one is empty. */
	int (*read)(const struct review_where *w, const struct review_answer *a,
		size_t n, struct arena *arena, struct review_request *out,
		struct err *err);
	/* "Name: value" that opens the forge. */
	void (*header)(struct span token, struct buf *out);
};

const struct review_dialect *review_dialect(enum forge_kind kind);

/*
 * review_address(kind, url):
 * What is wrong with a forge's address for its kind, or NULL: GitHub's API is
 * at a host or path of its own, and what answers elsewhere are web pages.
 */
const char *review_address(enum forge_kind kind, struct span url);

/* review_page_count(body, out, err): how many items a page of a paged part has.
 */
MUST_USE int review_page_count(struct span body, size_t *out, struct err *err);

extern const struct review_dialect review_gitea;
extern const struct review_dialect review_gitlab;
extern const struct review_dialect review_github;
extern const struct review_dialect review_gerrit;
extern const struct review_dialect review_notedb;

#endif
