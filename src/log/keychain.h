/*
 * The keys that a log had, one after the other. Somebody who trusts one of them
 * goes on to the next by a statement that both have signed
 * (parse/rotation.h), which is an entry of the log as well. Each key signs
 * checkpoints from the entry that brought it in up to the one that retires it,
 * that one included.
 */
#ifndef LOG_KEYCHAIN_H
#define LOG_KEYCHAIN_H

#include "log/key.h"
#include "log/source.h"
#include "parse/rotation.h"

/* In the folder of a log: its rotations, oldest first. */
#define KEYCHAIN_FILE "keys"
#define KEYCHAIN_TEXT_MAX (ROTATIONS_TEXT_MAX + ROTATION_MAX)

struct keychain {
	struct note_key pinned; /* the one that is trusted */
	struct rotation *link;  /* from link[i].old to link[i].new */
	size_t n, at;           /* pinned is key number ${at} of 0 to n */
};

/*
 * keychain_read(text, a, out, err):
 * A verifier key's line and, if it is followed by any, rotations: the first key
 * is the one trusted. keychain_add: the rotations of a log's own file. Each
 * must be signed by both its keys, begin where the one before ended, and come
 * later; the trusted key must be among them. ERR_LOG otherwise. Rotations that
 * are there already may come again.
 */
MUST_USE int keychain_read(struct span text, struct arena *a,
	struct keychain *out, struct err *err);
MUST_USE int keychain_add(struct keychain *c, struct span rotations,
	struct arena *a, struct err *err);
/* keychain_fetch(c, src, a, err): keychain_add of what that log's folder has,
 * if anything. */
MUST_USE int keychain_fetch(struct keychain *c, struct log_source *src,
	struct arena *a, struct err *err);

/* keychain_key(c, i): key number ${i}, 0 to c->n. */
const struct note_key *keychain_key(const struct keychain *c, size_t i);
/* keychain_find(c, key, i): whether it is one of them. */
bool keychain_find(
	const struct keychain *c, const struct note_key *key, size_t *i);
/* keychain_text(c, out): as keychain_read takes it, the newest key first. */
void keychain_text(const struct keychain *c, struct buf *out);
/* keychain_notes(c, out): the rotations alone, as in a log's folder. */
void keychain_notes(const struct keychain *c, struct buf *out);

/* keychain_link(note, a, out, err): one rotation, both its signatures true. */
MUST_USE int keychain_link(struct span note, struct arena *a,
	struct rotation *out, struct err *err);

/* keychain_next(c, note, a, out, err): one that continues ${c}, which stays as
 * it is. */
MUST_USE int keychain_next(const struct keychain *c, struct span note,
	struct arena *a, struct rotation *out, struct err *err);

/* Whose signature counts. */
enum keychain_way {
	KEYCHAIN_ON = 0,   /* of the trusted key, and those after it */
	KEYCHAIN_BACK = 1, /* and of those before it */
	KEYCHAIN_OWN = 2, /* also over a compromised one: in a folder of ours */
};
/*
 * keychain_open(c, ways, in, a, out, i, err):
 * A checkpoint in a note signed by key number *${i}, of the size at which that
 * key signs; the origin is the key's name. ERR_LOG tells what it lacks. A
 * false signature by any of the keys refuses. Without KEYCHAIN_OWN no way leads
 * over a key that was compromised: whoever has it may have signed that as well.
 */
MUST_USE int keychain_open(const struct keychain *c, unsigned ways,
	struct span in, struct arena *a, struct checkpoint *out, size_t *i,
	struct err *err);

/* checkpoint_open(k, in, a, out, err): by that one key. */
MUST_USE int checkpoint_open(const struct note_key *k, struct span in,
	struct arena *a, struct checkpoint *out, struct err *err);

#endif
