#include "parse/logdplace.h"

#include "parse/conf.h"

static int whole(struct conf *c, struct arena *a, void *into, struct err *err)
{
	struct logdplace *out = into;
	struct conf *v;

	(void)a;
	out->seconds = 60;
	if (conf_object(c, err) ||
		conf_need(c, "socket", "an absolute path", &v, err) ||
		conf_text(v, "an absolute path", &out->socket, err))
		return -1;
	if (out->socket[0] != '/')
		return conf_fail(v, err, "expected an absolute path");
	if (strlen(out->socket) > LOGDPLACE_SOCKET_MAX)
		return conf_fail(
			v, err, "longer than %u bytes", LOGDPLACE_SOCKET_MAX);
	if (conf_need(c, "user", "the name of an account", &v, err) ||
		conf_text(v, "the name of an account", &out->user, err))
		return -1;
	v = conf_get(c, "seconds");
	if (v && conf_count(v, 1, 600, &out->seconds, err))
		return -1;
	return conf_done(c, err);
}

int logdplace_parse(struct span text, struct arena *a, struct logdplace *out,
	struct err *err)
{
	return conf_read(text, a, whole, out, sizeof(*out), err);
}
