/* The files that 'sluice scan PATH…' is to look at. */
#ifndef CMD_SCANLIST_H
#define CMD_SCANLIST_H

#include "cmd/scan.h"

/* A file, standard input ("-"), or something that cannot be looked at. */
struct scan_item {
	char *path;
	char *why;  /* not NULL: it cannot, because */
	bool named; /* by the user: it is read whatever it is called */
	bool gone;  /* ignored */
};

struct scan_list {
	struct scan_item *v;
	size_t n, cap;
};

/* scan_list_add(l, s, path, err): ${path} and what is below it; "-" stands for
 * itself. */
MUST_USE int scan_list_add(struct scan_list *l, const struct scan *s,
	const char *path, struct err *err);
void scan_list_free(struct scan_list *l);

#endif
