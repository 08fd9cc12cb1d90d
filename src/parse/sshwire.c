#include "parse/sshwire.h"

static struct span take(struct sshwire *w, size_t n)
{
	struct span s;

	if (w->bad || n > w->rest.n) {
		w->bad = true;
		return SPAN_EMPTY;
	}
	s = span_sub(w->rest, 0, n);
	w->rest = span_from(w->rest, n);
	return s;
}

unsigned char sshwire_byte(struct sshwire *w)
{
	struct span s = take(w, 1);

	return s.n ? s.p[0] : 0;
}

uint32_t sshwire_u32(struct sshwire *w)
{
	struct span s = take(w, 4);

	if (!s.n)
		return 0;
	return (uint32_t)s.p[0] << 24 | (uint32_t)s.p[1] << 16 |
		(uint32_t)s.p[2] << 8 | s.p[3];
}

uint64_t sshwire_u64(struct sshwire *w)
{
	uint64_t high = sshwire_u32(w);

	return high << 32 | sshwire_u32(w);
}

struct span sshwire_string(struct sshwire *w)
{
	return take(w, sshwire_u32(w));
}

struct span sshwire_number(struct sshwire *w)
{
	struct span s = sshwire_string(w);

	if (s.n && s.p[0] == 0) {
		s = span_from(s, 1);
		/* A zero in front is there for the sign bit alone. */
		if (!s.n || !(s.p[0] & 0x80))
			w->bad = true;
	} else if (!s.n || (s.p[0] & 0x80)) {
		w->bad = true;
	}
	return w->bad ? SPAN_EMPTY : s;
}

bool sshwire_end(const struct sshwire *w)
{
	return !w->bad && w->rest.n == 0;
}

void sshwire_put(struct buf *out, struct span s)
{
	buf_byte(out, (unsigned char)(s.n >> 24));
	buf_byte(out, (unsigned char)(s.n >> 16));
	buf_byte(out, (unsigned char)(s.n >> 8));
	buf_byte(out, (unsigned char)s.n);
	buf_span(out, s);
}
