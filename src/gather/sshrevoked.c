#include "gather/sshrevoked.h"

#include "port/pubkey.h"

static bool lists_key(const struct sshbook_revoked *r, struct span blob)
{
	unsigned char sha1[PUBKEY_HASH_MAX], sha256[PUBKEY_HASH_MAX];

	pubkey_digest(PUBKEY_SHA1, &blob, 1, sha1);
	pubkey_digest(PUBKEY_SHA256, &blob, 1, sha256);
	return sshkrl_has_key(&r->list, blob, sha1, sha256);
}

const struct sshbook_revoked *sshrevoked_key(
	const struct sshbook *book, struct span blob)
{
	size_t i;

	for (i = 0; i < book->nrevoked; i++)
		if (lists_key(&book->revoked[i], blob))
			return &book->revoked[i];
	return NULL;
}

static const char *what_of(
	const struct sshbook_revoked *r, const struct sshsig *sig)
{
	if (lists_key(r, sig->key.blob))
		return "key";
	if (!sig->certified)
		return NULL;
	if (sshkrl_has_cert(&r->list, &sig->cert))
		return "certificate";
	return lists_key(r, sig->cert.authority.blob)
		? "certificate's authority"
		: NULL;
}

const char *sshrevoked(const struct sshbook *book, const struct sshsig *sig,
	bool *compromised, struct arena *arena)
{
	size_t i;

	*compromised = false;
	for (i = 0; i < book->nrevoked; i++) {
		const struct sshbook_revoked *r = &book->revoked[i];
		const char *what = what_of(r, sig);

		if (!what)
			continue;
		*compromised = r->compromised;
		return arena_fmt(arena, "the %s is %s in '%s'", what,
			r->compromised ? "listed as compromised" : "revoked",
			r->file);
	}
	return NULL;
}
