/* What is found of a signature, put down. */
#ifndef GATHER_VERDICT_H
#define GATHER_VERDICT_H

#include "base/arena.h"
#include "base/err.h"
#include "model/fact.h"

static inline void signature_found(struct signature_fact *out,
	enum signature_status status, const char *detail)
{
	out->status = status;
	out->detail = detail;
}

/* signature_malformed(out, arena, err): what a parser refused, in its words;
 * ${err} is cleared. */
static inline void signature_malformed(
	struct signature_fact *out, struct arena *arena, struct err *err)
{
	signature_found(
		out, SIGNATURE_MALFORMED, arena_fmt(arena, "%s", err->text));
	err_clear(err);
}

#endif
