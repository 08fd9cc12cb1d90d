/* The parts of sluice doctor. */
#ifndef CMD_DOCTOR_H
#define CMD_DOCTOR_H

#include <sys/types.h>

#include "cmd/cmd.h"
#include "deploy/gitdir.h"
#include "deploy/publish.h"
#include "model/policy.h"
#include "parse/doc.h"

enum level {
	LEVEL_OK,
	LEVEL_WARN,
	LEVEL_BAD,
	LEVEL_UNKNOWN,
};

struct doctor {
	const struct run *run;
	struct arena *a;
	struct doc *list;
	const char *state;           /* absolute, or as given */
	const struct policy *policy; /* NULL when it does not load */
	struct published published;  /* what of it would be */
	bool publishable;
	const char *repository; /* looked at now, or NULL */
	size_t count[LEVEL_UNKNOWN + 1];
	bool no_push;
};

/* doctor_say(d, l, what, hint, fmt): one line of the report, and the hint below
 * it if there is one. */
void doctor_say(struct doctor *d, enum level l, const char *what,
	const char *hint, const char *fmt, ...) PRINTF(5, 6);
void doctor_say_err(struct doctor *d, enum level l, const char *what,
	const struct err *err);

/* The account that a repository belongs to, under which pushes work. */
struct doctor_account {
	uid_t uid;
	gid_t gid;
	const char *name, *home;
};
/* doctor_become(who): for good; false if that cannot be. */
MUST_USE bool doctor_become(const struct doctor_account *who);

/* doctor_files(d): modes of what is in the state folder. */
void doctor_files(struct doctor *d);

/* doctor_push(d, g, name, who): ask the gate by a push that moves nothing. */
void doctor_push(struct doctor *d, const struct gitdir *g, const char *name,
	const struct doctor_account *who);

/* doctor_forges(d, beside): whether what people say at the forges of d->policy
 * would be told to the next push; ${beside} is the server's policy file. */
void doctor_forges(struct doctor *d, const char *beside);

/* doctor_timers(d): whether audit, pack and prune are done by a timer, and when
 * and how each last ended. */
void doctor_timers(struct doctor *d);

#endif
