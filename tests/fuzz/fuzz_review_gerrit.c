/* What Gerrit answers. */
#include "reviewparts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	return reviewparts_run(&review_gerrit, data, n);
}
