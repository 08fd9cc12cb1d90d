#include "parse/pushline.h"
#include "parse/refline.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Whatever comes, as many lines go on as came, and the next parser takes them
 * or not. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new((size_t)256 << 20);
	struct buf out = BUF_INIT((size_t)64 << 20);
	struct span text = span_of(data, size), turned, line;
	struct err err = ERR_INIT;
	struct ref_update *up;
	size_t n;

	if (!pushline_turn(text, &out, &err)) {
		turned = buf_all(&out);
		while (span_line(&text, &line, NULL))
			if (!span_line(&turned, &line, NULL))
				die("pushline: a line was lost");
		if (turned.n)
			die("pushline: a line came from nowhere");
		if (refline_parse(buf_all(&out), arena, &up, &n, &err))
			err_clear(&err);
	}
	buf_free(&out);
	arena_free(arena);
	return 0;
}
