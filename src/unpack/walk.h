/* An archive and the archives in it, as frames on standard output. */
#ifndef UNPACK_WALK_H
#define UNPACK_WALK_H

#include "parse/unpackframe.h"

/* walk_archive(request, bytes): the whole answer. Ends the program when it
 * cannot be written. */
void walk_archive(const struct unpack_request *request, struct span bytes);

#endif
