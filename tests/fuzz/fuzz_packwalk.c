/* A pack and its index, walked: four bytes give the length of the index, which
 * comes first. Objects are told once each, copies are what they say. */
#include <fcntl.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scan/packwalk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static char folder[] = "/tmp/sluice-fuzz-XXXXXX";
static char pack_path[64], index_path[64];

static void clean(void)
{
	unlink(pack_path);
	unlink(index_path);
	rmdir(folder);
}

static void start(void)
{
	if (pack_path[0])
		return;
	if (!mkdtemp(folder))
		abort();
	snprintf(pack_path, sizeof(pack_path), "%s/p.pack", folder);
	snprintf(index_path, sizeof(index_path), "%s/p.idx", folder);
	atexit(clean);
}

static void put(const char *path, const uint8_t *p, size_t n)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (fd < 0 || (n && write(fd, p, n) != (ssize_t)n))
		abort();
	close(fd);
}

static atomic_uint told, marks;

static int on_object(void *ctx, unsigned worker,
	const struct packwalk_object *o, struct err *err)
{
	size_t i;

	(void)ctx;
	(void)worker;
	(void)err;
	told++;
	if (!o->bytes && !o->why)
		abort();
	for (i = 0; o->has_base && i < o->ncopy; i++)
		if (memcmp(o->bytes + o->copy[i].at,
			    o->base.p + o->copy[i].from, o->copy[i].n) != 0)
			abort();
	if (o->mark) {
		*o->mark = 1;
		marks++;
	}
	return 0;
}

static void drop(void *ctx, unsigned worker, uint64_t mark)
{
	(void)ctx;
	(void)worker;
	if (mark != 1)
		abort();
	marks--;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const struct packwalk w = {.workers = 2,
		.max = 1u << 20,
		.object = on_object,
		.drop = drop};
	struct err err = ERR_INIT;
	struct packmap map;
	size_t index;

	if (n < 4)
		return 0;
	index = (size_t)data[0] << 24 | (size_t)data[1] << 16 |
		(size_t)data[2] << 8 | data[3];
	if (index > n - 4)
		index = n - 4;
	start();
	put(index_path, data + 4, index);
	put(pack_path, data + 4 + index, n - 4 - index);
	if (packmap_open(pack_path, &map, &err))
		return err.text[0] ? 0 : (abort(), 1);
	told = 0;
	if (packwalk_run(&w, &map, &err) || told != map.n || marks)
		abort();
	packmap_close(&map);
	return 0;
}
