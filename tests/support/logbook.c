#include "logbook.h"

#include "log/keyholder.h"
#include "parse/record.h"

static struct doc *predicate(const struct logbook *b, const char *kind,
	const char *old, const char *new)
{
	struct doc *p = doc_object(), *updates = doc_array();
	struct doc *u = doc_object();

	doc_set(p, "kind", doc_of_str(kind));
	doc_set(p, "repository", doc_of_str(b->repository));
	doc_set(p, "time", doc_of_str("2026-11-23T08:00:00Z"));
	doc_set(p, "program", doc_of_str("sluice test"));
	doc_set(u, "old", doc_of_str(old));
	doc_set(u, "new", doc_of_str(new));
	doc_set(u, "ref", doc_of_str(b->ref));
	doc_add(updates, u);
	doc_set(p, "updates", updates);
	return p;
}

static uint64_t append(const struct logbook *b, struct doc *p, const char *new)
{
	struct doc *j = doc_object(), *subjects = doc_array();
	struct doc *s = doc_object(), *digest = doc_object();
	struct buf bytes = BUF_INIT(RECORD_MAX);
	struct log_receipt receipt;
	struct err err = ERR_INIT;

	doc_set(digest, "gitCommit", doc_of_str(new));
	doc_set(s, "name", doc_of_str(b->ref));
	doc_set(s, "digest", digest);
	if (strcmp(new, LOGBOOK_ZEROS) != 0)
		doc_add(subjects, s);
	else
		doc_free(s);
	doc_set(j, "_type", doc_of_str(STATEMENT_TYPE));
	doc_set(j, "predicateType", doc_of_str(RECORD_TYPE));
	doc_set(j, "subject", subjects);
	doc_set(j, "predicate", p);
	doc_canonical(j, &bytes);
	if (keyholder_append(b->state, buf_all(&bytes), &receipt, &err))
		die("logbook: %s", err.text);
	doc_free(j);
	buf_free(&bytes);
	return receipt.index;
}

uint64_t logbook_adopt(const struct logbook *b, const char *tip,
	const char *const *commits, size_t ncommits)
{
	struct doc *p = predicate(b, "adopt", LOGBOOK_ZEROS, tip);
	struct doc *list = doc_array();
	size_t i;

	for (i = 0; i < ncommits; i++)
		doc_add(list, doc_of_str(commits[i]));
	doc_set(p, "commits", list);
	return append(b, p, tip);
}

uint64_t logbook_decide(const struct logbook *b, const char *verdict,
	const char *old, const char *new)
{
	struct doc *p = predicate(b, "decision", old, new);
	struct doc *pusher = doc_object(), *commits = doc_array();
	struct doc *c = doc_object();

	doc_set(p, "verdict", doc_of_str(verdict));
	doc_set(p, "mode", doc_of_str("enforce"));
	doc_set(p, "admitted", doc_of_bool(!strcmp(verdict, "accept")));
	doc_set(pusher, "name", doc_of_str("ada"));
	doc_set(p, "pusher", pusher);
	doc_set(c, "id", doc_of_str(new));
	if (strcmp(new, LOGBOOK_ZEROS) != 0)
		doc_add(commits, c);
	else
		doc_free(c);
	doc_set(p, "commits", commits);
	return append(b, p, new);
}

uint64_t logbook_outcome(const struct logbook *b, uint64_t decision,
	const char *old, const char *new)
{
	struct doc *p = predicate(b, "outcome", old, new);

	doc_set(p, "decision", doc_of_int((int64_t)decision));
	return append(b, p, new);
}
