/* The packs of an object store. */
#ifndef SCAN_PACKLIST_H
#define SCAN_PACKLIST_H

#include "scan/packmap.h"

struct packlist {
	struct packmap *v; /* open */
	size_t n, cap;
	size_t left_out; /* damaged ones */
};

/*
 * packlist_open(objects, alternates, out, err):
 * Every pack in ${objects}/pack that has an index and, with ${alternates}, in
 * the stores that ${objects}/info/alternates names, and those name, five deep
 * as Git does. A pack that is damaged as a whole is left out: what asks for its
 * objects has another way to read them, which then says what is wrong. Not when
 * an index names places that its pack does not have: ERR_REPO, for the other
 * way would go there.
 */
MUST_USE int packlist_open(const char *objects, bool alternates,
	struct packlist *out, struct err *err);
/* packlist_check(objects, err): only that, with the alternates. */
MUST_USE int packlist_check(const char *objects, struct err *err);
void packlist_close(struct packlist *l); /* fine when it is not open */

#endif
