#include <locale.h>

#include "parse/archivemagic.h"
#include "port/archive.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* All members of what looks like an archive, each to a small size. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span s = span_of(data, size);
	struct buf body = BUF_INIT(4096);
	struct unarchive_member m;
	struct unarchive *u;
	unsigned n;
	bool on;

	setlocale(LC_CTYPE, "C.UTF-8");
	(void)archive_magic(s);
	u = unarchive_new(s);
	for (n = 0; n < 64; n++) {
		enum unarchive_step step = unarchive_next(u, &m, &on);

		if (step == UNARCHIVE_END)
			break;
		if (step != UNARCHIVE_OK) {
			if (!on)
				break;
			continue;
		}
		buf_reset(&body);
		(void)unarchive_read(u, &body);
		if (body.full || body.n > body.max)
			die("archive: more than there is room for");
	}
	unarchive_free(u);
	buf_free(&body);
	return 0;
}
