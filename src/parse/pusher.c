#include "parse/pusher.h"

#include "base/text.h"

#define NAME_CUT 200
#define OPTION_CUT 1000
#define OPTIONS_KEPT 64
#define OPTIONS_MAX 100000

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

/* How many options there are; false if that is not told in a number. */
static bool option_count(
	const char *(*get)(const char *name), uint64_t max, uint64_t *out)
{
	const char *count = ask(get, "GIT_PUSH_OPTION_COUNT");

	*out = 0;
	return count && text_to_u64(span_str(count), max, out);
}

static const char *option_at(const char *(*get)(const char *name), uint64_t i)
{
	char name[40];

	snprintf(name, sizeof(name), "GIT_PUSH_OPTION_%llu",
		(unsigned long long)i);
	return get(name);
}

void push_options_read(const char *(*get)(const char *name),
	struct arena *arena, const char ***out, size_t *n)
{
	uint64_t have, i;

	*out = NULL;
	*n = 0;
	if (!option_count(get, OPTIONS_MAX, &have))
		return;
	if (have > OPTIONS_KEPT)
		have = OPTIONS_KEPT;
	*out = arena_get(arena, (size_t)have + 1, sizeof(**out));
	for (i = 0; i < have; i++) {
		const char *v = option_at(get, i);

		(*out)[(*n)++] = clean(arena, v ? v : "", OPTION_CUT);
	}
}

/* git sets the count whenever it takes push options at all. */
static void options_whole(const char *(*get)(const char *name),
	struct arena *arena, struct push_signed *out)
{
	uint64_t have, i;
	const char *v;

	if (!option_count(get, OPTIONS_MAX, &have)) {
		out->options_known = !get("GIT_PUSH_OPTION_COUNT");
		return;
	}
	out->option = arena_get(arena, (size_t)have + 1, sizeof(*out->option));
	for (i = 0; i < have; i++) {
		v = option_at(get, i);
		if (!v)
			return;
		out->option[out->noption++] = arena_copy(arena, span_str(v));
	}
	out->options_known = true;
}

void push_signed_read(const char *(*get)(const char *name), struct arena *arena,
	struct push_signed *out)
{
	const char *blob = ask(get, "GIT_PUSH_CERT");
	const char *status = ask(get, "GIT_PUSH_CERT_NONCE_STATUS");
	const char *nonce = ask(get, "GIT_PUSH_CERT_NONCE");
	const char *slop = ask(get, "GIT_PUSH_CERT_NONCE_SLOP");

	memset(out, 0, sizeof(*out));
	out->nonce = "";
	if (!blob)
		return;
	out->given = true;
	if (!oid_read(span_str(blob), &out->blob))
		memset(&out->blob, 0, sizeof(out->blob));
	out->nonce = clean(arena, nonce ? nonce : "", NAME_CUT);
	if (!status || !nonce_status_read(span_str(status), &out->nonce_status))
		out->nonce_status = NONCE_UNCHECKED;
	if (out->nonce_status == NONCE_SLOP) {
		/* Either way: the clocks of two servers may differ. */
		if (slop && slop[0] == '-')
			slop++;
		if (!slop ||
			!text_to_u64(span_str(slop), INT64_MAX, &out->slop))
			out->slop = INT64_MAX;
	}
	options_whole(get, arena, out);
}
