#include "gate/waive.h"

#include "model/robot.h"
#include "model/waive.h"

#define REASONS_MAX 6      /* told of why a waiver did not count */
#define NAMES_MAX 5        /* people to ask */
#define ASKS_MAX 1000      /* findings that say whom to ask */
#define LOOKED_AT_MAX 1000 /* commits looked at for whom to ask */
#define USED_MAX 100       /* waivers that count for one finding */

/* One finding held against the waivers of its ref. */
struct trial {
	const struct facts *facts;
	const struct update_fact *up;
	struct findings *out;
	struct finding *f;
	struct span id;
	size_t at; /* number of its commit in the update, or SIZE_MAX */
	const struct rule_waiver *rule;
	size_t *used; /* indices into facts->waiver that count */
	size_t nused;
	const char *reasons; /* why others did not */
	size_t nreasons;
};

static const struct tag_change *tag_of(const struct trial *t)
{
	size_t i;

	for (i = 0; i < t->up->ntag; i++) {
		const struct tag_change *tag = &t->facts->tag[t->up->tag[i]];

		if (oid_eq(&tag->tag.id, &t->f->object))
			return tag;
	}
	return NULL;
}

/* The number of a commit among those of the update. Findings come in the order
 * of commits, so what stands behind ${near} is looked at first. */
static size_t number_of(
	const struct trial *t, const struct oid *commit, size_t near)
{
	size_t n = t->up->nchange, i;

	for (i = 0; i < n; i++) {
		size_t at = (near + i) % n;

		if (oid_eq(&t->facts->change[t->up->change[at]].commit.id,
			    commit))
			return at;
	}
	return SIZE_MAX;
}

/* Whether the waiver is about commit number ${i} of a finding about several. */
static bool is_about(
	const struct trial *t, const struct waiver_fact *w, size_t i)
{
	return bit_get(t->f->commits, i) && bit_get(w->covers, i);
}

/* Whether it names this finding at all; what names another is passed over. */
static bool names(const struct trial *t, const struct waiver_fact *w)
{
	const struct finding *f = t->f;
	size_t i;

	if (w->update != f->update || !span_eq(w->ref, t->up->up->ref) ||
		!span_eq(w->finding, t->id) ||
		!span_is(w->fingerprint, f->fingerprint) ||
		(w->path.n && !span_is(w->path, f->place)))
		return false;
	if (f->commits) {
		for (i = 0; i < t->up->nchange; i++)
			if (is_about(t, w, i))
				return true;
		return false;
	}
	if (oid_eq(&w->commit, &f->object))
		return true;
	if ((f->def->number != FINDING_SECRET_FOUND &&
		    f->def->number != FINDING_SIGNATURE_COMPROMISED) ||
		!w->fingerprint.n)
		return false;
	return t->at != SIZE_MAX && bit_get(w->covers, t->at);
}

static const char *tag_flaw(const struct trial *t, const struct person *who)
{
	const struct tag_change *tag = tag_of(t);

	if (!tag || !(t->rule->exclude & EXCLUDE_AUTHOR))
		return NULL;
	if (person_has_email(who, tag->tag.tagger.email))
		return "the tagger";
	return tag->sig.person == who ? "the signer of the tag" : NULL;
}

/* The same for the commits that it is about, or those of them that the waiver
 * names. */
static const char *commits_flaw(const struct trial *t, const struct person *who,
	const struct waiver_fact *w)
{
	const char *flaw = NULL;
	size_t i, looked_at = 0;

	if (!t->f->commits)
		return t->at == SIZE_MAX
			? NULL
			: change_flaw(&t->facts->change[t->up->change[t->at]],
				  t->rule, who, t->out->arena);
	for (i = 0; i < t->up->nchange && !flaw; i++) {
		if (!bit_get(t->f->commits, i) || (w && !bit_get(w->covers, i)))
			continue;
		if (!w && ++looked_at > LOOKED_AT_MAX)
			break;
		flaw = change_flaw(&t->facts->change[t->up->change[i]], t->rule,
			who, t->out->arena);
	}
	return flaw;
}

/* How somebody had a hand in what they would waive; or NULL. Where nothing says
 * who made it, nobody is known not to have. */
static const char *hand_in(const struct trial *t, const struct person *who,
	const struct waiver_fact *w)
{
	const struct facts *facts = t->facts;
	const char *flaw;

	if ((t->rule->exclude & EXCLUDE_PUSHER) && facts_is_pusher(facts, who))
		return "the pusher";
	flaw = commits_flaw(t, who, w);
	if (!flaw)
		flaw = tag_flaw(t, who);
	if (!flaw && w && w->about)
		flaw = change_flaw(w->about, t->rule, who, t->out->arena);
	if (!flaw && w && !w->about && t->at == SIZE_MAX && !tag_of(t) &&
		(t->rule->exclude & (EXCLUDE_AUTHOR | EXCLUDE_COMMITTER)))
		flaw = "nothing says who made what it names";
	return flaw;
}

static void reason(
	struct trial *t, const struct waiver_fact *w, const char *why)
{
	char hex[OID_HEX + 1];

	if (++t->nreasons > REASONS_MAX)
		return;
	t->reasons = arena_fmt(t->out->arena, "%s%s%s: %s", t->reasons,
		t->reasons[0] ? "; " : "",
		w->person ? w->person->name
			  : arena_fmt(t->out->arena, "tag %.10s",
				    oid_hex(&w->object, hex)),
		findings_show(t->out, span_str(why), 120));
}

static void collect(struct trial *t)
{
	const struct facts *facts = t->facts;
	size_t i;

	t->used =
		arena_get(t->out->arena, facts->nwaiver + 1, sizeof(*t->used));
	t->nused = 0;
	t->reasons = "";
	t->nreasons = 0;
	for (i = 0; i < facts->nwaiver && t->nused < USED_MAX; i++) {
		const struct waiver_fact *w = &facts->waiver[i];
		const char *why;

		if (!names(t, w))
			continue;
		why = waiver_flaw(facts, t->rule, w, t->out->arena);
		if (!why)
			why = hand_in(t, w->person, w);
		if (why)
			reason(t, w, why);
		else
			t->used[t->nused++] = i;
	}
}

/* How many different people waive it; commit number ${i} of it alone, if the
 * finding is about several. */
static unsigned signers(const struct trial *t, size_t i)
{
	unsigned n = 0;
	size_t a, b;

	for (a = 0; a < t->nused; a++) {
		const struct waiver_fact *w = &t->facts->waiver[t->used[a]];

		if (t->f->commits && !is_about(t, w, i))
			continue;
		for (b = 0; b < a; b++) {
			const struct waiver_fact *v =
				&t->facts->waiver[t->used[b]];

			if (v->person == w->person &&
				(!t->f->commits || is_about(t, v, i)))
				break;
		}
		n += b == a;
	}
	return n;
}

/* The fewest people that any part of the finding is waived by. */
static unsigned fewest(const struct trial *t)
{
	unsigned n, least = UINT32_MAX;
	size_t i;

	if (!t->f->commits)
		return signers(t, 0);
	for (i = 0; i < t->up->nchange; i++) {
		if (!bit_get(t->f->commits, i))
			continue;
		n = signers(t, i);
		if (n < least)
			least = n;
	}
	return least == UINT32_MAX ? 0 : least;
}

static const char *who_may(const struct trial *t)
{
	const struct people *by = &t->rule->by;
	const char *all = "";
	size_t i, n = 0;

	for (i = 0; i < by->n && (n <= NAMES_MAX || n < t->rule->count); i++) {
		if (by->v[i]->robot || hand_in(t, by->v[i], NULL))
			continue;
		if (n++ < NAMES_MAX)
			all = arena_fmt(t->out->arena, "%s%s%s", all,
				all[0] ? ", " : "", by->v[i]->name);
	}
	if (n < t->rule->count)
		return NULL;
	return arena_fmt(t->out->arena, "%s%s%s",
		t->rule->count == 1
			? ""
			: arena_fmt(t->out->arena, "%u of ", t->rule->count),
		all, n > NAMES_MAX ? " or others" : "");
}

static const char *option(
	const struct trial *t, const char *name, struct span value)
{
	const char *word = findings_word(t->out, value);

	return !value.n ? ""
			: arena_fmt(t->out->arena, " --%s %s", name,
				  word ? word : "<...>");
}

/* The new tip stands for all commits of a finding about several. */
static const struct oid *what(const struct trial *t)
{
	const struct oid *tip = &t->up->up->new;

	if (t->up->ntag)
		tip = &t->facts->tag[t->up->tag[t->up->ntag - 1]].tag.target;
	return t->f->commits && number_of(t, tip, 0) != SIZE_MAX
		? tip
		: &t->f->object;
}

/* Who may waive it and with what command; what stands in the command is enough
 * for whoever has the text of the refusal and no clone. */
static const char *ask(const struct trial *t, unsigned have)
{
	const char *who = who_may(t), *path = "", *so_far = "";
	const char *ref = findings_word(t->out, t->up->up->ref);
	char hex[OID_HEX + 1];

	if (have)
		so_far = arena_fmt(
			t->out->arena, " (has %u of %u)", have, t->rule->count);
	if (t->nreasons)
		so_far = arena_fmt(t->out->arena, "%s (did not count: %s%s)",
			so_far, t->reasons,
			t->nreasons > REASONS_MAX ? "; and others" : "");
	if (!who)
		return arena_fmt(t->out->arena,
			"not enough of those who may waive it had no hand in "
			"it%s",
			so_far);
	if (!t->f->fingerprint[0] && !t->f->commits)
		path = option(t, "path", span_str(t->f->place));
	return arena_fmt(t->out->arena,
		"%s%s: sluice waive %s --for %s --ref %s --repository %s%s%s",
		who, so_far, arena_str(t->out->arena, t->id),
		oid_hex(what(t), hex), ref ? ref : "<ref>",
		t->facts->push->repository,
		option(t, "fingerprint", span_str(t->f->fingerprint)), path);
}

static void try_rules(struct trial *t, size_t *asks)
{
	const struct rules *rules = &t->up->rules;
	unsigned have;
	size_t i;

	for (i = 0; i < rules->nwaiver; i++) {
		t->rule = &rules->waiver[i];
		if (!rule_waives(t->rule, t->id))
			continue;
		collect(t);
		have = fewest(t);
		if (have && have >= t->rule->count) {
			t->f->severity = SEVERITY_WAIVED;
			t->f->waiver = t->used;
			t->f->nwaiver = t->nused;
			t->f->ask = NULL;
			return;
		}
		if (!t->f->ask && *asks < ASKS_MAX) {
			t->f->ask = ask(t, have);
			++*asks;
		}
	}
}

void findings_waive(const struct facts *facts, struct findings *out)
{
	struct buf id = BUF_INIT(200);
	size_t i, asks = 0, near = 0;

	for (i = 0; i < out->n; i++) {
		struct finding *f = &out->v[i];
		struct trial t = {.facts = facts,
			.up = &facts->update[f->update],
			.out = out,
			.f = f,
			.reasons = ""};

		if (f->severity != SEVERITY_BLOCK || !t.up->rules.nwaiver ||
			!finding_waivable(f->def->number) ||
			oid_is_zero(&f->object))
			continue;
		finding_name(f, &id);
		t.id = buf_all(&id);
		t.at = number_of(&t, &f->object, near);
		if (t.at != SIZE_MAX)
			near = t.at;
		try_rules(&t, &asks);
	}
	buf_free(&id);
}
