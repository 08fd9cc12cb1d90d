#include "gather/sshname.h"

#include "base/text.h"
#include "port/pubkey.h"

const char *sshname(struct span blob, struct arena *arena)
{
	unsigned char digest[PUBKEY_HASH_MAX];
	struct buf name = BUF_INIT(128);
	const char *text;

	buf_str(&name, "SHA256:");
	text_base64(&name,
		span_of(digest,
			pubkey_digest(PUBKEY_SHA256, &blob, 1, digest)));
	while (name.n && name.p[name.n - 1] == '=')
		name.n--;
	text = arena_str(arena, buf_all(&name));
	buf_free(&name);
	return text;
}

const char *sshname_shown(struct span outside, struct arena *arena)
{
	struct buf text = BUF_INIT(512);
	const char *s;

	text_printable(&text, outside, 64);
	s = arena_str(arena, buf_all(&text));
	buf_free(&text);
	return s;
}
