/*
 * Letters with accents: most can be written as one code point or as a letter
 * and marks behind it, and look the same. macOS takes names that differ in this
 * only for one (Unicode's canonical decomposition).
 */
#ifndef BASE_ACCENTS_H
#define BASE_ACCENTS_H

#include <stddef.h>
#include <stdint.h>

#define ACCENTS_MAX 4 /* code points that one comes apart into */

/*
 * accents_split(c, out):
 * The code points that ${c} is made of in the end, itself where it is not; how
 * many. Known are those below U+10000 but for the ideographs for compatibility.
 */
size_t accents_split(uint32_t c, uint32_t out[ACCENTS_MAX]);

/* accents_sort(v, n): marks of U+0300 to U+036F behind a letter into the order
 * that Unicode has for those that do not meet. */
void accents_sort(uint32_t *v, size_t n);

#endif
