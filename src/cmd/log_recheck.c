/* sluice log recheck: what the log let in on the word of keys that are
 * compromised now, and whether people have cleared it since. */
#include "base/io.h"
#include "base/text.h"
#include "cmd/cmd.h"
#include "cmd/print.h"
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

static struct doc *oids_doc(const struct oid_set *set)
{
	struct doc *list = doc_array();
	char hex[OID_HEX + 1];
	size_t i;

	for (i = 0; i < set->cap; i++)
		if (!oid_is_zero(&set->slot[i]))
			doc_add(list, doc_of_str(oid_hex(&set->slot[i], hex)));
	return list;
}

static void list_doubt(struct told *t, const struct doubt *d)
{
	struct doc *j = doc_object();
	char hex[OID_HEX + 1];

	doc_set(j, "what", doc_of_str(d->what));
	if (d->name)
		doc_set(j, "name", doc_of_str(d->name));
	doc_set(j, "repository", doc_of_str(d->repository));
	set_entry(j, d->entry);
	doc_set(j, "time", doc_of_str(d->time));
	doc_set(j, "ref", doc_of_text(d->ref));
	doc_set(j, "object", doc_of_str(oid_hex(&d->object, hex)));
	doc_set(j, "commit", doc_of_str(oid_hex(&d->commit, hex)));
	doc_set(j, "person", doc_of_str(d->person));
	doc_set(j, "kind", doc_of_str(signature_kind_name(d->kind)));
	doc_set(j, "key", doc_of_str(d->key));
	doc_set(j, "fingerprint", doc_of_str(d->fingerprint));
	doc_set(j, "cleared", doc_of_bool(d->cleared));
	if (d->cleared)
		doc_set(j, "waivers", oids_doc(&d->by));
	doc_add(t->list, j);
}

/* The command is made to be pasted into a shell. */
static void say_doubt(const struct doubt *d, struct arena *a)
{
	struct findings quoting = {.arena = a};
	const char *ref = findings_word(&quoting, d->ref);
	char hex[OID_HEX + 1], commit[OID_HEX + 1];

	printf("%-7s  %llu  %s  ", d->cleared ? "cleared" : "DOUBT",
		(unsigned long long)d->entry, d->time);
	print_text(span_str(d->repository));
	putchar(' ');
	print_text(d->ref);
	printf("  %s ", d->what);
	if (d->name) {
		printf("'");
		print_text(span_str(d->name));
		printf("' in ");
	}
	printf("%s by ", oid_hex(&d->object, hex));
	print_text(span_str(d->person));
	printf(" with %s key ", signature_kind_name(d->kind));
	print_text(span_str(d->key));
	putchar('\n');
	if (d->cleared)
		return;
	printf("         to clear: sluice waive signature.compromised --for %s "
	       "--ref %s --repository %s --fingerprint %s\n",
		oid_hex(&d->commit, commit), ref ? ref : "<ref>", d->repository,
		d->fingerprint);
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
		list_doubt(t, d);
		if (!t->run->json && (!d->cleared || !t->run->quiet))
			say_doubt(d, r->arena);
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

static const char *path_of(const struct told *t, const char *name)
{
	size_t i;

	for (i = 0; i < t->n; i++)
		if (!strcmp(t->v[i].name, name))
			return t->v[i].path;
	return NULL;
}

static bool is_first(const struct recheck *r, size_t at)
{
	size_t i;

	for (i = 0; i < at; i++)
		if (!strcmp(r->v[i].repository, r->v[at].repository))
			return false;
	return true;
}

static int recheck(struct told *t, struct arena *a, struct err *err)
{
	struct buf path = PATH_BUF_INIT;
	struct recheck r = {.state = t->run->state,
		.arena = a,
		.untold = tell_untold,
		.wanted = wanted,
		.ctx = t};
	struct keybook book;
	struct policy *policy;
	int ret = -1;
	size_t i;

	if (policy_load(run_policy_path(t->run, &path), a, &policy, err) ||
		keybook_make(policy, a, &book, err))
		goto out;
	r.policy = policy;
	r.book = &book;
	ret = 0;
	if (!suspects_any(&book)) {
		if (!t->run->quiet)
			fprintf(stderr,
				"no key of the policy is compromised\n");
		goto out;
	}
	ret = recheck_log(&r, err);
	for (i = 0; !ret && i < r.n; i++)
		if (is_first(&r, i))
			recheck_repository(&r, r.v[i].repository,
				path_of(t, r.v[i].repository));
	if (!ret)
		tell(t, &r);
out:
	recheck_free(&r);
	buf_free(&path);
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
