#include "gather/sshrevoked.h"

#include "port/pubkey.h"

const char *sshrevoked_key(const struct sshbook *book, struct span blob)
{
	unsigned char sha1[PUBKEY_HASH_MAX], sha256[PUBKEY_HASH_MAX];
	size_t i;

	if (!book->nrevoked)
		return NULL;
	pubkey_digest(PUBKEY_SHA1, &blob, 1, sha1);
	pubkey_digest(PUBKEY_SHA256, &blob, 1, sha256);
	for (i = 0; i < book->nrevoked; i++)
		if (sshkrl_has_key(&book->revoked[i].list, blob, sha1, sha256))
			return book->revoked[i].file;
	return NULL;
}

static const char *told(struct arena *arena, const char *what, const char *file)
{
	return arena_fmt(arena, "the %s is revoked in '%s'", what, file);
}

const char *sshrevoked(const struct sshbook *book, const struct sshsig *sig,
	struct arena *arena)
{
	const char *file = sshrevoked_key(book, sig->key.blob);
	size_t i;

	if (file)
		return told(arena, "key", file);
	if (!sig->certified)
		return NULL;
	for (i = 0; i < book->nrevoked; i++)
		if (sshkrl_has_cert(&book->revoked[i].list, &sig->cert))
			return told(
				arena, "certificate", book->revoked[i].file);
	file = sshrevoked_key(book, sig->cert.authority.blob);
	return file ? told(arena, "certificate's authority", file) : NULL;
}
