#include "gather/sshadmit.h"

#include "parse/sshpattern.h"

/* What a security key did not do, or NULL. What its certificate demands counts
 * as well; what that spares it, only if the line says so too. */
static const char *lacking(
	const struct sshsig *sig, const struct sshoptions *options)
{
	const struct sshcert *cert = sig->certified ? &sig->cert : NULL;
	bool touch = !(options->set & SSHOPTION_NO_TOUCH) ||
		(cert && !cert->no_touch);
	bool verify =
		(options->set & SSHOPTION_VERIFY) || (cert && cert->verify);

	if (!sshkey_is_sk(&sig->key))
		return verify ? "not made with a security key, as is required"
			      : NULL;
	if (touch && !(sig->proof.flags & SSHPROOF_TOUCHED))
		return "nobody touched the security key";
	if (verify && !(sig->proof.flags & SSHPROOF_VERIFIED))
		return "the security key did not ask for a PIN or a finger";
	return NULL;
}

enum signature_status sshadmit(const struct sshkeyline *line,
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
