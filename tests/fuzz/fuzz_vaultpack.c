/* Packs of the vault: what the tables name lies inside the file, is found where
 * it stands, and is written again as it was read. */
#include "parse/vaultpack.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void no_digest(struct span s, unsigned char out[VAULTPACK_DIGEST])
{
	(void)s;
	memset(out, 0, VAULTPACK_DIGEST);
}

static void check_record(const struct vaultpack *p, uint32_t i)
{
	struct vaultpack_record r = vaultpack_record(p, i), found;
	size_t size;

	if (r.block >= p->nblock ||
		(uint64_t)r.at + r.length >
			vaultpack_block(p, r.block, &size).length)
		abort();
	if (!vaultpack_find(p, r.sha256, &found) || found.block != r.block ||
		found.at != r.at || found.length != r.length)
		abort();
}

static void check_again(const struct vaultpack *p, struct span raw)
{
	static struct vaultpack_block block[VAULTPACK_ENTRIES];
	static struct vaultpack_record record[VAULTPACK_ENTRIES];
	struct vaultpack_made m = {
		p->from, p->to, p->end, block, p->nblock, record, p->nrecord};
	struct buf out = BUF_INIT(VAULTPACK_TABLES_MAX);
	uint64_t total = 0;
	uint32_t i;
	size_t size;

	for (i = 0; i < p->nblock; i++) {
		block[i] = vaultpack_block(p, i, &size);
		total += size;
	}
	if (total != p->end)
		abort();
	for (i = 0; i < p->nrecord; i++)
		record[i] = vaultpack_record(p, i);
	vaultpack_write(&m, no_digest, &out);
	raw = span_from(raw, raw.n - out.n);
	if (!span_eq(span_sub(raw, 0, raw.n - VAULTPACK_DIGEST),
		    span_sub(buf_all(&out), 0, out.n - VAULTPACK_DIGEST)))
		abort();
	buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct err err = ERR_INIT;
	struct vaultpack p;
	uint32_t i;

	if (vaultpack_parse(span_of(data, n), n, NULL, &p, &err))
		return err.text[0] ? 0 : (abort(), 1);
	for (i = 0; i < p.nrecord; i++)
		check_record(&p, i);
	check_again(&p, span_of(data, n));
	return 0;
}
