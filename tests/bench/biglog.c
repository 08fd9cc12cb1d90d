/* biglog DIR N: a new log of N decisions in DIR/s, written straight, nothing
 * synced; for scripts/bench-log. */
#include <stdio.h>

#include "../support/unit.h"

#include "../support/records.h"
#include "base/text.h"

int main(int argc, char **argv)
{
	uint64_t n;

	if (argc != 3 || !text_to_u64(span_str(argv[2]), 100000000, &n)) {
		fprintf(stderr, "usage: biglog DIR N\n");
		return 64;
	}
	free(test_log(argv[1], (unsigned)n));
	return 0;
}
