#include "parse/unpackframe.h"

static const unsigned char magic[4] = "sup1";

static void put(unsigned char *p, size_t n, uint64_t v)
{
	while (n-- > 0) {
		p[n] = (unsigned char)(v & 0xff);
		v >>= 8;
	}
}

static uint64_t take(const unsigned char *p, size_t n)
{
	uint64_t v = 0;
	size_t i;

	for (i = 0; i < n; i++)
		v = v << 8 | p[i];
	return v;
}

void unpack_request_write(
	const struct unpack_request *r, unsigned char out[UNPACK_REQUEST_HEAD])
{
	memcpy(out, magic, sizeof(magic));
	put(out + 4, 4, (uint64_t)r->depth << 24);
	put(out + 8, 4, r->members);
	put(out + 12, 8, r->member);
	put(out + 20, 8, r->total);
	put(out + 28, 8, r->length);
}

int unpack_request_read(const unsigned char head[UNPACK_REQUEST_HEAD],
	struct unpack_request *out, struct err *err)
{
	struct unpack_request r = {.depth = head[4],
		.members = (uint32_t)take(head + 8, 4),
		.member = take(head + 12, 8),
		.total = take(head + 20, 8),
		.length = take(head + 28, 8)};

	*out = (struct unpack_request){.depth = 0};
	if (memcmp(head, magic, sizeof(magic)) || take(head + 5, 3))
		return err_set(
			err, ERR_INPUT, "not a request to sluice-unpack");
	if (!r.depth || r.depth > UNPACK_DEPTH_MAX ||
		r.members > UNPACK_MEMBERS_MAX || r.member > UNPACK_BYTES_MAX ||
		r.total > UNPACK_BYTES_MAX || r.length > UNPACK_BYTES_MAX)
		return err_set(
			err, ERR_INPUT, "a request past what may be asked for");
	*out = r;
	return 0;
}

void unpack_frame_write(
	const struct unpack_frame *f, unsigned char out[UNPACK_FRAME_HEAD])
{
	out[0] = (unsigned char)f->kind;
	out[1] = (unsigned char)f->depth;
	out[2] = (unsigned char)f->reason;
	out[3] = 0;
	put(out + 4, 4, f->name);
	put(out + 8, 8, f->body);
}

int unpack_frame_read(const unsigned char head[UNPACK_FRAME_HEAD],
	struct unpack_frame *out, struct err *err)
{
	struct unpack_frame f = {.kind = UNPACK_END,
		.depth = head[1],
		.name = (uint32_t)take(head + 4, 4),
		.body = take(head + 8, 8)};
	bool fits = false;

	*out = f;
	if (head[2] < UNPACK_REASONS_MAX)
		f.reason = (enum unpack_reason)head[2];
	switch (head[0]) {
	case UNPACK_END:
		fits = !f.depth && !head[2] && !f.name && !f.body;
		break;
	case UNPACK_MEMBER:
		f.kind = UNPACK_MEMBER;
		fits = f.depth && !head[2];
		break;
	case UNPACK_NOT:
		f.kind = UNPACK_NOT;
		fits = f.reason != UNPACK_DONE && !f.name && !f.body;
		break;
	default:
		break;
	}
	if (!fits || head[3] || f.depth > UNPACK_DEPTH_MAX ||
		f.name > UNPACK_NAME_MAX || f.body > UNPACK_BYTES_MAX)
		return err_set(err, ERR_INPUT, "not a frame of sluice-unpack");
	*out = f;
	return 0;
}

int unpack_track(
	struct unpack_track *t, const struct unpack_frame *f, struct err *err)
{
	if (t->ended)
		return err_set(err, ERR_INPUT, "a frame after the last one");
	switch (f->kind) {
	case UNPACK_END:
		t->ended = true;
		return 0;
	case UNPACK_MEMBER:
		if (f->depth > t->depth + 1 || f->depth > t->asked.depth)
			return err_set(err, ERR_INPUT,
				"a member of what no member is");
		if (t->members == t->asked.members ||
			f->body > t->asked.member ||
			f->body > t->asked.total - t->total)
			return err_set(
				err, ERR_INPUT, "more than was asked for");
		t->members++;
		t->total += f->body;
		t->depth = f->depth;
		return 0;
	case UNPACK_NOT:
		break;
	}
	/* Each member can fail twice, and the archive itself once. */
	if (f->depth > t->depth || t->refused / 2 > t->asked.members)
		return err_set(
			err, ERR_INPUT, "a refusal of what no member is");
	t->refused++;
	return 0;
}

const char *unpack_reason_text(enum unpack_reason r)
{
	switch (r) {
	case UNPACK_ENCRYPTED:
		return "it is encrypted";
	case UNPACK_LARGE:
		return "it is larger than allowed";
	case UNPACK_MUCH:
		return "the archive unpacks to more than allowed";
	case UNPACK_MANY:
		return "the archive has more members than allowed";
	case UNPACK_DEEP:
		return "archives lie in each other deeper than allowed";
	case UNPACK_MEMORY:
		return "unpacking it takes more memory than allowed";
	case UNPACK_DONE:
	case UNPACK_BROKEN:
	case UNPACK_REASONS_MAX:
		break;
	}
	return "it is damaged, cut short or of an unknown kind";
}
