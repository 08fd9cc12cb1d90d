#include "gather/tokenfile.h"

#include <limits.h>
#include <stdlib.h>

#include "base/io.h"
#include "gather/policysource.h"
#include "port/trustfile.h"

#define CA_FILE_MAX (4u << 20)

int token_read(const char *policy, const char *file, const char *url,
	struct buf *out, struct err *err)
{
	struct buf path = PATH_BUF_INIT, text = BUF_INIT(TOKENFILE_MAX);
	struct span address, token;
	int ret = -1;

	policysource_beside(&path, policy, file);
	if (buf_check(&path, "path", err) ||
		trustfile_read_secret(buf_cstr(&path), &text, err))
		goto out;
	if (!tokenfile_read(buf_all(&text), &address, &token)) {
		err_set(err, ERR_POLICY,
			"'%s' is not of the form of a token file",
			buf_cstr(&path));
		err_hint(err, "two lines: 'address %s' and 'token …'", url);
		goto out;
	}
	if (!span_is(address, url)) {
		err_set(err, ERR_POLICY,
			"the token in '%s' is for another address than '%s'",
			buf_cstr(&path), url);
		err_hint(err, "its first line says for which");
		goto out;
	}
	buf_span(out, token);
	ret = buf_check(out, "the token", err);
out:
	buf_wipe(&text);
	buf_free(&path);
	return ret;
}

int trusted_path(
	const char *policy, const char *file, struct buf *out, struct err *err)
{
	struct buf path = PATH_BUF_INIT, text = BUF_INIT(CA_FILE_MAX);
	char full[PATH_MAX];
	int ret = -1;

	policysource_beside(&path, policy, file);
	if (buf_check(&path, "path", err) ||
		trustfile_read(buf_cstr(&path), &text, err))
		goto out;
	if (!realpath(buf_cstr(&path), full)) {
		err_sys(err, "cannot find '%s'", buf_cstr(&path));
		goto out;
	}
	buf_str(out, full);
	ret = buf_check(out, "path", err);
out:
	buf_free(&text);
	buf_free(&path);
	return ret;
}
