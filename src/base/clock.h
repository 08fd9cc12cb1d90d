/* The gate's clock. Tests set it through clock_fix. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

#include "base/compiler.h"

/* clock_now(): seconds since 1970, UTC. */
int64_t clock_now(void);
/* clock_ms(), clock_us(): monotonic, for durations and deadlines. */
int64_t clock_ms(void);
int64_t clock_us(void);

/* clock_cpu_us(): what this thread has computed so far. */
int64_t clock_cpu_us(void);

#define CLOCK_TEXT_MAX 32
/* clock_text(t, out): RFC 3339 in UTC, "2026-11-23T08:00:00Z". Years outside
 * 0 to 9999 give "invalid". */
void clock_text(int64_t t, char out[CLOCK_TEXT_MAX]);

/* clock_fix(t): for unit tests, make clock_now answer ${t}; 0 undoes it. */
void clock_fix(int64_t t);

#endif
