#include "scan/fingerprint.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/text.h"
#include "port/crypto.h"
#include "port/sodium.h"

void fingerprint_of(const unsigned char key[FINGERPRINT_KEY],
	struct span secret, char out[FINGERPRINT_HEX + 1])
{
	unsigned char hash[SHA256_LEN];
	struct buf hex = BUF_INIT(FINGERPRINT_HEX);

	hmac_sha256(span_of(key, FINGERPRINT_KEY), secret, hash);
	text_hex(&hex, span_of(hash, FINGERPRINT_HEX / 2));
	memcpy(out, hex.p, FINGERPRINT_HEX);
	out[FINGERPRINT_HEX] = 0;
	buf_free(&hex);
}

static int read_key(const char *path, unsigned char *key, struct err *err)
{
	struct buf bytes = BUF_INIT(FINGERPRINT_KEY + 1);
	struct stat st;
	int fd, r = -1;

	fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return err_sys(err, "cannot open '%s'", path);
	if (fstat(fd, &st)) {
		err_sys(err, "cannot look at '%s'", path);
		goto out;
	}
	if (!S_ISREG(st.st_mode) || st.st_mode & 077 ||
		(st.st_uid != geteuid() && st.st_uid)) {
		err_set(err, ERR_INPUT,
			"'%s' must be a file that its owner alone may read",
			path);
		goto out;
	}
	if (io_read(fd, &bytes, err)) {
		err_in(err, "%s", path);
		goto out;
	}
	if (bytes.n != FINGERPRINT_KEY) {
		err_set(err, ERR_INPUT, "'%s' is not %d bytes long", path,
			FINGERPRINT_KEY);
		goto out;
	}
	memcpy(key, bytes.p, FINGERPRINT_KEY);
	r = 0;
out:
	buf_wipe(&bytes);
	io_close(fd);
	return r;
}

/* Two pushes may come at once: link() lets exactly one key win. */
static int make_key(const char *path, struct err *err)
{
	unsigned char key[FINGERPRINT_KEY];
	struct buf aside = PATH_BUF_INIT;
	int r = -1;

	buf_fmt(&aside, "%s.%ld", path, (long)getpid());
	random_bytes(key, sizeof(key));
	if (io_replace(buf_cstr(&aside), span_of(key, sizeof(key)), 0600, err))
		goto out;
	if (link(buf_cstr(&aside), path) && errno != EEXIST) {
		err_sys(err, "cannot make '%s'", path);
		goto out;
	}
	r = 0;
out:
	unlink(buf_cstr(&aside));
	explicit_bzero(key, sizeof(key));
	buf_free(&aside);
	return r;
}

int fingerprint_key(const char *state, bool make,
	unsigned char key[FINGERPRINT_KEY], struct err *err)
{
	struct buf path = PATH_BUF_INIT;
	int r = -1;

	memset(key, 0, FINGERPRINT_KEY);
	io_join(&path, state, "fingerprint.key");
	if (make && !io_exists(buf_cstr(&path)) &&
		make_key(buf_cstr(&path), err))
		goto out;
	r = read_key(buf_cstr(&path), key, err);
out:
	buf_free(&path);
	return r;
}
