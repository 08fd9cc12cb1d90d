/* Section "hints": what those who run a server add to the way out. */
#include "parse/policyread.h"

static int hint_text(struct conf *c, const char **out, struct err *err)
{
	const char *expected = "one line of text of at most 300 bytes";

	if (conf_text(c, expected, out, err))
		return -1;
	if (strlen(*out) > POLICY_HINT_MAX)
		return conf_fail(c, err, "expected %s, found %zu bytes",
			expected, strlen(*out));
	return 0;
}

int hints_section(
	struct reader *r, struct conf *c, struct rules *rules, struct err *err)
{
	struct policy_hint *v = NULL;
	const void *pos = NULL;
	struct conf *member;
	const char *id;
	size_t cap = 0, n = 0;

	if (conf_object(c, err))
		return -1;
	for (;;) {
		if (conf_next(c, &pos, &id, &member, err))
			return -1;
		if (!member)
			break;
		/* A star alone says something of whatever is found. */
		if (strcmp(id, "*") && finding_check(member, id, err))
			return -1;
		if (list_limit(c, n + 1, POLICY_ENTRIES_MAX, err))
			return -1;
		v = arena_grow(r->arena, v, n, &cap, sizeof(*v));
		v[n].finding = id;
		if (hint_text(member, &v[n++].text, err))
			return -1;
	}
	if (!n)
		return conf_fail_type(c, "at least one finding id", err);
	rules->hint = v;
	rules->nhint = n;
	return 0;
}
