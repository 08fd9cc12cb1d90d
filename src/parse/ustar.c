#include "parse/ustar.h"

#include <stdio.h>

/* POSIX.1, pax, "ustar Interchange Format". */
#define MODE_AT 100
#define UID_AT 108
#define GID_AT 116
#define SIZE_AT 124
#define TIME_AT 136
#define SUM_AT 148
#define TYPE_AT 156
#define MAGIC_AT 257
#define DIGITS_MAX (((uint64_t)1 << 33) - 1) /* eleven octal ones */

bool ustar_head(const struct ustar_member *m, struct buf *out)
{
	char head[USTAR_BLOCK] = {0};
	size_t n = strlen(m->name), i;
	unsigned sum = 0;

	if (!n || n > USTAR_NAME_MAX || m->mode > 07777 ||
		m->size > DIGITS_MAX || m->time < 0 ||
		(uint64_t)m->time > DIGITS_MAX)
		return false;
	memcpy(head, m->name, n);
	snprintf(head + MODE_AT, 8, "%07o", m->mode);
	memcpy(head + UID_AT, "0000000", 8);
	memcpy(head + GID_AT, "0000000", 8);
	snprintf(head + SIZE_AT, 12, "%011llo", (unsigned long long)m->size);
	snprintf(head + TIME_AT, 12, "%011llo", (unsigned long long)m->time);
	head[TYPE_AT] = m->name[n - 1] == '/' ? '5' : '0';
	memcpy(head + MAGIC_AT, "ustar\00000", 8);
	/* Of the block with spaces where the sum will be. */
	memset(head + SUM_AT, ' ', 8);
	for (i = 0; i < sizeof(head); i++)
		sum += (unsigned char)head[i];
	snprintf(head + SUM_AT, 7, "%06o", sum);
	buf_add(out, head, sizeof(head));
	return true;
}

size_t ustar_pad(uint64_t size)
{
	return (size_t)((USTAR_BLOCK - size % USTAR_BLOCK) % USTAR_BLOCK);
}
