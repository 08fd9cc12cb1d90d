/* Showing what came from outside on a terminal. */
#ifndef CMD_PRINT_H
#define CMD_PRINT_H

#include "base/span.h"

#define PRINT_MAX 400

/* print_text(s): at most PRINT_MAX bytes of ${s}, made printable, on stdout. */
void print_text(struct span s);

/* print_line(label, s): "label" padded to a column, and the text; nothing at
 * all when the text is empty. */
void print_line(const char *label, struct span s);

#endif
