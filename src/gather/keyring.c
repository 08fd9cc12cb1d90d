#include "gather/keyring.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/text.h"
#include "port/pubkey.h"
#include "port/trustfile.h"

/* Part of the name: another layout or gpg.conf is another folder, and so is
 * another account, which could not use this one's. */
#define LAYOUT "sluice keyring 2\n"

#define TABLE "signers" /* in the folder; gpg has no file of that name */

/* The name of a set of keys. */
static void set_name(
	const struct keybook *book, unsigned char out[KEYTABLE_HASH])
{
	unsigned char digest[PUBKEY_HASH_MAX];
	struct buf all =
		BUF_INIT(sizeof(LAYOUT) + book->nbinary * PUBKEY_HASH_MAX);
	struct span whole;
	size_t i, n;

	/* Hashes of hashes, or two sets could read the same in a row. */
	buf_fmt(&all, "%s%lu\n", LAYOUT, (unsigned long)geteuid());
	for (i = 0; i < book->nbinary; i++) {
		n = pubkey_digest(PUBKEY_SHA256, &book->binary[i], 1, digest);
		buf_add(&all, digest, n);
	}
	whole = buf_all(&all);
	pubkey_digest(PUBKEY_SHA256, &whole, 1, digest);
	memcpy(out, digest, KEYTABLE_HASH);
	buf_free(&all);
}

/* Else a crash could leave a folder of the right name without its keys, and
 * every signature would be a stranger's from then on. */
static int folder_sync(const char *path, struct err *err)
{
	struct buf name = PATH_BUF_INIT;
	DIR *d = opendir(path);
	struct dirent *e;
	int fd, ret = -1;

	if (!d) {
		err_sys(err, "cannot read '%s'", path);
		goto out;
	}
	while ((e = readdir(d))) {
		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		io_join(&name, path, e->d_name);
		fd = open(buf_cstr(&name), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
		if (fd < 0 || fsync(fd)) {
			err_sys(err, "cannot sync '%s'", buf_cstr(&name));
			io_close(fd);
			goto out;
		}
		io_close(fd);
	}
	ret = io_sync_dir(path, err);
out:
	if (d)
		closedir(d);
	buf_free(&name);
	return ret;
}

/* One level is all GnuPG makes without secret keys. Best effort: what is left
 * behind holds public keys only. */
static void folder_remove(const char *path)
{
	struct buf name = PATH_BUF_INIT;
	DIR *d = opendir(path);
	struct dirent *e;

	while (d && (e = readdir(d))) {
		io_join(&name, path, e->d_name);
		if (strcmp(e->d_name, ".") && strcmp(e->d_name, ".."))
			unlink(buf_cstr(&name));
	}
	if (d)
		closedir(d);
	rmdir(path);
	buf_free(&name);
}

/* Ours alone, or somebody else chooses whom to trust. */
static bool folder_is_ours(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISDIR(st.st_mode) &&
		st.st_uid == geteuid() && (st.st_mode & 077) == 0;
}

struct taken {
	const struct keybook *book;
	bool *took; /* [book->npgp] */
};

static void key_taken(void *ctx, const char *fingerprint)
{
	struct taken *t = ctx;
	unsigned char raw[PGP_FPR];
	struct keybook_entry *e;
	char low[2 * PGP_FPR + 1];
	size_t i;

	for (i = 0; i < 2 * PGP_FPR && fingerprint[i]; i++)
		low[i] = (char)text_lower((unsigned char)fingerprint[i]);
	if (!text_hex_read(span_of(low, i), raw, sizeof(raw)))
		return;
	e = keybook_find(t->book->pgp, t->book->npgp, span_of(raw, PGP_FPR));
	if (e)
		t->took[e - t->book->pgp] = true;
}

static int keys_import(
	const struct keybook *book, struct openpgp *gpg, struct err *err)
{
	struct taken t = {.book = book};
	struct buf all = BUF_INIT(0);
	int ret = -1;
	size_t i;

	t.took = calloc(book->npgp + 1, sizeof(*t.took));
	if (!t.took)
		die("out of memory");
	for (i = 0; i < book->nbinary; i++)
		all.max += book->binary[i].n;
	for (i = 0; i < book->nbinary; i++)
		buf_span(&all, book->binary[i]);
	if (openpgp_import(gpg, buf_all(&all), key_taken, &t, err))
		goto out;
	for (i = 0; i < book->npgp; i++) {
		if (!book->pgp[i].primary || t.took[i])
			continue;
		err_set(err, ERR_POLICY,
			"key '%s' of '%s': gnupg does not take it",
			book->pgp[i].file, book->pgp[i].who->name);
		err_hint(err, "see what 'gpg --show-keys %s' says",
			book->pgp[i].file);
		goto out;
	}
	ret = 0;
out:
	buf_free(&all);
	free(t.took);
	return ret;
}

/* What making and using a keyring share. */
struct ring_job {
	const struct keybook *book;
	struct arena *arena;
	unsigned char set[KEYTABLE_HASH];
	struct keyring *out;
};

/* The table of the keyring in ${home}; with ${import} the keys first. */
static int table_make(const struct ring_job *j, const char *home, bool import,
	struct err *err)
{
	struct openpgp *gpg = NULL;
	struct keytable *t = &j->out->table;
	int ret = -1;

	if (openpgp_open(home, &gpg, err))
		goto out;
	if (import && keys_import(j->book, gpg, err))
		goto out;
	if (vouch_make(j->book, gpg, clock_now(), j->arena, t, err))
		goto out;
	memcpy(t->keys, j->set, sizeof(t->keys));
	ret = 0;
out:
	openpgp_close(gpg);
	return ret;
}

static int table_save(
	const struct keytable *t, const char *home, struct err *err)
{
	struct buf text = BUF_INIT(KEYTABLE_BYTES_MAX), path = PATH_BUF_INIT;
	unsigned char sum[PUBKEY_HASH_MAX];
	struct span summed;
	int ret = -1;

	keytable_write(t, &text);
	summed = buf_all(&text);
	pubkey_digest(PUBKEY_SHA256, &summed, 1, sum);
	keytable_sum(&text, sum);
	io_join(&path, home, TABLE);
	if (buf_check(&text, "the table of signers", err) ||
		buf_check(&path, "the path of the keyring", err))
		goto out;
	ret = io_replace(buf_cstr(&path), buf_all(&text), 0600, err);
out:
	buf_free(&path);
	buf_free(&text);
	return ret;
}

static bool table_parse(const struct ring_job *j, struct span text)
{
	struct keytable *t = &j->out->table;
	unsigned char sum[KEYTABLE_HASH], got[PUBKEY_HASH_MAX];
	struct err own = ERR_INIT;
	struct span summed;

	if (keytable_read(text, j->arena, t, &summed, sum, &own))
		return false;
	pubkey_digest(PUBKEY_SHA256, &summed, 1, got);
	if (memcmp(got, sum, sizeof(sum)) == 0 &&
		memcmp(t->keys, j->set, sizeof(j->set)) == 0)
		return true;
	memset(t, 0, sizeof(*t));
	return false;
}

/*
 * The table that was kept, or a new one where that is not as it was written.
 * One that somebody else could have written is not believed, nor is there use
 * in putting another in its place: GnuPG is asked about each signature then.
 */
static int table_load(
	const struct ring_job *j, const char *home, struct err *err)
{
	struct buf path = PATH_BUF_INIT, text = BUF_INIT(KEYTABLE_BYTES_MAX);
	struct err own = ERR_INIT;
	int ret = -1;

	io_join(&path, home, TABLE);
	if (buf_check(&path, "the path of the keyring", err))
		goto out;
	if (trustfile_read(buf_cstr(&path), &text, &own)) {
		if (own.code == ERR_POLICY) {
			ret = 0;
			goto out;
		}
	} else if (table_parse(j, buf_all(&text))) {
		ret = 0;
		goto out;
	}
	if (table_make(j, home, false, err))
		goto out;
	/* Where the state cannot be written this one serves the run. */
	if (table_save(&j->out->table, home, &own))
		err_clear(&own);
	ret = 0;
out:
	buf_free(&text);
	buf_free(&path);
	return ret;
}

/* <state>/cache/openpgp-<digest>; *${usable} false when the state cannot be
 * written and another place will do. */
static int cached(const struct ring_job *j, const char *state, struct buf *home,
	bool *usable, struct err *err)
{
	struct buf cache = PATH_BUF_INIT, name = BUF_INIT(128);
	struct buf aside = PATH_BUF_INIT;
	struct err own = ERR_INIT;
	int ret = -1;

	*usable = false;
	io_join(&cache, state, "cache");
	buf_str(&name, "openpgp-");
	text_hex(&name, span_of(j->set, sizeof(j->set)));
	io_join(home, buf_cstr(&cache), buf_cstr(&name));
	if (io_exists(buf_cstr(home))) {
		*usable = folder_is_ours(buf_cstr(home));
		ret = *usable ? table_load(j, buf_cstr(home), err) : 0;
		goto out;
	}
	buf_fmt(&aside, "%s/.%s.tmp-%ld", buf_cstr(&cache), buf_cstr(&name),
		(long)getpid());
	if (buf_check(home, "the path of the keyring", &own) ||
		buf_check(&aside, "the path of the keyring", &own) ||
		io_mkdirs(buf_cstr(&cache), 0700, &own) ||
		openpgp_home(buf_cstr(&aside), &own)) {
		ret = 0;
		goto out;
	}
	if (table_make(j, buf_cstr(&aside), true, err) ||
		table_save(&j->out->table, buf_cstr(&aside), err) ||
		folder_sync(buf_cstr(&aside), err))
		goto out;
	/* It fails where another push was first; then that one's is as good. */
	if (rename(buf_cstr(&aside), buf_cstr(home)) == 0 ||
		folder_is_ours(buf_cstr(home)))
		*usable = true;
	ret = 0;
out:
	if (aside.n)
		folder_remove(buf_cstr(&aside));
	buf_free(&aside);
	buf_free(&name);
	buf_free(&cache);
	return ret;
}

static int temporary(
	const struct ring_job *j, struct buf *home, struct err *err)
{
	const char *tmp = getenv("TMPDIR");
	char *dir = NULL;

	if (asprintf(&dir, "%s/sluice-XXXXXX", tmp && *tmp ? tmp : "/tmp") < 0)
		die("out of memory");
	if (!mkdtemp(dir)) {
		err_sys(err, "cannot make a keyring under '%s'", dir);
		free(dir);
		return -1;
	}
	j->out->temporary = dir;
	io_join(home, dir, "gnupg");
	if (buf_check(home, "the path of the keyring", err) ||
		openpgp_home(buf_cstr(home), err))
		return -1;
	return table_make(j, buf_cstr(home), true, err);
}

int keyring_open(const struct keybook *book, const char *state,
	struct arena *arena, struct keyring *out, struct err *err)
{
	struct ring_job j = {.book = book, .arena = arena, .out = out};
	struct buf home = PATH_BUF_INIT;
	bool usable = false;
	int ret = -1;

	memset(out, 0, sizeof(*out));
	set_name(book, j.set);
	if (state && cached(&j, state, &home, &usable, err))
		goto out;
	if (!usable && temporary(&j, &home, err))
		goto out;
	out->home = strdup(buf_cstr(&home));
	if (!out->home)
		die("out of memory");
	ret = 0;
out:
	if (ret)
		keyring_close(out);
	buf_free(&home);
	return ret;
}

int keyring_gpg(struct keyring *k, struct openpgp **out, struct err *err)
{
	*out = NULL;
	if (!k->gpg && openpgp_open(k->home, &k->gpg, err))
		return -1;
	*out = k->gpg;
	return 0;
}

void keyring_close(struct keyring *k)
{
	struct buf home = PATH_BUF_INIT;

	openpgp_close(k->gpg);
	if (k->temporary) {
		io_join(&home, k->temporary, "gnupg");
		folder_remove(buf_cstr(&home));
		folder_remove(k->temporary);
	}
	free(k->temporary);
	free(k->home);
	buf_free(&home);
	memset(k, 0, sizeof(*k));
}
