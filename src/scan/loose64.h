/*
 * Base64 as it is found in files: either alphabet, with or without padding,
 * and between the digits white space, quotes, commas, or a backslash and a
 * letter where a program's string holds the lines.
 */
#ifndef SCAN_LOOSE64_H
#define SCAN_LOOSE64_H

#include "base/buf.h"
#include "parse/doc.h"

#define LOOSE64_MAX ((size_t)1 << 20)

/* loose64(s, out): false at anything else, or when ${out} is full. */
bool loose64(struct span s, struct buf *out);

/* loose64_doc(s, out): JSON in base64; at most LOOSE64_MAX bytes. The caller
 * frees *${out}, which is NULL when false. */
bool loose64_doc(struct span s, struct doc **out);

#endif
