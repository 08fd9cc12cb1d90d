/* sluice policy: read a policy file and say what it means. */
#include "parse/policy.h"

#include <sys/stat.h>

#include "base/clock.h"
#include "base/io.h"
#include "cmd/cmd.h"
#include "cmd/owner.h"
#include "cmd/publish.h"
#include "cmd/replay.h"
#include "gather/gather.h"
#include "gather/keybook.h"
#include "gather/sshrevoked.h"
#include "parse/policytext.h"

#define ARENA_MAX (256u << 20)
#define TEXT_MAX (64u << 20)
#define RECHECK ", see 'sluice log recheck' for what it signed before"
#define APPROVED ", see 'sluice log recheck' for what it let in"
#define ARGS                                                   \
	"check FILE | show [FILE] | explain REF | diff A B | " \
	"replay FILE | publish [REPO.git…]"

struct options {
	bool no_keys;
	const char *repository;
	struct replay_options replay;
};

/* The document alone: neither owner and mode nor keys, so that a policy can be
 * looked at anywhere. */
static int read_text(const char *path, struct arena *arena, struct policy **out,
	struct err *err)
{
	struct buf text = BUF_INIT(POLICY_FILE_MAX);
	int ret = -1;

	*out = NULL;
	if (io_read_file(path, &text, err))
		goto out;
	if (policy_parse(buf_all(&text), arena, out, err) ||
		policy_check_patterns(*out, err)) {
		err_in(err, "policy '%s'", path);
		goto out;
	}
	ret = 0;
out:
	buf_free(&text);
	return ret;
}

/* A key that is too weak is no mistake of the file, but what it signs will be
 * refused. */
static void tell_weak(
	const char *file, const struct person *who, const char *weak)
{
	if (weak)
		fprintf(stderr,
			"sluice: key '%s' of '%s' is too weak: %s; what it "
			"signs is refused\n",
			file, who->name, weak);
}

/* Nor is one that is revoked. */
static void tell_revoked(
	const struct sshbook *book, const struct sshbook_keys *keys)
{
	const struct sshbook_revoked *list;
	size_t i;

	for (i = 0; i < keys->n; i++) {
		const struct sshbook_key *k = &keys->v[i];

		list = sshrevoked_key(book, k->line.key.blob);
		if (list)
			fprintf(stderr,
				"sluice: the key in line %zu of '%s' is %s "
				"in '%s'; what it signs is refused%s\n",
				k->line.number, k->file,
				list->compromised ? "listed as compromised"
						  : "revoked",
				list->file, list->compromised ? RECHECK : "");
	}
}

static void tell_compromised(const struct keybook *book)
{
	size_t i;

	for (i = 0; i < book->npgp; i++)
		if (book->pgp[i].primary &&
			book->pgp[i].revoked == KEYBOOK_COMPROMISED)
			fprintf(stderr,
				"sluice: key '%s' of '%s' is revoked, and not "
				"as merely replaced or no longer used; what it "
				"signs is refused" RECHECK "\n",
				book->pgp[i].file, book->pgp[i].who->name);
}

static void tell_accounts(const struct policy *p)
{
	char since[CLOCK_TEXT_MAX], until[CLOCK_TEXT_MAX];
	size_t i, k;

	for (i = 0; i < p->nperson; i++)
		for (k = 0; k < p->person[i].nforge; k++) {
			const struct forge_account *a = &p->person[i].forge[k];

			if (!a->compromised)
				continue;
			clock_text(a->compromised, since);
			clock_text(a->regained, until);
			fprintf(stderr,
				"sluice: account '%s' of '%s' at '%s' is "
				"compromised since %s%s%s; what it approves "
				"then does not count" APPROVED "\n",
				a->login, p->person[i].name, a->forge, since,
				a->regained ? " until " : "",
				a->regained ? until : "");
		}
}

static void tell_certificates(const struct x509book *book,
	const struct x509book_certs *certs, struct arena *arena)
{
	bool compromised;
	const char *why;
	size_t i;

	for (i = 0; i < certs->n; i++) {
		const struct x509book_cert *c = &certs->v[i];

		why = x509book_revoked(book, &c->facts, &compromised, arena);
		if (why)
			fprintf(stderr,
				"sluice: '%s'%s%s%s: %s; what it signs is "
				"refused%s\n",
				c->file, c->who ? " of '" : "",
				c->who ? c->who->name : "", c->who ? "'" : "",
				why, compromised ? RECHECK : "");
	}
}

static enum exit_code check(const struct run *run, const struct options *opt,
	const char *path, struct arena *arena)
{
	struct err err = ERR_INIT;
	struct keybook book = {0};
	struct policy *p;
	size_t i, files;
	int ret;

	ret = opt->no_keys ? read_text(path, arena, &p, &err)
			   : policy_load(path, arena, &p, &err);
	if (!ret && !opt->no_keys &&
		(signers_check(p, arena, &err) ||
			keybook_make(p, arena, &book, &err)))
		ret = err_in(&err, "policy '%s'", path);
	if (ret)
		return cmd_fail(&err);
	files = p->nsigners + p->nrevoked + p->ncompromised + p->x509.nroot +
		p->x509.nbetween + p->x509.ncrl + p->x509.ncompromised;
	for (i = 0; i < p->nperson; i++)
		files += p->person[i].nkey;
	if (run->quiet)
		return EXIT_YES;
	for (i = 0; i < book.npgp; i++)
		tell_weak(book.pgp[i].file, book.pgp[i].who, book.pgp[i].weak);
	for (i = 0; i < book.ssh.key.n; i++)
		tell_weak(book.ssh.key.v[i].file, book.ssh.key.v[i].who,
			book.ssh.key.v[i].weak);
	tell_compromised(&book);
	tell_accounts(p);
	tell_revoked(&book.ssh, &book.ssh.key);
	tell_revoked(&book.ssh, &book.ssh.authority);
	tell_certificates(&book.x509, &book.x509.own, arena);
	tell_certificates(&book.x509, &book.x509.between, arena);
	printf("policy '%s' is good: %zu people, %zu key files%s, %zu entries "
	       "for repositories, mode %s\n",
		path, p->nperson, files, opt->no_keys ? " (not read)" : "",
		p->nrepository, p->observe ? "observe" : "enforce");
	return EXIT_YES;
}

static int show_into(
	const char *path, struct arena *arena, struct buf *out, struct err *err)
{
	struct policy *p;

	if (read_text(path, arena, &p, err))
		return -1;
	policy_show(p, arena, out);
	return buf_check(out, "policy text", err);
}

static enum exit_code show(const char *path, struct arena *arena)
{
	struct buf text = BUF_INIT(TEXT_MAX);
	struct err err = ERR_INIT;
	enum exit_code status = EXIT_YES;

	if (show_into(path, arena, &text, &err))
		status = cmd_fail(&err);
	else
		fwrite(text.p, 1, text.n, stdout);
	buf_free(&text);
	return status;
}

/* Without a name the only entry stands for its repositories; with several, the
 * answer depends on which repository is meant. */
static int choose(struct policy *p, const char *asked, const char **name,
	struct arena *arena, struct err *err)
{
	static const char *any[] = {"**"};
	const char *all = "";
	size_t i, k;

	*name = asked;
	if (asked)
		return 0;
	for (i = 0; i < p->nrepository; i++)
		for (k = 0; k < p->repository[i].nmatch; k++)
			all = arena_fmt(arena, "%s%s%s", all,
				all[0] ? ", " : "", p->repository[i].match[k]);
	if (p->nrepository != 1) {
		err_set(err, ERR_USAGE,
			"the policy has %zu entries for repositories: %s",
			p->nrepository, all);
		return err_hint(err, "say which one: --repository NAME");
	}
	*name = all;
	p->repository[0].match = any;
	p->repository[0].nmatch = 1;
	return 0;
}

static enum exit_code explain(const char *path, const struct options *opt,
	const char *ref, struct arena *arena)
{
	struct buf text = BUF_INIT(TEXT_MAX);
	struct err err = ERR_INIT;
	enum exit_code status;
	struct policy *p;
	struct rules rules;
	const char *name;

	if (!span_starts(span_str(ref), SPAN_LIT("refs/"))) {
		err_set(&err, ERR_USAGE, "'%s' is not a full ref name", ref);
		err_hint(&err, "a branch is refs/heads/%s, a tag refs/tags/%s",
			ref, ref);
		return cmd_fail(&err);
	}
	if (read_text(path, arena, &p, &err) ||
		choose(p, opt->repository, &name, arena, &err))
		return cmd_fail(&err);
	if (!policy_rules(p, span_str(name), span_str(ref), &rules)) {
		printf("The policy does not name %s: every push there is "
		       "refused.\n",
			name);
		return EXIT_NO;
	}
	policy_explain(p, &rules, name, ref, arena, &text);
	status = buf_check(&text, "policy text", &err) ? cmd_fail(&err)
						       : EXIT_YES;
	if (status == EXIT_YES)
		fwrite(text.p, 1, text.n, stdout);
	buf_free(&text);
	return status;
}

/* Lines of one text that the other does not have, in order; entries keep their
 * numbers and people are sorted, so a change stays where it was made. */
static enum exit_code diff(const char *a, const char *b, struct arena *arena)
{
	struct buf old = BUF_INIT(TEXT_MAX), new = BUF_INIT(TEXT_MAX),
		   out = BUF_INIT(2 * TEXT_MAX);
	struct err err = ERR_INIT;
	enum exit_code status = EXIT_YES;

	if (show_into(a, arena, &old, &err) ||
		show_into(b, arena, &new, &err)) {
		status = cmd_fail(&err);
		goto out;
	}
	policy_diff(buf_all(&old), buf_all(&new), arena, &out);
	if (buf_check(&out, "policy text", &err)) {
		status = cmd_fail(&err);
		goto out;
	}
	if (out.n) {
		fwrite(out.p, 1, out.n, stdout);
		status = EXIT_NO;
	}
out:
	buf_free(&old);
	buf_free(&new);
	buf_free(&out);
	return status;
}

/* Root looks at the policy of the state folder as who judges by it: what that
 * account may change is trusted there. */
static int look_as_owner(
	const struct run *run, const char *file, struct err *err)
{
	struct buf path = PATH_BUF_INIT;
	struct stat ours, given;
	int ret = 0;

	io_join(&path, run->state, "policy.json");
	if (!stat(buf_cstr(&path), &ours) && !stat(file, &given) &&
		ours.st_dev == given.st_dev && ours.st_ino == given.st_ino)
		ret = owner_become(run->state, true, err);
	buf_free(&path);
	return ret;
}

static enum exit_code dispatch(struct run *run, const struct options *opt,
	int n, char **argv, struct arena *arena)
{
	struct buf path = PATH_BUF_INIT;
	const char *verb = n > 0 ? argv[1] : "", *file;
	enum exit_code status;
	struct err err = ERR_INIT;

	file = n == 2 ? argv[2] : run_policy_path(run, &path);
	if (!strcmp(verb, "check") && n <= 2) {
		status = look_as_owner(run, file, &err)
			? cmd_fail(&err)
			: check(run, opt, file, arena);
	} else if (!strcmp(verb, "show") && n <= 2) {
		status = show(file, arena);
	} else if (!strcmp(verb, "explain") && n == 2) {
		file = run_policy_path(run, &path);
		status = explain(file, opt, argv[2], arena);
	} else if (!strcmp(verb, "diff") && n == 3) {
		status = diff(argv[2], argv[3], arena);
	} else if (!strcmp(verb, "replay") && n == 2) {
		status = policy_replay(run, &opt->replay, file);
	} else if (!strcmp(verb, "publish")) {
		status = policy_publish(run, n - 1, argv + 2);
	} else {
		err_set(&err, ERR_USAGE, "usage: sluice policy " ARGS);
		status = cmd_fail(&err);
	}
	buf_free(&path);
	return status;
}

enum exit_code cmd_policy(struct run *run, int argc, char **argv)
{
	struct options opt = {0};
	const struct option_def defs[] = {
		{"--no-keys", OPTION_FLAG, &opt.no_keys,
			"check: the document alone, not keys, owner and mode"},
		{"--repository", OPTION_TEXT, &opt.repository,
			"explain, replay: which repository is meant"},
		{"--since", OPTION_TEXT, &opt.replay.since,
			"replay: pushes from a date or time on"},
		{"--diff", OPTION_FLAG, &opt.replay.diff,
			"replay: what would be decided otherwise"},
	};
	struct err err = ERR_INIT;
	struct arena *arena;
	enum exit_code status;
	int n;

	n = options_read(run, defs, ARRAY_LEN(defs), argc, argv, &err);
	if (n < 0)
		return cmd_fail(&err);
	if (run->help)
		return cmd_usage("policy", ARGS, defs, ARRAY_LEN(defs));
	opt.replay.repository = opt.repository;
	arena = arena_new(ARENA_MAX);
	status = dispatch(run, &opt, n, argv, arena);
	arena_free(arena);
	return status;
}
