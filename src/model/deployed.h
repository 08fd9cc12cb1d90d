/*
 * What runs somewhere, as a source of such knowledge tells it. The spans are
 * as they came; the texts (unfit, dirty, remark) are printable.
 */
#ifndef MODEL_DEPLOYED_H
#define MODEL_DEPLOYED_H

#include "base/arena.h"
#include "model/oid.h"

/* Fewer digits than this name no commit. */
#define REVISION_DIGITS_MIN 7u

struct deployed {
	struct span name;       /* of the workload; may be empty */
	struct span repository; /* as its source says, or empty */
	struct span revision;   /* as its source says */
	const char *unfit; /* why the revision cannot be looked up, or NULL */
	struct oid oid;    /* the digits after the first ${digits} are 0 */
	unsigned digits;   /* OID_HEX: the whole name of a commit */
	const char
		*dirty; /* how what runs differs from the revision, or NULL */
	const char *remark; /* worth telling, changes nothing; or NULL */
};

struct deployed_list {
	struct arena *arena; /* set by whoever makes the list */
	struct deployed *v;
	size_t n, cap;
};

#define DEPLOYED_MAX 1000000u

/* deployed_add(l): one more item, zeroed; good until the next addition. */
struct deployed *deployed_add(struct deployed_list *l);

#endif
