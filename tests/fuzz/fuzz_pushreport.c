#include "parse/pushreport.h"

#include "base/err.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first line is the ref that is asked about. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span all = span_of(data, size), ref, reason;

	if (!span_line(&all, &ref, NULL))
		return 0;
	if (pushreport_read(all, ref, &reason) != PUSHREPORT_REFUSED &&
		reason.n)
		die("pushreport: a reason without a refusal");
	return 0;
}
