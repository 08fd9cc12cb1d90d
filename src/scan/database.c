#include "scan/database.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "port/crypto.h"

#define DATABASE_MAX ((size_t)256 << 20)

/* The file starts with its own key, so that one of our databases under the
 * name of another is not taken for it. */
static void key_of(const char *digest, char hex[SHA256_HEX + 1])
{
	struct buf name = BUF_INIT(512);

	buf_fmt(&name, "%s\n%s\n", digest, multi_engine());
	sha256_hex(buf_all(&name), hex);
	buf_free(&name);
}

static void path_of(struct buf *out, const char *cache, const char *key)
{
	struct buf name = BUF_INIT(64);

	buf_fmt(&name, "hs-%.32s.db", key);
	io_join(out, cache, buf_cstr(&name));
	buf_free(&name);
}

/* Whoever may write the file decides what is found. So it must be ours or
 * root's, and nobody else's to write; the descriptor is what is checked. */
static bool trusted(const struct stat *st)
{
	return S_ISREG(st->st_mode) && !(st->st_mode & 022) &&
		(st->st_uid == geteuid() || !st->st_uid);
}

static struct multi *decode(struct span bytes, const char *key, size_t n)
{
	const struct span head = span_of(key, SHA256_HEX);
	struct multi *m = NULL;
	struct err err = ERR_INIT;

	if (!span_starts(bytes, head) ||
		multi_load(span_from(bytes, head.n), &m, &err))
		return NULL;
	if (multi_count(m) == n)
		return m;
	multi_free(m);
	return NULL;
}

/* Any fault at all means: compile again. Mapped, since most of a push's time
 * here would be copying; the file is only ever replaced, never shortened. */
static struct multi *load(const char *path, const char *key, size_t n)
{
	struct multi *m = NULL;
	struct stat st;
	void *map;
	size_t size;
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return NULL;
	if (!fstat(fd, &st) && trusted(&st) && st.st_size > 0 &&
		(uint64_t)st.st_size <= DATABASE_MAX) {
		size = (size_t)st.st_size;
		map = mmap(NULL, size, PROT_READ, MAP_PRIVATE | MAP_POPULATE,
			fd, 0);
		if (map != MAP_FAILED) {
			m = decode(span_of(map, size), key, n);
			munmap(map, size);
		}
	}
	io_close(fd);
	return m;
}

static void store(const char *cache, const char *path, const char *key,
	const struct multi *m)
{
	struct buf bytes = BUF_INIT(DATABASE_MAX);
	struct err err = ERR_INIT;

	buf_add(&bytes, key, SHA256_HEX);
	/* A cache that cannot be written is slow, not wrong. */
	if (io_mkdirs(cache, 0755, &err) || multi_save(m, &bytes, &err) ||
		io_replace(path, buf_all(&bytes), 0644, &err))
		err_clear(&err);
	buf_free(&bytes);
}

static int build(const struct rule *const *rules, size_t n, struct multi **out,
	struct err *err)
{
	struct multi_item *items = calloc(n ? n : 1, sizeof(*items));
	size_t i;
	int r;

	if (!items)
		die("no memory for the rules");
	for (i = 0; i < n; i++)
		items[i] = (struct multi_item){rules[i]->regex,
			rules[i]->keywords.v, rules[i]->keywords.n};
	r = multi_new(items, n, out, err);
	free(items);
	return r;
}

int database_open(const struct rule *const *rules, size_t n, const char *digest,
	const char *cache, struct multi **out, struct err *err)
{
	struct buf path = PATH_BUF_INIT;
	char key[SHA256_HEX + 1];
	int r = -1;

	*out = NULL;
	key_of(digest, key);
	if (cache) {
		path_of(&path, cache, key);
		if (buf_check(&path, "the path of the rule cache", err))
			goto out;
		*out = load(buf_cstr(&path), key, n);
	}
	if (!*out) {
		if (build(rules, n, out, err))
			goto out;
		if (cache)
			store(cache, buf_cstr(&path), key, *out);
	}
	r = 0;
out:
	buf_free(&path);
	return r;
}
