/* The section "waiver": who may waive what. */
#include "model/finding.h"
#include "parse/policyread.h"

/* "*" alone would take in what nobody has thought of yet. */
static bool some_waivable(const char *pattern)
{
	enum finding_id id;
	unsigned i;

	if (finding_id_known(span_str(pattern), &id))
		return finding_waivable(id);
	if (finding_names(pattern, SPAN_LIT("secret.x")) ||
		!strncmp(pattern, "secret.", 7))
		return true;
	for (i = 0; i < FINDING_COUNT; i++)
		if (finding_waivable((enum finding_id)i) &&
			finding_names(pattern,
				span_str(finding_def((enum finding_id)i)->id)))
			return true;
	return false;
}

static int findings_read(
	struct conf *list, struct rule_waiver *w, struct err *err)
{
	size_t i;

	if (conf_texts(list, "a list of finding ids", "a finding id",
		    &w->finding, &w->nfinding, err) ||
		list_limit(list, w->nfinding, POLICY_ENTRIES_MAX, err))
		return -1;
	for (i = 0; i < w->nfinding; i++) {
		struct conf *at = conf_item(list, i);

		if (!finding_known(w->finding[i])) {
			conf_fail(at, err, "expected a finding id, found '%s'",
				w->finding[i]);
			return err_hint(err,
				"sluice-findings(7) lists them; a final star "
				"stands for the rest, as in \"secret.*\"");
		}
		if (!some_waivable(w->finding[i]))
			return conf_fail(at, err, "'%s' can never be waived",
				w->finding[i]);
	}
	return 0;
}

static int one(struct reader *r, struct conf *c, struct rule_waiver *w,
	struct err *err)
{
	struct conf *v;

	w->count = 1;
	w->max_days = POLICY_WAIVER_DAYS;
	if (conf_object(c, err) ||
		conf_need(c, "findings", "a list of finding ids", &v, err) ||
		findings_read(v, w, err))
		return -1;
	v = conf_get(c, "count");
	if (v && conf_count(v, 1, POLICY_COUNT_MAX, &w->count, err))
		return -1;
	if (conf_need(c, "by", "a list of people", &v, err) ||
		people_list(r, v, 1, &w->by, err) ||
		approvers_check(r->policy, v, &w->by, w->count, err) ||
		exclude_read(conf_get(c, "exclude"), &w->exclude, err))
		return -1;
	v = conf_get(c, "max_days");
	if (v && conf_count(v, 1, POLICY_WAIVER_DAYS_MAX, &w->max_days, err))
		return -1;
	return conf_done(c, err);
}

int waiver_section(
	struct reader *r, struct conf *c, struct rules *rules, struct err *err)
{
	struct rule_waiver *v;
	size_t i, n = 1;

	if (conf_is_object(c)) {
		v = ARENA_NEW(r->arena, struct rule_waiver);
		if (one(r, c, v, err))
			return -1;
	} else {
		if (conf_list(
			    c, 1, "an object or a list of objects", &n, err) ||
			list_limit(c, n, POLICY_ENTRIES_MAX, err))
			return -1;
		v = arena_get(r->arena, n, sizeof(*v));
		for (i = 0; i < n; i++)
			if (one(r, conf_item(c, i), &v[i], err))
				return -1;
	}
	rules->waiver = v;
	rules->nwaiver = n;
	return 0;
}
