/*
 * Everything learnt from the world about one push, read-only once gathered.
 * Checks are pure functions of it.
 */
#ifndef MODEL_FACT_H
#define MODEL_FACT_H

#include "base/bits.h"
#include "model/change.h"
#include "model/policy.h"
#include "model/push.h"
#include "model/review.h"

/* How good a signature is, judged at the time the push was received. */
enum signature_status {
	SIGNATURE_BAD, /* 0: wrong until shown right */
	SIGNATURE_MISSING,
	SIGNATURE_GOOD,
	SIGNATURE_UNKNOWN_KEY, /* no key of the policy made it */
	SIGNATURE_EXPIRED,     /* the key or the signature */
	SIGNATURE_REVOKED,     /* the key */
	SIGNATURE_COMPROMISED, /* the key, since others may have it: what it
				* signed before is in doubt as well */
	SIGNATURE_WEAK,        /* digest or key too weak */
	SIGNATURE_MALFORMED,   /* two signatures, unreadable, tricks */
	SIGNATURE_UNSUPPORTED, /* a kind that cannot be checked */
	SIGNATURE_UNCHECKED,   /* there is one, and no rule asks about it */
};
const char *signature_status_name(enum signature_status s);

struct signature_fact {
	enum signature_status status;
	enum signature_kind kind;
	const struct person *person; /* owner of the key that made it; NULL
				      * unless that is proven */
	const char *key;    /* fingerprint or key id as claimed; "" if none */
	const char *detail; /* what exactly is wrong, or "" */
};

/* A tag that a merge has in its header. tag.id is not known. */
struct merged_tag {
	struct tag tag;
	struct signature_fact sig;
};

/* A commit that some update must answer for. */
struct change {
	struct commit commit;
	struct signature_fact sig;
	struct merged_tag *merged; /* [commit.nmergetag], where a rule asks for
				    * them; else NULL */
	uint64_t *matches; /* bit n: policy->pattern[n] matches the message */
	/* The same of the addresses; NULL unless a rule asks. */
	uint64_t *author_matches, *committer_matches;
	struct path_change *path; /* what it adds, changes or removes against
				   * every parent; gathered if a rule needs
				   * it */
	size_t npath;
	enum merge_result merge;
	const char *unclean; /* why it is not a clean merge, or NULL */
};

enum submodule_key {
	SUBMODULE_URL,
	SUBMODULE_PATH,
	SUBMODULE_UPDATE,
};

/* One setting of .gitmodules. */
struct submodule_setting {
	enum submodule_key key;
	struct span name; /* of the submodule, as the heading has it */
	struct span value;
};

/* What a small file says, where a rule asks for it. */
struct path_content {
	const char *fault; /* why it could not be read, or NULL */
	struct span link;  /* where a symbolic link leads */
	struct submodule_setting *setting; /* of .gitmodules */
	size_t nsetting;
};

/*
 * entry_kind(mode):
 * What git takes an entry of a tree for that is no folder: whatever the other
 * bits of its mode say, and all that is no known type for a submodule.
 */
enum entry_kind {
	ENTRY_SUBMODULE,
	ENTRY_FILE,
	ENTRY_LINK, /* a symbolic link */
};
enum entry_kind entry_kind(unsigned mode);

struct path_change {
	bool removed; /* the commit takes it away; no blob, no size */
	struct span path;
	struct oid blob;
	unsigned mode;     /* as in the tree: 0100644, 0120000 … */
	uint64_t size;     /* bytes; 0 when the entry is not a blob */
	uint64_t *matches; /* as of a change, for the path; or NULL */
	const struct path_content *content; /* of symbolic links and
					     * .gitmodules; or NULL */
};

/* A folder of the tree that an update ends at, and what the update adds there
 * that was not in the tree it came from. */
struct folder_entry {
	struct span name;
	bool fresh; /* was not there under exactly this name */
};
struct folder_fact {
	struct span path; /* "" for the root */
	struct folder_entry *entry;
	size_t n;
};

/* An annotated tag that is pushed, or one inside it (a tag of a tag). */
struct tag_change {
	struct tag tag;
	struct signature_fact sig;
};

enum movement {
	MOVEMENT_CREATE,
	MOVEMENT_FORWARD, /* fast-forward */
	MOVEMENT_FORCED,  /* the old tip is not an ancestor of the new one */
	MOVEMENT_DELETE,
};

/* What a rule of CODEOWNERS asks for, of the commits of one update. */
struct owner_demand {
	struct people by; /* who the owners are, or stand in for them */
	unsigned count;
	const char *rule;    /* where it stands: "docs/CODEOWNERS line 12" */
	struct span owners;  /* as written there, with blanks between */
	struct span unknown; /* those of them who are nobody that the policy
			      * knows */
	const char *fault;   /* why it is the fallback that is asked, or NULL */
	uint64_t *commits;   /* bit i: about facts->change[change[i]] */
	struct span path;    /* the first that it is about; or "" */
	size_t npath;        /* changes of paths that it is about */
};

/* What one ref update brings. */
struct update_fact {
	const struct ref_update *up;
	struct rules rules;
	bool silent;       /* the policy does not name this repository */
	struct span alias; /* the ref is symbolic: what would move; or "" */
	enum movement movement;
	enum object_type type; /* of the new value */
	enum object_type last; /* of what it leads to when tags are followed;
				* what a tag says of its target may be false */
	size_t *change;        /* indices into facts->change */
	size_t nchange;
	size_t *tag; /* indices into facts->tag, outermost first */
	size_t ntag;
	uint64_t *matches; /* bit n: policy->pattern[n] matches the ref name */
	struct folder_fact *folder; /* those with a fresh entry, if a rule asks
				     */
	size_t nfolder;
	struct owner_demand *owner; /* by the CODEOWNERS that is in force */
	size_t nowner;
	const char **section; /* digests of its rules' sections, "" for none;
			       * or NULL */
};

/* Signed tags of one form and place. */
enum approval_kind {
	APPROVAL_GIVEN,
	APPROVAL_OBJECTION,  /* the commit must not go to the ref */
	APPROVAL_WITHDRAWAL, /* of another of these, by who signed it */
};

enum approval_status {
	APPROVAL_INVALID,   /* signature or form; `detail` says why */
	APPROVAL_STRANGER,  /* well signed by nobody the policy knows */
	APPROVAL_ELSEWHERE, /* names another repository or ref */
	APPROVAL_WITHDRAWN, /* by the same person */
	APPROVAL_VALID,
};

/* An approval tag that names a commit some update brings, or that is pushed; or
 * what somebody said of it at a forge. */
struct approval_fact {
	enum approval_kind what;
	struct oid object;           /* the tag */
	struct oid withdraws;        /* a withdrawal: which tag */
	struct oid commit;           /* what it approves */
	struct span ref;             /* its "For:" */
	struct span stored;          /* the ref it was found under */
	const struct person *person; /* NULL unless the signature is good */
	enum signature_kind kind; /* and ${key}: with what; NONE and "" without
				   * a person */
	const char *key;
	enum approval_status status;
	const char *detail;
	size_t pushed_in; /* index of the update that brings it, or SIZE_MAX */
	bool taken;       /* it is told because update number ${taken_in} would
		     * delete or overwrite its ref */
	size_t taken_in;
	size_t update;    /* the update whose change it covers, or SIZE_MAX */
	uint64_t *covers; /* bit i: covers facts->update[update].change[i] */
	const struct change *was; /* commits that it is for, where those it
				   * covers are the same ones rebased or
				   * squashed */
	size_t nwas;
	/* Of a review; a tag has none of these. */
	const struct forge *forge;
	uint64_t request; /* its number there */
	uint64_t review;  /* and of the review; 0 if it has none */
	struct span login;
	bool opened;  /* by the same person as the request */
	bool against; /* it asks that the request is not merged so */
};

/* An answer of a forge that the push was judged by. */
struct answer_fact {
	struct review_answer answer;
	char sha256[65]; /* of its body, hex */
};

/* Something that must be so of a push certificate. Zero: it is not. */
struct certificate_point {
	bool shown;
	const char *detail; /* what is wrong, or NULL */
};

/* The certificate of a signed push: what it says, whose it is, and whether it
 * is about this push. All zero when there is none. */
struct certificate_fact {
	bool given;
	struct oid blob;
	struct span text; /* as git stored it; empty when it could not be had */
	char sha256[65];  /* of the text, hex, or "" */
	char signed_sha256[65]; /* of the part that is signed, or "" */
	const char *malformed;  /* why it says nothing, or NULL */
	struct span pusher, pushee, nonce; /* as written in it */
	struct signature_fact sig;
	struct certificate_point commands;  /* the updates of this push */
	struct certificate_point options;   /* its push options */
	struct certificate_point pushed_to; /* this repository */
	struct certificate_point unused;    /* it got no push in before */
	struct certificate_point fresh; /* its nonce is the server's own... */
	uint64_t slop; /* ...and so many seconds old, if that is too old for
			* git */
};

/* certificate_holds(c, slop): it is somebody's, whom the policy knows, for
 * exactly this push, and its nonce is not too old for git or at most ${slop}
 * seconds old. */
bool certificate_holds(const struct certificate_fact *c, uint64_t slop);

enum confidence {
	CONFIDENCE_LOW,
	CONFIDENCE_HIGH,
};

enum waiver_status {
	WAIVER_INVALID,   /* signature or form; `detail` says why */
	WAIVER_STRANGER,  /* well signed by nobody the policy knows */
	WAIVER_ELSEWHERE, /* names another repository */
	WAIVER_EXPIRED,
	WAIVER_SPENT,     /* let something in before */
	WAIVER_WITHDRAWN, /* its ref was deleted or overwritten */
	WAIVER_VALID,     /* whether it may waive is for the policy to say */
};
const char *waiver_status_name(enum waiver_status s);

/* A waiver tag for a ref of the push, or one that is pushed. */
struct waiver_fact {
	struct oid object;             /* the tag */
	struct oid commit;             /* or tag: what the finding is about */
	struct span ref, finding;      /* "For:", "Finding:" */
	struct span fingerprint, path; /* empty: not named */
	struct span reason;
	int64_t until, made;         /* seconds since 1970; by the tagger */
	struct span stored;          /* the ref it was found under */
	const struct person *person; /* NULL unless the signature is good */
	enum signature_kind kind;    /* as of an approval */
	const char *key;
	enum waiver_status status;
	const char *detail;
	size_t pushed_in; /* index of the update that brings it, or SIZE_MAX */
	size_t update;    /* the update of its ref, or SIZE_MAX */
	uint64_t *covers; /* bit i: its commit is or reaches
			   * facts->update[update].change[i]; NULL when the
			   * update does not bring the commit */
	const struct change *about; /* the commit, if it is at hand */
};

/* A secret found, never the secret itself. */
struct hit_fact {
	const char *rule;        /* rule id */
	const char *description; /* "GitHub personal access token" */
	const char *remediation;
	enum confidence confidence;
	const char *redacted;
	const char *checked;     /* what its own check says, after redacted:
				  * ", which is well formed"; or NULL */
	const char *fingerprint; /* keyed hash, hex */
	const char *member;    /* of the archive that the object is, printable;
				  * or "" */
	const char *encoding;  /* what it was written in, "base64", or "" */
	struct oid object;     /* blob, commit or tag that holds it */
	struct oid commit;     /* first judged commit that brings it, or 0 */
	struct span path;      /* "" for a message or an unnamed blob */
	const char *what;      /* "blob", "commit message", "path" … */
	unsigned line, column; /* from 1 */
	bool known;            /* the same secret, under the same rule, was in
				  * the version of the file that the repository
				  * had before this push */
	bool unscanned;        /* not a hit: `redacted` says why the object
				  * could not be scanned */
	size_t update;         /* the update it is reported under */
};

/* A push of the policy that is kept in a repository. */
struct policy_file_fact {
	const char *name; /* as the policy calls it */
	struct span data;
};
struct policy_change_fact {
	bool given;
	size_t update;
	const char *broken;    /* why no push could be judged by it, or NULL */
	const char *backwards; /* why it is no successor of the policy in
				* force, or NULL */
	unsigned need;         /* people of the root who must sign it */
	const struct person **signer; /* those who did, each once */
	size_t nsigner;
	uint64_t version;
	char digest[65], keys_digest[65]; /* as of struct policy */
	struct policy_file_fact *file;    /* all that it is made of */
	size_t nfile;
};

struct facts {
	const struct push *push;
	const struct policy *policy;
	struct policy_change_fact policy_change;
	struct certificate_fact certificate;
	struct update_fact *update; /* [push->nup], same order */
	struct change *change;
	size_t nchange;
	struct tag_change *tag;
	size_t ntag;
	struct approval_fact *approval;
	size_t napproval;
	struct push_reviews reviews; /* as of the push; its fault may be that
				      * the answers cannot be read */
	struct answer_fact *answer;  /* of forges, about requests */
	size_t nanswer;
	struct waiver_fact *waiver;
	size_t nwaiver;
	struct hit_fact *hit;
	size_t nhit;
	struct span *hidden; /* secrets in what findings may show: messages,
			      * headers, paths */
	size_t nhidden;
	uint64_t objects, bytes; /* scanned */
	char rules_digest[65];   /* of the secret rules, or "" */
	const char *people;      /* digest of who is who; or NULL */
};

/*
 * facts_pusher(f, slop):
 * The person who pushes: whom the server tells; if that is nobody the policy
 * knows, the signer of a certificate that holds. Or NULL.
 *
 * facts_is_pusher(f, who):
 * For those who may not have a hand in the push: whether any of what the server
 * tells is ${who}, or their login at a forge, which may be the server, or they
 * signed its certificate, whatever else is wrong with that.
 */
const struct person *facts_pusher(const struct facts *f, uint64_t slop);
bool facts_is_pusher(const struct facts *f, const struct person *who);

/* update_asks(u): whether reviews at a forge may count for it. */
bool update_asks(const struct update_fact *u);

#endif
