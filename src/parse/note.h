/*
 * Signed notes (C2SP signed-note): text, an empty line, signature lines
 * "— <name> <base64(key id, signature)>"; and the text forms of their keys,
 * "<name>+<key id, hex>+<base64(type, public key)>". Only the form is read
 * here; nothing is verified.
 */
#ifndef PARSE_NOTE_H
#define PARSE_NOTE_H

#include "base/arena.h"
#include "base/buf.h"

#define NOTE_MAX 1000000u
#define NOTE_SIGS_MAX 100
#define NOTE_NAME_MAX 255
#define NOTE_ID_LEN 4

enum note_key_type {
	NOTE_ED25519 = 0x01,
	NOTE_COSIGN = 0x04, /* a witness's, of parse/cosignature.h */
};

struct note_sig {
	struct span name;
	unsigned char id[NOTE_ID_LEN];
	struct span bytes; /* after the key id, never empty */
};

struct note {
	struct span text; /* what is signed: with its last LF */
	struct note_sig *sigs;
	size_t nsigs; /* at least one */
};

/* note_name_ok(name): what a key may be called: UTF-8, not empty, without
 * white space (Unicode's), control characters and '+'. */
bool note_name_ok(struct span name);

/*
 * note_parse(in, a, out, err):
 * Split at the last empty line. The whole must be UTF-8 without control bytes
 * other than LF and end in LF. Signatures are decoded into ${a}, the rest
 * points into ${in}.
 */
MUST_USE int note_parse(
	struct span in, struct arena *a, struct note *out, struct err *err);

/* note_sign(out, name, id, sig): append a signature line. The text must
 * stand in ${out} already, followed by note_split(out). */
void note_split(struct buf *out);
void note_add_sig(struct buf *out, struct span name,
	const unsigned char id[NOTE_ID_LEN], struct span sig);

#define NOTE_KEY_MAX 64 /* raw key bytes */

struct note_key {
	char name[NOTE_NAME_MAX + 1];
	unsigned char id[NOTE_ID_LEN];
	unsigned char type;
	unsigned char key[NOTE_KEY_MAX]; /* public key, or secret seed */
	size_t nkey;
};

/*
 * note_key_parse(text, out, err):
 * A verifier key; white space round it is dropped. The key id is not compared
 * with the key: that needs a hash. note_secret_parse: the same for
 * "PRIVATE+KEY+<name>+<hex>+<base64(type, seed)>"; its error never quotes.
 */
MUST_USE int note_key_parse(
	struct span text, struct note_key *out, struct err *err);
MUST_USE int note_secret_parse(
	struct span text, struct note_key *out, struct err *err);
/* note_key_text(k, out): the verifier key's text, without LF.
 * note_secret_text: the secret one's; the buffer must be wiped. */
void note_key_text(const struct note_key *k, struct buf *out);
void note_secret_text(const struct note_key *k, struct buf *out);

#endif
