/* The index's tables, and filling them from the log. Private to the index. */
#ifndef LOG_INDEX_BUILD_H
#define LOG_INDEX_BUILD_H

#include "log/reader.h"
#include "port/database.h"

/*
 * index_catch_up(db, log, ahead, err):
 * Make the tables hold exactly the entries of ${log}: those that are new are
 * added; a database that is empty, of another version or of a log with another
 * key is built anew. *${ahead}: it knows more entries than ${log} has, so
 * somebody read a newer checkpoint, or the log was rolled back; nothing was
 * done. ERR_LOG: the log does not continue the one that was indexed.
 */
MUST_USE int index_catch_up(
	struct db *db, struct log_reader *log, bool *ahead, struct err *err);

#endif
