#include "parse/delta.h"

#define RUN_DEFAULT 0x10000 /* a copy that gives no length */
#define COPY_MOST 7         /* bytes that say place and length */

static int read_length(struct span *raw, uint64_t *out, struct err *err)
{
	unsigned shift = 0;
	unsigned char c;

	*out = 0;
	do {
		if (!raw->n)
			return err_set(err, ERR_INPUT,
				"a delta cut short in its lengths");
		if (shift > 56)
			return err_set(
				err, ERR_INPUT, "a delta of absurd length");
		c = *raw->p;
		*raw = span_from(*raw, 1);
		*out |= (uint64_t)(c & 127) << shift;
		shift += 7;
	} while (c & 128);
	return 0;
}

int delta_open(struct span raw, struct delta *out, struct err *err)
{
	memset(out, 0, sizeof(*out));
	if (read_length(&raw, &out->from, err) ||
		read_length(&raw, &out->to, err))
		return -1;
	out->rest = raw;
	return 0;
}

/* The bits of ${code} say which bytes of place and length are written. */
static bool read_copy(struct span *rest, unsigned code, struct delta_step *out)
{
	const unsigned char *p = rest->p;
	size_t at = 0, n = 0;

	/* Counted each time, they would take as long as being read. */
	if (rest->n < COPY_MOST &&
		(size_t)__builtin_popcount(code & 127) > rest->n)
		return false;
	if (code & 1)
		at = *p++;
	if (code & 2)
		at |= (size_t)*p++ << 8;
	if (code & 4)
		at |= (size_t)*p++ << 16;
	if (code & 8)
		at |= (size_t)*p++ << 24;
	if (code & 16)
		n = *p++;
	if (code & 32)
		n |= (size_t)*p++ << 8;
	if (code & 64)
		n |= (size_t)*p++ << 16;
	*rest = span_from(*rest, (size_t)(p - rest->p));
	*out = (struct delta_step){NULL, at, n ? n : RUN_DEFAULT};
	return true;
}

static int damaged(struct err *err, const char *how)
{
	return err_set(err, ERR_INPUT, "a delta %s", how);
}

int delta_next(struct delta *d, struct delta_step *out, struct err *err)
{
	unsigned code;

	if (!d->rest.n) {
		if (d->made == d->to)
			return 0;
		return damaged(err, "that makes less than it says");
	}
	code = *d->rest.p++;
	d->rest.n--;
	if (code & 128) {
		if (!read_copy(&d->rest, code, out))
			return damaged(err, "cut short in a copy");
		if (out->at > d->from || out->n > d->from - out->at)
			return damaged(err, "that copies from past its base");
	} else {
		if (!code)
			return damaged(err, "with a reserved step");
		if (d->rest.n < code)
			return damaged(err, "cut short in new bytes");
		*out = (struct delta_step){d->rest.p, 0, code};
		d->rest.p += code;
		d->rest.n -= code;
	}
	if (out->n > d->to - d->made)
		return damaged(err, "that makes more than it says");
	d->made += out->n;
	return 1;
}
