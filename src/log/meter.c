#include "log/meter.h"

#define MINUTE_MS 60000

static void fill(struct meter *m, int64_t now)
{
	int64_t gone = now - m->at, more, room;

	if (gone <= 0)
		return;
	room = (int64_t)m->per_minute - m->left;
	if (gone >= 2 * MINUTE_MS) {
		more = 2 * (int64_t)m->per_minute;
		m->at = now;
	} else {
		more = (int64_t)m->per_minute * gone / MINUTE_MS;
		/* What makes no whole one yet is not lost. */
		if (!more)
			return;
		m->at += more * MINUTE_MS / (int64_t)m->per_minute;
	}
	if (more >= room) {
		more = room;
		m->at = now;
	}
	m->left += more;
}

struct meter meter_begin(uint64_t per_minute, int64_t now)
{
	return (struct meter){per_minute, (int64_t)per_minute, now};
}

bool meter_open(struct meter *m, int64_t now)
{
	fill(m, now);
	return m->left > 0;
}

void meter_charge(struct meter *m, uint64_t n, int64_t now)
{
	fill(m, now);
	m->left -= (int64_t)n;
}
