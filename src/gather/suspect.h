/*
 * Keys that somebody else may have: what they signed while nobody knew is in
 * doubt as well, unless people whom the policy lets waive signature.compromised
 * have looked at it and signed that it is sound.
 */
#ifndef GATHER_SUSPECT_H
#define GATHER_SUSPECT_H

#include "gather/gather.h"
#include "gather/keybook.h"

/* suspects_any(book): whether any key of the policy, or any on its lists, is
 * compromised. */
bool suspects_any(const struct keybook *book);

/* suspect_accounts(p): whether any account at a forge is. suspect_account(p,
 * forge, login, at): the account of that name there, if it was at the time
 * ${at}; or NULL. suspect_account_fingerprint(a, arena): what waivers name it
 * by, in hex. */
bool suspect_accounts(const struct policy *p);
const struct forge_account *suspect_account(const struct policy *p,
	struct span forge, struct span login, int64_t at);
const char *suspect_account_fingerprint(
	const struct forge_account *a, struct arena *arena);

/* Whose key a signature says to be of, if that is compromised. Nothing is
 * verified: who would claim such a key? */
struct suspect_key {
	const char *key;          /* as signature_fact has it */
	const struct person *who; /* or NULL: nobody in particular */
};
MUST_USE bool suspect_claim(const struct keybook *book,
	const struct signed_text *text, struct arena *arena,
	struct suspect_key *out);

/* suspect_named(book, kind, key, certified, sure): whether ${key}, as
 * signature_fact has it, is compromised. *${sure} is false when that can only
 * be told from the signature itself, as of one by a certificate. */
MUST_USE bool suspect_named(const struct keybook *book,
	enum signature_kind kind, const char *key, bool certified, bool *sure);

/*
 * A waiver of signature.compromised in the repository. Unlike others it is not
 * used up, and may stand in on other refs: what it says stays true.
 */
struct clearing {
	struct waiver_fact w;
	int64_t at;           /* when it came, and was good */
	struct oid_set reach; /* commits behind the one that it names */
};
struct clearings {
	struct clearing *v;
	size_t n;
};

/* When a waiver came to the gate and whose it was found to be then. */
struct arrival {
	int64_t at;
	const struct person *who;
};

/*
 * clearings_read(g, f, arrived, ctx, out, err):
 * Those under refs/sluice/waivers/ that are for this repository and signed by
 * people of the policy whose keys are not compromised. Without ${arrived} they
 * are judged now, at f->push->time; with it, it tells what the log has of each,
 * false for one that did not come in as valid. Free with clearings_free.
 */
MUST_USE int clearings_read(struct gather *g, const struct facts *f,
	bool (*arrived)(void *ctx, const struct oid *tag, struct arrival *out),
	void *ctx, struct clearings *out, struct err *err);
void clearings_free(struct clearings *c);

/*
 * is_cleared(c, f, ref, rules, about, fingerprint, by, arena):
 * Whether as many people as ${rules}, those of ${ref}, ask for have cleared the
 * commit ${about} of that key. The tags that did are added to ${by} if it is
 * not NULL.
 */
MUST_USE bool is_cleared(const struct clearings *c, const struct facts *f,
	struct span ref, const struct rules *rules, const struct change *about,
	const char *fingerprint, struct oid_set *by, struct arena *arena);

/*
 * suspect_commits(g, f, u, tip, hide, nhide, out, n, err):
 * Commits that ${tip} reaches, not from ${hide}, that say to be signed with a
 * compromised key and were not cleared on a ref with rules that cover those of
 * update ${u}; in the arena.
 */
MUST_USE int suspect_commits(struct gather *g, const struct facts *f, size_t u,
	const struct oid *tip, const struct oid *hide, size_t nhide,
	struct oid **out, size_t *n, struct err *err);

#endif
