/*
 * What git receive-pack writes (gitprotocol-pack(5)): pkt-lines with its refs,
 * a flush, and then, to one who asked for "report-status" and no side band,
 * "unpack ok", "ok <ref>" or "ng <ref> <reason>" for each ref, and a flush.
 */
#ifndef PARSE_PUSHREPORT_H
#define PARSE_PUSHREPORT_H

#include "base/span.h"

enum pushreport {
	PUSHREPORT_NONE, /* it says nothing of the ref, or is malformed */
	PUSHREPORT_DONE,
	PUSHREPORT_REFUSED,
};

/* pushreport_read(all, ref, reason): what became of the ref; ${reason} is git's
 * when it was refused. Points into ${all}. */
enum pushreport pushreport_read(
	struct span all, struct span ref, struct span *reason);

#endif
