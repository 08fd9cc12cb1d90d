#include "parse/lastrun.h"

#include "base/clock.h"
#include "parse/conf.h"

static int read_time(struct conf *c, int64_t *out, struct err *err)
{
	const char *expected = "a time such as 2026-11-27T03:00:00Z";
	const char *text;

	if (conf_text(c, expected, &text, err))
		return -1;
	return clock_read(span_str(text), out)
		? 0
		: conf_fail(c, err, "expected %s", expected);
}

static int whole(struct conf *c, struct arena *a, void *into, struct err *err)
{
	struct lastrun *out = into;
	struct conf *began, *ended, *status;

	(void)a;
	if (conf_object(c, err) ||
		conf_need(c, "began", "a time", &began, err) ||
		read_time(began, &out->began, err))
		return -1;
	ended = conf_get(c, "ended");
	status = conf_get(c, "status");
	if (!ended != !status)
		return conf_fail(c, err, "expected both 'ended' and 'status'");
	out->done = ended;
	if (ended &&
		(read_time(ended, &out->ended, err) ||
			conf_count(status, 0, 255, &out->status, err)))
		return -1;
	return conf_done(c, err);
}

int lastrun_parse(
	struct span text, struct arena *a, struct lastrun *out, struct err *err)
{
	return conf_read(text, a, whole, out, sizeof(*out), err);
}

void lastrun_text(const struct lastrun *r, struct buf *out)
{
	struct doc *j = doc_object();
	char time[CLOCK_TEXT_MAX];

	clock_text(r->began, time);
	doc_set(j, "began", doc_of_str(time));
	if (r->done) {
		clock_text(r->ended, time);
		doc_set(j, "ended", doc_of_str(time));
		doc_set(j, "status", doc_of_int(r->status));
	}
	doc_canonical(j, out);
	doc_free(j);
	buf_byte(out, '\n');
}
