#include "port/inflate.h"

#include <libdeflate.h>

struct inflater {
	struct libdeflate_decompressor *d;
};

struct inflater *inflater_new(void)
{
	struct inflater *f = malloc(sizeof(*f));

	if (f)
		f->d = libdeflate_alloc_decompressor();
	if (!f || !f->d)
		die("out of memory");
	return f;
}

void inflater_free(struct inflater *f)
{
	if (!f)
		return;
	libdeflate_free_decompressor(f->d);
	free(f);
}

int inflate_exact(struct inflater *f, struct span in, unsigned char *out,
	size_t n, struct err *err)
{
	size_t used;

	switch (libdeflate_zlib_decompress_ex(
		f->d, in.p, in.n, out, n, &used, NULL)) {
	case LIBDEFLATE_SUCCESS:
		return 0;
	case LIBDEFLATE_SHORT_OUTPUT:
		return err_set(
			err, ERR_INPUT, "fewer bytes than the head says");
	case LIBDEFLATE_INSUFFICIENT_SPACE:
		return err_set(err, ERR_INPUT, "more bytes than the head says");
	case LIBDEFLATE_BAD_DATA:
	default:
		return err_set(err, ERR_INPUT, "a damaged zlib stream");
	}
}
