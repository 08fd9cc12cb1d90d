/*
 * Which SSH keys and certificates are revoked: an OpenSSH key revocation list
 * (PROTOCOL.krl, as ssh-keygen -k makes it) or a text with a public key a line.
 */
#ifndef PARSE_SSHKRL_H
#define PARSE_SSHKRL_H

#include "base/arena.h"
#include "parse/sshcert.h"

#define SSHKRL_SHA1 20
#define SSHKRL_SHA256 32

/* Byte strings; sorted once the list is read. */
struct sshkrl_set {
	struct span *v;
	size_t n, cap;
};

struct sshkrl_range {
	uint64_t low, high; /* both revoked */
};

struct sshkrl_bitmap {
	uint64_t first;   /* the serial of the last bit */
	struct span bits; /* a big-endian number without leading zeros */
};

/* Certificates by one authority. */
struct sshkrl_certs {
	struct span authority; /* its key, or empty: any */
	struct sshkrl_range *range;
	struct sshkrl_bitmap *bitmap;
	size_t nrange, range_cap, nbitmap, bitmap_cap;
	struct sshkrl_set key_id;
};

struct sshkrl {
	struct sshkrl_set key;          /* in wire form */
	struct sshkrl_set sha1, sha256; /* of that */
	struct sshkrl_certs *certs;
	size_t ncerts, certs_cap;
};

/*
 * sshkrl_read(bytes, arena, out, err):
 * Spans point into ${bytes} and the arena. A list is taken whole or refused:
 * sections and versions that are not known, critical extensions, fields that
 * are reserved, serial 0, lists with a signature, of which nobody would check
 * the key; of a text, with the number of the line, what is no public key. There
 * a certificate stands for the key in it, as for OpenSSH. Nothing at all is no
 * list: a text that revokes nothing has a comment.
 */
MUST_USE int sshkrl_read(struct span bytes, struct arena *arena,
	struct sshkrl *out, struct err *err);

/* sshkrl_has_key(k, blob, sha1, sha256): a key in wire form, and the hashes of
 * it. */
bool sshkrl_has_key(const struct sshkrl *k, struct span blob,
	const unsigned char sha1[SSHKRL_SHA1],
	const unsigned char sha256[SSHKRL_SHA256]);

/* sshkrl_has_cert(k, cert): by its serial or its key id; not its keys. */
bool sshkrl_has_cert(const struct sshkrl *k, const struct sshcert *cert);

#endif
