/*
 * log STATE [N]: what an append costs: N decisions of one commit each, one
 * after the other, as the hook does it. Beside it, a small file made durable,
 * which is the price of one of the writes.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/text.h"
#include "log/keyholder.h"
#include "log/store.h"
#include "parse/record.h"

static int by_value(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void row(const char *what, int64_t *us, size_t n)
{
	qsort(us, n, sizeof(*us), by_value);
	printf("  %-44s %10.2f (p95 %.2f)\n", what, (double)us[n / 2] / 1000,
		(double)us[n * 95 / 100] / 1000);
}

/* A decision like that of a small push. */
static void record(struct buf *out, size_t n)
{
	struct doc *j = doc_object(), *p = doc_object(), *list = doc_array();
	struct doc *one = doc_object(), *digest = doc_object();
	struct doc *updates = doc_array(), *up = doc_object();
	char oid[41], old[41], zeros[65];

	memset(zeros, '0', 64);
	zeros[64] = '\0';
	snprintf(oid, sizeof(oid), "%040zx", n + 1);
	snprintf(old, sizeof(old), "%040zx", n);
	doc_set(digest, "gitCommit", doc_of_str(oid));
	doc_set(one, "name", doc_of_str("refs/heads/main"));
	doc_set(one, "digest", digest);
	doc_add(list, one);
	doc_set(up, "ref", doc_of_str("refs/heads/main"));
	doc_set(up, "old", doc_of_str(old));
	doc_set(up, "new", doc_of_str(oid));
	doc_add(updates, up);
	doc_set(p, "kind", doc_of_str("decision"));
	doc_set(p, "repository", doc_of_str("bench/log"));
	doc_set(p, "time", doc_of_str("2026-11-23T08:00:00Z"));
	doc_set(p, "program", doc_of_str("sluice bench"));
	doc_set(p, "verdict", doc_of_str("accept"));
	doc_set(p, "mode", doc_of_str("enforce"));
	doc_set(p, "admitted", doc_of_bool(true));
	doc_set(p, "policy", doc_of_str(zeros));
	one = doc_object();
	doc_set(one, "name", doc_of_str("bench"));
	doc_set(p, "pusher", one);
	one = doc_object();
	doc_set(one, "id", doc_of_str(oid));
	list = (doc_set(j, "subject", list), doc_array());
	doc_add(list, one);
	doc_set(p, "commits", list);
	doc_set(p, "updates", updates);
	doc_set(j, "_type", doc_of_str(STATEMENT_TYPE));
	doc_set(j, "predicateType", doc_of_str(RECORD_TYPE));
	doc_set(j, "predicate", p);
	doc_canonical(j, out);
	doc_free(j);
}

int main(int argc, char **argv)
{
	struct buf path = PATH_BUF_INIT, text = BUF_INIT(1u << 20);
	struct err err = ERR_INIT;
	uint64_t want = 300;
	int64_t *us;
	size_t n, i;

	if (argc < 2 || argc > 3 ||
		(argc == 3 && !text_to_u64(span_str(argv[2]), 10000000, &want)))
		return 64;
	n = want ? (size_t)want : 1;
	us = calloc(n, sizeof(*us));
	if (!us)
		die("out of memory");
	/* One that is there already is appended to. */
	if (!io_exists(store_path(&path, argv[1], STORE_KEY)) &&
		store_create(argv[1], SPAN_LIT("bench.example.org/log"), &text,
			&err))
		goto fail;
	io_join(&path, argv[1], "plain");
	for (i = 0; i < n; i++) {
		us[i] = clock_us();
		if (io_replace(buf_cstr(&path), SPAN_LIT("x"), 0600, &err))
			goto fail;
		us[i] = clock_us() - us[i];
	}
	row("one small file made durable, ms", us, n);
	for (i = 0; i < n; i++) {
		struct log_receipt receipt;

		buf_reset(&text);
		record(&text, i);
		us[i] = clock_us();
		if (keyholder_append(argv[1], buf_all(&text), &receipt, &err))
			goto fail;
		us[i] = clock_us() - us[i];
	}
	row("append of one entry, durable and signed, ms", us, n);
	free(us);
	buf_free(&path);
	buf_free(&text);
	return 0;
fail:
	fprintf(stderr, "log: %s\n", err.text);
	return 2;
}
