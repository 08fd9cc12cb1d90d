/* Commits and annotated tags, parsed. All spans point into the run's arena. */
#ifndef MODEL_CHANGE_H
#define MODEL_CHANGE_H

#include "model/oid.h"

/* "Name <mail> 1700000000 +0100" */
struct ident {
	struct span name, email;
	int64_t time;
};

/* A "Key: value" line of the last paragraph of a message. */
struct trailer {
	struct span key, value;
};

enum signature_kind {
	SIGNATURE_NONE,
	SIGNATURE_OPENPGP,
	SIGNATURE_SSH,
	SIGNATURE_X509,
};
/* A bit a kind, for the policy's list of kinds. */
#define SIGNATURE_BIT(kind) (1u << (unsigned)(kind))

/* The signed part and the signature on it, as found in an object. */
struct signed_text {
	struct span payload;   /* exactly the bytes that were signed */
	struct span signature; /* armoured, header folding undone */
	enum signature_kind kind;
	unsigned count; /* signatures found; more than one is malformed */
};

/* What a commit with several parents adds to them. */
enum merge_result {
	MERGE_UNKNOWN, /* nobody looked, or it could not be found out */
	MERGE_UNCLEAN, /* something of its own: conflicts, another tree … */
	MERGE_CLEAN,   /* nothing: merging them again gives its tree */
};

struct commit {
	struct oid id, tree;
	struct oid *parent;
	size_t nparent;
	struct ident author, committer;
	struct span message;
	struct trailer *trailer;
	size_t ntrailer;
	struct span *coauthor; /* e-mails of Co-authored-by lines and the like;
				* of a line without one all of its value */
	size_t ncoauthor;
	struct signed_text sig;
	struct span *mergetag; /* tags it says to merge, as objects */
	size_t nmergetag;
	const char *malformed; /* why it cannot be trusted as it is, or NULL:
				* NUL byte, doubled header, two signatures … */
};

struct tag {
	struct oid id, target;
	enum object_type target_type;
	struct span name;
	struct ident tagger; /* empty e-mail when the tag has none */
	struct span message; /* without the signature */
	struct trailer *trailer;
	size_t ntrailer;
	struct signed_text sig;
	const char *malformed;
};

const char *signature_kind_name(enum signature_kind k); /* "openpgp" … */

#endif
