/* Of hits over the same bytes, one is told. */
#ifndef SCAN_OVERLAP_H
#define SCAN_OVERLAP_H

#include "scan/scanner.h"

/* hits_order(hit, n): by place, the longer first, then by rule. */
void hits_order(struct scan_hit *hit, size_t n);

/*
 * hits_sort_out(hit, n):
 * Of hits in that order, the one that stays of each stretch of bytes: the more
 * confident, then the one that is not generic, then the longer. Moves them to
 * the front and returns how many. Hits of gitleaks' rules stand beside all
 * others, as they do there, but for generic ones that give way.
 */
size_t hits_sort_out(struct scan_hit *hit, size_t n);

#endif
