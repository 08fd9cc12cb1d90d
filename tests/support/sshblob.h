/*
 * SSH keys and signatures put together by hand, as there is no security key
 * here: a pair of numbers stands in for one. Only tests have the secret half,
 * and it is made when they run.
 */
#ifndef SUPPORT_SSHBLOB_H
#define SUPPORT_SSHBLOB_H

#include "base/arena.h"
#include "parse/sshkey.h"

struct sshpair {
	enum sshkey_type type; /* SSHKEY_SK_ED25519 or SSHKEY_SK_P256 */
	void *secret;          /* an EVP_PKEY */
	struct span blob;      /* the public key in wire form */
};

/* What the security key is told to do. */
struct sshtouch {
	unsigned char flags;
	uint32_t counter;
	bool webauthn; /* sign as a browser does; P-256 only */
};

void sshpair_make(
	struct sshpair *p, enum sshkey_type type, struct arena *arena);
void sshpair_free(struct sshpair *p);

/* sshpair_line(p, comment, arena): as in a .pub file, with LF. */
const char *sshpair_line(
	const struct sshpair *p, const char *comment, struct arena *arena);

/* sshpair_sign(p, public, space, text, touch, arena): what ssh-keygen -Y sign
 * gives for ${text}, without armour; ${public}: the key it names, p->blob or a
 * certificate of it. */
struct span sshpair_sign(const struct sshpair *p, struct span public,
	const char *space, struct span text, const struct sshtouch *touch,
	struct arena *arena);

/* sshpair_certify(p, cert, touch, arena): the certificate ${cert}, as if the
 * security key were its authority. */
struct span sshpair_certify(const struct sshpair *p, struct span cert,
	const struct sshtouch *touch, struct arena *arena);

/* sshblob_armor(bytes, arena): with lines of 70 characters. */
struct span sshblob_armor(struct span bytes, struct arena *arena);

#endif
