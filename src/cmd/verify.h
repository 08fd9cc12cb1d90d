/* Parts of 'sluice verify' for every kind of proof file. */
#ifndef CMD_VERIFY_H
#define CMD_VERIFY_H

#include "cmd/cmd.h"
#include "log/prooffile.h"
#include "log/spanfile.h"
#include "log/witnessed.h"
#include "parse/tlogpolicy.h"

/* The witnesses' part. Without a policy nothing is asked of them. */
struct vouched {
	bool asked;
	struct tlogpolicy policy;
	struct witnessed by;
};

/* vouch(file, note, a, out, forged, err): by the policy file ${file}, or NULL.
 * *${forged} when a cosignature is one that nobody made. */
MUST_USE int vouch(const char *file, const struct note *note, struct arena *a,
	struct vouched *out, bool *forged, struct err *err);
void say_vouched(const struct vouched *v);
struct doc *vouched_doc(const struct vouched *v);

/* say_signer(c, i): in words, when it was not the key that was given but number
 * ${i} that signed. signer_doc(j, c, i): the same in ${j}. */
void say_signer(const struct keychain *c, size_t i);
void signer_doc(struct doc *j, const struct keychain *c, size_t i);

/* What is asked of a proof of continuity; what is NULL is not. */
struct span_question {
	const char *witnesses, *ref, *repository;
};

/* verify_span(run, text, vkey, q, a, status, err): tell what a proof of
 * continuity shows. -1: it is no such file. */
MUST_USE int verify_span(struct run *run, struct span text, struct span vkey,
	const struct span_question *q, struct arena *a, enum exit_code *status,
	struct err *err);

/*
 * With the policy at hand: by what keys that are compromised now the push of a
 * proof came in. Needs what opens keys, which the front has not.
 *
 * verify_look(policy, item, a, out, err): of a decision in a proof, by that
 * policy file. What waivers cleared since is not known to a proof.
 * verify_run(run, argc, argv, look): sluice verify; NULL: it cannot look, and
 * is run by sluice-repo where that is asked.
 */
struct keys_told {
	bool asked;
	struct doc *list;   /* what is in doubt, as JSON; owned */
	const char **words; /* "commit …, a key that is" */
	size_t n;
	const char *untold; /* why it could not be told, or NULL */
};
typedef int verify_look(const char *policy, const struct proof_item *item,
	struct arena *a, struct keys_told *out, struct err *err);
enum exit_code verify_run(
	struct run *run, int argc, char **argv, verify_look *look);

#endif
