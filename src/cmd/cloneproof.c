#include "cmd/cloneproof.h"

#include <unistd.h>

#include "base/io.h"
#include "base/proc.h"
#include "deploy/proofref.h"

#define OUT_MAX ((size_t)256 << 20)
#define TALK_MAX 4096
#define PROOFS_MAX 1000 /* of one object */
#define AFTER_MAX 256

/* Replacements would have git answer for other objects. */
#define GIT "git", "--no-replace-objects"

/* *${ok} false: git does not know. */
static int git(
	const char *const *argv, struct buf *out, bool *ok, struct err *err)
{
	struct buf talk = BUF_INIT(TALK_MAX);
	const struct proc p = {
		.argv = argv,
		.env = (const char *const *)(uintptr_t)environ,
		.out = out,
		.talk = &talk,
	};
	struct proc_end end;
	int ret = proc_run(&p, &end, err);

	buf_free(&talk);
	*ok = !ret && !end.signal && !end.status;
	return ret;
}

/* The object of exactly that name. */
static int lookup(
	const char *name, bool *found, struct oid *out, struct err *err)
{
	const char *argv[] = {GIT, "rev-parse", "--verify", "--quiet",
		"--end-of-options", name, NULL};
	struct buf text = BUF_INIT(TALK_MAX);
	int ret = git(argv, &text, found, err);

	if (!ret && *found && !oid_read(span_trim(buf_all(&text)), out))
		ret = err_set(err, ERR_INPUT,
			"'%s' is not an object with a SHA-1 name", name);
	buf_free(&text);
	return ret;
}

int cloneproof_name(const char *name, struct arena *a, bool *found,
	struct clone_name *out, struct err *err)
{
	static const char *const before[] = {"", "refs/", "refs/tags/"};
	size_t i;

	memset(out, 0, sizeof(*out));
	if (lookup(name, found, &out->oid, err))
		return -1;
	for (i = 0; *found && i < ARRAY_LEN(before) && !out->tag; i++) {
		const char *full = arena_fmt(a, "%s%s", before[i], name);
		struct oid there;
		bool is;

		if (strncmp(full, "refs/tags/", 10))
			continue;
		if (lookup(full, &is, &there, err))
			return -1;
		/* "v1^{}" and "v1~2" name a tag's place, not the tag. */
		if (is && oid_eq(&there, &out->oid) && !strpbrk(full, "^~:@{}"))
			out->tag = full;
	}
	return 0;
}

int cloneproof_there(const char *ref, struct arena *a, struct err *err)
{
	struct oid at;
	bool found;

	if (lookup(arena_fmt(a, "%s^{commit}", ref), &found, &at, err))
		return -1;
	if (found)
		return 0;
	err_set(err, ERR_INPUT, "this clone has no proofs in '%s'", ref);
	return err_hint(err, "git fetch origin " PROOF_REF ":" PROOF_REF);
}

/* A name in the output of "ls-tree -z". */
static bool next_name(struct span *rest, struct span *name)
{
	size_t at = span_find(*rest, 0);

	if (at == SIZE_MAX)
		return false;
	*name = span_sub(*rest, 0, at);
	*rest = span_from(*rest, at + 1);
	return true;
}

static int one(const char *object, bool *enough,
	int (*each)(
		void *ctx, struct span proof, bool *enough, struct err *err),
	void *ctx, struct err *err)
{
	const char *argv[] = {GIT, "cat-file", "blob", object, NULL};
	struct buf text = BUF_INIT(PROOF_SHORT_MAX);
	struct err full = ERR_INIT;
	bool ok;
	int ret = -1;

	/* What does not fit, or is no blob, is a proof that is no good. */
	if (!git(argv, &text, &ok, &full) || full.code == ERR_LIMIT)
		ret = each(ctx, buf_all(&text), enough, err);
	else
		*err = full;
	buf_free(&text);
	return ret;
}

int cloneproof_each(const char *ref, const struct oid *o, struct arena *a,
	int (*each)(
		void *ctx, struct span proof, bool *enough, struct err *err),
	void *ctx, struct err *err)
{
	struct buf folder = PATH_BUF_INIT, names = BUF_INIT(OUT_MAX);
	const char *argv[] = {GIT, "ls-tree", "-z", "--name-only", NULL, NULL};
	bool ok, enough = false;
	struct span rest, name;
	size_t n = 0;
	int ret = -1;

	buf_fmt(&folder, "%s:", ref);
	proofref_folder(o, &folder);
	argv[ARRAY_LEN(argv) - 2] = buf_cstr(&folder);
	if (git(argv, &names, &ok, err))
		goto out;
	rest = ok ? buf_all(&names) : SPAN_EMPTY;
	while (!enough && next_name(&rest, &name)) {
		if (++n > PROOFS_MAX) {
			err_set(err, ERR_LIMIT,
				"more than %d proofs of one object",
				PROOFS_MAX);
			goto out;
		}
		if (one(arena_fmt(a, "%s/%.*s", buf_cstr(&folder),
				SPAN_FMT(name)),
			    &enough, each, ctx, err))
			goto out;
	}
	ret = 0;
out:
	buf_free(&names);
	buf_free(&folder);
	return ret;
}

/* All objects that have a proof. */
static int proven(const char *ref, struct oid_set *out, struct err *err)
{
	const char *argv[] = {
		GIT, "ls-tree", "-r", "-z", "--name-only", ref, NULL};
	struct buf names = BUF_INIT(OUT_MAX);
	struct span rest, name;
	struct oid o;
	bool ok;
	int ret = git(argv, &names, &ok, err);

	if (!ret && !ok)
		ret = err_set(err, ERR_INPUT, "cannot read '%s'", ref);
	rest = buf_all(&names);
	while (!ret && next_name(&rest, &name))
		if (proofref_object(name, &o))
			oid_set_add(out, &o);
	buf_free(&names);
	return ret;
}

int cloneproof_after(const char *ref, const struct oid *o, struct arena *a,
	struct oid **out, size_t *n, struct err *err)
{
	char hex[OID_HEX + 1];
	const char *commits[] = {GIT, "rev-list", "--reverse", "--topo-order",
		"--ancestry-path", "--all",
		arena_fmt(a, "^%s", oid_hex(o, hex)), "--", NULL};
	const char *tags[] = {GIT, "for-each-ref", "--format=%(objectname)",
		"--contains", oid_hex(o, hex), "refs/tags", NULL};
	const char *const *const ask[] = {commits, tags};
	struct oid_set has = {0};
	size_t i;
	int ret = -1;

	*out = arena_get(a, AFTER_MAX, sizeof(**out));
	*n = 0;
	if (proven(ref, &has, err))
		goto out;
	for (i = 0; i < ARRAY_LEN(ask); i++) {
		struct buf text = BUF_INIT(OUT_MAX);
		struct span rest, line;
		struct oid at;
		bool ok;

		if (git(ask[i], &text, &ok, err)) {
			buf_free(&text);
			goto out;
		}
		rest = buf_all(&text);
		while (ok && *n < AFTER_MAX && span_line(&rest, &line, NULL))
			if (oid_read(line, &at) && oid_set_has(&has, &at))
				(*out)[(*n)++] = at;
		buf_free(&text);
	}
	ret = 0;
out:
	oid_set_free(&has);
	return ret;
}
