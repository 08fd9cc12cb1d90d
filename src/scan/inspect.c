#include "scan/inspect.h"

#include <stdlib.h>

#include "parse/archivemagic.h"
#include "scan/members.h"

struct inspector {
	struct scanner *scanner;
	struct reveal *reveal;
	unsigned depth;
	struct unpacker *unpacker; /* NULL: archives are bytes as others */
};

struct inspect_carry {
	struct scan_carry *plain;
	struct reveal_trace *encoded;
};

struct inspector *inspector_new(struct scanner *s, unsigned depth)
{
	struct inspector *in = calloc(1, sizeof(*in));

	if (!in)
		die("no memory for the scanner");
	in->scanner = s;
	in->depth = depth;
	in->reveal = reveal_new(s, depth);
	return in;
}

void inspector_unpack(struct inspector *in, const struct unpack_setup *setup)
{
	unpacker_free(in->unpacker);
	in->unpacker = unpacker_new(setup);
}

int inspector_clone(
	const struct inspector *in, struct inspector **out, struct err *err)
{
	struct scanner *s;

	*out = NULL;
	if (scanner_clone(in->scanner, &s, err))
		return -1;
	*out = inspector_new(s, in->depth);
	if (in->unpacker)
		inspector_unpack(*out, unpacker_setup(in->unpacker));
	return 0;
}

void inspector_free(struct inspector *in)
{
	if (!in)
		return;
	reveal_free(in->reveal);
	scanner_free(in->scanner);
	unpacker_free(in->unpacker);
	free(in);
}

const char *inspector_digest(const struct inspector *in)
{
	return scanner_digest(in->scanner);
}

struct inspect_carry *inspect_carry_new(void)
{
	struct inspect_carry *c = calloc(1, sizeof(*c));

	if (!c)
		die("no memory for the scanner");
	c->plain = scan_carry_new();
	c->encoded = reveal_trace_new();
	return c;
}

void inspect_carry_free(struct inspect_carry *c)
{
	if (!c)
		return;
	scan_carry_free(c->plain);
	reveal_trace_free(c->encoded);
	free(c);
}

void inspect_carry_old(struct inspect_carry *c)
{
	scan_carry_old(c->plain);
	reveal_trace_old(c->encoded);
}

/* The bytes as they stand, and what is encoded in them. */

static int view_open(struct inspector *in, struct span bytes,
	struct inspect_carry *carry, struct arena *arena,
	struct scan_result *out, struct err *err)
{
	if (scanner_scan_open(in->scanner, bytes, carry ? carry->plain : NULL,
		    arena, out, err))
		return -1;
	if (out->outcome != SCAN_DONE)
		return 0;
	return reveal_open(in->reveal, bytes, NULL,
		carry ? carry->encoded : NULL, arena, out, err);
}

static int view_new(struct inspector *in, struct span bytes,
	const struct scan_copy *copy, size_t ncopy,
	const struct inspect_carry *base, struct inspect_carry *carry,
	struct arena *arena, struct scan_result *out, struct err *err)
{
	if (scanner_scan_new(in->scanner, bytes, copy, ncopy, base->plain,
		    carry ? carry->plain : NULL, arena, out, err))
		return -1;
	if (out->outcome != SCAN_DONE)
		return 0;
	return reveal_fresh(in->reveal, bytes, copy, ncopy, base->encoded,
		carry ? carry->encoded : NULL, arena, out, err);
}

static int view_settle(struct inspector *in, struct span path,
	struct scan_result *r, struct err *err)
{
	return scanner_settle(in->scanner, path, r, err);
}

static int view_scan(struct inspector *in, struct span bytes, struct span path,
	struct arena *arena, struct scan_result *out, struct err *err)
{
	struct scan_result encoded = {.outcome = SCAN_DONE};

	if (scanner_scan(in->scanner, bytes, path, arena, out, err))
		return -1;
	if (out->outcome != SCAN_DONE)
		return 0;
	if (reveal_open(in->reveal, bytes, NULL, NULL, arena, &encoded, err))
		return -1;
	if (!encoded.nhit && encoded.outcome == SCAN_DONE)
		return 0;
	/* Which of them stay is known when all are there. */
	if (view_open(in, bytes, NULL, arena, out, err))
		return -1;
	return view_settle(in, path, out, err);
}

/* Members */

/* The blob whose members are looked at. */
struct inside {
	struct inspector *in;
	const struct inspect_carry *base; /* or NULL */
	struct inspect_carry *carry;      /* or NULL */
};

static void carry_join(
	struct inspect_carry *c, const struct inspect_carry *with)
{
	scan_carry_join(c->plain, with->plain);
	reveal_trace_join(c->encoded, with->encoded);
}

/* A member is read whole, whatever the blob was made from: what is in an
 * archive is not where it was. What is known, is known all the same. */
static int look_at_content(void *ctx, struct span bytes, struct span path,
	struct arena *arena, struct scan_result *out, struct err *err)
{
	const struct inside *x = ctx;
	struct inspect_carry *carry = x->carry ? inspect_carry_new() : NULL;
	int ret;

	if (x->base)
		ret = view_new(
			x->in, bytes, NULL, 0, x->base, carry, arena, out, err);
	else
		ret = view_open(x->in, bytes, carry, arena, out, err);
	if (!ret && path.p)
		ret = view_settle(x->in, path, out, err);
	if (!ret && carry)
		carry_join(x->carry, carry);
	inspect_carry_free(carry);
	return ret;
}

static int look_at_name(void *ctx, struct span path, struct arena *arena,
	struct scan_result *out, struct err *err)
{
	const struct inside *x = ctx;

	return inspect_path(x->in, path, arena, out, err);
}

static int look_inside(struct inspector *in, struct span bytes,
	const struct inspect_carry *base, struct inspect_carry *carry,
	struct arena *arena, struct scan_result *out, struct err *err)
{
	struct inside x = {in, base, carry};
	const struct members_eyes eyes = {
		in->unpacker, look_at_content, look_at_name, &x};

	if (!in->unpacker || !members_are_in(bytes))
		return 0;
	return members_add(&eyes, bytes, arena, out, err);
}

/* Of the hits from ${at} on, how many are in one part. */
static size_t same_part(const struct scan_result *r, size_t at)
{
	size_t i = at;

	while (i < r->nhit && r->hit[i].part == r->hit[at].part)
		i++;
	return i - at;
}

/* Part by part: hits of different ones do not overlap, and those of members
 * whose path is known are settled. ${own}: the blob's own hits are to be. */
static int settle_parts(struct inspector *in, struct span path, bool own,
	struct scan_result *r, struct err *err)
{
	size_t at, n, kept = 0;

	for (at = 0; at < r->nhit; at += n) {
		struct scan_result part = *r;
		const struct scan_hit *first = &r->hit[at];
		struct span its = path;

		n = same_part(r, at);
		part.hit = &r->hit[at];
		part.nhit = n;
		if (first->part && path.p)
			its = archive_strip(path);
		if (first->part ? !first->member_path.p : own) {
			if (view_settle(in, its, &part, err))
				return -1;
			r->elsewhere |= part.elsewhere;
		}
		memmove(&r->hit[kept], part.hit, part.nhit * sizeof(*part.hit));
		kept += part.nhit;
	}
	r->nhit = kept;
	return 0;
}

int inspect_scan(struct inspector *in, struct span bytes, struct span path,
	struct arena *arena, struct scan_result *out, struct err *err)
{
	if (view_scan(in, bytes, path, arena, out, err) ||
		look_inside(in, bytes, NULL, NULL, arena, out, err))
		return -1;
	return settle_parts(in, path, false, out, err);
}

int inspect_open(struct inspector *in, struct span bytes,
	struct inspect_carry *carry, struct arena *arena,
	struct scan_result *out, struct err *err)
{
	if (view_open(in, bytes, carry, arena, out, err))
		return -1;
	return look_inside(in, bytes, NULL, carry, arena, out, err);
}

int inspect_new(struct inspector *in, struct span bytes,
	const struct scan_copy *copy, size_t ncopy,
	const struct inspect_carry *base, struct inspect_carry *carry,
	struct arena *arena, struct scan_result *out, struct err *err)
{
	if (view_new(in, bytes, copy, ncopy, base, carry, arena, out, err))
		return -1;
	return look_inside(in, bytes, base, carry, arena, out, err);
}

int inspect_settle(struct inspector *in, struct span path,
	struct scan_result *r, struct err *err)
{
	return settle_parts(in, path, true, r, err);
}

int inspect_path(struct inspector *in, struct span path, struct arena *arena,
	struct scan_result *out, struct err *err)
{
	return scanner_scan_path(in->scanner, path, arena, out, err);
}

int inspect_stands(struct inspector *in, const struct scan_hit *hit,
	struct span path, const char *commit, bool *out, struct err *err)
{
	if (hit->part)
		path = hit->member_path.p ? hit->member_path
					  : archive_strip(path);
	return scanner_stands(in->scanner, hit, path, commit, out, err);
}
