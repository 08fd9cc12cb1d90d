/* Files and folders, by several threads, told in their order. */
#include <pthread.h>

#include "base/banned.h"
#include "base/io.h"
#include "cmd/scanlist.h"

#define AHEAD 256 /* files scanned and not told yet */
#define ARENA_MAX ((size_t)64 << 20)

/* What became of one file, until it is told. */
struct outcome {
	struct arena *arena;
	struct scan_result content, path;
	size_t size;
	char why[ERR_TEXT_MAX]; /* it could not be read; or "" */
	struct err err;         /* the machinery failed */
	bool failed, done;
};

struct crew {
	struct scan *s;
	const struct scan_list *list;
	struct outcome *outcome; /* [AHEAD], by item modulo AHEAD */
	size_t next, told;
	bool stop;
	pthread_mutex_t lock;
	pthread_cond_t moved;
};

struct hand {
	struct crew *crew;
	struct inspector *inspector;
	struct buf bytes;
	pthread_t thread;
	bool runs;
};

static int read_item(
	const struct scan_item *item, struct buf *bytes, struct err *err)
{
	buf_reset(bytes);
	if (!strcmp(item->path, "-"))
		return io_read(0, bytes, err);
	return io_read_file(item->path, bytes, err);
}

static void look(
	struct hand *h, const struct scan_item *item, struct outcome *out)
{
	struct span path = span_str(item->path);
	struct err why = ERR_INIT;

	*out = (struct outcome){.arena = arena_new(ARENA_MAX)};
	if (item->why || item->gone) {
		snprintf(out->why, sizeof(out->why), "%s",
			item->why ? item->why : "");
		out->content.outcome = out->path.outcome = SCAN_DONE;
		return;
	}
	if (read_item(item, &h->bytes, &why)) {
		snprintf(out->why, sizeof(out->why), "%s", why.text);
		return;
	}
	out->size = h->bytes.n;
	if (inspect_scan(h->inspector, buf_all(&h->bytes), path, out->arena,
		    &out->content, &out->err) ||
		inspect_path(
			h->inspector, path, out->arena, &out->path, &out->err))
		out->failed = true;
}

static void *work(void *arg)
{
	struct hand *h = arg;
	struct crew *c = h->crew;
	struct outcome out;

	pthread_mutex_lock(&c->lock);
	for (;;) {
		size_t i;

		while (!c->stop && c->next < c->list->n &&
			c->next >= c->told + AHEAD)
			pthread_cond_wait(&c->moved, &c->lock);
		if (c->stop || c->next >= c->list->n)
			break;
		i = c->next++;
		pthread_mutex_unlock(&c->lock);
		look(h, &c->list->v[i], &out);
		pthread_mutex_lock(&c->lock);
		c->outcome[i % AHEAD] = out;
		c->outcome[i % AHEAD].done = true;
		pthread_cond_broadcast(&c->moved);
	}
	pthread_mutex_unlock(&c->lock);
	return NULL;
}

static void tell_hits(
	struct scan *s, struct report_place *place, const struct scan_result *r)
{
	size_t i;

	for (i = 0; i < r->nhit; i++) {
		place->line = r->hit[i].line;
		scan_hit_tell(s, place, &r->hit[i]);
	}
	place->line = 0;
	if (r->outcome != SCAN_DONE)
		scan_unscanned_tell(s, place, r->why);
}

static int tell(struct scan *s, const struct scan_item *item,
	struct outcome *out, struct err *err)
{
	struct buf shown = BUF_INIT(2 * strlen(item->path) + SHOWN_MORE);
	struct report_place place = {.path = span_str(item->path),
		.real = span_str(item->path),
		.what = "file",
		.object = "",
		.commit = ""};

	if (out->failed) {
		*err = out->err;
		return -1;
	}
	if (item->gone)
		return 0;
	if (out->why[0]) {
		scan_unscanned_tell(s, &place, out->why);
		return 0;
	}
	s->files++;
	s->size += out->size;
	place.path = scan_shown(place.path, &out->path, &shown);
	tell_hits(s, &place, &out->content);
	place.what = "path";
	tell_hits(s, &place, &out->path);
	buf_free(&shown);
	return 0;
}

/* In the order of the list, as they become ready. */
static int tell_all(struct crew *c, struct err *err)
{
	size_t i;
	int ret = 0;

	for (i = 0; i < c->list->n && !ret; i++) {
		struct outcome *out = &c->outcome[i % AHEAD];

		pthread_mutex_lock(&c->lock);
		while (!out->done)
			pthread_cond_wait(&c->moved, &c->lock);
		pthread_mutex_unlock(&c->lock);
		ret = tell(c->s, &c->list->v[i], out, err);
		arena_free(out->arena);
		scan_progress(c->s, i + 1, c->list->n, "files");
		pthread_mutex_lock(&c->lock);
		*out = (struct outcome){0};
		c->told = i + 1;
		c->stop = ret != 0;
		pthread_cond_broadcast(&c->moved);
		pthread_mutex_unlock(&c->lock);
	}
	scan_progress_clear(c->s);
	return ret;
}

static int hire(struct crew *c, struct hand *hand, size_t n, struct err *err)
{
	size_t i;

	for (i = 0; i < n; i++) {
		hand[i] =
			(struct hand){.crew = c, .bytes = BUF_INIT(c->s->max)};
		if (!i)
			hand[i].inspector = c->s->inspector;
		else if (inspector_clone(
				 c->s->inspector, &hand[i].inspector, err))
			return -1;
	}
	for (i = 0; i < n; i++) {
		if (pthread_create(&hand[i].thread, NULL, work, &hand[i]))
			return err_set(err, ERR_SYS, "cannot start a thread");
		hand[i].runs = true;
	}
	return 0;
}

static void dismiss(struct crew *c, struct hand *hand, size_t n)
{
	size_t i;

	pthread_mutex_lock(&c->lock);
	c->stop = true;
	pthread_cond_broadcast(&c->moved);
	pthread_mutex_unlock(&c->lock);
	for (i = 0; i < n; i++) {
		if (hand[i].runs)
			pthread_join(hand[i].thread, NULL);
		buf_wipe(&hand[i].bytes);
		if (i)
			inspector_free(hand[i].inspector);
	}
	for (i = 0; i < AHEAD; i++)
		arena_free(c->outcome[i].arena);
}

static int scan_list(
	struct scan *s, const struct scan_list *list, struct err *err)
{
	size_t n = s->threads < list->n ? s->threads : list->n;
	struct crew c = {.s = s,
		.list = list,
		.outcome = calloc(AHEAD, sizeof(*c.outcome)),
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.moved = PTHREAD_COND_INITIALIZER};
	struct hand *hand = calloc(n + 1, sizeof(*hand));
	int ret = -1;

	if (!c.outcome || !hand)
		die("no memory for the scan");
	if (!hire(&c, hand, n, err))
		ret = tell_all(&c, err);
	dismiss(&c, hand, n);
	free(c.outcome);
	free(hand);
	return ret;
}

int scan_files(struct scan *s, size_t n, char *const *path, struct err *err)
{
	struct scan_list list = {0};
	size_t i;
	int ret = 0;

	for (i = 0; i < n && !ret; i++)
		ret = scan_list_add(&list, s, path[i], err);
	if (!ret && list.n)
		ret = scan_list(s, &list, err);
	scan_list_free(&list);
	return ret;
}
