#include "port/x509.h"

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/text.h"

#define DEPTH_MAX 8
#define LEVEL 2 /* 112 bits: RSA from 2048, no SHA-1 */
#define CALLED_MAX 200

static X509 *cert_read(struct span der)
{
	const unsigned char *p = der.p;
	X509 *x = NULL;

	if (der.n && der.n <= INT32_MAX)
		x = d2i_X509(NULL, &p, (long)der.n);
	if (x && p != der.p + der.n) {
		X509_free(x);
		x = NULL;
	}
	return x;
}

static X509 *cert_need(struct span der, struct err *err)
{
	X509 *x = cert_read(der);

	if (!x)
		err_set(err, ERR_INPUT, "not an X.509 certificate");
	return x;
}

static struct span name_copy(const X509_NAME *name, struct arena *arena)
{
	const unsigned char *p = NULL;
	size_t n = 0;

	if (!X509_NAME_get0_der(name, &p, &n))
		return SPAN_EMPTY;
	return arena_copy(arena, span_of(p, n));
}

static struct span serial_copy(const ASN1_INTEGER *serial, struct arena *arena)
{
	unsigned char *der = NULL;
	int n = i2d_ASN1_INTEGER(serial, &der);
	struct span s = SPAN_EMPTY;

	/* Behind a tag and a length of one byte: more are no serial number. */
	if (n > 2 && der[1] < 0x80)
		s = arena_copy(arena, span_of(der + 2, (size_t)n - 2));
	OPENSSL_free(der);
	return s;
}

static struct span string_copy(const ASN1_STRING *s, struct arena *arena)
{
	int n = ASN1_STRING_length(s);

	return n <= 0 ? SPAN_EMPTY
		      : arena_copy(arena,
				span_of(ASN1_STRING_get0_data(s), (size_t)n));
}

static void email_add(struct x509_facts *out, struct span email)
{
	if (email.n && out->nemail < X509_EMAILS_MAX)
		out->email[out->nemail++] = email;
}

static void emails(X509 *x, struct arena *arena, struct x509_facts *out)
{
	GENERAL_NAMES *names =
		X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);
	const X509_NAME *subject = X509_get_subject_name(x);
	int i, at = -1;

	out->email = arena_get(arena, X509_EMAILS_MAX, sizeof(*out->email));
	for (i = 0; i < sk_GENERAL_NAME_num(names); i++) {
		const GENERAL_NAME *one = sk_GENERAL_NAME_value(names, i);

		if (one->type == GEN_EMAIL)
			email_add(out, string_copy(one->d.rfc822Name, arena));
	}
	GENERAL_NAMES_free(names);
	if (out->nemail)
		return;
	while ((at = X509_NAME_get_index_by_NID(
			subject, NID_pkcs9_emailAddress, at)) >= 0)
		email_add(out,
			string_copy(X509_NAME_ENTRY_get_data(
					    X509_NAME_get_entry(subject, at)),
				arena));
}

static const char *called(X509 *x, struct arena *arena)
{
	struct buf shown = BUF_INIT(CALLED_MAX * 4 + 8);
	BIO *bio = BIO_new(BIO_s_mem());
	const char *text = "";
	char *p = NULL;
	long n;

	if (!bio)
		die("out of memory");
	if (X509_NAME_print_ex(
		    bio, X509_get_subject_name(x), 0, XN_FLAG_RFC2253) >= 0) {
		n = BIO_get_mem_data(bio, &p);
		text_printable(
			&shown, span_of(p, n > 0 ? (size_t)n : 0), CALLED_MAX);
		text = arena_str(arena, buf_all(&shown));
	}
	BIO_free(bio);
	buf_free(&shown);
	return text;
}

static bool key_hash(X509 *x, unsigned char out[X509_HASH])
{
	unsigned char *der = NULL;
	int n = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x), &der);
	unsigned got = 0;
	bool good = n > 0 &&
		EVP_Digest(der, (size_t)n, out, &got, EVP_sha256(), NULL) == 1;

	OPENSSL_free(der);
	return good && got == X509_HASH;
}

int x509_facts(struct span der, struct arena *arena, struct x509_facts *out,
	struct err *err)
{
	X509 *x = cert_need(der, err);
	const ASN1_OCTET_STRING *keyid;
	int ret = -1;

	memset(out, 0, sizeof(*out));
	if (!x)
		goto out;
	out->issuer = name_copy(X509_get_issuer_name(x), arena);
	out->subject = name_copy(X509_get_subject_name(x), arena);
	out->serial = serial_copy(X509_get0_serialNumber(x), arena);
	if (!out->issuer.n || !out->serial.n || !key_hash(x, out->key)) {
		err_set(err, ERR_INPUT,
			"an X.509 certificate without an issuer, a number or a "
			"key");
		goto out;
	}
	keyid = X509_get0_subject_key_id(x);
	if (keyid)
		out->keyid = string_copy(keyid, arena);
	emails(x, arena, out);
	out->authority = X509_check_ca(x) > 0;
	out->called = called(x, arena);
	ret = 0;
out:
	X509_free(x);
	return ret;
}

/* Reasons after which what was signed before stays as good as it was. */
static bool is_soft(int reason)
{
	switch (reason) {
	case CRL_REASON_AFFILIATION_CHANGED:
	case CRL_REASON_SUPERSEDED:
	case CRL_REASON_CESSATION_OF_OPERATION:
	case CRL_REASON_CERTIFICATE_HOLD:
	case CRL_REASON_PRIVILEGE_WITHDRAWN:
		return true;
	default:
		return false;
	}
}

static bool list_signed(X509_CRL *crl, const struct span *by, size_t n)
{
	bool good = false;
	size_t i;

	for (i = 0; i < n && !good; i++) {
		X509 *x = cert_read(by[i]);

		good = x &&
			X509_NAME_cmp(X509_get_subject_name(x),
				X509_CRL_get_issuer(crl)) == 0 &&
			(X509_get_key_usage(x) & KU_CRL_SIGN) &&
			X509_CRL_verify(crl, X509_get0_pubkey(x)) == 1;
		X509_free(x);
	}
	return good;
}

static bool any_critical(X509_CRL *crl)
{
	STACK_OF(X509_REVOKED) *all = X509_CRL_get_REVOKED(crl);
	int i;

	if (X509_CRL_get_ext_by_critical(crl, 1, -1) >= 0 ||
		X509_CRL_get_ext_by_NID(crl, NID_delta_crl, -1) >= 0 ||
		X509_CRL_get_ext_by_NID(
			crl, NID_issuing_distribution_point, -1) >= 0)
		return true;
	for (i = 0; i < sk_X509_REVOKED_num(all); i++)
		if (X509_REVOKED_get_ext_by_critical(
			    sk_X509_REVOKED_value(all, i), 1, -1) >= 0)
			return true;
	return false;
}

static void entry_read(const X509_REVOKED *r, struct span issuer,
	struct arena *arena, struct x509_revoked *out)
{
	ASN1_ENUMERATED *reason =
		X509_REVOKED_get_ext_d2i(r, NID_crl_reason, NULL, NULL);

	out->issuer = issuer;
	out->serial = serial_copy(X509_REVOKED_get0_serialNumber(r), arena);
	out->compromised =
		!reason || !is_soft((int)ASN1_ENUMERATED_get(reason));
	ASN1_ENUMERATED_free(reason);
}

static int64_t time_of(const ASN1_TIME *t)
{
	ASN1_TIME *epoch;
	int days = 0, seconds = 0;
	int64_t at = INT64_MAX;

	if (!t)
		return at;
	epoch = ASN1_TIME_set(NULL, 0);
	if (!epoch)
		die("out of memory");
	at = ASN1_TIME_diff(&days, &seconds, epoch, t)
		? (int64_t)days * 86400 + seconds
		: 0;
	ASN1_TIME_free(epoch);
	return at;
}

int x509_list_read(struct span der, const struct span *by, size_t n,
	struct arena *arena, struct x509_list *out, struct err *err)
{
	const unsigned char *p = der.p;
	STACK_OF(X509_REVOKED) * all;
	X509_CRL *crl = NULL;
	int i, ret = -1;

	memset(out, 0, sizeof(*out));
	if (der.n && der.n <= INT32_MAX)
		crl = d2i_X509_CRL(NULL, &p, (long)der.n);
	if (!crl || p != der.p + der.n) {
		err_set(err, ERR_INPUT, "not a revocation list");
		goto out;
	}
	if (any_critical(crl)) {
		err_set(err, ERR_INPUT,
			"a revocation list with critical extensions, or of "
			"changes to another");
		goto out;
	}
	if (!list_signed(crl, by, n)) {
		err_set(err, ERR_INPUT,
			"a revocation list that no root or intermediate of the "
			"policy has signed");
		goto out;
	}
	all = X509_CRL_get_REVOKED(crl);
	out->issuer = name_copy(X509_CRL_get_issuer(crl), arena);
	out->next = time_of(X509_CRL_get0_nextUpdate(crl));
	out->v = arena_get(
		arena, (size_t)sk_X509_REVOKED_num(all) + 1, sizeof(*out->v));
	for (i = 0; i < sk_X509_REVOKED_num(all); i++)
		entry_read(sk_X509_REVOKED_value(all, i), out->issuer, arena,
			&out->v[out->n++]);
	ret = 0;
out:
	X509_CRL_free(crl);
	return ret;
}

struct x509_trust {
	X509_STORE *store;
	STACK_OF(X509) * between;
};

void x509_trust_free(struct x509_trust *t)
{
	if (!t)
		return;
	X509_STORE_free(t->store);
	sk_X509_pop_free(t->between, X509_free);
	free(t);
}

static struct x509_trust *trust_empty(void)
{
	struct x509_trust *t = calloc(1, sizeof(*t));

	if (!t)
		die("out of memory");
	t->store = X509_STORE_new();
	t->between = sk_X509_new_null();
	if (!t->store || !t->between)
		die("out of memory");
	return t;
}

static void push(STACK_OF(X509) * to, X509 *x)
{
	if (!sk_X509_push(to, x))
		die("out of memory");
}

int x509_trust_new(const struct span *root, size_t n,
	const struct span *between, size_t m, struct x509_trust **out,
	struct err *err)
{
	struct x509_trust *t = trust_empty();
	X509 *x;
	size_t i;

	*out = NULL;
	for (i = 0; i < n + m; i++) {
		x = cert_need(i < n ? root[i] : between[i - n], err);
		if (!x) {
			x509_trust_free(t);
			return -1;
		}
		if (i >= n) {
			push(t->between, x);
			continue;
		}
		if (X509_STORE_add_cert(t->store, x) != 1)
			die("out of memory");
		X509_free(x);
	}
	*out = t;
	return 0;
}

static enum x509_verdict verdict_of(int code)
{
	switch (code) {
	case X509_V_OK:
		return X509_GOOD;
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
	case X509_V_ERR_CERT_UNTRUSTED:
	case X509_V_ERR_CERT_SIGNATURE_FAILURE:
		return X509_UNTRUSTED;
	case X509_V_ERR_EE_KEY_TOO_SMALL:
	case X509_V_ERR_CA_KEY_TOO_SMALL:
	case X509_V_ERR_CA_MD_TOO_WEAK:
		return X509_WEAK;
	case X509_V_ERR_CERT_NOT_YET_VALID:
	case X509_V_ERR_CERT_HAS_EXPIRED:
		return X509_EXPIRED;
	default:
		return X509_UNFIT;
	}
}

static void chain_copy(
	STACK_OF(X509) * chain, struct arena *arena, struct x509_chain *out)
{
	int i, n = sk_X509_num(chain);

	out->cert = arena_get(
		arena, (size_t)(n > 0 ? n : 0) + 1, sizeof(*out->cert));
	for (i = 0; i < n; i++) {
		unsigned char *der = NULL;
		int len = i2d_X509(sk_X509_value(chain, i), &der);

		if (len <= 0)
			die("out of memory");
		out->cert[out->n++] =
			arena_copy(arena, span_of(der, (size_t)len));
		OPENSSL_free(der);
	}
}

/* At the time ${at}, or whatever the time is when that is negative. */
static int verify(const struct x509_trust *t, X509 *leaf,
	STACK_OF(X509) * brought, int64_t at, struct arena *arena,
	struct x509_chain *out)
{
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	X509_VERIFY_PARAM *param;
	int code = X509_V_ERR_UNSPECIFIED;

	if (!ctx || !X509_STORE_CTX_init(ctx, t->store, leaf, brought))
		die("out of memory");
	param = X509_STORE_CTX_get0_param(ctx);
	X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN);
	X509_VERIFY_PARAM_set_depth(param, DEPTH_MAX);
	X509_VERIFY_PARAM_set_auth_level(param, LEVEL);
	if (at >= 0)
		X509_VERIFY_PARAM_set_time(param, (time_t)at);
	else
		X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_NO_CHECK_TIME);
	if (!X509_STORE_CTX_set_purpose(ctx, X509_PURPOSE_SMIME_SIGN))
		die("x509: no such purpose");
	if (X509_verify_cert(ctx) == 1)
		code = X509_V_OK;
	else if (X509_STORE_CTX_get_error(ctx) != X509_V_OK)
		code = X509_STORE_CTX_get_error(ctx);
	if (arena)
		chain_copy(X509_STORE_CTX_get0_chain(ctx), arena, out);
	X509_STORE_CTX_free(ctx);
	return code;
}

static void chain(const struct x509_trust *t, X509 *leaf,
	STACK_OF(X509) * brought, int64_t at, struct arena *arena,
	struct x509_chain *out)
{
	int code = verify(t, leaf, brought, -1, arena, out);

	if (code == X509_V_OK)
		code = verify(t, leaf, brought, at < 0 ? 0 : at, NULL, out);
	out->verdict = verdict_of(code);
	if (code != X509_V_OK)
		out->detail = X509_verify_cert_error_string(code);
	if (out->verdict == X509_UNTRUSTED)
		out->n = 0;
}

void x509_chain(const struct x509_trust *t, struct span leaf,
	const struct span *brought, size_t n, int64_t at, struct arena *arena,
	struct x509_chain *out)
{
	STACK_OF(X509) *all = sk_X509_new_null();
	X509 *x = cert_read(leaf), *one;
	size_t i;
	int k;

	*out = (struct x509_chain){.detail = "not a certificate"};
	if (!all)
		die("out of memory");
	for (i = 0; i < n; i++) {
		one = cert_read(brought[i]);
		if (one)
			push(all, one);
	}
	for (k = 0; k < sk_X509_num(t->between); k++) {
		one = sk_X509_value(t->between, k);
		X509_up_ref(one);
		push(all, one);
	}
	if (x) {
		out->detail = "";
		chain(t, x, all, at, arena, out);
	}
	X509_free(x);
	sk_X509_pop_free(all, X509_free);
}

void x509_alone(struct span leaf, int64_t at, struct arena *arena,
	struct x509_chain *out)
{
	struct x509_trust *t = NULL;
	struct err none = ERR_INIT;

	*out = (struct x509_chain){.detail = "not a certificate"};
	if (!x509_trust_new(&leaf, 1, NULL, 0, &t, &none))
		x509_chain(t, leaf, NULL, 0, at, arena, out);
	x509_trust_free(t);
}

static const EVP_MD *digest_of(enum cms_digest d)
{
	switch (d) {
	case CMS_SHA224:
		return EVP_sha224();
	case CMS_SHA256:
		return EVP_sha256();
	case CMS_SHA384:
		return EVP_sha384();
	case CMS_SHA512:
		return EVP_sha512();
	case CMS_DIGEST_OTHER:
	case CMS_DIGEST_WEAK:
		break;
	}
	return NULL;
}

static int key_type(enum cms_algorithm a)
{
	switch (a) {
	case CMS_RSA:
		return EVP_PKEY_RSA;
	case CMS_ECDSA:
		return EVP_PKEY_EC;
	case CMS_ALGORITHM_OTHER:
		break;
	}
	return EVP_PKEY_NONE;
}

static bool digest_fits(
	const struct cms *sig, const EVP_MD *md, struct span payload)
{
	unsigned char got[EVP_MAX_MD_SIZE];
	unsigned n = 0;

	return EVP_Digest(payload.p, payload.n, got, &n, md, NULL) == 1 &&
		span_eq(span_of(got, n), sig->message_digest);
}

/* The attributes are signed as the set that they are. */
static bool attributes_fit(
	EVP_PKEY *key, const EVP_MD *md, const struct cms *sig)
{
	struct buf set = BUF_INIT(sig->attributes.n);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool good;

	if (!ctx)
		die("out of memory");
	buf_byte(&set, 0x31);
	buf_span(&set, span_from(sig->attributes, 1));
	good = !set.full &&
		EVP_DigestVerifyInit(ctx, NULL, md, NULL, key) == 1 &&
		EVP_DigestVerify(ctx, sig->signature.p, sig->signature.n, set.p,
			set.n) == 1;
	EVP_MD_CTX_free(ctx);
	buf_free(&set);
	return good;
}

struct x509_key {
	X509 *cert;
	EVP_PKEY *key; /* its */
};

struct x509_key *x509_key_new(struct span leaf)
{
	X509 *x = cert_read(leaf);
	struct x509_key *k;

	if (!x || !X509_get0_pubkey(x)) {
		X509_free(x);
		return NULL;
	}
	k = calloc(1, sizeof(*k));
	if (!k)
		die("out of memory");
	*k = (struct x509_key){x, X509_get0_pubkey(x)};
	return k;
}

void x509_key_free(struct x509_key *k)
{
	if (!k)
		return;
	X509_free(k->cert);
	free(k);
}

bool x509_signed(
	const struct x509_key *key, const struct cms *sig, struct span payload)
{
	const EVP_MD *md = digest_of(sig->digest);

	return md && key &&
		EVP_PKEY_get_base_id(key->key) == key_type(sig->algorithm) &&
		digest_fits(sig, md, payload) &&
		attributes_fit(key->key, md, sig);
}
