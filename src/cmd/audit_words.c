/* sluice audit: words and JSON that several of its parts use. */
#include "base/clock.h"
#include "cmd/audit.h"

#define SHOWN 12

const char *audit_short(const struct oid *o, char hex[OID_HEX + 1])
{
	oid_hex(o, hex);
	hex[SHOWN] = '\0';
	return hex;
}

void audit_set_oid(struct doc *j, const char *key, const struct oid *o)
{
	char hex[OID_HEX + 1];

	doc_set(j, key,
		oid_is_zero(o) ? doc_of_null() : doc_of_str(oid_hex(o, hex)));
}

const char *audit_mover_text(struct audit *t, const struct movedby *m)
{
	char when[CLOCK_TEXT_MAX];

	clock_text(m->when, when);
	switch (m->source) {
	case MOVEDBY_REFLOG:
		return arena_fmt(t->a, "; the reflog says: %s, %s%s%s", m->who,
			when, m->why[0] ? ", " : "", m->why);
	case MOVEDBY_FILE:
		return arena_fmt(
			t->a, "; its file is by %s, of %s", m->who, when);
	case MOVEDBY_NOTHING:
		break;
	}
	return "";
}

void audit_set_mover(struct doc *j, const struct movedby *m)
{
	char when[CLOCK_TEXT_MAX];

	if (m->source == MOVEDBY_NOTHING)
		return;
	clock_text(m->when, when);
	doc_set(j, "by", doc_of_text(span_str(m->who)));
	doc_set(j, "when", doc_of_str(when));
	doc_set(j, "told_by",
		doc_of_str(m->source == MOVEDBY_REFLOG ? "reflog" : "file"));
}
