/* The log's key: its files, its id, and what it signs. */
#ifndef LOG_KEY_H
#define LOG_KEY_H

#include "parse/checkpoint.h"
#include "parse/note.h"

/*
 * key_file_read(path, type, out, err): what is in the file of a secret key.
 * key_secret_parse(text, path, type, out, public, err): that, with its other
 * half; messages name ${path}.
 * key_secret_read(path, type, out, err):
 * The secret key, from a regular file that belongs to this account or root and
 * that nobody else may touch (mode 0600 or less), checked on the descriptor it
 * is read from. Its id must fit. Wipe with key_wipe.
 */
#define KEY_FILE_MAX 1024u
MUST_USE int key_file_read(const char *path, enum note_key_type type,
	struct buf *out, struct err *err);
MUST_USE int key_secret_parse(struct span text, const char *path,
	enum note_key_type type, struct note_key *out, struct note_key *public,
	struct err *err);
MUST_USE int key_secret_read(const char *path, enum note_key_type type,
	struct note_key *out, struct err *err);
void key_wipe(struct note_key *k);

/*
 * The files of a key, a line each. key_secret_write: mode 0600.
 * key_public_write: the public half of ${secret}, mode 0644; its text is added
 * to ${vkey}, as key_public_text does from such a file, emptying it first.
 */
MUST_USE int key_secret_write(
	const char *path, const struct note_key *secret, struct err *err);
MUST_USE int key_public_write(const char *path, const struct note_key *secret,
	struct buf *vkey, struct err *err);
MUST_USE int key_public_text(
	const char *path, struct buf *vkey, struct err *err);

/* key_new(name, type, out, err): a fresh secret key. */
MUST_USE int key_new(struct span name, enum note_key_type type,
	struct note_key *out, struct err *err);

/* key_public(secret, out, err): its verifier key, with the id computed. */
MUST_USE int key_public(
	const struct note_key *secret, struct note_key *out, struct err *err);

/* key_read(text, type, out, err): a verifier key of that type whose id fits.
 * key_fits(k): whether the id of one that was parsed fits. */
MUST_USE int key_read(struct span text, enum note_key_type type,
	struct note_key *out, struct err *err);
MUST_USE bool key_fits(const struct note_key *k);
/* key_number(k): give a verifier key the id that fits. */
void key_number(struct note_key *k);

/* key_sign(secret, text, out, err): ${text} as a note with one signature. */
MUST_USE int key_sign(const struct note_key *secret, struct span text,
	struct buf *out, struct err *err);

/* Zero refuses. */
enum note_verdict {
	NOTE_UNSIGNED, /* no signature by that key */
	NOTE_FALSE,    /* one that names the key and is not its */
	NOTE_GOOD,
};
/* key_check(k, note): lines of other keys are passed over; a key is known by
 * its name and its id. */
MUST_USE enum note_verdict key_check(
	const struct note_key *k, const struct note *note);

#endif
