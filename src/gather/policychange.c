/*
 * A push of the policy itself. It is judged by the policy that is in force, as
 * any push is, and here by the root: the keys of the server's file alone say
 * who signed.
 */
#include "base/text.h"
#include "gather/policyroot.h"
#include "gather/rulepacks.h"
#include "gather/signedtag.h"
#include "parse/trailer.h"

#define APPROVALS "refs/sluice/approvals/"
#define PREFIX SPAN_LIT(APPROVALS)
#define TAGS_MAX 1000 /* approvals of one commit */
#define VERSION_TEXT 24

struct changing {
	struct gather *g;
	const struct policy_root *root;
	struct facts *f;
	struct policy_change_fact *to;
	struct signers *signers;
	struct oid_set seen;
	size_t looked, cap;
};

static int version_at(struct gather *g, const struct oid *commit, uint64_t *out,
	struct err *err)
{
	struct policy_tree t = {g->repo, *commit, "the new policy"};
	struct policy_source tree = policysource_tree(&t);
	struct buf text = BUF_INIT(VERSION_TEXT);
	int ret = -1;

	if (tree.read(tree.ctx, POLICY_VERSION, &text, err))
		goto out;
	if (!text_to_u64(span_trim(buf_all(&text)), INT64_MAX, out)) {
		err_set(err, ERR_POLICY,
			"the file '" POLICY_VERSION "' does not hold a number");
		goto out;
	}
	ret = 0;
out:
	buf_free(&text);
	return ret;
}

/* Why a finding stands, and not why the gate could not tell: whatever is wrong
 * with these bytes is wrong with the push. */
static const char *words(struct changing *c, const struct err *err)
{
	return arena_fmt(c->g->arena, "%s%s%s", err->text,
		err->hint[0] ? "; " : "", err->hint);
}

/* Whether pushes could be judged by it. */
static const char *fault_of(struct changing *c, const struct oid *commit)
{
	struct policy_tree t = {c->g->repo, *commit, "the new policy"};
	struct policy_files *files =
		ARENA_NEW(c->g->arena, struct policy_files);
	struct policy_source from;
	struct err err = ERR_INIT;
	struct rules rules;
	struct policy *p;

	*files = (struct policy_files){
		.from = policysource_tree(&t), .arena = c->g->arena};
	from = policysource_noting(files);
	if (version_at(c->g, commit, &c->to->version, &err) ||
		policy_load_from(&from, c->g->arena, &p, &err) ||
		signers_check(p, c->g->arena, &err) ||
		rulepacks_check(&from, p, c->g->arena, &err))
		return words(c, &err);
	if (!policy_rules(p, span_str(c->root->repository),
		    SPAN_LIT(POLICY_REF), &rules))
		return arena_fmt(c->g->arena,
			"it does not name '%s', so that no later one could be "
			"pushed",
			c->root->repository);
	memcpy(c->to->digest, p->digest, sizeof(c->to->digest));
	memcpy(c->to->keys_digest, p->keys_digest, sizeof(c->to->keys_digest));
	c->to->file =
		arena_get(c->g->arena, files->n + 1, sizeof(*c->to->file));
	for (; c->to->nfile < files->n; c->to->nfile++)
		c->to->file[c->to->nfile] =
			(struct policy_file_fact){files->v[c->to->nfile].name
					? files->v[c->to->nfile].name
					: "policy.json",
				files->v[c->to->nfile].data};
	return NULL;
}

/* What the log admitted last is where it starts from, whatever the pusher says
 * is there. */
static const char *backwards(struct changing *c, const struct update_fact *uf)
{
	const struct push *push = c->f->push;
	struct err err = ERR_INIT;
	uint64_t was;

	if (uf->movement == MOVEMENT_DELETE)
		return "it may not be deleted";
	if (!oid_eq(&uf->up->old, &push->policy))
		return "it does not start from the policy in force";
	if (uf->movement == MOVEMENT_FORCED)
		return "it is not built on the policy in force";
	if (oid_is_zero(&push->policy) || c->to->broken)
		return NULL;
	if (version_at(c->g, &push->policy, &was, &err))
		return words(c, &err);
	if (c->to->version <= was)
		return arena_fmt(c->g->arena,
			"its version is %llu, and that of the policy in force "
			"%llu",
			(unsigned long long)c->to->version,
			(unsigned long long)was);
	return NULL;
}

static void count(struct changing *c, const struct person *who)
{
	struct policy_change_fact *to = c->to;
	size_t i;

	for (i = 0; i < c->root->approval->by.n; i++)
		if (c->root->approval->by.v[i] == who)
			break;
	if (i == c->root->approval->by.n || who->robot)
		return;
	for (i = 0; i < to->nsigner; i++)
		if (to->signer[i] == who)
			return;
	to->signer = arena_grow(c->g->arena, to->signer, to->nsigner, &c->cap,
		sizeof(*to->signer));
	to->signer[to->nsigner++] = who;
}

static bool says(const struct tag *tag, const char *key, const char *want)
{
	struct span value;

	return trailer_find(tag->trailer, tag->ntrailer, key, &value) &&
		span_is(value, want);
}

/* *${who} is whose signature of the root it is, for exactly this ref of this
 * repository; NULL if it is none. */
static int judge(struct changing *c, const struct oid *id, struct tag *tag,
	const struct person **who, struct err *err)
{
	const char *fault;
	struct signed_by by;

	*who = NULL;
	if (++c->looked > TAGS_MAX)
		return err_set(err, ERR_LIMIT,
			"more than %d approvals of one policy", TAGS_MAX);
	if (signed_tag_read(c->g, id, tag, &fault, err))
		return -1;
	if (fault || tag->target_type != OBJECT_COMMIT ||
		!says(tag, "Sluice", "approval") ||
		!says(tag, "Repository", c->root->repository) ||
		!says(tag, "For", POLICY_REF))
		return 0;
	if (signed_tag_judge(
		    c->signers, tag, c->f->push->time, c->g->arena, &by, err))
		return -1;
	*who = by.person;
	return 0;
}

static int look_at(struct changing *c, const struct oid *id,
	const struct oid *commit, struct err *err)
{
	const struct person *who;
	struct tag tag;

	if (oid_set_has(&c->seen, id))
		return 0;
	oid_set_add(&c->seen, id);
	if (judge(c, id, &tag, &who, err))
		return -1;
	if (who && oid_eq(&tag.target, commit))
		count(c, who);
	return 0;
}

static int signatures(
	struct changing *c, const struct oid *commit, struct err *err)
{
	const struct push *push = c->f->push;
	char hex[OID_HEX + 1];
	struct repo_ref *ref;
	size_t n, i;

	if (repo_refs(c->g->repo,
		    arena_fmt(c->g->arena, APPROVALS "%s/*",
			    oid_hex(commit, hex)),
		    c->g->arena, &ref, &n, err))
		return -1;
	for (i = 0; i < n; i++)
		if (look_at(c, &ref[i].oid, commit, err))
			return -1;
	for (i = 0; i < push->nup; i++)
		if (span_starts(push->up[i].ref, PREFIX) &&
			!oid_is_zero(&push->up[i].new) &&
			look_at(c, &push->up[i].new, commit, err))
			return -1;
	return 0;
}

/* An approval of a policy is that of somebody of the root, whom the policy in
 * force need not know. */
static int arriving(struct changing *c, struct err *err)
{
	struct facts *f = c->f;
	const struct person *who;
	struct tag tag;
	size_t i;

	for (i = 0; i < f->napproval; i++) {
		struct approval_fact *ap = &f->approval[i];

		if (ap->pushed_in == SIZE_MAX || !span_is(ap->ref, POLICY_REF))
			continue;
		if (judge(c, &ap->object, &tag, &who, err))
			return -1;
		if (!who || !oid_eq(&tag.target, &ap->commit))
			continue;
		ap->status = APPROVAL_VALID;
		ap->person = who;
		ap->detail = "";
	}
	return 0;
}

static int change(struct changing *c, size_t u, struct err *err)
{
	struct update_fact *uf = &c->f->update[u];

	c->to->given = true;
	c->to->update = u;
	c->to->need = c->root->approval->count;
	if (uf->movement != MOVEMENT_DELETE) {
		if (uf->type != OBJECT_COMMIT)
			c->to->broken = "it is not a commit";
		else if ((c->to->broken = fault_of(c, &uf->up->new)) == NULL &&
			signatures(c, &uf->up->new, err))
			return -1;
	}
	c->to->backwards = backwards(c, uf);
	return 0;
}

int gather_policy_change(struct gather *g, const struct policy_root *root,
	struct facts *f, struct err *err)
{
	struct gather own = *g;
	struct changing c = {
		.g = g, .root = root, .f = f, .to = &f->policy_change};
	size_t u;
	int ret = -1;

	/* Neither a mode nor a severity has a say in it, nor before there is a
	 * root: a log that admitted the ref once would be believed later. */
	for (u = 0; u < f->push->nup; u++) {
		if (!span_is(f->push->up[u].ref, POLICY_REF))
			continue;
		f->update[u].rules.observe = false;
		f->update[u].rules.nseverity = 0;
	}
	if (!root || strcmp(f->push->repository, root->repository))
		return 0;
	own.signers = NULL;
	if (signers_open(&own, root->policy, &c.signers, err))
		goto out;
	if (arriving(&c, err))
		goto out;
	for (u = 0; u < f->push->nup; u++)
		if (span_is(f->push->up[u].ref, POLICY_REF) &&
			change(&c, u, err))
			goto out;
	ret = 0;
out:
	signers_close(c.signers);
	signers_close(own.signers);
	oid_set_free(&c.seen);
	return ret;
}
