/*
 * The list of names that a regular expression begins with. Syntax:
 * pcre2pattern(3), as port/pattern.h compiles it.
 */
#ifndef PARSE_REGEXNAMES_H
#define PARSE_REGEXNAMES_H

#include "base/span.h"

/* As few names as make a list, and as few letters and digits as make a name
 * that is rare in any text. */
#define REGEXNAMES_MIN 8
#define REGEXNAMES_LETTERS 4

/*
 * regexnames_head(regex):
 * How much of an expression such as (?i:name|other[-_ ]?name|…)more is that
 * list, which is an expression of its own: every match of the whole begins with
 * a match of it. 0 for all that does not begin so, and where what follows is
 * not understood (parse/regexlines.h).
 */
size_t regexnames_head(struct span regex);

#endif
