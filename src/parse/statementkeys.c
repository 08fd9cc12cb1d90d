#include "parse/statementkeys.h"

const char *const statement_kinds[] = {
	"adopt", "decision", "outcome", "observed", "pruned", "key", NULL};
const char *const statement_verdicts[] = {
	"accept", "reject", "undecided", NULL};
const char *const statement_modes[] = {"enforce", "observe", NULL};
const char *const statement_types[] = {STATEMENT_TYPE, NULL};

static const struct shape digest_keys[] = {
	{"gitCommit", SHAPE_OID, false, 0, NULL, NULL},
	{"gitTag", SHAPE_OID, false, 0, NULL, NULL},
	{"gitTree", SHAPE_OID, false, 0, NULL, NULL},
	{"gitBlob", SHAPE_OID, false, 0, NULL, NULL},
	{NULL, SHAPE_TEXT, false, 0, NULL, NULL},
};
const struct shape statement_subject_keys[] = {
	{"name", SHAPE_NAME, true, STATEMENT_REF_MAX, NULL, NULL},
	{"digest", SHAPE_OBJECT, true, 0, NULL, digest_keys},
	{NULL, SHAPE_TEXT, false, 0, NULL, NULL},
};
const struct shape statement_update_keys[] = {
	{"ref", SHAPE_NAME, true, STATEMENT_REF_MAX, NULL, NULL},
	{"old", SHAPE_OID, true, 0, NULL, NULL},
	{"new", SHAPE_OID, true, 0, NULL, NULL},
	{NULL, SHAPE_TEXT, false, 0, NULL, NULL},
};

int statement_rotation(
	const struct doc *predicate, const char *what, struct err *err)
{
	struct arena *a = arena_new(ROTATION_ARENA);
	struct rotation r;
	int ret =
		rotation_parse(doc_get_text(predicate, "rotation"), a, &r, err);

	if (ret)
		err_in(err, "%s: predicate.rotation", what);
	arena_free(a);
	return ret;
}
