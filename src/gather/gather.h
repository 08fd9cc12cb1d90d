/*
 * Gathering: everything learnt from the world about one push ends in one
 * struct facts. Runs in the judge. The order is fixed: changes, signatures,
 * certificate, approvals, reviews, waivers, secrets; each adds its part and
 * reads only earlier ones.
 */
#ifndef GATHER_GATHER_H
#define GATHER_GATHER_H

#include "base/arena.h"
#include "base/err.h"
#include "gather/arrived.h"
#include "gather/policysource.h"
#include "model/fact.h"
#include "port/repo.h"
#include "scan/packlist.h"

/* What gathering works with; borrowed for the run. Open, it stays where it
 * is. */
struct gather {
	struct arena *arena;
	struct repo *repo;
	const char *state; /* for caches: <state>/cache, may be read-only */
	const struct policy_source *source; /* of the policy; NULL: files that
					     * stand beside policy->path */
	struct packlist packs;              /* in the quarantine */
	struct arrived arrived;
	struct commitbook *book; /* of those in packs, or NULL */
	struct signers *signers; /* kept by signers_open until gather_close */
};

/*
 * gather_open(g, repository, quarantine, state, arena, err):
 * Open the repository and list its quarantine (NULL: there is none). Close
 * with gather_close; the arena and the state folder stay the caller's.
 */
MUST_USE int gather_open(struct gather *g, const char *repository,
	const char *quarantine, const char *state, struct arena *arena,
	struct err *err);
void gather_close(struct gather *g);

/*
 * gather_open_sent(g, repository, sent, state, arena, err):
 * The same before a push: ${sent} is an objects folder that holds, in packs,
 * what would be sent. The repository itself may have all of it as well; each
 * object of ${sent} counts as new.
 */
MUST_USE int gather_open_sent(struct gather *g, const char *repository,
	const char *sent, const char *state, struct arena *arena,
	struct err *err);

#define GATHER_WORKERS_MAX 4       /* threads; other pushes want their share */
#define GATHER_COMMITS_MAX 2000000 /* commits judged in one push */
#define GATHER_PATHS_MAX 10000000 /* changed paths in one push, each a few us */

/* gather_changes: updates, their rules and movement, the commits and tags each
 * must answer for, parsed; patterns matched; paths when a rule needs them. */
MUST_USE int gather_changes(struct gather *g, struct facts *f, struct err *err);

/*
 * gather_signatures: facts->change[].sig, facts->change[].merged and
 * facts->tag[].sig, judged at facts->push->time with exactly the policy's keys.
 * Verifying takes time, so what only belongs to updates whose rules do not need
 * to know who signed is SIGNATURE_UNCHECKED (or missing).
 */
MUST_USE int gather_signatures(
	struct gather *g, struct facts *f, struct err *err);

/*
 * signers_open(g, p, out, err):
 * The policy's keys, ready to judge by. They stay loaded in ${g}, so opening
 * again in the same run is cheap; gather_close closes them at last. ERR_POLICY
 * when a key file cannot be used or two people share a key.
 *
 * signature_judge(s, text, at, out, arena, err):
 * Who made this signature, and is it good at the time ${at}? A signature that
 * is not good is no error: -1 says that it could not be judged. The text alone
 * is judged: an object that is malformed (see commit_parse) is the caller's to
 * refuse. person is set only where the key's owner is proven: good, expired,
 * revoked, and weak where the key is.
 *
 * An OpenPGP key that runs out between two pushes is noticed by ${at}.
 *
 * signers_gnupg_alone(s):
 * Leave every OpenPGP signature to GnuPG, also those whose arithmetic is done
 * in process. The verdicts are the same; tests hold them against each other.
 *
 * signers_check(p, arena, err):
 * That every key of the policy can be used, told before a push needs it: what
 * signers_open asks for, and that GnuPG takes each OpenPGP key. Leaves nothing.
 */
struct signers;
MUST_USE int signers_check(
	const struct policy *p, struct arena *arena, struct err *err);
MUST_USE int signers_open(struct gather *g, const struct policy *p,
	struct signers **out, struct err *err);
void signers_gnupg_alone(struct signers *s);
/* signers_book(s): whose key is whose; lives as long as ${s}. */
struct keybook;
const struct keybook *signers_book(const struct signers *s);
void signers_close(struct signers *s);
MUST_USE int signature_judge(struct signers *s, const struct signed_text *text,
	int64_t at, struct signature_fact *out, struct arena *arena,
	struct err *err);

/*
 * gather_certificate: facts->certificate, whose signature is judged as those of
 * commits are; "unchecked" where no rule of any update is about people. What
 * git says of it is believed of the nonce alone. One that cannot be read is no
 * error: it is malformed, which proves nothing.
 */
MUST_USE int gather_certificate(
	struct gather *g, struct facts *f, struct err *err);

/* gather_approvals: approval tags in the repository and in the push. */
MUST_USE int gather_approvals(
	struct gather *g, struct facts *f, struct err *err);

/*
 * reviews_question(g, f, out, err):
 * What has to be asked of forges before the push can be judged, added to
 * ${out}; nothing if nothing has to, or if it was asked. Needs changes only.
 *
 * gather_reviews(g, f): what was answered, as approvals, after those that are
 * tags. Answers that cannot be read are no approvals and no lack of any:
 * facts->reviews.fault says why.
 */
MUST_USE int reviews_question(struct gather *g, const struct facts *f,
	struct buf *out, struct err *err);
void gather_reviews(struct gather *g, struct facts *f);

/*
 * gather_waivers: waiver tags in the repository and in the push, for refs that
 * the push touches and whose rules let anything be waived; those that are
 * pushed in any case, since they are checked on arrival. One that the push
 * itself takes away is not looked at. Of those in the repository no more are
 * taken than below, in order of their refs: what is left out waives nothing.
 */
#define GATHER_WAIVERS_MAX 500 /* of one push; as many as an entry holds */
#define GATHER_WAIVERS_PERSON_MAX 200 /* of one person, that are valid */
#define GATHER_WAIVERS_OVER_MAX 10    /* of one person, that are not */
#define GATHER_WAIVERS_LOOKED_AT 5000
MUST_USE int gather_waivers(struct gather *g, struct facts *f, struct err *err);

/*
 * gather_secrets: every object in the quarantine, and what judged commits bring
 * that is not in it, when a rule of any update asks for it. Hits of an object
 * are told once, under the first update whose rules ask for secrets, and once
 * more for each way in which they would weigh differently on another.
 */
MUST_USE int gather_secrets(struct gather *g, struct facts *f, struct err *err);

/*
 * gather_sections: facts->people and the sections of every update: what a
 * record keeps of the rules it was judged by, so that a replay can tell which
 * of them are others.
 */
void gather_sections(struct facts *f, struct arena *arena);

/*
 * secrets_prepare(state, err):
 * Make what gather_secrets keeps in the state folder, so that the first push
 * does not wait for it: the key of fingerprints, and the built-in rules in
 * their compiled form (most of a second).
 */
MUST_USE int secrets_prepare(const char *state, struct err *err);

/*
 * policy_load(path, arena, out, err):
 * Read the policy and every key file it names; owner and mode of each checked
 * on the open descriptor and up the path. Fills the digests. What the keys are
 * is looked into when they are first needed: signers_open.
 */
MUST_USE int policy_load(const char *path, struct arena *arena,
	struct policy **out, struct err *err);

/* policy_load_from(from, arena, out, err): the same from another source; its
 * path stays NULL. */
MUST_USE int policy_load_from(const struct policy_source *from,
	struct arena *arena, struct policy **out, struct err *err);

/* policy_check_patterns(p, err): every regular expression of it compiles.
 * policy_load has done this. */
MUST_USE int policy_check_patterns(const struct policy *p, struct err *err);

#endif
