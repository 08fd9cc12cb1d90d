/* A tar made by hand: the one archive that is easy to write. */
#ifndef SUPPORT_TARBALL_H
#define SUPPORT_TARBALL_H

#include <stdio.h>
#include <string.h>

#include "base/buf.h"

/* tar_add(out, name, bytes): a member; its name has at most 99 bytes. */
static inline void tar_add(struct buf *out, const char *name, struct span bytes)
{
	static const unsigned char zeros[512];
	unsigned char head[512] = {0};
	unsigned sum = 0;
	size_t k;

	snprintf((char *)head, 100, "%s", name);
	memcpy(head + 100, "0000644", 7);
	snprintf((char *)head + 124, 12, "%011zo", bytes.n);
	head[156] = '0';
	memcpy(head + 257, "ustar\00000", 8);
	memset(head + 148, ' ', 8);
	for (k = 0; k < sizeof(head); k++)
		sum += head[k];
	snprintf((char *)head + 148, 8, "%06o", sum);
	buf_add(out, head, sizeof(head));
	buf_span(out, bytes);
	if (bytes.n % 512)
		buf_add(out, zeros, 512 - bytes.n % 512);
}

static inline void tar_end(struct buf *out)
{
	static const unsigned char zeros[1024];

	buf_add(out, zeros, sizeof(zeros));
}

#endif
