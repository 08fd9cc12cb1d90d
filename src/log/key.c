#include "log/key.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/text.h"
#include "port/crypto.h"
#include "port/sodium.h"

static void id_of(const struct note_key *k, unsigned char id[NOTE_ID_LEN])
{
	unsigned char sum[SHA256_LEN];
	struct buf b = BUF_INIT(NOTE_NAME_MAX + NOTE_KEY_MAX + 8);

	buf_str(&b, k->name);
	buf_byte(&b, '\n');
	buf_byte(&b, k->type);
	buf_add(&b, k->key, k->nkey);
	sha256_of(buf_all(&b), sum);
	memcpy(id, sum, NOTE_ID_LEN);
	buf_free(&b);
}

void key_wipe(struct note_key *k)
{
	explicit_bzero(k, sizeof(*k));
}

int key_public(
	const struct note_key *secret, struct note_key *out, struct err *err)
{
	*out = (struct note_key){.type = secret->type, .nkey = ED25519_PUBLIC};
	memcpy(out->name, secret->name, sizeof(out->name));
	if (ed25519_public(secret->key, out->key, err))
		return -1;
	id_of(out, out->id);
	return 0;
}

/* Which it is, in messages. */
static const char *what_of(enum note_key_type type)
{
	return type == NOTE_COSIGN ? "witness's key" : "log key";
}

int key_file_read(const char *path, enum note_key_type type, struct buf *out,
	struct err *err)
{
	const char *what = what_of(type);
	struct stat st;
	int fd, ret = -1;

	/* Room for all of it at once: growing would leave copies behind. */
	if (!buf_room(out, KEY_FILE_MAX))
		die("key_file_read: no room");

	fd = open(path,
		O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW);
	if (fd < 0) {
		err_sys(err, "cannot open the %s '%s'", what, path);
		return err_hint(err,
			errno == ENOENT && type == NOTE_COSIGN
				? "'sluice witness init' makes one"
				: errno == ENOENT
				? "'sluice init' makes one"
				: "it must be readable by the "
				  "account that runs the hooks");
	}
	if (fstat(fd, &st)) {
		err_sys(err, "cannot stat the %s '%s'", what, path);
		goto out;
	}
	if (!S_ISREG(st.st_mode)) {
		err_set(err, ERR_LOG, "the %s '%s' is not a regular file", what,
			path);
		goto out;
	}
	if (st.st_uid != geteuid() && st.st_uid != 0) {
		err_set(err, ERR_LOG, "the %s '%s' belongs to another account",
			what, path);
		err_hint(err, "chown it to the account that runs the hooks");
		goto out;
	}
	if (st.st_mode & 077) {
		err_set(err, ERR_LOG,
			"the %s '%s' is open to others (mode %04o)", what, path,
			(unsigned)st.st_mode & 07777u);
		err_hint(err, "chmod 600 '%s'", path);
		goto out;
	}
	if (io_read(fd, out, err)) {
		err_in(err, "the %s '%s'", what, path);
		goto out;
	}
	ret = 0;
out:
	io_close(fd);
	return ret;
}

int key_secret_parse(struct span text, const char *path,
	enum note_key_type type, struct note_key *out, struct note_key *public,
	struct err *err)
{
	int ret = -1;

	if (note_secret_parse(text, out, err) || out->type != type ||
		out->nkey != ED25519_SEED)
		err_set(err, ERR_LOG, "the %s '%s' is damaged", what_of(type),
			path);
	else if (key_public(out, public, err))
		err_in(err, "the %s '%s'", what_of(type), path);
	else if (memcmp(public->id, out->id, NOTE_ID_LEN))
		err_set(err, ERR_LOG,
			"the %s '%s' is damaged: its id does not fit",
			what_of(type), path);
	else
		ret = 0;
	if (ret)
		key_wipe(out);
	return ret;
}

int key_secret_read(const char *path, enum note_key_type type,
	struct note_key *out, struct err *err)
{
	struct buf text = BUF_INIT(KEY_FILE_MAX);
	struct note_key public;
	int ret;

	memset(out, 0, sizeof(*out));
	ret = key_file_read(path, type, &text, err);
	if (!ret)
		ret = key_secret_parse(
			buf_all(&text), path, type, out, &public, err);
	buf_wipe(&text);
	return ret;
}

int key_secret_write(
	const char *path, const struct note_key *secret, struct err *err)
{
	struct buf line = BUF_INIT(KEY_FILE_MAX);
	int ret = -1;

	/* At once: growing would leave copies behind. */
	if (!buf_room(&line, KEY_FILE_MAX))
		die("key_secret_write: no room");
	note_secret_text(secret, &line);
	buf_byte(&line, '\n');
	if (!buf_check(&line, "key", err))
		ret = io_replace(path, buf_all(&line), 0600, err);
	buf_wipe(&line);
	return ret;
}

int key_public_write(const char *path, const struct note_key *secret,
	struct buf *vkey, struct err *err)
{
	struct buf line = BUF_INIT(KEY_FILE_MAX);
	struct note_key public;
	int ret = -1;

	if (key_public(secret, &public, err))
		goto out;
	note_key_text(&public, &line);
	buf_span(vkey, buf_all(&line));
	buf_byte(&line, '\n');
	if (!buf_check(&line, "key", err))
		ret = io_replace(path, buf_all(&line), 0644, err);
out:
	buf_free(&line);
	return ret;
}

int key_public_text(const char *path, struct buf *vkey, struct err *err)
{
	struct buf text = BUF_INIT(KEY_FILE_MAX);
	int ret = io_read_file(path, &text, err);

	if (!ret) {
		buf_reset(vkey);
		buf_span(vkey, span_trim(buf_all(&text)));
		ret = buf_check(vkey, "verifier key", err);
	}
	buf_free(&text);
	return ret;
}

int key_new(struct span name, enum note_key_type type, struct note_key *out,
	struct err *err)
{
	struct note_key public;

	*out = (struct note_key){
		.type = (unsigned char)type, .nkey = ED25519_SEED};
	if (!note_name_ok(name))
		return err_set(err, ERR_USAGE, "not a name for a key");
	memcpy(out->name, name.p, name.n);
	random_bytes(out->key, ED25519_SEED);
	if (key_public(out, &public, err)) {
		key_wipe(out);
		return -1;
	}
	memcpy(out->id, public.id, NOTE_ID_LEN);
	return 0;
}

void key_number(struct note_key *k)
{
	id_of(k, k->id);
}

bool key_fits(const struct note_key *k)
{
	unsigned char id[NOTE_ID_LEN];

	id_of(k, id);
	return !memcmp(id, k->id, NOTE_ID_LEN);
}

int key_read(struct span text, enum note_key_type type, struct note_key *out,
	struct err *err)
{
	if (note_key_parse(text, out, err))
		return -1;
	if (out->type != type || out->nkey != ED25519_PUBLIC)
		return err_set(err, ERR_INPUT,
			type == NOTE_COSIGN
				? "not the verifier key of a witness, of type "
				  "Ed25519"
				: "not a verifier key of type Ed25519");
	if (!key_fits(out))
		return err_set(err, ERR_INPUT,
			"not a verifier key: its hash does not fit");
	return 0;
}

int key_sign(const struct note_key *secret, struct span text, struct buf *out,
	struct err *err)
{
	unsigned char sig[ED25519_SIG];

	if (ed25519_sign(secret->key, text, sig, err))
		return -1;
	buf_span(out, text);
	note_split(out);
	note_add_sig(out, span_str(secret->name), secret->id,
		span_of(sig, sizeof(sig)));
	return buf_check(out, "checkpoint", err);
}

enum note_verdict key_check(const struct note_key *k, const struct note *note)
{
	enum note_verdict verdict = NOTE_UNSIGNED;
	size_t i;

	for (i = 0; i < note->nsigs; i++) {
		const struct note_sig *s = &note->sigs[i];

		if (!span_is(s->name, k->name) ||
			memcmp(s->id, k->id, NOTE_ID_LEN))
			continue;
		if (ed25519_verify(k->key, note->text, s->bytes) !=
			ED25519_GOOD)
			return NOTE_FALSE;
		verdict = NOTE_GOOD;
	}
	return verdict;
}
