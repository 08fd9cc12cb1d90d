#include "parse/recordlist.h"

#include "base/text.h"

#define EMPTY SPAN_LIT(",\"commits\":[]")
#define OPEN SPAN_LIT(",\"commits\":[")
/* As in parse/record.c; in bytes as they are written here, which are never
 * fewer than those of the text. */
#define TEXT_MAX 4096u
#define WORD_MAX 64u
#define NAME_MAX_BYTES 512u

static void put_text(struct buf *out, struct span s)
{
	size_t i, done = 0;

	buf_byte(out, '"');
	for (i = 0; i < s.n; i++) {
		if (s.p[i] != '"' && s.p[i] != '\\')
			continue;
		buf_span(out, span_sub(s, done, i - done));
		buf_byte(out, '\\');
		done = i;
	}
	buf_span(out, span_from(s, done));
	buf_byte(out, '"');
}

static void put_member(
	struct buf *out, bool *first, const char *key, struct span value)
{
	if (!value.n)
		return;
	buf_str(out, *first ? "\"" : ",\"");
	buf_str(out, key);
	buf_str(out, "\":");
	put_text(out, value);
	*first = false;
}

void recordlist_put(struct buf *out, const struct recordlist_item *item)
{
	bool first = true;

	buf_str(out, out->n ? ",{" : "{");
	put_member(out, &first, "author", item->author);
	put_member(out, &first, "committer", item->committer);
	put_member(out, &first, "id", item->id);
	buf_str(out, ",\"signature\":{");
	first = true;
	put_member(out, &first, "detail", span_str(item->detail));
	put_member(out, &first, "key", span_str(item->key));
	put_member(out, &first, "kind", span_str(item->kind));
	put_member(out, &first, "person", span_str(item->person));
	put_member(out, &first, "status", span_str(item->status));
	buf_str(out, "}}");
}

bool recordlist_join(struct span record, struct span items, struct buf *out)
{
	size_t at = span_search(record, EMPTY);

	if (at == SIZE_MAX)
		return false;
	at += EMPTY.n - 1;
	buf_span(out, span_sub(record, 0, at));
	buf_span(out, items);
	buf_span(out, span_from(record, at));
	return true;
}

static bool take(struct span *rest, const char *what)
{
	struct span word = span_str(what);

	if (!span_starts(*rest, word))
		return false;
	*rest = span_from(*rest, word.n);
	return true;
}

/* A text behind its opening quote, and the closing one. */
static bool take_text(struct span *rest, size_t max, struct span *text)
{
	bool ascii = true;
	size_t i;

	for (i = 0; i < rest->n && rest->p[i] != '"'; i++) {
		unsigned char c = rest->p[i];

		if (c < 0x20 || c == 0x7f)
			return false;
		ascii &= c < 0x80;
		if (c != '\\')
			continue;
		i++;
		if (i == rest->n || (rest->p[i] != '"' && rest->p[i] != '\\'))
			return false;
	}
	if (i == rest->n || i > max)
		return false;
	*text = span_sub(*rest, 0, i);
	*rest = span_from(*rest, i + 1);
	return ascii || text_is_utf8(*text);
}

/* A member that may be missing: then ${text} is empty, without an address.
 * False: it is there and wrong. */
static bool maybe(struct span *rest, bool *first, const char *key, size_t max,
	struct span *text)
{
	struct span at = *rest;

	*text = SPAN_EMPTY;
	if ((!*first && !take(&at, ",")) || !take(&at, "\"") ||
		!take(&at, key) || !take(&at, "\":\""))
		return true;
	*first = false;
	*rest = at;
	return take_text(rest, max, text);
}

static bool take_signature(struct span *rest)
{
	bool first = true;
	struct span text;

	return maybe(rest, &first, "detail", TEXT_MAX, &text) &&
		maybe(rest, &first, "key", NAME_MAX_BYTES, &text) &&
		maybe(rest, &first, "kind", WORD_MAX, &text) &&
		maybe(rest, &first, "person", NAME_MAX_BYTES, &text) &&
		maybe(rest, &first, "status", WORD_MAX, &text) && text.n &&
		take(rest, "}");
}

static bool take_id(struct span *rest, bool first, struct span *id)
{
	if (!take(rest, first ? "\"id\":\"" : ",\"id\":\"") || rest->n < 41 ||
		rest->p[40] != '"')
		return false;
	*id = span_sub(*rest, 0, 40);
	*rest = span_from(*rest, 41);
	return text_is_hex(*id);
}

static bool take_item(struct span *rest, struct span *id)
{
	bool first = true;
	struct span text;

	if (!take(rest, "{") ||
		!maybe(rest, &first, "author", TEXT_MAX, &text) ||
		!maybe(rest, &first, "committer", TEXT_MAX, &text) ||
		!take_id(rest, first, id))
		return false;
	first = false;
	if (take(rest, ",\"signature\":{") && !take_signature(rest))
		return false;
	return maybe(rest, &first, "tagger", TEXT_MAX, &text) &&
		take(rest, "}");
}

bool recordlist_split(struct span record, struct buf *rest, struct span *items)
{
	size_t at = span_search(record, OPEN), n = 0;
	struct span s, id;

	if (at == SIZE_MAX)
		return false;
	at += OPEN.n;
	s = span_from(record, at);
	do {
		if (n++ == RECORDLIST_MAX || !take_item(&s, &id))
			return false;
	} while (take(&s, ","));
	if (!span_starts(s, SPAN_LIT("]")))
		return false;
	*items = span_sub(record, at, record.n - at - s.n);
	buf_reset(rest);
	buf_span(rest, span_sub(record, 0, at));
	buf_span(rest, s);
	return !rest->full;
}

bool recordlist_next(struct span *items, struct span *id)
{
	if (!items->n || !take_item(items, id))
		return false;
	(void)take(items, ",");
	return true;
}
