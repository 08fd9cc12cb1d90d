#include "parse/conf.h"

#include <stdarg.h>

#include "base/err.h"
#include "base/text.h"

#define KEYS_MAX 24   /* keys of ours in one object */
#define QUOTED_MAX 60 /* bytes of a foreign string shown in a message */
#define COMMENT "comment"

struct conf {
	const struct doc *j;
	struct arena *arena;
	const char *path; /* "" for the document itself */
	const char *asked[KEYS_MAX];
	size_t nasked;
};

static struct conf *view(
	const struct doc *j, struct arena *arena, const char *path)
{
	struct conf *c = ARENA_NEW(arena, struct conf);

	c->j = j;
	c->arena = arena;
	c->path = path;
	return c;
}

struct conf *conf_open(const struct doc *root, struct arena *arena)
{
	return view(root, arena, "");
}

int conf_read(struct span text, struct arena *arena,
	int (*whole)(struct conf *c, struct arena *arena, void *out,
		struct err *err),
	void *out, size_t size, struct err *err)
{
	struct doc *j = NULL;
	int ret;

	memset(out, 0, size);
	if (doc_parse(text, &j, err))
		return -1;
	ret = whole(conf_open(j, arena), arena, out, err);
	doc_free(j);
	if (ret)
		memset(out, 0, size);
	return ret;
}

const char *conf_path(const struct conf *c)
{
	return c->path[0] ? c->path : "the document";
}

int conf_fail(const struct conf *c, struct err *err, const char *fmt, ...)
{
	char text[ERR_TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return err_set(err, ERR_POLICY, "%s: %s", conf_path(c), text);
}

/* What stands there, short enough for a message. */
static const char *found(const struct conf *c)
{
	struct buf shown = BUF_INIT(QUOTED_MAX * 4 + 16);
	const char *text = doc_kind_name(doc_kind(c->j));
	struct span s;
	int64_t v;
	bool b;

	if (doc_text(c->j, &s) && s.n) {
		buf_str(&shown, "'");
		text_printable(&shown, s, QUOTED_MAX);
		buf_str(&shown, "'");
		text = arena_str(c->arena, buf_all(&shown));
	} else if (doc_text(c->j, &s)) {
		text = "an empty string";
	} else if (doc_int(c->j, &v)) {
		text = arena_fmt(c->arena, "%lld", (long long)v);
	} else if (doc_bool(c->j, &b)) {
		text = b ? "true" : "false";
	} else if (doc_kind(c->j) == DOC_ARRAY && !doc_count(c->j)) {
		text = "an empty array";
	}
	buf_free(&shown);
	return text;
}

int conf_fail_type(const struct conf *c, const char *expected, struct err *err)
{
	return conf_fail(c, err, "expected %s, found %s", expected, found(c));
}

int conf_object(const struct conf *c, struct err *err)
{
	if (doc_kind(c->j) != DOC_OBJECT)
		return conf_fail_type(c, "an object", err);
	return 0;
}

static const char *path_of(const struct conf *object, const char *key)
{
	bool plain = key[0] != '\0';
	const char *p;

	for (p = key; *p && plain; p++)
		plain = *p == '_' || *p == '-' || (*p >= '0' && *p <= '9') ||
			(text_lower((unsigned char)*p) >= 'a' &&
				text_lower((unsigned char)*p) <= 'z');
	if (!plain)
		return arena_fmt(
			object->arena, "%s[\"%s\"]", object->path, key);
	return arena_fmt(object->arena, "%s%s%s", object->path,
		object->path[0] ? "." : "", key);
}

struct conf *conf_get(struct conf *object, const char *key)
{
	const struct doc *j = doc_get(object->j, key);

	if (object->nasked == KEYS_MAX)
		die("conf: more than %d keys in an object", KEYS_MAX);
	object->asked[object->nasked++] = key;
	return j ? view(j, object->arena, path_of(object, key)) : NULL;
}

int conf_need(struct conf *object, const char *key, const char *expected,
	struct conf **out, struct err *err)
{
	*out = conf_get(object, key);
	if (!*out)
		return err_set(err, ERR_POLICY,
			"%s: expected %s, found nothing", path_of(object, key),
			expected);
	return 0;
}

static int comment(
	const struct conf *object, const struct doc *j, struct err *err)
{
	const struct conf *c;

	if (doc_kind(j) == DOC_STRING)
		return 0;
	c = view(j, object->arena, path_of(object, COMMENT));
	return conf_fail_type(c, "a string", err);
}

/* Letters that differ, position by position, and the difference in length: good
 * enough to catch the usual slips. */
static size_t distance(struct span a, struct span b)
{
	size_t row[KEYS_MAX * 2], i, j;

	if (a.n + 1 > ARRAY_LEN(row))
		return SIZE_MAX;
	for (i = 0; i <= a.n; i++)
		row[i] = i;
	for (j = 1; j <= b.n; j++) {
		size_t corner = row[0];

		row[0] = j;
		for (i = 1; i <= a.n; i++) {
			size_t best = corner + (a.p[i - 1] != b.p[j - 1]);

			if (row[i] + 1 < best)
				best = row[i] + 1;
			if (row[i - 1] + 1 < best)
				best = row[i - 1] + 1;
			corner = row[i];
			row[i] = best;
		}
	}
	return row[a.n];
}

static int unknown(const struct conf *object, struct span key, struct err *err)
{
	struct buf shown = BUF_INIT(ERR_TEXT_MAX);
	const char *near = NULL;
	size_t i, best = 3;

	for (i = 0; i < object->nasked; i++) {
		size_t d = distance(span_str(object->asked[i]), key);

		if (d < best) {
			best = d;
			near = object->asked[i];
		}
	}
	text_printable(&shown, key, QUOTED_MAX);
	conf_fail(object, err, "unknown key '%s'", buf_cstr(&shown));
	buf_reset(&shown);
	for (i = 0; i < object->nasked; i++)
		buf_fmt(&shown, "%s%s", i ? ", " : "", object->asked[i]);
	if (near)
		err_hint(err, "did you mean '%s'?", near);
	else
		err_hint(err, "known here: %s", buf_cstr(&shown));
	buf_free(&shown);
	return -1;
}

int conf_done(const struct conf *object, struct err *err)
{
	const struct doc *value;
	const void *pos = NULL;
	struct span key;
	size_t i;

	while (doc_next(object->j, &pos, &key, &value)) {
		if (span_is(key, COMMENT)) {
			if (comment(object, value, err))
				return -1;
			continue;
		}
		for (i = 0; i < object->nasked; i++)
			if (span_is(key, object->asked[i]))
				break;
		if (i == object->nasked)
			return unknown(object, key, err);
	}
	return 0;
}

int conf_next(struct conf *object, const void **pos, const char **key,
	struct conf **out, struct err *err)
{
	const struct doc *value;
	struct span k;

	*out = NULL;
	while (doc_next(object->j, pos, &k, &value)) {
		if (span_is(k, COMMENT)) {
			if (comment(object, value, err))
				return -1;
			continue;
		}
		*key = arena_str(object->arena, k);
		*out = view(value, object->arena, path_of(object, *key));
		break;
	}
	return 0;
}

int conf_list(const struct conf *c, size_t min, const char *what, size_t *n,
	struct err *err)
{
	*n = 0;
	if (doc_kind(c->j) != DOC_ARRAY)
		return conf_fail_type(c, what, err);
	if (doc_count(c->j) < min)
		return conf_fail_type(
			c, arena_fmt(c->arena, "%s, not empty", what), err);
	*n = doc_count(c->j);
	return 0;
}

struct conf *conf_item(struct conf *list, size_t i)
{
	return view(doc_at(list->j, i), list->arena,
		arena_fmt(list->arena, "%s[%zu]", list->path, i));
}

bool conf_is_null(const struct conf *c)
{
	return doc_kind(c->j) == DOC_NULL;
}

bool conf_is_object(const struct conf *c)
{
	return doc_kind(c->j) == DOC_OBJECT;
}

int conf_text(const struct conf *c, const char *expected, const char **out,
	struct err *err)
{
	struct span s;
	size_t i;

	if (!doc_text(c->j, &s) || !s.n)
		return conf_fail_type(c, expected, err);
	for (i = 0; i < s.n; i++)
		if (s.p[i] < 0x20 || s.p[i] == 0x7f)
			return conf_fail(c, err,
				"expected %s, found a control character in %s",
				expected, found(c));
	*out = arena_str(c->arena, s);
	return 0;
}

int conf_bool(const struct conf *c, bool *out, struct err *err)
{
	if (!doc_bool(c->j, out))
		return conf_fail_type(c, "true or false", err);
	return 0;
}

int conf_count(const struct conf *c, unsigned lo, unsigned hi, unsigned *out,
	struct err *err)
{
	int64_t v;

	if (!doc_int(c->j, &v) || v < (int64_t)lo || v > (int64_t)hi)
		return conf_fail_type(c,
			arena_fmt(c->arena, "a whole number from %u to %u", lo,
				hi),
			err);
	*out = (unsigned)v;
	return 0;
}

int conf_size(const struct conf *c, uint64_t *out, struct err *err)
{
	static const struct {
		const char *unit;
		unsigned shift;
	} units[] = {{"KiB", 10}, {"MiB", 20}, {"GiB", 30}};
	const uint64_t max = UINT64_C(1) << 50;
	int64_t v = 0;
	struct span s;
	uint64_t n = 0;
	size_t i;

	if (doc_int(c->j, &v) && v > 0 && (uint64_t)v <= max) {
		*out = (uint64_t)v;
		return 0;
	}
	if (doc_text(c->j, &s)) {
		unsigned shift = 0;

		for (i = 0; i < ARRAY_LEN(units) && !shift; i++) {
			if (span_ends(s, span_str(units[i].unit))) {
				shift = units[i].shift;
				s = span_sub(s, 0, s.n - 3);
			}
		}
		if (text_to_u64(s, max >> shift, &n) && n) {
			*out = n << shift;
			return 0;
		}
	}
	return conf_fail_type(c,
		"a size above 0: a number of bytes, or \"10KiB\", \"50MiB\", "
		"\"1GiB\"",
		err);
}

int conf_choice(const struct conf *c, const char *const *names, size_t n,
	size_t *out, struct err *err)
{
	struct buf all = BUF_INIT(ERR_TEXT_MAX);
	struct span s;
	size_t i;

	for (i = 0; i < n; i++) {
		if (doc_text(c->j, &s) && span_is(s, names[i])) {
			*out = i;
			return 0;
		}
	}
	for (i = 0; i < n; i++)
		buf_fmt(&all, "%s\"%s\"",
			i == 0              ? ""
				: i + 1 < n ? ", "
					    : " or ",
			names[i]);
	conf_fail_type(c, buf_cstr(&all), err);
	buf_free(&all);
	return -1;
}

int conf_texts(struct conf *c, const char *what, const char *expected,
	const char ***out, size_t *n, struct err *err)
{
	const char **v;
	size_t i;

	*out = NULL;
	*n = 0;
	if (conf_list(c, 1, what, &i, err))
		return -1;
	v = arena_get(c->arena, doc_count(c->j), sizeof(*v));
	for (i = 0; i < doc_count(c->j); i++)
		if (conf_text(conf_item(c, i), expected, &v[i], err))
			return -1;
	*out = v;
	*n = i;
	return 0;
}
