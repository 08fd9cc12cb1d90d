#include "log/witness.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/io.h"
#include "base/text.h"
#include "log/cosign.h"
#include "log/keychain.h"
#include "log/store.h"
#include "log/tree.h"
#include "parse/keyline.h"
#include "port/crypto.h"

#define STATE_MAX 2048u
#define ARENA_MAX ((size_t)1 << 20)

/* What was signed last of a log, and by which key it speaks. */
struct seen {
	struct note_key key;
	uint64_t size;
	struct hash root;
};

unsigned witness_status(enum witness_answer a)
{
	static const unsigned status[] = {
		[WITNESS_BROKEN] = 500,
		[WITNESS_MALFORMED] = 400,
		[WITNESS_UNKNOWN] = 404,
		[WITNESS_UNSIGNED] = 403,
		[WITNESS_BEHIND] = 409,
		[WITNESS_FORKED] = 422,
		[WITNESS_COSIGNED] = 200,
	};

	return status[a];
}

void witness_name(struct span origin, char out[WITNESS_NAME_LEN + 1])
{
	unsigned char sum[SHA256_LEN];
	struct buf hex = BUF_INIT(WITNESS_NAME_LEN + 1);

	sha256_of(origin, sum);
	text_hex(&hex, span_of(sum, sizeof(sum)));
	memcpy(out, buf_cstr(&hex), WITNESS_NAME_LEN + 1);
	buf_free(&hex);
}

/* The file of a log in that folder of the witness. */
static const char *named(struct buf *out, const char *dir, const char *folder,
	struct span origin)
{
	char name[WITNESS_NAME_LEN + 1];
	struct buf below = PATH_BUF_INIT;

	witness_name(origin, name);
	buf_fmt(&below, "%s/%s", folder, name);
	store_path(out, dir, buf_cstr(&below));
	buf_free(&below);
	return buf_cstr(out);
}

/* Closed, or at the end of the process, it is given up. */
static int lock(const char *dir, int *fd, struct err *err)
{
	struct buf path = PATH_BUF_INIT;
	int ret = -1;

	*fd = open(store_path(&path, dir, WITNESS_LOCK),
		O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	while (*fd >= 0 && (ret = flock(*fd, LOCK_EX)) && errno == EINTR)
		;
	if (ret)
		err_sys(err, "cannot lock '%s'", buf_cstr(&path));
	buf_free(&path);
	return ret;
}

int witness_create(
	const char *dir, struct span name, struct buf *vkey, struct err *err)
{
	static const char *const folders[] = {
		WITNESS_LOGS, WITNESS_PUBLIC, WITNESS_FORKS};
	struct buf path = PATH_BUF_INIT;
	struct note_key key = {0};
	int fd = -1, ret = -1;
	size_t i;

	if (io_mkdirs(dir, 0755, err) || lock(dir, &fd, err))
		goto out;
	if (io_exists(store_path(&path, dir, WITNESS_KEY))) {
		err_set(err, ERR_LOG, "'%s' holds a witness already", dir);
		goto out;
	}
	for (i = 0; i < ARRAY_LEN(folders); i++)
		if (io_mkdirs(store_path(&path, dir, folders[i]), 0755, err))
			goto out;
	/* The key last: what was begun without it is begun anew. */
	if (key_new(name, NOTE_COSIGN, &key, err) ||
		key_public_write(store_path(&path, dir, WITNESS_VKEY), &key,
			vkey, err) ||
		key_secret_write(
			store_path(&path, dir, WITNESS_KEY), &key, err))
		goto out;
	ret = 0;
out:
	key_wipe(&key);
	io_close(fd);
	buf_free(&path);
	return ret;
}

int witness_vkey(const char *dir, struct buf *out, struct err *err)
{
	struct buf path = PATH_BUF_INIT;
	int ret =
		key_public_text(store_path(&path, dir, WITNESS_VKEY), out, err);

	if (ret && err->sys == ENOENT)
		err_hint(err, "'sluice witness init' makes a witness");
	buf_free(&path);
	return ret;
}

static int seen_write(const char *path, const struct seen *s, struct err *err)
{
	struct buf text = BUF_INIT(STATE_MAX);
	int ret;

	buf_str(&text, "vkey ");
	note_key_text(&s->key, &text);
	buf_fmt(&text, "\nsize %llu\nroot ", (unsigned long long)s->size);
	text_base64(&text, span_of(s->root.b, HASH_LEN));
	buf_byte(&text, '\n');
	ret = buf_check(&text, "log", err);
	if (!ret)
		ret = io_replace(path, buf_all(&text), 0600, err);
	buf_free(&text);
	return ret;
}

static bool seen_parse(struct span text, struct seen *out)
{
	struct buf root = BUF_INIT(HASH_LEN);
	struct err none = ERR_INIT;
	struct span vkey, size, hash;
	bool ok;

	ok = keyline_take(&text, "vkey", &vkey) &&
		keyline_take(&text, "size", &size) &&
		keyline_take(&text, "root", &hash) && !text.n &&
		!key_read(vkey, NOTE_ED25519, &out->key, &none) &&
		text_to_u64(size, LOG_SIZE_MAX, &out->size) &&
		text_base64_read(hash, &root) && root.n == HASH_LEN;
	if (ok)
		memcpy(out->root.b, root.p, HASH_LEN);
	buf_free(&root);
	return ok;
}

/* *${known} is false, and 0 answered, for a log that is not witnessed. */
static int seen_read(
	const char *path, struct seen *out, bool *known, struct err *err)
{
	struct buf text = BUF_INIT(STATE_MAX);
	int ret = 0;

	*known = true;
	if (io_read_file(path, &text, err)) {
		*known = false;
		ret = err->sys == ENOENT ? 0 : -1;
	} else if (!seen_parse(buf_all(&text), out)) {
		ret = err_set(err, ERR_LOG, "'%s' is damaged", path);
		err_hint(err,
			"restore it: what was signed last stood in it, and "
			"nothing can be signed without knowing that");
	}
	buf_free(&text);
	return ret;
}

/* From the key that is known over those that followed to the newest; what was
 * signed last stays. */
static int go_over(struct seen *s, const struct keychain *keys, bool stolen,
	struct err *err)
{
	size_t i, from;

	if (!keychain_find(keys, &s->key, &from) || from == keys->n) {
		err_set(err, ERR_LOG, "the log '%s' is witnessed already",
			s->key.name);
		return err_hint(err,
			"to go over to its new key, give what 'sluice log key "
			"--chain' prints there");
	}
	if (s->size > keys->link[from].size + 1)
		return err_set(err, ERR_LOG,
			"the key that is known signed %llu entries, and was "
			"retired in entry %llu",
			(unsigned long long)s->size,
			(unsigned long long)keys->link[from].size);
	for (i = from; i < keys->n; i++)
		if (keys->link[i].compromised && !stolen) {
			err_set(err, ERR_LOG,
				"a key of the log '%s' was given up as "
				"compromised, in entry %llu",
				s->key.name,
				(unsigned long long)keys->link[i].size);
			return err_hint(err,
				"whoever stole it may have signed that as "
				"well: --compromised, if this came to you by a "
				"way that you trust");
		}
	s->key = *keychain_key(keys, keys->n);
	return 0;
}

int witness_trust(
	const char *dir, struct span vkey, bool stolen, struct err *err)
{
	struct arena *a = arena_new(8 * KEYCHAIN_TEXT_MAX);
	struct buf path = PATH_BUF_INIT;
	struct keychain keys;
	struct seen s;
	int fd = -1, ret = -1;
	bool known;

	if (keychain_read(vkey, a, &keys, err) || lock(dir, &fd, err))
		goto out;
	named(&path, dir, WITNESS_LOGS, span_str(keys.pinned.name));
	if (seen_read(buf_cstr(&path), &s, &known, err))
		goto out;
	if (known) {
		if (go_over(&s, &keys, stolen, err))
			goto out;
	} else {
		s = (struct seen){.key = keys.pinned, .size = 0};
		memcpy(s.root.b, checkpoint_empty_root, HASH_LEN);
	}
	ret = seen_write(buf_cstr(&path), &s, err);
out:
	io_close(fd);
	arena_free(a);
	buf_free(&path);
	return ret;
}

struct judged {
	struct addcheckpoint ask;
	struct note note;
	struct checkpoint c;
	struct hash root;
	struct seen seen;
};

static enum witness_answer refuse(
	struct witness_reply *out, enum witness_answer answer, const char *why)
{
	snprintf(out->why, sizeof(out->why), "%s", why);
	return answer;
}

/* Everything but whether it is known and what is known of it. */
static enum witness_answer read_request(struct span body, struct arena *a,
	struct judged *j, struct witness_reply *out)
{
	struct err err = ERR_INIT;

	if (addcheckpoint_parse(body, &j->ask, &err) ||
		note_parse(j->ask.checkpoint, a, &j->note, &err) ||
		checkpoint_form(j->note.text, &j->c, &err))
		return refuse(out, WITNESS_MALFORMED, err.text);
	memcpy(j->root.b, j->c.root, HASH_LEN);
	if (j->ask.old > j->c.size)
		return refuse(out, WITNESS_MALFORMED,
			"the old size is above the checkpoint's");
	return WITNESS_COSIGNED;
}

static enum witness_answer judge(
	const struct judged *j, struct witness_reply *out)
{
	const struct seen *s = &j->seen;

	if (!span_is(j->c.origin, s->key.name) ||
		key_check(&s->key, &j->note) != NOTE_GOOD)
		return refuse(
			out, WITNESS_UNSIGNED, "not signed by the log's key");
	out->size = s->size;
	if (j->ask.old != s->size)
		return refuse(out, WITNESS_BEHIND,
			"the old size is not the one signed last");
	if (j->c.size == s->size) {
		if (j->ask.growth.n || !hash_eq(&j->root, &s->root))
			return refuse(out, WITNESS_FORKED,
				"another root than was signed of this size");
		return WITNESS_COSIGNED;
	}
	/* Everything continues the empty tree, without a proof. */
	if (!s->size ? j->ask.growth.n
		     : tree_check_growth(s->size, &s->root, j->c.size, &j->root,
			       &j->ask.growth) != PROOF_GOOD)
		return refuse(out, WITNESS_FORKED,
			"it does not continue what was signed last");
	return WITNESS_COSIGNED;
}

/*
 * Two roots of one size, both under the log's signature: that is the proof of a
 * fork, to be shown to anybody. What was signed before is in public/.
 */
static int keep_fork(const char *dir, const struct judged *j, struct err *err)
{
	struct buf below = PATH_BUF_INIT, path = PATH_BUF_INIT;
	struct buf public = PATH_BUF_INIT, was = BUF_INIT(CHECKPOINT_MAX);
	struct buf text = BUF_INIT(2 * CHECKPOINT_MAX + 16);
	char name[WITNESS_NAME_LEN + 1];
	int ret = 0;

	/* An empty log with a root of something contradicts itself. */
	if (!j->seen.size || j->c.size != j->seen.size ||
		hash_eq(&j->root, &j->seen.root))
		goto out;
	witness_name(j->c.origin, name);
	/* One of a size is proof enough, and bounds what a log can have us
	 * keep. */
	buf_fmt(&below, WITNESS_FORKS "/%s", name);
	store_path(&path, dir, buf_cstr(&below));
	if (io_exists(buf_cstr(&path)))
		goto out;
	named(&public, dir, WITNESS_PUBLIC, j->c.origin);
	buf_str(&public, "/checkpoint");
	ret = io_read_file(buf_cstr(&public), &was, err);
	if (ret)
		goto out;
	buf_span(&text, buf_all(&was));
	buf_byte(&text, '\n');
	buf_span(&text, j->ask.checkpoint);
	ret = buf_check(&text, "fork", err);
	if (!ret)
		ret = io_replace(buf_cstr(&path), buf_all(&text), 0644, err);
out:
	buf_free(&below);
	buf_free(&path);
	buf_free(&public);
	buf_free(&was);
	buf_free(&text);
	return ret;
}

/* Only the log's own signature and ours: the others are not checked here. */
static int publish(const char *dir, const struct judged *j,
	const struct buf *line, struct err *err)
{
	struct buf path = PATH_BUF_INIT, note = BUF_INIT(CHECKPOINT_MAX);
	int ret = -1;
	size_t i;

	named(&path, dir, WITNESS_PUBLIC, j->c.origin);
	if (io_mkdirs(buf_cstr(&path), 0755, err))
		goto out;
	buf_str(&path, "/checkpoint");
	buf_span(&note, j->note.text);
	note_split(&note);
	for (i = 0; i < j->note.nsigs; i++) {
		const struct note_sig *s = &j->note.sigs[i];

		if (span_is(s->name, j->seen.key.name) &&
			!memcmp(s->id, j->seen.key.id, NOTE_ID_LEN))
			note_add_sig(&note, s->name, s->id, s->bytes);
	}
	buf_span(&note, buf_all(line));
	if (buf_check(&note, "checkpoint", err))
		goto out;
	ret = io_replace(buf_cstr(&path), buf_all(&note), 0644, err);
out:
	buf_free(&note);
	buf_free(&path);
	return ret;
}

static int sign(const char *dir, const char *state, struct judged *j,
	uint64_t now, struct witness_reply *out, struct err *err)
{
	struct buf path = PATH_BUF_INIT;
	struct note_key secret = {0};
	int ret = -1;

	j->seen.size = j->c.size;
	j->seen.root = j->root;
	/* First what binds us, then the signature. */
	if (key_secret_read(store_path(&path, dir, WITNESS_KEY), NOTE_COSIGN,
		    &secret, err) ||
		seen_write(state, &j->seen, err) ||
		cosign_line(&secret, now, j->note.text, &out->line, err) ||
		publish(dir, j, &out->line, err))
		goto out;
	ret = 0;
out:
	key_wipe(&secret);
	buf_free(&path);
	return ret;
}

int witness_add(const char *dir, struct span body, uint64_t now,
	struct witness_reply *out, struct err *err)
{
	struct arena *a = arena_new(ARENA_MAX);
	struct buf path = PATH_BUF_INIT;
	struct judged j = {0};
	enum witness_answer answer;
	int fd = -1, ret = -1;
	bool known;

	out->answer = WITNESS_BROKEN;
	out->size = 0;
	out->why[0] = '\0';
	answer = read_request(body, a, &j, out);
	if (answer != WITNESS_COSIGNED)
		goto done;
	named(&path, dir, WITNESS_LOGS, j.c.origin);
	if (lock(dir, &fd, err) ||
		seen_read(buf_cstr(&path), &j.seen, &known, err))
		goto out;
	answer = known ? judge(&j, out)
		       : refuse(out, WITNESS_UNKNOWN,
				 "a log that is not witnessed here");
	if (answer == WITNESS_FORKED && keep_fork(dir, &j, err))
		goto out;
	if (answer == WITNESS_COSIGNED &&
		sign(dir, buf_cstr(&path), &j, now, out, err))
		goto out;
done:
	out->answer = answer;
	ret = 0;
out:
	io_close(fd);
	buf_free(&path);
	arena_free(a);
	return ret;
}
