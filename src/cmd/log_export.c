/* sluice log export: part of the log, to be checked without us. */
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "cmd/log.h"
#include "log/export.h"

#define ABOUT_MAX 4096

struct ask {
	const char *from, *to, *repository, *tar, *dir;
	bool witnessed;
};

/* An entry's number, or the beginning of a time: "2026-11", "2026-11-27". */
static int is_time(const char *s, bool *out, struct err *err)
{
	uint64_t n;

	*out = strchr(s, '-') && strspn(s, "0123456789-:TZ") == strlen(s);
	if (*out || log_is_number(s, &n))
		return 0;
	err_set(err, ERR_USAGE, "'%s' is neither an entry nor a time", s);
	return err_hint(
		err, "like 17, 2026-11, 2026-11-27 or 2026-11-27T12:00:00Z");
}

/* Both ends belong to it; a time is as long as it was written. */
static int range(const struct ask *k, const struct index_rows *rows,
	uint64_t *first, uint64_t *last, struct err *err)
{
	const char *const end[] = {k->from, k->to};
	bool time[2], any = false;
	uint64_t n;
	size_t i, e;

	*first = 0;
	*last = UINT64_MAX;
	for (e = 0; e < ARRAY_LEN(end); e++) {
		if (!end[e])
			continue;
		if (is_time(end[e], &time[e], err))
			return -1;
		if (!time[e] && log_is_number(end[e], &n))
			*(e ? last : first) = n;
		if (!time[e])
			continue;
		/* Clocks go back: all that is in between belongs to it. */
		for (any = false, i = 0; i < rows->n; i++) {
			struct span t =
				span_sub(rows->v[i].time, 0, strlen(end[e]));
			int c = span_cmp(t, span_str(end[e]));

			if (!e && c >= 0 && !any)
				*first = rows->v[i].entry;
			if (e && c <= 0)
				*last = rows->v[i].entry;
			any |= e ? c <= 0 : c >= 0;
		}
		if (!any)
			*first = UINT64_MAX;
	}
	return 0;
}

/* Whether ${e} tells of one of those that were chosen, ascending. */
static bool tells_of(const struct pruned_entry *e, const uint64_t *v, size_t n)
{
	const struct pruned one = {.v = (struct pruned_entry[]){*e}, .n = 1};
	size_t i;

	for (i = 0; i < n; i++)
		if (pruned_find(&one, v[i]))
			return true;
	return false;
}

static int by_number(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* Whoever finds no record of an entry finds the one that tells why. */
static void choose_pruned(
	const struct pruned *p, uint64_t size, uint64_t *v, size_t *n)
{
	size_t i, chosen = *n;

	for (i = 0; i < p->n; i++)
		if (p->v[i].entry < size && tells_of(&p->v[i], v, chosen) &&
			!bsearch(&p->v[i].entry, v, chosen, sizeof(*v),
				by_number))
			v[(*n)++] = p->v[i].entry;
	qsort(v, *n, sizeof(*v), by_number);
}

/* ${when}: the last one's time, seconds since 1970. */
static int choose(const struct ask *k, struct index *ix, uint64_t size,
	struct arena *a, const struct pruned *pruned, uint64_t **out, size_t *n,
	int64_t *when, struct err *err)
{
	const struct index_filter all = {.last = 0};
	struct span repository = span_str(k->repository);
	struct index_rows rows;
	uint64_t first, last;
	size_t i;

	*n = 0;
	if (index_list(ix, &all, a, &rows, err) ||
		range(k, &rows, &first, &last, err))
		return -1;
	*out = arena_get(a, rows.n + pruned->n + 1, sizeof(**out));
	for (i = 0; i < rows.n; i++) {
		const struct index_row *r = &rows.v[i];

		if (r->entry >= first && r->entry <= last && r->entry < size &&
			(!repository.n || span_eq(r->repository, repository))) {
			(*out)[(*n)++] = r->entry;
			if (!clock_read(r->time, when))
				*when = 0;
		}
	}
	if (!*n)
		return err_set(err, ERR_INPUT, "there are no such entries");
	choose_pruned(pruned, size, *out, n);
	return 0;
}

static void about(const struct ask *k, const struct log_reader *log,
	const struct log_export *what, struct buf *out)
{
	buf_fmt(out,
		"%zu entries, from number %llu to %llu, of the log\n'%s' as "
		"it was with %llu entries.\n",
		what->count, (unsigned long long)what->n[0],
		(unsigned long long)what->n[what->count - 1], log_origin(log),
		(unsigned long long)log_size(log));
	if (!k->repository) {
		buf_str(out, "None in between is left out.\n");
		return;
	}
	buf_str(out, "Those of the repository '");
	text_printable(out, span_str(k->repository), 1000);
	buf_str(out,
		"' alone: of the others there are hashes,\nand that none of "
		"this repository's is among them is not shown.\n");
}

struct exported {
	size_t count, missing, pruned;
};

static int begin(const struct ask *k, const struct log_export *what,
	int64_t when, struct export_to **out, struct err *err)
{
	char top[64];

	if (!k->tar)
		return export_to_folder(k->dir, out, err);
	if (!strcmp(k->tar, "-") && isatty(STDOUT_FILENO)) {
		err_set(err, ERR_USAGE, "a tar file is nothing for a terminal");
		return err_hint(err, "send it to a file or a program");
	}
	snprintf(top, sizeof(top), "log-%llu-%llu",
		(unsigned long long)what->n[0],
		(unsigned long long)what->n[what->count - 1]);
	return export_to_tar(k->tar, top, when, out, err);
}

static int export(struct run *run, const struct ask *k, struct index *ix,
	struct arena *a, struct exported *x, struct err *err)
{
	struct log_reader *witnessed = NULL, *log = index_log(ix);
	struct log_export what = {.state = run->state};
	struct buf text = BUF_INIT(ABOUT_MAX);
	struct pruned pruned;
	struct export_to *to = NULL;
	int64_t when = 0;
	uint64_t *n;
	size_t i;
	int ret = -1;

	if (k->witnessed) {
		if (log_open_witnessed(run->state, &witnessed, err))
			goto out;
		log = witnessed;
	}
	if (pruned_read(ix, a, &pruned, err) ||
		choose(k, ix, log_size(log), a, &pruned, &n, &what.count, &when,
			err))
		goto out;
	for (i = 0; i < what.count; i++)
		x->pruned += pruned_find(&pruned, n[i]) != NULL;
	what.pruned = &pruned;
	what.n = n;
	about(k, log, &what, &text);
	what.about = buf_cstr(&text);
	x->count = what.count;
	if (!begin(k, &what, when, &to, err))
		ret = log_export(log, &what, to, &x->missing, err);
out:
	export_close(to);
	log_close(witnessed);
	buf_free(&text);
	return ret;
}

enum exit_code cmd_log_export(struct run *run, int argc, char **argv)
{
	struct ask k = {.from = NULL};
	const struct option_def defs[] = {
		{"--from", OPTION_TEXT, &k.from,
			"the first: an entry's number, or a time"},
		{"--to", OPTION_TEXT, &k.to, "the last, likewise"},
		{"--repository", OPTION_TEXT, &k.repository,
			"only its entries; of others there are hashes"},
		{"--witnessed", OPTION_FLAG, &k.witnessed,
			"by the newest checkpoint that the witnesses signed"},
		{"--tar", OPTION_TEXT, &k.tar,
			"a tar file in place of the folder; '-': to the "
			"standard output"},
	};
	struct arena *a = arena_new(LOG_ARENA);
	struct index *ix = NULL;
	struct err err = ERR_INIT;
	enum exit_code status;
	struct exported x = {.count = 0};
	int left;

	left = options_read(run, defs, ARRAY_LEN(defs), argc, argv, &err);
	if (left >= 0 && run->help) {
		status = cmd_usage("log export", "DIR | --tar FILE", defs,
			ARRAY_LEN(defs));
		goto out;
	}
	if (left >= 0 && left != !k.tar)
		left = err_set(&err, ERR_USAGE,
			"log export takes a new folder, or --tar FILE");
	if (left == 1)
		k.dir = argv[1];
	if (left < 0 || index_open(run->state, &ix, &err) ||
		export(run, &k, ix, a, &x, &err)) {
		status = cmd_fail(&err);
		goto out;
	}
	status = EXIT_YES;
	if (!run->quiet && (!k.tar || strcmp(k.tar, "-")))
		printf("%zu entries in '%s'; its README tells how to check "
		       "them\n",
			x.count, k.tar ? k.tar : k.dir);
	if (x.pruned && !run->quiet && (!k.tar || strcmp(k.tar, "-")))
		printf("%zu of their records were pruned, as an entry that is "
		       "with them tells\n",
			x.pruned);
	if (x.missing) {
		fprintf(stderr,
			"sluice: %zu of their records are not in the vault\n",
			x.missing);
		status = EXIT_UNKNOWN;
	}
out:
	index_close(ix);
	arena_free(a);
	return status;
}
