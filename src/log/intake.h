/*
 * One client of logd, in a process of its own that can do nothing but read the
 * client's bytes and compute: it takes the request in, sees that the record is
 * one, and ends. What it took is in memory that it shares with its parent, who
 * looks at it when the child is dead, so that nobody can change it any more.
 */
#ifndef LOG_INTAKE_H
#define LOG_INTAKE_H

#include <sys/types.h>

#include "parse/logdrequest.h"
#include "parse/receipt.h"

/* What any client is taken in with; a larger record needs a second go. */
#define INTAKE_SMALL ((size_t)1 << 20)

struct intake_room;

struct intake {
	pid_t pid; /* 0: none */
	struct intake_room *room;
	size_t size; /* of the record that has room */
};
#define INTAKE_NONE ((struct intake){.pid = 0})

/* Zero: the child did not do its work. */
enum intake_end {
	INTAKE_DIED,
	INTAKE_RECORD,  /* intake_record has it */
	INTAKE_STATUS,  /* is what was asked */
	INTAKE_LARGE,   /* intake_length says how large; go on */
	INTAKE_REFUSED, /* intake_why says why */
};

/*
 * intake_start(in, client, size, err):
 * Begin, or go on after INTAKE_LARGE, with room for a record of ${size} bytes.
 * ${client} stays the caller's.
 */
MUST_USE int intake_start(
	struct intake *in, int client, size_t size, struct err *err);

/* intake_done(in, end): whether the child has ended, and how. */
MUST_USE bool intake_done(struct intake *in, enum intake_end *end);

/* Of one that has ended. intake_record points into it. */
struct span intake_record(const struct intake *in);
size_t intake_length(const struct intake *in);
void intake_why(const struct intake *in, struct err *err);

/* intake_free(in): kill the child if it is there, and give all back. */
void intake_free(struct intake *in);

#endif
