/* Inside the TOML parser: the text at hand, and values without parts. */
#ifndef PARSE_TOMLSCALAR_H
#define PARSE_TOMLSCALAR_H

#include "base/buf.h"
#include "parse/toml.h"

struct toml_reader {
	struct span s;
	size_t at, line;
	struct arena *arena;
	struct buf text; /* of the string at hand */
	struct err *err;
	size_t section; /* headers passed, and one */
};

/* toml_bad(r, what): -1, with "line N: what". */
int toml_bad(struct toml_reader *r, const char *what);

/* toml_peek(r, ahead): the byte that many further, or -1 at the end. */
int toml_peek(const struct toml_reader *r, size_t ahead);

/* toml_blank(r): past spaces and tabs. */
void toml_blank(struct toml_reader *r);

/* toml_rest(r): blanks, a comment; then the line or the document must end, and
 * that end is passed. */
MUST_USE int toml_rest(struct toml_reader *r);

/* toml_lines(r): past blanks, comments and ends of lines. */
MUST_USE int toml_lines(struct toml_reader *r);

/* toml_string(r, lines, out): at a quote; with ${lines} three of them may
 * enclose several lines. */
MUST_USE int toml_string(struct toml_reader *r, bool lines, struct span *out);

/* toml_scalar(r, out): any value that is no array and no table. */
MUST_USE int toml_scalar(struct toml_reader *r, struct toml *out);

#endif
