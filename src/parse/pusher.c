#include "parse/pusher.h"

#include "base/text.h"

#define NAME_CUT 200
#define OPTION_CUT 1000
#define OPTIONS_KEPT 64

static const char *const sources[] = {
	"GITEA_PUSHER_NAME",
	"GL_USERNAME",
	"GITHUB_USER_LOGIN",
	"GL_USER",
	"REMOTE_USER",
};

static const char *clean(struct arena *arena, const char *s, size_t cut)
{
	struct buf b = BUF_INIT(cut * 4 + 8);
	const char *out;

	text_printable(&b, span_str(s), cut);
	out = arena_str(arena, buf_all(&b));
	buf_free(&b);
	return out;
}

static const char *ask(const char *(*get)(const char *), const char *name)
{
	const char *v = get(name);

	return v && *v ? v : NULL;
}

static enum transport transport(const char *(*get)(const char *))
{
	const char *gl = ask(get, "GL_PROTOCOL");
	const char *origin = ask(get, "SSH_ORIGINAL_COMMAND");

	if (gl && !strcmp(gl, "web"))
		return TRANSPORT_WEB;
	if (gl && !strcmp(gl, "http"))
		return TRANSPORT_HTTP;
	if (origin && !strcmp(origin, "gitea-internal"))
		return TRANSPORT_WEB;
	/* gitolite and Gitea set ssh's variables for http as well. */
	if (ask(get, "REQUEST_METHOD") || ask(get, "GATEWAY_INTERFACE") ||
		(origin && !strcmp(origin, "receive-pack")))
		return TRANSPORT_HTTP;
	if (gl || origin || ask(get, "SSH_CONNECTION"))
		return TRANSPORT_SSH;
	return TRANSPORT_LOCAL;
}

void pusher_read(const char *(*get)(const char *name), const char *unix_user,
	struct arena *arena, struct pusher *out)
{
	const char *name = NULL, *email, *address, *ssh;
	size_t i;

	out->source = "unix";
	for (i = 0; i < ARRAY_LEN(sources) && !name; i++) {
		name = ask(get, sources[i]);
		if (name)
			out->source = sources[i];
	}
	out->name = clean(arena, name ? name : unix_user, NAME_CUT);
	email = ask(get, "GITEA_PUSHER_EMAIL");
	out->email = clean(arena, email ? email : "", NAME_CUT);
	address = ask(get, "REMOTE_ADDR");
	if (!address)
		address = ask(get, "GITHUB_USER_IP");
	ssh = ask(get, "SSH_CONNECTION"); /* "client port server port" */
	if (!address && ssh)
		address = arena_str(arena,
			span_sub(span_str(ssh), 0,
				span_find(span_str(ssh), ' ')));
	out->address = clean(arena, address ? address : "", NAME_CUT);
	out->transport = transport(get);
}

void push_options_read(const char *(*get)(const char *name),
	struct arena *arena, const char ***out, size_t *n)
{
	const char *count = ask(get, "GIT_PUSH_OPTION_COUNT");
	uint64_t have, i;
	char name[40];

	*out = NULL;
	*n = 0;
	if (!count || !text_to_u64(span_str(count), 100000, &have))
		return;
	if (have > OPTIONS_KEPT)
		have = OPTIONS_KEPT;
	*out = arena_get(arena, (size_t)have + 1, sizeof(**out));
	for (i = 0; i < have; i++) {
		const char *v;

		snprintf(name, sizeof(name), "GIT_PUSH_OPTION_%llu",
			(unsigned long long)i);
		v = get(name);
		(*out)[(*n)++] = clean(arena, v ? v : "", OPTION_CUT);
	}
}
