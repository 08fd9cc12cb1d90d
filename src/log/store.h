/* The state folder and what lies in it. */
#ifndef LOG_STORE_H
#define LOG_STORE_H

#include "base/buf.h"

/* Names below the state folder, for store_path. */
#define STORE_LOG "log" /* public: checkpoint, tile/…, lists/… */
#define STORE_CHECKPOINT "log/checkpoint"
#define STORE_LISTS "log/lists"
#define STORE_KEY "log.key"   /* secret key of the log, mode 0600 */
#define STORE_VKEY "log.vkey" /* its public half, a line */
/* While the log goes over to another key: that key, and the statement. */
#define STORE_KEY_NEXT "log.key.next"
#define STORE_ROTATION "rotation"
#define STORE_HIGHWATER "highwater"
#define STORE_JOURNAL "journal" /* appends whose files may not last yet */
#define STORE_VAULT "vault"     /* full records: log/vault.h */
#define STORE_INDEX "index.db"
#define STORE_LOCK "lock"
#define STORE_QUEUE "queue" /* records that wait for the lock: log/queue.h */
#define STORE_CACHE "cache"
#define STORE_POLICY "policy.json"
#define STORE_SOCKET "socket.json" /* of a gate: where its logd is */
#define STORE_LOGD "logd.json"     /* of a log: whom logd serves */
#define STORE_LOGD_LOCK "logd.lock"
#define STORE_RUNS "runs"                /* of jobs: log/runs.h */
#define STORE_RETENTION "retention.json" /* how long records stay */

/* store_path(out, state, name): in ${out}, reset first. */
const char *store_path(struct buf *out, const char *state, const char *name);
/* store_vault_path(out, state, sha256): where the record of that digest is
 * while it is a file of its own. */
const char *store_vault_path(
	struct buf *out, const char *state, const char *sha256);

/*
 * store_create(state, origin, vkey, err):
 * A new log: key, high-water mark, signed checkpoint of size 0, folders. The
 * origin is printable ASCII without spaces and '+'. The verifier key's text is
 * added to ${vkey}. Refuses (ERR_LOG) where there is a log already.
 */
MUST_USE int store_create(const char *state, struct span origin,
	struct buf *vkey, struct err *err);

/* store_elsewhere(state): whether a logd keeps the log of this gate, which has
 * only links to what may be read of it. */
bool store_elsewhere(const char *state);

/* store_vkey(state, out, err): the text of the verifier key, one line. */
MUST_USE int store_vkey(const char *state, struct buf *out, struct err *err);

/* store_lock(state, fd, err): the lock of all writers; closing *${fd}, or the
 * end of the process, gives it up. */
MUST_USE int store_lock(const char *state, int *fd, struct err *err);
/* store_lock_now(state, fd, got, err): without waiting. If another has it,
 * *${got} is false and *${fd} is for store_lock_wait, or to be closed. */
MUST_USE int store_lock_now(
	const char *state, int *fd, bool *got, struct err *err);
MUST_USE int store_lock_wait(const char *state, int *fd, struct err *err);

#endif
