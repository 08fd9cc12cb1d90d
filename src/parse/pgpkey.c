#include "parse/pgpkey.h"

#include "parse/pgp.h"

#define RSA_LEAST 256
#define RSA_MOST 1024

static const struct {
	enum pgpkey_kind kind;
	unsigned algorithm;
	const char *name; /* its object identifier */
	unsigned char nname, form;
	size_t size; /* of the point with the byte that tells its form */
} curves[] = {
#define OID(text) text, sizeof(text) - 1
	{PGPKEY_ED25519, 22, OID("\x2b\x06\x01\x04\x01\xda\x47\x0f\x01"), 0x40,
		33},
	{PGPKEY_P256, 19, OID("\x2a\x86\x48\xce\x3d\x03\x01\x07"), 0x04, 65},
	{PGPKEY_P384, 19, OID("\x2b\x81\x04\x00\x22"), 0x04, 97},
	{PGPKEY_P521, 19, OID("\x2b\x81\x04\x00\x23"), 0x04, 133},
#undef OID
};

static enum pgpkey_kind rsa_read(struct span s, struct pgpkey *out)
{
	if (!pgp_mpi_take(&s, &out->n) || !pgp_mpi_take(&s, &out->e) || s.n)
		return PGPKEY_OTHER;
	if (out->n.n < RSA_LEAST || out->n.n > RSA_MOST ||
		(out->n.n == RSA_LEAST && !(out->n.p[0] & 0x80)) ||
		!(out->n.p[out->n.n - 1] & 1))
		return PGPKEY_OTHER;
	if (out->e.n > 4 || pgp_number(out->e.p, out->e.n) < 3 ||
		!(out->e.p[out->e.n - 1] & 1))
		return PGPKEY_OTHER;
	return PGPKEY_RSA;
}

static enum pgpkey_kind curve_read(struct span s, struct pgpkey *out)
{
	struct span name, point;
	size_t i;

	if (!s.n || (size_t)s.p[0] + 1 > s.n)
		return PGPKEY_OTHER;
	name = span_sub(s, 1, s.p[0]);
	s = span_from(s, 1 + name.n);
	if (!pgp_mpi_take(&s, &point) || s.n)
		return PGPKEY_OTHER;
	for (i = 0; i < ARRAY_LEN(curves); i++) {
		if (curves[i].algorithm != out->algorithm ||
			!span_eq(span_of(curves[i].name, curves[i].nname),
				name) ||
			point.n != curves[i].size ||
			point.p[0] != curves[i].form)
			continue;
		out->point = curves[i].kind == PGPKEY_ED25519
			? span_from(point, 1)
			: point;
		return curves[i].kind;
	}
	return PGPKEY_OTHER;
}

void pgpkey_read(struct span body, struct pgpkey *out)
{
	struct span rest = span_from(body, 6);

	memset(out, 0, sizeof(*out));
	if (body.n < 8 || body.p[0] != 4)
		return;
	out->created = pgp_number(body.p + 1, 4);
	out->algorithm = body.p[5];
	if (out->algorithm == 1)
		out->kind = rsa_read(rest, out);
	else if (out->algorithm == 19 || out->algorithm == 22)
		out->kind = curve_read(rest, out);
}
