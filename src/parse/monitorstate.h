/*
 * What 'sluice log monitor' remembers of a log from one turn to the next, a
 * line each, in this order:
 *
 *	size <entries that were looked at>
 *	root <base64: their root>
 *	last <seconds: time of the newest entry, or of the first turn>
 *	next <bundle that is compared next>
 *	pending <entry> <seconds>	a push let in, nothing said of it since
 *	moved <entry> <decision> <seconds> <old> <new> <ref> <repository>
 *		a move that starts where no other has ended, so far
 *	ref <value> <by> <ref> <repository>
 *	gated <by> <repository>		from that entry on all refs are known
 *	told <kind> <text>		what stands and was told
 *
 * Refs are where the entries left them, by the push of that decision or by what
 * entry <by> says itself; in the order of repository and ref, "gated" before
 * the repository's refs. Names are printable (base/text.h), and a space in a
 * ref's is written as it would be, were it a control character.
 */
#ifndef PARSE_MONITORSTATE_H
#define PARSE_MONITORSTATE_H

#include "base/buf.h"
#include "model/oid.h"
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
	MONITOR_BROKEN, /* a ref's moves do not follow from each other */
	MONITOR_CLOCK,  /* an entry's time is before that of the last one, or
			 * in the future */
	MONITOR_MORE,   /* of the last four, too many for one turn */
};
const char *monitor_kind_name(enum monitor_kind k);

#define MONITOR_TEXT_MAX 2048
#define MONITOR_PENDING_MAX ((size_t)10000)
#define MONITOR_WAITING_MAX ((size_t)10000)
#define MONITOR_NAMES_MAX ((size_t)32 << 20) /* bytes, of all refs */
#define MONITORSTATE_MAX ((size_t)256 << 20)

struct monitor_pending {
	uint64_t entry;
	int64_t time;
};

/* Where the entries left a ref; "" stands for all refs of the repository. */
struct monitor_ref {
	const char *repository, *ref;
	struct oid value; /* zero: it is gone */
	uint64_t by;
	char names[]; /* both */
};

/* A move that waits for the one before it. */
struct monitor_move {
	uint64_t entry, decision;
	int64_t time;
	struct oid old, new;
	const char *repository, *ref;
	char *names; /* owned: both; NULL as long as it is not waiting */
};

struct monitor_state {
	uint64_t size, next;
	unsigned char root[HASH_LEN];
	int64_t last;
	struct monitor_pending *pending; /* owned; entries ascend */
	size_t npending, cap;
	struct monitor_move *waiting; /* owned; entries do not descend */
	size_t nwaiting, waiting_cap;
	void *refs;   /* a search tree of struct monitor_ref */
	size_t names; /* bytes of their names */
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

/* monitorstate_ref(s, repository, ref): where it is, or NULL when nothing is
 * known of it. */
struct monitor_ref *monitorstate_ref(
	const struct monitor_state *s, const char *repository, const char *ref);
/* monitorstate_put(s, repository, ref, value, by): it is there now. False when
 * there are too many already, and it is not remembered. */
bool monitorstate_put(struct monitor_state *s, const char *repository,
	const char *ref, const struct oid *value, uint64_t by);
/* monitorstate_wait(s, m): names are copied. monitorstate_drop(s, i): waiting
 * move number ${i} is no more. */
void monitorstate_wait(struct monitor_state *s, const struct monitor_move *m);
void monitorstate_drop(struct monitor_state *s, size_t i);
/* monitorstate_copy(to, s): all of it. */
void monitorstate_copy(struct monitor_state *to, const struct monitor_state *s);

#endif
