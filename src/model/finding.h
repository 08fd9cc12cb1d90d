/*
 * Findings: ways in which a push breaks the policy. One table holds them all:
 * id, default severity, what it means, the way out. sluice-findings(7) has a
 * section for each and a lint keeps the two equal.
 */
#ifndef MODEL_FINDING_H
#define MODEL_FINDING_H

#include "base/arena.h"
#include "base/buf.h"
#include "model/change.h"

enum severity {
	SEVERITY_BLOCK, /* 0: what is not set refuses */
	SEVERITY_WARN,
	SEVERITY_OFF,
	SEVERITY_WAIVED, /* would block; those who may let it pass */
};

enum finding_id {
	FINDING_POLICY_SILENT,
	FINDING_POLICY_SIGNATURES,
	FINDING_POLICY_BACKWARDS,
	FINDING_POLICY_BROKEN,
	FINDING_SIGNATURE_MISSING,
	FINDING_SIGNATURE_BAD,
	FINDING_SIGNATURE_UNKNOWN_KEY,
	FINDING_SIGNATURE_NOT_ALLOWED,
	FINDING_SIGNATURE_LIMITED,
	FINDING_SIGNATURE_KIND,
	FINDING_SIGNATURE_EXPIRED,
	FINDING_SIGNATURE_REVOKED,
	FINDING_SIGNATURE_COMPROMISED,
	FINDING_SIGNATURE_WEAK,
	FINDING_SIGNATURE_IDENTITY,
	FINDING_SIGNATURE_MALFORMED,
	FINDING_SIGNATURE_UNSUPPORTED,
	FINDING_SIGNATURE_MERGED_TAG,
	FINDING_CERTIFICATE_MISSING,
	FINDING_CERTIFICATE_FORBIDDEN,
	FINDING_CERTIFICATE_MALFORMED,
	FINDING_CERTIFICATE_KIND,
	FINDING_CERTIFICATE_BAD,
	FINDING_CERTIFICATE_UNKNOWN_KEY,
	FINDING_CERTIFICATE_EXPIRED,
	FINDING_CERTIFICATE_REVOKED,
	FINDING_CERTIFICATE_WEAK,
	FINDING_CERTIFICATE_UNSUPPORTED,
	FINDING_CERTIFICATE_NOT_ALLOWED,
	FINDING_CERTIFICATE_COMMANDS,
	FINDING_CERTIFICATE_OPTIONS,
	FINDING_CERTIFICATE_REPOSITORY,
	FINDING_CERTIFICATE_NONCE,
	FINDING_CERTIFICATE_USED,
	FINDING_CERTIFICATE_PUSHER,
	FINDING_IDENTITY_EMAIL,
	FINDING_IDENTITY_COMMITTER,
	FINDING_IDENTITY_AUTHOR,
	FINDING_IDENTITY_NAME,
	FINDING_IDENTITY_PATTERN,
	FINDING_APPROVAL_TOO_FEW,
	FINDING_APPROVAL_PATH,
	FINDING_APPROVAL_GROUP,
	FINDING_APPROVAL_ROBOT,
	FINDING_APPROVAL_CODEOWNERS,
	FINDING_APPROVAL_FORGE, /* it could not be told whether */
	FINDING_APPROVAL_OBJECTION,
	FINDING_APPROVAL_KEPT,
	FINDING_APPROVAL_INVALID,
	FINDING_WAIVER_INVALID,
	FINDING_ROBOT_PUSH,
	FINDING_ROBOT_COMMIT,
	FINDING_ROBOT_PATH,
	FINDING_SECRET_FOUND, /* its id is "secret.<rule>" */
	FINDING_SECRET_NOT_SCANNED,
	FINDING_REF_FORCE_PUSH,
	FINDING_REF_DELETE,
	FINDING_REF_MOVE,
	FINDING_REF_CREATE,
	FINDING_REF_UPDATE,
	FINDING_REF_MERGE,
	FINDING_REF_LIGHTWEIGHT,
	FINDING_REF_MAX_REFS,
	FINDING_REF_MAX_COMMITS,
	FINDING_REF_NAME,
	FINDING_REF_TARGET,
	FINDING_REF_CHANGES,
	FINDING_MESSAGE_PATTERN,
	FINDING_MESSAGE_DENIED,
	FINDING_MESSAGE_SIGN_OFF,
	FINDING_MESSAGE_ISSUE,
	FINDING_MESSAGE_LENGTH,
	FINDING_FILE_NAME,
	FINDING_FILE_EXTENSION,
	FINDING_FILE_SIZE,
	FINDING_FILE_PATH_LENGTH,
	FINDING_FILE_CASE_COLLISION,
	FINDING_FILE_MODE,
	FINDING_FILE_WINDOWS_NAME,
	FINDING_FILE_GIT_NAME,
	FINDING_FILE_SYMLINK,
	FINDING_FILE_SUBMODULE,
	FINDING_COUNT,
};

struct finding_def {
	enum finding_id number;
	const char *id;
	enum severity severity; /* default */
	const char *text;       /* what is wrong, lower case, no full stop */
	const char *hint;       /* the way out, a sentence or a command */
};

/* finding_def(id): its row in the table. */
const struct finding_def *finding_def(enum finding_id id);

/*
 * finding_waivable(id):
 * Whether a policy may let people waive it at all. Not what says that something
 * could not be judged (an object that tools read differently, a file that was
 * not scanned, a ref that leads to no commit), not what no commit can be named
 * for, nor what is wrong with an approval or a waiver.
 */
bool finding_waivable(enum finding_id id);

/*
 * finding_fixed(id):
 * Whether it refuses whatever a policy makes of it, also where that only
 * observes: what it keeps closed is what other refs are judged by.
 */
bool finding_fixed(enum finding_id id);

/*
 * finding_names(pattern, id):
 * How much of ${id} a pattern of the policy names: an id, or the front of some
 * with a final star. 0 if it is not about it; an exact name is the most.
 */
size_t finding_names(const char *pattern, struct span id);

/* finding_id_known(id, out): the finding of an exact id; "secret.<rule>" is
 * FINDING_SECRET_FOUND, whose rules only a pack knows. */
MUST_USE bool finding_id_known(struct span id, enum finding_id *out);

/* One finding. All text is in the run's arena; none of it is secret. */
struct finding {
	const struct finding_def *def;
	const char *rule; /* rule id for FINDING_SECRET_FOUND, else NULL */
	enum severity severity;
	size_t update;      /* index of the ref update it belongs to */
	struct oid object;  /* commit, tag or blob; zero when none */
	const char *place;  /* "path:line", or "" */
	const char *detail; /* what exactly: key, count, redacted form; "" */
	const char *hint;   /* instead of the table's, or NULL */
	const char *fingerprint; /* hex, for waivers and lists; or "" */
	const uint64_t *commits; /* bit i: it is about change[i] of its update
				  * too; NULL: about the object alone */
	const char *ask;         /* who may waive it, and how; or NULL */
	const size_t *waiver;    /* waived: by which of facts->waiver */
	size_t nwaiver;
};

struct findings {
	struct arena *arena;
	struct finding *v;
	size_t n, cap;
	const struct span *hidden; /* never shown, wherever they turn up */
	size_t nhidden;
	uint64_t *fronts; /* a bit for each two bytes that one starts with */
};

/* findings_conceal(f, hidden, n): what is never to be shown; borrowed. */
void findings_conceal(struct findings *f, const struct span *hidden, size_t n);

/* findings_add(f, id, update, object): a new finding with the table's severity;
 * ${object} may be NULL. The pointer is good until the next addition. */
struct finding *findings_add(struct findings *f, enum finding_id id,
	size_t update, const struct oid *object);

/* findings_hide(f, s): ${s} with "[secret]" in place of what is hidden; bytes
 * as they are but for that. With more to hide than FINDINGS_HIDDEN_MAX nothing
 * of ${s} is left. */
#define FINDINGS_HIDDEN_MAX 256
struct span findings_hide(const struct findings *f, struct span s);
/* findings_show(f, s, max): text from outside, cut and made printable, in the
 * arena; for details and places. What is hidden shows as "[secret]". */
const char *findings_show(struct findings *f, struct span s, size_t max);
/* findings_quote(f, text, max): the same of what the policy itself says, whose
 * backslashes are its own. */
const char *findings_quote(struct findings *f, const char *text, size_t max);
/* findings_word(f, s): ${s} as one word of a command that is made to be pasted
 * into a shell, quoted where it has to be; NULL for what is better typed by
 * hand: with quotes or what cannot be shown in it, or too long. */
const char *findings_word(struct findings *f, struct span s);
/* findings_about(f, c): "'subject' by Name <mail>", so that a reader knows a
 * commit without looking it up. */
const char *findings_about(struct findings *f, const struct commit *c);

/* finding_name(f, out): "signature.missing", "secret.github_pat" in ${out}. */
void finding_name(const struct finding *f, struct buf *out);

enum verdict {
	VERDICT_UNDECIDED, /* could not judge; 0, so nothing passes unset */
	VERDICT_REJECT,
	VERDICT_ACCEPT,
};
const char *verdict_name(enum verdict v); /* "accept" … */
const char *severity_name(enum severity s);

#endif
