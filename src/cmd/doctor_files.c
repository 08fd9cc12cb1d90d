/* sluice doctor: whether others could write what is in the state folder. */
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/doctor.h"

#define OTHERS (S_IWGRP | S_IWOTH)
#define LINES_MAX 10

/* What is below is as safe as they are: the entries by the checkpoint, the
 * records by their names. */
static const char *const folders[] = {
	".", "cache", "keys", "log", "log/tile", "log/lists", "vault"};

struct look {
	struct doctor *d;
	const char *folder; /* below the state folder */
	int fd;
	size_t open; /* found so far */
};

static void look_at(struct look *l, const char *name)
{
	struct stat st;

	/* A link leads to what is logd's; its own mode means nothing. */
	if (fstatat(l->fd, name, &st, AT_SYMLINK_NOFOLLOW) ||
		!(S_ISREG(st.st_mode) || S_ISDIR(st.st_mode)) ||
		!(st.st_mode & OTHERS))
		return;
	if (l->open++ >= LINES_MAX)
		return;
	doctor_say(l->d, LEVEL_BAD, "files", "chmod go-w",
		"others than its owner may write '%s/%s%s%s' (mode %o)",
		l->d->state, strcmp(l->folder, ".") ? l->folder : "",
		strcmp(l->folder, ".") ? "/" : "", name,
		(unsigned)st.st_mode & 07777);
}

static void look_in(struct look *l)
{
	struct dirent *e;
	DIR *dir;

	l->fd = open(arena_fmt(l->d->a, "%s/%s", l->d->state, l->folder),
		O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (l->fd < 0)
		return;
	dir = fdopendir(l->fd);
	if (!dir) {
		close(l->fd);
		return;
	}
	while ((e = readdir(dir)))
		if (strcmp(e->d_name, ".") && strcmp(e->d_name, ".."))
			look_at(l, e->d_name);
	closedir(dir);
}

void doctor_files(struct doctor *d)
{
	struct look l = {.d = d};
	size_t i;

	for (i = 0; i < ARRAY_LEN(folders); i++) {
		l.folder = folders[i];
		look_in(&l);
	}
	if (l.open > LINES_MAX)
		doctor_say(d, LEVEL_BAD, "files", NULL, "and %zu more",
			l.open - LINES_MAX);
	if (!l.open)
		doctor_say(d, LEVEL_OK, "files", NULL,
			"nobody else may write what is in it");
}
