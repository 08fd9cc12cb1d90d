#include "parse/monitorstate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is taken is what would have been written. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf out = BUF_INIT(MONITORSTATE_MAX);
	struct monitor_state s;
	struct err err = ERR_INIT;

	if (!monitorstate_parse(span_of(data, size), &s, &err)) {
		monitorstate_text(&s, &out);
		if (!out.full && !span_eq(buf_all(&out), span_of(data, size)))
			die("monitor state: another text");
	}
	monitorstate_free(&s);
	buf_free(&out);
	return 0;
}
