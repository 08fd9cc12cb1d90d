/* Telling what is in doubt, the same wherever that is asked. */
#ifndef CMD_DOUBT_H
#define CMD_DOUBT_H

#include "deploy/recheck.h"

/* doubt_doc(d): as JSON. doubt_say(d, a): a line, and the command that clears
 * it, if nobody has. doubt_words(d, a): "approval 0123… by bela with ssh key
 * SHA256:…", "review 0123… by bela with forge account bela-l at git", as can be
 * printed. doubt_thing(d): "key" or "account". */
struct doc *doubt_doc(const struct doubt *d);
void doubt_say(const struct doubt *d, struct arena *a);
const char *doubt_thing(const struct doubt *d);
const char *doubt_words(const struct doubt *d, struct arena *a);

#endif
