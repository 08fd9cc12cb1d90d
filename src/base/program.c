#include "base/program.h"

#include <unistd.h>

#include "base/io.h"

static const struct {
	const char *name;
	const char *relative; /* from bin, or from libexec/sluice */
	const char *installed;
} programs[] = {
	[PROGRAM_SLUICE] = {"sluice", "../../bin/sluice",
		SLUICE_BINDIR "/sluice"},
	[PROGRAM_REPO] = {"sluice-repo", "../libexec/sluice/sluice-repo",
		SLUICE_LIBEXEC "/sluice-repo"},
	[PROGRAM_HTTP] = {"sluice-http", "../libexec/sluice/sluice-http",
		SLUICE_LIBEXEC "/sluice-http"},
	[PROGRAM_UNPACK] = {"sluice-unpack", "../libexec/sluice/sluice-unpack",
		SLUICE_LIBEXEC "/sluice-unpack"},
};

/* The folder of the running program, with its slash; empty if unknown. */
static struct span own_folder(char *room, size_t size)
{
	ssize_t n = readlink("/proc/self/exe", room, size);
	struct span path = span_of(room, n > 0 ? (size_t)n : 0);

	while (path.n && path.p[path.n - 1] != '/')
		path.n--;
	return path;
}

static bool try(struct buf *out, struct span folder, const char *rest)
{
	buf_reset(out);
	buf_span(out, folder);
	buf_str(out, rest);
	return !out->full && !access(buf_cstr(out), X_OK);
}

int program_find(enum program which, struct buf *out, struct err *err)
{
	char room[PATH_BUF_MAX];
	struct span folder = own_folder(room, sizeof(room));

	if (folder.n &&
		(try(out, folder, programs[which].name) ||
			try(out, folder, programs[which].relative)))
		return 0;
	if (try(out, SPAN_EMPTY, programs[which].installed))
		return 0;
	err_sys(err, "cannot run '%s'", buf_cstr(out));
	return err_hint(err, "%s belongs to sluice: install it as well",
		programs[which].name);
}
