#include "parse/logdconf.h"
#include "parse/logdplace.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The two files that people write for logd: what is taken is within bounds. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new(64u << 20);
	struct err err = ERR_INIT;
	struct logdplace place;
	struct logdconf conf;
	size_t i;

	if (!logdconf_parse(span_of(data, size), a, &conf, &err)) {
		if (!conf.npeer || conf.npeer > LOGDCONF_PEERS_MAX ||
			!conf.connections ||
			conf.connections > LOGDCONF_CONNECTIONS_MAX)
			die("logd configuration: out of bounds");
		for (i = 0; i < conf.npeer; i++)
			if (conf.peer[i].bytes_per_minute < RECORD_MAX)
				die("logd configuration: too few bytes");
	}
	if (!logdplace_parse(span_of(data, size), a, &place, &err) &&
		(place.socket[0] != '/' || !place.user[0]))
		die("socket.json: out of bounds");
	arena_free(a);
	return 0;
}
