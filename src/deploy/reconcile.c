#include "deploy/reconcile.h"

#include "deploy/joined.h"
#include "model/ownref.h"

/* Enough of a ref's past to explain where it is; more only where it is not. */
#define STEPS_FIRST 16

const char *gap_kind_name(enum gap_kind k)
{
	switch (k) {
	case GAP_NONE:
		return "as the log says";
	case GAP_CREATED:
		return "created outside the gate";
	case GAP_MOVED:
		return "moved outside the gate";
	case GAP_DELETED:
		return "deleted outside the gate";
	case GAP_NO_OUTCOME:
		return "applied, no outcome";
	case GAP_NOT_APPLIED:
		return "decided, not applied";
	case GAP_FORGE:
		return "made by the forge";
	case GAP_EARLIER:
		return "moved outside the gate earlier";
	}
	return "unknown";
}

bool gap_matters(enum gap_kind k)
{
	return k != GAP_NONE && k != GAP_NOT_APPLIED && k != GAP_FORGE;
}

bool gap_outside(const struct gap *g)
{
	return g->kind == GAP_CREATED || g->kind == GAP_MOVED ||
		g->kind == GAP_DELETED;
}

static void set(struct gap *out, enum gap_kind kind, uint64_t entry)
{
	out->kind = kind;
	out->entry = entry;
}

/* The step that put the ref where it is; ${pending} a newer one that was
 * accepted and did not move it. */
static void explain(const struct index_step *s, bool started_from,
	const struct index_step *pending, struct gap *out)
{
	if (s->kind == RECORD_DECISION && !s->applied && !started_from) {
		/* An outcome that leaves the ref out says it stayed. */
		set(out, s->outcome == ENTRY_NONE ? GAP_NO_OUTCOME : GAP_MOVED,
			s->entry);
		return;
	}
	if (pending)
		set(out, GAP_NOT_APPLIED, pending->entry);
	else
		set(out, GAP_NONE, s->entry);
}

void gap_of(const struct index_step *steps, size_t n, const struct oid *found,
	struct gap *out)
{
	const struct index_step *pending = NULL;
	bool started_from = false;
	size_t i;

	memset(&out->expected, 0, sizeof(out->expected));
	out->found = *found;
	for (i = 0; i < n; i++) {
		const struct index_step *s = &steps[i];

		if (!s->admitted)
			continue;
		if (oid_eq(&s->new, found)) {
			explain(s, started_from, pending, out);
			return;
		}
		if (s->applied) {
			out->expected = s->new;
			set(out,
				oid_is_zero(found)             ? GAP_DELETED
					: oid_is_zero(&s->new) ? GAP_CREATED
							       : GAP_MOVED,
				s->entry);
			return;
		}
		if (!pending)
			pending = s;
		/* git itself told what the ref was then. */
		if (oid_eq(&s->old, found))
			started_from = true;
	}
	if (!oid_is_zero(found))
		set(out, GAP_CREATED, ENTRY_NONE);
	else if (pending)
		set(out, GAP_NOT_APPLIED, pending->entry);
	else
		set(out, GAP_NONE, ENTRY_NONE);
}

static void push(struct gaps *out, struct arena *a, const struct gap *gap)
{
	out->v = arena_grow(a, out->v, out->n, &out->cap, sizeof(*out->v));
	out->v[out->n++] = *gap;
}

/* The log's own word that the ref was let be where it is. */
static int prove(struct index *ix, struct span repository, struct gap *gap,
	struct err *err)
{
	uint64_t entry;

	if (oid_is_zero(&gap->found))
		return 0;
	if (index_was_admitted(
		    ix, repository, gap->ref, &gap->found, &entry, err))
		return -1;
	if (entry == ENTRY_NONE)
		set(gap, GAP_MOVED, gap->entry);
	return 0;
}

/* All steps of the ref, and where audits saw it. */
static int look_back(struct index *ix, struct span repository, struct span ref,
	uint64_t since, struct index_steps *steps, struct arena *a,
	struct gaps *out, struct err *err)
{
	struct index_steps seen;
	struct unjoined u;

	if (steps->n == STEPS_FIRST &&
		index_ref_history(ix, repository, ref, 0, a, steps, err))
		return -1;
	if (index_ref_observed(ix, repository, ref, a, &seen, err))
		return -1;
	if (steps_unjoined(steps->v, steps->n, seen.v, seen.n, since, a, &u)) {
		const struct gap gap = {
			GAP_EARLIER, ref, u.found, u.left, u.entry, u.previous};

		push(out, a, &gap);
	}
	return 0;
}

static int look(struct index *ix, struct span repository, struct span ref,
	const struct oid *found, uint64_t since, struct arena *a,
	struct gaps *out, struct err *err)
{
	struct gap gap = {.kind = GAP_NONE, .ref = ref};
	struct index_steps steps;

	if (index_ref_history(ix, repository, ref, STEPS_FIRST, a, &steps, err))
		return -1;
	gap_of(steps.v, steps.n, found, &gap);
	if (gap.kind != GAP_NONE && steps.n == STEPS_FIRST) {
		if (index_ref_history(ix, repository, ref, 0, a, &steps, err))
			return -1;
		gap_of(steps.v, steps.n, found, &gap);
	}
	if (!gap_matters(gap.kind) && prove(ix, repository, &gap, err))
		return -1;
	if (gap_matters(gap.kind) && ownref_forge(ref))
		gap.kind = GAP_FORGE;
	if (ownref_published(ref))
		gap.kind = GAP_NONE;
	/* Where the gate only observes, it lets doctor's deletion of a ref that
	 * never was through; nothing comes of that. */
	if (span_starts(ref, SPAN_LIT(PROBE_REFS)) && oid_is_zero(found))
		return 0;
	if (gap.kind != GAP_NONE)
		push(out, a, &gap);
	out->refs++;
	if (ownref_forge(ref) || ownref_published(ref))
		return 0;
	return look_back(ix, repository, ref, since, &steps, a, out, err);
}

/* The entry by which the repository was adopted last; 0 without one. */
static int adopted_in(struct index *ix, struct span repository, struct arena *a,
	uint64_t *out, struct err *err)
{
	const enum record_kind adopt = RECORD_ADOPT;
	const struct index_filter f = {
		.repository = repository, .kind = &adopt, .last = 1};
	struct index_rows rows;

	if (index_list(ix, &f, a, &rows, err))
		return -1;
	*out = rows.n ? rows.v[0].entry : 0;
	return 0;
}

int reconcile(struct index *ix, struct span repository,
	const struct repo_ref *refs, size_t nrefs, struct arena *a,
	struct gaps *out, struct err *err)
{
	const struct oid none = {{0}};
	struct index_tips known;
	uint64_t since;
	size_t i = 0, j = 0;

	memset(out, 0, sizeof(*out));
	if (index_refs(ix, repository, a, &known, err) ||
		adopted_in(ix, repository, a, &since, err))
		return -1;
	/* Both are in order: walk them side by side. */
	while (i < nrefs || j < known.n) {
		int c = i == nrefs     ? 1
			: j == known.n ? -1
				       : span_cmp(refs[i].name, known.v[j].ref);

		if (look(ix, repository, c <= 0 ? refs[i].name : known.v[j].ref,
			    c <= 0 ? &refs[i].oid : &none, since, a, out, err))
			return -1;
		i += c <= 0;
		j += c >= 0;
	}
	return 0;
}
