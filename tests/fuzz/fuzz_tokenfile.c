/* Token files: what is read stands in the file as it does in the format. */
#include "base/buf.h"
#include "parse/tokenfile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct buf again = BUF_INIT(2 * TOKENFILE_MAX);
	struct span address, token;

	if (tokenfile_read(span_of(data, n), &address, &token)) {
		buf_str(&again, "address ");
		buf_span(&again, address);
		buf_str(&again, "\ntoken ");
		buf_span(&again, token);
		buf_byte(&again, '\n');
		if (!span_eq(buf_all(&again), span_of(data, n)))
			die("tokenfile: not the same");
	}
	buf_free(&again);
	return 0;
}
