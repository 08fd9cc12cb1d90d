#include "parse/rotation.h"

#include "base/text.h"

#define HEAD "sluice key rotation v1"
#define RETIRED "retired"
#define COMPROMISED "compromised"
#define LINES 10 /* seven of text, an empty one, two signatures */

static int bad(struct err *err, const char *why)
{
	return err_set(err, ERR_INPUT, "not a key rotation: %s", why);
}

static bool take(struct span *rest, struct span *line)
{
	bool lf;

	return span_line(rest, line, &lf) && lf;
}

static bool key_line(
	struct span *rest, struct span origin, struct note_key *out)
{
	struct buf again = BUF_INIT(ROTATION_MAX);
	struct err none = ERR_INIT;
	struct span line;
	bool ok;

	/* No second way of writing the same key. */
	ok = take(rest, &line) && !note_key_parse(line, out, &none) &&
		span_is(origin, out->name);
	if (ok) {
		note_key_text(out, &again);
		ok = span_eq(line, buf_all(&again));
	}
	buf_free(&again);
	return ok;
}

static bool root_line(struct span *rest, unsigned char out[HASH_LEN])
{
	struct buf raw = BUF_INIT(HASH_LEN);
	struct span line;
	bool ok = take(rest, &line) && text_base64_read(line, &raw) &&
		raw.n == HASH_LEN;

	if (ok)
		memcpy(out, raw.p, HASH_LEN);
	buf_free(&raw);
	return ok;
}

static int read_text(struct span rest, struct rotation *out, struct err *err)
{
	struct span line, origin;

	if (!take(&rest, &line) || !span_is(line, HEAD))
		return bad(err, "another first line than '" HEAD "'");
	if (!take(&rest, &origin) || !checkpoint_origin_ok(origin))
		return bad(err, "no name of a log");
	if (!key_line(&rest, origin, &out->old))
		return bad(err, "no old key of that log");
	if (!key_line(&rest, origin, &out->new))
		return bad(err, "no new key of that log");
	if (!take(&rest, &line) ||
		!text_to_u64(line, LOG_SIZE_MAX - 1, &out->size))
		return bad(err, "no number of entries");
	if (!root_line(&rest, out->root))
		return bad(err, "no root hash");
	if (!take(&rest, &line) ||
		(!span_is(line, RETIRED) && !span_is(line, COMPROMISED)))
		return bad(err, "neither retired nor compromised");
	out->compromised = span_is(line, COMPROMISED);
	if (rest.n)
		return bad(err, "something follows");
	if (!out->size && memcmp(out->root, checkpoint_empty_root, HASH_LEN))
		return bad(err, "another root than that of no entries");
	return 0;
}

static bool is_by(const struct note_sig *s, const struct note_key *k)
{
	return span_is(s->name, k->name) && !memcmp(s->id, k->id, NOTE_ID_LEN);
}

int rotation_parse(
	struct span in, struct arena *a, struct rotation *out, struct err *err)
{
	struct rotation r = {.note = in};
	struct note note;

	memset(out, 0, sizeof(*out));
	if (in.n > ROTATION_MAX)
		return bad(err, "too long");
	if (note_parse(in, a, &note, err))
		return err_in(err, "key rotation");
	if (read_text(note.text, &r, err))
		return -1;
	if (r.old.type == r.new.type && r.old.nkey == r.new.nkey &&
		!memcmp(r.old.key, r.new.key, r.old.nkey))
		return bad(err, "to the same key");
	if (note.nsigs != 2 || !is_by(&note.sigs[0], &r.old) ||
		!is_by(&note.sigs[1], &r.new))
		return bad(err,
			"not signed by the old key and the new one, in this "
			"order");
	*out = r;
	return 0;
}

bool rotation_begins(struct span in)
{
	return span_starts(in, SPAN_LIT(HEAD "\n"));
}

bool rotation_next(struct span *rest, struct span *note)
{
	struct span left = *rest, line;
	int i;

	for (i = 0; i < LINES; i++)
		if (!take(&left, &line))
			return false;
	*note = span_sub(*rest, 0, rest->n - left.n);
	*rest = left;
	return true;
}

void rotation_text(const struct rotation *r, struct buf *out)
{
	buf_fmt(out, HEAD "\n%s\n", r->old.name);
	note_key_text(&r->old, out);
	buf_byte(out, '\n');
	note_key_text(&r->new, out);
	buf_fmt(out, "\n%llu\n", (unsigned long long)r->size);
	text_base64(out, span_of(r->root, HASH_LEN));
	buf_fmt(out, "\n%s\n", r->compromised ? COMPROMISED : RETIRED);
}
