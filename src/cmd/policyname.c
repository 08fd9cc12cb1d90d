#include "cmd/policyname.h"

#include "base/io.h"
#include "parse/doc.h"
#include "parse/policy.h"
#include "port/trustfile.h"

static int name_of(
	struct span text, struct arena *a, const char **out, struct err *err)
{
	struct doc *root;
	struct span name;
	int ret = -1;

	if (doc_parse(text, &root, err))
		return -1;
	if (doc_text(doc_at(doc_get(doc_at(doc_get(root, "repositories"), 0),
				    "match"),
			     0),
		    &name) &&
		name.n) {
		*out = arena_str(a, name);
		ret = 0;
	} else {
		err_set(err, ERR_POLICY, "it names no repository");
	}
	doc_free(root);
	return ret;
}

int policyname_read(
	const char *state, struct arena *a, const char **out, struct err *err)
{
	struct buf path = PATH_BUF_INIT, text = BUF_INIT(POLICY_FILE_MAX);
	int ret = 0;

	*out = NULL;
	io_join(&path, state, ROOT_FILE);
	if (!path.full && io_exists(buf_cstr(&path)) &&
		(trustfile_read(buf_cstr(&path), &text, err) ||
			name_of(buf_all(&text), a, out, err)))
		ret = err_in(err, "root '%s'", buf_cstr(&path));
	buf_free(&path);
	buf_free(&text);
	return ret;
}
