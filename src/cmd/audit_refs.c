/* sluice audit: refs, and the objects that they and the log name. */
#include <time.h>

#include "base/clock.h"
#include "cmd/audit.h"
#include "deploy/vanished.h"
#include "gate/gate.h"

/* A push between reading the refs and reading the log looks like a gap; one
 * that is still there when nothing has moved meanwhile is one. */
#define ATTEMPTS 5
#define PAUSE_NS 200000000L

/* What was compared last. */
struct compared {
	struct repo_ref *refs;
	size_t nrefs;
	struct gaps gaps;
	uint64_t size;   /* of the log then */
	uint64_t *entry; /* [gaps.n]: that the log has it in now, or NONE */
};

static const char *earlier(struct audit *t, const struct gap *g,
	const char *found, const char *left)
{
	unsigned long long n = (unsigned long long)g->entry;
	const char *before = "it was not there";

	if (g->previous != ENTRY_NONE)
		before = arena_fmt(t->a, "entry %llu left it at %s",
			(unsigned long long)g->previous, left);
	else if (!oid_is_zero(&g->expected))
		before = arena_fmt(t->a, "it was adopted at %s", left);
	if (oid_is_zero(&g->found))
		return arena_fmt(t->a,
			"%s, and by entry %llu a push made it anew, which none "
			"had deleted",
			before, n);
	return arena_fmt(t->a,
		"%s, and by entry %llu a push moved it on from %s, where none "
		"had put it",
		before, n, found);
}

static const char *detail(struct audit *t, const struct gap *g)
{
	char is[OID_HEX + 1], was[OID_HEX + 1];
	unsigned long long n = (unsigned long long)g->entry;

	audit_short(&g->found, is);
	audit_short(&g->expected, was);
	switch (g->kind) {
	case GAP_CREATED:
		if (g->entry != ENTRY_NONE)
			return arena_fmt(t->a,
				"it is at %s, and entry %llu deleted it", is,
				n);
		return arena_fmt(
			t->a, "it is at %s, and no push was let make it", is);
	case GAP_MOVED:
		if (oid_is_zero(&g->expected))
			return arena_fmt(
				t->a, "it is at %s, where no push put it", is);
		return arena_fmt(t->a,
			"it is at %s, and entry %llu left it at %s", is, n,
			was);
	case GAP_DELETED:
		return arena_fmt(t->a,
			"it is gone, and entry %llu left it at %s", n, was);
	case GAP_NO_OUTCOME:
		return arena_fmt(t->a,
			"as entry %llu let it, but nobody recorded that it "
			"happened, so 'sluice deployed' does not count it: "
			"'sluice audit --record' makes up for it",
			n);
	case GAP_NOT_APPLIED:
		return arena_fmt(
			t->a, "entry %llu let it move, and it stayed", n);
	case GAP_EARLIER:
		return earlier(t, g, is, was);
	case GAP_NONE:
	case GAP_FORGE:
		break;
	}
	return "no hook sees it";
}

static void tell_gap(struct audit *t, const struct gitdir *g,
	const struct gap *gap, uint64_t recorded)
{
	const char *kind = gap_kind_name(gap->kind), *entry = "";
	bool mended = gap->kind == GAP_NO_OUTCOME && recorded != ENTRY_NONE;
	struct movedby by = {0};
	struct doc *j;

	if (gap_outside(gap))
		movedby(g->path, gap->ref, &gap->found, t->a, &by);
	if (recorded != ENTRY_NONE)
		entry = arena_fmt(t->a, "; entry %llu has it now",
			(unsigned long long)recorded);
	j = audit_tell(t, gap_matters(gap->kind) && !mended, kind,
		"%.*s %s: %s%s%s", SPAN_FMT(gap->ref), kind, detail(t, gap),
		audit_mover_text(t, &by), entry);
	doc_set(j, "ref", doc_of_text(gap->ref));
	audit_set_oid(j, "found", &gap->found);
	audit_set_oid(j, "expected", &gap->expected);
	doc_set(j, "entry",
		gap->entry == ENTRY_NONE ? doc_of_null()
					 : doc_of_int((int64_t)gap->entry));
	if (recorded != ENTRY_NONE)
		doc_set(j, "observed", doc_of_int((int64_t)recorded));
	audit_set_mover(j, &by);
}

static bool any_gap(const struct gaps *g)
{
	size_t i;

	for (i = 0; i < g->n; i++)
		if (gap_matters(g->v[i].kind))
			return true;
	return false;
}

/* The refs first: the log then knows at least what moved them. */
static int compare_once(struct audit *t, struct repo *repo,
	struct compared *out, struct err *err)
{
	struct index *ix = NULL;
	int ret = -1;

	if (repo_refs(repo, NULL, t->a, &out->refs, &out->nrefs, err) ||
		index_open(t->run->state, &ix, err))
		goto out;
	out->size = log_size(index_log(ix));
	ret = reconcile(ix, span_str(t->name), out->refs, out->nrefs, t->a,
		&out->gaps, err);
out:
	index_close(ix);
	return ret;
}

static bool same_gaps(const struct gaps *a, const struct gaps *b)
{
	size_t i;

	if (a->n != b->n)
		return false;
	for (i = 0; i < a->n; i++)
		if (a->v[i].kind != b->v[i].kind ||
			!span_eq(a->v[i].ref, b->v[i].ref) ||
			!oid_eq(&a->v[i].found, &b->v[i].found))
			return false;
	return true;
}

static int compare(struct audit *t, struct repo *repo, struct compared *out,
	struct err *err)
{
	const struct timespec pause = {0, PAUSE_NS};
	struct compared before;
	size_t k;
	int i;

	if (compare_once(t, repo, out, err))
		return -1;
	for (i = 1; i < ATTEMPTS && any_gap(&out->gaps); i++) {
		before = *out;
		nanosleep(&pause, NULL);
		if (compare_once(t, repo, out, err))
			return -1;
		if (out->size == before.size &&
			same_gaps(&before.gaps, &out->gaps))
			break;
	}
	out->entry = arena_get(t->a, out->gaps.n + 1, sizeof(*out->entry));
	for (k = 0; k < out->gaps.n; k++)
		out->entry[k] = ENTRY_NONE;
	return 0;
}

/* Outcomes that nobody recorded: of each decision, those of its updates that
 * are there. */
static int record_outcomes(struct audit *t, struct index *ix,
	struct compared *c, size_t first, struct err *err)
{
	uint64_t decision = c->gaps.v[first].entry, entry;
	struct ref_update *up = arena_get(t->a, c->gaps.n, sizeof(*up));
	struct index_row row;
	size_t i, k, n = 0;

	if (index_entry(ix, decision, t->a, &row, err))
		return -1;
	for (i = first; i < c->gaps.n; i++) {
		const struct gap *g = &c->gaps.v[i];

		for (k = 0; g->kind == GAP_NO_OUTCOME && k < row.nupdate; k++)
			if (g->entry == decision &&
				span_eq(row.update[k].ref, g->ref))
				up[n++] = (struct ref_update){row.update[k].old,
					row.update[k].new, g->ref};
	}
	if (!n || audit_record(t, up, n, decision, NULL, &entry, err))
		return n ? -1 : 0;
	for (i = first; i < c->gaps.n; i++)
		if (c->gaps.v[i].kind == GAP_NO_OUTCOME &&
			c->gaps.v[i].entry == decision)
			c->entry[i] = entry;
	return 0;
}

/* The entry in which an audit saw the ref so before, if nothing was seen of it
 * since. */
static int seen_before(struct audit *t, struct index *ix, const struct gap *g,
	uint64_t *entry, struct err *err)
{
	const enum record_kind observed = RECORD_OBSERVED;
	const struct index_filter f = {.repository = span_str(t->name),
		.ref = g->ref,
		.kind = &observed,
		.last = 1};
	struct index_rows rows;
	size_t i;

	*entry = ENTRY_NONE;
	if (index_list(ix, &f, t->a, &rows, err))
		return -1;
	for (i = 0; rows.n && i < rows.v[0].nupdate; i++)
		if (rows.v[0].decision == ENTRY_NONE &&
			span_eq(rows.v[0].update[i].ref, g->ref) &&
			oid_eq(&rows.v[0].update[i].new, &g->found))
			*entry = rows.v[0].entry;
	return 0;
}

/* Refs that went round the gate, each once for every place it was seen at. */
static int record_outside(
	struct audit *t, struct index *ix, struct compared *c, struct err *err)
{
	struct ref_update *up = arena_get(t->a, c->gaps.n + 1, sizeof(*up));
	bool *new = arena_get(t->a, c->gaps.n + 1, sizeof(*new));
	uint64_t entry;
	size_t i, n = 0;

	for (i = 0; i < c->gaps.n; i++) {
		const struct gap *g = &c->gaps.v[i];

		if (!gap_outside(g))
			continue;
		if (seen_before(t, ix, g, &c->entry[i], err))
			return -1;
		new[i] = c->entry[i] == ENTRY_NONE;
		if (new[i])
			up[n++] = (struct ref_update){
				g->expected, g->found, g->ref};
	}
	if (!n)
		return 0;
	if (audit_record(t, up, n, EVIDENCE_NO_DECISION, NULL, &entry, err))
		return -1;
	for (i = 0; i < c->gaps.n; i++)
		if (new[i])
			c->entry[i] = entry;
	return 0;
}

static int record(struct audit *t, struct compared *c, struct err *err)
{
	struct index *ix = NULL;
	size_t i;
	int ret = -1;

	if (index_open(t->run->state, &ix, err))
		goto out;
	for (i = 0; i < c->gaps.n; i++)
		if (c->gaps.v[i].kind == GAP_NO_OUTCOME &&
			c->entry[i] == ENTRY_NONE &&
			record_outcomes(t, ix, c, i, err))
			goto out;
	ret = record_outside(t, ix, c, err);
out:
	index_close(ix);
	return ret;
}

/* One line an entry: a damaged repository lacks many. */
static void tell_vanished(struct audit *t, const struct vanished *v)
{
	size_t i, k, n, dropped = 0;
	char hex[OID_HEX + 1];
	struct doc *j, *list;

	for (i = 0; i < v->n; i++) {
		const struct vanished_object *o = &v->v[i];

		dropped += !o->needed;
		for (k = 0; k < i; k++)
			if (v->v[k].needed && v->v[k].entry == o->entry)
				break;
		if (!o->needed || k < i)
			continue;
		list = doc_array();
		for (k = i, n = 0; k < v->n; k++) {
			if (!v->v[k].needed || v->v[k].entry != o->entry)
				continue;
			n++;
			doc_add(list, doc_of_str(oid_hex(&v->v[k].oid, hex)));
		}
		j = audit_tell(t, true, "objects vanished",
			"%zu of the objects that entry %llu let in %s gone, "
			"such as %s",
			n, (unsigned long long)o->entry, n == 1 ? "is" : "are",
			audit_short(&o->oid, hex));
		doc_set(j, "entry", doc_of_int((int64_t)o->entry));
		doc_set(j, "objects", list);
	}
	if (dropped)
		audit_tell(t, false, "objects dropped",
			"%zu objects of the log are gone, and no ref leads to "
			"them",
			dropped);
}

static int look_for_objects(struct audit *t, struct repo *repo,
	const struct compared *c, struct err *err)
{
	struct index *ix = NULL;
	struct vanished v;
	int ret = -1;

	if (!index_open(t->run->state, &ix, err))
		ret = vanished_find(ix, span_str(t->name), repo, c->refs,
			c->nrefs, &c->gaps, t->a, &v, err);
	if (!ret)
		tell_vanished(t, &v);
	index_close(ix);
	return ret;
}

static void tell(
	struct audit *t, const struct gitdir *g, const struct compared *c)
{
	size_t i, forge = 0;

	for (i = 0; i < c->gaps.n; i++) {
		if (c->gaps.v[i].kind == GAP_FORGE)
			forge++;
		else
			tell_gap(t, g, &c->gaps.v[i], c->entry[i]);
	}
	if (forge)
		audit_tell(t, false, gap_kind_name(GAP_FORGE),
			"%zu refs made by the forge, which no hook sees",
			forge);
	if (!t->run->json && !t->run->quiet)
		printf("%-4s  %s: %zu refs compared\n", "ok", t->name,
			c->gaps.refs);
}

void audit_refs(struct audit *t, const struct gitdir *g)
{
	struct compared c = {0};
	struct repo *repo = NULL;
	struct err err = ERR_INIT;

	if (repo_open(g->path, NULL, &repo, &err) ||
		compare(t, repo, &c, &err)) {
		audit_cannot_tell(t, &err);
		goto out;
	}
	if (t->record && record(t, &c, &err)) {
		audit_cannot_tell(t, &err);
		err_clear(&err);
	}
	tell(t, g, &c);
	if (audit_reflogs(t, g, c.refs, c.nrefs, &c.gaps, &err)) {
		audit_cannot_tell(t, &err);
		err_clear(&err);
	}
	if (look_for_objects(t, repo, &c, &err))
		audit_cannot_tell(t, &err);
out:
	repo_close(repo);
}
