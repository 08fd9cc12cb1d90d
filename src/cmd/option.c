#include "cmd/cmd.h"

#define GLOBALS 5

static const struct option_def *find(
	const struct option_def *defs, size_t n, struct span name, size_t *at)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (span_is(name, defs[i].name)) {
			*at = i;
			return &defs[i];
		}
	}
	return NULL;
}

static int store(const struct option_def *def, const char *value, bool *seen,
	struct err *err)
{
	struct option_list *list;

	if (*seen && def->kind != OPTION_MANY)
		return err_set(
			err, ERR_USAGE, "option %s given twice", def->name);
	*seen = true;
	switch (def->kind) {
	case OPTION_FLAG:
		*(bool *)def->to = true;
		break;
	case OPTION_TEXT:
		*(const char **)def->to = value;
		break;
	case OPTION_MANY:
		list = def->to;
		if (list->n == list->max)
			return err_set(err, ERR_USAGE,
				"option %s given more than %zu times",
				def->name, list->max);
		list->v[list->n++] = value;
		break;
	}
	return 0;
}

#define OPTIONS_MAX 40

int options_read(struct run *run, const struct option_def *defs, size_t ndefs,
	int argc, char **argv, struct err *err)
{
	const struct option_def globals[GLOBALS] = {
		{"--state", OPTION_TEXT, &run->state, NULL},
		{"--policy", OPTION_TEXT, &run->policy, NULL},
		{"--json", OPTION_FLAG, &run->json, NULL},
		{"--quiet", OPTION_FLAG, &run->quiet, NULL},
		{"--help", OPTION_FLAG, &run->help, NULL},
	};
	bool seen[OPTIONS_MAX + GLOBALS] = {false};
	int i, left = 0;

	if (ndefs > OPTIONS_MAX)
		die("options_read: %zu options", ndefs);
	for (i = 1; i < argc; i++) {
		struct span arg = span_str(argv[i]);
		size_t eq = span_find(arg, '='), at = 0;
		struct span name = span_sub(arg, 0, eq);
		const struct option_def *def;
		const char *value = NULL;

		if (span_is(arg, "--")) {
			for (i++; i < argc; i++)
				argv[++left] = argv[i];
			break;
		}
		if (arg.n < 2 || arg.p[0] != '-') {
			argv[++left] = argv[i];
			continue;
		}
		def = find(defs, ndefs, name, &at);
		if (!def) {
			def = find(globals, GLOBALS, name, &at);
			at += ndefs;
		}
		if (!def) {
			err_set(err, ERR_USAGE, "unknown option '%s'", argv[i]);
			return err_hint(
				err, "'sluice %s --help' lists them", argv[0]);
		}
		if (def->kind == OPTION_FLAG && eq != SIZE_MAX)
			return err_set(err, ERR_USAGE,
				"option %s takes no value", def->name);
		if (def->kind != OPTION_FLAG) {
			if (eq != SIZE_MAX)
				value = argv[i] + eq + 1;
			else if (i + 1 < argc)
				value = argv[++i];
			else
				return err_set(err, ERR_USAGE,
					"option %s needs a value", def->name);
			if (!*value)
				return err_set(err, ERR_USAGE,
					"option %s has an empty value",
					def->name);
		}
		if (store(def, value, &seen[at], err))
			return -1;
	}
	return left;
}

enum exit_code cmd_usage(const char *name, const char *args,
	const struct option_def *defs, size_t ndefs)
{
	size_t i;

	printf("usage: sluice %s %s\n", name, args);
	for (i = 0; i < ndefs; i++)
		printf("  %-22s %s\n", defs[i].name,
			defs[i].help ? defs[i].help : "");
	printf("  %-22s %s\n", "--state DIR", "the state folder");
	printf("  %-22s %s\n", "--policy FILE",
		"the policy (default: <state>/policy.json)");
	printf("  %-22s %s\n", "--json", "machine-readable output");
	printf("  %-22s %s\n", "--quiet", "say less");
	printf("See sluice(1).\n");
	return EXIT_YES;
}

enum exit_code cmd_fail(const struct err *err)
{
	fprintf(stderr, "sluice: %s\n", err->text[0] ? err->text : "failed");
	if (err->hint[0])
		fprintf(stderr, "hint: %s\n", err->hint);
	return err->code == ERR_USAGE ? EXIT_BAD_USE : EXIT_UNKNOWN;
}

const char *run_policy_path(const struct run *run, struct buf *out)
{
	if (run->policy)
		return run->policy;
	buf_reset(out);
	buf_fmt(out, "%s/policy.json", run->state);
	return buf_cstr(out);
}
