#include "gather/sshverify.h"

static enum pubkey_hash hash_of(enum ssh_hash h)
{
	switch (h) {
	case SSH_HASH_NONE:
	case SSH_SHA1:
	case SSH_SHA256:
		break;
	case SSH_SHA384:
		return PUBKEY_SHA384;
	case SSH_SHA512:
		return PUBKEY_SHA512;
	}
	return PUBKEY_SHA256;
}

enum pubkey_verdict sshverify(const struct sshkey *key,
	const struct sshproof *proof, struct span bytes)
{
	const enum pubkey_hash h = hash_of(proof->hash);
	unsigned char digest[PUBKEY_HASH_MAX];
	struct span hash;

	if (key->type == SSHKEY_ED25519)
		return pubkey_ed25519(key->point, bytes, proof->sig);
	/* A weak hash is refused before anybody asks. */
	if (proof->hash == SSH_HASH_NONE || proof->hash == SSH_SHA1)
		return PUBKEY_BAD;
	hash = span_of(digest, pubkey_digest(h, &bytes, 1, digest));
	switch (key->type) {
	case SSHKEY_UNSUPPORTED:
	case SSHKEY_ED25519:
		break;
	case SSHKEY_P256:
		return pubkey_ecdsa(
			PUBKEY_P256, key->point, hash, proof->r, proof->s);
	case SSHKEY_P384:
		return pubkey_ecdsa(
			PUBKEY_P384, key->point, hash, proof->r, proof->s);
	case SSHKEY_P521:
		return pubkey_ecdsa(
			PUBKEY_P521, key->point, hash, proof->r, proof->s);
	case SSHKEY_RSA:
		return pubkey_rsa(h, key->e, key->n, hash, proof->sig);
	}
	return PUBKEY_BAD;
}

enum pubkey_verdict sshverify_sig(const struct sshsig *sig, struct span payload)
{
	enum pubkey_verdict verdict = PUBKEY_BAD;
	unsigned char digest[PUBKEY_HASH_MAX];
	struct buf text = BUF_INIT(1024);
	size_t n =
		pubkey_digest(hash_of(sig->message_hash), &payload, 1, digest);

	sshsig_signed(sig, span_of(digest, n), &text);
	if (!text.full)
		verdict = sshverify(&sig->key, &sig->proof, buf_all(&text));
	buf_free(&text);
	return verdict;
}
