#include "parse/tokenkey.h"

#include "base/text.h"
#include "parse/keyline.h"

#define HEAD "sluice token key v1"

static int bad(struct err *err, const char *why)
{
	return err_set(err, ERR_INPUT, "not a key in a token: %s", why);
}

bool tokenkey_is(struct span text)
{
	return span_starts(text, SPAN_LIT(HEAD "\n"));
}

static bool printable(struct span s, size_t max)
{
	size_t i;

	if (!s.n || s.n > max || s.p[0] == ' ' || s.p[s.n - 1] == ' ' ||
		!text_is_utf8(s))
		return false;
	for (i = 0; i < s.n; i++)
		if (s.p[i] < 0x20 || s.p[i] == 0x7f)
			return false;
	return true;
}

int tokenkey_place(struct span module, struct span label, struct span id,
	struct tokenkey *out, struct err *err)
{
	struct tokenkey k = {.nid = id.n / 2};

	memset(out, 0, sizeof(*out));
	if (!printable(module, TOKENKEY_MODULE_MAX) || module.p[0] != '/')
		return bad(err, "no absolute path of a module");
	if (!printable(label, TOKENKEY_LABEL_MAX))
		return bad(err, "no label of a token");
	if (!k.nid || k.nid > TOKENKEY_ID_MAX ||
		!text_hex_read(id, k.id, k.nid))
		return bad(err, "no id of a key, in hex");
	memcpy(k.module, module.p, module.n);
	memcpy(k.label, label.p, label.n);
	*out = k;
	return 0;
}

int tokenkey_parse(struct span text, struct tokenkey *out, struct err *err)
{
	struct span line, module, label, id, rest = text;
	struct buf again = BUF_INIT(TOKENKEY_MAX);
	struct note_key public;
	struct err none = ERR_INIT;
	bool lf, same;

	memset(out, 0, sizeof(*out));
	if (text.n > TOKENKEY_MAX)
		return bad(err, "too long");
	if (!span_line(&rest, &line, &lf) || !lf || !span_is(line, HEAD))
		return bad(err, "another first line than '" HEAD "'");
	if (!span_line(&rest, &line, &lf) || !lf ||
		note_key_parse(line, &public, &none))
		return bad(err, "no verifier key");
	if (!keyline_take(&rest, "module", &module) ||
		!keyline_take(&rest, "token", &label) ||
		!keyline_take(&rest, "id", &id) || rest.n)
		return bad(err, "not the lines module, token and id");
	if (tokenkey_place(module, label, id, out, err))
		return -1;
	out->public = public;
	/* No second way of writing the same one. */
	tokenkey_text(out, &again);
	same = span_eq(buf_all(&again), text);
	buf_free(&again);
	if (same)
		return 0;
	memset(out, 0, sizeof(*out));
	return bad(err, "not as it is written");
}

void tokenkey_text(const struct tokenkey *k, struct buf *out)
{
	buf_str(out, HEAD "\n");
	note_key_text(&k->public, out);
	buf_fmt(out, "\nmodule %s\ntoken %s\nid ", k->module, k->label);
	text_hex(out, span_of(k->id, k->nid));
	buf_byte(out, '\n');
}
