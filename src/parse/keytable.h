/*
 * The table of the OpenPGP keys whose signatures GnuPG would take, kept beside
 * the keyring it was asked of:
 *
 *	sluice openpgp signers 1
 *	keys <64 hex digits>
 *	<fingerprint, 40 hex digits> <expires>
 *	sum <64 hex digits>
 *
 * Each line ends with LF. "keys" names the set of keys; the fingerprints stand
 * in ascending order; "expires" is in seconds since 1970, 0 for never; "sum" is
 * the SHA-256 of all bytes before its line.
 */
#ifndef PARSE_KEYTABLE_H
#define PARSE_KEYTABLE_H

#include "base/buf.h"
#include "parse/pgp.h"

#define KEYTABLE_HASH 32
#define KEYTABLE_MAX 65536 /* entries */
#define KEYTABLE_BYTES_MAX (64u * KEYTABLE_MAX)

struct keytable_entry {
	unsigned char fingerprint[PGP_FPR];
	int64_t expires; /* the key or the one it belongs to; 0: never */
};

struct keytable {
	unsigned char keys[KEYTABLE_HASH];
	struct keytable_entry *v;
	size_t n;
};

/* keytable_write(t, out): all but the last line. */
void keytable_write(const struct keytable *t, struct buf *out);
void keytable_sum(struct buf *out, const unsigned char sum[KEYTABLE_HASH]);

/*
 * keytable_read(s, arena, out, summed, sum, err):
 * Exactly what the two write, or ERR_INPUT. The caller compares the hash of
 * *${summed} with ${sum}, and out->keys with the keys it has.
 */
MUST_USE int keytable_read(struct span s, struct arena *arena,
	struct keytable *out, struct span *summed,
	unsigned char sum[KEYTABLE_HASH], struct err *err);

/* keytable_find(t, fingerprint): the entry, or NULL. */
const struct keytable_entry *keytable_find(
	const struct keytable *t, struct span fingerprint);

#endif
