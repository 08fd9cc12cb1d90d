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
