#include "gather/sshverify.h"

#define SHA256_BYTES 32

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

static enum pubkey_verdict arithmetic(const struct sshkey *key,
	const struct sshproof *proof, struct span bytes)
{
	const enum pubkey_hash h = hash_of(proof->hash);
	unsigned char digest[PUBKEY_HASH_MAX];
	enum pubkey_curve curve = PUBKEY_P256;
	struct span hash;

	if (key->type == SSHKEY_ED25519 || key->type == SSHKEY_SK_ED25519)
		return pubkey_ed25519(key->point, bytes, proof->sig);
	/* A weak hash is refused before anybody asks. */
	if (proof->hash == SSH_HASH_NONE || proof->hash == SSH_SHA1)
		return PUBKEY_BAD;
	hash = span_of(digest, pubkey_digest(h, &bytes, 1, digest));
	switch (key->type) {
	case SSHKEY_UNSUPPORTED:
	case SSHKEY_ED25519:
	case SSHKEY_SK_ED25519:
		return PUBKEY_BAD;
	case SSHKEY_RSA:
		return pubkey_rsa(h, key->e, key->n, hash, proof->sig);
	case SSHKEY_P256:
	case SSHKEY_SK_P256:
		break;
	case SSHKEY_P384:
		curve = PUBKEY_P384;
		break;
	case SSHKEY_P521:
		curve = PUBKEY_P521;
		break;
	}
	return pubkey_ecdsa(curve, key->point, hash, proof->r, proof->s);
}

/* A security key signs the hash of the message between words of its own. */
static enum pubkey_verdict in_security_key(const struct sshkey *key,
	const struct sshproof *proof, struct span bytes)
{
	unsigned char all[PUBKEY_HASH_MAX * 2 + 5], digest[PUBKEY_HASH_MAX];
	const uint32_t c = proof->counter;
	size_t n = pubkey_digest(PUBKEY_SHA256, &key->application, 1, all);

	all[n++] = proof->flags;
	all[n++] = (unsigned char)(c >> 24);
	all[n++] = (unsigned char)(c >> 16);
	all[n++] = (unsigned char)(c >> 8);
	all[n++] = (unsigned char)c;
	pubkey_digest(PUBKEY_SHA256, &bytes, 1, digest);
	memcpy(all + n, digest, SHA256_BYTES);
	return arithmetic(key, proof, span_of(all, n + SHA256_BYTES));
}

enum pubkey_verdict sshverify(const struct sshkey *key,
	const struct sshproof *proof, struct span bytes)
{
	if (proof->webauthn)
		return PUBKEY_BAD;
	return sshkey_is_sk(key) ? in_security_key(key, proof, bytes)
				 : arithmetic(key, proof, bytes);
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

enum pubkey_verdict sshverify_cert(const struct sshcert *cert)
{
	return sshverify(&cert->authority, &cert->proof, cert->covered);
}
