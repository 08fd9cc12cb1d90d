/* Lists of revoked keys: whatever a list that is taken says of a key, a range
 * or a key id is found again. */
#include "parse/sshkrl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* The highest one: numbers have no leading zeros. */
static uint64_t highest(const struct sshkrl_bitmap *b)
{
	unsigned char top = b->bits.p[0];
	uint64_t bit = b->bits.n * 8 - 1;

	for (; !(top & 0x80); top = (unsigned char)(top << 1))
		bit--;
	return bit;
}

static void found(const struct sshkrl *k, const struct sshkrl_certs *c)
{
	struct sshcert cert = {.serial = 0};
	size_t i;

	cert.authority.blob = c->authority;
	for (i = 0; i < c->nrange && i < 64; i++) {
		cert.serial = c->range[i].high;
		if (!cert.serial || c->range[i].low > c->range[i].high ||
			!sshkrl_has_cert(k, &cert))
			abort();
	}
	for (i = 0; i < c->nbitmap && i < 64; i++) {
		cert.serial = c->bitmap[i].first + highest(&c->bitmap[i]);
		if (cert.serial < c->bitmap[i].first ||
			!sshkrl_has_cert(k, &cert))
			abort();
		cert.serial = c->bitmap[i].first - 1;
		(void)sshkrl_has_cert(k, &cert);
	}
	cert.serial = 0;
	for (i = 0; i < c->key_id.n && i < 64; i++) {
		cert.key_id = c->key_id.v[i];
		if (!sshkrl_has_cert(k, &cert))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const unsigned char none[SSHKRL_SHA256];
	struct arena *arena = arena_new(256u << 20);
	struct err err = ERR_INIT;
	struct sshkrl k;
	size_t i;

	if (sshkrl_read(span_of(data, n), arena, &k, &err)) {
		if (!err.text[0] || k.key.n || k.ncerts)
			abort();
		goto out;
	}
	for (i = 0; i < k.key.n && i < 64; i++)
		if (!sshkrl_has_key(&k, k.key.v[i], none, none))
			abort();
	for (i = 0; i < k.sha1.n && i < 64; i++)
		if (!sshkrl_has_key(&k, SPAN_EMPTY, k.sha1.v[i].p, none))
			abort();
	for (i = 0; i < k.sha256.n && i < 64; i++)
		if (!sshkrl_has_key(&k, SPAN_EMPTY, none, k.sha256.v[i].p))
			abort();
	for (i = 0; i < k.ncerts && i < 64; i++)
		found(&k, &k.certs[i]);
out:
	arena_free(arena);
	return 0;
}
