#include "parse/lastrun.h"
#include "parse/retention.h"
#include "parse/unitstate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is taken is within bounds, and what was noted is read as it was. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct span text = span_of(data, size);
	struct buf out = BUF_INIT(LASTRUN_FILE_MAX);
	struct arena *a = arena_new(64u << 20);
	struct err err = ERR_INIT;
	struct lastrun run, again;
	struct retention r;
	struct unitstate u;

	if (!retention_parse(text, a, &r, &err) &&
		(!r.keep_days || r.keep_days > RETENTION_DAYS_MAX))
		die("retention: out of bounds");
	if (!lastrun_parse(text, a, &run, &err)) {
		lastrun_text(&run, &out);
		if (lastrun_parse(buf_all(&out), a, &again, &err) ||
			again.began != run.began || again.ended != run.ended ||
			again.done != run.done || again.status != run.status)
			die("lastrun: not as it was noted");
	}
	if (!unitstate_find(text, "sluice-pack.timer", &u) &&
		(u.loaded || u.enabled || u.active))
		die("unitstate: something of nothing");
	buf_free(&out);
	arena_free(a);
	return 0;
}
