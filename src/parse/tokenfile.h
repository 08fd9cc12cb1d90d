/*
 * What opens a forge, and which one, as a file:
 *
 *	address https://git.example.org
 *	token 0123…
 *
 * The address stands there so that whoever writes the policy cannot have the
 * token sent elsewhere, nor any other file of the server.
 */
#ifndef PARSE_TOKENFILE_H
#define PARSE_TOKENFILE_H

#include "base/span.h"

#define TOKEN_MAX 4000
#define TOKENFILE_MAX 8192

/*
 * tokenfile_read(text, address, token): exactly these two lines, each value
 * printable ASCII without a blank. Spans point into ${text}. False when it is
 * anything else; both are empty then.
 */
bool tokenfile_read(struct span text, struct span *address, struct span *token);

#endif
