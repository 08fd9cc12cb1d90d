#include "scan/decode_alphabet.h"
#include "scan/decodestep.h"

const unsigned char decode_base64_digit[256] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 62, 0, 62, 0, 63, 52, 53, 54, 55, 56, 57, 58,
	59, 60, 61, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11,
	12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 0, 0, 0, 0, 63,
	0, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42,
	43, 44, 45, 46, 47, 48, 49, 50, 51, 0, 0, 0, 0, 0};

int decode_base64_run(
	struct decode_search *s, const struct dense_run *run, struct err *err)
{
	size_t phase;

	for (phase = 0; phase < 4; phase++)
		if (decode_stretches(
			    s, run, ENCODING_BASE64, phase, run->chars.n, err))
			return -1;
	return 0;
}
