#include "gate/gate.h"

#include "base/clock.h"
#include "checks/check.h"
#include "gate/waive.h"

static const struct check *const checks[] = {
	&check_policy,
	&check_ref,
	&check_signature,
	&check_push_certificate,
	&check_identity,
	&check_approval,
	&check_waiver,
	&check_robot,
	&check_secret,
	&check_message,
	&check_file,
};

/* Wherever it stands: what is said of one secret is not undone by what is said
 * of all. */
void gate_weigh(const struct facts *facts, struct finding *f)
{
	const struct rules *rules = &facts->update[f->update].rules;
	struct buf id = BUF_INIT(200);
	size_t i, n, best = 0;

	if (finding_fixed(f->def->number))
		return;
	finding_name(f, &id);
	for (i = 0; i < rules->nseverity; i++) {
		n = finding_names(rules->severity[i].finding, buf_all(&id));
		if (n <= best)
			continue;
		best = n;
		f->severity = (enum severity)rules->severity[i].severity;
	}
	buf_free(&id);
}

/* What those who run the server say to it, by the longest name that fits. */
static void advise(
	const struct facts *facts, struct finding *f, struct arena *arena)
{
	const struct rules *rules = &facts->update[f->update].rules;
	const char *text = NULL;
	struct buf id = BUF_INIT(200);
	size_t i, n, best = 0;

	finding_name(f, &id);
	for (i = 0; i < rules->nhint; i++) {
		n = finding_names(rules->hint[i].finding, buf_all(&id));
		if (n <= best)
			continue;
		best = n;
		text = rules->hint[i].text;
	}
	if (text)
		f->hint = arena_fmt(arena, "%s; %s",
			f->hint ? f->hint : f->def->hint, text);
	buf_free(&id);
}

/* A push is let in or refused as a whole. */
static void decide(const struct facts *facts, struct judgement *out)
{
	size_t i, block = 0, observed = 0, observing = 0;

	for (i = 0; i < out->findings.n; i++) {
		const struct finding *f = &out->findings.v[i];

		if (f->severity != SEVERITY_BLOCK)
			continue;
		block++;
		observed += facts->update[f->update].rules.observe &&
			!finding_fixed(f->def->number);
	}
	for (i = 0; i < facts->push->nup; i++)
		observing += facts->update[i].rules.observe;
	out->verdict = block ? VERDICT_REJECT : VERDICT_ACCEPT;
	out->observe = block ? observed == block
			     : observing == facts->push->nup && observing;
	out->admitted = !block || out->observe;
}

void gate_judge(
	const struct facts *facts, struct arena *arena, struct judgement *out)
{
	size_t u, i;

	memset(out, 0, sizeof(*out));
	out->findings.arena = arena;
	findings_conceal(&out->findings, facts->hidden, facts->nhidden);
	for (u = 0; u < facts->push->nup; u++) {
		if (facts->update[u].silent)
			findings_add(
				&out->findings, FINDING_POLICY_SILENT, u, NULL);
		for (i = 0; i < ARRAY_LEN(checks); i++)
			checks[i]->run(facts, u, &out->findings);
	}
	for (i = 0; i < out->findings.n; i++) {
		gate_weigh(facts, &out->findings.v[i]);
		advise(facts, &out->findings.v[i], arena);
	}
	findings_waive(facts, &out->findings);
	decide(facts, out);
}

void stages_start(struct stages *s)
{
	s->since = clock_us();
}

void stages_mark(struct stages *s, const char *name)
{
	int64_t now = clock_us();

	if (s->n < STAGES_MAX)
		s->v[s->n++] = (struct stage){name, now - s->since};
	s->since = now;
}
