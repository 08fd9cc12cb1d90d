#include "parse/policy.h"
#include "parse/policytext.h"
#include "support/unit.h"

#define PEOPLE                                                             \
	"\"people\": {\"cy\": {\"email\": [\"cy@x\"], \"ssh\": [\"c\"]}, " \
	"\"ada\": {\"email\": [\"ada@x\"], \"openpgp\": [\"a\"]}, "        \
	"\"bot\": {\"email\": [\"bot@x\"], \"robot\": true}}"
#define POLICY(members)                                                     \
	"{" PEOPLE ", \"repositories\": [{\"match\": [\"**\"], \"refs\": [" \
	"{\"match\": [\"refs/heads/*\"], " members "}]}]}"

struct fixture {
	struct arena *arena;
	struct buf out;
	struct policy *p;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	f->arena = arena_new(64u << 20);
	f->out = (struct buf)BUF_INIT(1u << 20);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	buf_free(&f->out);
	arena_free(f->arena);
	free(f);
	return 0;
}

static struct policy *parse(struct fixture *f, const char *text)
{
	struct err err = ERR_INIT;

	if (policy_parse(span_str(text), f->arena, &f->p, &err))
		fail_msg("%s", err.text);
	return f->p;
}

static const char *shown(struct fixture *f, const char *text)
{
	buf_reset(&f->out);
	policy_show(parse(f, text), f->arena, &f->out);
	return buf_cstr(&f->out);
}

static const char *explained(
	struct fixture *f, const char *text, const char *ref)
{
	struct rules r;

	parse(f, text);
	assert_true(policy_rules(f->p, SPAN_LIT("a"), span_str(ref), &r));
	buf_reset(&f->out);
	policy_explain(f->p, &r, "a", ref, f->arena, &f->out);
	return buf_cstr(&f->out);
}

static void has(const char *text, const char *what)
{
	if (!strstr(text, what))
		fail_msg("'%s' is not in:\n%s", what, text);
}

static void order_and_groups_do_not_show(void **state)
{
	struct fixture *f = *state;
	char first[4000];

	snprintf(first, sizeof(first), "%s",
		shown(f, POLICY("\"signature\": {\"by\": [\"cy\", \"ada\"]}")));
	assert_string_equal(first,
		shown(f,
			"{\"mode\": \"enforce\", \"repositories\": [{\"refs\": "
			"[{\"signature\": {\"kinds\": [\"ssh\", \"x509\", "
			"\"openpgp\"], "
			"\"by\": [\"@g\"], \"identity\": \"signer\"}, "
			"\"match\": [\"refs/heads/*\"]}], \"match\": "
			"[\"**\"]}], \"groups\": {\"g\": [\"ada\", \"cy\"]}, "
			"\"people\": {\"ada\": {\"openpgp\": [\"a\"], "
			"\"email\": [\"ada@x\"]}, \"bot\": {\"robot\": true, "
			"\"email\": [\"bot@x\"]}, \"cy\": {\"robot\": false, "
			"\"ssh\": [\"c\"], \"email\": [\"cy@x\"]}}}"));
	has(first, "\nperson ada\n  email: ada@x\n");
	has(first, "    signature.by: ada, cy\n");
}

static void every_weakening_shows(void **state)
{
	static const char *const rows[][2] = {
		{"\"signature\": {\"by\": [\"ada\"]}",
			"\"signature\": {\"by\": [\"ada\", \"cy\"]}"},
		{"\"signature\": {\"by\": [\"ada\"]}",
			"\"signature\": {\"by\": [\"ada\"], \"identity\": "
			"\"off\"}"},
		{"\"signature\": {\"by\": [\"ada\"], \"kinds\": "
		 "[\"openpgp\"]}",
			"\"signature\": {\"by\": [\"ada\"]}"},
		{"\"signature\": {\"by\": [\"ada\"], "
		 "\"push_certificate\": \"required\"}",
			"\"signature\": {\"by\": [\"ada\"]}"},
		{"\"signature\": {\"by\": [\"ada\"], "
		 "\"push_certificate\": \"forbidden\"}",
			"\"signature\": {\"by\": [\"ada\"]}"},
		{"\"signature\": {\"by\": [\"ada\"]}",
			"\"signature\": {\"by\": [\"ada\"], "
			"\"nonce_slop\": 1}"},
		{"\"signature\": {\"by\": [\"ada\"], "
		 "\"merged_tags\": \"required\"}",
			"\"signature\": {\"by\": [\"ada\"], "
			"\"merged_tags\": \"signed\"}"},
		{"\"signature\": {\"by\": [\"ada\"], "
		 "\"merged_tags\": \"signed\"}",
			"\"signature\": {\"by\": [\"ada\"]}"},
		{"\"approval\": {\"count\": 2, \"by\": [\"ada\", \"cy\"]}",
			"\"approval\": {\"count\": 1, \"by\": [\"ada\", "
			"\"cy\"]}"},
		{"\"approval\": {\"count\": 1, \"by\": [\"ada\"]}",
			"\"approval\": {\"count\": 1, \"by\": [\"ada\"], "
			"\"exclude\": [\"author\", \"pusher\"]}"},
		{"\"approval\": {\"count\": 1, \"by\": [\"ada\"], \"paths\": "
		 "[{\"match\": [\"x\", \"y\"], \"count\": 1, \"by\": "
		 "[\"cy\"]}]}",
			"\"approval\": {\"count\": 1, \"by\": [\"ada\"], "
			"\"paths\": [{\"match\": [\"x\"], \"count\": 1, "
			"\"by\": [\"cy\"]}]}"},
		{"\"secret\": {}", "\"secret\": {\"max_blob\": \"51MiB\"}"},
		{"\"secret\": {\"decode_depth\": 3}", "\"secret\": {}"},
		{"\"secret\": {\"block\": \"low\"}", "\"secret\": {}"},
		{"\"secret\": {}", "\"secret\": {\"archives\": false}"},
		{"\"secret\": {}", "\"secret\": {\"archive_depth\": 3}"},
		{"\"secret\": {}", "\"secret\": {\"archive_max\": \"9MiB\"}"},
		{"\"secret\": {\"rules\": [\"builtin\", \"x\"]}",
			"\"secret\": {}"},
		{"\"mode\": \"enforce\"", "\"mode\": \"observe\""},
		{"\"waiver\": {\"findings\": [\"file.*\"], \"by\": "
		 "[\"ada\", \"cy\"], \"count\": 2}",
			"\"waiver\": {\"findings\": [\"file.*\"], \"by\": "
			"[\"ada\", \"cy\"]}"},
		{"\"waiver\": {\"findings\": [\"file.*\"], \"by\": "
		 "[\"ada\"]}",
			"\"waiver\": {\"findings\": [\"file.*\"], \"by\": "
			"[\"ada\"], \"exclude\": [\"author\"]}"},
		{"\"waiver\": {\"findings\": [\"file.*\"], \"by\": "
		 "[\"ada\"]}",
			"\"waiver\": {\"findings\": [\"file.*\"], \"by\": "
			"[\"ada\"], \"max_days\": 15}"},
		{"\"waiver\": {\"findings\": [\"file.name\"], \"by\": "
		 "[\"ada\"]}",
			"\"waiver\": {\"findings\": [\"file.name\", "
			"\"secret.*\"], \"by\": [\"ada\"]}"},
		{"\"ref\": {\"force_push\": \"deny\"}", "\"ref\": {}"},
		{"\"ref\": {\"delete\": \"deny\"}", "\"ref\": {}"},
		{"\"ref\": {\"move\": \"deny\"}", "\"ref\": {}"},
		{"\"ref\": {\"create\": \"deny\"}", "\"ref\": {}"},
		{"\"ref\": {\"name\": [\"a\"]}", "\"ref\": {}"},
		{"\"message\": {\"require\": [\"a\"]}", "\"message\": {}"},
		{"\"message\": {\"deny\": [\"a\"]}", "\"message\": {}"},
		{"\"message\": {\"sign_off\": true}", "\"message\": {}"},
		{"\"file\": {\"deny\": [\"a\"]}", "\"file\": {}"},
		{"\"file\": {\"max_size\": 5}", "\"file\": {}"},
		{"\"file\": {}, \"secret\": {}", "\"secret\": {}"},
		{"\"identity\": {}", "\"identity\": {\"email\": \"domain\"}"},
		{"\"identity\": {\"email\": \"domain\"}",
			"\"identity\": {\"email\": \"off\"}"},
		{"\"identity\": {\"committer\": \"pusher\"}",
			"\"identity\": {}"},
		{"\"identity\": {\"author\": \"known\"}", "\"identity\": {}"},
		{"\"identity\": {\"names\": \"listed\"}", "\"identity\": {}"},
		{"\"identity\": {\"author_email\": [\"a\"]}",
			"\"identity\": {}"},
		{"\"identity\": {\"committer_email\": [\"a\"]}",
			"\"identity\": {\"committer_email\": [\"a\", \"b\"]}"},
		{"\"approval\": {\"count\": 1, \"robot_count\": 2, \"by\": "
		 "[\"ada\", \"cy\"]}",
			"\"approval\": {\"count\": 1, \"by\": [\"ada\", "
			"\"cy\"]}"},
		{"\"approval\": {\"count\": 1, \"by\": [\"ada\"], "
		 "\"groups\": [{\"count\": 1, \"by\": [\"cy\"]}]}",
			"\"approval\": {\"count\": 1, \"by\": [\"ada\"]}"},
		{"\"approval\": {\"count\": 1, \"by\": [\"ada\"], "
		 "\"groups\": [{\"count\": 1, \"by\": [\"cy\"]}]}",
			"\"approval\": {\"count\": 1, \"by\": [\"ada\"], "
			"\"groups\": [{\"count\": 1, \"by\": [\"cy\"]}], "
			"\"shared\": true}"},
		{"\"robot\": {\"push\": [], \"commit\": []}",
			"\"robot\": {\"commit\": []}"},
		{"\"robot\": {\"push\": [], \"commit\": []}",
			"\"robot\": {\"push\": []}"},
		{"\"robot\": {\"push\": [], \"paths\": [{\"by\": [\"bot\"], "
		 "\"match\": [\"x\"]}]}",
			"\"robot\": {\"push\": [], \"paths\": [{\"by\": "
			"[\"bot\"], \"match\": [\"x\", \"y\"]}]}"},
		{"\"robot\": {\"push\": []}",
			"\"robot\": {\"push\": [\"bot\"]}"},
		{"\"ref\": {\"update\": \"deny\"}", "\"ref\": {}"},
		{"\"ref\": {\"merge\": \"deny\"}", "\"ref\": {}"},
		{"\"ref\": {\"lightweight\": \"deny\"}", "\"ref\": {}"},
		{"\"ref\": {\"max_refs\": 1}", "\"ref\": {\"max_refs\": 2}"},
		{"\"ref\": {\"max_commits\": 1}", "\"ref\": {}"},
		{"\"message\": {\"issue\": [\"a\"]}", "\"message\": {}"},
		{"\"message\": {\"max_subject\": 50}",
			"\"message\": {\"max_subject\": 51}"},
		{"\"message\": {\"max_line\": 50}", "\"message\": {}"},
		{"\"message\": {}", "\"message\": {\"merges\": \"spare\"}"},
		{"\"file\": {\"deny_pattern\": [\"a\"]}", "\"file\": {}"},
		{"\"file\": {\"deny_extension\": [\"a\", \"b\"]}",
			"\"file\": {\"deny_extension\": [\"a\"]}"},
		{"\"file\": {\"max_path\": 9}", "\"file\": {}"},
		{"\"file\": {\"case_collisions\": \"deny\"}", "\"file\": {}"},
		{"\"file\": {\"odd_modes\": \"deny\"}", "\"file\": {}"},
		{"\"file\": {\"windows_names\": \"deny\"}", "\"file\": {}"},
		{"\"file\": {\"git_names\": \"deny\"}", "\"file\": {}"},
		{"\"file\": {\"symlinks\": \"deny\"}",
			"\"file\": {\"symlinks\": \"inside\"}"},
		{"\"file\": {\"symlinks\": \"inside\"}", "\"file\": {}"},
		{"\"file\": {\"submodules\": []}", "\"file\": {}"},
		{"\"file\": {\"submodules\": [\"ssh\"]}",
			"\"file\": {\"submodules\": [\"ssh\", \"git\"]}"},
		{"\"severity\": {\"ref.name\": \"warn\"}",
			"\"severity\": {\"ref.name\": \"off\"}"},
		{"\"hints\": {\"ref.name\": \"a\"}",
			"\"hints\": {\"ref.name\": \"b\"}"},
	};
	struct fixture *f = *state;
	char first[8000], text[2][2000];
	struct buf diff = BUF_INIT(10000);
	size_t i, k;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		for (k = 0; k < 2; k++)
			snprintf(text[k], sizeof(text[k]), POLICY("%s"),
				rows[i][k]);
		snprintf(first, sizeof(first), "%s", shown(f, text[0]));
		if (!strcmp(first, shown(f, text[1])))
			fail_msg("%s and %s show the same", rows[i][0],
				rows[i][1]);
		buf_reset(&diff);
		policy_diff(span_str(first), buf_all(&f->out), f->arena, &diff);
		has(buf_cstr(&diff), "\n- ");
		has(buf_cstr(&diff), "refs[0]: refs/heads/*\n");
	}
	buf_free(&diff);
}

static void equal_texts_have_no_difference(void **state)
{
	struct fixture *f = *state;
	const char *text = shown(f, POLICY("\"secret\": {}, \"file\": {}"));
	struct buf diff = BUF_INIT(10000);

	policy_diff(span_str(text), span_str(text), f->arena, &diff);
	assert_int_equal(diff.n, 0);
	policy_diff(SPAN_EMPTY, SPAN_EMPTY, f->arena, &diff);
	assert_int_equal(diff.n, 0);
	policy_diff(SPAN_EMPTY, SPAN_LIT("a\n\n  b\n"), f->arena, &diff);
	unit_span_is(buf_all(&diff), "+ a\n  a\n+   b\n");
	buf_free(&diff);
}

/* What is told must rebuild the new text from the old one. */
static void differences_are_complete(void **state)
{
	static const char *const texts[][3] = {
		{"a\nb\nc\n", "a\nc\n", "- b\n"},
		{"a\nc\n", "a\nb\nc\n", "+ b\n"},
		{"a\nb\nc\n", "a\nx\nc\n", "- b\n+ x\n"},
		{"a\nb\n", "b\na\n", NULL},
		{"a\na\na\n", "a\n", "- a\n- a\n"},
		{"a\n", "", "- a\n"},
	};
	struct fixture *f = *state;
	struct buf diff = BUF_INIT(10000);
	size_t i;

	for (i = 0; i < ARRAY_LEN(texts); i++) {
		buf_reset(&diff);
		policy_diff(span_str(texts[i][0]), span_str(texts[i][1]),
			f->arena, &diff);
		if (texts[i][2])
			unit_span_is(buf_all(&diff), texts[i][2]);
		assert_true(diff.n > 0);
	}
	buf_free(&diff);
}

static void each_demand_is_put_in_words(void **state)
{
	static const struct {
		const char *members, *words;
	} rows[] = {
		{"\"signature\": {\"by\": [\"ada\"]}",
			"must be signed (OpenPGP or SSH or X.509) by one of: "
			"ada."},
		{"\"signature\": {\"by\": [\"ada\"]}",
			"from repositories[0].refs[0].signature"},
		{"\"signature\": {\"by\": [\"ada\"]}",
			"must be one of the signer's"},
		{"\"signature\": {\"by\": [\"ada\"], \"kinds\": [\"openpgp\"]}",
			"signed (OpenPGP) by"},
		{"\"signature\": {\"by\": [\"ada\"], "
		 "\"push_certificate\": \"required\"}",
			"The push itself must be signed by one of them"},
		{"\"signature\": {\"by\": [\"ada\"], "
		 "\"push_certificate\": \"required\", \"nonce_slop\": 9}",
			"Its nonce may be up to 9 seconds old"},
		{"\"signature\": {\"by\": [\"ada\"], "
		 "\"push_certificate\": \"forbidden\"}",
			"The push itself must not be signed"},
		{"\"signature\": {\"by\": [\"ada\"], "
		 "\"merged_tags\": \"signed\"}",
			"A tag that a merge has in its header must be well"},
		{"\"signature\": {\"by\": [\"ada\"], "
		 "\"merged_tags\": \"required\"}",
			"A merge must be one of signed tags"},
		{"\"approval\": {\"count\": 2, \"by\": [\"ada\", \"cy\"]}",
			"needs 2 approvals, from different people among: ada, "
			"cy."},
		{"\"approval\": {\"count\": 1, \"by\": [\"ada\"]}",
			"needs 1 approval, from one of: ada."},
		{"\"approval\": {\"count\": 1, \"by\": [\"ada\"]}",
			"Whoever wrote, co-wrote, signed, committed or pushed "
			"any of it"},
		{"\"approval\": {\"count\": 1, \"by\": [\"ada\"], "
		 "\"exclude\": [\"pusher\"]}",
			"Whoever pushed any of it"},
		{"\"approval\": {\"count\": 1, \"by\": [\"ada\"], "
		 "\"exclude\": []}",
			"may approve it themselves"},
		{"\"approval\": {\"count\": 0, \"paths\": [{\"match\": "
		 "[\"x/**\", \"y\"], \"count\": 1, \"by\": [\"cy\"]}]}",
			"A commit that touches x/** or y needs 1 approval by: "
			"cy."},
		{"\"secret\": {}", "A file larger than 50 MiB cannot be"},
		{"\"secret\": {}", "is told and let in"},
		{"\"secret\": {\"block\": \"low\"}", "is refused as well"},
		{"\"ref\": {\"force_push\": \"deny\"}", "no force push"},
		{"\"ref\": {\"delete\": \"deny\"}", "may not be deleted"},
		{"\"ref\": {\"move\": \"deny\"}", "may not be moved"},
		{"\"ref\": {\"create\": \"deny\"}", "may not be created"},
		{"\"ref\": {\"name\": [\"^a\\\\.b$\"]}",
			"full name must match /^a\\.b$/."},
		{"\"ref\": {}", "may be moved in any way"},
		{"\"message\": {\"require\": [\"a\", \"b\"]}",
			"must match all of /a/  /b/."},
		{"\"message\": {\"deny\": [\"a\"]}",
			"No commit message may match /a/."},
		{"\"message\": {\"sign_off\": true}", "must be signed off"},
		{"\"message\": {}", "may say anything"},
		{"\"file\": {\"deny\": [\"*.a\", \"b\"]}",
			"a file called *.a or b."},
		{"\"file\": {\"max_size\": 1000}", "larger than 1000 bytes."},
		{"\"file\": {}", "any name and size"},
		{"\"identity\": {}", "must be the signer's"},
		{"\"identity\": {\"email\": \"domain\"}",
			"domain in which the signer has"},
		{"\"identity\": {\"committer\": \"pusher\"}",
			"must be the person who pushes"},
		{"\"identity\": {\"author\": \"known\"}",
			"somebody whom the policy knows"},
		{"\"identity\": {\"author_email\": [\"x$\"]}",
			"author's address must match /x$/."},
		{"\"identity\": {\"committer_email\": [\"x\", \"y\"]}",
			"committer's address must match one of /x/  /y/."},
		{"\"identity\": {\"names\": \"listed\"}",
			"a name that the policy has for them"},
		{"\"identity\": {\"email\": \"off\"}", "may be anybody"},
		{"\"approval\": {\"count\": 1, \"robot_count\": 2, \"by\": "
		 "[\"ada\", \"cy\"]}",
			"signed or committed needs 2."},
		{"\"approval\": {\"count\": 1, \"by\": [\"ada\"], "
		 "\"groups\": [{\"count\": 1, \"by\": [\"cy\"]}]}",
			"commit also needs 1 by: cy.\n  One person is counted "
			"for one of these only."},
		{"\"robot\": {\"push\": []}",
			"Of the robots only these may push here: nobody."},
		{"\"robot\": {\"commit\": [\"bot\"]}",
			"may have a hand in a commit: bot."},
		{"\"robot\": {\"paths\": [{\"by\": [\"bot\"], \"match\": "
		 "[\"x\", \"y\"]}]}",
			"  x or y: bot."},
		{"\"ref\": {\"update\": \"deny\"}", "may not be changed"},
		{"\"ref\": {\"merge\": \"deny\"}", "no merge commits"},
		{"\"ref\": {\"lightweight\": \"deny\"}",
			"must be an annotated one"},
		{"\"ref\": {\"max_refs\": 1}", "at most 1 ref."},
		{"\"ref\": {\"max_commits\": 5}", "at most 5 new commits."},
		{"\"message\": {\"issue\": [\"A-1\"]}",
			"must name an issue: /A-1/."},
		{"\"message\": {\"max_subject\": 72}", "at most 72 characters"},
		{"\"message\": {\"max_line\": 99}", "may have at most 99,"},
		{"\"message\": {\"max_line\": 99, \"merges\": \"spare\"}",
			"messages of merge commits nothing is asked"},
		{"\"file\": {\"deny_pattern\": [\"x\"]}",
			"No path in a commit may match /x/."},
		{"\"file\": {\"deny_extension\": [\"exe\"]}",
			"the extension exe."},
		{"\"file\": {\"max_path\": 9}", "more than 9 bytes"},
		{"\"file\": {\"case_collisions\": \"deny\"}",
			"differ from another only in case"},
		{"\"file\": {\"odd_modes\": \"deny\"}",
			"a mode that git makes"},
		{"\"file\": {\"windows_names\": \"deny\"}",
			"one that Windows can have"},
		{"\"file\": {\"git_names\": \"deny\"}", "takes for .git"},
		{"\"file\": {\"symlinks\": \"inside\"}", "must not lead out"},
		{"\"file\": {\"symlinks\": \"deny\"}", "no symbolic links"},
		{"\"file\": {\"submodules\": []}",
			"There may be no submodules"},
		{"\"file\": {\"submodules\": [\"ssh\", \"https\"]}",
			"of these kinds only: https, ssh."},
		{"\"waiver\": {\"findings\": [\"secret.*\", "
		 "\"file.size\"], \"by\": [\"ada\"], \"max_days\": 3}",
			"secret.* or file.size by one of: ada, for at most 3 "
			"days."},
		{"\"waiver\": {\"findings\": [\"secret.*\"], \"by\": "
		 "[\"ada\", \"cy\"], \"count\": 2}",
			"secret.* by 2 different people among: ada, cy, for"},
		{"\"waiver\": {\"findings\": [\"secret.*\"], \"by\": "
		 "[\"ada\"], \"exclude\": []}",
			"Those who made a change may waive it themselves."},
		{"\"mode\": \"observe\"",
			"Of this ref the policy only observes, while it "
			"enforces elsewhere"},
		{"\"severity\": {\"secret.*\": \"warn\"}",
			"secret.* only warns"},
		{"\"severity\": {\"secret.*\": \"off\"}",
			"secret.* is not told"},
	};
	struct fixture *f = *state;
	char text[2000];
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		snprintf(text, sizeof(text), POLICY("%s"), rows[i].members);
		has(explained(f, text, "refs/heads/main"), rows[i].words);
	}
}

static void where_nothing_is_demanded_it_says_so(void **state)
{
	struct fixture *f = *state;

	has(explained(f, POLICY("\"file\": {}"), "refs/notes/x"),
		"A push to refs/notes/x of a has nothing to satisfy.");
	has(explained(f, POLICY("\"file\": {}"), "refs/sluice/approvals/x/y"),
		"must be a signed approval");
	has(explained(f, POLICY("\"file\": {}"), "refs/sluice/waivers/x/y"),
		"must be a signed waiver");
	has(explained(f,
		    "{\"mode\": \"observe\", \"repositories\": [{\"match\": "
		    "[\"**\"], \"refs\": [{\"match\": [\"**\"], \"file\": "
		    "{}}]}]}",
		    "refs/heads/x"),
		"only observes");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(order_and_groups_do_not_show),
		TEST(every_weakening_shows),
		TEST(equal_texts_have_no_difference),
		TEST(differences_are_complete),
		TEST(each_demand_is_put_in_words),
		TEST(where_nothing_is_demanded_it_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
