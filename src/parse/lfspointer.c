#include "parse/lfspointer.h"

#include "base/text.h"
#include "parse/keyline.h"

bool lfspointer_read(struct span text, struct lfspointer *out)
{
	struct span version, oid, size;
	struct span digest = SPAN_LIT("sha256:");

	return text.n <= LFSPOINTER_MAX &&
		keyline_take(&text, "version", &version) &&
		span_is(version, "https://git-lfs.github.com/spec/v1") &&
		keyline_take(&text, "oid", &oid) && span_starts(oid, digest) &&
		text_hex_read(span_from(oid, digest.n), out->sha256,
			sizeof(out->sha256)) &&
		keyline_take(&text, "size", &size) &&
		text_to_u64(size, INT64_MAX, &out->size) && !text.n;
}
