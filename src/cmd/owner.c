#include "cmd/owner.h"

#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* Who owns the folder; *${pw} is NULL when there is nothing to change. */
static int find(const char *state, struct passwd **pw, struct err *err)
{
	struct stat st;

	*pw = NULL;
	if (stat(state, &st)) {
		err_sys(err, "state folder '%s'", state);
		return err_hint(err, "'sluice init' makes it");
	}
	if (geteuid() != 0 || st.st_uid == 0)
		return 0;
	*pw = getpwuid(st.st_uid);
	if (!*pw)
		return err_set(err, ERR_SYS,
			"'%s' belongs to uid %lu, which has no account", state,
			(unsigned long)st.st_uid);
	return 0;
}

int owner_become(const char *state, bool quiet, struct err *err)
{
	struct passwd *pw;

	if (find(state, &pw, err))
		return -1;
	if (!pw)
		return 0;
	if (!quiet)
		fprintf(stderr, "sluice: working as '%s', who owns '%s'\n",
			pw->pw_name, state);
	if (initgroups(pw->pw_name, pw->pw_gid) || setgid(pw->pw_gid) ||
		setuid(pw->pw_uid))
		return err_sys(err, "cannot become '%s'", pw->pw_name);
	setenv("HOME", pw->pw_dir, 1);
	return 0;
}

int owner_enter(const char *state, struct owner *back, struct err *err)
{
	struct passwd *pw;

	*back = (struct owner){0};
	if (find(state, &pw, err))
		return -1;
	if (!pw)
		return 0;
	back->ngroup = getgroups(OWNER_GROUPS_MAX, back->group);
	if (back->ngroup < 0)
		return err_sys(err, "cannot tell the groups of root");
	back->changed = true;
	if (initgroups(pw->pw_name, pw->pw_gid) || setegid(pw->pw_gid) ||
		seteuid(pw->pw_uid)) {
		err_sys(err, "cannot become '%s'", pw->pw_name);
		owner_leave(back);
		return -1;
	}
	return 0;
}

void owner_leave(const struct owner *back)
{
	if (!back->changed)
		return;
	if (seteuid(0) || setegid(0) ||
		setgroups((size_t)back->ngroup, back->group))
		die("cannot become root again");
}
