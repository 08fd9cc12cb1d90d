/* The gate's clock. Tests set it through clock_fix. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

/* clock_now(): seconds since 1970, UTC. */
int64_t clock_now(void);
/* clock_ms(), clock_us(): monotonic, for durations and deadlines. */
int64_t clock_ms(void);
int64_t clock_us(void);

/* clock_cpu_us(): what this thread has computed so far. */
int64_t clock_cpu_us(void);

/*
 * A limit to what this thread may compute. Asking what it has computed is a
 * call of the kernel and asking how late it is is none, so the first is asked
 * only when half of the limit has gone by on the wall. Between half of ${us}
 * and all of it is granted, however busy the machine is, and what is computed
 * before the first question and between the two last ones.
 */
struct clock_limit {
	int64_t us;
	int64_t wall, cpu; /* when counting started, or -1 */
};
/* clock_limit_set(l, us): the time runs from the first question on. */
void clock_limit_set(struct clock_limit *l, int64_t us);
bool clock_limit_passed(struct clock_limit *l);

#define CLOCK_TEXT_MAX 32
/* clock_text(t, out): RFC 3339 in UTC, "2026-11-23T08:00:00Z". Years outside
 * 0 to 9999 give "invalid". */
void clock_text(int64_t t, char out[CLOCK_TEXT_MAX]);

/* clock_read(s, out): such a text, also without seconds, or a date alone, which
 * is its beginning in UTC. False for anything else, and for days that are in no
 * calendar. */
MUST_USE bool clock_read(struct span s, int64_t *out);

/* clock_fix(t): for unit tests, make clock_now answer ${t}; 0 undoes it. */
void clock_fix(int64_t t);

#endif
