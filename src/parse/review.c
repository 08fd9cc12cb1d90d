#include "parse/review.h"

#include "parse/reviewread.h"

const struct review_dialect *review_dialect(enum forge_kind kind)
{
	switch (kind) {
	case FORGE_GITEA:
		return &review_gitea;
	case FORGE_GITHUB:
		return &review_github;
	case FORGE_GITLAB:
		return &review_gitlab;
	case FORGE_GERRIT:
		return &review_gerrit;
	case FORGE_NOTEDB:
		return &review_notedb;
	}
	return NULL;
}

const char *review_address(enum forge_kind kind, struct span url)
{
	if (kind != FORGE_GITHUB || span_ends(url, SPAN_LIT("/api/v3")) ||
		span_starts(url, SPAN_LIT("https://api.")))
		return NULL;
	return "expected the address of the API: 'https://api.github.com', or "
	       "'https://HOST/api/v3' for GitHub Enterprise Server";
}

int review_page_count(struct span body, size_t *out, struct err *err)
{
	struct doc *list;

	if (review_list(body, &list, out, err))
		return -1;
	doc_free(list);
	return 0;
}

void review_escape(struct buf *out, struct span s, bool slash)
{
	size_t i;

	for (i = 0; i < s.n; i++) {
		unsigned char c = s.p[i];

		if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
			(c >= 'a' && c <= 'z') || c == '-' || c == '.' ||
			c == '_' || c == '~' || (c == '/' && slash))
			buf_byte(out, c);
		else
			buf_fmt(out, "%%%02X", c);
	}
}

static int document(struct span body, enum doc_kind kind, const char *what,
	struct doc **out, struct err *err)
{
	if (doc_parse(body, out, err))
		return err_in(err, "the answer");
	if (doc_kind(*out) == kind)
		return 0;
	err_set(err, ERR_INPUT, "the answer is not %s but %s", what,
		doc_kind_name(doc_kind(*out)));
	doc_free(*out);
	*out = NULL;
	return -1;
}

int review_list(struct span body, struct doc **out, size_t *n, struct err *err)
{
	*n = 0;
	if (document(body, DOC_ARRAY, "a list", out, err))
		return -1;
	*n = doc_count(*out);
	return 0;
}

int review_each(struct span body,
	int (*each)(void *ctx, const struct doc *item, struct err *err),
	void *ctx, size_t *n, struct err *err)
{
	struct doc *list;
	size_t many, i;
	int ret = 0;

	if (review_list(body, &list, &many, err))
		return -1;
	for (i = 0; i < many && !ret; i++)
		ret = each(ctx, doc_at(list, i), err);
	doc_free(list);
	if (n)
		*n = many;
	return ret;
}

struct review_hit *review_hit_new(struct review_hits *hits)
{
	hits->v = arena_grow(
		hits->arena, hits->v, hits->n, &hits->cap, sizeof(*hits->v));
	return &hits->v[hits->n++];
}

void review_hit_request(
	const struct review_hit *hit, struct review_request *out)
{
	out->number = hit->number;
	out->branch = hit->branch;
	out->head = hit->head;
	out->open = hit->open;
}

int review_state(const struct doc *object,
	const struct review_opinion *opinions, size_t n, enum opinion *out,
	struct err *err)
{
	struct span state;
	size_t i;

	*out = OPINION_NONE;
	if (!doc_text(doc_get(object, "state"), &state))
		return review_missing("state", err);
	for (i = 0; i < n; i++) {
		if (span_is(state, opinions[i].state)) {
			*out = opinions[i].opinion;
			return 0;
		}
	}
	return err_set(err, ERR_INPUT,
		"the answer has a review in a state that is not known");
}

int review_object(struct span body, struct doc **out, struct err *err)
{
	return document(body, DOC_OBJECT, "an object", out, err);
}

int review_missing(const char *key, struct err *err)
{
	return err_set(err, ERR_INPUT,
		"the answer has no '%s' of the documented form", key);
}

int review_text(const struct doc *object, const char *key, struct arena *arena,
	struct span *out, struct err *err)
{
	struct span s;

	if (!doc_text(doc_get(object, key), &s))
		return review_missing(key, err);
	*out = arena_copy(arena, s);
	return 0;
}

int review_number(const struct doc *object, const char *key, uint64_t *out,
	struct err *err)
{
	int64_t n;

	if (!doc_int(doc_get(object, key), &n) || n < 1)
		return review_missing(key, err);
	*out = (uint64_t)n;
	return 0;
}

int review_flag(
	const struct doc *object, const char *key, bool *out, struct err *err)
{
	return doc_bool(doc_get(object, key), out) ? 0
						   : review_missing(key, err);
}

int review_oid(const struct doc *object, const char *key, struct oid *out,
	struct err *err)
{
	struct span s;

	if (!doc_text(doc_get(object, key), &s) || !oid_read(s, out))
		return review_missing(key, err);
	return 0;
}

int review_member(const struct doc *object, const char *key,
	const struct doc **out, struct err *err)
{
	*out = doc_get(object, key);
	return doc_kind(*out) == DOC_OBJECT ? 0 : review_missing(key, err);
}

int review_event_add(struct review_events *e, const struct review_event *one,
	struct err *err)
{
	if (e->n == REVIEW_EVENTS_MAX)
		return err_set(err, ERR_LIMIT,
			"the request has more than %d reviews",
			REVIEW_EVENTS_MAX);
	e->v = arena_grow(e->arena, e->v, e->n, &e->cap, sizeof(*e->v));
	e->v[e->n++] = *one;
	return 0;
}

static bool same_account(const struct review *a, const struct review_event *b)
{
	return a->account == b->account && span_eq(a->login, b->login);
}

static struct review review_of(const struct review_event *e)
{
	return (struct review){
		e->login, e->account, e->id, e->fault, e->against};
}

void review_append(const struct review_events *e, struct review_request *out)
{
	struct review *all =
		arena_get(e->arena, out->nreview + e->n + 1, sizeof(*all));
	size_t i;

	if (out->nreview)
		memcpy(all, out->review, out->nreview * sizeof(*all));
	for (i = 0; i < e->n; i++)
		all[out->nreview++] = review_of(&e->v[i]);
	out->review = all;
}

void review_latest(struct review_events *e, struct review_request *out)
{
	size_t i, k;

	out->review = arena_get(e->arena, e->n, sizeof(*out->review));
	for (i = 0; i < e->n; i++) {
		const struct review_event *one = &e->v[i];

		for (k = 0; k < out->nreview; k++)
			if (same_account(&out->review[k], one))
				break;
		if (k == out->nreview)
			out->nreview++;
		else if (one->id < out->review[k].id)
			continue;
		out->review[k] = review_of(one);
	}
}

const struct review_answer *review_part_of(
	const struct review_answer *a, size_t n, const char *part)
{
	const struct review_answer *hit = NULL;
	size_t i;

	for (i = 0; i < n; i++) {
		if (!span_is(a[i].part, part))
			continue;
		if (hit)
			return NULL;
		hit = &a[i];
	}
	return hit;
}
