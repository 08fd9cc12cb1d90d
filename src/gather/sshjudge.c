#include "gather/sshjudge.h"

#include "gather/sshadmit.h"
#include "gather/sshcertified.h"
#include "gather/sshname.h"
#include "gather/sshrevoked.h"
#include "gather/sshverify.h"
#include "gather/verdict.h"
#include "parse/armor.h"

/* The signature is this key's; any of its lines will do, and if none does the
 * first says why. */
static void by_lines(const struct sshbook_key *k, size_t n,
	const struct sshsig *sig, int64_t at, struct signature_fact *out)
{
	enum signature_status status;
	const char *why;
	size_t i;

	for (i = 0; i < n; i++) {
		status = sshadmit(&k[i].line, sig, at, &why);
		if (i == 0 || status == SIGNATURE_GOOD)
			signature_found(out, status, why);
		if (status == SIGNATURE_GOOD)
			break;
	}
	if (out->status == SIGNATURE_GOOD && k->weak)
		signature_found(out, SIGNATURE_WEAK, k->weak);
	if (out->status != SIGNATURE_BAD)
		out->person = k->who;
}

/* What can be told without a key of the policy; false: ${out} is decided. */
static bool form(const struct sshsig *sig, struct signature_fact *out,
	struct arena *arena)
{
	const char *type = NULL;

	/* Made for something else, such as a file or a log-in: a signature
	 * says what it is for by its namespace. */
	if (!span_is(sig->space, "git")) {
		signature_found(out, SIGNATURE_BAD,
			arena_fmt(arena, "made for '%s' instead of 'git'",
				sshname_shown(sig->space, arena)));
		return false;
	}
	if (sig->key.type == SSHKEY_UNSUPPORTED)
		type = sshname_shown(sig->key.name, arena);
	else if (sig->proof.webauthn)
		type = "webauthn";
	if (!type)
		return true;
	signature_found(out, SIGNATURE_UNSUPPORTED,
		arena_fmt(arena, "made with a key of type '%s'", type));
	return false;
}

static struct span plain(const struct sshcert *cert, struct arena *arena)
{
	struct buf b = BUF_INIT(SSHKEY_BLOB_MAX);
	struct span s;

	sshcert_plain(cert, &b);
	s = arena_copy(arena, buf_all(&b));
	buf_free(&b);
	return s;
}

void sshjudge(const struct sshbook *book, const struct signed_text *text,
	int64_t at, struct signature_fact *out, struct arena *arena)
{
	const struct sshbook_key *k;
	const char *revoked;
	bool compromised;
	struct err why = ERR_INIT;
	struct span blob;
	struct sshsig sig;
	size_t n;

	if (armor_read(text->signature, "SSH SIGNATURE", arena, &blob, &why) ||
		sshsig_read(blob, &sig, &why)) {
		signature_malformed(out, arena, &why);
		return;
	}
	if (sig.certified)
		sig.key.blob = plain(&sig.cert, arena);
	out->key = sshname(sig.key.blob, arena);
	if (!form(&sig, out, arena))
		return;
	if (sig.certified) {
		sshcertified(book, &sig, text->payload, at, out, arena);
		return;
	}
	k = sshbook_find(&book->key, sig.key.blob, &n);
	revoked = sshrevoked(book, &sig, &compromised, arena);
	if (!k && !revoked)
		signature_found(out, SIGNATURE_UNKNOWN_KEY, "");
	else if (sig.proof.hash == SSH_SHA1)
		signature_found(out, SIGNATURE_WEAK, "its digest is SHA-1");
	else if (sshverify_sig(&sig, text->payload) != PUBKEY_GOOD)
		signature_found(
			out, SIGNATURE_BAD, "the signature does not match");
	else if (!revoked)
		by_lines(k, n, &sig, at, out);
	else {
		signature_found(out,
			compromised ? SIGNATURE_COMPROMISED : SIGNATURE_REVOKED,
			revoked);
		out->person = k ? k->who : NULL;
	}
}
