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

static bool signature_covers(
	const struct rule_signature *a, const struct rule_signature *b)
{
	if (!b || a == b)
		return true;
	return a && people_within(&a->by, &b->by) && !(a->kinds & ~b->kinds) &&
		(a->identity || !b->identity) &&
		a->push_certificate == b->push_certificate;
}

static bool path_covers(
	const struct approval_path *a, const struct approval_path *b)
{
	return a->count >= b->count && people_within(&a->by, &b->by) &&
		texts_within(b->match, b->nmatch, a->match, a->nmatch);
}

static bool approval_covers(
	const struct rule_approval *a, const struct rule_approval *b)
{
	size_t i, k;

	if (!b || a == b)
		return true;
	if (!a || a->count < b->count || !people_within(&a->by, &b->by) ||
		(b->exclude & ~a->exclude))
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
		patterns_within(
			b->require, b->nrequire, a->require, a->nrequire) &&
		patterns_within(b->deny, b->ndeny, a->deny, a->ndeny);
}

static bool file_covers(const struct rule_file *a, const struct rule_file *b)
{
	if (!b || a == b)
		return true;
	return a && texts_within(b->deny, b->ndeny, a->deny, a->ndeny) &&
		(!b->max_size || (a->max_size && a->max_size <= b->max_size));
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
		approval_covers(a->approval, b->approval) &&
		secret_covers(a->secret, b->secret) &&
		message_covers(a->message, b->message) &&
		file_covers(a->file, b->file) && same_severities(a, b);
}
