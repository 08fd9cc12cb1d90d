#include "parse/doc.h"

#include <jansson.h>

#include "base/text.h"

/* struct doc is never defined: the pointer is Jansson's, under our name. */
static json_t *in(const struct doc *j)
{
	return (json_t *)(uintptr_t)j;
}

static struct doc *ours(json_t *j)
{
	if (!j)
		die("json: out of memory");
	return (struct doc *)j;
}

/* In Jansson's words, but for what it says of its own options. */
static const char *what_is_wrong(const json_error_t *e)
{
	enum json_error_code code = json_error_code(e);

	return code == json_error_null_character ||
			code == json_error_null_byte_in_key
		? "no text may hold \\u0000"
		: e->text;
}

int doc_parse(struct span text, struct doc **out, struct err *err)
{
	json_error_t e;
	json_t *j;

	*out = NULL;
	/* Jansson takes a NUL for the end and would not see what follows. */
	if (span_find(text, '\0') != SIZE_MAX)
		return err_set(err, ERR_INPUT, "not valid JSON: holds a NUL");
	/* Of no bytes Jansson says that it was called wrongly. */
	if (!text.n)
		return err_set(err, ERR_INPUT, "not valid JSON: empty");
	if (span_starts(text, SPAN_LIT("\xef\xbb\xbf")))
		return err_set(err, ERR_INPUT,
			"not valid JSON: starts with a byte order mark");
	j = json_loadb((const char *)text.p, text.n,
		JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &e);
	if (!j)
		return err_set(err, ERR_INPUT,
			"not valid JSON: line %d, column %d: %s", e.line,
			e.column, what_is_wrong(&e));
	*out = (struct doc *)j;
	return 0;
}

void doc_free(struct doc *j)
{
	json_decref(in(j));
}

enum doc_kind doc_kind(const struct doc *j)
{
	if (!j)
		return DOC_NONE;
	switch (json_typeof(in(j))) {
	case JSON_OBJECT:
		return DOC_OBJECT;
	case JSON_ARRAY:
		return DOC_ARRAY;
	case JSON_STRING:
		return DOC_STRING;
	case JSON_INTEGER:
		return DOC_INT;
	case JSON_REAL:
		return DOC_REAL;
	case JSON_TRUE:
	case JSON_FALSE:
		return DOC_BOOL;
	case JSON_NULL:
		return DOC_NULL;
	}
	return DOC_NONE;
}

const char *doc_kind_name(enum doc_kind k)
{
	switch (k) {
	case DOC_NONE:
		return "nothing";
	case DOC_NULL:
		return "null";
	case DOC_BOOL:
		return "true or false";
	case DOC_INT:
		return "a whole number";
	case DOC_REAL:
		return "a number";
	case DOC_STRING:
		return "a string";
	case DOC_ARRAY:
		return "an array";
	case DOC_OBJECT:
		return "an object";
	}
	return "nothing";
}

const struct doc *doc_get(const struct doc *object, const char *key)
{
	return (const struct doc *)json_object_get(in(object), key);
}

size_t doc_count(const struct doc *j)
{
	if (json_is_array(in(j)))
		return json_array_size(in(j));
	return json_object_size(in(j));
}

const struct doc *doc_at(const struct doc *array, size_t i)
{
	return (const struct doc *)json_array_get(in(array), i);
}

bool doc_text(const struct doc *j, struct span *out)
{
	if (!json_is_string(in(j)))
		return false;
	*out = span_of(json_string_value(in(j)), json_string_length(in(j)));
	return true;
}

bool doc_int(const struct doc *j, int64_t *out)
{
	if (!json_is_integer(in(j)))
		return false;
	*out = json_integer_value(in(j));
	return true;
}

bool doc_bool(const struct doc *j, bool *out)
{
	if (!json_is_boolean(in(j)))
		return false;
	*out = json_boolean_value(in(j));
	return true;
}

bool doc_real(const struct doc *j, double *out)
{
	if (!json_is_number(in(j)))
		return false;
	*out = json_number_value(in(j));
	return true;
}

bool doc_next(const struct doc *object, const void **pos, struct span *key,
	const struct doc **value)
{
	void *it = (void *)(uintptr_t)*pos;

	it = it ? json_object_iter_next(in(object), it)
		: json_object_iter(in(object));
	if (!it)
		return false;
	*key = span_of(json_object_iter_key(it), json_object_iter_key_len(it));
	*value = (const struct doc *)json_object_iter_value(it);
	*pos = it;
	return true;
}

struct span doc_get_text(const struct doc *object, const char *key)
{
	struct span s = SPAN_EMPTY;

	doc_text(doc_get(object, key), &s);
	return s;
}

int64_t doc_get_int(const struct doc *object, const char *key)
{
	int64_t v = 0;

	doc_int(doc_get(object, key), &v);
	return v;
}

bool doc_get_bool(const struct doc *object, const char *key)
{
	bool v = false;

	doc_bool(doc_get(object, key), &v);
	return v;
}

struct doc *doc_object(void)
{
	return ours(json_object());
}

struct doc *doc_array(void)
{
	return ours(json_array());
}

struct doc *doc_of_text(struct span s)
{
	struct buf safe = BUF_INIT(s.n * 4 + 8);
	struct doc *j;

	if (!s.n)
		return ours(json_string(""));
	if (text_is_utf8(s) && span_find(s, '\0') == SIZE_MAX)
		return ours(json_stringn((const char *)s.p, s.n));
	text_printable(&safe, s, s.n);
	j = ours(json_stringn(buf_cstr(&safe), safe.n));
	buf_free(&safe);
	return j;
}

struct doc *doc_of_str(const char *s)
{
	return doc_of_text(span_str(s));
}

struct doc *doc_of_int(int64_t v)
{
	return ours(json_integer(v));
}

struct doc *doc_of_real(double v)
{
	return ours(json_real(v));
}

struct doc *doc_of_bool(bool v)
{
	return ours(json_boolean(v));
}

struct doc *doc_of_null(void)
{
	return ours(json_null());
}

struct doc *doc_copy(const struct doc *j)
{
	return ours(json_deep_copy(in(j)));
}

void doc_set(struct doc *to, const char *key, struct doc *value)
{
	if (json_object_set_new(in(to), key, in(value)))
		die("json: cannot set '%s'", key);
}

void doc_add(struct doc *to, struct doc *value)
{
	if (json_array_append_new(in(to), in(value)))
		die("json: cannot append");
}

static int to_buf(const char *bytes, size_t n, void *out)
{
	buf_add(out, bytes, n);
	return 0;
}

static void dump(const struct doc *j, size_t flags, struct buf *out)
{
	if (json_dump_callback(in(j), to_buf, out, flags | JSON_ENCODE_ANY))
		die("json: cannot write");
}

void doc_canonical(const struct doc *j, struct buf *out)
{
	dump(j, JSON_SORT_KEYS | JSON_COMPACT, out);
}

void doc_pretty(const struct doc *j, struct buf *out)
{
	dump(j, JSON_INDENT(2), out);
	buf_byte(out, '\n');
}
