#include "log/keyaside.h"

#include <dirent.h>
#include <errno.h>
#include <unistd.h>

#include "base/io.h"
#include "log/store.h"

/* As io_replace names them, of STORE_KEY and STORE_KEY_NEXT. */
static bool is_aside(const char *name)
{
	static const char *const begins[] = {
		"." STORE_KEY ".tmp-", "." STORE_KEY_NEXT ".tmp-"};
	size_t i;

	for (i = 0; i < ARRAY_LEN(begins); i++)
		if (!strncmp(name, begins[i], strlen(begins[i])))
			return true;
	return false;
}

int keyaside_find(
	const char *state, struct buf *name, bool *found, struct err *err)
{
	DIR *dir = opendir(state);
	struct dirent *e;

	buf_reset(name);
	*found = false;
	if (!dir)
		return err_sys(err, "cannot open '%s'", state);
	while (!*found && (e = readdir(dir))) {
		*found = is_aside(e->d_name);
		if (*found)
			buf_str(name, e->d_name);
	}
	closedir(dir);
	return 0;
}

int keyaside_drop(const char *state, struct err *err)
{
	struct buf name = PATH_BUF_INIT, path = PATH_BUF_INIT;
	bool found = true;
	int ret = 0;

	while (!ret && found) {
		ret = keyaside_find(state, &name, &found, err);
		if (ret || !found)
			break;
		store_path(&path, state, buf_cstr(&name));
		if (unlink(buf_cstr(&path)) && errno != ENOENT)
			ret = err_sys(
				err, "cannot remove '%s'", buf_cstr(&path));
	}
	buf_free(&path);
	buf_free(&name);
	return ret;
}
