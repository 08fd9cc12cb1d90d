#include "parse/retention.h"

#include "parse/conf.h"

static int whole(struct conf *c, struct retention *out, struct err *err)
{
	struct conf *days;

	if (conf_object(c, err) ||
		conf_need(c, "keep_days", "a number of days", &days, err) ||
		conf_count(days, 1, RETENTION_DAYS_MAX, &out->keep_days, err))
		return -1;
	return conf_done(c, err);
}

int retention_parse(struct span text, struct arena *a, struct retention *out,
	struct err *err)
{
	struct doc *j = NULL;
	int ret;

	memset(out, 0, sizeof(*out));
	if (doc_parse(text, &j, err))
		return -1;
	ret = whole(conf_open(j, a), out, err);
	doc_free(j);
	if (ret)
		memset(out, 0, sizeof(*out));
	return ret;
}
