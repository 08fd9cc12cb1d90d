#include "scan/pack.h"

#include "base/io.h"
#include "port/crypto.h"
#include "scan/builtin.h"
#include "scan/leakpack.h"

static const struct leakpack_source user_files = {leakpack_file, NULL, NULL};

int pack_of(struct span text, struct arena *arena, struct pack *out,
	struct err *err)
{
	*out = (struct pack){0};
	if (rulepack_parse(text, arena, &out->rules, err))
		return -1;
	sha256_hex(text, out->digest);
	return 0;
}

int pack_read(const char *name, struct arena *arena, struct pack *out,
	struct err *err)
{
	struct buf bytes = BUF_INIT(RULEPACK_TEXT_MAX);
	int r = -1;

	*out = (struct pack){0};
	if (span_is(span_str(name), "builtin")) {
		out->rules = &builtin_rules;
		snprintf(
			out->digest, sizeof(out->digest), "%s", builtin_digest);
		return 0;
	}
	if (leakpack_is(name))
		return leakpack_read(
			leakpack_is(name), &user_files, arena, out, err);
	if (io_read_file(name, &bytes, err))
		goto out;
	if (pack_of(buf_all(&bytes), arena, out, err)) {
		err_in(err, "%s", name);
		goto out;
	}
	r = 0;
out:
	buf_free(&bytes);
	return r;
}
