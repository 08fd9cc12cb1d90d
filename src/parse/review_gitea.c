/*
 * Gitea and Forgejo (their API, /api/v1, as of Gitea 1.24):
 *
 *	GET repos/{owner}/{name}/pulls?state=open		a list, in pages
 *	GET repos/{owner}/{name}/pulls/{number}			an object
 *	GET repos/{owner}/{name}/pulls/{number}/reviews		a list, in pages
 *
 * The call for the request of a commit knows merged ones only, and while the
 * hook runs nothing is merged yet. "stale" and "official" follow some seconds
 * behind a push, so the commit that the review names has to be the head as
 * well.
 */
#include "parse/reviewpull.h"

#define PAGE 50

static const struct review_part parts[] = {
	{"request", false, false},
	{"reviews", true, false},
	{NULL, false, false},
};

static void base(const struct review_where *w, struct buf *out)
{
	buf_str(out, "/api/v1/repos/");
	review_escape(out, w->project, true);
	buf_str(out, "/pulls");
}

static void find_path(const struct review_where *w, const struct oid *commit,
	unsigned page, struct buf *out)
{
	(void)commit;
	base(w, out);
	buf_fmt(out, "?state=open&sort=recentupdate&limit=%d&page=%u", PAGE,
		page);
}

static void part_path(const struct review_where *w, uint64_t number,
	size_t part, unsigned page, struct buf *out)
{
	base(w, out);
	buf_fmt(out, "/%llu", (unsigned long long)number);
	if (part)
		buf_fmt(out, "/reviews?limit=%d&page=%u", PAGE, page);
}

static int request_read(struct span body, struct arena *arena,
	struct review_request *out, struct err *err)
{
	struct doc *j;
	const struct doc *user;
	struct review_hit pull;
	int ret = -1;

	if (review_object(body, &j, err))
		return -1;
	if (review_pull(j, arena, &pull, err) ||
		review_member(j, "user", &user, err) ||
		review_text(user, "login", arena, &out->opener, err))
		goto out;
	review_hit_request(&pull, out);
	ret = 0;
out:
	doc_free(j);
	return ret;
}

static const struct review_opinion opinions[] = {
	{"APPROVED", OPINION_FOR},
	{"REQUEST_CHANGES", OPINION_AGAINST},
	{"COMMENT", OPINION_NONE},
	{"PENDING", OPINION_NONE},
	{"REQUEST_REVIEW", OPINION_NONE},
	{"", OPINION_NONE},
};

static const char *fault_of(enum opinion opinion, const struct oid *commit,
	bool named, const struct review_request *r, const bool flag[3])
{
	if (opinion == OPINION_AGAINST)
		return flag[0] ? "asked for changes, which was dismissed"
			       : "asks for changes";
	if (flag[0])
		return "the approval was dismissed";
	if (flag[1])
		return "the approval is stale: the request changed since";
	if (!flag[2])
		return "may not approve there: the approval is not official";
	if (!named || !oid_eq(commit, &r->head))
		return "approved another commit than the head of the request";
	return NULL;
}

static int review_read(const struct doc *j, const struct review_request *r,
	struct review_events *events, struct err *err)
{
	static const char *const flags[] = {"dismissed", "stale", "official"};
	struct review_event e = {.fault = NULL};
	const struct doc *user;
	enum opinion opinion = OPINION_NONE;
	struct oid commit = {{0}};
	struct span hex;
	bool flag[3], named;
	size_t i;

	if (review_state(j, opinions, ARRAY_LEN(opinions), &opinion, err))
		return -1;
	if (opinion == OPINION_NONE)
		return 0;
	for (i = 0; i < ARRAY_LEN(flags); i++)
		if (review_flag(j, flags[i], &flag[i], err))
			return -1;
	/* A team's has no user, and an opinion of its own it has not. */
	if (review_number(j, "id", &e.id, err) ||
		review_member(j, "user", &user, err) ||
		review_text(user, "login", events->arena, &e.login, err))
		return -1;
	/* -1 is what is left of an account that is gone. */
	if (doc_get_int(user, "id") > 0)
		e.account = (uint64_t)doc_get_int(user, "id");
	named = doc_text(doc_get(j, "commit_id"), &hex) &&
		oid_read(hex, &commit);
	e.fault = fault_of(opinion, &commit, named, r, flag);
	/* Of whatever commit: it stands until it is taken back. */
	e.against = opinion == OPINION_AGAINST && !flag[0];
	return review_event_add(events, &e, err);
}

static int reviews_read(struct span body, const struct review_request *r,
	struct review_events *events, struct err *err)
{
	struct doc *list;
	size_t i, n;
	int ret = -1;

	if (review_list(body, &list, &n, err))
		return -1;
	for (i = 0; i < n; i++)
		if (review_read(doc_at(list, i), r, events, err))
			goto out;
	ret = 0;
out:
	doc_free(list);
	return ret;
}

static int all_read(const struct review_where *w, const struct review_answer *a,
	size_t n, struct arena *arena, struct review_request *out,
	struct err *err)
{
	const struct review_answer *request = review_part_of(a, n, "request");
	struct review_events events = {.arena = arena};
	size_t i, pages = 0;

	(void)w;
	memset(out, 0, sizeof(*out));
	if (!request || request_read(request->body, arena, out, err))
		return request ? -1 : review_missing("request", err);
	for (i = 0; i < n; i++) {
		if (!span_is(a[i].part, "reviews"))
			continue;
		if (reviews_read(a[i].body, out, &events, err))
			return -1;
		pages++;
	}
	if (!pages)
		return review_missing("reviews", err);
	review_latest(&events, out);
	return 0;
}

static void header(struct span token, struct buf *out)
{
	buf_str(out, "Authorization: token ");
	buf_span(out, token);
}

const struct review_dialect review_gitea = {
	.part = parts,
	.find_path = find_path,
	.find_read = review_pulls,
	.part_path = part_path,
	.read = all_read,
	.header = header,
};
