#include "parse/header.h"

#include "base/text.h"

bool header_next(struct span *rest, struct header *out)
{
	struct span start = *rest, line;
	size_t sp;

	memset(out, 0, sizeof(*out));
	if (!span_line(rest, &line, NULL) || line.n == 0)
		return false;
	sp = span_find(line, ' ');
	out->spaced = sp != SIZE_MAX;
	out->key = span_sub(line, 0, out->spaced ? sp : line.n);
	out->value = out->spaced ? span_from(line, sp + 1) : SPAN_EMPTY;
	while (rest->n && rest->p[0] == ' ') {
		out->folded = true;
		if (!span_line(rest, &line, NULL))
			break;
	}
	out->whole = span_sub(start, 0, start.n - rest->n);
	return true;
}

size_t header_unfold(const struct header *h, unsigned char *out)
{
	struct span rest = span_from(h->whole, h->key.n), line;
	size_t n = 0;
	bool lf;

	while (span_line(&rest, &line, &lf)) {
		line = span_from(line, 1); /* the space */
		if (line.n)
			memcpy(out + n, line.p, line.n);
		n += line.n;
		if (lf)
			out[n++] = '\n';
	}
	return n;
}

bool header_is_signature(const struct header *h)
{
	return span_starts(h->key, SPAN_LIT("gpgsig"));
}

bool object_name_read(struct span hex, struct oid *out, bool *odd)
{
	unsigned char low[OID_HEX];
	size_t i;

	memset(out, 0, sizeof(*out));
	if (hex.n != OID_HEX)
		return false;
	for (i = 0; i < OID_HEX; i++) {
		low[i] = text_lower(hex.p[i]);
		if (low[i] != hex.p[i])
			*odd = true;
	}
	return oid_read(span_of(low, OID_HEX), out);
}

static const struct {
	const char *line;
	enum signature_kind kind;
} markers[] = {
	{"-----BEGIN PGP SIGNATURE-----", SIGNATURE_OPENPGP},
	{"-----BEGIN PGP MESSAGE-----", SIGNATURE_OPENPGP},
	{"-----BEGIN SIGNED MESSAGE-----", SIGNATURE_X509},
	{"-----BEGIN SSH SIGNATURE-----", SIGNATURE_SSH},
};

enum signature_kind signature_kind_of(struct span line)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(markers); i++)
		if (span_starts(line, span_str(markers[i].line)))
			return markers[i].kind;
	return SIGNATURE_NONE;
}

unsigned signature_count(struct span text)
{
	struct span line;
	unsigned n = 0;

	while (span_line(&text, &line, NULL))
		if (signature_kind_of(line) != SIGNATURE_NONE)
			n++;
	return n;
}

size_t signature_start(struct span text)
{
	struct span rest = text, line, at;
	size_t found = text.n;

	while (at = rest, span_line(&rest, &line, NULL))
		if (signature_kind_of(line) != SIGNATURE_NONE)
			found = text.n - at.n;
	return found;
}

bool signature_followed(struct span signature)
{
	struct span line;

	while (span_line(&signature, &line, NULL))
		if (span_starts(line, SPAN_LIT("-----END ")))
			return span_trim(signature).n != 0;
	return false;
}
