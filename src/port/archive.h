/*
 * Archives, through libarchive: of zip, tar, 7z, cpio and ar one member after
 * the other, of gzip, bzip2, xz and zstd what they hold. Only sluice-unpack
 * uses it, after giving up its rights. The locale must be UTF-8 (LC_CTYPE).
 */
#ifndef PORT_ARCHIVE_H
#define PORT_ARCHIVE_H

#include "base/buf.h"

struct unarchive;

enum unarchive_step {
	UNARCHIVE_BROKEN,
	UNARCHIVE_OK,
	UNARCHIVE_END,     /* no more members */
	UNARCHIVE_UNKNOWN, /* not an archive */
	UNARCHIVE_ENCRYPTED,
	UNARCHIVE_FULL, /* more bytes than asked for */
	UNARCHIVE_MEMORY,
};

/* unarchive_new(bytes): ${bytes} must stay. Dies without memory. */
struct unarchive *unarchive_new(struct span bytes);
void unarchive_free(struct unarchive *u); /* NULL is fine */

struct unarchive_member {
	struct span name; /* until the next call; empty for what a compressed
			   * file holds, which has no name of its own */
	bool regular;     /* no folder, no link, no device */
	bool seeks; /* what is not read of it costs nothing: the archive says
		     * where the next one is */
};

/* unarchive_next(u, out): UNARCHIVE_OK, _END, or why not; after _BROKEN there
 * may be more when *${on} says so. */
enum unarchive_step unarchive_next(
	struct unarchive *u, struct unarchive_member *out, bool *on);

/* unarchive_read(u, out): the bytes of the member at hand, to the end of
 * ${out}; UNARCHIVE_FULL when they pass its maximum. What came before something
 * went wrong is there. */
enum unarchive_step unarchive_read(struct unarchive *u, struct buf *out);

#endif
