/* OpenPGP signatures, key files, certificates and keys: what is taken lies
 * inside the input, and both readers of a key file see the same keys. */
#include "parse/pgpcert.h"
#include "parse/pgpkey.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void inside(struct span all, struct span s)
{
	if (s.n && (s.p < all.p || s.p + s.n > all.p + all.n))
		abort();
}

static void signature(struct span s)
{
	struct pgp_signature sig;
	struct err err = ERR_INIT;

	if (pgp_signature_read(s, &sig, &err))
		return;
	inside(s, sig.issuer);
	inside(s, sig.keyid);
	inside(s, sig.signed_head);
	inside(s, sig.hint);
	inside(s, sig.number[0]);
	inside(s, sig.number[1]);
	if (sig.version == 4 && (!sig.number[0].n || !sig.number[0].p[0]))
		abort();
	if (sig.issuer.n && !span_ends(sig.issuer, sig.keyid))
		abort();
}

static void key(struct span body)
{
	struct pgpkey k;

	pgpkey_read(body, &k);
	inside(body, k.n);
	inside(body, k.e);
	inside(body, k.point);
	if (k.kind == PGPKEY_ED25519 && k.point.n != 32)
		abort();
	if (k.kind == PGPKEY_RSA && (k.n.n < 256 || !k.e.n))
		abort();
}

static void keys(struct span s, struct arena *arena)
{
	struct pgpcert cert;
	struct pgp_key *v;
	struct err err = ERR_INIT;
	struct span bin, rest;
	size_t n, i, k, at = 0;

	if (pgp_keys_read(s, arena, &v, &n, &bin, &err))
		return;
	for (rest = bin; rest.n;) {
		if (pgpcert_next(&rest, arena, &cert, &err))
			break;
		for (i = 0; i < cert.nkey; i++) {
			if (at == n || !span_eq(v[at].body, cert.key[i].body) ||
				v[at].primary != (i == 0))
				abort();
			at++;
			key(cert.key[i].body);
			for (k = 0; k < cert.key[i].ncross; k++)
				inside(bin, cert.key[i].cross[k]);
			for (k = 0; k < cert.key[i].nrevocation; k++) {
				inside(bin, cert.key[i].revocation[k]);
				(void)pgpcert_reason_soft(
					cert.key[i].revocation[k]);
			}
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena *arena = arena_new(256u << 20);
	struct span s = span_of(data, n);

	signature(s);
	key(s);
	keys(s, arena);
	arena_free(arena);
	return 0;
}
