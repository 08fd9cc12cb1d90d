/*
 * One function a format: the bytes of a token in, what they say out. Nothing is
 * read or kept. Where a format's source gives a check over all that matters,
 * the answer is PROVEN or BAD; where it gives only a structure, FORM or BAD.
 */
#ifndef SCAN_VALIDATORS_H
#define SCAN_VALIDATORS_H

#include <stdint.h>

#include "base/span.h"
#include "scan/validity.h"

/* crc32_of(s): the CRC-32 of zlib and PNG. */
uint32_t crc32_of(struct span s);

/*
 * CRC-32 at the end of a token (validate_crc.c).
 *
 * base62: what follows the first underscore ends with six digits (0-9A-Za-z),
 * the sum of what stands between. GitHub ("Behind GitHub's new authentication
 * token formats", github.blog, 2021), npm (the same), Vercel.
 * base36: the last seven digits (0-9a-z) are the sum of all before. GitLab's
 * routable tokens (handbook, "Routable tokens"; RoutableToken in its source).
 * hex_upper: the last eight are the sum of all before. Atlassian.
 * hex_body: the last eight, in small letters, are the sum of what stands
 * between the first underscore and the last. Zuplo.
 * hex_little: the last eight, in small letters, are the sum, lowest byte first,
 * of all before the last underscore. Grafana (pkg/components/satokengen).
 */
enum validity validate_crc_base62(struct span s);
enum validity validate_crc_base36(struct span s);
enum validity validate_crc_hex_upper(struct span s);
enum validity validate_crc_hex_body(struct span s);
enum validity validate_crc_hex_little(struct span s);

/* BIP 173; of one case. age. */
enum validity validate_bech32(struct span s);

/* RFC 7519: a header with "alg", not "none"; not out of date. SAMPLE for the
 * subject that everybody copies, 1234567890. */
enum validity validate_jwt(struct span s, int64_t now);

/* RFC 7468 and 5958, PROTOCOL.key of OpenSSH: the body decodes to one SEQUENCE
 * of DER or to OpenSSH's form, without a passphrase. */
enum validity validate_pem(struct span s);
/* RFC 4880, 6.2: armour with its CRC-24. */
enum validity validate_pgp(struct span s);

/*
 * JSON in base64 inside a token (validate_json.c).
 *
 * sentry: "sntrys_", JSON with "iat" and "region_url", "_", the rest (RFC 91 of
 * getsentry/rfcs).
 * grafana: JSON with a key "k" and a name "n", behind "glc_" or bare
 * (pkg/components/apikeygen).
 * onepassword: "ops_", JSON with "signInAddress".
 */
enum validity validate_json_sentry(struct span s);
enum validity validate_json_grafana(struct span s);
enum validity validate_json_onepassword(struct span s);

/*
 * Macaroons (validate_macaroon.c).
 *
 * v2: what follows the first hyphen is base64 of the binary form 2 of
 * libmacaroons (doc/format.txt), read to its end: a signature of 32 bytes is
 * the last. PyPI.
 * fly: behind fm1r_, fm1a_ or fm2_ stands MessagePack, an array of four that
 * starts with the nonce, a key id and 16 bytes (superfly/macaroon). Of fo1_
 * nothing is known.
 */
enum validity validate_macaroon_v2(struct span s);
enum validity validate_macaroon_fly(struct span s);

/*
 * Ids inside a token (validate_id.c).
 *
 * aws_key_id: sixteen digits of base 32 after four letters. When the first bit
 * of those is set, the forty after it are the number of an account, less than
 * 10^12 ("AWS Access Key ID formats", awsteele.com, 2020); older keys have
 * none.
 * aws_bedrock: "ABSK", base64 that starts with "BedrockAPIKey-".
 * discord: base64 of the bot's id in decimal, then two parts. The id tells when
 * it was given out, milliseconds since 2015 above 22 bits (Discord's reference,
 * "Snowflakes"): not after ${now}.
 * basic_auth: base64 of user:password (RFC 7617); SAMPLE as for login.
 * luhn: 13 to 19 digits, with blanks or hyphens, whose last is right (ISO/IEC
 * 7812-1); anything else is OTHER.
 */
enum validity validate_aws_key_id(struct span s);
enum validity validate_aws_bedrock(struct span s);
enum validity validate_discord(struct span s, int64_t now);
enum validity validate_basic_auth(struct span s);
enum validity validate_luhn(struct span s);

/*
 * What people make up for manuals and tests (validate_sample.c): SAMPLE, or
 * UNKNOWN. No proof: a real password may be a word too.
 *
 * password: fewer than four bytes, or fewer than eight digits, or words, with
 * blanks or punctuation between them and at most two digits behind; or digits
 * and letters that count up.
 * login: user:password by its password, or by the user where that is empty.
 * chance: a token that counts up (0123456789abcdef, a1b2c3d4, aabbccdd), or
 * words in base64.
 */
enum validity validate_password(struct span s);
enum validity validate_login(struct span s);
enum validity validate_chance(struct span s);

#endif
