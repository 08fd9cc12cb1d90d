#include "scan/redact.h"

#include <math.h>

#include "base/banned.h"

double entropy_of(struct span s)
{
	size_t count[256] = {0}, i;
	double bits = 0;

	for (i = 0; i < s.n; i++)
		count[s.p[i]]++;
	for (i = 0; i < 256; i++) {
		double share;

		if (!count[i])
			continue;
		share = (double)count[i] / (double)s.n;
		bits -= share * log2(share);
	}
	return bits;
}

static void show(struct span s, struct buf *out)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		buf_byte(out, s.p[i] < ' ' || s.p[i] > '~' ? '?' : s.p[i]);
}

void redact(struct span secret, struct buf *out)
{
	size_t n = secret.n / 4 < 6 ? secret.n / 4 : 6, tail = n / 3;

	show(span_sub(secret, 0, n - tail), out);
	buf_str(out, "…");
	show(span_from(secret, secret.n - tail), out);
}
