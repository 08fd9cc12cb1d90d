#include "cmd/print.h"

#include "base/text.h"

void print_text(struct span s)
{
	struct buf b = BUF_INIT(PRINT_MAX * 4 + 8);

	text_printable(&b, s, PRINT_MAX);
	if (b.n)
		fwrite(b.p, b.n, 1, stdout);
	buf_free(&b);
}

void print_line(const char *label, struct span s)
{
	if (!s.n)
		return;
	printf("%-12s", label);
	print_text(s);
	putchar('\n');
}
