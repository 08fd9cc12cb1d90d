#include "model/signer.h"
#include "support/fixture.h"

#define KINDS (SIGNATURE_BIT(SIGNATURE_OPENPGP) | SIGNATURE_BIT(SIGNATURE_SSH))

static int setup(void **state)
{
	struct fixture *f = fixture_new(state, &check_signature);

	f->signature.by = world_people(&f->w, ADA, BELA, CI, -1);
	f->signature.kinds = KINDS;
	f->signature.identity = true;
	f->up->rules.signature = &f->signature;
	return 0;
}

static void a_good_signature_passes(void **state)
{
	struct fixture *f = *state;
	struct change *c = world_commit(&f->w, f->up, ADA);

	assert_string_equal(judged(f), "");
	c->sig.kind = SIGNATURE_SSH;
	assert_string_equal(judged(f), "");
	world_commit(&f->w, f->up, CI);
	assert_string_equal(judged(f), "");
}

static void without_a_rule_nothing_is_demanded(void **state)
{
	struct fixture *f = *state;
	struct change *c = world_commit(&f->w, f->up, ADA);

	c->sig.status = SIGNATURE_BAD;
	f->up->rules.signature = NULL;
	assert_string_equal(judged(f), "");
}

static void each_status_has_its_finding(void **state)
{
	static const struct {
		enum signature_status status;
		enum signature_kind kind;
		const char *finding;
	} rows[] = {
		{SIGNATURE_BAD, SIGNATURE_OPENPGP, "signature.bad"},
		{SIGNATURE_MISSING, SIGNATURE_NONE, "signature.missing"},
		{SIGNATURE_UNKNOWN_KEY, SIGNATURE_SSH, "signature.unknown_key"},
		{SIGNATURE_EXPIRED, SIGNATURE_OPENPGP, "signature.expired"},
		{SIGNATURE_REVOKED, SIGNATURE_OPENPGP, "signature.revoked"},
		{SIGNATURE_COMPROMISED, SIGNATURE_SSH, "signature.compromised"},
		{SIGNATURE_WEAK, SIGNATURE_OPENPGP, "signature.weak"},
		{SIGNATURE_MALFORMED, SIGNATURE_SSH, "signature.malformed"},
		{SIGNATURE_UNSUPPORTED, SIGNATURE_SSH, "signature.unsupported"},
		{SIGNATURE_GOOD, SIGNATURE_X509, "signature.kind"},
		{SIGNATURE_GOOD, SIGNATURE_NONE, "signature.kind"},
		{(enum signature_status)99, SIGNATURE_SSH, "signature.bad"},
	};
	struct fixture *f = *state;
	struct change *c = world_commit(&f->w, f->up, ADA);
	struct tag_change *t = world_tag(&f->w, f->up, ADA);
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct signature_fact good = c->sig;

		c->sig.status = rows[i].status;
		c->sig.kind = rows[i].kind;
		assert_string_equal(judged(f), rows[i].finding);
		assert_memory_equal(&f->w.out.v[0].object, &c->commit.id,
			sizeof(c->commit.id));
		assert_true(f->w.out.v[0].detail[0]);
		assert_string_equal(f->w.out.v[0].fingerprint,
			rows[i].status == SIGNATURE_COMPROMISED
				? signer_fingerprint(f->w.arena, c->sig.key)
				: "");
		t->sig = c->sig;
		c->sig = good;
		assert_string_equal(judged(f), rows[i].finding);
		assert_memory_equal(
			&f->w.out.v[0].object, &t->tag.id, sizeof(t->tag.id));
		t->sig = good;
	}
	assert_string_equal(judged(f), "");
}

static void zeroed_facts_refuse(void **state)
{
	struct fixture *f = *state;
	struct change *c = world_commit(&f->w, f->up, ADA);

	memset(&c->sig, 0, sizeof(c->sig));
	assert_string_equal(judged(f), "signature.kind");
	c->sig.kind = SIGNATURE_OPENPGP;
	assert_string_equal(judged(f), "signature.bad");
}

static void a_kind_that_is_not_allowed_is_told_first(void **state)
{
	struct fixture *f = *state;
	struct change *c = world_commit(&f->w, f->up, ADA);

	c->sig.status = SIGNATURE_UNSUPPORTED;
	c->sig.kind = SIGNATURE_X509;
	assert_string_equal(judged(f), "signature.kind");
	assert_string_equal(f->w.out.v[0].detail,
		"signed with x509, allowed: openpgp, ssh");
	f->signature.kinds |= SIGNATURE_BIT(SIGNATURE_X509);
	assert_string_equal(judged(f), "signature.unsupported");
}

static void only_those_allowed_may_sign(void **state)
{
	struct fixture *f = *state;
	struct change *c = world_commit(&f->w, f->up, CY);

	assert_string_equal(judged(f), "signature.not_allowed");
	assert_non_null(strstr(f->w.out.v[0].detail, "of cy"));
	assert_non_null(strstr(f->w.out.v[0].detail, "ada, bela, ci"));
	assert_non_null(strstr(f->w.out.v[0].detail, "0123456789ABCDEF"));
	c->sig.person = NULL;
	assert_string_equal(judged(f), "signature.unknown_key");
	c->sig.person = &f->w.person[ADA];
	assert_string_equal(judged(f), "signature.identity");
}

static void an_empty_list_allows_nobody(void **state)
{
	struct fixture *f = *state;

	world_commit(&f->w, f->up, ADA);
	f->signature.by = (struct people){0};
	assert_string_equal(judged(f), "signature.not_allowed");
	assert_non_null(strstr(f->w.out.v[0].detail, "allowed: nobody"));
	f->signature.kinds = 0;
	assert_string_equal(judged(f), "signature.kind");
}

static void the_signer_is_author_or_committer(void **state)
{
	struct fixture *f = *state;
	struct change *c = world_commit(&f->w, f->up, ADA);
	struct tag_change *t = world_tag(&f->w, f->up, ADA);

	c->commit.author.email = SPAN_LIT("someone@else.example");
	assert_string_equal(judged(f), "");
	c->commit.committer.email = SPAN_LIT("bela@example.org");
	assert_string_equal(judged(f), "signature.identity");
	c->commit.author.email = SPAN_LIT("ADA@HOME.example");
	assert_string_equal(judged(f), "");
	c->commit.author.email = c->commit.committer.email = SPAN_EMPTY;
	assert_string_equal(judged(f), "signature.identity");
	f->signature.identity = false;
	assert_string_equal(judged(f), "");
	f->signature.identity = true;
	c->commit.author.email = SPAN_LIT("ada@example.org");
	t->tag.tagger.email = SPAN_EMPTY;
	assert_string_equal(judged(f), "signature.identity");
}

static void malformed_refuses_even_a_good_signature(void **state)
{
	struct fixture *f = *state;
	struct change *c = world_commit(&f->w, f->up, ADA);
	struct tag_change *t = world_tag(&f->w, f->up, ADA);

	c->commit.malformed = "two signatures";
	assert_string_equal(judged(f), "signature.malformed");
	assert_string_equal(f->w.out.v[0].detail, "two signatures");
	t->tag.malformed = "a NUL byte";
	assert_string_equal(judged(f),
		"signature.malformed "
		"signature.malformed");
}

/* A merge of ${parent}, with a tag of it that BELA signed well. */
static struct merged_tag *merge(
	struct fixture *f, struct change *c, struct oid *parents)
{
	struct merged_tag *m = arena_get(f->w.arena, 2, sizeof(*m));
	size_t i;

	for (i = 0; i < 3; i++)
		memset(&parents[i], 'a' + (int)i, sizeof(parents[i]));
	c->commit.parent = parents;
	c->commit.nparent = 2;
	c->commit.nmergetag = 1;
	c->merged = m;
	m->tag.target = parents[1];
	m->tag.target_type = OBJECT_COMMIT;
	m->tag.name = SPAN_LIT("v1");
	m->tag.tagger.email = SPAN_LIT("bela@example.org");
	m->sig = world_commit(&f->w, f->up, BELA)->sig;
	f->signature.merged_tags = MERGED_TAGS_SIGNED;
	return m;
}

static void tags_in_merges_count_where_asked(void **state)
{
	struct fixture *f = *state;
	struct change *c = world_commit(&f->w, f->up, ADA);
	struct oid parents[3];
	struct merged_tag *m = merge(f, c, parents);
	struct merged_tag good = *m;
	size_t i;

	assert_string_equal(judged(f), "");
	for (i = 0; i <= SIGNATURE_UNCHECKED; i++) {
		m->sig.status = (enum signature_status)i;
		assert_string_equal(judged(f),
			i == SIGNATURE_GOOD ? "" : "signature.merged_tag");
	}
	*m = good;
	m->sig.person = NULL;
	assert_string_equal(judged(f), "signature.merged_tag");
	*m = good;
	m->sig.kind = SIGNATURE_X509;
	assert_string_equal(judged(f), "signature.merged_tag");
	*m = good;
	m->tag.target = parents[2];
	assert_string_equal(judged(f), "signature.merged_tag");
	assert_non_null(strstr(f->w.out.v[0].detail, "tag 'v1': it is of no"));
	*m = good;
	m->tag.malformed = "odd";
	assert_string_equal(judged(f), "signature.merged_tag");
	*m = good;
	m->tag.tagger.email = SPAN_LIT("ada@example.org");
	assert_string_equal(judged(f), "signature.merged_tag");
	f->signature.identity = false;
	assert_string_equal(judged(f), "");
	/* One that may not sign commits here may offer them. */
	f->signature.by = world_people(&f->w, ADA, -1);
	f->up->nchange = 1;
	assert_string_equal(judged(f), "");
	/* The second of two; and facts that nobody gathered. */
	c->commit.nmergetag = 2;
	assert_string_equal(judged(f), "signature.merged_tag");
	c->merged = NULL;
	assert_string_equal(judged(f), "signature.merged_tag");
	f->signature.merged_tags = MERGED_TAGS_OFF;
	assert_string_equal(judged(f), "");
}

static void each_merged_parent_can_need_a_tag(void **state)
{
	struct fixture *f = *state;
	struct change *c = world_commit(&f->w, f->up, ADA);
	struct oid parents[3];
	struct merged_tag *m = merge(f, c, parents);

	f->signature.merged_tags = MERGED_TAGS_REQUIRED;
	assert_string_equal(judged(f), "");
	c->commit.nparent = 3;
	assert_string_equal(judged(f), "signature.merged_tag");
	assert_non_null(strstr(f->w.out.v[0].detail,
		"no signed tag of 636363636363, which it merges"));
	m[1] = m[0];
	m[1].tag.target = parents[2];
	c->commit.nmergetag = 2;
	assert_string_equal(judged(f), "");
	c->commit.nmergetag = 0;
	c->merged = NULL;
	assert_string_equal(judged(f), "signature.merged_tag");
	c->commit.nparent = 1;
	assert_string_equal(judged(f), "");
}

static void every_commit_and_tag_is_judged(void **state)
{
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < 5; i++)
		world_commit(&f->w, f->up, ADA)->sig.status =
			i % 2 ? SIGNATURE_BAD : SIGNATURE_GOOD;
	world_tag(&f->w, f->up, BELA);
	world_tag(&f->w, f->up, BELA)->sig.status = SIGNATURE_REVOKED;
	assert_string_equal(
		judged(f), "signature.revoked signature.bad signature.bad");
}

static void lightweight_tags_cannot_be_signed(void **state)
{
	struct fixture *f = *state;

	f->up = world_update(&f->w, "refs/tags/v1");
	f->up->rules.signature = &f->signature;
	f->up->movement = MOVEMENT_CREATE;
	assert_string_equal(judged(f), "signature.missing");
	world_tag(&f->w, f->up, ADA);
	assert_string_equal(judged(f), "");
}

static void deleting_needs_no_signature(void **state)
{
	struct fixture *f = *state;

	world_commit(&f->w, f->up, ADA)->sig.status = SIGNATURE_BAD;
	f->up->movement = MOVEMENT_DELETE;
	assert_string_equal(judged(f), "");
}

static void what_is_told_is_printable(void **state)
{
	struct fixture *f = *state;
	struct change *c = world_commit(&f->w, f->up, ADA);
	const char *p;

	c->commit.message = SPAN_LIT("\x1b[31mred\xff\nsecond line\n");
	c->commit.author.name = SPAN_LIT("A\x07\xe2\x80\xae");
	c->sig.status = SIGNATURE_MISSING;
	assert_string_equal(judged(f), "signature.missing");
	for (p = f->w.out.v[0].detail; *p; p++)
		assert_true((unsigned char)*p >= 0x20);
	assert_null(strstr(f->w.out.v[0].detail, "\xe2\x80\xae"));
	assert_null(strstr(f->w.out.v[0].detail, "second"));
	c->sig.status = SIGNATURE_UNKNOWN_KEY;
	c->sig.person = NULL;
	c->sig.key = "ab\x1b]0;title\x07";
	assert_string_equal(judged(f), "signature.unknown_key");
	assert_null(strchr(f->w.out.v[0].detail, '\x1b'));
}

/* The key of a forge. */
static void some_sign_only_what_adds_nothing(void **state)
{
	struct fixture *f = *state;
	struct change *c = world_commit(&f->w, f->up, CI);
	struct approval_fact *a;
	struct change was = {0};

	f->signature.by = world_people(&f->w, ADA, CI, -1);
	assert_string_equal(judged(f), "");
	f->w.person[CI].signs = SIGNS_MERGES;
	assert_string_equal(judged(f), "signature.limited");
	c->merge = MERGE_UNCLEAN;
	c->unclean = "because";
	assert_string_equal(judged(f), "signature.limited");
	assert_non_null(strstr(f->w.out.v[0].detail, "is none: because"));
	c->merge = MERGE_CLEAN;
	assert_string_equal(judged(f), "");
	c->merge = MERGE_UNKNOWN;

	f->up->rules.approval = &f->approval;
	f->approval.exclude = EXCLUDE_AUTHOR;
	a = world_approval(&f->w, f->up, ADA, 0);
	a->was = &was;
	a->nwas = 1;
	assert_string_equal(judged(f), "signature.limited");
	f->w.person[CI].signs = SIGNS_UNCHANGED;
	assert_string_equal(judged(f), "");
	/* Only what can count as an approval does. */
	a->person = &f->w.person[CI];
	assert_string_equal(judged(f), "signature.limited");
	a->person = &f->w.person[ADA];
	a->ref = SPAN_LIT("refs/heads/other");
	assert_string_equal(judged(f), "signature.limited");
	a->ref = f->up->up->ref;
	f->approval.no_tags = true;
	assert_string_equal(judged(f), "signature.limited");
	f->approval.no_tags = false;
	was.commit.author.email = SPAN_LIT("ada@example.org");
	assert_string_equal(judged(f), "signature.limited");
	f->approval.exclude = 0;
	assert_string_equal(judged(f), "");
	f->approval.exclude = EXCLUDE_AUTHOR;
	was.commit.author.email = SPAN_LIT("bela@example.org");
	c->commit.author.email = SPAN_LIT("ada@example.org");
	assert_string_equal(judged(f), "signature.limited");
	c->commit.author.email = SPAN_LIT("ci@example.org");
	f->up->rules.approval = NULL;
	assert_string_equal(judged(f), "signature.limited");
	f->up->rules.approval = &f->approval;
	a->status = APPROVAL_STRANGER;
	assert_string_equal(judged(f), "signature.limited");
	a->status = APPROVAL_VALID;
	a->nwas = 0;
	assert_string_equal(judged(f), "signature.limited");
	a->nwas = 1;
	a->covers[0] = 0;
	assert_string_equal(judged(f), "signature.limited");
	c->merge = MERGE_CLEAN;
	assert_string_equal(judged(f), "");
	world_tag(&f->w, f->up, CI);
	assert_string_equal(judged(f), "signature.limited");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_good_signature_passes),
		TEST(without_a_rule_nothing_is_demanded),
		TEST(each_status_has_its_finding),
		TEST(zeroed_facts_refuse),
		TEST(a_kind_that_is_not_allowed_is_told_first),
		TEST(only_those_allowed_may_sign),
		TEST(an_empty_list_allows_nobody),
		TEST(the_signer_is_author_or_committer),
		TEST(malformed_refuses_even_a_good_signature),
		TEST(tags_in_merges_count_where_asked),
		TEST(each_merged_parent_can_need_a_tag),
		TEST(every_commit_and_tag_is_judged),
		TEST(lightweight_tags_cannot_be_signed),
		TEST(deleting_needs_no_signature),
		TEST(what_is_told_is_printable),
		TEST(some_sign_only_what_adds_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
