/* A push as the server sees it, before any object is looked at. */
#ifndef MODEL_PUSH_H
#define MODEL_PUSH_H

#include "model/oid.h"

/* One line of a hook's standard input. Zero `old` creates, zero `new` deletes.
 */
struct ref_update {
	struct oid old, new;
	struct span ref; /* full name, as pushed: any bytes but NUL, SP, LF */
};

enum transport {
	TRANSPORT_LOCAL,
	TRANSPORT_SSH,
	TRANSPORT_HTTP,
	TRANSPORT_WEB, /* the forge itself: merge button, editor, API */
};

/* Who pushed, as far as the server knows. */
struct pusher {
	const char *name;   /* never NULL; the Unix user when nothing better */
	const char *source; /* the variable it came from: "GL_USER", "uid" … */
	const char *email;  /* "" when the server does not tell */
	const char *address; /* of the client, "" when not known */
	enum transport transport;
	const char *pseudonym; /* what the log calls them instead, or NULL */
};

/* A ref value that the log has admitted or adopted. */
struct gated_tip {
	struct span ref;
	struct oid oid;
	bool accepted; /* not merely let through by the mode observe */
};

/* What git made of the nonce in a push certificate. Zero is none of its words:
 * nothing was checked. */
enum nonce_status {
	NONCE_UNCHECKED,   /* the repository has no receive.certNonceSeed */
	NONCE_UNSOLICITED, /* there is one, and git had given none */
	NONCE_MISSING,
	NONCE_BAD,
	NONCE_OK,   /* the one of this session, or within certNonceSlop */
	NONCE_SLOP, /* git did give it, but earlier */
};
const char *nonce_status_name(enum nonce_status s); /* "ok" … */
/* nonce_status_read(s, out): git's words, "OK" …; false for others. */
bool nonce_status_read(struct span s, enum nonce_status *out);

/* A certificate that got a push in before. */
struct certificate_use {
	const char *sha256; /* of what was signed, hex */
	uint64_t entry;     /* of the log */
};

/*
 * What git tells its hooks of the certificate of a signed push. Its own verdict
 * on the signature is not among it: that is of the server's keys, and is "G"
 * for keys that nobody trusts.
 */
struct push_signed {
	bool given;      /* the push came with one */
	struct oid blob; /* that git stored it as; zero if it did not say */
	enum nonce_status nonce_status;
	uint64_t slop;     /* seconds between the nonce and now, if SLOP */
	const char *nonce; /* that git goes by, printable */
	/* The push options as they came, byte by byte; those of struct push are
	 * for people. */
	bool options_known; /* all of them are here */
	struct span *option;
	size_t noption;
	/* From the log: the newest of this repository. */
	struct certificate_use *used;
	size_t nused;
};

/* The ref of a repository that holds the policy, where one does. */
#define POLICY_REF "refs/sluice/policy"

/* Beginning of the names that doctor asks the gate to delete; no ref ever has
 * one. In a folder that is there anyhow: git would leave one of its own behind.
 */
#define PROBE_REFS "refs/heads/sluice-doctor-"

/* A step of a ref that the log admitted in a push by waivers; of those each is
 * for one ref. */
struct waived_step {
	struct span ref;
	struct oid old, new;
	struct oid *by; /* the waivers' tags; shared by the steps of the push */
	size_t nby;
};

/* What forges were asked for the judge. */
struct push_reviews {
	bool asked;
	struct span answers; /* a bundle (parse/reviewbundle.h) */
	const char *fault;   /* why there are no answers, or NULL */
	const char *hint;    /* the way out, or "" */
};

/* What the log knows of waivers in a repository. */
struct waiver_past {
	struct oid *spent; /* used by a decision that moved a ref */
	size_t nspent;
	struct oid *withdrawn; /* their ref was deleted or overwritten */
	size_t nwithdrawn;
	struct waived_step *waived; /* updates that were let in by one */
	size_t nwaived;
};

struct push {
	const char *repository; /* its name in the policy and the log */
	struct ref_update *up;
	size_t nup;
	bool *old_gated; /* [nup]: the log admitted up[i].old on that ref */
	struct gated_tip *gated; /* tips of this repository's refs in the log */
	size_t ngated;
	struct oid *adopted; /* what its refs were at before the gate */
	size_t nadopted;
	struct waiver_past past;
	const char *policy_of;  /* repository that holds the policy, or NULL */
	struct oid *policy_tip; /* of its ref, by the log, the newest first */
	size_t npolicy_tip;
	struct oid policy;   /* the one by which this push is judged, or zero;
			    * for the judge to find out */
	const char **option; /* push options */
	size_t noption;
	struct push_signed sign;
	struct push_reviews reviews;
	struct pusher pusher;
	int64_t time; /* received, seconds since 1970 by the gate's clock */
};

const char *transport_name(enum transport t); /* "local", "ssh" … */

#endif
