/* What messages and records call an SSH key. */
#ifndef GATHER_SSHNAME_H
#define GATHER_SSHNAME_H

#include "base/arena.h"

/* sshname(blob, arena): "SHA256:…", as ssh-keygen -l shows it. */
const char *sshname(struct span blob, struct arena *arena);

/* sshname_shown(outside, arena): a word from outside, printable. */
const char *sshname_shown(struct span outside, struct arena *arena);

#endif
