/* The lists of an entry, wherever they stand: in it, or aside in the log. */
#ifndef LOG_ENTRYLISTS_H
#define LOG_ENTRYLISTS_H

#include "log/reader.h"
#include "parse/entry.h"

/*
 * entrylists_updates(log, e, room, a, v, n, err), entrylists_commits(…):
 * A list aside is read into ${room} (of LOG_LIST_MAX) and ${a}. ERR_LOG: it is
 * missing or not what the entry names.
 */
MUST_USE int entrylists_updates(struct log_reader *log, const struct entry *e,
	struct buf *room, struct arena *a, struct entry_update **v, size_t *n,
	struct err *err);
MUST_USE int entrylists_commits(struct log_reader *log, const struct entry *e,
	struct buf *room, struct arena *a, struct oid **v, size_t *n,
	struct err *err);

#endif
