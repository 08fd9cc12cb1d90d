/*
 * What a token's own structure says about it, without asking anybody: check
 * digits, armour, headers. A token that fails is still reported: most published
 * examples fail, and one wrong digit must not hide the right one beside it.
 * Only what is OTHER is no such token.
 */
#ifndef SCAN_VALIDATE_H
#define SCAN_VALIDATE_H

#include "parse/rulepack.h"
#include "scan/validity.h"

/* validate(validator, secret, now): ${now} in seconds, for dates inside. */
enum validity validate(
	enum validator validator, struct span secret, int64_t now);

#endif
