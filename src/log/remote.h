/*
 * The key holder under an account of its own: logd, at a Unix socket that the
 * state folder names in "socket.json". Who answers there must be that account,
 * or root, who listens for it when the service manager starts it.
 */
#ifndef LOG_REMOTE_H
#define LOG_REMOTE_H

#include <sys/types.h>

#include "base/arena.h"
#include "parse/logdplace.h"
#include "parse/receipt.h"

struct remote {
	struct arena *arena;
	struct logdplace place;
	uid_t uid; /* of place.user */
};

/*
 * remote_find(state, out, named, err):
 * *${named}: whether the state folder names a logd; only then is there
 * something in ${out}, for remote_free. A file that is there and cannot be read
 * or believed is an error, never "none".
 */
MUST_USE int remote_find(
	const char *state, struct remote *out, bool *named, struct err *err);
void remote_free(struct remote *r);

/* remote_append(r, record, out, err): as keyholder_append. What is there in
 * vain to be told is told with a hint: no socket, no answer in time. */
MUST_USE int remote_append(const struct remote *r, struct span record,
	struct log_receipt *out, struct err *err);

/* remote_status(r, room, out, err): what logd says of itself; out->vkey points
 * into ${room}. */
MUST_USE int remote_status(const struct remote *r, struct buf *room,
	struct receipt *out, struct err *err);

#endif
