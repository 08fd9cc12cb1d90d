#include "scan/inspect.h"

#include <stdlib.h>

struct inspector {
	struct scanner *scanner;
	struct reveal *reveal;
	unsigned depth;
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

int inspector_clone(
	const struct inspector *in, struct inspector **out, struct err *err)
{
	struct scanner *s;

	*out = NULL;
	if (scanner_clone(in->scanner, &s, err))
		return -1;
	*out = inspector_new(s, in->depth);
	return 0;
}

void inspector_free(struct inspector *in)
{
	if (!in)
		return;
	reveal_free(in->reveal);
	scanner_free(in->scanner);
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

int inspect_scan(struct inspector *in, struct span bytes, struct span path,
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
	if (inspect_open(in, bytes, NULL, arena, out, err))
		return -1;
	return scanner_settle(in->scanner, path, out, err);
}

int inspect_open(struct inspector *in, struct span bytes,
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

int inspect_new(struct inspector *in, struct span bytes,
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

int inspect_settle(struct inspector *in, struct span path,
	struct scan_result *r, struct err *err)
{
	return scanner_settle(in->scanner, path, r, err);
}

int inspect_path(struct inspector *in, struct span path, struct arena *arena,
	struct scan_result *out, struct err *err)
{
	return scanner_scan_path(in->scanner, path, arena, out, err);
}

int inspect_stands(struct inspector *in, const struct scan_hit *hit,
	struct span path, const char *commit, bool *out, struct err *err)
{
	return scanner_stands(in->scanner, hit, path, commit, out, err);
}
