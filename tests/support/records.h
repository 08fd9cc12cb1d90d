/* Records and logs for tests. */
#ifndef SUPPORT_RECORDS_H
#define SUPPORT_RECORDS_H

#include "base/buf.h"
#include "model/oid.h"
#include "parse/doc.h"

/* An object name made of a number. */
struct oid test_oid(unsigned n);

/*
 * A decision on one update, as a document to be changed: repository "r/a", of
 * ${ref} from test_oid(n) (n == 0: from nothing) to test_oid(n + 1), which is
 * also its one commit.
 */
struct doc *test_decision(const char *verdict, const char *ref, unsigned n);
/* An adoption of one tip, test_oid(n), with the commits 1 to n. */
struct doc *test_adopt(const char *ref, unsigned n);
/* The outcome of decision ${entry}, which applied that update. */
struct doc *test_outcome(uint64_t entry, const char *ref, unsigned n);
/* Of a decision, or (UINT64_MAX) of none. */
struct doc *test_observed(uint64_t entry, const char *ref, unsigned n);

/* The canonical text of a document, which is freed. */
void test_text(struct doc *j, struct buf *out);
/* Its predicate, to change it. */
struct doc *test_predicate(struct doc *record);

/* A new folder below $TMPDIR; log_remove takes it away with all in it. */
char *log_folder(void);
void log_remove(char *dir);

/* A new log of ${n} rejected decisions in ${dir}/s, written straight: tiles by
 * their definition, nothing synced. Returns the state folder, to be freed. */
char *test_log(const char *dir, unsigned n);
/* The same of entries that say no more than their number, without records: a
 * tree of any size at once. It does not verify, and can be appended to. */
char *test_log_bare(const char *dir, unsigned n);

#endif
