/* What make generates from policies/secrets/builtin.json. */
#ifndef SCAN_BUILTIN_H
#define SCAN_BUILTIN_H

#include "parse/rulepack.h"

extern const struct rulepack builtin_rules; /* without examples */
extern const char builtin_digest[];         /* SHA-256 of the file, hex */

#endif
