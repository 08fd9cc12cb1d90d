#include "scan/pseudonym.h"

#include <errno.h>
#include <unistd.h>

#include "base/io.h"
#include "scan/fingerprint.h"

#define MARK "redact"
#define NAME_BYTES_MAX 4096

int pseudonym_of(const char *state, const char *name, struct arena *a,
	const char **out, struct err *err)
{
	unsigned char key[FINGERPRINT_KEY];
	char hex[FINGERPRINT_HEX + 1];
	struct buf text = BUF_INIT(NAME_BYTES_MAX);
	int ret = -1;

	*out = NULL;
	/* No secret that is found hashes to the same: none has a NUL here. */
	buf_str(&text, "pusher");
	buf_byte(&text, 0);
	buf_str(&text, name);
	if (!buf_check(&text, "the pusher's name", err) &&
		!fingerprint_key(state, true, key, err)) {
		fingerprint_of(key, buf_all(&text), hex);
		*out = arena_fmt(a, PSEUDONYM_NOBODY ":%s", hex);
		ret = 0;
	}
	explicit_bzero(key, sizeof(key));
	buf_free(&text);
	return ret;
}

bool pseudonym_remembered(const char *state)
{
	struct buf path = PATH_BUF_INIT;
	bool yes;

	io_join(&path, state, MARK);
	/* A name too many is worse than one too few. */
	yes = !access(buf_cstr(&path), F_OK) || errno != ENOENT;
	buf_free(&path);
	return yes;
}

int pseudonym_remember(const char *state, bool on, struct err *err)
{
	struct buf path = PATH_BUF_INIT;
	int ret = 0;

	if (on == pseudonym_remembered(state))
		return 0;
	io_join(&path, state, MARK);
	if (on)
		ret = io_replace(buf_cstr(&path), SPAN_EMPTY, 0600, err);
	else if (unlink(buf_cstr(&path)) && errno != ENOENT)
		ret = err_sys(err, "cannot remove '%s'", buf_cstr(&path));
	buf_free(&path);
	return ret;
}
