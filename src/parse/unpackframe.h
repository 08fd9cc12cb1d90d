/*
 * What is asked of sluice-unpack and what it answers, each a head of fixed size
 * and what it says follows; numbers are big-endian.
 *
 *	a request	"sup1" | depth, 3 bytes zero | members (4) |
 *			member (8) | total (8) | length (8)
 *			and the archive, ${length} bytes
 *	an answer	any number of frames, the last of them UNPACK_END
 *	a frame		kind | depth | reason | 0 | name length (4) |
 *			body length (8)
 *			and the name, and the body
 *
 * Frames come in the order in which the members lie in the archive. Depth 1 is
 * a member of the archive that was asked about; a frame of depth n + 1 is of a
 * member of the archive that the last UNPACK_MEMBER of depth n holds.
 */
#ifndef PARSE_UNPACKFRAME_H
#define PARSE_UNPACKFRAME_H

#include "base/err.h"
#include "base/span.h"

#define UNPACK_REQUEST_HEAD 36
#define UNPACK_FRAME_HEAD 16
#define UNPACK_DEPTH_MAX 5
#define UNPACK_NAME_MAX 4096 /* bytes of a member's name; longer are cut */
#define UNPACK_MEMBERS_MAX 1000000
#define UNPACK_BYTES_MAX ((uint64_t)4 << 30) /* of anything */

struct unpack_request {
	unsigned depth;   /* archives in each other: 1 to UNPACK_DEPTH_MAX */
	uint32_t members; /* at most so many, however deep */
	uint64_t member;  /* bytes of one of them at most */
	uint64_t total;   /* bytes of all together at most */
	uint64_t length;  /* of the archive */
};

void unpack_request_write(
	const struct unpack_request *r, unsigned char out[UNPACK_REQUEST_HEAD]);
/* unpack_request_read(head, out, err): ERR_INPUT when it is not what
 * unpack_request_write makes, or past a maximum. */
MUST_USE int unpack_request_read(const unsigned char head[UNPACK_REQUEST_HEAD],
	struct unpack_request *out, struct err *err);

enum unpack_kind {
	UNPACK_END = 'e',    /* depth, name and body are 0 */
	UNPACK_MEMBER = 'm', /* its name and all of its bytes */
	/* The last member of this depth was not unpacked, or not the archive
	 * that it is; at depth 0 the one that was asked about. No name, no
	 * body. */
	UNPACK_NOT = 'n',
};

enum unpack_reason {
	UNPACK_DONE,        /* of UNPACK_MEMBER and UNPACK_END */
	UNPACK_BROKEN,      /* damaged, cut short, or of an unknown method */
	UNPACK_ENCRYPTED,   /* needs a password */
	UNPACK_LARGE,       /* a member of more bytes than allowed */
	UNPACK_MUCH,        /* more bytes in all than allowed */
	UNPACK_MANY,        /* more members than allowed */
	UNPACK_DEEP,        /* an archive in more archives than allowed */
	UNPACK_MEMORY,      /* more memory than the program has */
	UNPACK_REASONS_MAX, /* none of them */
};

struct unpack_frame {
	enum unpack_kind kind;
	unsigned depth;
	enum unpack_reason reason;
	uint32_t name; /* bytes */
	uint64_t body; /* bytes */
};

void unpack_frame_write(
	const struct unpack_frame *f, unsigned char out[UNPACK_FRAME_HEAD]);
/* unpack_frame_read(head, out, err): one head by itself; strict. */
MUST_USE int unpack_frame_read(const unsigned char head[UNPACK_FRAME_HEAD],
	struct unpack_frame *out, struct err *err);

/* An answer under way: what was asked for, and what has come of it. Starts with
 * `asked` set and the rest 0. */
struct unpack_track {
	struct unpack_request asked;
	unsigned depth; /* of the last member */
	uint32_t members;
	uint64_t total;
	uint32_t refused;
	bool ended;
};

/* unpack_track(t, f, err): whether frame ${f} may come next: within what was
 * asked for and in order. ERR_INPUT otherwise. */
MUST_USE int unpack_track(
	struct unpack_track *t, const struct unpack_frame *f, struct err *err);

/* unpack_reason_text(r): "it is encrypted". */
const char *unpack_reason_text(enum unpack_reason r);

#endif
