#include "parse/delta.h"

#define RUN_DEFAULT 0x10000 /* a copy that gives no length */

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
	unsigned i;

	for (i = 0; i < 7; i++) {
		size_t byte;

		if (!(code >> i & 1))
			continue;
		if (!rest->n)
			return false;
		byte = *rest->p;
		*rest = span_from(*rest, 1);
		if (i < 4)
			out->at |= byte << (8 * i);
		else
			out->n |= byte << (8 * (i - 4));
	}
	if (!out->n)
		out->n = RUN_DEFAULT;
	return true;
}

int delta_next(struct delta *d, struct delta_step *out, struct err *err)
{
	unsigned code;

	memset(out, 0, sizeof(*out));
	if (!d->rest.n) {
		if (d->made == d->to)
			return 0;
		return err_set(err, ERR_INPUT,
			"a delta that makes %llu bytes of %llu",
			(unsigned long long)d->made, (unsigned long long)d->to);
	}
	code = *d->rest.p;
	d->rest = span_from(d->rest, 1);
	if (code & 128) {
		if (!read_copy(&d->rest, code, out))
			return err_set(
				err, ERR_INPUT, "a delta cut short in a copy");
		if (out->at > d->from || out->n > d->from - out->at)
			return err_set(err, ERR_INPUT,
				"a delta that copies from past its base");
	} else {
		if (!code)
			return err_set(
				err, ERR_INPUT, "a delta with a reserved step");
		if (d->rest.n < code)
			return err_set(err, ERR_INPUT,
				"a delta cut short in new bytes");
		out->new = d->rest.p;
		out->n = code;
		d->rest = span_from(d->rest, code);
	}
	if (out->n > d->to - d->made)
		return err_set(
			err, ERR_INPUT, "a delta that makes more than it says");
	d->made += out->n;
	return 1;
}
