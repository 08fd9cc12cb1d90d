#include "parse/sshsig.h"

#include "parse/sshwire.h"

#define MAGIC SPAN_LIT("SSHSIG")

static const struct {
	enum sshkey_type key;
	const char *name;
	enum sshsig_hash hash;
} kinds[] = {
	{SSHKEY_ED25519, "ssh-ed25519", SSHSIG_HASH_NONE},
	{SSHKEY_P256, "ecdsa-sha2-nistp256", SSHSIG_SHA256},
	{SSHKEY_P384, "ecdsa-sha2-nistp384", SSHSIG_SHA384},
	{SSHKEY_P521, "ecdsa-sha2-nistp521", SSHSIG_SHA512},
	{SSHKEY_RSA, "rsa-sha2-256", SSHSIG_SHA256},
	{SSHKEY_RSA, "rsa-sha2-512", SSHSIG_SHA512},
	{SSHKEY_RSA, "ssh-rsa", SSHSIG_SHA1},
};

static const char *message_hash_name(enum sshsig_hash h)
{
	return h == SSHSIG_SHA256 ? "sha256" : "sha512";
}

/* The signature proper: a string of a type name and a string. */
static bool inner(struct span blob, struct sshsig *out)
{
	struct sshwire w = {.rest = blob}, parts;
	struct span name = sshwire_string(&w);
	size_t i;

	out->sig = sshwire_string(&w);
	if (!sshwire_end(&w) || !out->sig.n)
		return false;
	for (i = 0; i < ARRAY_LEN(kinds); i++)
		if (kinds[i].key == out->key.type &&
			span_is(name, kinds[i].name))
			break;
	if (i == ARRAY_LEN(kinds))
		return false;
	out->hash = kinds[i].hash;
	switch (out->key.type) {
	case SSHKEY_ED25519:
		return out->sig.n == 64;
	case SSHKEY_RSA:
		return out->sig.n <= out->key.n.n;
	case SSHKEY_P256:
	case SSHKEY_P384:
	case SSHKEY_P521:
		parts = (struct sshwire){.rest = out->sig};
		out->r = sshwire_number(&parts);
		out->s = sshwire_number(&parts);
		return sshwire_end(&parts) && out->r.n <= 66 && out->s.n <= 66;
	case SSHKEY_UNSUPPORTED:
		break;
	}
	return false;
}

int sshsig_read(struct span blob, struct sshsig *out, struct err *err)
{
	struct sshwire w;
	struct span key, reserved, hash, sig;

	memset(out, 0, sizeof(*out));
	if (!span_starts(blob, MAGIC))
		return err_set(err, ERR_INPUT, "not an SSH signature");
	w = (struct sshwire){.rest = span_from(blob, MAGIC.n)};
	if (sshwire_u32(&w) != 1)
		return err_set(err, ERR_INPUT,
			"an SSH signature of an unknown version");
	key = sshwire_string(&w);
	out->space = sshwire_string(&w);
	reserved = sshwire_string(&w);
	hash = sshwire_string(&w);
	sig = sshwire_string(&w);
	if (!sshwire_end(&w))
		return err_set(err, ERR_INPUT,
			"the SSH signature is cut or has something after it");
	if (sshkey_read(key, &out->key, err))
		return err_in(err, "the signature's key");
	if (!out->space.n)
		return err_set(
			err, ERR_INPUT, "the SSH signature has no namespace");
	if (reserved.n)
		return err_set(err, ERR_INPUT,
			"the SSH signature uses a reserved field");
	if (out->key.type == SSHKEY_UNSUPPORTED)
		return 0;
	if (span_is(hash, "sha256"))
		out->message_hash = SSHSIG_SHA256;
	else if (span_is(hash, "sha512"))
		out->message_hash = SSHSIG_SHA512;
	else
		return err_set(err, ERR_INPUT,
			"the SSH signature names an unknown hash");
	if (!inner(sig, out))
		return err_set(err, ERR_INPUT,
			"the SSH signature does not fit its key");
	return 0;
}

void sshsig_signed(const struct sshsig *sig, struct span hash, struct buf *out)
{
	buf_span(out, MAGIC);
	sshwire_put(out, sig->space);
	sshwire_put(out, SPAN_EMPTY);
	sshwire_put(out, span_str(message_hash_name(sig->message_hash)));
	sshwire_put(out, hash);
}
