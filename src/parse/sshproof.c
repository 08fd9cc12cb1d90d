#include "parse/sshproof.h"

#include "parse/sshwire.h"

#define WEBAUTHN "webauthn-sk-ecdsa-sha2-nistp256@openssh.com"

static const struct {
	enum sshkey_type key;
	const char *name;
	enum ssh_hash hash;
} kinds[] = {
	{SSHKEY_ED25519, "ssh-ed25519", SSH_HASH_NONE},
	{SSHKEY_P256, "ecdsa-sha2-nistp256", SSH_SHA256},
	{SSHKEY_P384, "ecdsa-sha2-nistp384", SSH_SHA384},
	{SSHKEY_P521, "ecdsa-sha2-nistp521", SSH_SHA512},
	{SSHKEY_RSA, "rsa-sha2-256", SSH_SHA256},
	{SSHKEY_RSA, "rsa-sha2-512", SSH_SHA512},
	{SSHKEY_RSA, "ssh-rsa", SSH_SHA1},
	{SSHKEY_SK_ED25519, "sk-ssh-ed25519@openssh.com", SSH_HASH_NONE},
	{SSHKEY_SK_P256, "sk-ecdsa-sha2-nistp256@openssh.com", SSH_SHA256},
};

static bool numbers(struct sshproof *p)
{
	struct sshwire w = {.rest = p->sig};

	p->r = sshwire_number(&w);
	p->s = sshwire_number(&w);
	return sshwire_end(&w) && p->r.n <= 66 && p->s.n <= 66;
}

/* What is signed has an origin and the browser's own words in it. */
static bool webauthn(struct sshwire *w, struct sshproof *out)
{
	size_t i;

	for (i = 0; i < 3; i++)
		sshwire_string(w);
	if (!sshwire_end(w))
		return false;
	memset(out, 0, sizeof(*out));
	out->webauthn = true;
	return true;
}

bool sshproof_read(
	struct span blob, const struct sshkey *key, struct sshproof *out)
{
	struct sshwire w = {.rest = blob};
	struct span name = sshwire_string(&w);
	size_t i;

	memset(out, 0, sizeof(*out));
	out->sig = sshwire_string(&w);
	if (sshkey_is_sk(key)) {
		out->flags = sshwire_byte(&w);
		out->counter = sshwire_u32(&w);
		if (key->type == SSHKEY_SK_P256 && span_is(name, WEBAUTHN))
			return webauthn(&w, out);
	}
	if (!sshwire_end(&w) || !out->sig.n)
		return false;
	for (i = 0; i < ARRAY_LEN(kinds); i++)
		if (kinds[i].key == key->type && span_is(name, kinds[i].name))
			break;
	if (i == ARRAY_LEN(kinds))
		return false;
	out->hash = kinds[i].hash;
	switch (key->type) {
	case SSHKEY_ED25519:
	case SSHKEY_SK_ED25519:
		return out->sig.n == 64;
	case SSHKEY_RSA:
		return out->sig.n <= key->n.n;
	case SSHKEY_P256:
	case SSHKEY_P384:
	case SSHKEY_P521:
	case SSHKEY_SK_P256:
		return numbers(out);
	case SSHKEY_UNSUPPORTED:
		break;
	}
	return false;
}
