/*
 * How many lines a match of a regular expression can touch, from its text.
 * Syntax: pcre2pattern(3), as port/pattern.h compiles it (no UTF, LF ends a
 * line).
 */
#ifndef PARSE_REGEXLINES_H
#define PARSE_REGEXLINES_H

#include "base/buf.h"

#define REGEXLINES_UNKNOWN SIZE_MAX

/*
 * regexlines_most(regex):
 * No match holds more line feeds than this, its last byte not counted (rules
 * often end with what ends a word). REGEXLINES_UNKNOWN when there may be any
 * number of them, and for all that this does not understand: look-round,
 * references, conditions, verbs, comments, \Q…\E, \p and others that rules
 * rarely use. Too high is slow, too low loses matches; so what is in doubt
 * counts.
 */
size_t regexlines_most(struct span regex);

#endif
