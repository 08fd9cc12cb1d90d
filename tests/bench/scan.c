/*
 * scan [-r ROUNDS] [-p PACK] FILE…: megabytes a second of the engine alone, of
 * scanning each file whole, and of scanning only what each one has that the one
 * before it had not. Best of ROUNDS. Give the versions of a file, oldest first:
 *	git log --reverse --format=%H -- F | while read -r c; do
 *		n=$((n + 1)); git show $c:F >$(printf %05d $n); done
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "port/multipattern.h"
#include "scan/scanner.h"

#define FILE_MAX ((size_t)1 << 30)
#define SLOTS ((size_t)1 << 16)

struct version {
	struct buf text;
	struct scan_copy *copy;
	size_t n, cap;
	struct scan_carry *carry;
};

static uint64_t hash_of(struct span s)
{
	uint64_t h = 1469598103934665603u;
	size_t i;

	for (i = 0; i < s.n; i++)
		h = (h ^ s.p[i]) * 1099511628211u;
	return h ^ h >> 32;
}

static void copy_add(struct version *v, size_t at, size_t from, size_t n)
{
	struct scan_copy *last = v->n ? &v->copy[v->n - 1] : NULL;

	if (last && last->at + last->n == at && last->from + last->n == from) {
		last->n += n;
		return;
	}
	if (v->n == v->cap) {
		v->cap = v->cap ? 2 * v->cap : 16;
		v->copy = reallocarray(v->copy, v->cap, sizeof(*v->copy));
		if (!v->copy)
			die("no memory");
	}
	v->copy[v->n++] = (struct scan_copy){at, from, n};
}

/* A line with its LF. */
static bool line_of(struct span *rest, struct span *line)
{
	bool lf;

	if (!span_line(rest, line, &lf))
		return false;
	line->n += lf;
	return true;
}

/* By lines: where the last copied line's successor does not fit, any equal line
 * of the base does. */
static void compare(struct version *v, struct span base)
{
	size_t *slot = calloc(SLOTS, sizeof(*slot)), next = 0, from;
	struct span rest = base, line, text = buf_all(&v->text);

	if (!slot)
		die("no memory");
	while (line_of(&rest, &line))
		slot[hash_of(line) % SLOTS] = (size_t)(line.p - base.p);
	rest = text;
	while (line_of(&rest, &line)) {
		from = next;
		if (!span_eq(span_sub(base, from, line.n), line))
			from = slot[hash_of(line) % SLOTS];
		if (!span_eq(span_sub(base, from, line.n), line))
			continue;
		copy_add(v, (size_t)(line.p - text.p), from, line.n);
		next = from + line.n;
	}
	free(slot);
}

static size_t run(struct scanner *s, struct version *v, size_t n, bool windows)
{
	struct arena *arena = arena_new((size_t)1 << 32);
	struct scan_result r;
	struct err err = ERR_INIT;
	size_t i, hits = 0;
	int bad;

	for (i = 0; i < n; i++) {
		struct span text = buf_all(&v[i].text);

		bad = windows && i
			? scanner_scan_new(s, text, v[i].copy, v[i].n,
				  v[i - 1].carry, v[i].carry, arena, &r, &err)
			: scanner_scan_open(
				  s, text, v[i].carry, arena, &r, &err);
		if (bad)
			die("%s", err.text);
		hits += r.nhit;
	}
	arena_free(arena);
	return hits;
}

static void row(const char *what, size_t bytes, int64_t us, size_t hits)
{
	printf("%-8s %10.1f MB/s %8.1f ms %8zu hits\n", what,
		(double)bytes / (double)(us ? us : 1), (double)us / 1000, hits);
}

int main(int argc, char **argv)
{
	struct pack pack;
	struct scanner_setup setup = {.packs = &pack, .npacks = 1};
	const char *name = "builtin";
	size_t rounds = 3, n, i, k, bytes = 0, hits[2] = {0};
	int64_t best[2] = {INT64_MAX, INT64_MAX};
	struct arena *arena = arena_new(1u << 28);
	struct scanner *s = NULL;
	struct err err = ERR_INIT;
	struct version *v;
	int c;

	while ((c = getopt(argc, argv, "r:p:")) != -1) {
		if (c == 'r')
			rounds = strtoul(optarg, NULL, 10);
		else if (c == 'p')
			name = optarg;
		else
			return 64;
	}
	n = (size_t)(argc - optind);
	v = calloc(n ? n : 1, sizeof(*v));
	if (!v)
		die("no memory");
	if (pack_read(name, arena, &pack, &err) ||
		scanner_new(&setup, &s, &err))
		die("%s", err.text);
	for (i = 0; i < n; i++) {
		v[i].text = (struct buf)BUF_INIT(FILE_MAX);
		v[i].carry = scan_carry_new();
		if (io_read_file(argv[(size_t)optind + i], &v[i].text, &err))
			die("%s", err.text);
		bytes += v[i].text.n;
		if (i)
			compare(&v[i], buf_all(&v[i - 1].text));
	}
	for (k = 0; k < 2 * rounds; k++) {
		int64_t start = clock_us(), us;

		hits[k % 2] = run(s, v, n, k % 2);
		us = clock_us() - start;
		if (us < best[k % 2])
			best[k % 2] = us;
	}
	printf("%zu files, %zu bytes\n", n, bytes);
	row("whole", bytes, best[0], hits[0]);
	row("new", bytes, best[1], hits[1]);
	scanner_free(s);
	for (i = 0; i < n; i++) {
		scan_carry_free(v[i].carry);
		buf_free(&v[i].text);
		free(v[i].copy);
	}
	free(v);
	arena_free(arena);
	return hits[0] != hits[1];
}
