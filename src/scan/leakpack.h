/* A rule pack from a gitleaks.toml and what it extends. */
#ifndef SCAN_LEAKPACK_H
#define SCAN_LEAKPACK_H

#include "base/buf.h"
#include "scan/pack.h"

#define LEAKPACK_PREFIX "gitleaks:" /* of a pack's name: a file follows */

struct leakpack_source {
	/* read(ctx, path, out, err): the bytes of a file, as it is named */
	int (*read)(
		void *ctx, const char *path, struct buf *out, struct err *err);
	void *ctx;
	const char *standard; /* file with gitleaks' own rules, for
			       * "useDefault"; or NULL */
};

/* leakpack_is(name): the file's name behind the prefix, or NULL. */
const char *leakpack_is(const char *name);

/*
 * leakpack_read(path, source, arena, out, err):
 * The digest is over the bytes of all files. Errors name file, line and rule.
 */
MUST_USE int leakpack_read(const char *path,
	const struct leakpack_source *source, struct arena *arena,
	struct pack *out, struct err *err);

/* leakpack_file: a read() for files of the user, whoever owns them. */
int leakpack_file(
	void *ctx, const char *path, struct buf *out, struct err *err);

#endif
