/*
 * Records that wait for the log's lock. Who finds it taken leaves its record in
 * a folder of the state, and waits; who has the lock takes along what is there,
 * for one sync and one checkpoint (append_run.c). A ticket (parse/ticket.h) is
 * locked by who waits: without the lock nobody does any more, and it is
 * removed.
 *
 * Nothing here is synced, and nothing here is an error: what cannot be left or
 * taken is appended by whose it is, when the log's lock comes to it. So a
 * ticket is taken once, and marked before: who then gets the lock without an
 * answer looks at that place of the log first.
 *
 * What is in a ticket will be signed: folder and file must belong to this very
 * account, and nobody else may write to them.
 */
#ifndef LOG_QUEUE_H
#define LOG_QUEUE_H

#include "parse/ticket.h"

#define QUEUE_BYTES ((size_t)256 << 10) /* at most, taken at a time */
#define QUEUE_LOOKED_AT 256             /* tickets, for those to be taken */

#define QUEUE_NAME 25 /* the time and the process: 16 digits, '-', 8 digits */

/* One's own ticket. */
struct queue_place {
	int folder, fd; /* -1: none */
	char name[QUEUE_NAME + 1];
};
#define QUEUE_NOWHERE ((struct queue_place){.folder = -1, .fd = -1})

/* queue_join(state, record, out): leave a ticket, if that can be. */
void queue_join(const char *state, struct span record, struct queue_place *out);
/* queue_answer(p, out, err): what became of it; that it waits, if there is
 * none. When that cannot be told it may be in the log, anywhere. */
MUST_USE int queue_answer(
	const struct queue_place *p, struct ticket *out, struct err *err);
void queue_leave(struct queue_place *p); /* QUEUE_NOWHERE is fine */

/* Those of others. Under the log's lock. */
struct queue {
	int folder; /* -1: none */
	struct queue_name {
		char text[QUEUE_NAME + 1];
	} name[QUEUE_LOOKED_AT]; /* the oldest first */
	size_t n, at;
	size_t bytes; /* may still be taken */
};

struct queue_taken {
	int fd;
	struct queue_name name;
	struct buf text;
	struct ticket ticket;
};

void queue_open(struct queue *q, const char *state);
/* queue_next(q, out): another that somebody waits for; to be dropped. */
MUST_USE bool queue_next(struct queue *q, struct queue_taken *out);
/* queue_mark(q, t, index): before it is appended, as that entry. When it cannot
 * be marked, false, it must not be appended. */
MUST_USE bool queue_mark(
	const struct queue *q, struct queue_taken *t, uint64_t index);
void queue_close(struct queue *q);

/* queue_tell(t, receipt): it was appended. */
void queue_tell(struct queue_taken *t, const struct log_receipt *receipt);
void queue_drop(struct queue_taken *t);

#endif
