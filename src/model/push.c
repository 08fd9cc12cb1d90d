#include "model/push.h"

const char *transport_name(enum transport t)
{
	switch (t) {
	case TRANSPORT_LOCAL:
		break;
	case TRANSPORT_SSH:
		return "ssh";
	case TRANSPORT_HTTP:
		return "http";
	case TRANSPORT_WEB:
		return "web";
	}
	return "local";
}

static const struct {
	const char *git, *name;
} nonces[] = {
	[NONCE_UNCHECKED] = {"", "unchecked"},
	[NONCE_UNSOLICITED] = {"UNSOLICITED", "unsolicited"},
	[NONCE_MISSING] = {"MISSING", "missing"},
	[NONCE_BAD] = {"BAD", "bad"},
	[NONCE_OK] = {"OK", "ok"},
	[NONCE_SLOP] = {"SLOP", "slop"},
};

const char *nonce_status_name(enum nonce_status s)
{
	return nonces[(unsigned)s < ARRAY_LEN(nonces) ? s : 0].name;
}

bool nonce_status_read(struct span s, enum nonce_status *out)
{
	unsigned i;

	for (i = 1; i < ARRAY_LEN(nonces); i++) {
		if (span_is(s, nonces[i].git)) {
			*out = (enum nonce_status)i;
			return true;
		}
	}
	*out = NONCE_UNCHECKED;
	return false;
}
