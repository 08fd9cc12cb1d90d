#include "deploy/adopt.h"

#include "base/clock.h"
#include "base/text.h"
#include "log/keyholder.h"
#include "parse/doc.h"
#include "parse/record.h"
#include "port/repo.h"

#define REF_BYTES_MAX 4096
#define ARENA_MAX ((size_t)1 << 30)

#ifndef SLUICE_VERSION
#define SLUICE_VERSION "unknown"
#endif

static const char zeros[] = "0000000000000000000000000000000000000000";

/* What a ref names, in the words of an in-toto digest set. */
static const char *digest_key(enum object_type t)
{
	switch (t) {
	case OBJECT_COMMIT:
		return "gitCommit";
	case OBJECT_TAG:
		return "gitTag";
	case OBJECT_TREE:
		return "gitTree";
	case OBJECT_BLOB:
		return "gitBlob";
	case OBJECT_NONE:
		break;
	}
	return NULL;
}

static struct doc *ref_text(struct span name)
{
	struct buf shown = BUF_INIT(4 * REF_BYTES_MAX);
	struct doc *d;

	text_printable(&shown, name, REF_BYTES_MAX);
	d = doc_of_text(buf_all(&shown));
	buf_free(&shown);
	return d;
}

static int add_ref(struct repo *r, const struct repo_ref *ref,
	struct doc *subjects, struct doc *updates, struct err *err)
{
	struct doc *subject = doc_object(), *digest = doc_object(),
		   *update = doc_object();
	const char *key = digest_key(repo_type(r, &ref->oid, NULL));
	char hex[OID_HEX + 1];

	oid_hex(&ref->oid, hex);
	if (key)
		doc_set(digest, key, doc_of_str(hex));
	doc_set(subject, "name", ref_text(ref->name));
	doc_set(subject, "digest", digest);
	doc_add(subjects, subject);
	doc_set(update, "ref", ref_text(ref->name));
	doc_set(update, "old", doc_of_str(zeros));
	doc_set(update, "new", doc_of_str(hex));
	doc_add(updates, update);
	if (!key)
		return err_set(err, ERR_REPO,
			"'%.*s' names %s, which is not "
			"there",
			SPAN_FMT(ref->name), hex);
	return 0;
}

static int add_commit(void *ctx, const struct oid *o, struct err *err)
{
	char hex[OID_HEX + 1];

	(void)err;
	doc_add(ctx, doc_of_str(oid_hex(o, hex)));
	return 0;
}

/* Refs and commits as they are now. */
static int collect(struct repo *r, struct doc *subjects, struct doc *updates,
	struct doc *commits, struct err *err)
{
	struct arena *a = arena_new(ARENA_MAX);
	struct repo_ref *ref;
	struct oid *tip;
	size_t i, n;
	int ret = -1;

	if (repo_refs(r, NULL, a, &ref, &n, err))
		goto out;
	tip = arena_get(a, n ? n : 1, sizeof(*tip));
	for (i = 0; i < n; i++) {
		if (add_ref(r, &ref[i], subjects, updates, err))
			goto out;
		tip[i] = ref[i].oid;
	}
	if (repo_walk(r, tip, n, NULL, 0, add_commit, commits, err))
		goto out;
	ret = 0;
out:
	arena_free(a);
	return ret;
}

static struct doc *statement(const char *name, struct doc *subjects,
	struct doc *updates, struct doc *commits)
{
	struct doc *top = doc_object(), *predicate = doc_object();
	char now[CLOCK_TEXT_MAX];

	clock_text(clock_now(), now);
	doc_set(predicate, "kind", doc_of_str("adopt"));
	doc_set(predicate, "repository", doc_of_str(name));
	doc_set(predicate, "time", doc_of_str(now));
	doc_set(predicate, "program", doc_of_str("sluice " SLUICE_VERSION));
	doc_set(predicate, "updates", updates);
	doc_set(predicate, "commits", commits);
	doc_set(top, "_type", doc_of_str(STATEMENT_TYPE));
	doc_set(top, "predicateType", doc_of_str(RECORD_TYPE));
	doc_set(top, "subject", subjects);
	doc_set(top, "predicate", predicate);
	return top;
}

int adopt(const char *dir, const char *name, const char *state,
	struct adopted *out, struct err *err)
{
	struct doc *subjects = doc_array(), *updates = doc_array(),
		   *commits = doc_array(), *record = NULL;
	struct buf text = BUF_INIT(RECORD_MAX);
	struct log_receipt receipt;
	struct repo *r = NULL;
	int ret = -1;

	*out = (struct adopted){0};
	if (repo_open(dir, NULL, &r, err))
		goto out;
	ret = collect(r, subjects, updates, commits, err);
	out->refs = doc_count(updates);
	out->commits = doc_count(commits);
	record = statement(name, subjects, updates, commits);
	subjects = updates = commits = NULL;
	if (ret)
		goto out;
	ret = -1;
	doc_canonical(record, &text);
	if (buf_check(&text, "the record of what is adopted", err) ||
		keyholder_append(state, buf_all(&text), &receipt, err))
		goto out;
	out->entry = receipt.index;
	ret = 0;
out:
	repo_close(r);
	doc_free(record);
	doc_free(subjects);
	doc_free(updates);
	doc_free(commits);
	buf_free(&text);
	return ret;
}
