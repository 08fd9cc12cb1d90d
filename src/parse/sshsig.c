#include "parse/sshsig.h"

#include "parse/sshwire.h"

#define MAGIC SPAN_LIT("SSHSIG")

static const char *message_hash_name(enum ssh_hash h)
{
	return h == SSH_SHA256 ? "sha256" : "sha512";
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
	out->certified = sshcert_named(key);
	if (out->certified ? sshcert_read(key, &out->cert, err)
			   : sshkey_read(key, &out->key, err))
		return err_in(err, "the signature's key");
	if (out->certified)
		out->key = out->cert.key;
	if (!out->space.n)
		return err_set(
			err, ERR_INPUT, "the SSH signature has no namespace");
	if (reserved.n)
		return err_set(err, ERR_INPUT,
			"the SSH signature uses a reserved field");
	if (out->key.type == SSHKEY_UNSUPPORTED)
		return 0;
	if (span_is(hash, "sha256"))
		out->message_hash = SSH_SHA256;
	else if (span_is(hash, "sha512"))
		out->message_hash = SSH_SHA512;
	else
		return err_set(err, ERR_INPUT,
			"the SSH signature names an unknown hash");
	if (!sshproof_read(sig, &out->key, &out->proof))
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
