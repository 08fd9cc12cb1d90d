/* sluice log recheck: what the log let in on the word of keys that are
 * compromised now, and whether people have cleared it since. */
#include "base/io.h"
#include "base/text.h"
#include "cmd/cmd.h"
#include "cmd/doubt.h"
#include "cmd/inforce.h"
#include "cmd/owner.h"
#include "deploy/gitdir.h"
#include "deploy/recheck.h"
#include "deploy/repositories.h"
#include "model/finding.h"
#include "parse/doc.h"

#define ARENA_MAX ((size_t)4 << 30)
#define ARGS "[REPO.git…]"

struct told {
	const struct run *run;
	struct gated_repository *v; /* to look into */
	size_t n;
	bool some; /* only these */
	struct doc *list;
	size_t doubts, cleared, untold;
};

static void set_entry(struct doc *j, uint64_t entry)
{
	doc_set(j, "entry",
		entry == UINT64_MAX ? doc_of_null()
				    : doc_of_int((int64_t)entry));
}

static void tell_untold(
	void *ctx, const char *repository, uint64_t entry, const char *why)
{
	struct buf line = BUF_INIT(8192);
	struct told *t = ctx;
	struct doc *j = doc_object();

	t->untold++;
	doc_set(j, "what", doc_of_str("could not tell"));
	doc_set(j, "repository", doc_of_str(repository));
	set_entry(j, entry);
	doc_set(j, "text", doc_of_str(why));
	doc_add(t->list, j);
	text_printable(&line, span_str(why), 1500);
	if (entry == UINT64_MAX)
		fprintf(stderr, "sluice: %s: %s\n", repository,
			buf_cstr(&line));
	else
		fprintf(stderr, "sluice: %s: entry %llu: %s\n", repository,
			(unsigned long long)entry, buf_cstr(&line));
	buf_free(&line);
}

static bool wanted(void *ctx, struct span repository)
{
	const struct told *t = ctx;
	size_t i;

	for (i = 0; i < t->n; i++)
		if (span_is(repository, t->v[i].name))
			return true;
	return !t->some;
}

static void tell(struct told *t, const struct recheck *r)
{
	size_t i;

	for (i = 0; i < r->n; i++) {
		const struct doubt *d = &r->v[i];

		if (d->dropped)
			continue;
		t->doubts += !d->cleared;
		t->cleared += d->cleared;
		doc_add(t->list, doubt_doc(d));
		if (!t->run->json && (!d->cleared || !t->run->quiet))
			doubt_say(d, r->arena);
	}
}

static enum exit_code conclusion(const struct told *t)
{
	struct buf text = BUF_INIT((size_t)1 << 30);

	if (t->run->json) {
		doc_pretty(t->list, &text);
		fwrite(text.p, 1, text.n, stdout);
		buf_free(&text);
	} else if (!t->run->quiet) {
		fprintf(stderr,
			"%zu in doubt, %zu cleared, %zu could not be told\n",
			t->doubts, t->cleared, t->untold);
	}
	if (t->doubts)
		return EXIT_NO;
	return t->untold ? EXIT_UNKNOWN : EXIT_YES;
}

static int named(
	struct told *t, struct arena *a, int n, char **path, struct err *err)
{
	struct gitdir g;
	int i;

	t->some = true;
	t->v = arena_get(a, (size_t)n, sizeof(*t->v));
	for (i = 0; i < n; i++) {
		struct gated_repository *one = &t->v[t->n];

		if (gitdir_open(path[i], a, &g, err) ||
			gitdir_config(&g, "sluice.name", a, &one->name, err))
			return -1;
		if (!one->name) {
			err_set(err, ERR_REPO,
				"'%s' is not under a gate: it has no "
				"'sluice.name'",
				path[i]);
			return err_hint(err, "sluice install '%s'", path[i]);
		}
		one->path = g.path;
		t->n++;
	}
	return 0;
}

static int recheck(struct told *t, struct arena *a, struct err *err)
{
	struct recheck r = {.state = t->run->state,
		.arena = a,
		.untold = tell_untold,
		.wanted = wanted,
		.ctx = t};
	struct inforce force;
	struct keybook book;
	int ret = -1;

	if (inforce_or_named(&force, t->run, a, err) ||
		keybook_make(force.policy, a, &book, err))
		goto out;
	r.policy = force.policy;
	r.book = &book;
	ret = 0;
	if (!recheck_needed(force.policy, &book)) {
		if (!t->run->quiet)
			fprintf(stderr,
				"no key and no account of the policy is "
				"compromised\n");
		goto out;
	}
	ret = recheck_log(&r, err);
	if (!ret) {
		recheck_settle(&r, t->v, t->n);
		tell(t, &r);
	}
out:
	recheck_free(&r);
	inforce_close(&force);
	return ret;
}

/* The front hands over the whole line, "log" and all. */
enum exit_code cmd_log_recheck(struct run *run, int argc, char **argv)
{
	struct told t = {.run = run};
	struct err err = ERR_INIT;
	struct arena *a;
	enum exit_code status;
	int n = options_read(run, NULL, 0, argc, argv, &err);

	if (n >= 0 && (n == 0 || strcmp(argv[1], "recheck") != 0))
		n = err_set(&err, ERR_USAGE, "log recheck, and nothing else");
	if (n < 0)
		return cmd_fail(&err);
	if (run->help)
		return cmd_usage("log recheck", ARGS, NULL, 0);
	if (owner_become(run->state, true, &err))
		return cmd_fail(&err);
	a = arena_new(ARENA_MAX);
	t.list = doc_array();
	if ((n > 1 ? named(&t, a, n - 1, argv + 2, &err)
		   : repositories_read(run->state, a, &t.v, &t.n, &err)) ||
		recheck(&t, a, &err))
		status = cmd_fail(&err);
	else
		status = conclusion(&t);
	doc_free(t.list);
	arena_free(a);
	return status;
}
