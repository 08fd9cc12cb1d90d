#include "log/source_http.h"

#include "base/text.h"
#include "parse/tilepath.h"
#include "port/httpclient.h"

#define TIMEOUT_MS 30000u
#define AHEAD_MAX 32u
/* All files of one reach ahead together. One that is asked for by itself may
 * have what the caller allows. */
#define AHEAD_BYTES ((uint64_t)32 << 20)

/* Full files of one kind (bundles, or tiles of level 0) fetched ahead. */
struct ahead {
	struct http_answers got;
	uint64_t first;  /* number of the first of them */
	uint64_t next;   /* that a reader in order asks for then */
	unsigned window; /* how many to fetch then */
};

struct web {
	char *url, *ca_file, *proxy, *program;
	unsigned timeout_ms;
	uint64_t size; /* as the checkpoint claims; only to know when to stop */
	struct ahead bundles, tiles;
};

static int ask(struct web *w, const char *const *paths, size_t n, uint64_t max,
	struct http_answers *out, struct err *err)
{
	struct http_request r = {.timeout_ms = w->timeout_ms,
		.max_bytes = max < HTTP_BYTES_MAX ? max : HTTP_BYTES_MAX,
		.ca_file = span_str(w->ca_file),
		.proxy = span_str(w->proxy)};
	struct buf urls = BUF_INIT(AHEAD_MAX * HTTP_URL_MAX);
	size_t end[AHEAD_MAX], i, at = 0;
	int ret = -1;

	for (i = 0; i < n; i++) {
		buf_fmt(&urls, "%s/%s", w->url, paths[i]);
		end[i] = urls.n;
	}
	if (buf_check(&urls, "addresses", err))
		goto out;
	for (i = 0; i < n; i++) {
		r.url[i] = span_of(urls.p + at, end[i] - at);
		at = end[i];
	}
	r.nurl = n;
	ret = http_ask(w->program, &r, out, err);
out:
	buf_free(&urls);
	return ret;
}

static int take(struct web *w, const char *path, const struct http_reply *r,
	size_t max, struct buf *out, bool *found, struct err *err)
{
	if (r->status == 404 || r->status == 410)
		return 0;
	if (r->status != 200) {
		err_set(err, ERR_NET, "'%s/%s': the server answers %u", w->url,
			path, r->status);
		if (r->status == 401 || r->status == 403)
			err_hint(err,
				"a log is public: let the server give "
				"its files without a password");
		return -1;
	}
	if (r->body.n > max)
		return err_set(err, ERR_LIMIT,
			"'%s/%s' is larger than %zu bytes", w->url, path, max);
	buf_span(out, r->body);
	*found = true;
	return buf_check(out, path, err);
}

/* The second line of the checkpoint, whether or not anybody signed it. */
static void note_size(struct web *w, struct span text)
{
	struct span line;
	uint64_t n;

	if (span_line(&text, &line, NULL) && span_line(&text, &line, NULL) &&
		text_to_u64(line, UINT64_MAX, &n))
		w->size = n;
}

static int get_alone(struct web *w, const char *path, size_t max,
	struct buf *out, bool *found, struct err *err)
{
	struct http_answers a;
	size_t was = out->n;
	int ret;

	if (ask(w, &path, 1, max ? max : 1, &a, err))
		return -1;
	ret = take(w, path, &a.v[0], max, out, found, err);
	http_answers_free(&a);
	if (!ret && *found && !strcmp(path, "checkpoint"))
		note_size(w, span_from(buf_all(out), was));
	return ret;
}

/* Fetch file ${n} of a kind and those after it. Failing is no error: the file
 * is then asked for alone, and that says what is wrong. */
static void reach_ahead(struct web *w, struct ahead *h, struct tilepath t)
{
	char text[AHEAD_MAX][TILEPATH_MAX];
	const char *path[AHEAD_MAX];
	uint64_t full = w->size / TILE_WIDTH;
	struct err ignored = ERR_INIT;
	unsigned n = 0;

	http_answers_free(&h->got);
	h->first = t.n;
	for (; n < h->window && t.n < full; n++, t.n++)
		path[n] = tilepath_text(&t, text[n]);
	if (n < 2 || ask(w, path, n, AHEAD_BYTES, &h->got, &ignored))
		h->window = 1;
}

static const struct http_reply *ahead_get(
	struct web *w, struct ahead *h, const struct tilepath *t)
{
	if (t->n - h->first >= h->got.n) {
		/* The first file asked for tells nothing about the next. */
		if (t->n != h->next || !h->window)
			h->window = 1;
		else if (h->window < AHEAD_MAX)
			h->window *= 2;
		h->got.n = 0;
		if (h->window > 1)
			reach_ahead(w, h, *t);
	}
	h->next = t->n + 1;
	return t->n - h->first < h->got.n ? &h->got.v[t->n - h->first] : NULL;
}

static int web_get(void *ctx, const char *path, size_t max, struct buf *out,
	bool *found, struct err *err)
{
	const struct http_reply *r = NULL;
	struct web *w = ctx;
	struct tilepath t;

	*found = false;
	if (tilepath_read(span_str(path), &t) && t.width == TILE_WIDTH &&
		t.level == 0)
		r = ahead_get(w, t.entries ? &w->bundles : &w->tiles, &t);
	if (r)
		return take(w, path, r, max, out, found, err);
	return get_alone(w, path, max, out, found, err);
}

static void web_close(void *ctx)
{
	struct web *w = ctx;

	http_answers_free(&w->bundles.got);
	http_answers_free(&w->tiles.got);
	free(w->url);
	free(w->ca_file);
	free(w->proxy);
	free(w->program);
	free(w);
}

static const struct log_source_ops web_ops = {web_get, web_close};

static char *copy(const char *s)
{
	char *c = s ? strdup(s) : NULL;

	if (s && !c)
		die("no memory for a source");
	return c;
}

int log_source_http(
	const struct log_http *how, struct log_source **out, struct err *err)
{
	struct span url = span_str(how->url);
	struct web *w;

	*out = NULL;
	if (span_find(url, '?') != SIZE_MAX || span_find(url, '#') != SIZE_MAX)
		return err_set(err, ERR_USAGE,
			"the address of a log is that of a folder, without "
			"'?' and '#'");
	w = calloc(1, sizeof(*w));
	if (!w)
		die("no memory for a source");
	w->url = copy(how->url);
	while (url.n && w->url[url.n - 1] == '/')
		w->url[--url.n] = '\0';
	w->ca_file = copy(how->ca_file);
	w->proxy = copy(how->proxy);
	w->program = copy(how->program);
	w->timeout_ms = how->timeout_ms ? how->timeout_ms : TIMEOUT_MS;
	*out = log_source_of(&web_ops, w, w->url);
	return 0;
}
