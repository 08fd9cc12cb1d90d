#include "unpack/walk.h"

#include <unistd.h>

#include "base/io.h"
#include "parse/archivemagic.h"
#include "port/archive.h"

/* After this many broken headers there is no use in going on. */
#define BROKEN_MAX 16

struct walk {
	struct unpack_request left; /* of what was asked for */
	bool stop;                  /* a limit on all of it was met */
	struct buf level[UNPACK_DEPTH_MAX];
};

static void put(struct span s)
{
	struct err err = ERR_INIT;

	if (io_write(STDOUT_FILENO, s, &err))
		_exit(2);
}

static void tell(enum unpack_kind kind, unsigned depth,
	enum unpack_reason reason, struct span name, struct span body)
{
	unsigned char head[UNPACK_FRAME_HEAD];
	struct unpack_frame f = {.kind = kind, .depth = depth};

	name = span_sub(name, 0, UNPACK_NAME_MAX);
	f.reason = reason;
	f.name = (uint32_t)name.n;
	f.body = body.n;
	unpack_frame_write(&f, head);
	put(span_of(head, sizeof(head)));
	put(name);
	put(body);
}

static void refuse(unsigned depth, enum unpack_reason reason)
{
	tell(UNPACK_NOT, depth, reason, SPAN_EMPTY, SPAN_EMPTY);
}

static enum unpack_reason reason_of(enum unarchive_step step)
{
	switch (step) {
	case UNARCHIVE_ENCRYPTED:
		return UNPACK_ENCRYPTED;
	case UNARCHIVE_MEMORY:
		return UNPACK_MEMORY;
	case UNARCHIVE_FULL:
		return UNPACK_LARGE;
	case UNARCHIVE_OK:
	case UNARCHIVE_END:
	case UNARCHIVE_UNKNOWN:
	case UNARCHIVE_BROKEN:
		break;
	}
	return UNPACK_BROKEN;
}

static void walk(struct walk *w, struct span bytes, unsigned depth);

/* What a member holds, if it is an archive itself. */
static void descend(struct walk *w, struct span bytes, unsigned depth)
{
	enum archive_magic magic = archive_magic(bytes);

	if (magic == ARCHIVE_NONE)
		return;
	if (depth < w->left.depth)
		walk(w, bytes, depth);
	else if (magic == ARCHIVE_SURE)
		refuse(depth, UNPACK_DEEP);
}

/* One member, at ${depth}: told with what of it can be had. Whether to go on to
 * the next one: to get there past the rest of a large one takes unpacking all
 * of it. */
static bool member(struct walk *w, struct unarchive *u,
	const struct unarchive_member *m, unsigned depth)
{
	struct buf *body = &w->level[depth - 1];
	bool last = w->left.total < w->left.member;
	enum unarchive_step step;

	buf_reset(body);
	body->max = last ? w->left.total : w->left.member;
	step = unarchive_read(u, body);
	w->left.total -= body->n;
	tell(UNPACK_MEMBER, depth, UNPACK_DONE, m->name, buf_all(body));
	if (step == UNARCHIVE_FULL && last) {
		refuse(0, UNPACK_MUCH);
		w->stop = true;
	} else if (step != UNARCHIVE_OK) {
		/* What a compressed file holds has no name: the file is what
		 * could not be unpacked. */
		refuse(m->name.n ? depth : depth - 1, reason_of(step));
	} else {
		descend(w, buf_all(body), depth);
	}
	return step != UNARCHIVE_FULL || m->seeks;
}

/* ${bytes}: a member of ${depth}, or at 0 what was asked about. */
static void walk(struct walk *w, struct span bytes, unsigned depth)
{
	struct unarchive *u = unarchive_new(bytes);
	unsigned broken = 0;
	bool first = true;

	while (!w->stop && broken < BROKEN_MAX) {
		struct unarchive_member m;
		enum unarchive_step step;
		bool on;

		step = unarchive_next(u, &m, &on);
		if (step == UNARCHIVE_END)
			break;
		if (step != UNARCHIVE_OK) {
			/* One that is none was no archive, unless it surely
			 * looked like one. */
			if (!first || archive_magic(bytes) == ARCHIVE_SURE)
				refuse(depth, reason_of(step));
			if (!on)
				break;
			broken++;
		} else if (!w->left.members) {
			refuse(0, UNPACK_MANY);
			w->stop = true;
		} else {
			/* Folders and links count, so that they end. */
			w->left.members--;
			if (m.regular && !member(w, u, &m, depth + 1))
				break;
		}
		first = false;
	}
	unarchive_free(u);
}

void walk_archive(const struct unpack_request *request, struct span bytes)
{
	struct walk w = {.left = *request};
	size_t i;

	walk(&w, bytes, 0);
	tell(UNPACK_END, 0, UNPACK_DONE, SPAN_EMPTY, SPAN_EMPTY);
	for (i = 0; i < ARRAY_LEN(w.level); i++)
		buf_free(&w.level[i]);
}
