/* Whether one set of rules demands at least what another does. */
#include "model/policy.h"

static bool people_within(const struct people *a, const struct people *b)
{
	size_t i;

	for (i = 0; i < a->n; i++)
		if (!people_has(b, a->v[i]))
			return false;
	return true;
}

static bool has_text(const char *const *v, size_t n, const char *text)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!strcmp(v[i], text))
			return true;
	return false;
}

/* Every text of ${b} is in ${a}. */
static bool texts_within(
	const char *const *b, size_t nb, const char *const *a, size_t na)
{
	size_t i;

	for (i = 0; i < nb; i++)
		if (!has_text(a, na, b[i]))
			return false;
	return true;
}

static bool patterns_within(const struct pattern_ref *b, size_t nb,
	const struct pattern_ref *a, size_t na)
{
	size_t i, k;

	for (i = 0; i < nb; i++) {
		for (k = 0; k < na; k++)
			if (a[k].number == b[i].number)
				break;
		if (k == na)
			return false;
	}
	return true;
}

/* One of ${a} matches: then one of ${b} does. None stands for any text. */
static bool choice_within(const struct patterns *a, const struct patterns *b)
{
	return !b->n || (a->n && patterns_within(a->v, a->n, b->v, b->n));
}

/* A limit of 0 is none. */
static bool limit_covers(uint64_t a, uint64_t b)
{
	return !b || (a && a <= b);
}

/* Whether the push must be signed is about the push, not about the commits. */
static bool signature_covers(
	const struct rule_signature *a, const struct rule_signature *b)
{
	if (!b || a == b)
		return true;
	return a && people_within(&a->by, &b->by) && !(a->kinds & ~b->kinds) &&
		(a->identity || !b->identity) &&
		a->merged_tags >= b->merged_tags;
}

static bool identity_covers(
	const struct rule_identity *a, const struct rule_identity *b)
{
	if (!b || a == b)
		return true;
	return a && a->email >= b->email &&
		(a->committer_pushes || !b->committer_pushes) &&
		(a->author_known || !b->author_known) &&
		(a->names_listed || !b->names_listed) &&
		choice_within(&a->author_email, &b->author_email) &&
		choice_within(&a->committer_email, &b->committer_email);
}

static bool same_people(const struct people *a, const struct people *b)
{
	return people_within(a, b) && people_within(b, a);
}

/* ${a} lets every robot it names touch at most what ${b} does. Written the same
 * is all that is looked for. */
static bool robot_paths_cover(
	const struct rule_robot *a, const struct rule_robot *b)
{
	size_t i;

	if (!b->npath)
		return true;
	if (a->npath != b->npath)
		return false;
	for (i = 0; i < a->npath; i++) {
		const struct robot_path *x = &a->path[i], *y = &b->path[i];

		if (!same_people(&x->by, &y->by) ||
			!texts_within(x->match, x->nmatch, y->match, y->nmatch))
			return false;
	}
	return true;
}

/* Who may push is about the ref, not about the commits. */
static bool robot_covers(const struct rule_robot *a, const struct rule_robot *b)
{
	if (!b || a == b)
		return true;
	return a &&
		(!b->commit_some ||
			(a->commit_some &&
				people_within(&a->commit, &b->commit))) &&
		robot_paths_cover(a, b);
}

static bool path_covers(
	const struct approval_path *a, const struct approval_path *b)
{
	return a->count >= b->count && people_within(&a->by, &b->by) &&
		texts_within(b->match, b->nmatch, a->match, a->nmatch);
}

/* Group by group in the order of the file, so that who stands for one there
 * stands for one here, and nobody for two who did not before. */
static bool groups_cover(
	const struct rule_approval *a, const struct rule_approval *b)
{
	size_t i;

	if (!b->ngroup)
		return true;
	if (a->ngroup < b->ngroup || (a->shared && !b->shared))
		return false;
	for (i = 0; i < b->ngroup; i++)
		if (a->group[i].count < b->group[i].count ||
			!people_within(&a->group[i].by, &b->group[i].by))
			return false;
	return true;
}

/* The same words for the same people. What the file says is another question,
 * which whoever compares two refs has to ask. */
static bool owners_cover(
	const struct rule_codeowners *a, const struct rule_codeowners *b)
{
	size_t i;

	if (!b || a == b)
		return true;
	if (!a || a->dialect != b->dialect || a->nowner != b->nowner ||
		!people_within(&a->fallback, &b->fallback))
		return false;
	for (i = 0; i < a->nowner; i++)
		if (strcmp(a->owner[i].name, b->owner[i].name) ||
			!people_within(&a->owner[i].by, &b->owner[i].by))
			return false;
	return true;
}

/* What counts for ${a} counts for ${b}. */
static bool sources_cover(
	const struct rule_approval *a, const struct rule_approval *b)
{
	size_t i, k;

	if (!a->no_tags && b->no_tags)
		return false;
	for (i = 0; i < a->nforge; i++) {
		for (k = 0; k < b->nforge && b->forge[k] != a->forge[i]; k++)
			;
		if (k == b->nforge)
			return false;
	}
	return true;
}

static bool approval_covers(
	const struct rule_approval *a, const struct rule_approval *b)
{
	size_t i, k;

	if (!b || a == b)
		return true;
	if (!a || a->count < b->count || !people_within(&a->by, &b->by) ||
		(b->exclude & ~a->exclude) ||
		(a->binds_patch && !b->binds_patch) ||
		(a->clean_merges && !b->clean_merges) ||
		!people_within(&b->objections, &a->objections) ||
		(b->robot_count > a->robot_count &&
			b->robot_count > a->count) ||
		!groups_cover(a, b) || !sources_cover(a, b) ||
		!owners_cover(a->codeowners, b->codeowners))
		return false;
	for (i = 0; i < b->npath; i++) {
		for (k = 0; k < a->npath; k++)
			if (path_covers(&a->path[k], &b->path[i]))
				break;
		if (k == a->npath)
			return false;
	}
	return true;
}

/* What is past a limit refuses, so the lower one is stricter. */
static bool archives_cover(
	const struct rule_secret *a, const struct rule_secret *b)
{
	return !b->archives ||
		(a->archives && a->archive_depth <= b->archive_depth &&
			a->archive_max <= b->archive_max);
}

static bool secret_covers(
	const struct rule_secret *a, const struct rule_secret *b)
{
	if (!b || a == b)
		return true;
	return a && a->max_blob <= b->max_blob &&
		a->decode_depth >= b->decode_depth &&
		(a->block_low || !b->block_low) && archives_cover(a, b) &&
		texts_within(b->rules, b->nrules, a->rules, a->nrules);
}

static bool message_covers(
	const struct rule_message *a, const struct rule_message *b)
{
	if (!b || a == b)
		return true;
	return a && (a->sign_off || !b->sign_off) &&
		(!a->spare_merges || b->spare_merges) &&
		limit_covers(a->max_subject, b->max_subject) &&
		limit_covers(a->max_line, b->max_line) &&
		choice_within(&a->issue, &b->issue) &&
		patterns_within(
			b->require, b->nrequire, a->require, a->nrequire) &&
		patterns_within(b->deny, b->ndeny, a->deny, a->ndeny);
}

static bool file_covers(const struct rule_file *a, const struct rule_file *b)
{
	if (!b || a == b)
		return true;
	if (!a || !texts_within(b->deny, b->ndeny, a->deny, a->ndeny) ||
		!texts_within(b->extension, b->nextension, a->extension,
			a->nextension) ||
		!patterns_within(b->deny_pattern.v, b->deny_pattern.n,
			a->deny_pattern.v, a->deny_pattern.n) ||
		!limit_covers(a->max_size, b->max_size) ||
		!limit_covers(a->max_path, b->max_path))
		return false;
	return (a->deny_case || !b->deny_case) &&
		(a->deny_modes || !b->deny_modes) &&
		(a->deny_windows || !b->deny_windows) &&
		(a->deny_dotgit || !b->deny_dotgit) &&
		a->symlinks >= b->symlinks &&
		(!b->limit_submodules ||
			(a->limit_submodules &&
				!(a->submodules & ~b->submodules)));
}

/* Of a ref's rules only those about the commits it holds. */
static bool ref_covers(const struct rule_ref *a, const struct rule_ref *b)
{
	return !b || !b->deny_merge || (a && a->deny_merge);
}

/* Weights cannot be ordered section by section: they must be the same. */
static bool same_severities(const struct rules *a, const struct rules *b)
{
	size_t i;

	if (a->nseverity != b->nseverity)
		return false;
	for (i = 0; i < a->nseverity; i++)
		if (a->severity[i].severity != b->severity[i].severity ||
			strcmp(a->severity[i].finding, b->severity[i].finding))
			return false;
	return true;
}

bool rules_cover(const struct rules *a, const struct rules *b)
{
	return signature_covers(a->signature, b->signature) &&
		identity_covers(a->identity, b->identity) &&
		approval_covers(a->approval, b->approval) &&
		robot_covers(a->robot, b->robot) &&
		secret_covers(a->secret, b->secret) &&
		message_covers(a->message, b->message) &&
		file_covers(a->file, b->file) && ref_covers(a->ref, b->ref) &&
		(!a->observe || b->observe) && same_severities(a, b);
}

static bool waiver_covers(
	const struct rule_waiver *a, const struct rule_waiver *b)
{
	return a->count >= b->count && people_within(&a->by, &b->by) &&
		!(b->exclude & ~a->exclude) && a->max_days <= b->max_days &&
		texts_within(a->finding, a->nfinding, b->finding, b->nfinding);
}

bool waivers_cover(const struct rules *a, const struct rules *b)
{
	size_t i, k;

	for (i = 0; i < a->nwaiver; i++) {
		for (k = 0; k < b->nwaiver; k++)
			if (waiver_covers(&a->waiver[i], &b->waiver[k]))
				break;
		if (k == b->nwaiver)
			return false;
	}
	return true;
}
