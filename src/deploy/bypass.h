/*
 * What in a repository lets its refs move without the gate's hooks, or lets
 * other hooks run than those one sees.
 */
#ifndef DEPLOY_BYPASS_H
#define DEPLOY_BYPASS_H

#include "deploy/gitdir.h"

struct bypass {
	bool open; /* pushes go past the gate now; otherwise: somebody may */
	const char *what, *hint;
};
struct bypasses {
	struct bypass *v;
	size_t n, cap;
};

/*
 * bypass_find(g, a, out, err):
 * core.hooksPath of another configuration, a hooks folder that is a link,
 * remotes that are fetched into branches or tags, linked work trees. The hooks
 * themselves are hookfile.h's.
 */
MUST_USE int bypass_find(const struct gitdir *g, struct arena *a,
	struct bypasses *out, struct err *err);

#endif
