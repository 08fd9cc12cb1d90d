/*
 * ASCII armour: OpenPGP's (RFC 4880 section 6) and OpenSSH's (PROTOCOL.sshsig,
 * "armored format"), read strictly, because what one reader skips another may
 * believe.
 */
#ifndef PARSE_ARMOR_H
#define PARSE_ARMOR_H

#include "base/arena.h"
#include "base/err.h"

#define ARMOR_TEXT_MAX (64u * 1024) /* bytes of an armoured signature */

/*
 * armor_next(rest, label, arena, out, err):
 * Decode the next block of ${rest} and take it off. "-----BEGIN <label>-----"
 * stands at its very start, but for empty lines; then, for OpenPGP (labels that
 * start with "PGP "), headers and an empty line; then base64, and for OpenPGP
 * perhaps a CRC-24, which must be right; then the END line of the same label.
 * White space at line ends is let pass. ERR_INPUT for anything else.
 */
MUST_USE int armor_next(struct span *rest, const char *label,
	struct arena *arena, struct span *out, struct err *err);

/* armor_crc24(s): of RFC 4880, 6.1. */
uint32_t armor_crc24(struct span s);

/* armor_read(text, label, arena, out, err): the only block of ${text}: nothing
 * but white space may follow it. ERR_LIMIT past ARMOR_TEXT_MAX. */
MUST_USE int armor_read(struct span text, const char *label,
	struct arena *arena, struct span *out, struct err *err);

#endif
