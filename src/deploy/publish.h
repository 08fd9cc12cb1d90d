/*
 * The policy as developers may see it: a commit under PUBLISHED_REF of a gated
 * repository, whose tree policysource_tree reads. It has the policy, the public
 * keys and the rule packs that it names, the repository's name, and nothing
 * else of the server.
 */
#ifndef DEPLOY_PUBLISH_H
#define DEPLOY_PUBLISH_H

#include "gather/policysource.h"
#include "model/ownref.h"

struct published {
	struct policy_files files;
};

/*
 * published_read(from, a, out, err):
 * The policy and all that it names. Refused when a push could not be judged by
 * it, and when a file holds a private key.
 */
MUST_USE int published_read(const struct policy_source *from, struct arena *a,
	struct published *out, struct err *err);

/* published_look(p, repository, a, out, err): what the repository publishes,
 * held against ${p}. */
enum published_state {
	PUBLISHED_NOT,
	PUBLISHED_OLD, /* something else */
	PUBLISHED_CURRENT,
};
MUST_USE int published_look(const struct published *p, const char *repository,
	struct arena *a, enum published_state *out, struct err *err);

/* published_write(p, repository, a, changed, err): into a repository that was
 * installed, by git fast-import. *${changed} false: it has exactly that. */
MUST_USE int published_write(const struct published *p, const char *repository,
	struct arena *a, bool *changed, struct err *err);

#endif
