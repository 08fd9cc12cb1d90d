/*
 * The programs of one installation find each other: sluice in bin, the others
 * in libexec/sluice; in a build folder all side by side. Nothing in the
 * environment has a say.
 */
#ifndef BASE_PROGRAM_H
#define BASE_PROGRAM_H

#include "base/buf.h"

enum program {
	PROGRAM_SLUICE, /* the front: hooks, log, proofs */
	PROGRAM_REPO,   /* all that opens repositories, keyrings, patterns */
	PROGRAM_HTTP,   /* the network */
	PROGRAM_UNPACK, /* archives */
};

/*
 * program_find(which, out, err):
 * Its absolute path in ${out}: beside the running program, else in the folders
 * of this installation relative to it, else where it was built to be installed.
 * ERR_SYS with a hint when it is in none of them.
 */
MUST_USE int program_find(enum program which, struct buf *out, struct err *err);

#endif
