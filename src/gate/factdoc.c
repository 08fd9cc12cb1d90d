#include "gate/factdoc.h"

#include "base/text.h"
#include "parse/policytext.h"
#include "parse/ranges.h"
#include "parse/recordlist.h"

#define RANGES_MAX ((size_t)16 << 20)
#define SHOWN_MAX 4096

const char *const facts_section[SECTIONS] = {"signature", "identity",
	"approval", "robot", "secret", "ref", "message", "file", "waiver",
	"mode", "severity"};

static const char *const movements[] = {
	"create", "forward", "forced", "delete"};

const char *movement_name(enum movement m)
{
	return movements[m];
}

bool movement_read(struct span s, enum movement *out)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(movements); i++) {
		if (!span_is(s, movements[i]))
			continue;
		*out = (enum movement)i;
		return true;
	}
	return false;
}

bool object_type_read(struct span s, enum object_type *out)
{
	static const enum object_type all[] = {OBJECT_NONE, OBJECT_COMMIT,
		OBJECT_TREE, OBJECT_BLOB, OBJECT_TAG};
	size_t i;

	for (i = 0; i < ARRAY_LEN(all); i++) {
		if (!span_is(s, object_type_name(all[i])))
			continue;
		*out = all[i];
		return true;
	}
	return false;
}

static void set_shown(struct doc *to, const char *key, struct span s)
{
	struct buf b = BUF_INIT(4 * SHOWN_MAX + 8);

	text_printable(&b, s, SHOWN_MAX);
	doc_set(to, key, doc_of_text(buf_all(&b)));
	buf_free(&b);
}

/* Left out when there are none. */
static void set_numbers(
	struct doc *to, const char *key, const size_t *v, size_t n)
{
	struct buf b = BUF_INIT(RANGES_MAX);

	ranges_put(&b, v, n);
	if (n)
		doc_set(to, key, doc_of_text(buf_all(&b)));
	buf_free(&b);
}

static void set_those(struct doc *to, const char *key,
	bool (*has)(const void *ctx, size_t i), const void *ctx, size_t max,
	struct arena *a)
{
	size_t *v = arena_get(a, max + 1, sizeof(*v)), i, n = 0;

	for (i = 0; i < max; i++)
		if (has(ctx, i))
			v[n++] = i;
	set_numbers(to, key, v, n);
}

static bool is_merge(const void *ctx, size_t i)
{
	const struct facts *f = ctx;

	return f->change[i].commit.nparent > 1;
}

static bool is_tagged(const void *ctx, size_t i)
{
	const struct facts *f = ctx;

	return f->change[i].commit.nmergetag > 0;
}

static bool is_malformed(const void *ctx, size_t i)
{
	const struct facts *f = ctx;

	return f->change[i].commit.malformed != NULL;
}

static bool is_covered(const void *ctx, size_t i)
{
	const struct approval_fact *a = ctx;

	return bit_get(a->covers, i);
}

static struct doc *sections_doc(const struct update_fact *up)
{
	struct doc *d = doc_object();
	unsigned i;

	for (i = 0; i < SECTIONS; i++)
		if (up->section[i][0])
			doc_set(d, facts_section[i],
				doc_of_str(up->section[i]));
	return d;
}

/* What was asked of forges for it. */
static void set_asked(
	struct doc *to, const struct facts *facts, const struct update_fact *up)
{
	const struct rule_approval *rule = up->rules.approval;
	struct doc *list;
	size_t i;

	if (!facts->reviews.asked || !update_asks(up))
		return;
	list = doc_array();
	for (i = 0; i < rule->nforge; i++)
		doc_add(list, doc_of_str(rule->forge[i]->name));
	doc_set(to, "forges", list);
	if (rule->objections.n)
		doc_set(to, "objections", doc_of_bool(true));
}

static struct doc *update_doc(
	const struct facts *facts, const struct update_fact *up)
{
	struct doc *d = doc_object();

	doc_set(d, "movement", doc_of_str(movement_name(up->movement)));
	doc_set(d, "type", doc_of_str(object_type_name(up->type)));
	if (up->last != up->type)
		doc_set(d, "last", doc_of_str(object_type_name(up->last)));
	if (up->alias.n)
		set_shown(d, "alias", up->alias);
	set_numbers(d, "commits", up->change, up->nchange);
	set_numbers(d, "tags", up->tag, up->ntag);
	doc_set(d, "sections", sections_doc(up));
	set_asked(d, facts, up);
	return d;
}

static struct doc *updates_doc(const struct facts *facts)
{
	struct doc *list = doc_array();
	size_t i;

	for (i = 0; i < facts->push->nup; i++)
		doc_add(list, update_doc(facts, &facts->update[i]));
	return list;
}

static bool has_merges(const struct facts *facts)
{
	size_t i;

	for (i = 0; i < facts->nchange; i++)
		if (is_merge(facts, i))
			return true;
	return false;
}

/* Of merges: a tag in the header has to be of one of them. */
void facts_put_parents(const struct facts *facts, struct buf *out)
{
	size_t i;

	for (i = 0; i < facts->nchange; i++) {
		const struct commit *c = &facts->change[i].commit;

		if (is_merge(facts, i))
			recordlist_put_parents(out, i, c->parent, c->nparent);
	}
}

static struct doc *coauthors_doc(
	const struct facts *facts, const struct findings *findings)
{
	struct doc *list = doc_array();
	size_t i, k;

	for (i = 0; i < facts->nchange; i++) {
		const struct commit *c = &facts->change[i].commit;

		for (k = 0; k < c->ncoauthor; k++) {
			struct doc *d = doc_object();

			doc_set(d, "at", doc_of_int((int64_t)i));
			set_shown(d, "email",
				findings_hide(findings, c->coauthor[k]));
			doc_add(list, d);
		}
	}
	return list;
}

static struct doc *tags_doc(
	const struct facts *facts, const struct findings *findings)
{
	struct doc *list = doc_array();
	size_t i;

	for (i = 0; i < facts->ntag; i++) {
		const struct tag *t = &facts->tag[i].tag;
		struct doc *d = doc_object();

		set_shown(d, "name", findings_hide(findings, t->name));
		if (t->malformed)
			doc_set(d, "malformed", doc_of_bool(true));
		doc_add(list, d);
	}
	return list;
}

static void set_covers(struct doc *to, const struct facts *facts,
	const struct approval_fact *a, struct arena *arena)
{
	if (a->update >= facts->push->nup)
		return;
	doc_set(to, "update", doc_of_int((int64_t)a->update));
	set_those(to, "covers", is_covered, a, facts->update[a->update].nchange,
		arena);
}

/* Beside those of the record, in the same order. */
static struct doc *reviews_doc(const struct facts *facts, struct arena *arena)
{
	struct doc *list = doc_array(), *d;
	size_t i;

	for (i = 0; i < facts->napproval; i++) {
		const struct approval_fact *a = &facts->approval[i];

		if (!a->forge)
			continue;
		d = doc_object();
		set_covers(d, facts, a, arena);
		if (a->opened)
			doc_set(d, "opened", doc_of_bool(true));
		doc_add(list, d);
	}
	return list;
}

/* Signed ones that stand. */
static struct doc *objections_doc(
	const struct facts *facts, struct arena *arena)
{
	struct doc *list = doc_array(), *d;
	char hex[OID_HEX + 1];
	size_t i;

	for (i = 0; i < facts->napproval; i++) {
		const struct approval_fact *a = &facts->approval[i];

		if (a->what != APPROVAL_OBJECTION || !a->person ||
			a->status != APPROVAL_VALID ||
			a->update >= facts->push->nup)
			continue;
		d = doc_object();
		doc_set(d, "object", doc_of_str(oid_hex(&a->object, hex)));
		doc_set(d, "commit", doc_of_str(oid_hex(&a->commit, hex)));
		doc_set(d, "person", doc_of_str(a->person->name));
		set_covers(d, facts, a, arena);
		doc_add(list, d);
	}
	return list;
}

/* Beside those of the record, in the same order. */
static struct doc *approvals_doc(const struct facts *facts, struct arena *arena)
{
	struct doc *list = doc_array();
	size_t i;

	for (i = 0; i < facts->napproval; i++) {
		const struct approval_fact *a = &facts->approval[i];
		struct doc *d;

		if (a->what != APPROVAL_GIVEN || a->forge)
			continue;
		d = doc_object();
		set_covers(d, facts, a, arena);
		if (a->nwas)
			doc_set(d, "rebased", doc_of_bool(true));
		doc_add(list, d);
	}
	return list;
}

/* What was found and is not told, since it weighs nothing. */
static struct doc *off_doc(const struct findings *findings)
{
	struct doc *list = doc_array();
	size_t i;

	for (i = 0; i < findings->n; i++) {
		struct doc *d;

		if (findings->v[i].severity != SEVERITY_OFF)
			continue;
		d = doc_object();
		doc_set(d, "id", doc_of_str(findings->v[i].def->id));
		doc_set(d, "update",
			doc_of_int((int64_t)findings->v[i].update));
		doc_add(list, d);
	}
	return list;
}

static void set_list(struct doc *to, const char *key, struct doc *list)
{
	if (doc_count(list))
		doc_set(to, key, list);
	else
		doc_free(list);
}

struct doc *facts_doc(
	const struct facts *facts, const struct findings *findings)
{
	struct doc *d;

	if (!facts->people)
		return NULL;
	d = doc_object();
	doc_set(d, "version", doc_of_int(FACTS_VERSION));
	doc_set(d, "people", doc_of_str(facts->people));
	if (facts->push->pusher.email && facts->push->pusher.email[0])
		set_shown(
			d, "pusher_email", span_str(facts->push->pusher.email));
	doc_set(d, "updates", updates_doc(facts));
	set_those(
		d, "merges", is_merge, facts, facts->nchange, findings->arena);
	set_those(d, "malformed", is_malformed, facts, facts->nchange,
		findings->arena);
	if (has_merges(facts))
		doc_set(d, "parents", doc_array());
	set_those(
		d, "tagged", is_tagged, facts, facts->nchange, findings->arena);
	set_list(d, "coauthors", coauthors_doc(facts, findings));
	set_list(d, "tags", tags_doc(facts, findings));
	set_list(d, "approvals", approvals_doc(facts, findings->arena));
	set_list(d, "reviews", reviews_doc(facts, findings->arena));
	set_list(d, "objections", objections_doc(facts, findings->arena));
	if (facts->reviews.asked && facts->reviews.fault)
		set_shown(d, "unanswered",
			findings_hide(
				findings, span_str(facts->reviews.fault)));
	set_list(d, "off", off_doc(findings));
	return d;
}
