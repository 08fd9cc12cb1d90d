/* Armour and the OpenPGP packets in it, the way a signature and a key file are
 * read. */
#include "parse/armor.h"
#include "parse/pgp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const char *const labels[] = {
		"SSH SIGNATURE", "PGP SIGNATURE", "PGP MESSAGE"};
	struct arena *arena = arena_new(64u << 20);
	struct pgp_signature sig;
	struct pgp_key *v;
	struct span s = span_of(data, n), out;
	struct err err = ERR_INIT;
	size_t i, count;

	for (i = 0; i < ARRAY_LEN(labels); i++) {
		err_clear(&err);
		if (armor_read(s, labels[i], arena, &out, &err))
			continue;
		if (out.n > n || n > ARMOR_TEXT_MAX)
			abort();
		if (!pgp_signature_read(out, &sig, &err) && sig.issuer.n &&
			sig.issuer.n != PGP_FPR)
			abort();
	}
	err_clear(&err);
	if (!pgp_signature_read(s, &sig, &err) && sig.keyid.n &&
		sig.keyid.n != PGP_KEYID)
		abort();
	err_clear(&err);
	if (!pgp_keys_read(s, arena, &v, &count, &out, &err) && !v[0].primary)
		abort();
	arena_free(arena);
	return 0;
}
