#include "model/fact.h"

const char *signature_status_name(enum signature_status s)
{
	switch (s) {
	case SIGNATURE_BAD:
		break;
	case SIGNATURE_MISSING:
		return "missing";
	case SIGNATURE_GOOD:
		return "good";
	case SIGNATURE_UNKNOWN_KEY:
		return "unknown_key";
	case SIGNATURE_EXPIRED:
		return "expired";
	case SIGNATURE_REVOKED:
		return "revoked";
	case SIGNATURE_WEAK:
		return "weak";
	case SIGNATURE_MALFORMED:
		return "malformed";
	case SIGNATURE_UNSUPPORTED:
		return "unsupported";
	case SIGNATURE_UNCHECKED:
		return "unchecked";
	}
	return "bad";
}

const char *signature_kind_name(enum signature_kind k)
{
	switch (k) {
	case SIGNATURE_NONE:
		break;
	case SIGNATURE_OPENPGP:
		return "openpgp";
	case SIGNATURE_SSH:
		return "ssh";
	case SIGNATURE_X509:
		return "x509";
	}
	return "none";
}

enum entry_kind entry_kind(unsigned mode)
{
	switch (mode & 0170000) {
	case 0100000:
		return ENTRY_FILE;
	case 0120000:
		return ENTRY_LINK;
	default:
		return ENTRY_SUBMODULE;
	}
}
