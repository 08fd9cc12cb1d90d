/* sluice audit: moves outside the gate of which only a reflog tells. */
#include "base/clock.h"
#include "cmd/audit.h"
#include "deploy/strayed.h"
#include "model/ownref.h"

#define ATTEMPTS 5

/* Where an audit found it outside the gate, which is told with who did it. */
static const struct oid *told_at(const struct gaps *gaps, struct span ref)
{
	static const struct oid none;
	size_t i;

	for (i = 0; i < gaps->n; i++)
		if (gap_outside(&gaps->v[i]) && span_eq(gaps->v[i].ref, ref))
			return &gaps->v[i].found;
	return &none;
}

static void tell_strayed(
	struct audit *t, struct span ref, const struct strayed *s)
{
	char from[OID_HEX + 1], to[OID_HEX + 1];
	const char *kind = gap_kind_name(GAP_EARLIER), *more = "";
	struct doc *j;

	if (s->n > 1)
		more = arena_fmt(t->a, "; and %zu more", s->n - 1);
	j = audit_tell(t, true, kind,
		"%.*s %s: from %s to %s by no push that the log has%s%s",
		SPAN_FMT(ref), kind, audit_short(&s->old, from),
		audit_short(&s->new, to), audit_mover_text(t, &s->by), more);
	doc_set(j, "ref", doc_of_text(ref));
	audit_set_oid(j, "found", &s->new);
	audit_set_oid(j, "expected", &s->old);
	audit_set_mover(j, &s->by);
}

/* When the repository was adopted last: what its reflogs say of earlier is no
 * business of the gate. */
static int adopted_at(
	struct audit *t, struct index *ix, int64_t *out, struct err *err)
{
	const enum record_kind adopt = RECORD_ADOPT;
	const struct index_filter f = {
		.repository = span_str(t->name), .kind = &adopt, .last = 1};
	struct index_rows rows;

	*out = 0;
	if (index_list(ix, &f, t->a, &rows, err))
		return -1;
	if (rows.n && !clock_read(rows.v[0].time, out))
		return err_set(err, ERR_LOG, "entry %llu has no time",
			(unsigned long long)rows.v[0].entry);
	return 0;
}

static int look(struct audit *t, const struct gitdir *g,
	const struct repo_ref *r, const struct gaps *gaps, struct strayed *out,
	struct err *err)
{
	struct index *ix = NULL;
	int64_t since;
	int ret = -1;

	if (!index_open(t->run->state, &ix, err) &&
		!adopted_at(t, ix, &since, err))
		ret = strayed(ix, span_str(t->name), g->path, r->name, since,
			told_at(gaps, r->name), t->a, out, err);
	index_close(ix);
	return ret;
}

int audit_reflogs(struct audit *t, const struct gitdir *g,
	const struct repo_ref *refs, size_t nrefs, const struct gaps *gaps,
	struct err *err)
{
	size_t i;
	int tries;

	for (i = 0; i < nrefs; i++) {
		struct strayed s = {0}, before;

		if (ownref_forge(refs[i].name) ||
			ownref_published(refs[i].name))
			continue;
		if (!strayed_kept(g->path, refs[i].name, t->a))
			continue;
		/* A push between opening the log and reading the reflog is no
		 * stray: only what is found twice is one. */
		for (tries = 0; tries < ATTEMPTS; tries++) {
			before = s;
			if (look(t, g, &refs[i], gaps, &s, err))
				return -1;
			if (!s.n || (tries && s.n == before.n))
				break;
		}
		if (s.n)
			tell_strayed(t, refs[i].name, &s);
	}
	return 0;
}
