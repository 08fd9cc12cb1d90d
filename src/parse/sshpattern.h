/*
 * OpenSSH's patterns (ssh_config(5), PATTERNS): a star is any run of bytes, a
 * question mark one; of lists with commas between them one element has to fit
 * and none that starts with '!' may. Case counts.
 */
#ifndef PARSE_SSHPATTERN_H
#define PARSE_SSHPATTERN_H

#include "base/span.h"

/* Bytes of one pattern; who takes patterns from people refuses longer ones,
 * which fit nothing. */
#define SSHPATTERN_MAX 1000

bool sshpattern_fits(struct span pattern, struct span s);

enum sshpattern_answer {
	SSHPATTERN_NO,     /* no element fits */
	SSHPATTERN_DENIED, /* one that starts with '!' does */
	SSHPATTERN_YES,
};
enum sshpattern_answer sshpattern_list(struct span list, struct span s);

/* sshpattern_next(list, out): take the next element off *${list}; false when
 * there is none left. */
bool sshpattern_next(struct span *list, struct span *out);

/* sshpattern_literal(element): it fits one text alone, which it is. */
bool sshpattern_literal(struct span element);

#endif
