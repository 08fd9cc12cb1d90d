/*
 * sluice check: in a clone, what the server's gate would say to a push. The
 * same gathering and the same checks, in a shadow of the remote, by the policy
 * that the server publishes.
 */
#include "cmd/check.h"

#include "base/clock.h"
#include "base/io.h"
#include "cmd/hook.h"
#include "cmd/signtag.h"
#include "deploy/publish.h"
#include "deploy/shadow.h"
#include "gate/gate.h"
#include "gather/foresee.h"
#include "model/codeowners.h"
#include "parse/pushline.h"
#include "parse/record.h"
#include "parse/refline.h"
#include "port/sandbox.h"

#define ARENA_MAX ((size_t)2 << 30)
#define TEXT_MAX (1u << 20)
#define INPUT_MAX (64u << 20)
#define DEFAULT_REMOTE "origin"

/* As the judge's, but for the time it may take. */
static const struct sandbox_limits limits = {
	.memory = UINT64_C(4) << 30,
	.file = UINT64_C(256) << 20,
};

struct check {
	struct run *run;
	struct check_options opt;
	struct arena *a;
	struct signtag t; /* ref, repository, remote */
	const char *range;
	struct buf lines; /* of a hook, turned */
	struct shadow shadow;
	struct gather g;
	struct policy_tree tree;
	struct policy_source source;
	struct policy *policy;
	struct push push;
	struct facts facts;
	struct repo_ref *ref; /* of the remote */
	size_t nref;
	const struct person *who; /* pushes, or NULL */
	const char *email;
	bool certificate; /* is taken for given */
	struct buf record;
};

/* The branch that is checked out, where it would be pushed to by a plain "git
 * push", and the remote. */
static int find_target(struct check *c, struct err *err)
{
	const char *head[] = {
		"git", "symbolic-ref", "--quiet", "--short", "HEAD", NULL};
	const char *remote[] = {"git", "for-each-ref",
		"--format=%(push:remotename)", NULL, NULL};
	const char *ref[] = {"git", "for-each-ref",
		"--format=%(push:remoteref)", NULL, NULL};
	const char *branch, *line = NULL;

	if (signtag_line(head, c->a, &branch, err))
		return -1;
	if (branch)
		remote[3] = ref[3] = arena_fmt(c->a, "refs/heads/%s", branch);
	if (!c->t.push && branch && signtag_line(remote, c->a, &line, err))
		return -1;
	if (!c->t.push)
		c->t.push = line && line[0] ? line : DEFAULT_REMOTE;
	if (c->t.ref)
		return signtag_ref(&c->t, err);
	if (!branch) {
		err_set(err, ERR_USAGE, "no branch is checked out");
		return err_hint(err, "say which ref is meant: --for REF");
	}
	if (signtag_line(ref, c->a, &line, err))
		return -1;
	c->t.ref = line && line[0] ? line : ref[3];
	return 0;
}

static int find_url(struct check *c, struct err *err)
{
	const char *argv[] = {
		"git", "remote", "get-url", "--push", c->t.push, NULL};
	const char *url = c->opt.url;

	if (!url && signtag_line(argv, c->a, &url, err))
		return -1;
	return shadow_find(&c->shadow, url ? url : c->t.push, c->a, err);
}

static int read_lines(struct hook_call *call, struct check *c, struct err *err)
{
	c->lines = (struct buf)BUF_INIT(INPUT_MAX);
	if (hook_call_input(call, err) ||
		pushline_turn(buf_all(&call->input), &c->lines, err))
		return -1;
	return refline_parse(
		buf_all(&c->lines), c->a, &c->push.up, &c->push.nup, err);
}

/* "B" or "A..B": B is to go to the ref, which is taken to stand at A. */
static int read_range(struct check *c, struct err *err)
{
	const char *dots = c->range ? strstr(c->range, "..") : NULL;
	struct ref_update *up = arena_get(c->a, 1, sizeof(*up));
	const char *tip = dots ? dots + 2 : c->range;
	const char *argv[] = {"git", "rev-parse", "--verify", "--quiet",
		"--end-of-options", tip && tip[0] ? tip : "HEAD", NULL};
	const char *line;

	if (dots && strstr(c->range, "..."))
		return err_set(err, ERR_USAGE, "a range here is 'A..B' or 'B'");
	up->ref = span_str(c->t.ref);
	if (dots &&
		signtag_commit(
			arena_str(c->a,
				span_of(c->range, (size_t)(dots - c->range))),
			c->a, &up->old, err))
		return -1;
	if (signtag_line(argv, c->a, &line, err))
		return -1;
	if (!line || !oid_read(span_str(line), &up->new))
		return err_set(
			err, ERR_USAGE, "there is no '%s' here", argv[5]);
	c->push.up = up;
	c->push.nup = 1;
	return 0;
}

/* What the user's git says of the user. */
static int find_user(struct check *c, struct err *err)
{
	const char *mail[] = {"git", "config", "--get", "user.email", NULL};
	const char *sign[] = {
		"git", "config", "--type=bool", "--get", "push.gpgSign", NULL};
	const char *line;

	if (signtag_line(mail, c->a, &c->email, err) ||
		signtag_line(sign, c->a, &line, err))
		return -1;
	c->certificate = c->opt.is_signed || (line && !strcmp(line, "true"));
	return 0;
}

/* All that is asked of the clone itself. */
static int look_round(struct check *c, struct hook_call *call, struct err *err)
{
	if (signtag_clone(c->a, err))
		return -1;
	if (c->opt.pre_push) {
		if (read_lines(call, c, err))
			return -1;
	} else if (find_target(c, err) || read_range(c, err)) {
		return -1;
	}
	return find_url(c, err) || find_user(c, err) ? -1 : 0;
}

static int policy_of_remote(struct check *c, struct err *err)
{
	const char *name;

	c->tree = (struct policy_tree){.repo = c->g.repo,
		.called = arena_fmt(c->a, PUBLISHED_REF " of '%s'", c->t.push)};
	if (!repo_ref_value(c->g.repo, PUBLISHED_REF, &c->tree.commit)) {
		err_set(err, ERR_POLICY, "'%s' publishes no policy", c->t.push);
		return err_hint(err,
			"whoever runs the server: 'sluice policy publish'; "
			"until then --policy FILE");
	}
	c->source = policysource_tree(&c->tree);
	if (policy_load_from(&c->source, c->a, &c->policy, err))
		return -1;
	if (!c->t.repository && policytree_name(&c->tree, c->a, &name, err))
		return -1;
	if (!c->t.repository)
		c->t.repository = name;
	return 0;
}

static int policy_of_user(struct check *c, struct err *err)
{
	c->source = policysource_plain(c->run->policy);
	if (policy_load_from(&c->source, c->a, &c->policy, err))
		return -1;
	return signtag_repository(&c->t, err);
}

/* Where the remote's refs are now: what git knows of them may be older. */
static void take_old_values(struct check *c)
{
	size_t i;

	for (i = 0; i < c->push.nup; i++) {
		struct ref_update *up = &c->push.up[i];

		if (!repo_ref_value(
			    c->g.repo, arena_str(c->a, up->ref), &up->old))
			memset(&up->old, 0, sizeof(up->old));
	}
}

/* Pushing what is there already is no push. */
static void drop_unmoved(struct check *c)
{
	size_t i, n = 0;

	for (i = 0; i < c->push.nup; i++)
		if (!oid_eq(&c->push.up[i].old, &c->push.up[i].new))
			c->push.up[n++] = c->push.up[i];
	c->push.nup = n;
}

/* What a partial clone lacks. The code owners are those of before, or of the
 * default branch. */
static int bring(struct check *c, struct repo *r, const struct oid *tip,
	size_t n, struct err *err)
{
	const char *file[CODEOWNERS_DIALECTS * CODEOWNERS_PLACES + 1];
	struct shadow_sides sides = {.tip = tip,
		.ntip = n,
		.ref = c->ref,
		.nref = c->nref,
		.file = file};
	struct oid *old = arena_get(c->a, c->push.nup + 1, sizeof(*old));
	size_t i, k, files = 0;

	for (i = 0; i < CODEOWNERS_DIALECTS; i++)
		for (k = 0; k < CODEOWNERS_PLACES; k++)
			file[files++] = codeowners_places[i][k];
	file[files] = NULL;
	for (i = 0; i < c->push.nup; i++)
		sides.nold += repo_ref_value(r,
			arena_str(c->a, c->push.up[i].ref), &old[sides.nold]);
	sides.nold += repo_ref_value(r, "HEAD", &old[sides.nold]);
	sides.old = old;
	return shadow_fill(&c->shadow, &sides, err);
}

static int pack(struct check *c, struct err *err)
{
	struct repo *r = NULL;
	struct oid *tip;
	size_t i, n = 0;
	int ret = -1;

	if (repo_open(c->shadow.path, NULL, &r, err) ||
		repo_refs(r, "refs/*", c->a, &c->ref, &c->nref, err))
		goto out;
	tip = arena_get(c->a, c->push.nup + 1, sizeof(*tip));
	for (i = 0; i < c->push.nup; i++)
		if (!oid_is_zero(&c->push.up[i].new))
			tip[n++] = c->push.up[i].new;
	if (!c->opt.offline && bring(c, r, tip, n, err))
		goto out;
	ret = shadow_pack(&c->shadow, tip, n, c->ref, c->nref, err);
out:
	repo_close(r);
	return ret;
}

/* The remote's side of the push, here. */
static int prepare(struct check *c, struct err *err)
{
	const struct ref_update *up = c->push.up;

	if (shadow_fetch(&c->shadow, c->opt.offline, err))
		return -1;
	if (!c->opt.pre_push && !oid_is_zero(&up->old) &&
		shadow_place(&c->shadow, c->t.ref, &up->old, err))
		return -1;
	if (io_mkdirs(c->run->state, 0700, err) || pack(c, err) ||
		sandbox_enter(&limits, err) ||
		gather_open_sent(&c->g, c->shadow.path, c->shadow.sent,
			c->run->state, c->a, err))
		return -1;
	if (c->run->policy ? policy_of_user(c, err) : policy_of_remote(c, err))
		return -1;
	c->g.source = &c->source;
	c->push.repository = c->t.repository;
	c->push.time = clock_now();
	c->who = foresee_pusher(
		c->policy, c->opt.as, c->email, c->a, &c->push.pusher);
	take_old_values(c);
	drop_unmoved(c);
	return foresee_log(&c->g, c->policy, &c->push, c->ref, c->nref, err);
}

static int judge(struct check *c, bool *admitted, struct err *err)
{
	struct facts *f = &c->facts;
	struct judgement j;
	struct stages stages = {0};

	*f = (struct facts){.push = &c->push, .policy = c->policy};
	f->reviews = (struct push_reviews){.asked = true,
		.fault = "a check in a clone asks no forge",
		.hint = "push: the server asks it"};
	stages_start(&stages);
	if (gather_changes(&c->g, f, err) || gather_signatures(&c->g, f, err))
		return -1;
	if (c->certificate)
		foresee_certificate(f, c->who);
	if (gather_approvals(&c->g, f, err) || gather_waivers(&c->g, f, err) ||
		gather_secrets(&c->g, f, err))
		return -1;
	foresee_secrets(f);
	gate_judge(f, c->a, &j);
	stages_mark(&stages, "judge");
	*admitted = j.admitted;
	return evidence_decision(f, &j, &stages, &c->record, err);
}

static bool asks_forges(const struct facts *f)
{
	size_t u;

	for (u = 0; u < f->push->nup; u++)
		if (update_asks(&f->update[u]))
			return true;
	return false;
}

/* What was assumed in place of what only the server knows. */
static size_t assumptions(const struct check *c, const char **v)
{
	size_t n = 0;

	v[n++] = "what stands on the remote's refs came through its gate";
	if (c->who)
		v[n++] = arena_fmt(c->a, "'%s' pushes%s", c->who->name,
			c->opt.as ? "" : ", by user.email");
	else
		v[n++] = arena_fmt(c->a,
			"'%s', whom the policy does not know, pushes",
			c->opt.as          ? c->opt.as
				: c->email ? c->email
					   : "nobody");
	if (policy_wants_certificates(c->policy, span_str(c->push.repository)))
		v[n++] = c->certificate
			? "the push is signed, and by whoever pushes"
			: "the push is not signed; --signed or push.gpgSign "
			  "says that it is";
	if (c->facts.nwaiver)
		v[n++] = "no waiver was used or withdrawn before; one that "
			 "names a fingerprint is left out, since only the "
			 "server can tell those";
	if (asks_forges(&c->facts))
		v[n++] = "no forge was asked what was said of it there";
	if (c->opt.offline)
		v[n++] = "the remote is as it was when it was last asked";
	return n;
}
#define ASSUMPTIONS_MAX 6

static int tell(const struct check *c, bool admitted, struct err *err)
{
	const char *v[ASSUMPTIONS_MAX];
	struct buf text = BUF_INIT(RECORD_MAX);
	struct doc *record = NULL, *told, *list;
	size_t n = assumptions(c, v), i;
	int ret = -1;

	if (c->run->json ? doc_parse(buf_all(&c->record), &record, err)
			 : record_outline(buf_all(&c->record), &record, err))
		goto out;
	if (c->run->json) {
		told = doc_copy(doc_get(record, "predicate"));
		list = doc_array();
		for (i = 0; i < n; i++)
			doc_add(list, doc_of_str(v[i]));
		doc_set(told, "kind", doc_of_str("check"));
		doc_set(told, "assumed", list);
		doc_pretty(told, &text);
		doc_free(told);
		ret = buf_check(&text, "the answer", err);
		if (!ret)
			fwrite(text.p, 1, text.n, stdout);
		goto out;
	}
	message_foretell(record, &text);
	/* In a hook, of a push that goes on, one line will do. */
	for (i = 0; i < n && !(c->opt.pre_push && admitted); i++)
		buf_fmt(&text, "assumed: %s\n", v[i]);
	ret = buf_check(&text, "the answer", err);
	if (!ret && !(c->run->quiet && admitted))
		ret = io_write(2, buf_all(&text), err);
out:
	doc_free(record);
	buf_free(&text);
	return ret;
}

static enum exit_code check_push(
	struct check *c, struct hook_call *call, struct err *err)
{
	bool admitted = false;

	if (look_round(c, call, err))
		return EXIT_UNKNOWN;
	if (!c->push.nup)
		return EXIT_YES;
	if (prepare(c, err))
		return EXIT_UNKNOWN;
	if (!c->push.nup) {
		if (!c->run->quiet)
			fprintf(stderr, "sluice: nothing to push\n");
		return EXIT_YES;
	}
	if (judge(c, &admitted, err) || tell(c, admitted, err))
		return EXIT_UNKNOWN;
	return admitted ? EXIT_YES : EXIT_NO;
}

static enum exit_code run_check(struct run *run,
	const struct check_options *opt, const char *range, struct err *err)
{
	struct check c = {.run = run,
		.opt = *opt,
		.a = arena_new(ARENA_MAX),
		.range = range,
		.t = {.ref = opt->ref,
			.repository = opt->repository,
			.push = opt->remote},
		.shadow = {.lock = -1},
		.record = BUF_INIT(RECORD_MAX)};
	struct hook_call call = {.run = run,
		.arena = c.a,
		.chain = opt->chain,
		.chain_argument = {opt->remote, opt->url}};
	enum exit_code status;

	c.t.a = c.a;
	status = check_push(&c, &call, err);
	if (err->code != ERR_NONE)
		status = cmd_fail(err);
	gather_close(&c.g);
	shadow_close(&c.shadow);
	buf_free(&c.lines);
	buf_free(&c.record);
	if (status == EXIT_YES && opt->chain)
		status = hook_chain(&call, "pre-push");
	buf_free(&call.input);
	arena_free(c.a);
	return status;
}

static int fits(const struct check_options *opt, int n, struct err *err)
{
	if (opt->pre_push && n != 2)
		return err_set(err, ERR_USAGE,
			"--pre-push is what git's hook asks for: a remote and "
			"its address");
	if (opt->pre_push && (opt->ref || opt->remote))
		return err_set(err, ERR_USAGE,
			"with --pre-push git says what is pushed and where");
	if (!opt->pre_push && (n > 1 || opt->chain))
		return err_set(err, ERR_USAGE,
			n > 1 ? "check takes one range"
			      : "--chain goes with --pre-push");
	return 0;
}

enum exit_code cmd_check(struct run *run, int argc, char **argv)
{
	struct check_options opt = {0};
	bool install = false, remove = false;
	const struct option_def defs[] = {
		{"--for", OPTION_TEXT, &opt.ref,
			"the ref it is to go to; default: as git push"},
		{"--remote", OPTION_TEXT, &opt.remote,
			"where it is to be pushed; default: as git push"},
		{"--repository", OPTION_TEXT, &opt.repository,
			"what the policy calls the repository"},
		{"--as", OPTION_TEXT, &opt.as,
			"who pushes, as the server will say"},
		{"--signed", OPTION_FLAG, &opt.is_signed,
			"it will be pushed with --signed"},
		{"--offline", OPTION_FLAG, &opt.offline,
			"go by what was fetched last"},
		{"--install-hook", OPTION_FLAG, &install,
			"check before every push from this clone"},
		{"--remove-hook", OPTION_FLAG, &remove, "no more"},
		{"--pre-push", OPTION_FLAG, &opt.pre_push,
			"what that hook runs"},
		{"--chain", OPTION_TEXT, &opt.chain,
			"the hook that was there before"},
	};
	struct err err = ERR_INIT;
	int n = options_read(run, defs, ARRAY_LEN(defs), argc, argv, &err);

	if (run->help)
		return cmd_usage(
			"check", "[OPTION…] [RANGE]", defs, ARRAY_LEN(defs));
	if (n < 0)
		return cmd_fail(&err);
	if (install || remove) {
		if (n || install == remove || opt.pre_push) {
			err_set(&err, ERR_USAGE,
				"--install-hook and --remove-hook stand alone");
			return cmd_fail(&err);
		}
		return check_hook(run, install);
	}
	if (fits(&opt, n, &err))
		return cmd_fail(&err);
	if (opt.pre_push) {
		opt.remote = argv[1];
		opt.url = argv[2];
	}
	return run_check(run, &opt, n == 1 ? argv[1] : NULL, &err);
}
