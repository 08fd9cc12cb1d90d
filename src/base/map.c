#include "base/map.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/io.h"

int map_open(const char *path, struct map *out, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), ret = -1;
	struct stat st;
	void *p;

	out->all = SPAN_EMPTY;
	if (fd < 0)
		return err_sys(err, "cannot open '%s'", path);
	if (fstat(fd, &st)) {
		err_sys(err, "cannot read '%s'", path);
		goto out;
	}
	if (!S_ISREG(st.st_mode)) {
		err_set(err, ERR_INPUT, "'%s' is no regular file", path);
		goto out;
	}
	if (!st.st_size) {
		ret = 0;
		goto out;
	}
	p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED) {
		err_sys(err, "cannot map '%s'", path);
		goto out;
	}
	out->all = span_of(p, (size_t)st.st_size);
	ret = 0;
out:
	io_close(fd);
	return ret;
}

/* The address of a mapping is only const to those who read it. */
static void *address(const struct map *m)
{
	void *p;

	memcpy(&p, &m->all.p, sizeof(p));
	return p;
}

void map_forget(const struct map *m)
{
	if (m->all.n)
		madvise(address(m), m->all.n, MADV_DONTNEED);
}

void map_close(struct map *m)
{
	if (m->all.n)
		munmap(address(m), m->all.n);
	m->all = SPAN_EMPTY;
}
