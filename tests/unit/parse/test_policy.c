#include "model/finding.h"
#include "parse/policy.h"
#include "support/unit.h"

#define PEOPLE                                                             \
	"\"people\": {"                                                    \
	"\"ada\": {\"email\": [\"ada@x.org\"], \"openpgp\": [\"a.asc\"]}," \
	"\"bela\": {\"email\": [\"bela@x.org\"], \"ssh\": [\"b.pub\"]},"   \
	"\"cy\": {\"email\": [\"cy@x.org\"]},"                             \
	"\"ci\": {\"email\": [\"ci@x.org\"], \"ssh\": [\"c.pub\"],"        \
	" \"robot\": true}}"
#define GROUPS "\"groups\": {\"all\": [\"ada\", \"bela\"]}"
/* A policy with one ref entry that has these members. */
#define REF(members)                                                         \
	"{" PEOPLE ", " GROUPS ", \"repositories\": [{\"match\": [\"**\"], " \
	"\"refs\": [{\"match\": [\"**\"], " members "}]}]}"
#define URLS(match, urls)                                              \
	"{\"repositories\": [{\"match\": [" match "], \"urls\": " urls \
	", \"refs\": [{\"match\": [\"**\"], \"ref\": {}}]}]}"
#define AT "repositories[0].refs[0]."

struct fixture {
	struct arena *arena;
	struct policy *p;
	struct err err;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	f->arena = arena_new(64u << 20);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	arena_free(f->arena);
	free(f);
	return 0;
}

static const struct rules *good(struct fixture *f, const char *text)
{
	err_clear(&f->err);
	if (policy_parse(span_str(text), f->arena, &f->p, &f->err))
		fail_msg("%s", f->err.text);
	return &f->p->repository[0].ref[0].rules;
}

static void bad(struct fixture *f, const char *text, const char *want)
{
	err_clear(&f->err);
	if (!policy_parse(span_str(text), f->arena, &f->p, &f->err))
		fail_msg("accepted: %s", text);
	assert_null(f->p);
	if (!strstr(f->err.text, want))
		fail_msg("said '%s', expected '%s'", f->err.text, want);
}

static void addresses_are_read(void **state)
{
	struct fixture *f = *state;
	const struct repository_rules *r;

	good(f, URLS("\"**\"", "[\"/a/{repository}\", \"b:{repository}\"]"));
	r = &f->p->repository[0];
	assert_int_equal(2, r->nurl);
	assert_string_equal("b:{repository}", r->url[1]);
	good(f, URLS("\"a/b\"", "[\"/srv/17.git\"]"));
	assert_string_equal("/srv/17.git", f->p->repository[0].url[0]);
}

static void defaults_are_strict(void **state)
{
	struct fixture *f = *state;
	const struct rules *r = good(f,
		REF("\"signature\": {\"by\": [\"@all\"]}, \"approval\": "
		    "{\"count\": 2, \"by\": [\"@all\"]}, \"secret\": {}, "
		    "\"ref\": {}, \"message\": {}, \"file\": {}"));

	assert_int_equal(r->signature->kinds,
		SIGNATURE_BIT(SIGNATURE_OPENPGP) |
			SIGNATURE_BIT(SIGNATURE_SSH) |
			SIGNATURE_BIT(SIGNATURE_X509));
	assert_true(r->signature->identity);
	assert_int_equal(r->signature->push_certificate, DEMAND_OPTIONAL);
	assert_int_equal(r->signature->nonce_slop, 0);
	assert_int_equal(r->signature->merged_tags, MERGED_TAGS_OFF);
	assert_int_equal(r->signature->by.n, 2);
	assert_int_equal(r->approval->count, 2);
	assert_int_equal(r->approval->exclude,
		EXCLUDE_AUTHOR | EXCLUDE_COMMITTER | EXCLUDE_PUSHER);
	assert_int_equal(r->secret->nrules, 1);
	assert_string_equal(r->secret->rules[0], "builtin");
	assert_true(r->secret->max_blob == UINT64_C(50) << 20);
	assert_int_equal(r->secret->decode_depth, 2);
	assert_false(r->secret->block_low);
	assert_true(r->secret->archives);
	assert_int_equal(r->secret->archive_depth, 2);
	assert_true(r->secret->archive_max == UINT64_C(256) << 20);
	assert_false(r->ref->deny_delete || r->ref->deny_force_push ||
		r->ref->deny_move || r->ref->deny_create);
	assert_int_equal(r->message->nrequire + r->message->ndeny, 0);
	assert_int_equal(r->file->max_size, 0);
	assert_false(r->file->limit_submodules);
	assert_int_equal(r->file->symlinks, SYMLINKS_ALLOW);
	assert_int_equal(r->approval->robot_count, 0);
	assert_null(r->identity);
	assert_null(r->robot);
	assert_false(f->p->observe);
	assert_null(f->p->log_openpgp);
	assert_false(f->p->log_proofs);
	assert_int_equal(f->p->unwitnessed, UNWITNESSED_ALLOW);
	assert_int_equal(f->p->unwitnessed_hours, 24);
	assert_string_equal(r->at_approval, "repositories[0].refs[0].approval");
	assert_null(r->at_severity);
}

static void everything_is_read(void **state)
{
	struct fixture *f = *state;
	const struct rules *r = good(f,
		"{\"comment\": \"c\", " PEOPLE
		", \"groups\": {\"one\": [\"@two\", \"ada\", \"ci\"], "
		"\"two\": [\"bela\", \"ada\"], \"comment\": \"g\"}, "
		"\"mode\": \"observe\", \"log\": {\"witnesses\": [], "
		"\"proofs\": true, \"unwitnessed\": \"wait\", "
		"\"unwitnessed_hours\": 2, \"openpgp_key\": "
		"\"0123456789abcdef0123456789ABCDEF01234567\"}"
		", \"repositories\": [{\"match\": [\"a/*\", \"b\"], \"refs\": ["
		"{\"match\": [\"refs/heads/main\"], "
		"\"signature\": {\"by\": [\"@one\", \"bela\"], \"kinds\": "
		"[\"ssh\", \"x509\"], \"identity\": \"off\", "
		"\"push_certificate\": \"required\", "
		"\"merged_tags\": \"required\", "
		"\"nonce_slop\": 300}, "
		"\"approval\": {\"count\": 0, \"exclude\": [\"pusher\"], "
		"\"binds\": \"commit\", \"codeowners\": false, \"paths\": "
		"[{\"match\": [\"x/**\"], \"count\": 1, \"by\": [\"bela\"]}]}, "
		"\"secret\": {\"rules\": [\"builtin\", \"mine.json\"], "
		"\"max_blob\": 7, \"decode_depth\": 0, "
		"\"block\": \"low\", "
		"\"archives\": false, \"archive_depth\": 5, "
		"\"archive_max\": \"2GiB\"}, "
		"\"ref\": {\"force_push\": \"deny\", \"delete\": \"deny\", "
		"\"move\": \"deny\", \"create\": \"deny\", "
		"\"name\": [\"a\", \"b\"]}, "
		"\"message\": {\"require\": [\"b\", \"c\"], \"deny\": [\"c\"], "
		"\"sign_off\": true}, "
		"\"file\": {\"deny\": [\"*.pem\"], \"max_size\": \"1KiB\"}, "
		"\"severity\": {\"secret.*\": \"warn\", \"comment\": \"s\", "
		"\"ref.name\": \"off\", \"file.*\": \"block\", "
		"\"secret.github_pat\": \"block\"}, "
		"\"hints\": {\"*\": \"ask\", \"comment\": \"s\", "
		"\"file.*\": \"no\"}}]}]}");

	assert_true(f->p->observe);
	assert_true(f->p->log_proofs);
	assert_int_equal(f->p->unwitnessed, UNWITNESSED_WAIT);
	assert_int_equal(f->p->unwitnessed_hours, 2);
	assert_string_equal(
		f->p->log_openpgp, "0123456789abcdef0123456789ABCDEF01234567");
	assert_int_equal(r->signature->by.n, 3);
	assert_string_equal(r->signature->by.v[0]->name, "bela");
	assert_int_equal(r->signature->kinds,
		SIGNATURE_BIT(SIGNATURE_SSH) | SIGNATURE_BIT(SIGNATURE_X509));
	assert_false(r->signature->identity);
	assert_int_equal(r->signature->push_certificate, DEMAND_REQUIRED);
	assert_int_equal(r->signature->nonce_slop, 300);
	assert_int_equal(r->signature->merged_tags, MERGED_TAGS_REQUIRED);
	assert_int_equal(r->approval->count, 0);
	assert_int_equal(r->approval->exclude, EXCLUDE_PUSHER);
	assert_int_equal(r->approval->npath, 1);
	assert_int_equal(r->approval->path[0].count, 1);
	assert_string_equal(r->approval->path[0].match[0], "x/**");
	assert_int_equal(r->secret->nrules, 2);
	assert_int_equal(r->secret->max_blob, 7);
	assert_int_equal(r->secret->decode_depth, 0);
	assert_true(r->secret->block_low);
	assert_false(r->secret->archives);
	assert_int_equal(r->secret->archive_depth, 5);
	assert_true(r->secret->archive_max == UINT64_C(2) << 30);
	assert_true(r->ref->deny_delete && r->ref->deny_force_push &&
		r->ref->deny_move && r->ref->deny_create);
	assert_int_equal(f->p->npattern, 3); /* each once */
	assert_int_equal(r->ref->name[1].number, 1);
	assert_int_equal(r->message->require[0].number, 1);
	assert_int_equal(r->message->deny[0].number, 2);
	assert_string_equal(f->p->pattern[2].text, "c");
	assert_true(r->message->sign_off);
	assert_int_equal(r->file->max_size, 1024);
	assert_int_equal(r->nseverity, 4);
	assert_string_equal(r->severity[0].finding, "secret.*");
	assert_int_equal(r->severity[0].severity, SEVERITY_WARN);
	assert_int_equal(r->severity[1].severity, SEVERITY_OFF);
	assert_int_equal(r->nhint, 2);
	assert_string_equal(r->hint[0].finding, "*");
	assert_string_equal(r->hint[1].text, "no");
	assert_string_equal(f->p->digest, "");
	assert_int_equal(f->p->person[0].key[0].data.n, 0);
}

static void groups_of_approvers_are_read(void **state)
{
	struct fixture *f = *state;
	const struct rule_approval *a = good(f,
		REF("\"approval\": {\"count\": 1, \"by\": [\"@all\"], "
		    "\"shared\": true, \"groups\": [{\"count\": 1, \"by\": "
		    "[\"ada\"]}, {\"count\": 2, \"by\": [\"@all\"]}]}"))
						->approval;

	assert_true(a->shared);
	assert_int_equal(a->ngroup, 2);
	assert_int_equal(a->group[0].count, 1);
	assert_string_equal(a->group[0].by.v[0]->name, "ada");
	assert_int_equal(a->group[1].count, 2);
}

static void rules_for_pushes_are_read(void **state)
{
	struct fixture *f = *state;
	const struct rules *r = good(f,
		REF("\"identity\": {\"email\": \"domain\", \"committer\": "
		    "\"pusher\", \"author\": \"known\", \"author_email\": "
		    "[\"a$\"], \"committer_email\": [\"a$\", \"c$\"]}, "
		    "\"approval\": {\"count\": 1, \"robot_count\": 2, "
		    "\"by\": [\"@all\"]}, "
		    "\"robot\": {\"push\": [], \"commit\": [\"ci\"], "
		    "\"paths\": [{\"by\": [\"ci\"], \"match\": "
		    "[\"deps/**\"]}]}, "
		    "\"ref\": {\"update\": \"deny\", \"merge\": \"deny\", "
		    "\"lightweight\": \"deny\", \"max_refs\": 3, "
		    "\"max_commits\": 1000}, "
		    "\"message\": {\"issue\": [\"a$\"], \"max_subject\": 72, "
		    "\"max_line\": 100, \"merges\": \"spare\"}, "
		    "\"file\": {\"deny_pattern\": [\"p\"], "
		    "\"deny_extension\": [\"exe\", \"tar.gz\"], "
		    "\"max_path\": 200, \"case_collisions\": \"deny\", "
		    "\"odd_modes\": \"deny\", \"windows_names\": \"deny\", "
		    "\"git_names\": \"deny\", \"symlinks\": \"inside\", "
		    "\"submodules\": [\"https\", \"relative\"]}"));

	assert_int_equal(r->identity->email, IDENTITY_DOMAIN);
	assert_true(r->identity->committer_pushes);
	assert_true(r->identity->author_known);
	assert_int_equal(r->identity->author_email.n, 1);
	assert_int_equal(r->identity->committer_email.n, 2);
	assert_int_equal(r->approval->robot_count, 2);
	assert_true(r->robot->push_some && r->robot->commit_some);
	assert_int_equal(r->robot->push.n, 0);
	assert_string_equal(r->robot->commit.v[0]->name, "ci");
	assert_int_equal(r->robot->npath, 1);
	assert_string_equal(r->robot->path[0].match[0], "deps/**");
	assert_true(r->ref->deny_update && r->ref->deny_merge &&
		r->ref->deny_lightweight);
	assert_int_equal(r->ref->max_refs, 3);
	assert_int_equal(r->ref->max_commits, 1000);
	assert_int_equal(r->message->issue.n, 1);
	assert_int_equal(r->message->max_subject, 72);
	assert_int_equal(r->message->max_line, 100);
	assert_true(r->message->spare_merges);
	assert_int_equal(r->file->deny_pattern.n, 1);
	assert_int_equal(r->file->nextension, 2);
	assert_int_equal(r->file->max_path, 200);
	assert_true(r->file->deny_case && r->file->deny_modes &&
		r->file->deny_windows && r->file->deny_dotgit);
	assert_int_equal(r->file->symlinks, SYMLINKS_INSIDE);
	assert_true(r->file->limit_submodules);
	assert_int_equal(
		r->file->submodules, SUBMODULE_HTTPS | SUBMODULE_RELATIVE);
	/* One expression, several uses. */
	assert_int_equal(f->p->npattern, 3);
	assert_int_equal(f->p->pattern_of[0],
		PATTERN_OF_AUTHOR | PATTERN_OF_COMMITTER | PATTERN_OF_MESSAGE);
	assert_int_equal(f->p->pattern_of[1], PATTERN_OF_COMMITTER);
	assert_int_equal(f->p->pattern_of[2], PATTERN_OF_PATH);
	assert_string_equal(r->at_identity, "repositories[0].refs[0].identity");
	assert_string_equal(r->at_robot, "repositories[0].refs[0].robot");
	/* Strict by default; no submodules is not any submodules. */
	r = good(f, REF("\"identity\": {}, \"file\": {\"submodules\": []}"));
	assert_int_equal(r->identity->email, IDENTITY_STRICT);
	assert_true(r->file->limit_submodules);
	assert_int_equal(r->file->submodules, 0);
}

static void an_empty_exclude_list_excludes_nobody(void **state)
{
	struct fixture *f = *state;
	const struct rules *r = good(f,
		REF("\"approval\": {\"count\": 1, \"by\": [\"ada\"], "
		    "\"exclude\": []}"));

	assert_int_equal(r->approval->exclude, 0);
}

/* Who has a key there is told when the file is read, not here. */
static void allowed_signers_give_anybody_a_key(void **state)
{
	struct fixture *f = *state;

	good(f,
		"{\"people\": {\"ada\": {\"email\": [\"a@x\"]}}, "
		"\"allowed_signers\": [\"keys/a\", \"keys/b\"], "
		"\"repositories\": [{\"match\": [\"**\"], \"refs\": [{"
		"\"match\": [\"**\"], \"signature\": {\"by\": [\"ada\"], "
		"\"kinds\": [\"ssh\"]}, \"approval\": {\"count\": 1, "
		"\"by\": [\"ada\"]}}]}]}");
	assert_int_equal(f->p->nsigners, 2);
	assert_int_equal(f->p->signers[0].kind, SIGNATURE_SSH);
	assert_string_equal(f->p->signers[0].file, "keys/a");
	assert_string_equal(f->p->signers[1].file, "keys/b");
	bad(f,
		"{\"people\": {\"ada\": {\"email\": [\"a@x\"]}}, "
		"\"allowed_signers\": [\"keys/a\"], "
		"\"repositories\": [{\"match\": [\"**\"], \"refs\": [{"
		"\"match\": [\"**\"], \"signature\": {\"by\": [\"ada\"], "
		"\"kinds\": [\"openpgp\"]}}]}]}",
		"at least one person with a key");
	bad(f, "{\"allowed_signers\": [], \"repositories\": []}",
		"allowed_signers: expected a list of key files");
	bad(f,
		"{\"allowed_signers\": [\"a\", \"b\", \"a\"], "
		"\"repositories\": []}",
		"allowed_signers[2]: the file 'a' is listed twice");
}

static void revoked_keys_are_files_of_nobody(void **state)
{
	struct fixture *f = *state;

	good(f,
		"{\"people\": {\"ada\": {\"email\": [\"a@x\"]}}, "
		"\"ssh_revoked\": [\"keys/gone\"], "
		"\"repositories\": [{\"match\": [\"**\"], \"refs\": [{"
		"\"match\": [\"**\"], \"secret\": {}}]}]}");
	assert_int_equal(f->p->nrevoked, 1);
	assert_string_equal(f->p->revoked[0].file, "keys/gone");
	assert_int_equal(f->p->nsigners, 0);
	/* They give nobody a key. */
	bad(f,
		"{\"people\": {\"ada\": {\"email\": [\"a@x\"]}}, "
		"\"ssh_revoked\": [\"keys/gone\"], "
		"\"repositories\": [{\"match\": [\"**\"], \"refs\": [{"
		"\"match\": [\"**\"], \"signature\": {\"by\": "
		"[\"ada\"]}}]}]}",
		"at least one person with a key");
	good(f,
		"{\"ssh_compromised\": [\"keys/stolen\"], "
		"\"repositories\": [{\"match\": [\"**\"], \"refs\": [{"
		"\"match\": [\"**\"], \"secret\": {}}]}]}");
	assert_int_equal(f->p->nrevoked, 0);
	assert_int_equal(f->p->ncompromised, 1);
	assert_string_equal(f->p->compromised[0].file, "keys/stolen");
	bad(f, "{\"ssh_compromised\": [], \"repositories\": []}",
		"ssh_compromised: expected a list of key files");
	bad(f, "{\"ssh_compromised\": [\"a\", \"a\"], \"repositories\": []}",
		"ssh_compromised[1]: the file 'a' is listed twice");
	bad(f, "{\"ssh_revoked\": \"x\", \"repositories\": []}",
		"ssh_revoked: expected a list of key files");
	bad(f, "{\"ssh_revoked\": [\"a\", \"a\"], \"repositories\": []}",
		"ssh_revoked[1]: the file 'a' is listed twice");
}

static void certificates_and_what_they_count_for(void **state)
{
	struct fixture *f = *state;
	const struct policy_x509 *x;

	/* With a root anybody may have one. */
	good(f,
		"{\"people\": {\"ada\": {\"email\": [\"a@x\"]}, "
		"\"bela\": {\"email\": [\"b@x\"], \"x509\": [\"keys/b\"]}}, "
		"\"x509\": {\"roots\": [\"keys/r\"], \"intermediates\": "
		"[\"keys/i\", \"keys/k\"], \"crls\": [\"keys/c\"], "
		"\"require_crl\": true, \"compromised\": [\"keys/s\"]}, "
		"\"repositories\": [{\"match\": [\"**\"], \"refs\": [{"
		"\"match\": [\"**\"], \"signature\": {\"by\": [\"ada\"], "
		"\"kinds\": [\"x509\"]}}]}]}");
	x = &f->p->x509;
	assert_int_equal(x->nroot, 1);
	assert_string_equal(x->root[0].file, "keys/r");
	assert_int_equal(x->nbetween, 2);
	assert_int_equal(x->ncrl, 1);
	assert_int_equal(x->ncompromised, 1);
	assert_true(x->need_crl);
	assert_int_equal(f->p->person[1].nkey, 1);
	assert_int_equal(f->p->person[1].key[0].kind, SIGNATURE_X509);
	/* Without, only who has a file. */
	bad(f,
		"{\"people\": {\"ada\": {\"email\": [\"a@x\"]}}, "
		"\"x509\": {\"compromised\": [\"keys/s\"]}, "
		"\"repositories\": [{\"match\": [\"**\"], \"refs\": [{"
		"\"match\": [\"**\"], \"signature\": {\"by\": "
		"[\"ada\"]}}]}]}",
		"at least one person with a key");
	bad(f,
		"{\"x509\": {\"roots\": [\"a\"], \"require_crl\": true}, "
		"\"repositories\": []}",
		"x509.require_crl: expected 'crls' beside it");
	bad(f,
		"{\"x509\": {\"roots\": [\"a\", \"a\"]}, "
		"\"repositories\": []}",
		"x509.roots[1]: the file 'a' is listed twice");
	bad(f, "{\"x509\": {\"trust\": \"system\"}, \"repositories\": []}",
		"unknown key 'trust'");
}

/* A policy with these forges, these accounts of cy and this approval section. */
#define FORGE(forges, accounts, approval)                                  \
	"{\"forges\": {" forges "}, \"people\": {\"ada\": {\"email\": "    \
	"[\"ada@x.org\"], \"openpgp\": [\"a.asc\"]}, \"cy\": {\"email\": " \
	"[\"cy@x.org\"], \"forge_accounts\": {" accounts                   \
	"}}}, \"repositories\": [{\"match\": [\"**\"], \"refs\": "         \
	"[{\"match\": "                                                    \
	"[\"**\"], \"approval\": {" approval "}}]}]}"
#define GIT "\"git\": {\"kind\": \"gitea\", \"url\": \"https://git.x.org\"}"
#define AT_URL(url) "\"git\": {\"kind\": \"gitea\", \"url\": \"" url "\"}"
#define BY_CY "\"count\": 1, \"by\": [\"cy\"], "
#define FROM_GIT "\"sources\": [\"git\"]"

static void forges_and_who_is_who_there(void **state)
{
	struct fixture *f = *state;
	const struct rule_approval *a;
	const struct person *who;
	const struct forge *git;

	a = good(f,
		FORGE(GIT, "\"git\": {\"login\": \"Cy\", \"id\": 7}",
			BY_CY FROM_GIT))
		    ->approval;
	git = policy_forge(f->p, SPAN_LIT("git"));
	assert_non_null(git);
	assert_null(policy_forge(f->p, SPAN_LIT("gi")));
	assert_int_equal(git->kind, FORGE_GITEA);
	assert_null(git->token_file);
	assert_int_equal(f->p->forge_timeout, 5);
	assert_true(a->no_tags);
	assert_int_equal(a->nforge, 1);
	assert_ptr_equal(a->forge[0], git);
	assert_string_equal(
		policy_person_by_review(f->p, git, SPAN_LIT("Cy"), 7)->name,
		"cy");
	assert_null(policy_person_by_review(f->p, git, SPAN_LIT("Cy"), 8));
	assert_null(policy_person_by_review(f->p, git, SPAN_LIT("Cy"), 0));
	assert_null(policy_person_by_review(f->p, git, SPAN_LIT("cy"), 7));
	assert_null(policy_person_by_review(f->p, git, SPAN_EMPTY, 7));
	assert_int_equal(
		policy_account(f->p, git, SPAN_LIT("Cy"), 7, &who)->compromised,
		0);
	good(f,
		FORGE(GIT,
			"\"git\": {\"login\": \"Cy\", \"compromised\": "
			"\"2026-11-23T08:00:00Z\"}",
			BY_CY FROM_GIT));
	git = policy_forge(f->p, SPAN_LIT("git"));
	assert_int_equal(
		policy_account(f->p, git, SPAN_LIT("Cy"), 7, &who)->compromised,
		1795420800);
	assert_string_equal(who->name, "cy");
	assert_null(policy_account(f->p, git, SPAN_LIT("cy"), 7, &who));
	assert_null(who);
	bad(f,
		FORGE(GIT,
			"\"git\": {\"login\": \"Cy\", \"compromised\": "
			"{\"from\": \"2026-11-23\", \"until\": "
			"\"2026-11-23\"}}",
			BY_CY FROM_GIT),
		"people.cy.forge_accounts.git.compromised.until: is not later "
		"than 'from'");
	bad(f,
		FORGE(GIT,
			"\"git\": {\"login\": \"Cy\", \"compromised\": "
			"\"yesterday\"}",
			BY_CY FROM_GIT),
		"people.cy.forge_accounts.git.compromised: expected a time "
		"such as \"2026-11-23T08:00:00Z\", found 'yesterday'");
	/* Without a list signed tags count, and nothing else. */
	a = good(f, FORGE(GIT, "", "\"count\": 1, \"by\": [\"ada\"]"))
		    ->approval;
	assert_false(a->no_tags);
	assert_int_equal(a->nforge, 0);
	good(f,
		FORGE(AT_URL("http://127.0.0.1:3000/git"), "",
			"\"count\": 1, \"by\": [\"ada\"]"));
	unit_span_is(forge_project(f->p->forge, SPAN_LIT("a/b")), "a/b");
}

static void mistakes_about_forges(void **state)
{
	static const char *const urls[] = {"git.x.org", "ftp://git.x.org",
		"http://git.x.org", "http://127.0.0.1.x.org",
		"http://localhost@x.org", "https://", "https://a@x.org",
		"https://x.org/?a=b", "https://x.org/#a", "https://x.org/",
		"https://x.org/a b", "https://x.org/%2e", "https:///a",
		"https://x.org\\\\a", "http://[::2]", "HTTPS://x.org"};
	struct fixture *f = *state;
	char text[2000];
	size_t i;

	for (i = 0; i < ARRAY_LEN(urls); i++) {
		snprintf(text, sizeof(text),
			"{\"forges\": {\"git\": {\"kind\": \"gitea\", "
			"\"url\": \"%s\"}}, \"repositories\": [{\"match\": "
			"[\"**\"], \"refs\": [{\"match\": [\"**\"], "
			"\"ref\": {}}]}]}",
			urls[i]);
		bad(f, text, "forges.git.url");
	}
	bad(f, FORGE(GIT, "", BY_CY FROM_GIT), "with an account at one of");
	bad(f, FORGE(GIT, "\"git\": \"cy\"", "\"count\": 1, \"by\": [\"cy\"]"),
		"with a key");
	bad(f, FORGE(GIT, "\"git\": \"cy\"", BY_CY "\"sources\": [\"hub\"]"),
		"not in 'forges'");
	bad(f, FORGE(GIT, "\"hub\": \"cy\"", BY_CY FROM_GIT),
		"not in 'forges'");
	bad(f,
		FORGE("\"tags\": {\"kind\": \"gitea\", \"url\": "
		      "\"https://x.org\"}",
			"", "\"count\": 1, \"by\": [\"ada\"]"),
		"stands for signed tags");
}

static void who_may_waive_what(void **state)
{
	struct fixture *f = *state;
	const struct rules *r = good(f,
		REF("\"waiver\": {\"findings\": [\"secret.*\", "
		    "\"approval.too_few\"], \"by\": [\"ada\"]}, \"mode\": "
		    "\"observe\""));

	assert_int_equal(r->nwaiver, 1);
	assert_int_equal(r->waiver[0].nfinding, 2);
	assert_string_equal(r->waiver[0].finding[1], "approval.too_few");
	assert_int_equal(r->waiver[0].count, 1);
	assert_int_equal(r->waiver[0].max_days, POLICY_WAIVER_DAYS);
	assert_int_equal(r->waiver[0].exclude,
		EXCLUDE_AUTHOR | EXCLUDE_COMMITTER | EXCLUDE_PUSHER);
	assert_string_equal(r->waiver[0].by.v[0]->name, "ada");
	assert_string_equal(r->at_waiver, "repositories[0].refs[0].waiver");
	assert_int_equal(r->mode, MODE_OBSERVE);
	assert_string_equal(r->at_mode, "repositories[0].refs[0].mode");
	assert_false(f->p->observe);
	r = good(f,
		REF("\"waiver\": [{\"findings\": [\"ref.*\"], \"by\": "
		    "[\"@all\"], \"count\": 2, \"exclude\": [\"pusher\"], "
		    "\"max_days\": 1}, {\"findings\": [\"secret.x\"], "
		    "\"by\": [\"ada\"], \"exclude\": []}]"));
	assert_int_equal(r->nwaiver, 2);
	assert_int_equal(r->waiver[0].count, 2);
	assert_int_equal(r->waiver[0].exclude, EXCLUDE_PUSHER);
	assert_int_equal(r->waiver[0].max_days, 1);
	assert_int_equal(r->waiver[1].exclude, 0);
	assert_int_equal(r->mode, MODE_UNSAID);
}

static void mistakes_in_sections(void **state)
{
	static const struct {
		const char *policy, *want;
	} rows[] = {
		{REF("\"signatur\": {}"),
			"repositories[0].refs[0]: unknown key 'signatur'"},
		{REF("\"comment\": \"x\""),
			"repositories[0].refs[0]: expected at least one of"},
		{REF("\"signature\": []"),
			AT "signature: expected an object, found an empty"},
		{REF("\"signature\": {}"),
			AT "signature.by: expected a list of people, found "
			   "nothing"},
		{REF("\"signature\": {\"by\": []}"),
			AT "signature.by: expected a list of people, not "
			   "empty, found an empty array"},
		{REF("\"signature\": {\"by\": \"ada\"}"),
			AT "signature.by: expected a list of people, found "
			   "'ada'"},
		{REF("\"signature\": {\"by\": [\"dora\"]}"),
			AT "signature.by[0]: expected the name of a person or "
			   "an '@group', found 'dora', who is not in 'people'"},
		{REF("\"signature\": {\"by\": [\"all\"]}"), "found 'all'"},
		{REF("\"signature\": {\"by\": [\"@none\"]}"),
			AT "signature.by[0]: expected the name of a person or "
			   "an '@group', found '@none', which is not in "
			   "'groups'"},
		{REF("\"signature\": {\"by\": [\"@\"]}"), "found '@'"},
		{REF("\"signature\": {\"by\": [\"Ada\"]}"), "found 'Ada'"},
		{REF("\"signature\": {\"by\": [\"cy\"]}"),
			"at least one person with a key"},
		{REF("\"signature\": {\"by\": [\"ada\"], \"kinds\": "
		     "[\"ssh\"]}"),
			"at least one person with a key"},
		{REF("\"signature\": {\"by\": [\"ada\"], \"kinds\": []}"),
			AT "signature.kinds: expected a list of kinds"},
		{REF("\"signature\": {\"by\": [\"ada\"], \"kinds\": "
		     "[\"pgp\"]}"),
			AT "signature.kinds[0]: expected \"openpgp\", \"ssh\" "
			   "or \"x509\", found 'pgp'"},
		{REF("\"signature\": {\"by\": [\"ada\"], "
		     "\"merged_tags\": \"good\"}"),
			AT "signature.merged_tags: expected \"off\", "
			   "\"signed\" or \"required\", found 'good'"},
		{REF("\"signature\": {\"by\": [\"ada\"], "
		     "\"push_certificate\": true}"),
			AT "signature.push_certificate: expected \"optional\", "
			   "\"required\" or \"forbidden\", found true"},
		{REF("\"signature\": {\"by\": [\"ada\"], \"nonce_slop\": "
		     "86401}"),
			AT "signature.nonce_slop: expected a whole number from "
			   "0 to 86400"},
		{REF("\"signature\": {\"by\": [\"ada\"], \"nonce_slop\": "
		     "\"5m\"}"),
			AT "signature.nonce_slop: expected a whole number"},
		{REF("\"signature\": {\"by\": [\"ada\"], \"identity\": "
		     "true}"),
			AT "signature.identity: expected \"signer\" or "
			   "\"off\", found true"},
		{REF("\"waiver\": {\"by\": [\"ada\"]}"),
			AT "waiver.findings: expected a list of finding ids"},
		{REF("\"waiver\": {\"findings\": [\"secret.*\"]}"),
			AT "waiver.by: expected a list of people"},
		{REF("\"waiver\": {\"findings\": [], \"by\": [\"ada\"]}"),
			AT "waiver.findings: expected a list of finding ids"},
		{REF("\"waiver\": {\"findings\": [\"secret.*\", \"nope.x\"], "
		     "\"by\": [\"ada\"]}"),
			AT "waiver.findings[1]: expected a finding id, found "
			   "'nope.x'"},
		{REF("\"waiver\": {\"findings\": [\"*\"], \"by\": "
		     "[\"ada\"]}"),
			AT "waiver.findings[0]: expected a finding id"},
		{REF("\"waiver\": {\"findings\": [\"secret.not_scanned\"], "
		     "\"by\": [\"ada\"]}"),
			AT "waiver.findings[0]: 'secret.not_scanned' can never "
			   "be waived"},
		{REF("\"waiver\": {\"findings\": [\"waiver.*\"], \"by\": "
		     "[\"ada\"]}"),
			AT "waiver.findings[0]: 'waiver.*' can never be "
			   "waived"},
		{REF("\"waiver\": {\"findings\": [\"signature.malformed\"], "
		     "\"by\": [\"ada\"]}"),
			AT "waiver.findings[0]: 'signature.malformed' can "
			   "never be waived"},
		{REF("\"waiver\": {\"findings\": [\"ref.*\"], \"by\": "
		     "[\"ci\"]}"),
			AT "waiver.by: expected at least 1 people with a key "
			   "who are not robots, found 0"},
		{REF("\"waiver\": {\"findings\": [\"ref.*\"], \"by\": "
		     "[\"ada\"], \"count\": 2}"),
			AT "waiver.by: expected at least 2 people with a key"},
		{REF("\"waiver\": {\"findings\": [\"ref.*\"], \"by\": "
		     "[\"ada\"], \"count\": 0}"),
			AT "waiver.count: expected a whole number from 1"},
		{REF("\"waiver\": {\"findings\": [\"ref.*\"], \"by\": "
		     "[\"ada\"], \"max_days\": 367}"),
			AT "waiver.max_days: expected a whole number from 1 "
			   "to 366"},
		{REF("\"waiver\": [{\"findings\": [\"ref.*\"], \"by\": "
		     "[\"ada\"]}, {\"findings\": [\"ref.*\"], \"by\": "
		     "[\"ada\"], \"days\": 1}]"),
			AT "waiver[1]: unknown key 'days'"},
		{REF("\"waiver\": []"), AT "waiver: expected"},
		{REF("\"waiver\": true"), AT "waiver: expected"},
		{REF("\"mode\": \"off\""),
			AT "mode: expected \"enforce\" or \"observe\""},
		{REF("\"approval\": {\"by\": [\"ada\"]}"),
			AT "approval.count: expected a number of approvals, "
			   "found nothing"},
		{REF("\"approval\": {\"count\": 0, \"by\": [\"ada\"]}"),
			AT "approval.count: expected a whole number from 1"},
		{REF("\"approval\": {\"count\": -1, \"by\": [\"ada\"]}"),
			AT "approval.count: expected a whole number from 1"},
		{REF("\"approval\": {\"count\": 1}"),
			AT "approval: expected 'by'"},
		{REF("\"approval\": {\"count\": 3, \"by\": [\"@all\"]}"),
			AT "approval.by: expected at least 3 people with a key "
			   "who are not robots, found 2"},
		{REF("\"approval\": {\"count\": 3, \"by\": [\"@all\", \"ci\", "
		     "\"cy\", \"ada\"]}"),
			"who are not robots, found 2"},
		{REF("\"approval\": {\"count\": 1, \"by\": [\"ada\"], "
		     "\"exclude\": [\"reviewer\"]}"),
			AT "approval.exclude[0]: expected \"author\""},
		{REF("\"approval\": {\"count\": 1, \"by\": [\"ada\"], "
		     "\"clean_merges\": 1}"),
			AT "approval.clean_merges: expected true or false"},
		{REF("\"approval\": {\"count\": 1, \"by\": [\"ada\"], "
		     "\"binds\": \"tree\"}"),
			AT "approval.binds: expected \"commit\" or \"patch\", "
			   "found 'tree'"},
		{REF("\"approval\": {\"count\": 1, \"by\": [\"ada\"], "
		     "\"codeowners\": \"yes\"}"),
			AT "approval.codeowners: expected true or false"},
		{REF("\"approval\": {\"count\": 1, \"by\": [\"ada\"], "
		     "\"codeowners\": {\"dialect\": \"git\"}}"),
			AT "approval.codeowners.dialect: expected \"github\""},
		{REF("\"approval\": {\"count\": 0, "
		     "\"codeowners\": {\"fallback\": [\"ci\"]}}"),
			AT "approval.codeowners.fallback: expected at least 1 "
			   "people with a key who are not robots, found 0"},
		{REF("\"approval\": {\"count\": 0, \"codeowners\": "
		     "{\"owners\": {\"@a b\": [\"ada\"]}}}"),
			AT "approval.codeowners.owners[\"@a b\"]: expected "
			   "an owner"},
		{REF("\"approval\": {\"count\": 0, \"codeowners\": "
		     "{\"owners\": {\"@a\": [\"eve\"]}}}"),
			"'eve', who is not in 'people'"},
		{REF("\"approval\": {\"count\": 0, \"codeowners\": "
		     "{\"owner\": {}}}"),
			AT "approval.codeowners"},
		{REF("\"approval\": {\"count\": 0, \"codeowners\": false}"),
			AT "approval.count: expected a whole number from 1"},
		{REF("\"approval\": {\"count\": 1, \"by\": [\"ada\"], "
		     "\"paths\": []}"),
			AT "approval.paths: expected a list of rules"},
		{REF("\"approval\": {\"count\": 0, \"paths\": [{\"match\": "
		     "[\"a\"], \"count\": 0, \"by\": [\"ada\"]}]}"),
			AT "approval.paths[0].count: expected a whole number "
			   "from 1"},
		{REF("\"approval\": {\"count\": 0, \"paths\": [{\"match\": "
		     "[\"a\"], \"count\": 1, \"by\": [\"ci\"]}]}"),
			AT "approval.paths[0].by: expected at least 1"},
		{REF("\"approval\": {\"count\": 0, \"paths\": [{\"match\": "
		     "[\"/a\"], \"count\": 1, \"by\": [\"ada\"]}]}"),
			AT "approval.paths[0].match[0]: expected a path "
			   "pattern, found '/a', which can never match"},
		{REF("\"secret\": {\"rules\": []}"),
			AT "secret.rules: expected a list of rule packs"},
		{REF("\"secret\": {\"max_blob\": 0}"),
			AT "secret.max_blob: expected a size above 0"},
		{REF("\"secret\": {\"block\": \"none\"}"),
			AT "secret.block: expected \"high\" or \"low\""},
		{REF("\"secret\": {\"archives\": 1}"),
			AT "secret.archives: expected true or false"},
		{REF("\"secret\": {\"archive_depth\": 6}"),
			AT "secret.archive_depth: expected a whole number "
			   "from 1 to 5"},
		{REF("\"secret\": {\"archive_max\": \"3GiB\"}"),
			AT "secret.archive_max: expected a size of at most "
			   "2GiB"},
		{REF("\"secret\": {\"off\": true}"),
			AT "secret: unknown key 'off'"},
		{REF("\"ref\": {\"force_push\": true}"),
			AT "ref.force_push: expected \"deny\" or \"allow\", "
			   "found true"},
		{REF("\"ref\": {\"name\": []}"),
			AT "ref.name: expected a list of regular"},
		{REF("\"message\": {\"require\": \"x\"}"),
			AT "message.require: expected a list of regular"},
		{REF("\"message\": {\"sign_off\": \"yes\"}"),
			AT "message.sign_off: expected true or false"},
		{REF("\"file\": {\"deny\": [\"secrets/\"]}"),
			AT "file.deny[0]: expected a file pattern, found "
			   "'secrets/', which can never match"},
		{REF("\"file\": {\"max_size\": \"10MB\"}"),
			AT "file.max_size: expected a size"},
		{REF("\"identity\": {\"email\": \"loose\"}"),
			AT "identity.email: expected \"off\", \"domain\" or "
			   "\"strict\", found 'loose'"},
		{REF("\"identity\": {\"committer\": true}"),
			AT "identity.committer: expected \"anyone\" or "
			   "\"pusher\""},
		{REF("\"identity\": {\"author\": \"ada\"}"),
			AT "identity.author: expected \"anyone\" or \"known\""},
		{REF("\"identity\": {\"names\": true}"),
			AT "identity.names: expected \"any\" or \"listed\""},
		{REF("\"identity\": {\"author_email\": \"x\"}"),
			AT "identity.author_email: expected a list of regular"},
		{REF("\"identity\": {\"mailmap\": true}"),
			AT "identity: unknown key 'mailmap'"},
		{REF("\"approval\": {\"count\": 1, \"by\": [\"ada\"], "
		     "\"shared\": true}"),
			AT "approval.shared: expected 'groups' beside it"},
		{REF("\"approval\": {\"count\": 1, \"by\": [\"ada\"], "
		     "\"groups\": []}"),
			AT "approval.groups: expected a list of groups"},
		{REF("\"approval\": {\"count\": 1, \"by\": [\"ada\"], "
		     "\"groups\": [{\"count\": 0, \"by\": [\"ada\"]}]}"),
			AT "approval.groups[0].count: expected a whole number "
			   "from 1"},
		{REF("\"approval\": {\"count\": 1, \"by\": [\"ada\"], "
		     "\"groups\": [{\"count\": 1, \"by\": [\"ci\"]}]}"),
			AT "approval.groups[0].by: expected at least 1"},
		{REF("\"approval\": {\"count\": 1, \"by\": [\"ada\"], "
		     "\"groups\": [{\"count\": 1, \"by\": [\"ada\"]}]}"),
			AT "approval.groups: expected at least 2 people with a "
			   "key who are not robots for these together with "
			   "'by', found 1"},
		{REF("\"approval\": {\"count\": 2, \"by\": [\"@all\"], "
		     "\"robot_count\": 2}"),
			AT
			"approval.robot_count: expected a whole number from 3"},
		{REF("\"approval\": {\"count\": 1, \"by\": [\"@all\"], "
		     "\"robot_count\": 3}"),
			AT "approval.by: expected at least 3 people with a key "
			   "who are not robots, found 2"},
		{REF("\"approval\": {\"count\": 0, \"robot_count\": 1, "
		     "\"paths\": [{\"match\": [\"a\"], \"count\": 1, \"by\": "
		     "[\"ada\"]}]}"),
			AT "approval.robot_count: expected 'by' beside it"},
		{REF("\"robot\": {}"),
			AT
			"robot: expected at least one of push, commit, paths"},
		{REF("\"robot\": {\"push\": [\"ada\"]}"),
			AT "robot.push: expected robots only, found 'ada'"},
		{REF("\"robot\": {\"commit\": \"ci\"}"),
			AT "robot.commit: expected a list of people"},
		{REF("\"robot\": {\"paths\": []}"),
			AT "robot.paths: expected a list of rules for paths"},
		{REF("\"robot\": {\"paths\": [{\"match\": [\"x\"]}]}"),
			AT "robot.paths[0].by: expected a list of robots"},
		{REF("\"robot\": {\"paths\": [{\"by\": [\"ci\"]}]}"),
			AT "robot.paths[0].match: expected"},
		{REF("\"robot\": {\"paths\": [{\"by\": [], \"match\": "
		     "[\"x\"]}]}"),
			AT "robot.paths[0].by: expected"},
		{REF("\"robot\": {\"paths\": [{\"by\": [\"ci\"], \"match\": "
		     "[\"/x\"]}]}"),
			AT "robot.paths[0].match[0]: expected a path pattern, "
			   "found '/x'"},
		{REF("\"ref\": {\"merge\": \"no\"}"),
			AT "ref.merge: expected \"deny\" or \"allow\""},
		{REF("\"ref\": {\"max_refs\": 0}"),
			AT "ref.max_refs: expected a whole number from 1"},
		{REF("\"ref\": {\"max_commits\": \"9\"}"),
			AT "ref.max_commits: expected a whole number from 1"},
		{REF("\"message\": {\"issue\": []}"),
			AT "message.issue: expected a list of regular"},
		{REF("\"message\": {\"max_subject\": 0}"),
			AT
			"message.max_subject: expected a whole number from 1"},
		{REF("\"message\": {\"max_line\": -1}"),
			AT "message.max_line: expected a whole number from 1"},
		{REF("\"message\": {\"merges\": \"skip\"}"),
			AT "message.merges: expected \"judge\" or \"spare\""},
		{REF("\"file\": {\"deny_extension\": [\".exe\"]}"),
			AT "file.deny_extension[0]: expected a file name "
			   "extension"},
		{REF("\"file\": {\"deny_extension\": [\"*\"]}"),
			AT "file.deny_extension[0]: expected a file name "
			   "extension"},
		{REF("\"file\": {\"deny_pattern\": []}"),
			AT "file.deny_pattern: expected a list of regular"},
		{REF("\"file\": {\"max_path\": 0}"),
			AT "file.max_path: expected a whole number from 1"},
		{REF("\"file\": {\"case_collisions\": true}"),
			AT
			"file.case_collisions: expected \"deny\" or \"allow\""},
		{REF("\"file\": {\"symlinks\": \"outside\"}"),
			AT "file.symlinks: expected \"allow\", \"inside\" or "
			   "\"deny\""},
		{REF("\"file\": {\"submodules\": [\"ftp\"]}"),
			AT "file.submodules[0]: expected \"https\", \"ssh\""},
		{REF("\"file\": {\"submodules\": \"https\"}"),
			AT "file.submodules: expected a list of kinds of URL"},
		{REF("\"severity\": {}"), AT "severity: expected at least one"},
		{REF("\"severity\": {\"signature.mising\": \"warn\"}"),
			"expected a finding id, found 'signature.mising'"},
		{REF("\"severity\": {\"policy.silent\": \"off\"}"),
			"expected a finding id, found 'policy.silent'"},
		{REF("\"severity\": {\"*\": \"off\"}"), "found '*'"},
		{REF("\"severity\": {\"secret.\": \"off\"}"),
			"found 'secret.'"},
		{REF("\"severity\": {\"secret.*x\": \"off\"}"),
			"found 'secret.*x'"},
		{REF("\"severity\": {\"ref.name\": \"error\"}"),
			AT "severity[\"ref.name\"]: expected \"block\", "
			   "\"warn\" or \"off\", found 'error'"},
		{REF("\"file\": {}, \"file\": {}"), "duplicate"},
		{REF("\"hints\": {}"), AT "hints: expected at least one"},
		{REF("\"hints\": {\"file.nme\": \"x\"}"),
			"expected a finding id, found 'file.nme'"},
		{REF("\"hints\": {\"file.name\": 7}"),
			AT "hints[\"file.name\"]: expected one line"},
		{REF("\"hints\": {\"file.name\": \"a\\nb\"}"),
			AT "hints[\"file.name\"]: expected one line"},
	};
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++)
		bad(f, rows[i].policy, rows[i].want);
}

#define REPOS                                                              \
	"\"repositories\": [{\"match\": [\"**\"], \"refs\": [{\"match\": " \
	"[\"**\"], \"secret\": {}}]}]"
#define WHO(members) "{\"people\": {" members "}, " REPOS "}"

static void mistakes_about_people(void **state)
{
	static const struct {
		const char *policy, *want;
	} rows[] = {
		{WHO("\"ada\": []"), "people.ada: expected an object"},
		{WHO("\"ada\": {}"),
			"people.ada.email: expected a list of "
			"e-mail addresses, found nothing"},
		{WHO("\"ada\": {\"email\": []}"), "people.ada.email: expected"},
		{WHO("\"ada\": {\"email\": \"a@b\"}"), "people.ada.email: "},
		{WHO("\"ada\": {\"email\": [\"ada\"]}"),
			"people.ada.email[0]: expected an e-mail address, "
			"found 'ada'"},
		{WHO("\"ada\": {\"email\": [\"@b\"]}"), "found '@b'"},
		{WHO("\"ada\": {\"email\": [\"a@\"]}"), "found 'a@'"},
		{WHO("\"ada\": {\"email\": [\"A <a@b>\"]}"), "expected an e"},
		{WHO("\"ada\": {\"email\": [\"a@b\", \"A@B\"]}"),
			"people.ada: the e-mail address"},
		{WHO("\"ada\": {\"email\": [\"a@b\"]}, "
		     "\"bob\": {\"email\": [\"A@b\"]}"),
			"belongs to both 'ada' and 'bob'"},
		{WHO("\"ada\": {\"email\": [\"a@b\"], \"ssh\": [\"k\"]}, "
		     "\"bob\": {\"email\": [\"b@b\"], \"openpgp\": [\"k\"]}"),
			"the key file 'k' belongs to both"},
		{WHO("\"ada\": {\"email\": [\"a@b\"], \"signs\": \"merges\"}"),
			"people.ada.signs: expected '\"robot\": true' beside"},
		{WHO("\"ada\": {\"email\": [\"a@b\"], \"robot\": true, "
		     "\"signs\": \"it\"}"),
			"people.ada.signs: expected \"anything\""},
		{WHO("\"ada\": {\"email\": [\"a@b\"], \"ssh\": [\"k\", "
		     "\"k\"]}"),
			"people.ada: the key file 'k' is listed twice"},
		{WHO("\"ada\": {\"email\": [\"a@b\"], \"accounts\": [\"x\"]}, "
		     "\"bob\": {\"email\": [\"b@b\"], \"accounts\": [\"X\"]}"),
			"belongs to both"},
		{WHO("\"ada\": {\"email\": [\"a@b\"], \"accounts\": "
		     "[\"bob\"]}, \"bob\": {\"email\": [\"b@b\"]}"),
			"the account 'bob' belongs to both 'ada' and 'bob'"},
		{WHO("\"ada\": {\"email\": [\"a@b\"]}, "
		     "\"Ada\": {\"email\": [\"b@b\"]}"),
			"belongs to both"},
		{WHO("\"ada\": {\"email\": [\"a@b\"], \"x509\": []}"),
			"people.ada.x509: expected a list of key files"},
		{WHO("\"ada\": {\"email\": [\"a@b\"], \"gpg\": [\"k\"]}"),
			"people.ada: unknown key 'gpg'"},
		{WHO("\"ada\": {\"email\": [\"a@b\"], \"ssh\": []}"),
			"people.ada.ssh: expected a list of key files"},
		{WHO("\"ada\": {\"email\": [\"a@b\"], \"names\": []}"),
			"people.ada.names: expected a list of names"},
		{WHO("\"ada\": {\"email\": [\"a@b\"], \"robot\": 1}"),
			"people.ada.robot: expected true or false"},
		{WHO("\"@ada\": {\"email\": [\"a@b\"]}"),
			"people[\"@ada\"]: not a name"},
		{WHO("\"\": {\"email\": [\"a@b\"]}"), "not a name"},
		{WHO("\"a b\": {\"email\": [\"a@b\"]}"), "not a name"},
		{WHO("\"a\\u001b\": {\"email\": [\"a@b\"]}"), "not a name"},
		{WHO("\"a\\u202e\": {\"email\": [\"a@b\"]}"), "not a name"},
		{"{\"people\": [], " REPOS "}", "people: expected an object"},
		{"{" PEOPLE ", \"groups\": {\"g\": []}, " REPOS "}",
			"groups.g: expected a list of people, not empty"},
		{"{" PEOPLE ", \"groups\": {\"g\": [\"@g\"]}, " REPOS "}",
			"groups.g[0]: the group '@g' holds itself"},
		{"{" PEOPLE ", \"groups\": {\"a\": [\"@b\"], \"b\": [\"ada\", "
		 "\"@c\"], \"c\": [\"@a\"]}, " REPOS "}",
			"groups.c[0]: the group '@a' holds itself"},
		{"{" PEOPLE ", \"groups\": {\"g\": [\"x\"]}, " REPOS "}",
			"groups.g[0]: expected the name of a person"},
		{"{" PEOPLE ", \"groups\": {\"@g\": [\"ada\"]}, " REPOS "}",
			"not a name"},
	};
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++)
		bad(f, rows[i].policy, rows[i].want);
}

#define REPO(members) "{\"repositories\": [{" members "}]}"
#define REFS "\"refs\": [{\"match\": [\"**\"], \"secret\": {}}]"

static void mistakes_in_entries(void **state)
{
	static const struct {
		const char *policy, *want;
	} rows[] = {
		{"", "not valid JSON"},
		{"[]", "the document: expected an object"},
		{"{}",
			"repositories: expected a list of rules for "
			"repositories, found nothing"},
		{"{" REPOS "} x", "not valid JSON"},
		{"{" REPOS ", \"mod\": 1}", "the document: unknown key 'mod'"},
		{"{" REPOS ", \"mode\": \"off\"}",
			"mode: expected \"enforce\" or \"observe\""},
		{"{" REPOS ", \"comment\": []}", "comment: expected a string"},
		{"{" REPOS ", \"log\": {\"witnesses\": [\"w\"]}}",
			"log.witnesses: witnesses are named in the state "
			"folder's file 'witnesses'"},
		{"{" REPOS ", \"log\": {\"proofs\": 1}}",
			"log.proofs: expected"},
		{"{" REPOS ", \"log\": {\"redact\": \"yes\"}}",
			"log.redact: expected true or false"},
		{"{" REPOS ", \"log\": {\"openpgp_key\": \"ABCD\"}}",
			"log.openpgp_key: expected an OpenPGP fingerprint"},
		{"{" REPOS ", \"log\": {\"openpgp_key\": "
		 "\"g123456789abcdef0123456789abcdef01234567\"}}",
			"log.openpgp_key: expected an OpenPGP fingerprint"},
		{"{\"repositories\": []}", "repositories: expected a list"},
		{REPO(REFS), "repositories[0].match: expected a list"},
		{REPO("\"match\": []," REFS), "repositories[0].match: exp"},
		{REPO("\"match\": [\"\"]," REFS),
			"repositories[0].match[0]: expected a pattern of "
			"repository names, found an empty string"},
		{REPO("\"match\": [\"/srv/a\"]," REFS), "can never match"},
		{REPO("\"match\": [\"a.git\"]," REFS), "can never match"},
		{REPO("\"match\": [\"a/\"]," REFS), "can never match"},
		{REPO("\"match\": [\"a\"]"),
			"repositories[0].refs: expected a list of rules for "
			"refs, found nothing"},
		{REPO("\"match\": [\"a\"], \"refs\": []"),
			"repositories[0].refs: expected"},
		{REPO("\"match\": [\"a\"], \"refs\": [{\"secret\": {}}]"),
			"repositories[0].refs[0].match: expected"},
		{REPO("\"match\": [\"a\"], \"refs\": [{\"match\": "
		      "[\"refs/tags/*\", \"main\"], \"secret\": {}}]"),
			"repositories[0].refs[0].match[1]: expected a pattern "
			"of full ref names, found 'main', which can never "
			"match"},
		{REPO("\"match\": [\"a\"], " REFS ", \"ref\": []"),
			"repositories[0]: unknown key 'ref'"},
		{URLS("\"a/*\"", "[]"),
			"repositories[0].urls: expected a "
			"list of addresses"},
		{URLS("\"a/*\"", "[7]"),
			"repositories[0].urls[0]: expected an address"},
		{URLS("\"a/*\"", "[\"/{repository}\", \"/srv/a.git\"]"),
			"repositories[0].urls[1]: expected an address with one "
			"{repository}, found '/srv/a.git'"},
		{URLS("\"a\", \"b\"", "[\"/srv/a.git\"]"),
			"repositories[0].urls[0]: expected an address"},
		{URLS("\"a?\"", "[\"/srv/a.git\"]"),
			"repositories[0].urls[0]: expected an address"},
		{URLS("\"a\"", "[\"/{repository}/{repository}\"]"),
			"repositories[0].urls[0]: expected an address with "
			"one"},
	};
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++)
		bad(f, rows[i].policy, rows[i].want);
}

static void hints_say_the_next_step(void **state)
{
	struct fixture *f = *state;

	bad(f, REF("\"signature\": {\"by\": [\"all\"]}"), "");
	assert_string_equal(f->err.hint, "the group is written '@all'");
	bad(f, REF("\"aproval\": {}"), "");
	assert_string_equal(f->err.hint, "did you mean 'approval'?");
	bad(f, REPO("\"match\": [\"a\"], \"refs\": [{\"match\": [\"main\"]}]"),
		"");
	assert_string_equal(f->err.hint,
		"write 'refs/heads/main' for a branch, 'refs/tags/main' for a "
		"tag");
}

static void patterns_have_a_stated_maximum(void **state)
{
	struct fixture *f = *state;
	char text[2000], glob[1100];

	memset(glob, '*', sizeof(glob));
	glob[1023] = '\0';
	snprintf(text, sizeof(text),
		"{\"repositories\": [{\"match\": [\"%s\"]," REFS "}]}", glob);
	good(f, text);
	glob[1023] = '*';
	glob[1024] = '\0';
	snprintf(text, sizeof(text),
		"{\"repositories\": [{\"match\": [\"%s\"]," REFS "}]}", glob);
	bad(f, text, "of at most 1023 bytes, found 1024");
}

static void deep_groups_do_not_hang(void **state)
{
	struct fixture *f = *state;
	struct buf text = BUF_INIT(1u << 20);
	unsigned i;

	/* Each group holds the next twice: naive expansion would take 2^300
	 * steps. */
	buf_str(&text, "{" PEOPLE ", \"groups\": {");
	for (i = 0; i < 300; i++)
		buf_fmt(&text, "\"g%u\": [\"@g%u\", \"@g%u\"], ", i, i + 1,
			i + 1);
	buf_str(&text, "\"g300\": [\"ada\"]}, " REPOS "}");
	good(f, buf_cstr(&text));
	buf_free(&text);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(defaults_are_strict),
		TEST(addresses_are_read),
		TEST(everything_is_read),
		TEST(groups_of_approvers_are_read),
		TEST(rules_for_pushes_are_read),
		TEST(an_empty_exclude_list_excludes_nobody),
		TEST(allowed_signers_give_anybody_a_key),
		TEST(revoked_keys_are_files_of_nobody),
		TEST(certificates_and_what_they_count_for),
		TEST(forges_and_who_is_who_there),
		TEST(mistakes_about_forges),
		TEST(who_may_waive_what),
		TEST(mistakes_in_sections),
		TEST(mistakes_about_people),
		TEST(mistakes_in_entries),
		TEST(hints_say_the_next_step),
		TEST(patterns_have_a_stated_maximum),
		TEST(deep_groups_do_not_hang),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
