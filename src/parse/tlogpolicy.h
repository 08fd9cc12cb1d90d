/*
 * Whose signatures make a checkpoint good enough (C2SP tlog-policy): lines
 *
 *	log <vkey> [<url>]
 *	witness <name> <vkey> [<url>]
 *	group <name> all|any|<k> <name> …
 *	quorum <name>|none
 *
 * A name is defined before it is used, and is in one group at most; there is
 * exactly one quorum line; a line that begins with '#' is a comment.
 */
#ifndef PARSE_TLOGPOLICY_H
#define PARSE_TLOGPOLICY_H

#include "base/arena.h"
#include "parse/note.h"

#define TLOGPOLICY_MAX 262144u /* bytes */
#define TLOGPOLICY_LOGS_MAX 64
#define TLOGPOLICY_NODES_MAX 128 /* witnesses and groups */

struct tlogpolicy_log {
	struct note_key key;
	struct span url; /* may be empty */
};

/* A witness, or a group of those that stand before it. */
struct tlogpolicy_node {
	struct span name;
	struct note_key key; /* of a witness: nkey > 0 */
	struct span url;     /* of a witness; may be empty */
	size_t *member;      /* of a group: places in the list of nodes */
	size_t nmember, need;
	bool grouped; /* is in a group */
};

struct tlogpolicy {
	struct tlogpolicy_log *log;
	size_t nlog;
	struct tlogpolicy_node *node;
	size_t nnode;
	const struct tlogpolicy_node *quorum; /* NULL: none */
};

/*
 * tlogpolicy_parse(text, a, out, err):
 * Spans point into ${text}, the rest is in ${a}. Keys are read as to their
 * form; that the id fits is checked by whoever uses one. Errors name the line.
 */
MUST_USE int tlogpolicy_parse(struct span text, struct arena *a,
	struct tlogpolicy *out, struct err *err);

/* tlogpolicy_met(p, cosigned): whether those witnesses (cosigned[i] is of
 * p->node[i]; groups are not looked at) are a quorum. */
MUST_USE bool tlogpolicy_met(const struct tlogpolicy *p, const bool *cosigned);

#endif
