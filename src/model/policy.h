/* The policy in force: people, their keys, and what each ref demands. */
#ifndef MODEL_POLICY_H
#define MODEL_POLICY_H

#include "model/change.h"

/* A public key that belongs to a person. */
struct policy_key {
	enum signature_kind kind;
	const char *file; /* as written in the policy */
	struct span data; /* the file's bytes; empty until loaded */
};

struct person {
	const char *name;
	const char **email;
	size_t nemail;
	const char **account; /* names the server may know them by, besides
			       * `name` */
	size_t naccount;
	struct policy_key *key;
	size_t nkey;
	bool robot; /* never counts as an approver */
};

/* People that a rule admits, groups already resolved, each once. */
struct people {
	const struct person **v;
	size_t n;
};
bool people_has(const struct people *p, const struct person *who);

/* A regular expression of the policy. Gathering matches it; checks only ask
 * for the answer by its number. */
struct pattern_ref {
	const char *text;
	size_t number; /* index into policy->pattern */
};

enum demand {
	DEMAND_OPTIONAL,
	DEMAND_REQUIRED,
	DEMAND_FORBIDDEN,
};

struct rule_signature {
	struct people by;
	unsigned kinds; /* SIGNATURE_BITs */
	enum demand push_certificate;
	bool identity; /* author or committer e-mail must be the signer's */
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

struct rule_approval {
	unsigned count;
	struct people by;
	unsigned exclude; /* EXCLUDE_ bits */
	struct approval_path *path;
	size_t npath;
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

struct rule_ref {
	bool deny_force_push, deny_delete, deny_move, deny_create;
	struct pattern_ref *name; /* the full ref name must match one */
	size_t nname;
};

struct rule_message {
	struct pattern_ref *require; /* each must match */
	size_t nrequire;
	struct pattern_ref *deny; /* none may match */
	size_t ndeny;
	bool sign_off;
};

struct rule_file {
	const char **deny; /* globs: on the whole path if it has a '/', else
			    * on the last component */
	size_t ndeny;
	uint64_t max_size; /* bytes; 0: no limit */
};

struct severity_override {
	const char *finding; /* id, or "secret.*"-like with one final star */
	int severity;        /* enum severity */
};

/* What the policy demands of one ref in one repository. A NULL section demands
 * nothing. `at` names the JSON path each section came from, for explain. */
struct rules {
	const struct rule_signature *signature;
	const struct rule_approval *approval;
	const struct rule_secret *secret;
	const struct rule_ref *ref;
	const struct rule_message *message;
	const struct rule_file *file;
	const struct severity_override *severity;
	size_t nseverity;
	const char *at_signature, *at_approval, *at_secret, *at_ref,
		*at_message, *at_file, *at_severity;
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
	struct ref_rules *ref;
	size_t nref;
};

struct policy {
	struct person *person;
	size_t nperson;
	struct repository_rules *repository;
	size_t nrepository;
	struct pattern_ref *pattern; /* every regular expression, once */
	const char **pattern_at;     /* JSON path of the first use of each */
	size_t npattern;
	bool observe;            /* "mode": "observe" */
	const char *log_openpgp; /* fingerprint for checkpoint.asc, or NULL */
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
 * file and severity apply there; approvals are checked on arrival anyway.
 */
MUST_USE bool policy_rules(const struct policy *p, struct span repository,
	struct span ref, struct rules *out);

/*
 * rules_cover(a, b):
 * Whether ${a} demands at least what ${b} does of commits and their content
 * (signature, approval, secret, message, file; not what it says of the ref), so
 * that what passed ${a} would pass ${b}. Severities must be the same. False
 * when it cannot be told.
 */
bool rules_cover(const struct rules *a, const struct rules *b);

/* rules_empty(r): nothing at all is demanded. */
bool rules_empty(const struct rules *r);

/* policy_person_by_email(p, email): ASCII case is ignored; NULL if nobody. */
const struct person *policy_person_by_email(
	const struct policy *p, struct span email);
/* policy_person_by_account(p, name): by account, then by name. */
const struct person *policy_person_by_account(
	const struct policy *p, struct span account);
bool person_has_email(const struct person *who, struct span email);

#endif
