/* SSH signatures: every field of what is accepted lies inside the input, and a
 * known key has a signature of the size that fits it. */
#include "parse/sshsig.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void inside(const uint8_t *data, size_t n, struct span s)
{
	if (s.n && (s.p < data || s.p + s.n > data + n))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct buf text = BUF_INIT(1u << 20);
	struct err err = ERR_INIT;
	struct sshsig sig;

	if (sshsig_read(span_of(data, n), &sig, &err))
		return 0;
	inside(data, n, sig.space);
	inside(data, n, sig.key.blob);
	inside(data, n, sig.key.point);
	inside(data, n, sig.key.e);
	inside(data, n, sig.key.n);
	inside(data, n, sig.key.application);
	inside(data, n, sig.proof.sig);
	inside(data, n, sig.proof.r);
	inside(data, n, sig.proof.s);
	if (sig.key.type == SSHKEY_ED25519 && sig.proof.sig.n != 64)
		abort();
	if (sig.key.type == SSHKEY_RSA && sig.proof.sig.n > sig.key.n.n)
		abort();
	if (sig.proof.webauthn && sig.key.type != SSHKEY_SK_P256)
		abort();
	sshsig_signed(&sig, span_of(data, n > 64 ? 64 : n), &text);
	buf_free(&text);
	return 0;
}
