#include "base/text.h"
#include "checks/check.h"

#define PLACE_MAX 300

static struct span last_name(struct span path)
{
	size_t i = path.n;

	while (i && path.p[i - 1] != '/')
		i--;
	return span_from(path, i);
}

/* A glob with a '/' is about the whole path, one without about the name. */
static const char *denied(const struct rule_file *rule, struct span path)
{
	size_t i;

	for (i = 0; i < rule->ndeny; i++) {
		struct span glob = span_str(rule->deny[i]);
		bool whole = span_find(glob, '/') != SIZE_MAX;

		if (text_glob(glob, whole ? path : last_name(path)))
			return rule->deny[i];
	}
	return NULL;
}

static void judge(const struct rule_file *rule, const struct change *c,
	const struct path_change *p, size_t u, struct findings *out)
{
	const char *glob = denied(rule, p->path);
	struct finding *f;

	if (glob) {
		f = findings_add(out, FINDING_FILE_NAME, u, &c->commit.id);
		f->place = findings_show(out, p->path, PLACE_MAX);
		f->detail = arena_fmt(out->arena, "'%s' is not allowed", glob);
	}
	if (rule->max_size && p->size > rule->max_size) {
		f = findings_add(out, FINDING_FILE_SIZE, u, &c->commit.id);
		f->place = findings_show(out, p->path, PLACE_MAX);
		f->detail = arena_fmt(out->arena,
			"%llu bytes, at most %llu are allowed",
			(unsigned long long)p->size,
			(unsigned long long)rule->max_size);
	}
}

static void run(const struct facts *facts, size_t u, struct findings *out)
{
	const struct update_fact *up = &facts->update[u];
	const struct rule_file *rule = up->rules.file;
	size_t i, k;

	if (!rule || up->movement == MOVEMENT_DELETE)
		return;
	for (i = 0; i < up->nchange; i++) {
		const struct change *c = &facts->change[up->change[i]];

		for (k = 0; k < c->npath; k++)
			if (!c->path[k].removed)
				judge(rule, c, &c->path[k], u, out);
	}
}

const struct check check_file = {"file", run};
