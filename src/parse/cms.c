#include "parse/cms.h"

#include "parse/der.h"

#define OID(name, ...) static const unsigned char name[] = {__VA_ARGS__}
#define OF(oid) span_of(oid, sizeof(oid))

OID(oid_signed_data, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02);
OID(oid_data, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01);
OID(oid_content_type, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x03);
OID(oid_message_digest, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x04);
OID(oid_md5, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02, 0x05);
OID(oid_sha1, 0x2b, 0x0e, 0x03, 0x02, 0x1a);
/* These end in a number of the digest or the algorithm. */
OID(oid_sha2, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02);
OID(oid_pkcs1, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01);
OID(oid_ecdsa_sha2, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03);

/* An outer level. Open ones end where two zeros stand. */
struct level {
	struct span rest;
	bool open;
};

static bool level_open(
	struct span *s, unsigned tag, const bool *open, struct level *out)
{
	out->open = s->n > 1 && s->p[0] == tag && s->p[1] == 0x80;
	if (open && *open != out->open)
		return false;
	if (!out->open)
		return der_take(s, tag, &out->rest);
	out->rest = span_from(*s, 2);
	return true;
}

/* ${s} goes on behind it. */
static bool level_close(struct level *l, struct span *s)
{
	if (!l->open)
		return !l->rest.n;
	if (l->rest.n < 2 || l->rest.p[0] || l->rest.p[1])
		return false;
	*s = span_from(l->rest, 2);
	return true;
}

static bool small_take(struct span *s, unsigned *out)
{
	struct span v;

	if (!der_take(s, DER_INTEGER, &v) || v.n != 1)
		return false;
	*out = v.p[0];
	return true;
}

/* An algorithm without parameters: none, or the value NULL. */
static bool algorithm_take(struct span *s, struct span *oid, bool *null)
{
	struct span a, none;

	*null = false;
	if (!der_take(s, DER_SEQUENCE, &a) || !der_take(&a, DER_OID, oid))
		return false;
	if (!a.n)
		return true;
	*null = true;
	return der_take(&a, DER_NULL, &none) && !none.n && !a.n;
}

/* The last number of an object identifier that is one of a family. */
static unsigned member(struct span oid, struct span family)
{
	return oid.n == family.n + 1 && span_starts(oid, family)
		? oid.p[family.n]
		: 0;
}

static enum cms_digest digest_of(struct span oid)
{
	switch (member(oid, OF(oid_sha2))) {
	case 1:
		return CMS_SHA256;
	case 2:
		return CMS_SHA384;
	case 3:
		return CMS_SHA512;
	case 4:
		return CMS_SHA224;
	default:
		break;
	}
	return span_eq(oid, OF(oid_md5)) || span_eq(oid, OF(oid_sha1))
		? CMS_DIGEST_WEAK
		: CMS_DIGEST_OTHER;
}

/* Nobody signed which algorithm it is: one that names a digest has to name that
 * of the signature. */
static bool algorithm_read(
	struct span oid, bool null, struct cms *out, const char **why)
{
	static const enum cms_digest by_rsa[] = {[1] = CMS_DIGEST_OTHER,
		[4] = CMS_DIGEST_WEAK,
		[5] = CMS_DIGEST_WEAK,
		[11] = CMS_SHA256,
		[12] = CMS_SHA384,
		[13] = CMS_SHA512,
		[14] = CMS_SHA224};
	static const enum cms_digest by_ecdsa[] = {[1] = CMS_SHA224,
		[2] = CMS_SHA256,
		[3] = CMS_SHA384,
		[4] = CMS_SHA512};
	unsigned rsa = member(oid, OF(oid_pkcs1));
	unsigned ecdsa = member(oid, OF(oid_ecdsa_sha2));

	*why = "its algorithms do not fit each other";
	if (rsa == 1) {
		out->algorithm = CMS_RSA;
	} else if (rsa < ARRAY_LEN(by_rsa) && by_rsa[rsa]) {
		out->algorithm = CMS_RSA;
		return by_rsa[rsa] == out->digest;
	} else if (ecdsa && ecdsa < ARRAY_LEN(by_ecdsa)) {
		out->algorithm = CMS_ECDSA;
		return !null && by_ecdsa[ecdsa] == out->digest;
	}
	return true;
}

/* Attributes: those that say what was signed once each; others may say what
 * they like, since it is signed. */
static bool attributes_read(struct span all, struct cms *out)
{
	unsigned types = 0, digests = 0;
	struct span s, one, oid, values;

	if (!der_take(&all, DER_CONTEXT_0, &s) || all.n)
		return false;
	while (s.n) {
		if (!der_take(&s, DER_SEQUENCE, &one) ||
			!der_take(&one, DER_OID, &oid) ||
			!der_take(&one, DER_SET, &values) || one.n)
			return false;
		if (span_eq(oid, OF(oid_content_type))) {
			if (!der_take_oid(&values, OF(oid_data)) || values.n)
				return false;
			types++;
		} else if (span_eq(oid, OF(oid_message_digest))) {
			if (!der_take(&values, DER_OCTETS,
				    &out->message_digest) ||
				values.n)
				return false;
			digests++;
		}
	}
	return types == 1 && digests == 1;
}

static bool signer_id(struct span *s, unsigned version, struct cms *out)
{
	struct span id;

	if (version == 3)
		return der_take(s, DER_CONTEXT_0_PLAIN, &out->keyid) &&
			out->keyid.n;
	return version == 1 && der_take(s, DER_SEQUENCE, &id) &&
		der_take_whole(&id, DER_SEQUENCE, &out->issuer) &&
		der_take(&id, DER_INTEGER, &out->serial) && out->serial.n &&
		!id.n;
}

static const char *signer_read(struct span *infos, struct span digest,
	unsigned *version, struct cms *out)
{
	struct span s, oid;
	const char *why;
	bool null;

	if (!der_take(infos, DER_SEQUENCE, &s) || !small_take(&s, version) ||
		!signer_id(&s, *version, out) ||
		!algorithm_take(&s, &oid, &null))
		return "its signer is not told as it should be";
	if (infos->n)
		return "more than one signer";
	if (!span_eq(oid, digest))
		return "its algorithms do not fit each other";
	out->digest = digest_of(oid);
	if (!der_is(s, DER_CONTEXT_0))
		return "it has no signed attributes";
	if (!der_take_whole(&s, DER_CONTEXT_0, &out->attributes) ||
		!attributes_read(out->attributes, out))
		return "its signed attributes are not those of plain bytes";
	if (!algorithm_take(&s, &oid, &null))
		return "its algorithm has parameters";
	if (!algorithm_read(oid, null, out, &why))
		return why;
	if (!der_take(&s, DER_OCTETS, &out->signature))
		return "it is cut";
	return s.n ? "it has attributes that nobody signed" : NULL;
}

static bool certs_read(struct span s, struct cms *out)
{
	while (s.n)
		if (out->ncert == CMS_CERTS_MAX ||
			!der_take_whole(
				&s, DER_SEQUENCE, &out->cert[out->ncert++]))
			return false;
	return true;
}

/* What stands in the innermost level. */
static const char *signed_data(struct level *l, struct cms *out)
{
	struct span digests, digest, certs = SPAN_EMPTY, infos;
	unsigned version, signer_version;
	struct level content;
	const char *why;
	bool null;

	if (!small_take(&l->rest, &version) ||
		!der_take(&l->rest, DER_SET, &digests) ||
		!algorithm_take(&digests, &digest, &null) || digests.n)
		return "not one signature with one digest";
	if (!level_open(&l->rest, DER_SEQUENCE, &l->open, &content) ||
		!der_take_oid(&content.rest, OF(oid_data)) ||
		!level_close(&content, &l->rest))
		return "it has content of its own, or is not one of plain "
		       "bytes";
	if (der_is(l->rest, DER_CONTEXT_0) &&
		(!der_take(&l->rest, DER_CONTEXT_0, &certs) || !certs.n))
		return "its certificates are not as they should be";
	if (!certs_read(certs, out))
		return "its certificates are not as they should be, or too "
		       "many";
	if (der_is(l->rest, DER_CONTEXT_1))
		return "it brings revocation lists, which nobody signed with "
		       "it";
	if (!der_take(&l->rest, DER_SET, &infos))
		return "it has no signer";
	why = signer_read(&infos, digest, &signer_version, out);
	if (!why && version != signer_version)
		why = "its versions do not fit each other";
	return why;
}

int cms_read(struct span blob, struct cms *out, struct err *err)
{
	struct level info, body, data;
	const char *why = "not a CMS signature";

	memset(out, 0, sizeof(*out));
	if (!level_open(&blob, DER_SEQUENCE, NULL, &info) ||
		!der_take_oid(&info.rest, OF(oid_signed_data)) ||
		!level_open(&info.rest, DER_CONTEXT_0, &info.open, &body) ||
		!level_open(&body.rest, DER_SEQUENCE, &info.open, &data))
		goto bad;
	why = signed_data(&data, out);
	if (why)
		goto bad;
	if (level_close(&data, &body.rest) && level_close(&body, &info.rest) &&
		level_close(&info, &blob) && !blob.n)
		return 0;
	why = "something follows the signature";
bad:
	memset(out, 0, sizeof(*out));
	return err_set(err, ERR_INPUT, "CMS: %s", why);
}
