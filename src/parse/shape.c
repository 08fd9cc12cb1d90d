#include "parse/shape.h"

#include "base/text.h"

#define WHERE_MAX 200

const struct shape shape_item_text = {
	NULL, SHAPE_TEXT, true, SHAPE_ITEM_MAX, NULL, NULL};
const struct shape shape_item_oid = {NULL, SHAPE_OID, true, 0, NULL, NULL};
const struct shape shape_item_count = {NULL, SHAPE_COUNT, true, 0, NULL, NULL};

/* Where we are, as a chain up to the root: written out only to complain. */
struct place {
	const struct place *up;
	const char *key; /* NULL: an item of an array */
	size_t index;
};

static void place_text(const struct place *at, struct buf *out)
{
	if (!at)
		return;
	place_text(at->up, out);
	if (!at->key)
		buf_fmt(out, "[%zu]", at->index);
	else
		buf_fmt(out, "%s%s",
			at->up && at->up->up ? "."
				: at->up     ? ": "
					     : "",
			at->key);
}

static int check_at(const struct doc *j, const struct shape *keys,
	const struct place *at, struct err *err);

static bool is_name(struct span s, size_t max)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (s.p[i] < 0x20 || s.p[i] == 0x7f)
			return false;
	return s.n && s.n <= max;
}

static bool is_id(struct span s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (!((s.p[i] >= '0' && s.p[i] <= '9') ||
			    (s.p[i] >= 'a' && s.p[i] <= 'z') ||
			    (i &&
				    (s.p[i] == '.' || s.p[i] == '_' ||
					    s.p[i] == '-'))))
			return false;
	return s.n && s.n <= 128;
}

static bool is_time(struct span s)
{
	static const char form[] = "dddd-dd-ddTdd:dd:ddZ";
	size_t i;

	if (s.n != sizeof(form) - 1)
		return false;
	for (i = 0; i < s.n; i++)
		if (form[i] == 'd' ? s.p[i] < '0' || s.p[i] > '9'
				   : s.p[i] != form[i])
			return false;
	return true;
}

static bool is_word(struct span s, const char *const *words)
{
	for (; *words; words++)
		if (s.n && s.p[0] == (unsigned char)**words &&
			span_is(s, *words))
			return true;
	return false;
}

static const char *expected(enum shape_type t)
{
	switch (t) {
	case SHAPE_TEXT:
		return "a string";
	case SHAPE_NAME:
		return "a name";
	case SHAPE_ID:
		return "an id";
	case SHAPE_OID:
		return "40 hex digits";
	case SHAPE_SHA256:
		return "64 hex digits";
	case SHAPE_HEX:
		return "hex digits";
	case SHAPE_TIME:
		return "a time like 2026-11-23T08:00:00Z";
	case SHAPE_BOOL:
		return "true or false";
	case SHAPE_COUNT:
		return "a whole number from 0";
	case SHAPE_WORD:
		return "one of the known words";
	case SHAPE_OBJECT:
		return "an object";
	case SHAPE_OBJECTS:
		return "an array of objects";
	case SHAPE_TEXTS:
		return "an array of strings";
	case SHAPE_OIDS:
		return "an array of object names";
	case SHAPE_COUNTS:
		return "an object of numbers";
	}
	return "something else";
}

bool shape_text(const struct shape *s, struct span t)
{
	switch (s->type) {
	case SHAPE_TEXT:
		return t.n <= s->max;
	case SHAPE_NAME:
		return is_name(t, s->max);
	case SHAPE_ID:
		return is_id(t);
	case SHAPE_OID:
		return t.n == 40 && text_is_hex(t);
	case SHAPE_SHA256:
		return t.n == 64 && text_is_hex(t);
	case SHAPE_HEX:
		return t.n <= s->max && text_is_hex(t);
	case SHAPE_TIME:
		return is_time(t);
	case SHAPE_WORD:
		return is_word(t, s->words);
	case SHAPE_BOOL:
	case SHAPE_COUNT:
	case SHAPE_OBJECT:
	case SHAPE_OBJECTS:
	case SHAPE_TEXTS:
	case SHAPE_OIDS:
	case SHAPE_COUNTS:
		break;
	}
	return false;
}

static bool scalar_ok(const struct doc *j, const struct shape *s)
{
	struct span t;
	int64_t n;
	bool b;

	if (s->type == SHAPE_BOOL)
		return doc_bool(j, &b);
	if (s->type == SHAPE_COUNT)
		return doc_int(j, &n) && n >= 0;
	return doc_text(j, &t) && shape_text(s, t);
}

static int complain(
	const struct place *at, const char *what, size_t max, struct err *err)
{
	struct buf where = BUF_INIT(WHERE_MAX);

	place_text(at, &where);
	if (max)
		err_set(err, ERR_INPUT, "%s: %s, at most %zu", buf_cstr(&where),
			what, max);
	else
		err_set(err, ERR_INPUT, "%s: %s", buf_cstr(&where), what);
	buf_free(&where);
	return -1;
}

static int not_that(
	const struct shape *s, const struct place *at, struct err *err)
{
	char what[80];

	snprintf(what, sizeof(what), "expected %s", expected(s->type));
	return complain(at, what, s->max, err);
}

static int items_check(const struct doc *j, const struct shape *s,
	const struct place *at, struct err *err)
{
	const struct shape *each =
		s->type == SHAPE_TEXTS ? &shape_item_text : &shape_item_oid;
	struct place item = {at, NULL, 0};
	size_t n = doc_count(j);

	if (doc_kind(j) != DOC_ARRAY || n > s->max)
		return not_that(s, at, err);
	for (; item.index < n; item.index++) {
		const struct doc *value = doc_at(j, item.index);

		if (s->type == SHAPE_OBJECTS) {
			if (check_at(value, s->keys, &item, err))
				return -1;
		} else if (!scalar_ok(value, each)) {
			return not_that(each, &item, err);
		}
	}
	return 0;
}

static int counts_check(const struct doc *j, const struct shape *s,
	const struct place *at, struct err *err)
{
	const struct doc *value;
	const void *pos = NULL;
	struct span key;
	int64_t n;

	if (doc_kind(j) != DOC_OBJECT || doc_count(j) > s->max)
		return not_that(s, at, err);
	while (doc_next(j, &pos, &key, &value))
		if (!is_id(key) || !doc_int(value, &n) || n < 0)
			return not_that(s, at, err);
	return 0;
}

static int value_check(const struct doc *j, const struct shape *s,
	const struct place *at, struct err *err)
{
	switch (s->type) {
	case SHAPE_OBJECT:
		return check_at(j, s->keys, at, err);
	case SHAPE_OBJECTS:
	case SHAPE_TEXTS:
	case SHAPE_OIDS:
		return items_check(j, s, at, err);
	case SHAPE_COUNTS:
		return counts_check(j, s, at, err);
	case SHAPE_TEXT:
	case SHAPE_NAME:
	case SHAPE_ID:
	case SHAPE_OID:
	case SHAPE_SHA256:
	case SHAPE_HEX:
	case SHAPE_TIME:
	case SHAPE_BOOL:
	case SHAPE_COUNT:
	case SHAPE_WORD:
		break;
	}
	return scalar_ok(j, s) ? 0 : not_that(s, at, err);
}

static int check_at(const struct doc *j, const struct shape *keys,
	const struct place *at, struct err *err)
{
	const struct shape *s;
	size_t known = 0;

	if (doc_kind(j) != DOC_OBJECT)
		return complain(at, "expected an object", 0, err);
	for (s = keys; s->key; s++) {
		const struct doc *value = doc_get(j, s->key);
		struct place here = {at, s->key, 0};

		if (!value && !s->required)
			continue;
		if (!value)
			return complain(&here, "missing", 0, err);
		known++;
		if (value_check(value, s, &here, err))
			return -1;
	}
	if (known != doc_count(j))
		return complain(at, "unknown key", 0, err);
	return 0;
}

int shape_check(const struct doc *j, const struct shape *keys,
	const char *where, struct err *err)
{
	struct place root = {NULL, where, 0};

	return check_at(j, keys, &root, err);
}
