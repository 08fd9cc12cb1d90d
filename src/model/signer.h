/* Signers, keys and kinds of signatures in the words of findings. All text is
 * in the arena of the findings, and printable. */
#ifndef MODEL_SIGNER_H
#define MODEL_SIGNER_H

#include "model/fact.h"
#include "model/finding.h"

/* signer_names(out, p): "ada, bela, cy and 4 more". */
const char *signer_names(struct findings *out, const struct people *p);

/* signer_kinds(out, bits): "openpgp, ssh". */
const char *signer_kinds(struct findings *out, unsigned bits);

/* signer_key(out, sig): "openpgp key ABCD… of ada: the key expired on …". */
const char *signer_key(struct findings *out, const struct signature_fact *sig);

/*
 * signer_fingerprint(arena, key):
 * The key of a signature (signature_fact.key) in hex, as findings have
 * fingerprints: of "SHA256:…" the digest, in either way of writing it.
 */
const char *signer_fingerprint(struct arena *arena, const char *key);

#endif
