/*
 * What the hook tells the judge about a push: lines of "key value", ended by
 * "end". Values are as short and as printable as their readers made them; refs
 * are the pushed bytes, which hold neither space nor LF.
 *
 *	repository NAME			option TEXT (any number)
 *	time SECONDS			update OLD NEW 0|1 REF (any number)
 *	pusher NAME			gated OID 0|1 REF (any number)
 *	source NAME			end
 *	email TEXT, address TEXT	(may be empty)
 *	transport local|ssh|http|web
 *
 * After them: waived OLD NEW REF (any number), by OID (of the waivers of these;
 * any number), and so on; spent OID, withdrawn OID, adopted OID (any number of
 * each).
 *
 * Before the updates, where the policy is in a repository:
 *	policy-of NAME
 *	policy OID (of the newest tips of its ref; any number)
 *
 * Between these two, once forges were asked, one of:
 *	reviews BASE64 (of a bundle)
 *	no-reviews TEXT, no-reviews-hint TEXT
 *
 * Before those, of a signed push only:
 *	certificate BLOB unchecked|…|slop SECONDS 0|1 (all options follow)
 *	nonce TEXT
 *	signed-option BASE64 (any number)
 *	used SHA256 ENTRY (any number)
 */
#ifndef PARSE_REQUEST_H
#define PARSE_REQUEST_H

#include "base/arena.h"
#include "base/buf.h"
#include "model/push.h"

#define REQUEST_MAX ((size_t)128 << 20)

void request_write(const struct push *push, struct buf *out);

/*
 * request_parse(text, arena, out, err):
 * Exactly what request_write makes, in its order; anything else is ERR_INPUT.
 * Spans point into ${text}.
 */
MUST_USE int request_parse(struct span text, struct arena *arena,
	struct push *out, struct err *err);

#endif
