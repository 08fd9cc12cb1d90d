/* The policy in force: people, their keys, and what each ref demands. */
#ifndef MODEL_POLICY_H
#define MODEL_POLICY_H

#include "model/change.h"
#include "model/codeowners.h"
#include "model/push.h"

/* A file with public keys: those of a person, an ALLOWED SIGNERS file, or a
 * list of keys that are revoked. */
struct policy_key {
	enum signature_kind kind;
	const char *file; /* as written in the policy */
	struct span data; /* the file's bytes; empty until loaded */
};

/* What somebody's signature on a commit is good for. */
enum signs {
	SIGNS_ANYTHING,
	SIGNS_MERGES,    /* clean merges */
	SIGNS_UNCHANGED, /* these, and what approvals cover though rebased or
			  * squashed */
};

/* Programs that reviews are kept by: asked over the network, but for the last,
 * whose repositories are read on this machine. */
enum forge_kind {
	FORGE_GITEA, /* and Forgejo */
	FORGE_GITLAB,
	FORGE_GITHUB, /* and GitHub Enterprise */
	FORGE_GERRIT,
	FORGE_NOTEDB, /* Gerrit's NoteDb */
};
#define FORGE_KINDS 5
const char *forge_kind_name(enum forge_kind k); /* "gitea" … */

/* A repository that the forge has under another name. */
struct forge_place {
	const char *repository, *project;
};

struct forge {
	const char *name;
	enum forge_kind kind;
	const char *url;        /* without a final slash; NULL of NoteDb */
	const char *token_file; /* as written in the policy, or NULL */
	const char *ca_file;    /* the same; NULL: the system's authorities */
	struct forge_place *place;
	size_t nplace;
	bool trust_reset; /* GitLab: its word that approvals are reset when a
			   * request changes will do where it does not say when
			   * they were given */
	/* Of NoteDb. */
	const char *path;      /* folder of its repositories, absolute */
	const char *server_id; /* whose accounts are meant */
	const char *owner;     /* account of this machine that may write there,
				* beside root and the gate's own; or NULL */
	unsigned highest;      /* value of the label that approves */
};

/* What a forge calls a person. */
struct forge_account {
	const char *forge;
	const char *login;
	uint64_t id; /* number of the account there; 0: any with that login */
	int64_t compromised; /* since when somebody else may have it, seconds
			      * since 1970; 0: nobody has */
	int64_t regained;    /* until when; 0: still */
};
/* account_compromised(a, at): whether somebody else may have it at that time.
 */
bool account_compromised(const struct forge_account *a, int64_t at);

struct person {
	const char *name;
	const char **email;
	size_t nemail;
	const char **account; /* names the server may know them by, besides
			       * `name` */
	size_t naccount;
	struct forge_account *forge; /* accounts that reviews are given by */
	size_t nforge;
	const char **written; /* how their name may stand in commits; none:
			       * in any way */
	size_t nwritten;
	struct policy_key *key;
	size_t nkey;
	bool robot; /* CI, bot, coding agent: never counts as an approver */
	enum signs signs;
};

/* People that a rule admits, groups already resolved, each once. */
struct people {
	const struct person **v;
	size_t n;
};
bool people_has(const struct people *p, const struct person *who);

/* What an expression is compared with; bits. */
#define PATTERN_OF_REF 1u
#define PATTERN_OF_MESSAGE 2u
#define PATTERN_OF_AUTHOR 4u /* the e-mail address */
#define PATTERN_OF_COMMITTER 8u
#define PATTERN_OF_PATH 16u

/* A regular expression of the policy. Gathering matches it; checks only ask
 * for the answer by its number. */
struct pattern_ref {
	const char *text;
	size_t number; /* index into policy->pattern */
};

/* Expressions in the order of the file. */
struct patterns {
	struct pattern_ref *v;
	size_t n;
};

enum demand {
	DEMAND_OPTIONAL,
	DEMAND_REQUIRED,
	DEMAND_FORBIDDEN,
};

enum merged_tags {
	MERGED_TAGS_OFF,
	MERGED_TAGS_SIGNED,   /* those that a commit has must be good */
	MERGED_TAGS_REQUIRED, /* and a merge must have them */
};

struct rule_signature {
	struct people by;
	unsigned kinds; /* SIGNATURE_BITs */
	enum demand push_certificate;
	unsigned nonce_slop; /* seconds: so old may a nonce be, past
			      * git's own certNonceSlop */
	bool identity; /* author or committer e-mail must be the signer's */
	enum merged_tags merged_tags;
};

#define EXCLUDE_AUTHOR 1u /* and co-authors, and whoever signed the commit */
#define EXCLUDE_COMMITTER 2u
#define EXCLUDE_PUSHER 4u

struct approval_path {
	const char **match; /* globs on paths */
	size_t nmatch;
	unsigned count;
	struct people by;
};

/* Some of the approvers of a commit must be of these. */
struct approval_group {
	unsigned count;
	struct people by;
};

/* Whom the policy takes an owner of a CODEOWNERS file for. */
struct owner_name {
	const char *name; /* as in the file: "@org/team", an address */
	struct people by;
};

/* The owners of a path must be among the approvers of what changes it. */
struct rule_codeowners {
	enum codeowners_dialect dialect;
	struct people fallback; /* who approves where the file does not say */
	struct owner_name *owner;
	size_t nowner;
};

struct rule_approval {
	bool no_tags;               /* signed tags do not count */
	const struct forge **forge; /* whose reviews count */
	size_t nforge;
	unsigned count;
	struct people by;
	unsigned exclude; /* EXCLUDE_ bits */
	struct approval_path *path;
	size_t npath;
	struct approval_group *group; /* beside count and by; fewer than
				       * QUORUM_MAX */
	size_t ngroup;
	bool shared;       /* one person may count for several of them */
	bool binds_patch;  /* an approval outlives a pure rebase or squash */
	bool clean_merges; /* ask for no approval of their own */
	struct people objections; /* whose must be resolved; may be nobody */
	const struct rule_codeowners *codeowners; /* or NULL */
	unsigned robot_count; /* for what a robot had a hand in; 0: as other
			       * changes */
};

struct rule_secret {
	const char **rules; /* "builtin" or a rule-pack file */
	size_t nrules;
	uint64_t max_blob;      /* bytes; a larger blob is "not scanned" */
	unsigned decode_depth;  /* how often text may be encoded and is still
				* read; 0: only as it stands */
	bool block_low;         /* findings of low confidence block as well */
	bool archives;          /* what is in them is looked at */
	unsigned archive_depth; /* archives in each other, from 1 */
	uint64_t archive_max;   /* bytes that one may unpack to; past it, it
				 * is "not scanned" */
};

/* Whose an address in a commit has to be. A greater value demands more. */
enum identity_email {
	IDENTITY_OFF,
	IDENTITY_DOMAIN, /* of a domain in which the signer has an address */
	IDENTITY_STRICT, /* the signer's own */
};

struct rule_identity {
	enum identity_email email;
	bool committer_pushes; /* the committer's is the pusher's */
	bool author_known;     /* the author's is that of a person */
	bool names_listed;     /* beside a person's address stands a name that
				* the policy has for them */
	/* The address must match one of them; none: any. */
	struct patterns author_email, committer_email;
};

/* What robots named here may touch, and nothing else. */
struct robot_path {
	struct people by;
	const char **match; /* globs on paths */
	size_t nmatch;
};

struct rule_robot {
	bool push_some, commit_some; /* only robots of the list may, instead of
				      * all; the list may be empty */
	struct people push;          /* who may push to the ref */
	struct people commit;        /* who may have a hand in commits on it */
	struct robot_path *path;
	size_t npath; /* 0: robots may touch anything */
};

struct rule_ref {
	bool deny_force_push, deny_delete, deny_move, deny_create;
	bool deny_update;         /* of a ref that exists, in any way */
	bool deny_merge;          /* history must be linear */
	bool deny_lightweight;    /* tags must be annotated */
	unsigned max_refs;        /* in one push; 0: any number */
	unsigned max_commits;     /* new in one push; 0: any number */
	struct pattern_ref *name; /* the full ref name must match one */
	size_t nname;
};

struct rule_message {
	struct pattern_ref *require; /* each must match */
	size_t nrequire;
	struct pattern_ref *deny; /* none may match */
	size_t ndeny;
	bool sign_off;
	struct patterns issue; /* one of them must match; none: any */
	unsigned max_subject;  /* characters of the first line; 0: any */
	unsigned max_line;     /* characters of the others; 0: any */
	bool spare_merges;     /* nothing is asked of merge commits */
};

enum symlinks {
	SYMLINKS_ALLOW,
	SYMLINKS_INSIDE, /* must not lead out of the tree */
	SYMLINKS_DENY,
};

/* How a submodule's URL reaches its repository; bits. */
#define SUBMODULE_HTTPS 1u
#define SUBMODULE_SSH 2u
#define SUBMODULE_RELATIVE 4u
#define SUBMODULE_GIT 8u
#define SUBMODULE_HTTP 16u
#define SUBMODULE_FILE 32u
#define SUBMODULE_KINDS 6

struct rule_file {
	const char **deny; /* globs: on the whole path if it has a '/', else
			    * on the last component */
	size_t ndeny;
	struct patterns deny_pattern; /* none may match the whole path */
	const char **extension;       /* without dot; ASCII case is ignored */
	size_t nextension;
	uint64_t max_size; /* bytes; 0: no limit */
	unsigned max_path; /* bytes of a path; 0: no limit */
	bool deny_case;    /* paths that differ in case or accents only */
	bool deny_modes;   /* other than those git makes today */
	bool deny_windows; /* names that Windows cannot have */
	bool deny_dotgit;  /* names that some system takes for .git */
	enum symlinks symlinks;
	bool limit_submodules;
	unsigned submodules; /* where they are limited: SUBMODULE_ bits of what
			      * is allowed; 0: no submodules at all */
};

/* Who may waive what is found on a ref. */
struct rule_waiver {
	const char **finding; /* ids, or "secret.*"-like with one final star */
	size_t nfinding;
	struct people by;
	unsigned count;    /* people who must sign */
	unsigned exclude;  /* EXCLUDE_ bits, of what it waives */
	unsigned max_days; /* how long a waiver may be good for */
};

struct severity_override {
	const char *finding; /* id, or "secret.*"-like with one final star */
	int severity;        /* enum severity */
};

/* Added to the way out of a finding. */
#define POLICY_HINT_MAX 300 /* bytes */
struct policy_hint {
	const char *finding; /* as of a severity, or "*" */
	const char *text;
};

enum mode {
	MODE_UNSAID,
	MODE_ENFORCE,
	MODE_OBSERVE,
};

/* What the policy demands of one ref in one repository. A NULL section demands
 * nothing. `at` names the JSON path each section came from, for explain. */
struct rules {
	const struct rule_signature *signature;
	const struct rule_identity *identity;
	const struct rule_approval *approval;
	const struct rule_robot *robot;
	const struct rule_secret *secret;
	const struct rule_ref *ref;
	const struct rule_message *message;
	const struct rule_file *file;
	const struct rule_waiver *waiver;
	size_t nwaiver;
	const struct severity_override *severity;
	size_t nseverity;
	const struct policy_hint *hint;
	size_t nhint;
	enum mode mode;
	bool observe; /* what policy_rules makes of all modes */
	const char *at_signature, *at_identity, *at_approval, *at_robot,
		*at_secret, *at_ref, *at_message, *at_file, *at_waiver,
		*at_severity, *at_mode, *at_hints;
};

/* One entry of a "refs" list. */
struct ref_rules {
	const char **match; /* globs on full ref names */
	size_t nmatch;
	struct rules rules;
};

struct repository_rules {
	const char **match; /* globs on repository names */
	size_t nmatch;
	const char **url; /* where it is pushed to, "{repository}" standing for
			   * the name; none: see policy_is_pushee */
	size_t nurl;
	struct ref_rules *ref;
	size_t nref;
};

/* globs_match(glob, n, s): whether one of the patterns matches (text_glob). */
bool globs_match(const char *const *glob, size_t n, struct span s);

/* What certificates count for, beside those of people. */
struct policy_x509 {
	struct policy_key *root; /* authorities whose certificates count for
				  * the people whose addresses are in them */
	size_t nroot;
	struct policy_key *between; /* authorities below them */
	size_t nbetween;
	struct policy_key *crl; /* lists of what they revoked */
	size_t ncrl;
	struct policy_key *compromised; /* certificates of keys that somebody
					 * else may have */
	size_t ncompromised;
	bool need_crl; /* there must be a list that is not out of date */
};

struct policy_group {
	const char *name; /* without '@' */
	struct people people;
};

/* While the log lacks its witnesses' signatures, a push … */
enum unwitnessed {
	UNWITNESSED_ALLOW,
	UNWITNESSED_WARN,  /* is told so */
	UNWITNESSED_WAIT,  /* has them asked, and is refused without them */
	UNWITNESSED_BLOCK, /* is refused */
};
/* The words for these, in that order. */
extern const char *const unwitnessed_names[4];
#define UNWITNESSED_HOURS 24 /* where the policy does not say */
#define UNWITNESSED_HOURS_MAX 8760

struct policy {
	struct person *person;
	size_t nperson;
	struct policy_group *group; /* those of the file, for CODEOWNERS */
	size_t ngroup;
	struct policy_key *signers; /* ALLOWED SIGNERS files of ssh-keygen(1),
				     * which say whose keys are in them */
	size_t nsigners;
	struct policy_key *revoked; /* lists of revoked SSH keys */
	size_t nrevoked;
	struct policy_key *compromised; /* the same of SSH keys that somebody
					 * else may have */
	size_t ncompromised;
	struct policy_x509 x509;
	struct forge *forge;
	size_t nforge;
	unsigned forge_timeout; /* seconds for all that is asked of forges in
				 * one push */
	struct repository_rules *repository;
	size_t nrepository;
	struct pattern_ref *pattern; /* every regular expression, once */
	const char **pattern_at;     /* JSON path of the first use of each */
	unsigned *pattern_of;        /* PATTERN_OF_ bits of all uses of each */
	size_t npattern;
	bool observe;            /* "mode": "observe", where no ref says else */
	const char *log_openpgp; /* fingerprint for checkpoint.asc, or NULL */
	bool log_proofs;         /* repositories hold the proofs of pushes */
	enum unwitnessed unwitnessed; /* what entries do that no quorum of the
				       * witnesses has signed for so long: */
	unsigned unwitnessed_hours;
	bool redact;          /* the log has no names of people */
	const char *path;     /* of the file; others it names lie beside it */
	char digest[65];      /* SHA-256 of the file, hex */
	char keys_digest[65]; /* SHA-256 over all loaded key bytes, hex */
};

/*
 * policy_rules(p, repository, ref, out):
 * The rules for a ref: each section from the first matching entry that has it.
 * False when no "repositories" entry matches the repository at all: the policy
 * says nothing about it, which callers must not take for "nothing demanded".
 * Refs under refs/sluice/ hold evidence, not work: only the sections secret,
 * file, severity, mode and hints apply there; approvals and waivers are checked
 * on arrival anyway. Where no entry has a mode, that of the policy holds.
 */
MUST_USE bool policy_rules(const struct policy *p, struct span repository,
	struct span ref, struct rules *out);

/*
 * rules_cover(a, b):
 * Whether ${a} demands at least what ${b} does of commits and their content
 * (signature, identity, approval, robot, secret, message, file, no merges; not
 * what else it says of the ref), so that what passed ${a} would pass ${b}.
 * Severities must be the same, and ${a} not only observe where ${b} enforces.
 * False when it cannot be told. Waivers are not asked about: waivers_cover.
 */
bool rules_cover(const struct rules *a, const struct rules *b);

/*
 * policy_wants_certificates(p, repository): whether some rule of it demands
 * push certificates.
 */
bool policy_wants_certificates(const struct policy *p, struct span repository);

/* policy_has_urls(p, repository): whether some entry lists its addresses. */
bool policy_has_urls(const struct policy *p, struct span repository);

/*
 * policy_is_pushee(p, repository, pushee):
 * Whether ${pushee}, the address that a push certificate was made for, is one
 * of the repository. A final '/' and ".git" do not count. Where the policy has
 * "urls" for the repository (the first matching entry that has some), one of
 * them must be equal, byte by byte. Otherwise the path must end in the
 * repository's name, after a '/' or after the ':' of "host:path", and hold no
 * '?' or '#'; the host is then left to the nonce.
 */
#define PUSHEE_NAME "{repository}"
bool policy_is_pushee(
	const struct policy *p, struct span repository, struct span pushee);

/*
 * waivers_cover(a, b):
 * Whether whatever ${a} lets be waived, ${b} does: by as many or fewer people,
 * by at least the same ones, of whom no more are excluded, for as long. Then
 * what was waived under ${a} may stand in where ${b} holds.
 */
bool waivers_cover(const struct rules *a, const struct rules *b);

/* approval_serves(a, who): bit 0: counts for a->by; bit i + 1: for a->group[i].
 */
unsigned approval_serves(
	const struct rule_approval *a, const struct person *who);

/* rules_empty(r): nothing at all is demanded. */
bool rules_empty(const struct rules *r);

/* policy_person_by_email(p, email): ASCII case is ignored; NULL if nobody. */
const struct person *policy_person_by_email(
	const struct policy *p, struct span email);
/* policy_person_by_account(p, name): by account, then by name. */
const struct person *policy_person_by_account(
	const struct policy *p, struct span account);
bool person_has_email(const struct person *who, struct span email);
/* person_has_login(who, name): at any forge; ASCII case is ignored. For those
 * who may not have a hand in something: it is no proof of who it is. */
bool person_has_login(const struct person *who, struct span name);
/* policy_has_notedb(p): whether some forge is read from refs/changes/. */
bool policy_has_notedb(const struct policy *p);
/* policy_forge(p, name): NULL if there is none. */
const struct forge *policy_forge(const struct policy *p, struct span name);
/* policy_person_by_review(p, forge, login, id): whose account there it is; NULL
 * if nobody's. Case counts: some forges tell "ada" from "Ada". */
const struct person *policy_person_by_review(const struct policy *p,
	const struct forge *forge, struct span login, uint64_t id);
/* policy_account(p, forge, login, id, who): the same with the account itself,
 * and whose it is in *${who}; both are NULL if nobody's. */
const struct forge_account *policy_account(const struct policy *p,
	const struct forge *forge, struct span login, uint64_t id,
	const struct person **who);
/* forge_project(f, repository): what the forge calls a repository. */
struct span forge_project(const struct forge *f, struct span repository);
/* policy_pusher(p, pusher): the person who pushes, by account, name or address;
 * NULL if the server does not tell or the policy does not know. */
const struct person *policy_pusher(
	const struct policy *p, const struct pusher *pusher);
/* policy_is_pusher(p, pusher, who): whether any of what the server tells of who
 * pushes is ${who}, also where policy_pusher is somebody else by the rest. */
bool policy_is_pusher(const struct policy *p, const struct pusher *pusher,
	const struct person *who);

#endif
