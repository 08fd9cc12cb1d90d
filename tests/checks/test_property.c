/*
 * Random histories, people, keys, merges, approvals, objections and waivers
 * under random rules, judged by the gate and by the slow judge of
 * support/scene.h: no commit reaches a gated ref without its signature and its
 * approvals, and none that has what is asked for is held back. PROPERTY_ROUNDS
 * and PROPERTY_SEED choose how many and others.
 */
#include "support/unit.h"

#include "gate/gate.h"
#include "support/scene.h"

#define ROUNDS 30000

/* Whether the gate lets it in. */
static bool admitted(const struct scene *s, struct world *w)
{
	struct judgement j;

	world_open(w);
	scene_world(s, w);
	gate_judge(&w->facts, w->arena, &j);
	w->out = j.findings;
	return j.verdict == VERDICT_ACCEPT;
}

static bool any_is(const struct findings *f, enum severity s, const char *id)
{
	size_t i;

	for (i = 0; i < f->n; i++)
		if (f->v[i].severity == s &&
			(!id || !strcmp(f->v[i].def->id, id)))
			return true;
	return false;
}

/* What the gate holds against it, for who looks into a failure. */
static void tell(const struct findings *f)
{
	size_t i;

	for (i = 0; i < f->n; i++)
		print_message("%s %s: %s; %s\n",
			severity_name(f->v[i].severity), f->v[i].def->id,
			f->v[i].detail,
			f->v[i].ask ? f->v[i].ask : "no waiver");
}

static unsigned long rounds(void)
{
	const char *more = getenv("PROPERTY_ROUNDS");

	return more ? strtoul(more, NULL, 10) : ROUNDS / UNIT_STEP;
}

static void start(void)
{
	const char *other = getenv("PROPERTY_SEED");

	if (other)
		scene_seed = strtoull(other, NULL, 10);
}

static void agree(void **unused)
{
	unsigned long passed = 0, refused = 0, waived = 0, round, n = rounds();
	static struct world w;

	(void)unused;
	start();
	for (round = 0; round < n; round++) {
		uint64_t began = scene_seed;
		struct scene s;
		const char *wrong;
		bool want, have;

		scene_make(&s);
		wrong = scene_wrong(&s);
		want = !wrong;
		have = admitted(&s, &w);
		if (want != have)
			tell(&w.out);
		if (want != have)
			fail_msg("round %lu, seed %llu: the gate %s it, the "
				 "slow judge says %s",
				round, (unsigned long long)began,
				have ? "passes" : "refuses",
				wrong ? wrong : "nothing");
		passed += want;
		refused += !want;
		waived += have && any_is(&w.out, SEVERITY_WAIVED, NULL);
		world_close(&w);
	}
	print_message("%lu pass, %lu of them waived; %lu are refused\n", passed,
		waived, refused);
	/* Or nothing was asked. */
	assert_true(passed > n / 100);
	assert_true(waived > n / 1000);
	assert_true(refused > n / 2);
}

/* Whether it can only have been said at a forge. */
static bool by_forge_alone(const struct scene *s, const char *id)
{
	size_t i;

	for (i = 0; i < s->nword; i++)
		if (s->word[i].objection && s->word[i].forge == SCENE_TAGS)
			return false;
	return !strcmp(id, "approval.objection");
}

/* Each rule was what refused a scene that would have passed else. */
static void every_rule_decides(void **unused)
{
	static const char *const alone[] = {"signature.limited",
		"signature.identity", "signature.expired",
		"signature.compromised", "signature.merged_tag",
		"approval.too_few", "approval.group", "approval.robot",
		"approval.path", "approval.codeowners", "approval.objection",
		"approval.forge"};
	enum {
		KINDS = sizeof(alone) / sizeof(*alone)
	};
	unsigned long by[KINDS] = {0}, forges = 0, round, n = rounds();
	static struct world w;
	size_t i, k;

	(void)unused;
	start();
	for (round = 0; round < n; round++) {
		struct scene s;

		scene_make(&s);
		if (!admitted(&s, &w))
			for (i = 0; i < KINDS; i++) {
				bool only = true;

				for (k = 0; k < w.out.n; k++)
					only &= w.out.v[k].severity !=
							SEVERITY_BLOCK ||
						!strcmp(w.out.v[k].def->id,
							alone[i]);
				by[i] += only;
				forges += only && by_forge_alone(&s, alone[i]);
			}
		world_close(&w);
	}
	/* Of few scenes the rarest may be none. */
	for (i = 0; i < KINDS && n >= ROUNDS; i++)
		if (by[i] * 10000 < n)
			fail_msg("%s decided %lu of %lu", alone[i], by[i], n);
	if (n >= ROUNDS && forges * 10000 < n)
		fail_msg("objections at forges decided %lu of %lu", forges, n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agree),
		cmocka_unit_test(every_rule_decides),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
