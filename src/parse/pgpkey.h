/*
 * The numbers in an OpenPGP public key of version 4 (RFC 4880 section 5.5.2,
 * RFC 6637, and GnuPG's EdDSA), for the kinds whose signatures are verified in
 * process. Every other kind, and every unusual form of these, is PGPKEY_OTHER.
 */
#ifndef PARSE_PGPKEY_H
#define PARSE_PGPKEY_H

#include "base/span.h"

enum pgpkey_kind {
	PGPKEY_OTHER,
	PGPKEY_RSA,     /* 2048 to 8192 bits, an odd exponent below 2^32 */
	PGPKEY_ED25519, /* algorithm 22 */
	PGPKEY_P256,
	PGPKEY_P384,
	PGPKEY_P521,
};

struct pgpkey {
	enum pgpkey_kind kind;
	unsigned algorithm;
	int64_t created;
	struct span n, e;  /* RSA: big-endian without zeros in front */
	struct span point; /* Ed25519: 32 bytes; the curves: uncompressed */
};

/* pgpkey_read(body, out): ${body} is what is in the packet of the key; ${out}
 * points into it. */
void pgpkey_read(struct span body, struct pgpkey *out);

#endif
