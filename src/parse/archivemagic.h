/*
 * Whether bytes are an archive or a compressed file that sluice-unpack opens,
 * told by its first bytes (and a zip's last ones): zip and what is made of it
 * (jar, docx, apk …), tar, 7z, cpio, ar, gzip, bzip2, xz, zstd.
 */
#ifndef PARSE_ARCHIVEMAGIC_H
#define PARSE_ARCHIVEMAGIC_H

#include "base/span.h"

enum archive_magic {
	ARCHIVE_NONE,
	ARCHIVE_MAYBE, /* other files may begin like this: one that does not
			* open is none */
	ARCHIVE_SURE,  /* one that does not open is broken */
};

/* archive_magic(bytes): in constant time. */
enum archive_magic archive_magic(struct span bytes);

/* archive_zip_ends(bytes): whether a zip's end is there, with or without a
 * comment: one that was cut short can be read up to there otherwise. */
bool archive_zip_ends(struct span bytes);

/* archive_strip(path): the path of what a compressed file holds: without .gz,
 * .bz2, .xz or .zst; as it is without one of them. */
struct span archive_strip(struct span path);

#endif
