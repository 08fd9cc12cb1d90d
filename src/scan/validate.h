/*
 * What a token's own structure says about it, without asking anybody: check
 * digits, armour, headers. A token that fails is still reported: most published
 * examples fail, and one wrong digit must not hide the right one beside it.
 */
#ifndef SCAN_VALIDATE_H
#define SCAN_VALIDATE_H

#include "parse/rulepack.h"

enum validity {
	VALIDITY_UNKNOWN, /* there is no check */
	VALIDITY_BAD,     /* wrong check digits, out of date, encrypted */
	VALIDITY_FORM,    /* well formed */
	VALIDITY_PROVEN,  /* the check digits are right */
};
const char *validity_name(enum validity v); /* "proven" … */

/* validate(validator, secret, now): ${now} in seconds, for expiry dates. */
enum validity validate(
	enum validator validator, struct span secret, int64_t now);

/* crc32_of(s): the CRC-32 of zlib and PNG. */
uint32_t crc32_of(struct span s);

#endif
