#include "port/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>

#include "parse/archivemagic.h"

struct unarchive {
	struct archive *a;
	struct archive_entry *entry; /* of libarchive */
	struct span bytes;
	bool begun;
};

/* These and no others: each is a parser more. */
static bool allow_compressed(struct archive *a)
{
	return !archive_read_support_filter_gzip(a) &&
		!archive_read_support_filter_bzip2(a) &&
		!archive_read_support_filter_xz(a) &&
		!archive_read_support_filter_zstd(a) &&
		!archive_read_support_format_raw(a);
}

static bool allow_archives(struct archive *a)
{
	return !archive_read_support_format_zip(a) &&
		!archive_read_support_format_tar(a) &&
		!archive_read_support_format_7zip(a) &&
		!archive_read_support_format_cpio(a) &&
		!archive_read_support_format_ar(a);
}

static void begin(struct unarchive *u, bool archives)
{
	u->a = archive_read_new();
	if (!u->a)
		die("out of memory");
	if (!allow_compressed(u->a) || (archives && !allow_archives(u->a)))
		die("libarchive does not know a format that it should: %s",
			archive_error_string(u->a));
	/* A failure comes again with the first member. */
	(void)archive_read_open_memory(u->a, u->bytes.p, u->bytes.n);
}

struct unarchive *unarchive_new(struct span bytes)
{
	struct unarchive *u = calloc(1, sizeof(*u));

	if (!u)
		die("out of memory");
	u->bytes = bytes;
	begin(u, true);
	return u;
}

void unarchive_free(struct unarchive *u)
{
	if (!u)
		return;
	archive_read_free(u->a);
	free(u);
}

static enum unarchive_step failed(struct unarchive *u)
{
	if (archive_errno(u->a) == ENOMEM)
		return UNARCHIVE_MEMORY;
	if (u->entry && archive_entry_is_encrypted(u->entry) > 0)
		return UNARCHIVE_ENCRYPTED;
	/* Of others it would look at what is gone after a failure. */
	if (archive_format(u->a) == ARCHIVE_FORMAT_7ZIP &&
		archive_read_has_encrypted_entries(u->a) > 0)
		return UNARCHIVE_ENCRYPTED;
	return UNARCHIVE_BROKEN;
}

/* The format that takes anything, with nothing to unpack. */
static bool is_nothing(struct archive *a)
{
	return archive_format(a) == ARCHIVE_FORMAT_RAW &&
		archive_filter_count(a) <= 1;
}

/* A zip is read from its start where its end is missing. */
static bool is_cut(const struct unarchive *u)
{
	return archive_format(u->a) == ARCHIVE_FORMAT_ZIP &&
		archive_filter_count(u->a) <= 1 && !archive_zip_ends(u->bytes);
}

enum unarchive_step unarchive_next(
	struct unarchive *u, struct unarchive_member *out, bool *on)
{
	const char *name;
	int r;

	*out = (struct unarchive_member){.regular = false};
	*on = false;
	u->entry = NULL;
	r = archive_read_next_header(u->a, &u->entry);
	/* Zeros are an empty tar. What is compressed holds something all the
	 * same. */
	if (r == ARCHIVE_EOF && !u->begun && archive_filter_count(u->a) > 1) {
		archive_read_free(u->a);
		begin(u, false);
		r = archive_read_next_header(u->a, &u->entry);
	}
	if (r == ARCHIVE_EOF)
		return is_cut(u) ? UNARCHIVE_BROKEN : UNARCHIVE_END;
	if (r != ARCHIVE_OK && r != ARCHIVE_WARN) {
		if (r == ARCHIVE_FATAL)
			u->entry = NULL;
		*on = r != ARCHIVE_FATAL;
		return failed(u);
	}
	if (!u->begun && is_nothing(u->a))
		return UNARCHIVE_UNKNOWN;
	u->begun = true;
	if (archive_format(u->a) == ARCHIVE_FORMAT_RAW) {
		out->regular = true;
		return UNARCHIVE_OK;
	}
	name = archive_entry_pathname(u->entry);
	if (!name)
		name = archive_entry_pathname_utf8(u->entry);
	/* An empty name has a meaning of its own. */
	out->name = name && name[0] ? span_str(name) : SPAN_LIT("?");
	out->regular = !archive_entry_hardlink(u->entry) &&
		(archive_entry_filetype(u->entry) == AE_IFREG ||
			!archive_entry_filetype(u->entry));
	out->seeks = archive_format(u->a) == ARCHIVE_FORMAT_ZIP &&
		archive_filter_count(u->a) <= 1;
	return UNARCHIVE_OK;
}

enum unarchive_step unarchive_read(struct unarchive *u, struct buf *out)
{
	const size_t block = (size_t)64 << 10;
	la_ssize_t n;

	for (;;) {
		size_t left = out->max - out->n;
		unsigned char more;
		unsigned char *room = left
			? buf_room(out, left < block ? left : block)
			: &more;

		n = archive_read_data(u->a, room,
			!left                  ? 1
				: left < block ? left
					       : block);
		if (n == 0)
			return UNARCHIVE_OK;
		if (n < 0)
			return failed(u);
		if (!left)
			return UNARCHIVE_FULL;
		out->n += (size_t)n;
	}
}
