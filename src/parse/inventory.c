#include "parse/inventory.h"

#include "parse/revision.h"

/* A member that is text, if it is there; false when it is something else. */
static bool optional_text(
	const struct doc *object, const char *key, struct span *out)
{
	const struct doc *v = doc_get(object, key);

	*out = SPAN_EMPTY;
	return doc_kind(v) == DOC_NONE || doc_kind(v) == DOC_NULL ||
		doc_text(v, out);
}

static void read_item(
	const struct doc *j, size_t at, struct arena *a, struct deployed *out)
{
	struct span name, repository, revision;
	bool fits;

	if (doc_kind(j) != DOC_OBJECT) {
		out->unfit = arena_fmt(a, "item %zu is %s, not an object", at,
			doc_kind_name(doc_kind(j)));
		return;
	}
	fits = optional_text(j, "name", &name);
	fits = optional_text(j, "repository", &repository) && fits;
	fits = optional_text(j, "revision", &revision) && fits;
	out->name = arena_copy(a, name);
	out->repository = arena_copy(a, repository);
	revision_read(revision, a, out);
	if (!fits)
		out->unfit = arena_fmt(a,
			"item %zu: \"name\", \"repository\" and \"revision\" "
			"are strings",
			at);
}

int inventory_parse(struct span text, struct deployed_list *out,
	struct doc **objects, struct err *err)
{
	size_t i, n;

	if (doc_parse(text, objects, err))
		return -1;
	if (doc_kind(*objects) != DOC_ARRAY) {
		err_set(err, ERR_INPUT, "an inventory is an array, not %s",
			doc_kind_name(doc_kind(*objects)));
		goto fail;
	}
	n = doc_count(*objects);
	if (n > DEPLOYED_MAX - out->n) {
		err_set(err, ERR_LIMIT, "more than %u items", DEPLOYED_MAX);
		goto fail;
	}
	for (i = 0; i < n; i++)
		read_item(
			doc_at(*objects, i), i, out->arena, deployed_add(out));
	return 0;
fail:
	doc_free(*objects);
	*objects = NULL;
	return -1;
}
