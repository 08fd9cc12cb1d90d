#include "deploy/movedby.h"

#include <pwd.h>
#include <sys/stat.h>

#include "base/io.h"
#include "parse/reflog.h"

static bool by_reflog(const char *path, const struct oid *at, struct arena *a,
	struct movedby *out)
{
	struct buf text = BUF_INIT(REFLOG_MAX);
	struct err none = ERR_INIT;
	struct reflog_line line;
	bool found;

	found = !io_read_file(path, &text, &none) &&
		reflog_last(buf_all(&text), at, &line);
	if (found)
		*out = (struct movedby){MOVEDBY_REFLOG,
			arena_fmt(a, "%.*s <%.*s>", SPAN_FMT(line.who.name),
				SPAN_FMT(line.who.email)),
			arena_str(a, line.why), line.who.time};
	buf_free(&text);
	return found;
}

static void by_file(const char *path, struct arena *a, struct movedby *out)
{
	const struct passwd *pw;
	struct stat st;

	if (lstat(path, &st) || !S_ISREG(st.st_mode))
		return;
	pw = getpwuid(st.st_uid);
	*out = (struct movedby){MOVEDBY_FILE,
		pw ? arena_fmt(a, "account '%s'", pw->pw_name)
		   : arena_fmt(a, "uid %lu", (unsigned long)st.st_uid),
		"", st.st_mtime};
}

void movedby(const char *git, struct span ref, const struct oid *at,
	struct arena *a, struct movedby *out)
{
	const char *name = arena_str(a, ref);

	*out = (struct movedby){0};
	if (!by_reflog(arena_fmt(a, "%s/logs/%s", git, name), at, a, out))
		by_file(arena_fmt(a, "%s/%s", git, name), a, out);
}
