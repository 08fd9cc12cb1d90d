#include "log/gaps.h"

#include <errno.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/text.h"
#include "log/store.h"
#include "parse/checkpoint.h"

#define LINE_MAX 100
#define TEXT_MAX ((size_t)GAPS_MAX * LINE_MAX)

static const char *const names[] = {"recovered", "lost"};

const char *gap_name(enum gap_kind kind)
{
	return names[kind];
}

static struct span word(struct span *rest)
{
	size_t at = span_find(*rest, ' ');
	struct span out = span_sub(*rest, 0, at);

	*rest = at == SIZE_MAX ? SPAN_EMPTY : span_from(*rest, at + 1);
	return out;
}

static bool line_read(struct span line, struct gap *out)
{
	struct span kind = word(&line), from = word(&line), to = word(&line);
	int64_t when;
	size_t i;

	for (i = 0; i < ARRAY_LEN(names); i++) {
		if (!span_is(kind, names[i]))
			continue;
		out->kind = (enum gap_kind)i;
		if (!text_to_u64(from, LOG_SIZE_MAX, &out->from) ||
			!text_to_u64(to, LOG_SIZE_MAX, &out->to) ||
			out->from >= out->to || line.n >= sizeof(out->time) ||
			!clock_read(line, &when))
			return false;
		memcpy(out->time, line.p, line.n);
		return true;
	}
	return false;
}

static int read_text(const char *path, struct buf *out, struct err *err)
{
	if (!io_read_file(path, out, err))
		return 0;
	if (err->code != ERR_SYS || err->sys != ENOENT)
		return -1;
	err_clear(err);
	return 0;
}

static int parse(struct span text, struct gaps *out)
{
	struct span line;
	bool lf;

	while (span_line(&text, &line, &lf)) {
		if (!lf || out->n == GAPS_MAX ||
			!line_read(line, &out->v[out->n]))
			return -1;
		out->n++;
	}
	return 0;
}

int gaps_read(const char *state, struct gaps *out, struct err *err)
{
	struct buf path = PATH_BUF_INIT, text = BUF_INIT(TEXT_MAX);
	int ret = -1;

	*out = GAPS_NONE;
	store_path(&path, state, STORE_GAPS);
	if (read_text(buf_cstr(&path), &text, err))
		goto out;
	if (text.n) {
		out->v = calloc(GAPS_MAX, sizeof(*out->v));
		if (!out->v)
			die("out of memory");
	}
	if (parse(buf_all(&text), out)) {
		err_set(err, ERR_LOG, "'%s': line %zu is not one of a gap",
			buf_cstr(&path), out->n + 1);
		gaps_free(out);
		goto out;
	}
	ret = 0;
out:
	buf_free(&text);
	buf_free(&path);
	return ret;
}

void gaps_free(struct gaps *g)
{
	free(g->v);
	*g = GAPS_NONE;
}

int gaps_add(const char *state, enum gap_kind kind, uint64_t from, uint64_t to,
	int64_t now, struct err *err)
{
	struct buf path = PATH_BUF_INIT, text = BUF_INIT(TEXT_MAX);
	char when[CLOCK_TEXT_MAX];
	int ret = -1;

	store_path(&path, state, STORE_GAPS);
	if (read_text(buf_cstr(&path), &text, err))
		goto out;
	clock_text(now, when);
	buf_fmt(&text, "%s %llu %llu %s\n", gap_name(kind),
		(unsigned long long)from, (unsigned long long)to, when);
	if (buf_check(&text, STORE_GAPS, err))
		goto out;
	ret = io_replace(buf_cstr(&path), buf_all(&text), 0600, err);
out:
	buf_free(&text);
	buf_free(&path);
	return ret;
}

bool gaps_excuse(const struct gaps *g, uint64_t n)
{
	size_t i;

	for (i = 0; i < g->n; i++)
		if (g->v[i].kind == GAP_RECOVERED && n >= g->v[i].from &&
			n < g->v[i].to)
			return true;
	return false;
}
