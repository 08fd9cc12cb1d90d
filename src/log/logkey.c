#include "log/logkey.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/io.h"
#include "parse/sealedkey.h"
#include "port/crypto.h"
#include "port/sodium.h"
#include "port/trustfile.h"

/* Some 0.2 s and 64 MiB: RFC 9106, section 4, its second choice. */
#define PASSES 3
#define KIB 65536

static const char *credentials;
static bool foreign;

/* The seed of the encrypted file whose text has that digest. */
struct kept {
	bool there;
	unsigned char of[SHA256_LEN], seed[ED25519_SEED];
};
static struct kept *kept;

void logkey_credentials(const char *dir)
{
	credentials = dir && dir[0] ? dir : NULL;
}

void logkey_foreign(void)
{
	foreign = true;
}

int logkey_keep(struct err *err)
{
	const size_t n = sizeof(struct kept);
	void *p;

	if (kept)
		return 0;
	p = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		-1, 0);
	if (p == MAP_FAILED || madvise(p, n, MADV_WIPEONFORK) ||
		madvise(p, n, MADV_DONTDUMP) || mlock(p, n)) {
		err_sys(err, "no memory that keeps a key to itself");
		if (p != MAP_FAILED)
			munmap(p, n);
		return -1;
	}
	kept = p;
	return 0;
}

static int read_line(const char *path, struct buf *out, struct err *err)
{
	/* Room for all of it at once: growing would leave copies behind. */
	if (!buf_room(out, LOGKEY_PASSPHRASE_MAX))
		die("passphrase: no room");
	return trustfile_read_secret(path, out, err);
}

static int find_passphrase(
	const char *state, const char *file, struct buf *out, struct err *err)
{
	struct buf path = PATH_BUF_INIT;
	int ret = -1;

	if (file) {
		ret = read_line(file, out, err);
		goto out;
	}
	if (credentials) {
		io_join(&path, credentials, LOGKEY_PASSPHRASE);
		if (io_exists(buf_cstr(&path))) {
			ret = read_line(buf_cstr(&path), out, err);
			goto out;
		}
	}
	io_join(&path, state, LOGKEY_PASSPHRASE);
	ret = read_line(buf_cstr(&path), out, err);
	if (ret && err->sys == ENOENT)
		err_hint(err,
			"the key is encrypted: its passphrase stands in this "
			"file, mode 0600, or is a credential of the service "
			"called " LOGKEY_PASSPHRASE);
out:
	buf_free(&path);
	return ret;
}

/* A line end is not part of it, and nobody's passphrase is nothing. */
static int passphrase_of(
	const char *state, const char *file, struct buf *out, struct err *err)
{
	int ret = find_passphrase(state, file, out, err);

	if (!ret && out->n && out->p[out->n - 1] == '\n')
		out->n--;
	if (!ret && !out->n)
		ret = err_set(err, ERR_LOG, "'%s' is empty",
			file ? file : LOGKEY_PASSPHRASE);
	return ret ? err_in(err, "passphrase of the log key") : 0;
}

static int unseal(const char *state, const struct sealedkey *k,
	unsigned char seed[ED25519_SEED], struct err *err)
{
	struct buf passphrase = BUF_INIT(LOGKEY_PASSPHRASE_MAX);
	struct buf head = BUF_INIT(SEALEDKEY_MAX);
	struct seal seal = {.passes = k->passes,
		.kib = k->kib,
		.salt = k->salt,
		.nonce = k->nonce};
	int ret = -1;

	sealedkey_head(k, &head);
	if (!passphrase_of(state, NULL, &passphrase, err)) {
		seal.passphrase = buf_all(&passphrase);
		seal.head = buf_all(&head);
		ret = seal_open(&seal, k->sealed, seed, ED25519_SEED, err);
	}
	buf_wipe(&passphrase);
	buf_free(&head);
	return ret;
}

/* Found out before, or now. */
static int seed_of(const char *state, struct span text,
	const struct sealedkey *k, unsigned char seed[ED25519_SEED],
	struct err *err)
{
	unsigned char sum[SHA256_LEN];

	sha256_of(text, sum);
	if (kept && kept->there && !memcmp(kept->of, sum, sizeof(sum))) {
		memcpy(seed, kept->seed, ED25519_SEED);
		return 0;
	}
	if (unseal(state, k, seed, err))
		return -1;
	if (kept) {
		memcpy(kept->of, sum, sizeof(sum));
		memcpy(kept->seed, seed, ED25519_SEED);
		kept->there = true;
	}
	return 0;
}

static int is_ours(const struct note_key *k, struct err *err)
{
	if (k->type == NOTE_ED25519 && k->nkey == ED25519_PUBLIC && key_fits(k))
		return 0;
	return err_set(
		err, ERR_LOG, "not a key of type Ed25519 whose hash fits");
}

/* The public half that the file says, which the seed must have. */
static int read_sealed(struct span text, struct sealedkey *k, struct err *err)
{
	if (!sealedkey_parse(text, k, err))
		return is_ours(&k->public, err);
	err->code = ERR_LOG;
	return -1;
}

static int read_token(struct span text, struct tokenkey *k, struct err *err)
{
	if (!tokenkey_parse(text, k, err))
		return is_ours(&k->public, err);
	err->code = ERR_LOG;
	return -1;
}

/* What its library says would reach whoever pushes, and may be anything. */
static int hush(struct err *err)
{
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (fd < 0 || dup2(fd, STDOUT_FILENO) < 0 ||
		dup2(fd, STDERR_FILENO) < 0) {
		err_sys(err, "cannot open '/dev/null'");
		io_close(fd);
		return -1;
	}
	io_close(fd);
	return 0;
}

static int log_in(const char *state, const struct tokenkey *k,
	struct token **out, struct err *err)
{
	struct buf pin = BUF_INIT(LOGKEY_PASSPHRASE_MAX);
	int ret = passphrase_of(state, NULL, &pin, err);

	if (!ret && foreign) {
		clearenv();
		ret = hush(err);
	}
	if (!ret) {
		ret = token_open(k->module, k->label, buf_all(&pin), out, err);
		if (ret && !err->hint[0])
			err_hint(err,
				"the PIN is the line in '" LOGKEY_PASSPHRASE
				"'; 'pkcs11-tool --module %s --list-slots' "
				"says which tokens there are",
				k->module);
	}
	buf_wipe(&pin);
	return ret;
}

static int open_token(const char *state, struct span text, struct logkey *out,
	struct err *err)
{
	struct tokenkey *k = calloc(1, sizeof(*k));

	if (!k)
		die("out of memory");
	out->place = k;
	if (read_token(text, k, err) || log_in(state, k, &out->token, err))
		return -1;
	out->public = k->public;
	return 0;
}

static int open_sealed(const char *state, struct span text, struct logkey *out,
	struct err *err)
{
	struct note_key *secret = &out->secret, public;
	struct sealedkey k;

	if (read_sealed(text, &k, err))
		return -1;
	*secret = (struct note_key){.type = NOTE_ED25519, .nkey = ED25519_SEED};
	memcpy(secret->name, k.public.name, sizeof(secret->name));
	memcpy(secret->id, k.public.id, NOTE_ID_LEN);
	if (seed_of(state, text, &k, secret->key, err) ||
		key_public(secret, &public, err))
		return -1;
	if (memcmp(public.key, k.public.key, ED25519_PUBLIC))
		return err_set(err, ERR_LOG, "its halves do not fit");
	out->public = k.public;
	out->sealed = true;
	return 0;
}

int logkey_open(const char *state, const char *path, struct logkey *out,
	struct err *err)
{
	struct buf text = BUF_INIT(KEY_FILE_MAX);
	bool sealed, token;
	int ret = -1;

	memset(out, 0, sizeof(*out));
	if (key_file_read(path, NOTE_ED25519, &text, err))
		goto out;
	sealed = sealedkey_is(buf_all(&text));
	token = tokenkey_is(buf_all(&text));
	if (!sealed && !token)
		ret = key_secret_parse(buf_all(&text), path, NOTE_ED25519,
			&out->secret, &out->public, err);
	else if (sealed ? open_sealed(state, buf_all(&text), out, err)
			: open_token(state, buf_all(&text), out, err))
		err_in(err, "the log key '%s'", path);
	else
		ret = 0;
out:
	if (ret)
		logkey_close(out);
	buf_wipe(&text);
	return ret;
}

int logkey_peek(const char *path, struct note_key *public, struct err *err)
{
	struct buf text = BUF_INIT(KEY_FILE_MAX);
	struct note_key secret;
	struct sealedkey k;
	struct tokenkey t;
	int ret = key_file_read(path, NOTE_ED25519, &text, err);

	memset(&secret, 0, sizeof(secret));
	memset(public, 0, sizeof(*public));
	if (ret)
		goto out;
	if (sealedkey_is(buf_all(&text))) {
		ret = read_sealed(buf_all(&text), &k, err);
		*public = k.public;
	} else if (tokenkey_is(buf_all(&text))) {
		ret = read_token(buf_all(&text), &t, err);
		*public = t.public;
	} else {
		ret = key_secret_parse(buf_all(&text), path, NOTE_ED25519,
			&secret, public, err);
		goto out;
	}
	if (ret) {
		memset(public, 0, sizeof(*public));
		err_in(err, "the log key '%s'", path);
	}
out:
	key_wipe(&secret);
	buf_wipe(&text);
	return ret;
}

void logkey_close(struct logkey *s)
{
	key_wipe(&s->secret);
	token_close(s->token);
	free(s->place);
	s->token = NULL;
	s->place = NULL;
}

static int seal_text(const char *state, const char *file,
	const struct logkey *key, struct buf *out, struct err *err)
{
	struct buf passphrase = BUF_INIT(LOGKEY_PASSPHRASE_MAX);
	struct buf head = BUF_INIT(SEALEDKEY_MAX);
	struct sealedkey k = {
		.public = key->public, .passes = PASSES, .kib = KIB};
	struct seal seal = {
		.passes = PASSES, .kib = KIB, .salt = k.salt, .nonce = k.nonce};
	int ret = -1;

	random_bytes(k.salt, sizeof(k.salt));
	random_bytes(k.nonce, sizeof(k.nonce));
	sealedkey_head(&k, &head);
	if (passphrase_of(state, file, &passphrase, err))
		goto out;
	seal.passphrase = buf_all(&passphrase);
	seal.head = buf_all(&head);
	if (seal_close(&seal, key->secret.key, ED25519_SEED, k.sealed, err))
		goto out;
	sealedkey_text(&k, out);
	ret = buf_check(out, "encrypted key", err);
out:
	buf_wipe(&passphrase);
	buf_free(&head);
	return ret;
}

int logkey_text(const char *state, bool sealed, const char *passphrase,
	const struct logkey *k, struct buf *out, struct err *err)
{
	if (k->token)
		return err_set(err, ERR_USAGE,
			"the key is in a token, which has a PIN of its own");
	if (sealed)
		return seal_text(state, passphrase, k, out, err);
	note_secret_text(&k->secret, out);
	buf_byte(out, '\n');
	return buf_check(out, "key", err);
}

int logkey_rewrite(const char *state, const char *path, bool sealed,
	const char *passphrase, struct err *err)
{
	struct buf text = BUF_INIT(KEY_FILE_MAX);
	struct logkey key;
	int ret = -1;

	/* At once: growing would leave copies behind. */
	if (!buf_room(&text, KEY_FILE_MAX))
		die("logkey_rewrite: no room");
	if (!logkey_open(state, path, &key, err) &&
		!logkey_text(state, sealed, passphrase, &key, &text, err))
		ret = io_replace(path, buf_all(&text), 0600, err);
	logkey_close(&key);
	buf_wipe(&text);
	return ret;
}

/* The token's own word is not enough for what everybody else will verify. */
static int sign_in_token(struct token *t, const struct tokenkey *k,
	struct span text, unsigned char sig[LOGKEY_SIG], struct err *err)
{
	if (token_sign(t, span_of(k->id, k->nid), text, sig, err))
		return -1;
	if (ed25519_verify(k->public.key, text, span_of(sig, LOGKEY_SIG)) ==
		ED25519_GOOD)
		return 0;
	err_set(err, ERR_CRYPTO,
		"the signature of the token '%s' is not by the key of the log",
		k->label);
	return err_hint(err, "the token has another key of that id");
}

int logkey_token(const char *state, struct tokenkey *k, const char *name,
	struct buf *out, struct err *err)
{
	unsigned char sig[LOGKEY_SIG];
	struct token *t = NULL;
	int ret = -1;

	k->public =
		(struct note_key){.type = NOTE_ED25519, .nkey = ED25519_PUBLIC};
	snprintf(k->public.name, sizeof(k->public.name), "%s", name);
	if (log_in(state, k, &t, err) ||
		token_public(t, span_of(k->id, k->nid), k->public.key, err))
		goto out;
	key_number(&k->public);
	if (sign_in_token(
		    t, k, SPAN_LIT("sluice: does this key sign?\n"), sig, err))
		goto out;
	tokenkey_text(k, out);
	ret = buf_check(out, "key of a token", err);
out:
	token_close(t);
	return ret;
}

int logkey_sign(const struct logkey *s, struct span text,
	unsigned char sig[LOGKEY_SIG], struct err *err)
{
	return s->token ? sign_in_token(s->token, s->place, text, sig, err)
			: ed25519_sign(s->secret.key, text, sig, err);
}

int logkey_add(const struct logkey *s, struct span text, struct buf *note,
	struct err *err)
{
	unsigned char sig[LOGKEY_SIG];

	if (logkey_sign(s, text, sig, err))
		return -1;
	note_add_sig(note, span_str(s->public.name), s->public.id,
		span_of(sig, sizeof(sig)));
	return buf_check(note, "signed note", err);
}
