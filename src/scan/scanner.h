/*
 * The secret scanner: bytes in, redacted hits out.
 *
 * Two stages. The multi-pattern engine reads the bytes once and says which
 * rules may match and where such a match could end; PCRE2 then decides, gives
 * the groups and the exact place. The outcome is that of running every rule's
 * PCRE2 expression over the whole of the bytes; scanner.c says why.
 */
#ifndef SCAN_SCANNER_H
#define SCAN_SCANNER_H

#include "scan/fingerprint.h"
#include "scan/pack.h"
#include "scan/redact.h"
#include "scan/validate.h"

struct scanner;

struct scanner_setup {
	const struct pack *packs; /* must outlive the scanner */
	size_t npacks;
	const char *cache; /* folder for compiled rules, or NULL. It need not
			    * exist; one that cannot be written costs time,
			    * nothing else */
	const unsigned char *key; /* FINGERPRINT_KEY bytes, or NULL: none */
	size_t max;               /* larger inputs are not scanned; 0: 1 GiB */
};

/* scanner_new(setup, out, err): ids must differ between packs. */
MUST_USE int scanner_new(const struct scanner_setup *setup,
	struct scanner **out, struct err *err);
/* scanner_free(s): wipes the key. NULL is fine. */
void scanner_free(struct scanner *s);

/* scanner_digest(s): SHA-256 over the digests of the packs, hex: the rules a
 * scan went by. */
const char *scanner_digest(const struct scanner *s);

struct scan_hit {
	const struct rule *rule;
	size_t at, n;        /* the secret: offset and length in bytes */
	size_t line, column; /* of its first byte, from 1; columns are bytes.
			      * A rule on the path alone has line 0 */
	enum validity validity;
	enum confidence confidence; /* the rule's, after validation */
	char redacted[REDACT_MAX];
	char fingerprint[FINGERPRINT_HEX + 1]; /* "" without a key */
};

/* 0 is the one that must refuse. */
enum scan_outcome {
	SCAN_NOT_DONE, /* a limit stopped it: `why`; hits are incomplete */
	SCAN_DONE,
};

struct scan_result {
	enum scan_outcome outcome;
	char why[160];        /* "larger than 52428800 bytes" */
	struct scan_hit *hit; /* in the arena, ordered by place */
	size_t nhit;
	bool elsewhere; /* a rule that asks for another path may match */
};

#define SCAN_HITS_MAX 20000 /* matches in one input, past which: NOT_DONE */

/*
 * scanner_scan(s, bytes, path, arena, out, err):
 * All the secrets in ${bytes}. ${path} decides rules that ask for a path; when
 * its p is NULL the path is not known yet: they apply, and the caller asks
 * scanner_path_fits for each path it finds. -1 means the machinery failed.
 */
MUST_USE int scanner_scan(struct scanner *s, struct span bytes,
	struct span path, struct arena *arena, struct scan_result *out,
	struct err *err);

/*
 * scanner_scan_path(s, path, arena, out, err):
 * What the path itself tells: rules on the path alone ("a PKCS #12 file") and
 * secrets written in it.
 */
MUST_USE int scanner_scan_path(struct scanner *s, struct span path,
	struct arena *arena, struct scan_result *out, struct err *err);

/* scanner_path_fits(s, rule, path, out, err): whether the rule applies to
 * content at this path. */
MUST_USE int scanner_path_fits(struct scanner *s, const struct rule *rule,
	struct span path, bool *out, struct err *err);

#endif
