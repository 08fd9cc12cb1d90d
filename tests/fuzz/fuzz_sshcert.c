/* SSH certificates: all that is accepted lies inside the input, its key reads
 * back, and every principal is told. */
#include "parse/sshcert.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void inside(const uint8_t *data, size_t n, struct span s)
{
	if (s.n && (s.p < data || s.p + s.n > data + n))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct buf plain = BUF_INIT(SSHKEY_BLOB_MAX);
	struct err err = ERR_INIT;
	struct span list, one;
	struct sshcert c;
	struct sshkey key;
	size_t told = 0;

	if (sshcert_read(span_of(data, n), &c, &err)) {
		if (!err.text[0] || c.key.type != SSHKEY_UNSUPPORTED)
			abort();
		return 0;
	}
	if (!sshcert_named(span_of(data, n)))
		abort();
	inside(data, n, c.fields);
	inside(data, n, c.key.point);
	inside(data, n, c.key.n);
	inside(data, n, c.key_id);
	inside(data, n, c.critical);
	inside(data, n, c.authority.blob);
	inside(data, n, c.proof.sig);
	if (c.covered.p != data || c.covered.n >= n)
		abort();
	sshcert_plain(&c, &plain);
	if (plain.full || sshkey_read(buf_all(&plain), &key, &err) ||
		key.type != c.key.type || key.bits != c.key.bits)
		abort();
	buf_free(&plain);
	for (list = c.principals; sshcert_principal(&list, &one);) {
		inside(data, n, one);
		told += 4 + one.n;
	}
	if (told != c.principals.n)
		abort();
	return 0;
}
