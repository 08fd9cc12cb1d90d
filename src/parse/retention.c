#include "parse/retention.h"

#include "parse/conf.h"

static int whole(struct conf *c, struct arena *a, void *into, struct err *err)
{
	struct retention *out = into;
	struct conf *days;

	(void)a;
	if (conf_object(c, err) ||
		conf_need(c, "keep_days", "a number of days", &days, err) ||
		conf_count(days, 1, RETENTION_DAYS_MAX, &out->keep_days, err))
		return -1;
	return conf_done(c, err);
}

int retention_parse(struct span text, struct arena *a, struct retention *out,
	struct err *err)
{
	return conf_read(text, a, whole, out, sizeof(*out), err);
}
