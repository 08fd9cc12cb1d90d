#include "log/store.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "log/highwater.h"
#include "log/key.h"

#define KEY_TEXT_MAX 1024u

const char *store_path(struct buf *out, const char *state, const char *name)
{
	io_join(out, state, name);
	return buf_cstr(out);
}

const char *store_vault_path(
	struct buf *out, const char *state, const char *sha256)
{
	buf_reset(out);
	buf_fmt(out, "%s/" STORE_VAULT "/%.2s/%s", state, sha256, sha256);
	return buf_cstr(out);
}

/* Nothing that another log needs may be written over. */
static int check_new(const char *state, struct err *err)
{
	static const char *const marks[] = {STORE_KEY, STORE_LOG "/tile", NULL};
	struct buf path = PATH_BUF_INIT;
	size_t i;
	int ret = 0;

	for (i = 0; marks[i] && !ret; i++) {
		if (!io_exists(store_path(&path, state, marks[i])))
			continue;
		err_set(err, ERR_LOG, "'%s' holds a log already", state);
		ret = err_hint(err,
			i ? "its key '" STORE_KEY
			    "' is gone; restore it, or choose "
			    "another folder with --state"
			  : "'sluice log key' shows its key; "
			    "choose another folder with --state");
	}
	buf_free(&path);
	return ret;
}

/* Those of the vault, so that no push has to make one and sync it. */
static int make_shelves(const char *state, struct err *err)
{
	struct buf path = PATH_BUF_INIT;
	int ret = 0;
	unsigned i;

	for (i = 0; i < 256 && !ret; i++) {
		buf_reset(&path);
		buf_fmt(&path, "%s/" STORE_VAULT "/%02x", state, i);
		if (mkdir(buf_cstr(&path), 0700) && errno != EEXIST)
			ret = err_sys(err, "cannot make folder '%s'",
				buf_cstr(&path));
	}
	if (!ret)
		ret = io_sync_dir(store_path(&path, state, STORE_VAULT), err);
	buf_free(&path);
	return ret;
}

static int make_folders(const char *state, struct err *err)
{
	static const struct {
		const char *name;
		mode_t mode;
	} dirs[] = {
		{STORE_LOG, 0755},
		{STORE_LISTS, 0755},
		{STORE_VAULT, 0700},
		{STORE_CACHE, 0700},
	};
	struct buf path = PATH_BUF_INIT;
	size_t i;
	int ret = io_mkdirs(state, 0755, err);

	for (i = 0; i < ARRAY_LEN(dirs) && !ret; i++)
		ret = io_mkdirs(store_path(&path, state, dirs[i].name),
			dirs[i].mode, err);
	buf_free(&path);
	return ret ? ret : make_shelves(state, err);
}

static int write_checkpoint(
	const char *path, const struct note_key *key, struct err *err)
{
	struct buf text = BUF_INIT(CHECKPOINT_MAX);
	struct buf note = BUF_INIT(CHECKPOINT_MAX);
	struct checkpoint c = {.origin = span_str(key->name), .size = 0};
	int ret;

	memcpy(c.root, checkpoint_empty_root, HASH_LEN);
	checkpoint_text(&c, &text);
	ret = key_sign(key, buf_all(&text), &note, err);
	if (!ret)
		ret = io_replace(path, buf_all(&note), 0644, err);
	buf_free(&note);
	buf_free(&text);
	return ret;
}

int store_create(const char *state, struct span origin, struct buf *vkey,
	struct err *err)
{
	struct buf path = PATH_BUF_INIT;
	struct note_key key = {0};
	int lock = -1, ret = -1;

	if (!checkpoint_origin_ok(origin)) {
		err_set(err, ERR_USAGE, "not a name for a log");
		err_hint(err,
			"--origin takes what names it to the world, like "
			"git.example.org/sluice: printable ASCII without "
			"spaces and '+'");
		goto out;
	}
	if (check_new(state, err) || make_folders(state, err) ||
		store_lock(state, &lock, err) || check_new(state, err))
		goto out;
	/* The key last: what was begun without it is begun anew. */
	if (key_new(origin, NOTE_ED25519, &key, err) ||
		highwater_create(
			store_path(&path, state, STORE_HIGHWATER), err) ||
		key_public_write(store_path(&path, state, STORE_VKEY), &key,
			vkey, err) ||
		write_checkpoint(store_path(&path, state, STORE_CHECKPOINT),
			&key, err) ||
		key_secret_write(
			store_path(&path, state, STORE_KEY), &key, err))
		goto out;
	ret = 0;
out:
	key_wipe(&key);
	io_close(lock);
	buf_free(&path);
	return ret;
}

bool store_elsewhere(const char *state)
{
	struct buf path = PATH_BUF_INIT;
	bool there = io_exists(store_path(&path, state, STORE_SOCKET));

	buf_free(&path);
	return there;
}

int store_vkey(const char *state, struct buf *out, struct err *err)
{
	struct buf path = PATH_BUF_INIT;
	int ret =
		key_public_text(store_path(&path, state, STORE_VKEY), out, err);

	if (ret && err->sys == ENOENT)
		err_hint(err, "'sluice init' makes a log");
	buf_free(&path);
	return ret;
}

static int lock_open(const char *state, int *fd, struct err *err)
{
	struct buf path = PATH_BUF_INIT;
	int ret = 0;

	*fd = open(store_path(&path, state, STORE_LOCK),
		O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (*fd < 0)
		ret = err_sys(err, "cannot open '%s'", buf_cstr(&path));
	buf_free(&path);
	return ret;
}

/* Waits, or with LOCK_NB says in *${got} whether it came to nothing. */
static int lock_take(
	const char *state, int *fd, int how, bool *got, struct err *err)
{
	struct buf path = PATH_BUF_INIT;

	*got = true;
	while (flock(*fd, LOCK_EX | how)) {
		if (errno == EINTR)
			continue;
		*got = false;
		if ((how & LOCK_NB) && errno == EWOULDBLOCK)
			return 0;
		err_sys(err, "cannot lock '%s'",
			store_path(&path, state, STORE_LOCK));
		buf_free(&path);
		io_close(*fd);
		*fd = -1;
		return -1;
	}
	return 0;
}

int store_lock(const char *state, int *fd, struct err *err)
{
	return lock_open(state, fd, err) ? -1 : store_lock_wait(state, fd, err);
}

int store_lock_now(const char *state, int *fd, bool *got, struct err *err)
{
	return lock_open(state, fd, err)
		? -1
		: lock_take(state, fd, LOCK_NB, got, err);
}

int store_lock_wait(const char *state, int *fd, struct err *err)
{
	bool got;

	return lock_take(state, fd, 0, &got, err);
}
