/* SHA-256, from libcrypto. */
#ifndef PORT_CRYPTO_H
#define PORT_CRYPTO_H

#include "base/err.h"
#include "base/span.h"

#define SHA256_LEN 32
#define SHA256_HEX 64

/* sha256_of(s, out): of all the bytes at once. A library that cannot hash is a
 * broken installation: it dies. */
void sha256_of(struct span s, unsigned char out[SHA256_LEN]);
/* sha256_hex(s, out): the same as 64 lower-case digits and a NUL. */
char *sha256_hex(struct span s, char out[SHA256_HEX + 1]);

/* The same for bytes that come in pieces. sha256_end also frees. */
struct sha256;
struct sha256 *sha256_new(void);
void sha256_add(struct sha256 *h, struct span s);
void sha256_end(struct sha256 *h, unsigned char out[SHA256_LEN]);
void sha256_free(struct sha256 *h); /* abandoned half-way; NULL is fine */

#endif
