/* How much of something an account may have a minute: pure, of a clock that is
 * passed in. */
#ifndef LOG_METER_H
#define LOG_METER_H

#include <stdbool.h>
#include <stdint.h>

/* A store that fills evenly and holds what comes in a minute. */
struct meter {
	uint64_t per_minute;
	int64_t left; /* may be less than nothing: see meter_charge */
	int64_t at;   /* ms: when that was so */
};

/* meter_begin(per_minute, now): full. ${now} in ms of a clock that does not
 * jump. ${per_minute} at most 2^43. */
struct meter meter_begin(uint64_t per_minute, int64_t now);

/* meter_open(m, now): whether anything is left. */
bool meter_open(struct meter *m, int64_t now);

/* meter_charge(m, n, now): take ${n}, also where less is left: the size of a
 * thing may be known only when it has been let in. Nothing more is let in then
 * until the store has filled that far. */
void meter_charge(struct meter *m, uint64_t n, int64_t now);

#endif
