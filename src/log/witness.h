/*
 * A witness of logs (C2SP tlog-witness): it signs a checkpoint only when it is
 * the one it signed before, or continues it, so that nobody who waits for its
 * signature can be shown another history than the rest.
 *
 * Folder: witness.key (0600), witness.vkey; logs/<sha256 of the origin>, a
 * file a log: its key, and the size and root that were signed last;
 * public/<sha256 of the origin>/checkpoint, what may be served: that
 * checkpoint with the log's signature and ours.
 */
#ifndef LOG_WITNESS_H
#define LOG_WITNESS_H

#include "log/key.h"
#include "parse/addcheckpoint.h"

/* Names below the folder, for store_path. */
#define WITNESS_KEY "witness.key"
#define WITNESS_VKEY "witness.vkey"
#define WITNESS_LOGS "logs"
#define WITNESS_PUBLIC "public"
#define WITNESS_FORKS "forks"
#define WITNESS_LOCK "lock"

/*
 * witness_create(dir, name, vkey, err):
 * A new witness: key and folders. Its verifier key's text is added to ${vkey}.
 * ERR_LOG where there is one already.
 */
MUST_USE int witness_create(
	const char *dir, struct span name, struct buf *vkey, struct err *err);

/* witness_trust(dir, vkey, stolen, err): begin to witness the log of that
 * verifier key, from its empty tree on. One of its origin that is witnessed
 * already goes over to that key, if the changes behind it (log/keychain.h) lead
 * there; what was signed last stays: forgetting it is what a witness is there
 * not to do. ERR_LOG when they do not lead there, or over a key that was given
 * up as compromised, without ${stolen}. */
MUST_USE int witness_trust(
	const char *dir, struct span vkey, bool stolen, struct err *err);

/* witness_vkey(dir, out, err): the text of its verifier key. */
MUST_USE int witness_vkey(const char *dir, struct buf *out, struct err *err);

/* What is answered; zero is a refusal. In the order of the specification. */
enum witness_answer {
	WITNESS_BROKEN,    /* 500: could not tell */
	WITNESS_MALFORMED, /* 400: not a request, or old above the size */
	WITNESS_UNKNOWN,   /* 404: a log that is not witnessed */
	WITNESS_UNSIGNED,  /* 403: not signed by the log's key */
	WITNESS_BEHIND,    /* 409: old is not the size signed last */
	WITNESS_FORKED,    /* 422: does not continue what was signed last */
	WITNESS_COSIGNED,  /* 200 */
};

/* witness_status(a): the HTTP status of it. */
unsigned witness_status(enum witness_answer a);

struct witness_reply {
	enum witness_answer answer;
	uint64_t size;   /* signed last: for WITNESS_BEHIND */
	struct buf line; /* WITNESS_COSIGNED: the signature line */
	char why[512];   /* of a refusal */
};

/*
 * witness_add(dir, body, now, out, err):
 * Judge the request in ${body} at ${now} (seconds). What is signed is durable
 * before it is answered. Two checkpoints of the log's own key that contradict
 * each other at the same size are kept, in forks/. -1 (and WITNESS_BROKEN)
 * when the folder could not be read or written. out->line is made by the
 * caller (BUF_INIT) and freed by it.
 */
MUST_USE int witness_add(const char *dir, struct span body, uint64_t now,
	struct witness_reply *out, struct err *err);

/* witness_name(origin, out): hex of its SHA-256, what its files are called. */
#define WITNESS_NAME_LEN 64
void witness_name(struct span origin, char out[WITNESS_NAME_LEN + 1]);

#endif
