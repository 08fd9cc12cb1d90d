#include "parse/note.h"

#include "base/text.h"

static const char dash[] = "\xe2\x80\x94 "; /* U+2014 and a space */
#define DASH ((struct span){(const unsigned char *)dash, sizeof(dash) - 1})
#define SECRET_PREFIX SPAN_LIT("PRIVATE+KEY+")

/* The length of a Unicode space at the start of UTF-8 text, or 0. */
static size_t space_at(struct span s)
{
	unsigned char a = s.p[0], b = s.n > 1 ? s.p[1] : 0;
	unsigned char c = s.n > 2 ? s.p[2] : 0;

	if (a == ' ' || (a >= '\t' && a <= '\r'))
		return 1;
	if (a == 0xc2 && (b == 0x85 || b == 0xa0))
		return 2;
	if ((a == 0xe1 && b == 0x9a && c == 0x80) ||
		(a == 0xe2 && b == 0x80 && c >= 0x80 && c <= 0x8a) ||
		(a == 0xe2 && b == 0x80 &&
			(c == 0xa8 || c == 0xa9 || c == 0xaf)) ||
		(a == 0xe2 && b == 0x81 && c == 0x9f) ||
		(a == 0xe3 && b == 0x80 && c == 0x80))
		return 3;
	return 0;
}

bool note_name_ok(struct span name)
{
	size_t i;

	if (!name.n || name.n > NOTE_NAME_MAX || !text_is_utf8(name))
		return false;
	for (i = 0; i < name.n; i++)
		if (name.p[i] < 0x20 || name.p[i] == 0x7f || name.p[i] == '+' ||
			space_at(span_from(name, i)))
			return false;
	return true;
}

static int bad(struct err *err, const char *why)
{
	return err_set(err, ERR_INPUT, "not a signed note: %s", why);
}

static int parse_sig(struct span line, struct arena *a, struct note_sig *out,
	struct err *err)
{
	struct buf raw = BUF_INIT(NOTE_MAX);
	size_t sp;
	int ret = -1;

	if (!span_starts(line, DASH)) {
		bad(err, "a signature line without its dash");
		goto out;
	}
	line = span_from(line, DASH.n);
	sp = span_find(line, ' ');
	if (sp == SIZE_MAX || !note_name_ok(span_sub(line, 0, sp))) {
		bad(err, "a signature line without a key name");
		goto out;
	}
	if (!text_base64_read(span_from(line, sp + 1), &raw)) {
		bad(err, "a signature that is not base64");
		goto out;
	}
	if (raw.n <= NOTE_ID_LEN) {
		bad(err, "a signature too short");
		goto out;
	}
	out->name = span_sub(line, 0, sp);
	memcpy(out->id, raw.p, NOTE_ID_LEN);
	out->bytes = arena_copy(a, span_from(buf_all(&raw), NOTE_ID_LEN));
	ret = 0;
out:
	buf_free(&raw);
	return ret;
}

int note_parse(
	struct span in, struct arena *a, struct note *out, struct err *err)
{
	struct span rest, line;
	struct note note = {0};
	size_t i, cut = SIZE_MAX, cap = 0;
	bool lf;

	memset(out, 0, sizeof(*out));
	if (in.n > NOTE_MAX)
		return bad(err, "too long");
	if (!text_is_utf8(in))
		return bad(err, "not UTF-8");
	for (i = 0; i < in.n; i++)
		if (in.p[i] < 0x20 && in.p[i] != '\n')
			return bad(err, "a control byte");
	/* The last one: the text itself may hold empty lines. */
	for (i = in.n; i-- > 1 && cut == SIZE_MAX;)
		if (in.p[i] == '\n' && in.p[i - 1] == '\n')
			cut = i;
	if (cut == SIZE_MAX)
		return bad(err, "no empty line before the signatures");
	note.text = span_sub(in, 0, cut);
	rest = span_from(in, cut + 1);
	if (!rest.n)
		return bad(err, "no signature");
	while (span_line(&rest, &line, &lf)) {
		if (!lf)
			return bad(err, "the last line has no end");
		if (note.nsigs == NOTE_SIGS_MAX)
			return bad(err, "too many signatures");
		note.sigs = arena_grow(
			a, note.sigs, note.nsigs, &cap, sizeof(*note.sigs));
		if (parse_sig(line, a, &note.sigs[note.nsigs], err))
			return -1;
		note.nsigs++;
	}
	*out = note;
	return 0;
}

void note_split(struct buf *out)
{
	buf_byte(out, '\n');
}

void note_add_sig(struct buf *out, struct span name,
	const unsigned char id[NOTE_ID_LEN], struct span sig)
{
	struct buf raw = BUF_INIT(NOTE_MAX);

	buf_add(&raw, id, NOTE_ID_LEN);
	buf_span(&raw, sig);
	buf_span(out, DASH);
	buf_span(out, name);
	buf_byte(out, ' ');
	text_base64(out, buf_all(&raw));
	buf_byte(out, '\n');
	buf_free(&raw);
}

/* The part before the next '+', which is dropped too. */
static bool chop(struct span *rest, struct span *part)
{
	size_t at = span_find(*rest, '+');

	if (at == SIZE_MAX)
		return false;
	*part = span_sub(*rest, 0, at);
	*rest = span_from(*rest, at + 1);
	return true;
}

/* False for any fault; says nothing about the bytes, which may be secret. */
static bool key_read(struct span text, struct note_key *out)
{
	struct buf raw = BUF_INIT(NOTE_KEY_MAX + 1);
	struct span name, id;
	bool ok = false;

	memset(out, 0, sizeof(*out));
	if (!chop(&text, &name) || !chop(&text, &id) || !note_name_ok(name) ||
		!text_hex_read(id, out->id, NOTE_ID_LEN) ||
		!text_base64_read(text, &raw) || raw.n < 2)
		goto out;
	memcpy(out->name, name.p, name.n);
	out->type = raw.p[0];
	out->nkey = raw.n - 1;
	memcpy(out->key, raw.p + 1, out->nkey);
	ok = true;
out:
	buf_wipe(&raw);
	if (!ok)
		explicit_bzero(out, sizeof(*out));
	return ok;
}

int note_key_parse(struct span text, struct note_key *out, struct err *err)
{
	text = span_trim(text);
	if (span_starts(text, SECRET_PREFIX)) {
		memset(out, 0, sizeof(*out));
		return err_set(err, ERR_INPUT,
			"this is a secret key, not a verifier key");
	}
	if (!key_read(text, out)) {
		err_set(err, ERR_INPUT, "not a verifier key");
		return err_hint(
			err, "'sluice log key' prints it: name+hash+base64");
	}
	return 0;
}

int note_secret_parse(struct span text, struct note_key *out, struct err *err)
{
	text = span_trim(text);
	if (!span_starts(text, SECRET_PREFIX) ||
		!key_read(span_from(text, SECRET_PREFIX.n), out)) {
		memset(out, 0, sizeof(*out));
		return err_set(err, ERR_INPUT, "not a secret note key");
	}
	return 0;
}

void note_key_text(const struct note_key *k, struct buf *out)
{
	struct buf raw = BUF_INIT(NOTE_KEY_MAX + 1);

	buf_byte(&raw, k->type);
	buf_add(&raw, k->key, k->nkey);
	buf_str(out, k->name);
	buf_byte(out, '+');
	text_hex(out, span_of(k->id, NOTE_ID_LEN));
	buf_byte(out, '+');
	text_base64(out, buf_all(&raw));
	buf_wipe(&raw);
}

void note_secret_text(const struct note_key *k, struct buf *out)
{
	buf_span(out, SECRET_PREFIX);
	note_key_text(k, out);
}
