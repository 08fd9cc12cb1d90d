#include "deploy/recheck.h"

#include "base/clock.h"
#include "base/io.h"
#include "gather/keybook.h"
#include "parse/record.h"
#include "support/records.h"
#include "support/unit.h"

/* A key of bela's, on the list of those that are compromised. */
static char stolen_list[500], person_key[500];
static char name[100]; /* as records have it */

struct fixture {
	struct arena *arena;
	struct person bela;
	struct policy_key key, stolen;
	const char *all[1];
	struct rule_signature signature;
	struct ref_rules refs;
	struct repository_rules repository;
	struct policy policy;
	struct keybook book;
	struct recheck r;
	struct buf untold;
};

static void tell_untold(
	void *ctx, const char *repository, uint64_t entry, const char *why)
{
	struct fixture *f = ctx;

	buf_fmt(&f->untold, "%s %llu %s\n", repository,
		(unsigned long long)entry, why);
}

static void read_made(const char *dir, const char *file, char *out, size_t n)
{
	struct buf path = PATH_BUF_INIT, text = BUF_INIT(400);
	struct err err = ERR_INIT;

	io_join(&path, dir, file);
	assert_int_equal(io_read_file(buf_cstr(&path), &text, &err), 0);
	snprintf(out, n, "%s", buf_cstr(&text));
	buf_free(&path);
	buf_free(&text);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct err err = ERR_INIT;
	char dir[300];

	assert_non_null(f);
	unit_dir(dir, sizeof(dir));
	unit_shell(dir,
		"ssh-keygen -q -t ed25519 -N '' -C bela -f bela\n"
		"ssh-keygen -lf bela.pub | cut -d' ' -f2 | tr -d '\\n' >name");
	read_made(dir, "bela.pub", stolen_list, sizeof(stolen_list));
	read_made(dir, "bela.pub", person_key, sizeof(person_key));
	read_made(dir, "name", name, sizeof(name));
	unit_rm(dir);
	f->arena = arena_new(64u << 20);
	f->key = (struct policy_key){
		SIGNATURE_SSH, "bela.pub", span_str(person_key)};
	f->stolen = (struct policy_key){
		SIGNATURE_SSH, "stolen", span_str(stolen_list)};
	f->bela = (struct person){.name = "bela", .key = &f->key, .nkey = 1};
	f->all[0] = "**";
	f->refs = (struct ref_rules){.match = f->all, .nmatch = 1};
	f->repository = (struct repository_rules){
		.match = f->all, .nmatch = 1, .ref = &f->refs, .nref = 1};
	f->policy = (struct policy){.person = &f->bela,
		.nperson = 1,
		.compromised = &f->stolen,
		.ncompromised = 1,
		.repository = &f->repository,
		.nrepository = 1};
	assert_int_equal(keybook_make(&f->policy, f->arena, &f->book, &err), 0);
	assert_true(suspects_any(&f->book));
	f->untold = (struct buf)BUF_INIT(4096);
	f->r = (struct recheck){.policy = &f->policy,
		.book = &f->book,
		.arena = f->arena,
		.untold = tell_untold,
		.ctx = f};
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	recheck_free(&f->r);
	arena_free(f->arena);
	buf_free(&f->untold);
	free(f);
	return 0;
}

static struct doc *signed_by(const char *who, const char *key)
{
	struct doc *d = doc_object();

	doc_set(d, "status", doc_of_str("good"));
	doc_set(d, "kind", doc_of_str("ssh"));
	doc_set(d, "key", doc_of_str(key));
	doc_set(d, "person", doc_of_str(who));
	return d;
}

static struct doc *merged_tag(const char *key)
{
	const struct oid merge = test_oid(1);
	struct doc *list = doc_array(), *d = doc_object();
	char hex[OID_HEX + 1];

	doc_set(d, "commit", doc_of_str(oid_hex(&merge, hex)));
	doc_set(d, "name", doc_of_str("t1"));
	doc_set(d, "target", doc_of_str(hex));
	doc_set(d, "signature", signed_by("bela", key));
	doc_add(list, d);
	return list;
}

/* Only what the key holder takes is a record. */
static void look(struct fixture *f, struct doc *d)
{
	struct buf text = BUF_INIT(1 << 20);
	struct err err = ERR_INIT;
	struct doc *record;

	test_text(d, &text);
	if (record_parse(buf_all(&text), &record, &err))
		fail_msg("%s", err.text);
	recheck_record(&f->r, 7, doc_get(record, "predicate"));
	doc_free(record);
	buf_free(&text);
}

static void tags_in_merges_are_listed(void **state)
{
	struct fixture *f = *state;
	struct doc *d = test_decision("accept", "refs/heads/main", 0);
	const struct oid merge = test_oid(1);

	doc_set(test_predicate(d), "mergetags", merged_tag(name));
	look(f, d);
	assert_int_equal(f->r.n, 1);
	assert_string_equal(f->r.v[0].what, "merged tag");
	assert_string_equal(f->r.v[0].name, "t1");
	assert_true(oid_eq(&f->r.v[0].object, &merge));
	assert_int_equal(f->r.v[0].entry, 7);
	assert_string_equal(f->r.v[0].person, "bela");
	assert_true(f->r.v[0].sure);
	unit_span_is(f->r.v[0].ref, "refs/heads/main");
	assert_string_equal(buf_cstr(&f->untold), "");
	/* One by another key is not. */
	d = test_decision("accept", "refs/heads/main", 0);
	doc_set(test_predicate(d), "mergetags",
		merged_tag(
			"SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"));
	look(f, d);
	assert_int_equal(f->r.n, 1);
}

static struct doc *facts_with_a_merge(void)
{
	struct doc *d = doc_object();

	doc_set(d, "version", doc_of_int(1));
	doc_set(d, "people", doc_of_str("0123"));
	doc_set(d, "updates", doc_array());
	doc_set(d, "merges", doc_of_str("0"));
	return d;
}

/* Where the policy asks for such tags, a record that cannot say whose they are
 * is no answer. */
static void records_of_before_cannot_tell(void **state)
{
	static const char why[] = "r/a 7 the record does not say with which "
				  "keys the tags that it merges are signed\n";
	struct fixture *f = *state;
	struct doc *d = test_decision("accept", "refs/heads/main", 0);

	doc_set(test_predicate(d), "facts", facts_with_a_merge());
	look(f, doc_copy(d));
	assert_string_equal(buf_cstr(&f->untold), "");
	f->refs.rules.signature = &f->signature;
	look(f, doc_copy(d));
	assert_string_equal(buf_cstr(&f->untold), "");
	f->signature.merged_tags = MERGED_TAGS_SIGNED;
	look(f, doc_copy(d));
	assert_string_equal(buf_cstr(&f->untold), why);
	buf_reset(&f->untold);
	doc_set(test_predicate(d), "mergetags", doc_array());
	look(f, d);
	assert_string_equal(buf_cstr(&f->untold), "");
	/* Without facts any commit may be a merge. */
	look(f, test_decision("accept", "refs/heads/main", 0));
	assert_string_equal(buf_cstr(&f->untold), why);
	assert_int_equal(f->r.n, 0);
}

static void approvals_and_tags_are_listed(void **state)
{
	struct fixture *f = *state;
	struct doc *d = test_decision("accept", "refs/heads/main", 0);
	struct doc *list = doc_array(), *one = doc_object();
	const struct oid tag = test_oid(9), tip = test_oid(1);
	char hex[OID_HEX + 1];

	doc_set(one, "object", doc_of_str(oid_hex(&tag, hex)));
	doc_set(one, "commit", doc_of_str(oid_hex(&tip, hex)));
	doc_set(one, "ref", doc_of_str("refs/heads/main"));
	doc_set(one, "status", doc_of_str("valid"));
	doc_set(one, "person", doc_of_str("bela"));
	doc_set(one, "kind", doc_of_str("ssh"));
	doc_set(one, "key", doc_of_str(name));
	doc_add(list, one);
	doc_set(test_predicate(d), "approvals", list);
	one = doc_object();
	list = doc_array();
	doc_set(one, "id", doc_of_str(oid_hex(&tag, hex)));
	doc_set(one, "signature", signed_by("bela", name));
	doc_add(list, one);
	doc_set(test_predicate(d), "tags", list);
	look(f, d);
	assert_int_equal(f->r.n, 2);
	assert_string_equal(f->r.v[0].what, "tag");
	assert_string_equal(f->r.v[1].what, "approval");
	assert_true(oid_eq(&f->r.v[1].object, &tag));
	assert_true(oid_eq(&f->r.v[1].commit, &tip));
}

/* A review by the account "bela-l". */
static struct doc *review(const char *forge, bool against)
{
	struct doc *one = doc_object(), *list = doc_array();
	const struct oid tip = test_oid(1);
	char hex[OID_HEX + 1];

	doc_set(one, "forge", doc_of_str(forge));
	doc_set(one, "request", doc_of_int(7));
	doc_set(one, "commit", doc_of_str(oid_hex(&tip, hex)));
	doc_set(one, "ref", doc_of_str("refs/heads/main"));
	doc_set(one, "login", doc_of_str("bela-l"));
	doc_set(one, "person", doc_of_str("bela"));
	doc_set(one, "status", doc_of_str("valid"));
	if (against)
		doc_set(one, "against", doc_of_bool(true));
	doc_add(list, one);
	return list;
}

static void look_review(
	struct fixture *f, const char *forge, bool against, size_t n)
{
	struct doc *d = test_decision("accept", "refs/heads/main", 0);

	f->r.n = 0;
	doc_set(test_predicate(d), "reviews", review(forge, against));
	look(f, d);
	assert_int_equal(f->r.n, n);
}

static void reviews_by_accounts_are_listed(void **state)
{
	struct forge_account account = {.forge = "git", .login = "bela-l"};
	struct fixture *f = *state;
	struct doc *d = test_decision("accept", "refs/heads/main", 0);
	int64_t at;

	assert_true(clock_read(doc_get_text(test_predicate(d), "time"), &at));
	doc_free(d);
	f->bela.forge = &account;
	f->bela.nforge = 1;
	look_review(f, "git", false, 0);
	/* From its second on. */
	account.compromised = at + 1;
	look_review(f, "git", false, 0);
	account.compromised = at;
	look_review(f, "other", false, 0);
	look_review(f, "git", true, 0);
	look_review(f, "git", false, 1);
	assert_string_equal(f->r.v[0].what, "review");
	assert_string_equal(f->r.v[0].key, "bela-l at git");
	assert_string_equal(f->r.v[0].person, "bela");
	assert_int_equal(strlen(f->r.v[0].fingerprint), 64);
	assert_true(f->r.v[0].sure);
	account.regained = at;
	look_review(f, "git", false, 0);
	account.regained = at + 1;
	look_review(f, "git", false, 1);
	account.login = "Bela-l";
	look_review(f, "git", false, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(tags_in_merges_are_listed),
		TEST(records_of_before_cannot_tell),
		TEST(approvals_and_tags_are_listed),
		TEST(reviews_by_accounts_are_listed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
