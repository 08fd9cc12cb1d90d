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

#include "scan/copy.h"
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
	bool obey_comments; /* rules of gitleaks: "gitleaks:allow" on the line
			     * excuses; who writes the input decides then */
};

/* scanner_new(setup, out, err): ids must differ between packs. */
MUST_USE int scanner_new(const struct scanner_setup *setup,
	struct scanner **out, struct err *err);
/*
 * scanner_clone(s, out, err):
 * A further scanner by the same rules, for another thread. It shares what is
 * only read (compiled rules, packs) and has its own working memory; either may
 * be freed first. Cheap next to scanner_new. No other thread may be in a call
 * on ${s} meanwhile.
 */
MUST_USE int scanner_clone(
	const struct scanner *s, struct scanner **out, struct err *err);
/* scanner_free(s): wipes the key. NULL is fine. */
void scanner_free(struct scanner *s);

/* scanner_digest(s): SHA-256 over the digests of the packs, hex: the rules a
 * scan went by. */
const char *scanner_digest(const struct scanner *s);

/* scanner_obeys(s): obey_comments of its setup. */
bool scanner_obeys(const struct scanner *s);

struct scan_hit {
	const struct rule *rule;
	size_t at, n;        /* the secret: offset and length in bytes */
	size_t line, column; /* of its first byte, from 1; columns are bytes.
			      * A rule on the path alone has line 0 */
	size_t match;        /* offset of what the rule matched */
	size_t match_line;   /* and its line; gitleaks tells places so */
	const struct rule *yields; /* a generic rule of gitleaks: the rule whose
				    * hit on the line it gives way to */
	uint64_t waits; /* rules of gitleaks: bits of rule->leak->allow that
			 * depend on the commit or a path not known yet */
	enum validity validity;
	enum confidence confidence; /* the rule's, after validation */
	bool known; /* scanner_scan_new: the repository had the same secret
		     * under the same rule in what this was made from */
	const char *encoding; /* what the secret was written in, outermost
			       * first: "base64, utf-16le"; NULL: as it is.
			       * Static, or in the arena of the result */
	/* In a member of an archive (scan/members.h), where line, column and
	 * offsets are then; in the arena of the result: */
	const char *member; /* printable, "lib.zip!inner/config.py"; or NULL */
	struct span member_path; /* for rules that ask for one; p NULL: that
				  * of the blob without .gz and the like */
	uint32_t part;           /* which one, from 1; 0: no member */
	char redacted[REDACT_MAX];
	char fingerprint[FINGERPRINT_HEX + 1]; /* "" without a key */
};

/* 0 is the one that must refuse. */
enum scan_outcome {
	SCAN_NOT_DONE, /* a limit stopped it: `why`; hits are incomplete */
	SCAN_DONE,
};

#define SCAN_WHY_MAX 320

struct scan_result {
	enum scan_outcome outcome;
	char why[SCAN_WHY_MAX]; /* "larger than 52428800 bytes" */
	struct scan_hit *hit;   /* in the arena, ordered by part and place */
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
 * Scanning what a delta brings.
 *
 * A blob that was made from another one which has been scanned need not be read
 * again from end to end. scanner_scan_open reads the first one whole;
 * scanner_scan_new reads of each further one what is new, and enough around it.
 * What has to be known of the blob before goes along as a "carry".
 *
 * Their results are open: the path is not known yet, all rules apply, and hits
 * that overlap all stand (so a rule that turns out not to mean this path hides
 * nothing). scanner_settle then gives for one path what scanner_scan would
 * have given.
 *
 * The promise: scanner_scan_new's result is that of scanner_scan_open over the
 * same bytes, hit for hit (but for `known`), whatever the delta. One exception:
 * where reading it whole would have met a limit of steps, this may be DONE,
 * and then with every hit there is. docs/scanning.md says why.
 */

/* What one scanned blob leaves for those made from it. Belongs to the rules,
 * not to a thread: any clone may read it. At most about 40 KiB, mostly less
 * than 200 bytes. Holds no secret, only hashes. */
struct scan_carry;
struct scan_carry *scan_carry_new(void);
void scan_carry_free(struct scan_carry *c); /* NULL is fine */
/* scan_carry_old(c): the blob was in the repository before: whatever secret it
 * holds is `known` in those made from it, and in those made from them for as
 * long as it stays. The caller answers for that; a delta base that came in the
 * same push is not old. */
void scan_carry_old(struct scan_carry *c);
/* scan_carry_join(c, with): the secrets of ${with}, which is in the blob, are
 * ${c}'s as well, and as old as they are there. */
void scan_carry_join(struct scan_carry *c, const struct scan_carry *with);

/*
 * scanner_scan_open(s, bytes, carry, arena, out, err):
 * All hits, open. ${carry} is overwritten; NULL: none is needed.
 */
MUST_USE int scanner_scan_open(struct scanner *s, struct span bytes,
	struct scan_carry *carry, struct arena *arena, struct scan_result *out,
	struct err *err);

/*
 * scanner_scan_new(s, bytes, copy, ncopy, base, carry, arena, out, err):
 * The same, knowing that of ${bytes} the pieces ${copy} (ascending in `at`,
 * disjoint, none empty; the copy instructions of a delta as they come) were
 * copied from a blob that left ${base}. All else is new; so is the join of two
 * pieces that were not neighbours there, which is found here. Pieces that are
 * out of order, overlap or pass an end are an error (ERR_INPUT); that they hold
 * the bytes of the base is the caller's word. ${carry} is overwritten, may be
 * NULL, and is not ${base}.
 */
MUST_USE int scanner_scan_new(struct scanner *s, struct span bytes,
	const struct scan_copy *copy, size_t ncopy,
	const struct scan_carry *base, struct scan_carry *carry,
	struct arena *arena, struct scan_result *out, struct err *err);

/*
 * scanner_settle(s, path, r, err):
 * Turn the open result ${r} into the one for this path: rules that do not mean
 * it are left out, and of hits that overlap one stays. In place, so copy
 * r->hit first when there are more paths. ${path}.p NULL: all rules count as
 * met.
 */
MUST_USE int scanner_settle(struct scanner *s, struct span path,
	struct scan_result *r, struct err *err);

/*
 * scanner_scan_path(s, path, arena, out, err):
 * What the path itself tells: rules on the path alone ("a PKCS #12 file") and
 * secrets written in it.
 */
MUST_USE int scanner_scan_path(struct scanner *s, struct span path,
	struct arena *arena, struct scan_result *out, struct err *err);

/*
 * scanner_stands(s, hit, path, commit, out, err):
 * Whether an allow-list of a gitleaks.toml that asks for a path or a commit
 * (hex, or NULL: not known) leaves the hit standing. scanner_settle has asked
 * about the path, but nobody about the commit.
 */
MUST_USE int scanner_stands(struct scanner *s, const struct scan_hit *hit,
	struct span path, const char *commit, bool *out, struct err *err);

/* scanner_path_fits(s, rule, path, out, err): whether the rule applies to
 * content at this path. */
MUST_USE int scanner_path_fits(struct scanner *s, const struct rule *rule,
	struct span path, bool *out, struct err *err);

#endif
