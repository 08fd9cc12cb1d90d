/* A log that was interfered with: is it whole, and never signed twice? */
#ifndef SUPPORT_LOGWHOLE_H
#define SUPPORT_LOGWHOLE_H

#include <stdint.h>

struct doc;

/* log_whole(state): everything as 'sluice log verify' recomputes it; fails the
 * test where something is damaged. Answers its size. */
uint64_t log_whole(const char *state);

/* log_aside(state): what lies aside is not signed, or is what the high-water
 * mark says, or the checkpoint of before: two different trees of one size are
 * never both signed. */
void log_aside(const char *state);

/* log_reboot(state): the machine was started anew: the journal is of another
 * boot. */
void log_reboot(const char *state);

/* log_append(state, record): the number of the entry that comes of it; the
 * record is freed. */
uint64_t log_append(const char *state, struct doc *record);

#endif
