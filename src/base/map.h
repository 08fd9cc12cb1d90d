/* Files as memory, read only. */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include "base/err.h"
#include "base/span.h"

struct map {
	struct span all;
};
#define MAP_INIT                \
	{                       \
		{               \
			NULL, 0 \
		}               \
	}

/*
 * map_open(path, out, err):
 * The whole of a regular file. Who else may shorten it while it is mapped can
 * end this program: for files that are never changed once they have their name,
 * as Git's packs are.
 */
MUST_USE int map_open(const char *path, struct map *out, struct err *err);

/* map_forget(m): what was read of it need not stay in memory; it is read again
 * when it is looked at again. */
void map_forget(const struct map *m);

void map_close(struct map *m); /* fine when it is not open */

#endif
