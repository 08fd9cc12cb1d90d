#include "log/recent.h"

#include "log/reader.h"
#include "parse/bundle.h"
#include "parse/entry.h"

static bool same_update(
	const struct ref_update *a, const struct entry_update *b)
{
	return span_eq(a->ref, b->ref) && oid_eq(&a->old, &b->old) &&
		oid_eq(&a->new, &b->new);
}

/* How many updates this entry decides on that no newer one does. */
static size_t take(const struct entry *e, uint64_t at,
	const struct ref_update *up, size_t n, uint64_t *decision)
{
	size_t i, k, found = 0;

	for (i = 0; i < n; i++) {
		for (k = 0; k < e->nupdate && decision[i] == UINT64_MAX; k++) {
			if (!same_update(&up[i], &e->update[k]))
				continue;
			decision[i] = at;
			found++;
		}
	}
	return found;
}

int recent_decisions(const char *state, struct span repository,
	const struct ref_update *up, size_t n, struct arena *a,
	uint64_t *decision, bool *all, struct err *err)
{
	struct buf bytes = BUF_INIT(ENTRY_MAX);
	struct log_reader *log = NULL;
	size_t i, found = 0, looked = 0;
	uint64_t at;
	int ret = -1;

	*all = false;
	for (i = 0; i < n; i++)
		decision[i] = UINT64_MAX;
	if (log_open_state(state, &log, err))
		goto out;
	for (at = log_size(log); at && found < n && looked < RECENT_LOOKED_AT;
		looked++) {
		struct entry e;

		at--;
		if (log_entry(log, at, &bytes, err) ||
			entry_parse(buf_all(&bytes), a, &e, err))
			goto out;
		/* A list of updates stands apart: that is for the index. */
		if (e.kind == RECORD_DECISION && e.admitted &&
			!e.updates_list.sha256[0] &&
			span_eq(e.repository, repository))
			found += take(&e, at, up, n, decision);
	}
	*all = found == n;
	ret = 0;
out:
	log_close(log);
	buf_free(&bytes);
	return ret;
}
