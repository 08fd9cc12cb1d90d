#include "scan/pack.h"

#include "base/io.h"
#include "port/crypto.h"

/* Generated from policies/secrets/builtin.json by the Makefile. */
extern const unsigned char builtin_pack[];
extern const size_t builtin_pack_len;

struct span pack_builtin(void)
{
	return span_of(builtin_pack, builtin_pack_len);
}

int pack_read(const char *name, struct arena *arena, struct pack *out,
	struct err *err)
{
	struct buf bytes = BUF_INIT(RULEPACK_TEXT_MAX);
	struct span text = pack_builtin();
	int r = -1;

	*out = (struct pack){0};
	if (!span_is(span_str(name), "builtin")) {
		if (io_read_file(name, &bytes, err))
			goto out;
		text = buf_all(&bytes);
	}
	if (rulepack_parse(text, arena, &out->rules, err)) {
		err_in(err, "%s", name);
		goto out;
	}
	sha256_hex(text, out->digest);
	r = 0;
out:
	buf_free(&bytes);
	return r;
}
