#include "model/signer.h"

#include "base/text.h"

#define NAMES_MAX 8 /* people listed in one message */

const char *signer_names(struct findings *out, const struct people *p)
{
	struct buf all = BUF_INIT(4096);
	const char *text;
	size_t i;

	for (i = 0; i < p->n && i < NAMES_MAX; i++)
		buf_fmt(&all, "%s%s", i ? ", " : "", p->v[i]->name);
	if (p->n > NAMES_MAX)
		buf_fmt(&all, " and %zu more", p->n - NAMES_MAX);
	if (!p->n)
		buf_str(&all, "nobody");
	text = arena_str(out->arena, buf_all(&all));
	buf_free(&all);
	return text;
}

const char *signer_kinds(struct findings *out, unsigned bits)
{
	static const enum signature_kind all[] = {
		SIGNATURE_OPENPGP, SIGNATURE_SSH, SIGNATURE_X509};
	const char *text = "";
	size_t i;

	for (i = 0; i < ARRAY_LEN(all); i++)
		if (bits & SIGNATURE_BIT(all[i]))
			text = arena_fmt(out->arena, "%s%s%s", text,
				text[0] ? ", " : "",
				signature_kind_name(all[i]));
	return text[0] ? text : "none";
}

const char *signer_key(struct findings *out, const struct signature_fact *sig)
{
	const char *what = sig->detail ? sig->detail : "";
	const char *key = sig->key ? sig->key : "";

	return arena_fmt(out->arena, "%s key %s%s%s%s%s",
		signature_kind_name(sig->kind),
		key[0] ? findings_show(out, span_str(key), 100) : "unknown",
		sig->person ? " of " : "", sig->person ? sig->person->name : "",
		what[0] ? ": " : "", findings_show(out, span_str(what), 200));
}

const char *signer_fingerprint(struct arena *arena, const char *key)
{
	struct buf padded = BUF_INIT(64), raw = BUF_INIT(64);
	struct buf hex = BUF_INIT(128);
	struct span s = span_str(key);
	const char *text = key;

	if (span_starts(s, SPAN_LIT("SHA256:"))) {
		buf_fmt(&padded, "%s=", key + sizeof("SHA256:") - 1);
		if (text_base64_read(buf_all(&padded), &raw)) {
			text_hex(&hex, buf_all(&raw));
			text = arena_str(arena, buf_all(&hex));
		}
	}
	buf_free(&padded);
	buf_free(&raw);
	buf_free(&hex);
	return text;
}
