/*
 * What 'sluice log monitor' remembers of a log from one turn to the next, a
 * line each, in this order:
 *
 *	size <entries that were looked at>
 *	root <base64: their root>
 *	last <seconds: time of the newest entry, or of the first turn>
 *	next <bundle that is compared next>
 *	pending <entry> <seconds>	a push let in, nothing said of it since
 *	told <kind> <text>		what stands and was told
 */
#ifndef PARSE_MONITORSTATE_H
#define PARSE_MONITORSTATE_H

#include "base/buf.h"
#include "parse/checkpoint.h"

/* What there is to tell of. Those before MONITOR_STANDING last until they are
 * over; the others happened, in an entry. */
enum monitor_kind {
	MONITOR_ROLLBACK, /* fewer entries than were seen */
	MONITOR_FORK,     /* other ones than were seen */
	MONITOR_DAMAGE,   /* something is missing, or not what was signed */
	MONITOR_SILENCE,  /* nothing new for too long */
	MONITOR_STANDING,
	MONITOR_UNGATED = MONITOR_STANDING, /* moved outside the gate */
	MONITOR_UNAPPLIED,                  /* let in, and nothing came of it */
	MONITOR_MORE, /* of the last two, too many for one turn */
};
const char *monitor_kind_name(enum monitor_kind k);

#define MONITOR_TEXT_MAX 2048
#define MONITOR_PENDING_MAX ((size_t)10000)
#define MONITORSTATE_MAX ((size_t)1 << 20)

struct monitor_pending {
	uint64_t entry;
	int64_t time;
};

struct monitor_state {
	uint64_t size, next;
	unsigned char root[HASH_LEN];
	int64_t last;
	struct monitor_pending *pending; /* owned; entries ascend */
	size_t npending, cap;
	char told[MONITOR_STANDING][MONITOR_TEXT_MAX]; /* "": nothing */
};

/* monitorstate_parse(text, out, err): exactly what monitorstate_text writes;
 * ERR_LOG for anything else. Free in either case. */
MUST_USE int monitorstate_parse(
	struct span text, struct monitor_state *out, struct err *err);
void monitorstate_text(const struct monitor_state *s, struct buf *out);
void monitorstate_free(struct monitor_state *s);

/* monitorstate_pend(s, entry, time): ${entry} is above all that are there.
 * monitorstate_settle(s, entry): it is not awaited any more, if it was. */
void monitorstate_pend(struct monitor_state *s, uint64_t entry, int64_t time);
void monitorstate_settle(struct monitor_state *s, uint64_t entry);

#endif
