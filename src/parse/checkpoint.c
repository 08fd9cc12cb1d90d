#include "parse/checkpoint.h"

#include "base/text.h"
#include "parse/note.h"

const unsigned char checkpoint_empty_root[HASH_LEN] = {0xe3, 0xb0, 0xc4, 0x42,
	0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24,
	0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b,
	0x78, 0x52, 0xb8, 0x55};

static int bad(struct err *err, const char *why)
{
	return err_set(err, ERR_INPUT, "not a checkpoint: %s", why);
}

bool checkpoint_origin_ok(struct span origin)
{
	size_t i;

	for (i = 0; i < origin.n; i++)
		if (origin.p[i] <= 0x20 || origin.p[i] >= 0x7f)
			return false;
	return note_name_ok(origin);
}

int checkpoint_form(struct span text, struct checkpoint *out, struct err *err)
{
	struct buf root = BUF_INIT(HASH_LEN);
	struct span line, rest = text;
	struct checkpoint c = {0};
	bool lf;
	int ret = -1;

	memset(out, 0, sizeof(*out));
	if (!span_line(&rest, &c.origin, &lf) || !lf || !c.origin.n) {
		bad(err, "no origin");
		goto out;
	}
	if (!span_line(&rest, &line, &lf) || !lf ||
		!text_to_u64(line, LOG_SIZE_MAX, &c.size)) {
		bad(err, "the size is not a number up to 2^62");
		goto out;
	}
	if (!span_line(&rest, &line, &lf) || !lf ||
		!text_base64_read(line, &root) || root.n != HASH_LEN) {
		bad(err, "the root hash is not 32 bytes of base64");
		goto out;
	}
	memcpy(c.root, root.p, HASH_LEN);
	c.extensions = rest;
	while (span_line(&rest, &line, &lf)) {
		if (!lf || !line.n) {
			bad(err, "an empty or unfinished extension line");
			goto out;
		}
	}
	*out = c;
	ret = 0;
out:
	buf_free(&root);
	return ret;
}

int checkpoint_parse(struct span text, struct checkpoint *out, struct err *err)
{
	if (checkpoint_form(text, out, err))
		return -1;
	if (!out->size && memcmp(out->root, checkpoint_empty_root, HASH_LEN)) {
		memset(out, 0, sizeof(*out));
		return bad(err, "size 0 with the root hash of something");
	}
	return 0;
}

void checkpoint_text(const struct checkpoint *c, struct buf *out)
{
	buf_span(out, c->origin);
	buf_fmt(out, "\n%llu\n", (unsigned long long)c->size);
	text_base64(out, span_of(c->root, HASH_LEN));
	buf_byte(out, '\n');
}
