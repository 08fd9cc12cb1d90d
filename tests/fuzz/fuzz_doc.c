/* JSON: whatever is accepted has one canonical form, which reads back equal. */
#include "parse/doc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct buf once = BUF_INIT(64u << 20), twice = BUF_INIT(64u << 20);
	struct err err = ERR_INIT;
	struct doc *j, *back;

	if (doc_parse(span_of(data, n), &j, &err))
		return 0;
	doc_canonical(j, &once);
	if (doc_parse(buf_all(&once), &back, &err))
		abort();
	doc_canonical(back, &twice);
	if (!span_eq(buf_all(&once), buf_all(&twice)))
		abort();
	doc_free(j);
	doc_free(back);
	buf_free(&once);
	buf_free(&twice);
	return 0;
}
