/*
 * The header of a commit or tag object: "key SP value LF" lines up to the first
 * empty line. A line that starts with a space continues the one before it
 * (gitformat-signature, "mergetag" and "gpgsig").
 */
#ifndef PARSE_HEADER_H
#define PARSE_HEADER_H

#include "model/change.h"

struct header {
	struct span key;   /* up to the first space, or the whole line */
	struct span value; /* the rest of its first line */
	struct span whole; /* all its lines with their LFs */
	bool spaced;       /* a space follows the key */
	bool folded;       /* it has continuation lines */
};

/* header_next(rest, out): take one header off ${rest}. False at the empty line,
 * which is taken as well, and at the end of the object. */
bool header_next(struct span *rest, struct header *out);

/* header_unfold(h, out): the value of all its lines; the LF and the space that
 * join two become one LF, the last LF stays. Room: h->whole.n bytes. Returns
 * the length. */
size_t header_unfold(const struct header *h, unsigned char *out);

/* header_is_signature(h): one of those git leaves out of what is signed: every
 * line that starts with "gpgsig". */
bool header_is_signature(const struct header *h);

/*
 * object_name_read(hex, out, odd):
 * 40 hex digits. git takes upper case too, which gives one object two
 * spellings: *${odd} is set (never cleared) when it sees that.
 */
MUST_USE bool object_name_read(struct span hex, struct oid *out, bool *odd);

/*
 * signature_kind_of(line): by the armour's first line, as git knows them;
 * SIGNATURE_NONE for any other line. signature_count(text): lines of ${text}
 * that start a signature.
 */
enum signature_kind signature_kind_of(struct span line);
unsigned signature_count(struct span text);

/*
 * Text that ends in a signature over all that is before it (tags, push
 * certificates). signature_start(text): index of the last line that opens a
 * signature, where git takes it to begin, or the length. signature_followed(s):
 * whether anything but white space is behind the block's last line.
 */
size_t signature_start(struct span text);
bool signature_followed(struct span signature);

#endif
