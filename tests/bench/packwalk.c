/*
 * packwalk [hash] [blobs|trees] [forgetful] [WORKERS] PACK…: walk packs and say what it took.
 * With "hash" every object's name is computed from its bytes and compared with
 * the one in the index: fails when one differs or was not given. "forgetful" keeps next
 * to nothing and makes it again.
 */
#include "support/objectname.h"

#include <sys/resource.h>

#include "base/clock.h"
#include "base/text.h"
#include "port/repo.h"
#include "scan/packwalk.h"

struct tally {
	uint64_t objects, bytes, wrong;
};

struct bench {
	bool hash;
	struct tally tally[PACKWALK_WORKERS_MAX];
};

static int on_object(void *ctx, unsigned worker,
	const struct packwalk_object *o, struct err *err)
{
	struct bench *b = ctx;
	struct tally *t = &b->tally[worker];
	struct oid id;

	(void)err;
	t->objects++;
	t->bytes += o->n;
	if (!o->bytes)
		t->wrong++;
	if (!o->bytes || !b->hash)
		return 0;
	id = object_name(o->type, span_of(o->bytes, o->n));
	t->wrong += !oid_eq(&id, o->id);
	return 0;
}

static double seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static int walk(const char *path, struct packwalk *w)
{
	struct bench *b = w->ctx;
	struct tally all = {0};
	struct packmap map;
	struct err err = ERR_INIT;
	struct rusage use;
	int64_t start = clock_us(), opened;
	unsigned i;

	memset(b->tally, 0, sizeof(b->tally));
	if (packmap_open(path, &map, &err)) {
		fprintf(stderr, "packwalk: %s\n", err.text);
		return 2;
	}
	opened = clock_us();
	if (packwalk_run(w, &map, &err)) {
		fprintf(stderr, "packwalk: %s\n", err.text);
		packmap_close(&map);
		return 2;
	}
	for (i = 0; i < PACKWALK_WORKERS_MAX; i++) {
		all.objects += b->tally[i].objects;
		all.bytes += b->tally[i].bytes;
		all.wrong += b->tally[i].wrong;
	}
	getrusage(RUSAGE_SELF, &use);
	printf("%llu objects of %u, %llu bytes, %llu wrong; open %.2f s, walk "
	       "%.2f s, cpu %.2f s, %ld MiB\n",
		(unsigned long long)all.objects, map.n,
		(unsigned long long)all.bytes, (unsigned long long)all.wrong,
		(double)(opened - start) / 1e6,
		(double)(clock_us() - opened) / 1e6,
		seconds(use.ru_utime) + seconds(use.ru_stime),
		use.ru_maxrss / 1024);
	packmap_close(&map);
	return all.wrong ? 1 : 0;
}

int main(int argc, char **argv)
{
	static struct bench b;
	struct packwalk w = {.workers = 2, .object = on_object, .ctx = &b};
	int i, ret = argc < 2 ? 64 : 0;
	uint64_t n;

	for (i = 1; i < argc; i++) {
		struct span arg = span_str(argv[i]);
		int r = 0;

		if (span_is(arg, "hash"))
			b.hash = true;
		else if (span_is(arg, "blobs"))
			w.types = 1u << OBJECT_BLOB;
		else if (span_is(arg, "trees"))
			w.types = 1u << OBJECT_TREE;
		else if (span_is(arg, "forgetful"))
			w.live = 1;
		else if (text_to_u64(arg, PACKWALK_WORKERS_MAX, &n))
			w.workers = (unsigned)n;
		else
			r = walk(argv[i], &w);
		if (r > ret)
			ret = r;
	}
	return ret;
}
