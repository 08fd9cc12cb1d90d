/* What .gitmodules may say. */
#ifndef MODEL_SUBMODULE_H
#define MODEL_SUBMODULE_H

#include "base/arena.h"
#include "model/fact.h"

/* submodule_key_name(k): "url", "path" or "update". */
const char *submodule_key_name(enum submodule_key k);

/* Those of policy.h's SUBMODULE_ bits, the name of 1 << i at i. */
extern const char *const submodule_kind_names[SUBMODULE_KINDS];

/* submodule_kinds(bits, arena): "https, ssh" of SUBMODULE_ bits; or "none". */
const char *submodule_kinds(unsigned bits, struct arena *arena);

/*
 * submodule_fault(s, allowed, arena):
 * Why this setting must not be let in, or NULL. ${allowed} are SUBMODULE_ bits
 * of policy.h, for URLs. Refused whatever is allowed is what git was once led
 * by to run or overwrite something: an option in place of a URL, a host or a
 * path (CVE-2017-1000117, CVE-2018-17456), a name or path with '..'
 * (CVE-2018-11235), an encoded end of line (CVE-2020-5260), a command to
 * update with (CVE-2019-19604), control characters (CVE-2025-48384).
 */
const char *submodule_fault(const struct submodule_setting *s, unsigned allowed,
	struct arena *arena);

#endif
