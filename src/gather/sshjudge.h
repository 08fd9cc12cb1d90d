/* SSH signatures -> who made them and how good they are. */
#ifndef GATHER_SSHJUDGE_H
#define GATHER_SSHJUDGE_H

#include "gather/sshbook.h"
#include "model/fact.h"

/* sshjudge(book, text, at, out, arena): ${out} is as signature_judge starts it.
 */
void sshjudge(const struct sshbook *book, const struct signed_text *text,
	int64_t at, struct signature_fact *out, struct arena *arena);

#endif
