#include "gather/sshjudge.h"

#include "base/text.h"
#include "gather/sshverify.h"
#include "gather/verdict.h"
#include "parse/armor.h"
#include "parse/sshpattern.h"

/* As ssh-keygen -l shows it. */
static const char *key_name(const struct sshkey *key, struct arena *arena)
{
	unsigned char digest[PUBKEY_HASH_MAX];
	struct buf name = BUF_INIT(128);
	const char *text;

	buf_str(&name, "SHA256:");
	text_base64(&name,
		span_of(digest,
			pubkey_digest(PUBKEY_SHA256, &key->blob, 1, digest)));
	while (name.n && name.p[name.n - 1] == '=')
		name.n--;
	text = arena_str(arena, buf_all(&name));
	buf_free(&name);
	return text;
}

static const char *shown(struct arena *arena, struct span outside)
{
	struct buf text = BUF_INIT(512);
	const char *s;

	text_printable(&text, outside, 64);
	s = arena_str(arena, buf_all(&text));
	buf_free(&text);
	return s;
}

/* What a security key did not do, or NULL. */
static const char *lacking(
	const struct sshsig *sig, const struct sshoptions *options)
{
	if (!sshkey_is_sk(&sig->key))
		return NULL;
	if (!(options->set & SSHOPTION_NO_TOUCH) &&
		!(sig->proof.flags & SSHPROOF_TOUCHED))
		return "nobody touched the security key";
	if ((options->set & SSHOPTION_VERIFY) &&
		!(sig->proof.flags & SSHPROOF_VERIFIED))
		return "the security key did not ask for a PIN or a finger";
	return NULL;
}

/* Whether the line's own words let a signature pass that arrived at ${at}. */
static enum signature_status admitted(const struct sshkeyline *line,
	const struct sshsig *sig, int64_t at, const char **why)
{
	const struct sshoptions *o = &line->options;

	*why = lacking(sig, o);
	if (*why)
		return SIGNATURE_BAD;
	if ((o->set & SSHOPTION_NAMESPACES) &&
		sshpattern_list(o->namespaces, sig->space) != SSHPATTERN_YES) {
		*why = "the policy does not allow the key for 'git'";
		return SIGNATURE_BAD;
	}
	if ((o->set & SSHOPTION_AFTER) && at < o->after) {
		*why = "the policy does not allow the key yet";
		return SIGNATURE_EXPIRED;
	}
	if ((o->set & SSHOPTION_BEFORE) && at > o->before) {
		*why = "the policy does not allow the key any more";
		return SIGNATURE_EXPIRED;
	}
	*why = "";
	return SIGNATURE_GOOD;
}

/* The signature is this key's; any of its lines will do, and if none does the
 * first says why. */
static void by_lines(const struct sshbook_key *k, size_t n,
	const struct sshsig *sig, int64_t at, struct signature_fact *out)
{
	enum signature_status status;
	const char *why;
	size_t i;

	for (i = 0; i < n; i++) {
		status = admitted(&k[i].line, sig, at, &why);
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
				shown(arena, sig->space)));
		return false;
	}
	if (sig->key.type == SSHKEY_UNSUPPORTED)
		type = shown(arena, sig->key.name);
	else if (sig->proof.webauthn)
		type = "webauthn";
	if (!type)
		return true;
	signature_found(out, SIGNATURE_UNSUPPORTED,
		arena_fmt(arena, "made with a key of type '%s'", type));
	return false;
}

void sshjudge(const struct sshbook *book, const struct signed_text *text,
	int64_t at, struct signature_fact *out, struct arena *arena)
{
	const struct sshbook_key *k;
	struct err why = ERR_INIT;
	struct span blob;
	struct sshsig sig;
	size_t n;

	if (armor_read(text->signature, "SSH SIGNATURE", arena, &blob, &why) ||
		sshsig_read(blob, &sig, &why)) {
		signature_malformed(out, arena, &why);
		return;
	}
	out->key = key_name(&sig.key, arena);
	if (!form(&sig, out, arena))
		return;
	k = sshbook_find(&book->key, sig.key.blob, &n);
	if (!k)
		signature_found(out, SIGNATURE_UNKNOWN_KEY, "");
	else if (sig.proof.hash == SSH_SHA1)
		signature_found(out, SIGNATURE_WEAK, "its digest is SHA-1");
	else if (sshverify_sig(&sig, text->payload) != PUBKEY_GOOD)
		signature_found(
			out, SIGNATURE_BAD, "the signature does not match");
	else
		by_lines(k, n, &sig, at, out);
}
