/*
 * sluice audit: the policies that pushes were judged by. A policy that is a
 * file changes without a push, so nothing in the log tells of it but what it
 * was used for. Once an audit has recorded which one is in force, each that
 * pushes are judged by must have been recorded: one that was put in place for a
 * single push and taken away again stands out.
 */
#include "base/io.h"
#include "cmd/audit.h"
#include "cmd/policyname.h"
#include "gate/gate.h"
#include "parse/entry.h"
#include "parse/policy.h"
#include "port/crypto.h"

#define ENTRY_ARENA ((size_t)1 << 30)

/* A policy, by its digest, and the pushes that were judged by it. */
struct use {
	const char *policy;
	uint64_t first, last; /* entries, since any policy was recorded */
	size_t n;
	bool recorded;
};
struct uses {
	const char *repository;
	struct use *v;
	size_t n, cap;
	bool any;         /* some policy was recorded */
	const char *last; /* policy of the newest decision, or NULL */
	uint64_t entry;   /* that decision */
};

struct audit_policies {
	struct arena *a;
	struct uses *v;
	size_t n, cap;
	bool read;
};

static struct uses *uses_of(struct audit_policies *p, struct span repository)
{
	size_t i;

	/* The newest first: pushes come in runs. */
	for (i = p->n; i-- > 0;)
		if (span_is(repository, p->v[i].repository))
			return &p->v[i];
	p->v = arena_grow(p->a, p->v, p->n, &p->cap, sizeof(*p->v));
	p->v[p->n] = (struct uses){.repository = arena_str(p->a, repository)};
	return &p->v[p->n++];
}

static struct use *use_of(
	struct audit_policies *p, struct uses *u, struct span policy)
{
	size_t i;

	for (i = u->n; i-- > 0;)
		if (span_is(policy, u->v[i].policy))
			return &u->v[i];
	u->v = arena_grow(p->a, u->v, u->n, &u->cap, sizeof(*u->v));
	u->v[u->n] = (struct use){.policy = arena_str(p->a, policy)};
	return &u->v[u->n++];
}

static void count(struct audit_policies *p, uint64_t n, const struct entry *e)
{
	struct uses *all = uses_of(p, e->repository);
	struct use *u = use_of(p, all, e->policy);

	if (e->kind == RECORD_OBSERVED) {
		all->any = u->recorded = true;
		return;
	}
	all->last = u->policy;
	all->entry = n;
	if (!all->any)
		return;
	u->first = u->n ? u->first : n;
	u->last = n;
	u->n++;
}

static int read_entry(void *ctx, uint64_t n, struct span bytes, struct err *err)
{
	struct arena *a = arena_new(ENTRY_ARENA);
	struct entry e;
	int ret = entry_parse(bytes, a, &e, err);

	if (ret)
		err_in(err, "entry %llu", (unsigned long long)n);
	else if (e.policy.n)
		count(ctx, n, &e);
	arena_free(a);
	return ret;
}

/* All of the log, once for all repositories. */
static int read_log(struct audit *t, struct err *err)
{
	struct log_reader *log = NULL;
	int ret = -1;

	if (!t->policies) {
		t->policies = calloc(1, sizeof(*t->policies));
		if (!t->policies)
			die("out of memory");
		t->policies->a = arena_new(ENTRY_ARENA);
	}
	if (t->policies->read)
		return 0;
	if (!log_open_state(t->run->state, &log, err))
		ret = log_each(log, 0, NULL, read_entry, t->policies, err);
	log_close(log);
	t->policies->read = !ret;
	return ret;
}

void audit_policies_free(struct audit *t)
{
	if (t->policies)
		arena_free(t->policies->a);
	free(t->policies);
	t->policies = NULL;
}

static void tell_uses(struct audit *t, const struct uses *all)
{
	struct doc *j;
	size_t i;

	for (i = 0; i < all->n; i++) {
		const struct use *u = &all->v[i];

		if (u->recorded || !u->n)
			continue;
		j = audit_tell(t, true, "policy without an entry",
			"%zu pushes, entries %llu to %llu, were judged by a "
			"policy that no entry tells of, sha256 %s",
			u->n, (unsigned long long)u->first,
			(unsigned long long)u->last, u->policy);
		doc_set(j, "policy", doc_of_str(u->policy));
		doc_set(j, "entry", doc_of_int((int64_t)u->last));
	}
}

static int record(
	struct audit *t, struct uses *all, struct use *u, struct err *err)
{
	uint64_t entry;

	if (audit_record(
		    t, NULL, 0, EVIDENCE_NO_DECISION, u->policy, &entry, err))
		return -1;
	all->any = u->recorded = true;
	audit_tell(t, false, "policy recorded",
		"entry %llu tells which policy is in force now",
		(unsigned long long)entry);
	return 0;
}

static int compare(
	struct audit *t, struct uses *all, struct use *now, struct err *err)
{
	if (t->record && !now->recorded)
		return record(t, all, now, err);
	if (all->any && !now->recorded)
		audit_tell(t, true, "policy without an entry",
			"the policy in force now is one that no entry tells "
			"of, sha256 %s",
			now->policy);
	else if (!all->any && all->last && strcmp(all->last, now->policy) != 0)
		audit_tell(t, false, "policy changed",
			"the policy is another one than entry %llu was judged "
			"by",
			(unsigned long long)all->entry);
	return 0;
}

void audit_policy(struct audit *t)
{
	struct buf text = BUF_INIT(POLICY_FILE_MAX), path = PATH_BUF_INIT;
	struct err err = ERR_INIT, unread = ERR_INIT;
	char digest[SHA256_HEX + 1];
	const char *kept;
	struct uses *all;
	int ret = -1;

	/* Kept in a repository, it changes by pushes only. */
	if (policyname_read(t->run->state, t->a, &kept, &err))
		goto out;
	ret = 0;
	if (kept)
		goto out;
	ret = read_log(t, &err);
	if (ret)
		goto out;
	all = uses_of(t->policies, span_str(t->name));
	/* Whether the policy is in order is for doctor to say. */
	if (!io_read_file(run_policy_path(t->run, &path), &text, &unread)) {
		sha256_hex(buf_all(&text), digest);
		ret = compare(t, all,
			use_of(t->policies, all, span_str(digest)), &err);
	}
	tell_uses(t, all);
out:
	if (ret)
		audit_cannot_tell(t, &err);
	buf_free(&path);
	buf_free(&text);
}
