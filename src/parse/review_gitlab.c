/*
 * GitLab (REST API v4, as of 18; the project is its path, percent-encoded):
 *
 *	GET projects/{id}/merge_requests?state=opened	a list, in pages
 *	GET projects/{id}/merge_requests?state=locked	a list, in pages
 *	GET projects/{id}/merge_requests/{iid}			an object
 *	GET projects/{id}/merge_requests/{iid}/versions		a list, in pages
 *	GET projects/{id}/merge_requests/{iid}/approvals	an object
 *	GET projects/{id}/merge_requests/{iid}/reviewers	a list
 *	GET projects/{id}/merge_requests/{iid}/discussions	a list, in pages
 *
 * While the button is at work, and with it our hook, a merge request is not
 * "opened" but "locked". The merge requests of a commit are those "related" to
 * it, and 404 where the commit is not known: so what is open is listed.
 *
 * An approval names no commit. Each push, rebase and change of the target makes
 * a new version, whether or not approvals are reset by it: that is a setting,
 * and a push that leaves the patch as it is resets nothing. So an approval has
 * to be later than the newest version, and that version's head the head.
 * Releases that do not tell when it was given are believed where the policy
 * says so ("trust_reset").
 *
 * The last two are asked for only where somebody's objections count. A reviewer
 * who requests changes objects, and so does whoever began a discussion that is
 * to be resolved and is not.
 */
#include "parse/reviewread.h"
#include "parse/reviewtime.h"

#define PAGE 100

enum part {
	PART_REQUEST,
	PART_VERSIONS,
	PART_APPROVALS,
	PART_REVIEWERS,
	PART_DISCUSSIONS,
};

static const struct review_part parts[] = {
	[PART_REQUEST] = {"request", false, false},
	[PART_VERSIONS] = {"versions", true, false},
	[PART_APPROVALS] = {"approvals", false, false},
	[PART_REVIEWERS] = {"reviewers", false, true},
	[PART_DISCUSSIONS] = {"discussions", true, true},
	{NULL, false, false},
};

static void base(const struct review_where *w, struct buf *out)
{
	buf_str(out, "/api/v4/projects/");
	review_escape(out, w->project, false);
	buf_str(out, "/merge_requests");
}

static void list_path(const struct review_where *w, const char *state,
	unsigned page, struct buf *out)
{
	base(w, out);
	buf_fmt(out, "?state=%s&target_branch=", state);
	review_escape(out, w->branch, false);
	buf_fmt(out, "&order_by=created_at&sort=desc&per_page=%d&page=%u", PAGE,
		page);
}

static void find_path(const struct review_where *w, const struct oid *commit,
	unsigned page, struct buf *out)
{
	(void)commit;
	list_path(w, "opened", page, out);
}

static void find_also(const struct review_where *w, const struct oid *commit,
	unsigned page, struct buf *out)
{
	(void)commit;
	list_path(w, "locked", page, out);
}

static int merge_read(const struct doc *j, struct arena *arena,
	struct review_hit *out, struct err *err)
{
	struct span state;

	if (review_number(j, "iid", &out->number, err) ||
		review_text(j, "state", arena, &state, err) ||
		review_text(j, "target_branch", arena, &out->branch, err) ||
		review_oid(j, "sha", &out->head, err))
		return -1;
	out->open = span_is(state, "opened") || span_is(state, "locked");
	return 0;
}

static int hit_read(void *ctx, const struct doc *item, struct err *err)
{
	struct review_hits *hits = ctx;

	/* The branch it comes from is gone: it is about nothing. */
	if (doc_kind(doc_get(item, "sha")) == DOC_NULL)
		return 0;
	return merge_read(item, hits->arena, review_hit_new(hits), err);
}

static int find_read(
	struct span body, struct review_hits *out, size_t *n, struct err *err)
{
	return review_each(body, hit_read, out, n, err);
}

static void part_path(const struct review_where *w, uint64_t number,
	size_t part, unsigned page, struct buf *out)
{
	base(w, out);
	buf_fmt(out, "/%llu", (unsigned long long)number);
	if (part != PART_REQUEST)
		buf_fmt(out, "/%s", parts[part].name);
	if (parts[part].paged)
		buf_fmt(out, "?per_page=%d&page=%u", PAGE, page);
}

static int request_read(struct span body, struct arena *arena,
	struct review_request *out, struct err *err)
{
	struct doc *j;
	const struct doc *author;
	struct review_hit merge;
	int ret = -1;

	if (review_object(body, &j, err))
		return -1;
	if (merge_read(j, arena, &merge, err) ||
		review_member(j, "author", &author, err) ||
		review_text(author, "username", arena, &out->opener, err))
		goto out;
	review_hit_request(&merge, out);
	ret = 0;
out:
	doc_free(j);
	return ret;
}

/* The newest version. */
struct version {
	uint64_t id;
	struct oid head;
	struct review_time made;
};

static int version_read(void *ctx, const struct doc *j, struct err *err)
{
	struct version *newest = ctx, one;

	if (review_number(j, "id", &one.id, err) ||
		review_oid(j, "head_commit_sha", &one.head, err) ||
		review_moment(j, "created_at", &one.made, err))
		return -1;
	if (one.id > newest->id)
		*newest = one;
	return 0;
}

static int versions_read(const struct review_answer *a, size_t n,
	struct version *newest, struct err *err)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (span_is(a[i].part, parts[PART_VERSIONS].name) &&
			review_each(a[i].body, version_read, newest, NULL, err))
			return -1;
	return newest->id ? 0 : review_missing("versions", err);
}

struct judging {
	const struct review_where *where;
	const struct review_request *request;
	const struct version *newest;
	struct review_events *events;
};

static int fault_of(const struct doc *j, const struct doc *user,
	const struct judging *g, const char **out, struct err *err)
{
	struct review_time when;
	struct span state;
	enum doc_kind given = doc_kind(doc_get(j, "approved_at"));
	bool timed = given != DOC_NONE && given != DOC_NULL;

	if (timed && review_moment(j, "approved_at", &when, err))
		return -1;
	if (doc_text(doc_get(user, "state"), &state) &&
		!span_is(state, "active"))
		*out = "the account that approved is not active";
	else if (!oid_eq(&g->newest->head, &g->request->head))
		*out = "the request just changed: its newest version is not "
		       "its head yet";
	else if (timed && !review_time_after(&when, &g->newest->made))
		*out = "approved before the newest version of the request";
	else if (!timed && !g->where->trust_reset)
		*out = "the forge does not tell when that was approved, and "
		       "\"trust_reset\" is not set";
	else
		*out = NULL;
	return 0;
}

static int approval_read(
	const struct doc *j, const struct judging *g, struct err *err)
{
	struct review_event e = {.fault = NULL};
	const struct doc *user;

	if (review_member(j, "user", &user, err) ||
		review_text(
			user, "username", g->events->arena, &e.login, err) ||
		review_number(user, "id", &e.account, err) ||
		fault_of(j, user, g, &e.fault, err))
		return -1;
	return review_event_add(g->events, &e, err);
}

static int approvals_read(
	struct span body, const struct judging *g, struct err *err)
{
	struct doc *j;
	const struct doc *by;
	size_t i;
	int ret = -1;

	if (review_object(body, &j, err))
		return -1;
	by = doc_get(j, "approved_by");
	if (doc_kind(by) != DOC_ARRAY) {
		review_missing("approved_by", err);
		goto out;
	}
	for (i = 0; i < doc_count(by); i++)
		if (approval_read(doc_at(by, i), g, err))
			goto out;
	ret = 0;
out:
	doc_free(j);
	return ret;
}

static int objector_read(const struct doc *user, const char *why,
	struct review_events *events, struct err *err)
{
	struct review_event e = {.fault = why, .against = true};

	if (review_text(user, "username", events->arena, &e.login, err) ||
		review_number(user, "id", &e.account, err))
		return -1;
	return review_event_add(events, &e, err);
}

static int reviewer_read(void *ctx, const struct doc *j, struct err *err)
{
	const struct doc *user;
	struct span state;

	if (!doc_text(doc_get(j, "state"), &state))
		return review_missing("state", err);
	if (!span_is(state, "requested_changes"))
		return 0;
	return review_member(j, "user", &user, err)
		? -1
		: objector_read(user, "asks for changes", ctx, err);
}

static int discussion_read(void *ctx, const struct doc *j, struct err *err)
{
	const struct doc *notes = doc_get(j, "notes"), *author;
	bool open = false, resolved;
	size_t i;

	if (doc_kind(notes) != DOC_ARRAY || !doc_count(notes))
		return review_missing("notes", err);
	for (i = 0; i < doc_count(notes); i++) {
		if (!doc_get_bool(doc_at(notes, i), "resolvable"))
			continue;
		if (review_flag(doc_at(notes, i), "resolved", &resolved, err))
			return -1;
		open |= !resolved;
	}
	if (!open)
		return 0;
	return review_member(doc_at(notes, 0), "author", &author, err)
		? -1
		: objector_read(author,
			  "began a discussion that is not "
			  "resolved",
			  ctx, err);
}

/* Who is against it, where that was asked. */
static int objections_read(const struct review_answer *a, size_t n,
	struct review_request *out, struct arena *arena, struct err *err)
{
	const struct review_answer *reviewers =
		review_part_of(a, n, parts[PART_REVIEWERS].name);
	struct review_events events = {.arena = arena};
	size_t i, pages = 0;

	for (i = 0; i < n; i++) {
		if (!span_is(a[i].part, parts[PART_DISCUSSIONS].name))
			continue;
		if (review_each(a[i].body, discussion_read, &events, NULL, err))
			return -1;
		pages++;
	}
	out->untold_against = !reviewers || !pages;
	if (out->untold_against)
		return 0;
	if (review_each(reviewers->body, reviewer_read, &events, NULL, err))
		return -1;
	review_append(&events, out);
	return 0;
}

static int all_read(const struct review_where *w, const struct review_answer *a,
	size_t n, struct arena *arena, struct review_request *out,
	struct err *err)
{
	const struct review_answer *request = review_part_of(a, n, "request");
	const struct review_answer *approvals =
		review_part_of(a, n, "approvals");
	struct review_events events = {.arena = arena};
	struct version newest = {.id = 0};
	const struct judging g = {w, out, &newest, &events};

	memset(out, 0, sizeof(*out));
	if (!request || !approvals)
		return review_missing(request ? "approvals" : "request", err);
	if (request_read(request->body, arena, out, err) ||
		versions_read(a, n, &newest, err) ||
		approvals_read(approvals->body, &g, err))
		return -1;
	review_latest(&events, out);
	return objections_read(a, n, out, arena, err);
}

static void header(struct span token, struct buf *out)
{
	buf_str(out, "PRIVATE-TOKEN: ");
	buf_span(out, token);
}

const struct review_dialect review_gitlab = {
	.part = parts,
	.find_path = find_path,
	.find_also = find_also,
	.find_read = find_read,
	.part_path = part_path,
	.read = all_read,
	.header = header,
};
