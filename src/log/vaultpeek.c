#include "log/vaultpeek.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/io.h"
#include "log/store.h"
#include "port/crypto.h"

int vaultpeek_open(const char *state)
{
	struct buf path = PATH_BUF_INIT;
	int dir = open(store_path(&path, state, STORE_VAULT),
		O_PATH | O_DIRECTORY | O_CLOEXEC);

	buf_free(&path);
	return dir;
}

/* What kind of file it is and whether it was read to its end, the digest tells
 * as well as two more calls. */
bool vaultpeek_get(
	int dir, struct span sha256, unsigned char *room, struct span *out)
{
	char path[3 + SHA256_HEX + 1], sum[SHA256_HEX + 1];
	ssize_t n;
	int fd;

	if (sha256.n != SHA256_HEX)
		return false;
	memcpy(path, sha256.p, 2);
	path[2] = '/';
	memcpy(path + 3, sha256.p, SHA256_HEX);
	path[3 + SHA256_HEX] = '\0';
	fd = openat(dir, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return false;
	n = read(fd, room, VAULTPEEK_MAX);
	io_close(fd);
	if (n < 0)
		return false;
	*out = span_of(room, (size_t)n);
	return span_is(sha256, sha256_hex(*out, sum));
}
