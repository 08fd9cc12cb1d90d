/*
 * .gitmodules, in the syntax of git-config(1): what it says of submodules.
 * Every value is told, also where a later one of the same name stands: which
 * of them counts differs between the readers.
 */
#ifndef PARSE_GITMODULES_H
#define PARSE_GITMODULES_H

#include "base/arena.h"
#include "base/err.h"
#include "model/fact.h"

#define GITMODULES_SETTINGS_MAX 100000
#define GITMODULES_LINE_MAX 65536 /* bytes of a name or a value */

/*
 * gitmodules_parse(text, arena, out, n, err):
 * The settings "path", "url" and "update" of sections "submodule", in order,
 * values with quotes and escapes undone. ERR_INPUT, with the line, where git
 * would not read on.
 */
MUST_USE int gitmodules_parse(struct span text, struct arena *arena,
	struct submodule_setting **out, size_t *n, struct err *err);

#endif
