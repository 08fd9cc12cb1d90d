#include "port/openpgp.h"

#include <errno.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gpgme.h>

#include "base/io.h"

struct openpgp {
	gpgme_ctx_t ctx;
	char *was_home; /* the variables as they were, or NULL for unset */
	char *was_locale;
};

static bool is_open;

/*
 * disable-gpgconf keeps GPGME from asking gpgconf and gpgsm what they are: four
 * programs less to run. gpg itself it always asks.
 */
static void lib_start(void)
{
	if (gpgme_set_global_flag("disable-gpgconf", "1") ||
		!gpgme_check_version("1.16.0"))
		die("gpgme: the library is too old");
}

static int failed(gpgme_error_t e, const char *what, struct err *err)
{
	char why[128];

	gpgme_strerror_r(e, why, sizeof(why));
	err_set(err, ERR_CRYPTO, "gnupg: cannot %s: %s", what, why);
	if (gpgme_err_code(e) == GPG_ERR_INV_ENGINE)
		err_hint(err, "install gnupg; gpg must be found in PATH");
	return -1;
}

static int context(gpgme_ctx_t *out, struct err *err)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	gpgme_error_t e;

	*out = NULL;
	if (pthread_once(&once, lib_start))
		die("gpgme: cannot start");
	e = gpgme_new(out);
	if (!e)
		e = gpgme_set_protocol(*out, GPGME_PROTOCOL_OpenPGP);
	if (e) {
		gpgme_release(*out);
		*out = NULL;
		return failed(e, "start", err);
	}
	gpgme_set_offline(*out, 1);
	return 0;
}

static char *variable(const char *name)
{
	const char *v = getenv(name);
	char *copy = v ? strdup(v) : NULL;

	if (v && !copy)
		die("out of memory");
	return copy;
}

static void variable_set(const char *name, const char *value)
{
	if (value ? setenv(name, value, 1) : unsetenv(name))
		die("out of memory");
}

/*
 * The folder is told by GNUPGHOME rather than gpgme_ctx_set_engine_info, which
 * runs "gpg --version" once more. The C locale spares gpg eleven files.
 */
int openpgp_open(const char *home, struct openpgp **out, struct err *err)
{
	struct openpgp *o;

	*out = NULL;
	if (is_open)
		die("openpgp: a keyring is open already");
	o = calloc(1, sizeof(*o));
	if (!o)
		die("out of memory");
	o->was_home = variable("GNUPGHOME");
	o->was_locale = variable("LC_ALL");
	is_open = true;
	variable_set("GNUPGHOME", home);
	variable_set("LC_ALL", "C");
	if (context(&o->ctx, err)) {
		openpgp_close(o);
		return -1;
	}
	*out = o;
	return 0;
}

void openpgp_close(struct openpgp *o)
{
	if (!o)
		return;
	gpgme_release(o->ctx);
	variable_set("GNUPGHOME", o->was_home);
	variable_set("LC_ALL", o->was_locale);
	free(o->was_home);
	free(o->was_locale);
	free(o);
	is_open = false;
}

int openpgp_home(const char *home, struct err *err)
{
	static const char conf[] = "no-autostart\n"
				   "no-auto-key-retrieve\n"
				   "no-auto-key-locate\n"
				   "disable-dirmngr\n"
				   "trust-model always\n"
				   "no-auto-check-trustdb\n"
				   "no-random-seed-file\n"
				   "lock-never\n"
				   "no-secmem-warning\n";
	struct buf path = PATH_BUF_INIT;
	int ret = -1;

	if (mkdir(home, 0700)) {
		err_sys(err, "cannot make '%s'", home);
		goto out;
	}
	io_join(&path, home, "gpg.conf");
	if (buf_check(&path, "the path of the keyring", err))
		goto out;
	if (io_replace(buf_cstr(&path), SPAN_LIT(conf), 0600, err))
		goto out;
	ret = 0;
out:
	buf_free(&path);
	return ret;
}

static int data_of(gpgme_data_t *out, struct span s, struct err *err)
{
	gpgme_error_t e = gpgme_data_new_from_mem(
		out, s.n ? (const char *)s.p : "", s.n, 0);

	if (!e)
		e = gpgme_data_set_encoding(*out, GPGME_DATA_ENCODING_BINARY);
	return e ? failed(e, "take the data", err) : 0;
}

int openpgp_import(struct openpgp *o, struct span keys,
	void (*each)(void *ctx, const char *fingerprint), void *ctx,
	struct err *err)
{
	gpgme_import_result_t res;
	gpgme_import_status_t one;
	gpgme_data_t data = NULL;
	gpgme_error_t e;
	int ret = -1;

	if (data_of(&data, keys, err))
		goto out;
	e = gpgme_op_import(o->ctx, data);
	if (e) {
		failed(e, "read the keys", err);
		goto out;
	}
	res = gpgme_op_import_result(o->ctx);
	if (!res) {
		err_set(err, ERR_CRYPTO, "gnupg: no answer to an import");
		goto out;
	}
	for (one = res->imports; one; one = one->next)
		if (!one->result && one->fpr)
			each(ctx, one->fpr);
	ret = 0;
out:
	gpgme_data_release(data);
	return ret;
}

/* A time that gpg cannot tell is -1. */
static bool subkey_usable(gpgme_subkey_t k)
{
	return !k->revoked && !k->expired && !k->disabled && !k->invalid &&
		k->fpr && k->timestamp > 0 && k->expires >= 0;
}

static void key_signers(gpgme_key_t key,
	void (*each)(void *ctx, const struct openpgp_signer *one), void *ctx)
{
	gpgme_subkey_t top = key->subkeys, k;
	struct openpgp_signer one;

	if (key->revoked || key->expired || key->disabled || key->invalid ||
		!top || !subkey_usable(top))
		return;
	for (k = top; k; k = k->next) {
		if (!k->can_sign || !subkey_usable(k))
			continue;
		one.fingerprint = k->fpr;
		one.primary = top->fpr;
		one.created = (int64_t)k->timestamp;
		one.expires = (int64_t)k->expires;
		if (top->expires &&
			(!one.expires || one.expires > (int64_t)top->expires))
			one.expires = (int64_t)top->expires;
		each(ctx, &one);
	}
}

int openpgp_signers(struct openpgp *o,
	void (*each)(void *ctx, const struct openpgp_signer *one), void *ctx,
	struct err *err)
{
	gpgme_keylist_result_t res;
	gpgme_key_t key;
	gpgme_error_t e = gpgme_op_keylist_start(o->ctx, NULL, 0);

	if (e)
		return failed(e, "list the keys", err);
	for (;;) {
		e = gpgme_op_keylist_next(o->ctx, &key);
		if (e)
			break;
		key_signers(key, each, ctx);
		gpgme_key_unref(key);
	}
	if (gpgme_err_code(e) != GPG_ERR_EOF) {
		gpgme_op_keylist_end(o->ctx);
		return failed(e, "list the keys", err);
	}
	res = gpgme_op_keylist_result(o->ctx);
	if (!res || res->truncated)
		return err_set(err, ERR_CRYPTO, "gnupg: a list that is cut");
	return 0;
}

/* Flags that GnuPG may raise beside a signature that matches. */
#define RED_FLAGS                                                     \
	(GPGME_SIGSUM_RED | GPGME_SIGSUM_KEY_REVOKED |                \
		GPGME_SIGSUM_KEY_EXPIRED | GPGME_SIGSUM_SIG_EXPIRED | \
		GPGME_SIGSUM_KEY_MISSING | GPGME_SIGSUM_BAD_POLICY |  \
		GPGME_SIGSUM_SYS_ERROR)

static enum openpgp_status status_of(gpgme_signature_t sig, const char **detail)
{
	static const struct {
		unsigned code;
		enum openpgp_status status;
		const char *detail;
	} known[] = {
		{GPG_ERR_NO_ERROR, OPENPGP_GOOD, ""},
		{GPG_ERR_NO_PUBKEY, OPENPGP_UNKNOWN_KEY, ""},
		{GPG_ERR_KEY_EXPIRED, OPENPGP_KEY_EXPIRED, ""},
		{GPG_ERR_SIG_EXPIRED, OPENPGP_EXPIRED, ""},
		{GPG_ERR_CERT_REVOKED, OPENPGP_KEY_REVOKED, ""},
		{GPG_ERR_BAD_SIGNATURE, OPENPGP_BAD,
			"the signature does not match"},
	};
	size_t i;

	*detail = "gnupg does not accept the signature";
	for (i = 0; i < ARRAY_LEN(known); i++)
		if (known[i].code == gpgme_err_code(sig->status))
			break;
	if (i == ARRAY_LEN(known))
		return OPENPGP_BAD;
	if (known[i].status == OPENPGP_GOOD &&
		((sig->summary & RED_FLAGS) || sig->wrong_key_usage))
		return OPENPGP_BAD;
	*detail = known[i].detail;
	return known[i].status;
}

int openpgp_verify(struct openpgp *o, struct span sig, struct span data,
	struct openpgp_result *out, struct err *err)
{
	gpgme_data_t dsig = NULL, ddata = NULL;
	gpgme_verify_result_t res;
	gpgme_signature_t s;
	gpgme_error_t e;
	int ret = -1;

	memset(out, 0, sizeof(*out));
	out->detail = "";
	if (data_of(&dsig, sig, err) || data_of(&ddata, data, err))
		goto out;
	e = gpgme_op_verify(o->ctx, dsig, ddata, NULL);
	if (gpgme_err_code(e) == GPG_ERR_NO_DATA ||
		gpgme_err_code(e) == GPG_ERR_BAD_DATA) {
		out->detail = "gnupg finds no signature in it";
		ret = 0;
		goto out;
	}
	if (e) {
		failed(e, "verify", err);
		goto out;
	}
	res = gpgme_op_verify_result(o->ctx);
	if (!res || !res->signatures) {
		err_set(err, ERR_CRYPTO, "gnupg: no answer to a signature");
		goto out;
	}
	for (s = res->signatures; s; s = s->next)
		out->count++;
	s = res->signatures;
	snprintf(out->fingerprint, sizeof(out->fingerprint), "%s",
		s->fpr ? s->fpr : "");
	out->created = (int64_t)s->timestamp;
	out->expires = (int64_t)s->exp_timestamp;
	if (out->count == 1)
		out->status = status_of(s, &out->detail);
	else
		out->detail = "more than one signature";
	ret = 0;
out:
	gpgme_data_release(dsig);
	gpgme_data_release(ddata);
	return ret;
}

static int sign(gpgme_ctx_t ctx, const char *fingerprint, gpgme_data_t in,
	gpgme_data_t signature, struct err *err)
{
	gpgme_key_t key = NULL;
	gpgme_sign_result_t res;
	gpgme_error_t e;

	e = gpgme_get_key(ctx, fingerprint, &key, 1);
	if (!e)
		e = gpgme_signers_add(ctx, key);
	gpgme_key_unref(key);
	if (e) {
		failed(e, "find the secret key", err);
		return err_hint(err,
			"import key %s into the keyring of this account",
			fingerprint);
	}
	e = gpgme_op_sign(ctx, in, signature, GPGME_SIG_MODE_DETACH);
	if (e)
		return failed(e, "sign", err);
	res = gpgme_op_sign_result(ctx);
	if (!res || !res->signatures || res->signatures->next ||
		res->invalid_signers)
		return err_set(err, ERR_CRYPTO, "gnupg: no signature made");
	return 0;
}

int openpgp_sign_detached(const char *home, const char *fingerprint,
	struct span data, struct buf *armored, struct err *err)
{
	gpgme_data_t in = NULL, signature = NULL;
	gpgme_ctx_t ctx = NULL;
	gpgme_error_t e = 0;
	char *text = NULL;
	size_t n = 0;
	int ret = -1;

	if (context(&ctx, err))
		goto out;
	if (home)
		e = gpgme_ctx_set_engine_info(
			ctx, GPGME_PROTOCOL_OpenPGP, NULL, home);
	if (!e)
		e = gpgme_set_pinentry_mode(ctx, GPGME_PINENTRY_MODE_ERROR);
	if (!e)
		e = gpgme_data_new(&signature);
	if (e) {
		failed(e, "start", err);
		goto out;
	}
	gpgme_set_armor(ctx, 1);
	if (data_of(&in, data, err) ||
		sign(ctx, fingerprint, in, signature, err))
		goto out;
	text = gpgme_data_release_and_get_mem(signature, &n);
	signature = NULL;
	if (!text || !n) {
		err_set(err, ERR_CRYPTO, "gnupg: no signature made");
		goto out;
	}
	buf_add(armored, text, n);
	ret = buf_check(armored, "an OpenPGP signature", err);
out:
	gpgme_free(text);
	gpgme_data_release(in);
	gpgme_data_release(signature);
	gpgme_release(ctx);
	return ret;
}
