#include "gather/sshcertified.h"

#include <inttypes.h>

#include "gather/sshadmit.h"
#include "gather/sshname.h"
#include "gather/sshrevoked.h"
#include "gather/sshverify.h"
#include "gather/verdict.h"
#include "parse/sshpattern.h"

/* One signature at hand, and the ${n} lines of its authority. */
struct certified {
	const struct sshbook *book;
	const struct sshsig *sig;
	const struct sshbook_key *line;
	size_t n;
	const char *revoked; /* what about it is, or NULL */
	bool compromised;    /* because somebody else may have it */
	int64_t at;
	struct signature_fact *out;
	struct arena *arena;
};

/* What has to hold before any signature is looked at; false: ${out} is decided.
 */
static bool form(struct certified *c)
{
	const struct sshcert *cert = &c->sig->cert;

	if (cert->authority.type == SSHKEY_UNSUPPORTED)
		signature_found(c->out, SIGNATURE_UNSUPPORTED,
			arena_fmt(c->arena, "certified by a key of type '%s'",
				sshname_shown(cert->authority.name, c->arena)));
	else if (cert->proof.webauthn)
		signature_found(c->out, SIGNATURE_UNSUPPORTED,
			"certified with a key of type 'webauthn'");
	else if (!c->line && !c->revoked)
		signature_found(c->out, SIGNATURE_UNKNOWN_KEY,
			arena_fmt(c->arena,
				"certified by %s, no authority of the policy",
				sshname(cert->authority.blob, c->arena)));
	else if (cert->proof.hash == SSH_SHA1)
		signature_found(c->out, SIGNATURE_WEAK,
			"the digest of its certificate is SHA-1");
	else if (c->sig->proof.hash == SSH_SHA1)
		signature_found(c->out, SIGNATURE_WEAK, "its digest is SHA-1");
	else
		return true;
	return false;
}

/* Both signatures, and what the certificate is; false: ${out} is decided. */
static bool proven(struct certified *c, struct span payload)
{
	const struct sshcert *cert = &c->sig->cert;

	if (sshverify_cert(cert) != PUBKEY_GOOD)
		signature_found(c->out, SIGNATURE_BAD,
			"its certificate is not signed by the authority");
	else if (sshverify_sig(c->sig, payload) != PUBKEY_GOOD)
		signature_found(
			c->out, SIGNATURE_BAD, "the signature does not match");
	else if (!cert->user)
		signature_found(c->out, SIGNATURE_BAD,
			"its certificate is that of a host");
	else if (sshkey_is_sk(&cert->authority) &&
		!(cert->proof.flags & SSHPROOF_TOUCHED))
		signature_found(c->out, SIGNATURE_BAD,
			"nobody touched the security key that certified it");
	else if (cert->critical.n)
		signature_found(c->out, SIGNATURE_UNSUPPORTED,
			arena_fmt(c->arena,
				"its certificate has the critical option '%s'",
				sshname_shown(cert->critical, c->arena)));
	else
		return true;
	return false;
}

static bool admitted(const struct certified *c, struct span principal)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		if (sshpattern_list(c->line[i].line.principals, principal) ==
			SSHPATTERN_YES)
			return true;
	return false;
}

/* The policy gives the key itself to somebody else: one who holds it could
 * count as two. True: ${out} is decided. */
static bool of_another(struct certified *c, const struct person *who)
{
	size_t n;
	const struct sshbook_key *k =
		sshbook_find(&c->book->key, c->sig->key.blob, &n);

	if (!k || k->who == who)
		return false;
	signature_found(c->out, SIGNATURE_UNKNOWN_KEY,
		arena_fmt(c->arena,
			"its certificate is for '%s', and the key is that of "
			"'%s'",
			who->name, k->who->name));
	return true;
}

/* The one person it is for; false: ${out} is decided. Over all lines of the
 * authority: which of them lets it pass must not change who it is. */
static bool owner(struct certified *c, const struct person **who)
{
	struct span list = c->sig->cert.principals, one;
	const struct person *found;

	*who = NULL;
	while (sshcert_principal(&list, &one)) {
		found = sshowners_find(&c->book->owners, one);
		if (!found || found == *who || !admitted(c, one))
			continue;
		if (*who) {
			signature_found(c->out, SIGNATURE_UNKNOWN_KEY,
				arena_fmt(c->arena,
					"its certificate is for '%s' and for "
					"'%s'",
					(*who)->name, found->name));
			return false;
		}
		*who = found;
	}
	if (*who)
		return !of_another(c, *who);
	signature_found(c->out, SIGNATURE_UNKNOWN_KEY,
		"its certificate names nobody whom the policy lets the "
		"authority vouch for");
	return false;
}

static bool line_names(const struct sshkeyline *line, const struct certified *c,
	const struct person *who)
{
	struct span list = c->sig->cert.principals, one;

	while (sshcert_principal(&list, &one))
		if (sshowners_find(&c->book->owners, one) == who &&
			sshpattern_list(line->principals, one) ==
				SSHPATTERN_YES)
			return true;
	return false;
}

/* Any line that names the person will do; if none does, the first of them says
 * why. */
static void by_lines(struct certified *c, const struct person *who)
{
	enum signature_status status;
	bool first = true;
	const char *why;
	size_t i;

	for (i = 0; i < c->n; i++) {
		if (!line_names(&c->line[i].line, c, who))
			continue;
		status = sshadmit(&c->line[i].line, c->sig, c->at, &why);
		if (first || status == SIGNATURE_GOOD)
			signature_found(c->out, status, why);
		if (status == SIGNATURE_GOOD)
			break;
		first = false;
	}
}

/* What to look for, should the authority have erred. */
static const char *vouched(const struct sshcert *cert, struct arena *arena)
{
	return arena_fmt(arena, "certified by %s as '%s', serial %" PRIu64,
		sshname(cert->authority.blob, arena),
		sshname_shown(cert->key_id, arena), cert->serial);
}

void sshcertified(const struct sshbook *book, const struct sshsig *sig,
	struct span payload, int64_t at, struct signature_fact *out,
	struct arena *arena)
{
	const struct sshcert *cert = &sig->cert;
	struct certified c = {
		.book = book, .sig = sig, .at = at, .out = out, .arena = arena};
	const uint64_t now = at < 0 ? 0 : (uint64_t)at;
	const struct person *who;
	const char *weak;
	bool owned;

	c.line = sshbook_find(&book->authority, cert->authority.blob, &c.n);
	c.revoked = sshrevoked(book, sig, &c.compromised, arena);
	if (!form(&c) || !proven(&c, payload))
		return;
	owned = owner(&c, &who);
	if (c.revoked) {
		signature_found(out,
			c.compromised ? SIGNATURE_COMPROMISED
				      : SIGNATURE_REVOKED,
			c.revoked);
		out->person = owned ? who : NULL;
		return;
	}
	if (!owned)
		return;
	by_lines(&c, who);
	if (out->status == SIGNATURE_GOOD && now < cert->after)
		signature_found(out, SIGNATURE_EXPIRED,
			"its certificate is not valid yet");
	else if (out->status == SIGNATURE_GOOD && now >= cert->before)
		signature_found(
			out, SIGNATURE_EXPIRED, "its certificate has expired");
	weak = c.line->weak ? c.line->weak : sshbook_weakness(&sig->key);
	if (out->status == SIGNATURE_GOOD && weak)
		signature_found(out, SIGNATURE_WEAK, weak);
	if (out->status == SIGNATURE_GOOD)
		signature_found(out, SIGNATURE_GOOD, vouched(cert, arena));
	if (out->status != SIGNATURE_BAD)
		out->person = who;
}
