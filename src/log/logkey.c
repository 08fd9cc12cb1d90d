#include "log/logkey.h"

#include "port/sodium.h"

int logkey_open(const char *path, struct logkey *out, struct err *err)
{
	memset(out, 0, sizeof(*out));
	if (key_secret_read(path, NOTE_ED25519, &out->secret, err) ||
		key_public(&out->secret, &out->public, err)) {
		logkey_close(out);
		return -1;
	}
	return 0;
}

void logkey_close(struct logkey *s)
{
	key_wipe(&s->secret);
}

int logkey_sign(const struct logkey *s, struct span text,
	unsigned char sig[LOGKEY_SIG], struct err *err)
{
	return ed25519_sign(s->secret.key, text, sig, err);
}

int logkey_add(const struct logkey *s, struct span text, struct buf *note,
	struct err *err)
{
	unsigned char sig[LOGKEY_SIG];

	if (logkey_sign(s, text, sig, err))
		return -1;
	note_add_sig(note, span_str(s->public.name), s->public.id,
		span_of(sig, sizeof(sig)));
	return buf_check(note, "signed note", err);
}
