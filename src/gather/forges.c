#include "gather/forges.h"

#include "base/clock.h"
#include "base/io.h"
#include "base/text.h"
#include "gather/notedb.h"
#include "gather/tokenfile.h"
#include "parse/review.h"
#include "parse/reviewask.h"
#include "port/httpclient.h"

#define PAGES_MAX 20                        /* of one list */
#define COMMITS_ASKED_MAX 64                /* one by one, of one ref */
#define REQUESTS_MAX 32                     /* that are about one ref */
#define FIND_BYTES_MAX ((uint64_t)32 << 20) /* of lists, which are not kept */
#define KEPT_BYTES_MAX ((uint64_t)4 << 20)
#define HEADS PREFIX_HEADS
#define PREFIX_HEADS "refs/heads/"

typedef void find_path(const struct review_where *w, const struct oid *commit,
	unsigned page, struct buf *out);

/* One forge for one ref. */
struct asking {
	const struct forges *with;
	const struct forge *forge;
	const struct review_dialect *dialect;
	struct review_where where;
	const struct reviewask_ref *ref;
	struct arena *arena;
	struct buf header; /* holds the token */
	struct buf ca_file;
	int64_t until; /* clock_ms */
	struct buf *out;
	uint64_t kept; /* bytes so far, of all forges */
};

/* Paths below the forge's address, asked for together. */
struct batch {
	struct buf path[HTTP_URLS_MAX];
	size_t n;
};

static struct buf *batch_next(struct batch *b)
{
	struct buf *path;

	if (b->n == HTTP_URLS_MAX)
		return NULL;
	path = &b->path[b->n++];
	*path = (struct buf)BUF_INIT(REVIEW_PATH_MAX);
	return path;
}

static void batch_free(struct batch *b)
{
	while (b->n)
		buf_free(&b->path[--b->n]);
}

static int refused(const struct asking *a, const struct buf *path,
	unsigned status, struct err *err)
{
	err_set(err, ERR_NET, "it answers %u for '%.*s'", status,
		(int)(path->n < 200 ? path->n : 200), (const char *)path->p);
	if (status == 401 || (status == 403 && !a->forge->token_file))
		return err_hint(err,
			"give the policy a token_file that may read pull "
			"requests");
	if (status == 403 || status == 404)
		return err_hint(err,
			"the token must be allowed to read '%.*s', and the "
			"policy may name the project in \"repositories\"",
			SPAN_FMT(a->where.project));
	if (status == 429)
		return err_hint(err, "it is asked too often; push again later");
	return err_hint(err, "push again when it works");
}

static int ask(const struct asking *a, const struct batch *b, uint64_t max,
	struct http_answers *out, struct err *err)
{
	struct buf urls = BUF_INIT((size_t)HTTP_URLS_MAX * HTTP_URL_MAX);
	int64_t left = a->until - clock_ms();
	struct http_request r = {.max_bytes = max,
		.no_redirects = true,
		.ca_file = buf_all(&a->ca_file)};
	size_t end[HTTP_URLS_MAX], i, at = 0;
	int ret = -1;

	memset(out, 0, sizeof(*out));
	if (left < 1) {
		err_set(err, ERR_NET, "no answer within %u seconds",
			a->with->policy->forge_timeout);
		goto out;
	}
	r.timeout_ms = (uint32_t)left;
	for (i = 0; i < b->n; i++) {
		buf_str(&urls, a->forge->url);
		buf_span(&urls, buf_all(&b->path[i]));
		end[i] = urls.n;
		if (buf_check(&b->path[i], "a path at the forge", err))
			goto out;
	}
	if (buf_check(&urls, "addresses", err))
		goto out;
	for (i = 0; i < b->n; i++) {
		r.url[i] = span_of(urls.p + at, end[i] - at);
		at = end[i];
	}
	r.nurl = b->n;
	r.header[r.nheader++] = SPAN_LIT("Accept: application/json");
	r.header[r.nheader++] = SPAN_LIT("User-Agent: sluice/" SLUICE_VERSION);
	if (a->header.n)
		r.header[r.nheader++] = buf_all(&a->header);
	if (http_ask(a->with->program, &r, out, err)) {
		err_hint(err,
			"push again later; on the server 'sluice doctor' says "
			"whether it answers");
		goto out;
	}
	for (i = 0; i < out->n; i++)
		if (out->v[i].status != 200) {
			refused(a, &b->path[i], out->v[i].status, err);
			http_answers_free(out);
			goto out;
		}
	ret = 0;
out:
	buf_free(&urls);
	return ret;
}

static bool is_asked(const struct asking *a, const struct oid *head)
{
	size_t i;

	for (i = 0; i < a->ref->n; i++)
		if (oid_eq(&a->ref->commit[i], head))
			return true;
	return false;
}

/* Which of what was found is about the push. What is closed, or to be merged
 * elsewhere, or whose head is another commit, is not. */
static int pick(const struct asking *a, const struct review_hits *hits,
	uint64_t *number, size_t *n, struct err *err)
{
	size_t i, k;

	*n = 0;
	for (i = 0; i < hits->n; i++) {
		const struct review_hit *h = &hits->v[i];

		if (!h->open || !span_eq(h->branch, a->where.branch) ||
			!is_asked(a, &h->head))
			continue;
		for (k = 0; k < *n && number[k] != h->number; k++)
			;
		if (k < *n)
			continue;
		if (*n == REQUESTS_MAX)
			return err_set(err, ERR_LIMIT,
				"more than %d open requests are about '%.*s'",
				REQUESTS_MAX, SPAN_FMT(a->where.branch));
		number[(*n)++] = h->number;
	}
	return 0;
}

/* All that is in a list, page by page: two at once, since most lists are short
 * and only an empty page says that there is no more. */
static int find_listed(const struct asking *a, find_path *path,
	struct review_hits *hits, struct err *err)
{
	unsigned page;
	uint64_t left = FIND_BYTES_MAX;
	struct http_answers got;
	size_t i, n = 1;

	for (page = 1; n && page <= PAGES_MAX; page += 2) {
		struct batch b = {.n = 0};
		int ret;

		path(&a->where, NULL, page, batch_next(&b));
		path(&a->where, NULL, page + 1, batch_next(&b));
		ret = ask(a, &b, left, &got, err);
		batch_free(&b);
		if (ret)
			return -1;
		left -= got.raw.n < left ? got.raw.n : left - 1;
		for (i = 0; i < got.n && n; i++)
			if (a->dialect->find_read(
				    got.v[i].body, hits, &n, err)) {
				http_answers_free(&got);
				return -1;
			}
		http_answers_free(&got);
	}
	if (n)
		return err_set(err, ERR_LIMIT,
			"it has more than %d pages of open requests",
			PAGES_MAX);
	return 0;
}

static int find_open(
	const struct asking *a, struct review_hits *hits, struct err *err)
{
	const struct review_dialect *d = a->dialect;

	if (find_listed(a, d->find_path, hits, err))
		return -1;
	return d->find_also ? find_listed(a, d->find_also, hits, err) : 0;
}

static int find_by_commit(
	const struct asking *a, struct review_hits *hits, struct err *err)
{
	struct http_answers got;
	struct batch b = {.n = 0};
	size_t i, n;
	int ret = -1;

	/* Those left out would seem to be approved by nobody. */
	if (a->ref->n > COMMITS_ASKED_MAX) {
		err_set(err, ERR_LIMIT,
			"more than %d new commits, each of which is asked for",
			COMMITS_ASKED_MAX);
		return err_hint(err, "push fewer at once");
	}
	for (i = 0; i < a->ref->n; i++)
		a->dialect->find_path(
			&a->where, &a->ref->commit[i], 1, batch_next(&b));
	if (ask(a, &b, FIND_BYTES_MAX, &got, err))
		goto out;
	for (i = 0; i < got.n; i++)
		if (a->dialect->find_read(got.v[i].body, hits, &n, err))
			goto out;
	ret = 0;
out:
	batch_free(&b);
	http_answers_free(&got);
	return ret;
}

static int keep_answer(
	struct asking *a, struct review_answer one, struct err *err)
{
	one.forge = span_str(a->forge->name);
	a->kept += one.body.n;
	if (a->kept > KEPT_BYTES_MAX)
		return err_set(err, ERR_LIMIT,
			"the reviews are larger than %llu bytes in all",
			(unsigned long long)KEPT_BYTES_MAX);
	reviewbundle_add(&one, a->out);
	return buf_check(a->out, "the answers of forges", err);
}

static int keep(struct asking *a, uint64_t number, const char *part,
	const struct buf *path, struct span body, struct err *err)
{
	return keep_answer(a,
		(struct review_answer){
			.part = span_str(part),
			.path = buf_all(path),
			.number = number,
			.status = 200,
			.body = body,
		},
		err);
}

static void part_at(const struct asking *a, uint64_t number, size_t part,
	unsigned page, struct batch *b)
{
	a->dialect->part_path(&a->where, number, part, page, batch_next(b));
}

/* What is left of a part whose first pages were not empty. */
static int more_pages(
	struct asking *a, uint64_t number, size_t part, struct err *err)
{
	const char *name = a->dialect->part[part].name;
	unsigned page;

	for (page = 3; page <= PAGES_MAX; page++) {
		struct batch b = {.n = 0};
		struct http_answers got;
		size_t n = 0;
		int ret;

		part_at(a, number, part, page, &b);
		ret = ask(a, &b, KEPT_BYTES_MAX, &got, err);
		if (!ret)
			ret = keep(a, number, name, &b.path[0], got.v[0].body,
				err);
		if (!ret)
			ret = review_page_count(got.v[0].body, &n, err);
		http_answers_free(&got);
		batch_free(&b);
		if (ret || !n)
			return ret;
	}
	return err_set(err, ERR_LIMIT,
		"request %llu has more than %d pages "
		"of %s",
		(unsigned long long)number, PAGES_MAX, name);
}

static bool is_wanted(const struct asking *a, const struct review_part *part)
{
	return !part->objections || a->where.objections;
}

/* Everything about one request, asked for at once. */
static int ask_request(struct asking *a, uint64_t number, struct err *err)
{
	const struct review_part *part = a->dialect->part;
	struct batch b = {.n = 0};
	struct http_answers got;
	size_t i, n, at = 0;
	int ret = -1;

	for (i = 0; part[i].name; i++) {
		if (!is_wanted(a, &part[i]))
			continue;
		part_at(a, number, i, 1, &b);
		if (part[i].paged)
			part_at(a, number, i, 2, &b);
	}
	if (ask(a, &b, KEPT_BYTES_MAX, &got, err))
		goto out;
	for (i = 0; part[i].name; i++) {
		if (!is_wanted(a, &part[i]))
			continue;
		if (keep(a, number, part[i].name, &b.path[at], got.v[at].body,
			    err))
			goto out;
		at++;
		if (!part[i].paged)
			continue;
		if (review_page_count(got.v[at].body, &n, err) ||
			keep(a, number, part[i].name, &b.path[at],
				got.v[at].body, err) ||
			(n && more_pages(a, number, i, err)))
			goto out;
		at++;
	}
	ret = 0;
out:
	http_answers_free(&got);
	batch_free(&b);
	return ret;
}

static int ask_forge(struct asking *a, struct err *err)
{
	struct review_hits hits = {.arena = a->arena};
	uint64_t number[REQUESTS_MAX];
	size_t n = 0, i;

	if (a->dialect->by_commit ? find_by_commit(a, &hits, err)
				  : find_open(a, &hits, err))
		return -1;
	if (pick(a, &hits, number, &n, err))
		return -1;
	for (i = 0; i < n; i++)
		if (ask_request(a, number[i], err))
			return -1;
	return 0;
}

/* Its files: where authorities are, and what opens it. */
static int open_forge(struct asking *a, const struct forge *f, struct err *err)
{
	struct buf token = BUF_INIT(TOKEN_MAX);
	int ret = -1;

	a->forge = f;
	a->dialect = review_dialect(f->kind);
	a->header = (struct buf)BUF_INIT(HTTP_HEADER_MAX);
	a->ca_file = (struct buf)PATH_BUF_INIT;
	a->where.trust_reset = f->trust_reset;
	if (f->ca_file &&
		trusted_path(a->with->beside, f->ca_file, &a->ca_file, err))
		goto out;
	if (f->token_file) {
		if (token_read(a->with->beside, f->token_file, f->url, &token,
			    err))
			goto out;
		a->where.token = true;
		a->dialect->header(buf_all(&token), &a->header);
		if (buf_check(&a->header, "the token", err))
			goto out;
	}
	ret = 0;
out:
	buf_wipe(&token);
	return ret;
}

static void close_forge(struct asking *a)
{
	buf_wipe(&a->header);
	buf_free(&a->ca_file);
}

/* Whether what is said against a request may weigh on the ref. */
static bool heeds_objections(
	const struct policy *p, struct span repository, struct span ref)
{
	struct rules rules;

	return policy_rules(p, repository, ref, &rules) && rules.approval &&
		rules.approval->objections.n;
}

static int keep_change(
	void *ctx, const struct notedb_change *c, struct err *err)
{
	return keep_answer(ctx,
		(struct review_answer){
			.part = SPAN_LIT("meta"),
			.path = c->ref,
			.number = c->number,
			.body = c->events,
		},
		err);
}

/* Nobody is asked: the repository is on this machine. */
static int look_forge(struct asking *a, const struct forge *f,
	struct span repository, struct err *err)
{
	struct buf path = PATH_BUF_INIT;
	int ret = -1;

	a->forge = f;
	if (!notedb_path(f, repository, &path, err))
		ret = notedb_changes(f, buf_cstr(&path), a->ref->commit,
			a->ref->n, a->until, keep_change, a, err);
	buf_free(&path);
	return ret;
}

static int ask_one(struct asking *a, const struct reviewask *q,
	const struct reviewask_ref *ref, struct span name, struct err *err)
{
	const struct forge *f = policy_forge(a->with->policy, name);
	int ret = -1;

	if (!f)
		return err_set(err, ERR_INPUT,
			"the judge asks about a forge that the policy has not");
	/* Requests are to be merged into branches. */
	if (!span_starts(ref->ref, SPAN_LIT(PREFIX_HEADS)))
		return 0;
	a->where.project = forge_project(f, q->repository);
	a->where.branch = span_from(ref->ref, strlen(PREFIX_HEADS));
	a->where.objections =
		heeds_objections(a->with->policy, q->repository, ref->ref);
	a->ref = ref;
	if (f->kind == FORGE_NOTEDB)
		ret = look_forge(a, f, q->repository, err);
	else if (!open_forge(a, f, err))
		ret = ask_forge(a, err);
	close_forge(a);
	if (ret)
		err_in(err, "forge '%s'", f->name);
	return ret;
}

static int64_t until(const struct forges *with)
{
	return clock_ms() + (int64_t)with->policy->forge_timeout * 1000;
}

int forges_ask(const struct forges *with, struct span question,
	struct arena *arena, struct buf *out, struct err *err)
{
	struct asking a = {
		.with = with, .arena = arena, .until = until(with), .out = out};
	struct reviewask q;
	size_t i, k;

	if (reviewask_read(question, arena, &q, err))
		return -1;
	if (!span_is(q.policy, with->policy->digest))
		return err_set(err, ERR_POLICY,
			"the policy was changed in this moment");
	reviewbundle_start(out);
	for (i = 0; i < q.n; i++)
		for (k = 0; k < q.ref[i].nforge; k++)
			if (ask_one(&a, &q, &q.ref[i], q.ref[i].forge[k], err))
				return -1;
	reviewbundle_end(out);
	return buf_check(out, "the answers of forges", err);
}

int forge_check(
	const struct forges *with, const struct forge *f, struct err *err)
{
	struct asking a = {.with = with};
	int ret = open_forge(&a, f, err);

	close_forge(&a);
	return ret;
}

int forge_reach(const struct forges *with, const struct forge *f,
	const char *repository, struct arena *arena, struct err *err)
{
	static const struct oid none = {{0}};
	struct asking a = {.with = with, .until = until(with)};
	struct review_hits hits = {.arena = arena};
	struct batch b = {.n = 0};
	struct http_answers got = {.n = 0};
	size_t n;
	int ret = -1;

	a.where.project = forge_project(f, span_str(repository));
	a.where.branch = SPAN_LIT("main");
	if (!open_forge(&a, f, err)) {
		a.dialect->find_path(&a.where,
			a.dialect->by_commit ? &none : NULL, 1, batch_next(&b));
		if (!ask(&a, &b, FIND_BYTES_MAX, &got, err))
			ret = a.dialect->find_read(
				got.v[0].body, &hits, &n, err);
	}
	http_answers_free(&got);
	batch_free(&b);
	close_forge(&a);
	return ret;
}
