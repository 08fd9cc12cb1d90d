/*
 * Who pushes, from the environment that each kind of Git server gives its
 * hooks. Pure: the environment comes in as a function.
 */
#ifndef PARSE_PUSHER_H
#define PARSE_PUSHER_H

#include "base/arena.h"
#include "model/push.h"

/*
 * pusher_read(get, unix_user, arena, out):
 * ${get} answers like getenv. The first of these that is set and not empty
 * names the pusher:
 *	GITEA_PUSHER_NAME	Gitea, Forgejo
 *	GL_USERNAME		GitLab
 *	GITHUB_USER_LOGIN	GitHub Enterprise Server
 *	GL_USER			gitolite
 *	REMOTE_USER		git http-backend behind a web server
 *	${unix_user}		ssh with an account a person, local pushes
 * Every text is made printable and cut to 200 bytes.
 */
void pusher_read(const char *(*get)(const char *name), const char *unix_user,
	struct arena *arena, struct pusher *out);

/* push_options_read(get, arena, out, n): GIT_PUSH_OPTION_COUNT and _0…; at most
 * 64 are kept, each printable and cut to 1000 bytes. */
void push_options_read(const char *(*get)(const char *name),
	struct arena *arena, const char ***out, size_t *n);

/*
 * push_signed_read(get, arena, out):
 * GIT_PUSH_CERT and its fellows (git-receive-pack(1)), and the push options as
 * they are. A variable that says what git would not say leaves its field as if
 * it were not there, which proves nothing.
 */
void push_signed_read(const char *(*get)(const char *name), struct arena *arena,
	struct push_signed *out);

#endif
