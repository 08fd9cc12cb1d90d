#include "parse/lfspointer.h"

#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* There is one way only to write what was read. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf text = BUF_INIT(LFSPOINTER_MAX);
	struct lfspointer p;

	if (lfspointer_read(span_of(data, size), &p)) {
		buf_str(&text,
			"version https://git-lfs.github.com/spec/v1\n"
			"oid sha256:");
		text_hex(&text, span_of(p.sha256, sizeof(p.sha256)));
		buf_fmt(&text, "\nsize %llu\n", (unsigned long long)p.size);
		if (!span_eq(buf_all(&text), span_of(data, size)))
			die("lfspointer: not the same");
	}
	buf_free(&text);
	return 0;
}
