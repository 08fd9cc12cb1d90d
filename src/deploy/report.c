#include "deploy/report.h"

#include "base/text.h"

#define NAME_WIDTH_MAX 40u
#define REVISION_SHOWN 12u

bool deploy_fine(enum deploy_verdict v, bool allow_adopted)
{
	return v == DEPLOY_GATED || (allow_adopted && v == DEPLOY_ADOPTED);
}

/* Bytes are not columns; for names outside ASCII the table is ragged. */
static void cell(struct buf *out, struct span s, size_t width)
{
	size_t was = out->n;

	text_printable(out, s, width);
	while (out->n < was + width)
		buf_byte(out, ' ');
	buf_str(out, "  ");
}

static struct span name_of(const struct deployed *d)
{
	return d->name.n ? d->name : SPAN_LIT("-");
}

static struct span revision_of(const struct deployed *d)
{
	if (!d->revision.n)
		return SPAN_LIT("-");
	return d->digits == OID_HEX ? span_sub(d->revision, 0, REVISION_SHOWN)
				    : d->revision;
}

void deploy_text(const struct deployed_list *items,
	const struct deploy_answer *answers, bool only_bad, bool allow_adopted,
	struct buf *out)
{
	size_t width = 4, i;

	for (i = 0; i < items->n; i++)
		if (name_of(&items->v[i]).n > width)
			width = name_of(&items->v[i]).n;
	if (width > NAME_WIDTH_MAX)
		width = NAME_WIDTH_MAX;
	for (i = 0; i < items->n; i++) {
		const struct deploy_answer *a = &answers[i];

		if (only_bad && deploy_fine(a->verdict, allow_adopted))
			continue;
		cell(out, name_of(&items->v[i]), width);
		cell(out, revision_of(&items->v[i]), REVISION_SHOWN);
		cell(out, span_str(deploy_verdict_name(a->verdict)), 19);
		buf_str(out, a->why);
		if (a->entry != DEPLOY_NO_ENTRY)
			buf_fmt(out, " [entry %llu]",
				(unsigned long long)a->entry);
		buf_byte(out, '\n');
	}
}

void deploy_counts(
	const struct deploy_answer *answers, size_t n, struct buf *out)
{
	size_t count[DEPLOY_VERDICTS] = {0}, i;
	int v;

	for (i = 0; i < n; i++)
		count[answers[i].verdict]++;
	for (v = DEPLOY_VERDICTS - 1; v >= 0; v--)
		if (count[v])
			buf_fmt(out, "%s%zu %s", out->n ? ", " : "", count[v],
				deploy_verdict_name((enum deploy_verdict)v));
}

static struct doc *object_of(
	const struct deployed *d, const struct doc *objects, size_t i)
{
	const struct doc *had = doc_at(objects, i);
	struct doc *j;

	if (doc_kind(had) == DOC_OBJECT)
		return doc_copy(had);
	j = doc_object();
	if (had) {
		doc_set(j, "item", doc_copy(had));
		return j;
	}
	if (d->name.n)
		doc_set(j, "name", doc_of_text(d->name));
	if (d->repository.n)
		doc_set(j, "repository", doc_of_text(d->repository));
	doc_set(j, "revision", doc_of_text(d->revision));
	return j;
}

struct doc *deploy_json(const struct deployed_list *items,
	const struct doc *objects, const struct deploy_answer *answers)
{
	struct doc *all = doc_array();
	size_t i;

	for (i = 0; i < items->n; i++) {
		const struct deploy_answer *a = &answers[i];
		struct doc *j = object_of(&items->v[i], objects, i);

		doc_set(j, "verdict",
			doc_of_str(deploy_verdict_name(a->verdict)));
		doc_set(j, "why", doc_of_str(a->why));
		doc_set(j, "entry",
			a->entry == DEPLOY_NO_ENTRY
				? doc_of_null()
				: doc_of_int((int64_t)a->entry));
		doc_set(j, "waivers", doc_of_int((int64_t)a->waivers));
		doc_set(j, "compromised",
			a->keys == DEPLOY_KEYS_UNTOLD
				? doc_of_null()
				: doc_of_bool(
					  a->keys == DEPLOY_KEYS_COMPROMISED));
		doc_add(all, j);
	}
	return all;
}
