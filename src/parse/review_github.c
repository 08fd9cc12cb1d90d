/*
 * GitHub and GitHub Enterprise Server (REST API, version 2022-11-28). The
 * forge's address is that of the API: "https://api.github.com", or
 * "https://HOST/api/v3" for a server of one's own.
 *
 *	GET repos/{owner}/{name}/pulls?state=open&base={branch}	a list, in pages
 *	GET repos/{owner}/{name}/pulls/{number}			an object
 *	GET repos/{owner}/{name}/pulls/{number}/reviews		a list, in pages
 *	GET repos/{owner}/{name}/issues/{number}/events		a list, in pages
 *
 * Asked for the pull requests of a commit, it answers 422 where it has no such
 * commit, and of a push it need not have all: so what is open is listed.
 *
 * "commit_id" of a review moves along when the branch is pushed by force and
 * the patch stays the same; so it has to be later than the last such push. And
 * what is approved for one branch is not for another that lacks more of it.
 */
#include "parse/reviewpull.h"
#include "parse/reviewtime.h"

#define PAGE 100

enum part {
	PART_REQUEST,
	PART_REVIEWS,
	PART_EVENTS,
};

static const struct review_part parts[] = {
	[PART_REQUEST] = {"request", false, false},
	[PART_REVIEWS] = {"reviews", true, false},
	[PART_EVENTS] = {"events", true, false},
	{NULL, false, false},
};

static void base(const struct review_where *w, const char *what,
	uint64_t number, struct buf *out)
{
	buf_str(out, "/repos/");
	review_escape(out, w->project, true);
	buf_fmt(out, "/%s", what);
	if (number)
		buf_fmt(out, "/%llu", (unsigned long long)number);
}

static void find_path(const struct review_where *w, const struct oid *commit,
	unsigned page, struct buf *out)
{
	(void)commit;
	base(w, "pulls", 0, out);
	buf_str(out, "?state=open&base=");
	review_escape(out, w->branch, false);
	buf_fmt(out, "&sort=created&direction=desc&per_page=%d&page=%u", PAGE,
		page);
}

static void part_path(const struct review_where *w, uint64_t number,
	size_t part, unsigned page, struct buf *out)
{
	base(w, part == PART_EVENTS ? "issues" : "pulls", number, out);
	if (part != PART_REQUEST)
		buf_fmt(out, "/%s?per_page=%d&page=%u", parts[part].name, PAGE,
			page);
}

/* An account; one that is gone has neither login nor number. */
static int user_read(const struct doc *j, struct arena *arena,
	struct span *login, uint64_t *account, struct err *err)
{
	const struct doc *user = doc_get(j, "user");

	*login = SPAN_EMPTY;
	*account = 0;
	if (doc_kind(user) == DOC_NULL)
		return 0;
	if (review_member(j, "user", &user, err) ||
		review_text(user, "login", arena, login, err) ||
		review_number(user, "id", account, err))
		return -1;
	return 0;
}

static int request_read(struct span body, struct arena *arena,
	struct review_request *out, struct err *err)
{
	struct doc *j;
	struct review_hit pull;
	uint64_t account;
	int ret = -1;

	if (review_object(body, &j, err))
		return -1;
	if (review_pull(j, arena, &pull, err) ||
		user_read(j, arena, &out->opener, &account, err))
		goto out;
	review_hit_request(&pull, out);
	ret = 0;
out:
	doc_free(j);
	return ret;
}

/* What makes reviews that were given before be of something else. */
static bool is_turn(struct span event)
{
	static const char *const turns[] = {
		"head_ref_force_pushed",
		"base_ref_changed",
		"automatic_base_change_succeeded",
		"base_ref_force_pushed",
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(turns); i++)
		if (span_is(event, turns[i]))
			return true;
	return false;
}

static const struct review_opinion opinions[] = {
	{"APPROVED", OPINION_FOR},
	{"CHANGES_REQUESTED", OPINION_AGAINST},
	{"DISMISSED", OPINION_DISMISSED},
	{"COMMENTED", OPINION_NONE},
	{"PENDING", OPINION_NONE},
};

struct said {
	struct review_event event;
	struct review_time when;
};
struct saying {
	const struct review_request *request;
	struct review_time turn; /* the latest; zero: there was none */
	struct arena *arena;
	struct said *v; /* one of each account */
	size_t n, cap, seen;
};

static const char *fault_of(const struct doc *j, enum opinion opinion,
	const struct said *one, const struct saying *s)
{
	struct span hex;
	struct oid commit;

	if (opinion == OPINION_AGAINST)
		return "asks for changes";
	if (opinion == OPINION_DISMISSED)
		return "the approval was dismissed";
	if (!one->event.account || !one->event.login.n)
		return "the account that approved is gone";
	if (!doc_text(doc_get(j, "commit_id"), &hex) ||
		!oid_read(hex, &commit) || !oid_eq(&commit, &s->request->head))
		return "approved another commit than the head of the request";
	if (s->turn.to && !review_time_after(&one->when, &s->turn))
		return "approved before the request was rebased or moved to "
		       "another branch";
	return NULL;
}

/* Reviews are numbered when they are begun; it counts when they were sent. Of
 * two in one second none takes back what the other says against. */
static bool supersedes(const struct said *a, const struct said *b)
{
	if (a->when.from != b->when.from)
		return a->when.from > b->when.from;
	if (!a->event.fault != !b->event.fault)
		return a->event.fault != NULL;
	return a->event.id > b->event.id;
}

static int say(struct saying *s, const struct said *one, struct err *err)
{
	size_t i;

	if (s->seen++ == REVIEW_EVENTS_MAX)
		return err_set(err, ERR_LIMIT,
			"the request has more than %d reviews",
			REVIEW_EVENTS_MAX);
	for (i = 0; i < s->n; i++)
		if (s->v[i].event.account == one->event.account)
			break;
	if (i == s->n) {
		s->v = arena_grow(s->arena, s->v, s->n, &s->cap, sizeof(*s->v));
		s->v[s->n++] = *one;
	} else if (supersedes(one, &s->v[i])) {
		s->v[i] = *one;
	}
	return 0;
}

static int event_read(void *ctx, const struct doc *j, struct err *err)
{
	struct saying *s = ctx;
	struct review_time when;
	struct span event;

	if (!doc_text(doc_get(j, "event"), &event))
		return review_missing("event", err);
	if (!is_turn(event))
		return 0;
	if (review_moment(j, "created_at", &when, err))
		return -1;
	if (when.to > s->turn.to)
		s->turn = when;
	return 0;
}

static int review_read(void *ctx, const struct doc *j, struct err *err)
{
	struct saying *s = ctx;
	enum opinion opinion = OPINION_NONE;
	struct said one = {.event = {.fault = NULL}};

	if (review_state(j, opinions, ARRAY_LEN(opinions), &opinion, err))
		return -1;
	if (opinion == OPINION_NONE)
		return 0;
	if (review_number(j, "id", &one.event.id, err) ||
		user_read(j, s->arena, &one.event.login, &one.event.account,
			err) ||
		review_moment(j, "submitted_at", &one.when, err))
		return -1;
	one.event.fault = fault_of(j, opinion, &one, s);
	one.event.against = opinion == OPINION_AGAINST;
	return say(s, &one, err);
}

static int pages_read(const struct review_answer *a, size_t n, enum part part,
	struct saying *s, struct err *err)
{
	size_t i, pages = 0;

	for (i = 0; i < n; i++) {
		if (!span_is(a[i].part, parts[part].name))
			continue;
		if (review_each(a[i].body,
			    part == PART_EVENTS ? event_read : review_read, s,
			    NULL, err))
			return -1;
		pages++;
	}
	return pages ? 0 : review_missing(parts[part].name, err);
}

static int all_read(const struct review_where *w, const struct review_answer *a,
	size_t n, struct arena *arena, struct review_request *out,
	struct err *err)
{
	const struct review_answer *request = review_part_of(a, n, "request");
	struct review_events events = {.arena = arena};
	struct saying s = {.request = out, .arena = arena};
	size_t i;

	(void)w;
	memset(out, 0, sizeof(*out));
	if (!request || request_read(request->body, arena, out, err))
		return request ? -1 : review_missing("request", err);
	if (pages_read(a, n, PART_EVENTS, &s, err) ||
		pages_read(a, n, PART_REVIEWS, &s, err))
		return -1;
	for (i = 0; i < s.n; i++)
		if (review_event_add(&events, &s.v[i].event, err))
			return -1;
	review_latest(&events, out);
	return 0;
}

static void header(struct span token, struct buf *out)
{
	buf_str(out, "Authorization: Bearer ");
	buf_span(out, token);
}

const struct review_dialect review_github = {
	.part = parts,
	.find_path = find_path,
	.find_read = review_pulls,
	.part_path = part_path,
	.read = all_read,
	.header = header,
};
