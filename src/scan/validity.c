#include "scan/validity.h"

const char *validity_name(enum validity v)
{
	switch (v) {
	case VALIDITY_BAD:
		return "bad";
	case VALIDITY_FORM:
		return "well-formed";
	case VALIDITY_SAMPLE:
		return "sample";
	case VALIDITY_PROVEN:
		return "proven";
	case VALIDITY_OTHER:
		return "other";
	case VALIDITY_UNKNOWN:
		break;
	}
	return "unknown";
}

const char *validity_note(enum validity v)
{
	switch (v) {
	case VALIDITY_BAD:
		return ", which fails its own check";
	case VALIDITY_FORM:
		return ", which is well formed";
	case VALIDITY_SAMPLE:
		return ", which reads like a sample";
	case VALIDITY_PROVEN:
		return ", which passes its own check";
	case VALIDITY_OTHER:
	case VALIDITY_UNKNOWN:
		break;
	}
	return "";
}
