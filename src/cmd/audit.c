/* sluice audit: was the gate ever walked round? The refs of each repository,
 * its hooks and the policy against the log. */
#include "cmd/audit.h"

#include <stdarg.h>

#include "base/clock.h"
#include "base/text.h"
#include "cmd/owner.h"
#include "cmd/ran.h"
#include "deploy/repositories.h"
#include "gate/gate.h"
#include "log/keyholder.h"

#define ARENA_MAX ((size_t)4 << 30)
#define ARGS "[--record] [REPO.git…]"

struct doc *audit_tell(
	struct audit *t, bool matters, const char *kind, const char *fmt, ...)
{
	struct buf shown = BUF_INIT(16384);
	struct doc *j = doc_object();
	char line[2048];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	text_printable(&shown, span_str(line), sizeof(line));
	if (matters)
		t->gaps++;
	else
		t->notes++;
	doc_set(j, "repository", doc_of_str(t->name));
	doc_set(j, "kind", doc_of_str(kind));
	doc_set(j, "gap", doc_of_bool(matters));
	doc_set(j, "text", doc_of_text(buf_all(&shown)));
	doc_add(t->list, j);
	if (!t->run->json && (matters || !t->run->quiet))
		printf("%-4s  %s: %s\n", matters ? "GAP" : "note", t->name,
			buf_cstr(&shown));
	buf_free(&shown);
	return j;
}

void audit_cannot_tell(struct audit *t, const struct err *err)
{
	struct doc *j = doc_object();

	t->unknown++;
	doc_set(j, "repository", doc_of_str(t->name));
	doc_set(j, "kind", doc_of_str("could not tell"));
	doc_set(j, "gap", doc_of_bool(false));
	doc_set(j, "text", doc_of_str(err->text));
	doc_add(t->list, j);
	fprintf(stderr, "sluice: %s: %s\n", t->name, err->text);
	if (err->hint[0])
		fprintf(stderr, "hint: %s\n", err->hint);
}

int audit_record(struct audit *t, const struct ref_update *up, size_t n,
	uint64_t decision, const char *policy, uint64_t *entry, struct err *err)
{
	struct buf text = BUF_INIT(RECORD_MAX);
	struct log_receipt receipt;
	struct doc *record;
	int ret = -1;

	*entry = ENTRY_NONE;
	record = evidence_observed(
		t->name, clock_now(), up, n, decision, policy);
	doc_canonical(record, &text);
	doc_free(record);
	if (!buf_check(&text, "the record of what was observed", err) &&
		!keyholder_append(
			t->run->state, buf_all(&text), &receipt, err)) {
		*entry = receipt.index;
		t->recorded++;
		ret = 0;
	}
	buf_free(&text);
	return ret;
}

static void audit_one(struct audit *t, const char *path)
{
	const char *name, *layout;
	struct gitdir g;
	struct err err = ERR_INIT;

	t->a = arena_new(ARENA_MAX);
	t->name = path;
	if (gitdir_open(path, t->a, &g, &err) ||
		gitdir_config(&g, "sluice.name", t->a, &name, &err) ||
		gitdir_config(&g, "sluice.layout", t->a, &layout, &err)) {
		audit_cannot_tell(t, &err);
		goto out;
	}
	if (!name) {
		err_set(&err, ERR_REPO,
			"not under a gate: it has no "
			"'sluice.name'");
		err_hint(&err, "sluice install '%s'", path);
		audit_cannot_tell(t, &err);
		goto out;
	}
	t->name = name;
	audit_refs(t, &g);
	audit_hooks(t, &g, layout && !strcmp(layout, "gitlab"));
	audit_policy(t);
out:
	arena_free(t->a);
	t->a = NULL;
	t->name = NULL;
}

static enum exit_code audit_known(struct audit *t, struct err *err)
{
	struct arena *a = arena_new(ARENA_MAX);
	struct gated_repository *v;
	enum exit_code ret = EXIT_YES;
	size_t i, n;

	if (repositories_read(t->run->state, a, &v, &n, err)) {
		ret = cmd_fail(err);
		goto out;
	}
	if (!n) {
		err_set(err, ERR_REPO,
			"'%s' knows of no repository that it gates",
			t->run->state);
		err_hint(err, "name them, or see 'sluice install'");
		ret = cmd_fail(err);
		goto out;
	}
	for (i = 0; i < n; i++)
		audit_one(t, v[i].path);
out:
	arena_free(a);
	return ret;
}

static enum exit_code conclusion(const struct audit *t)
{
	struct buf text = BUF_INIT((size_t)1 << 30);

	if (t->run->json) {
		doc_pretty(t->list, &text);
		fwrite(text.p, 1, text.n, stdout);
		buf_free(&text);
	} else if (!t->run->quiet) {
		fprintf(stderr, "%zu gaps, %zu notes, %zu could not be told\n",
			t->gaps, t->notes, t->unknown);
		if (t->recorded)
			fprintf(stderr, "%zu entries recorded\n", t->recorded);
	}
	if (t->gaps)
		return EXIT_NO;
	return t->unknown ? EXIT_UNKNOWN : EXIT_YES;
}

enum exit_code cmd_audit(struct run *run, int argc, char **argv)
{
	struct audit t = {.run = run};
	const struct option_def defs[] = {
		{"--record", OPTION_FLAG, &t.record,
			"append what was found to the log"},
	};
	struct err err = ERR_INIT;
	enum exit_code ret = EXIT_YES;
	int i,
		left = options_read(
			run, defs, ARRAY_LEN(defs), argc, argv, &err);

	if (left < 0)
		return cmd_fail(&err);
	if (run->help)
		return cmd_usage("audit", ARGS, defs, ARRAY_LEN(defs));
	if (owner_become(run->state, true, &err))
		return cmd_fail(&err);
	if (t.record)
		ran_begin(run, RUN_AUDIT);
	t.list = doc_array();
	for (i = 1; i <= left; i++)
		audit_one(&t, argv[i]);
	if (!left)
		ret = audit_known(&t, &err);
	if (!ret)
		ret = conclusion(&t);
	audit_policies_free(&t);
	doc_free(t.list);
	return t.record ? ran_end(run, RUN_AUDIT, ret) : ret;
}
