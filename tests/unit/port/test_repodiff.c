#include "port/repodiff.h"

#include "base/proc.h"
#include "parse/commit.h"
#include "support/unit.h"

#define COMMITS_MAX 60

/* One change, put on other ground in many ways; "s" tags are meant to be the
 * same patch as "one", "d" tags are not. */
static const char script[] =
	"export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1\n"
	"export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@x GIT_COMMITTER_NAME=a\n"
	"export GIT_COMMITTER_EMAIL=a@x\n"
	"git init -q -b trunk .\n"
	"n=0\n"
	"put() { git add -A; git commit -q --allow-empty -m x; "
	"n=$((n+1)); git tag c$n; }\n"
	"on() { git checkout -q -B w base; }\n"
	"seq 1 40 >a; seq 1 40 >b; mkdir d; echo x >d/y; put; git tag base\n"
	"sed -i 's/^20$/twenty/' a; put; git tag one\n"
	"on; echo more >>b; put; git cherry-pick one >/dev/null || exit 1\n"
	"git commit -q --amend -m y; git tag s1; git tag c$((n+=1))\n"
	"on; sed -i '1i zero' a; put\n"
	"git cherry-pick one >/dev/null || exit 1; git tag s2\n"
	"git tag c$((n+=1))\n"
	"on; sed -i 's/^20$/ twenty/' a; put; git tag d1\n"
	"on; sed -i 's/^20$/twenty /' a; put; git tag d2\n"
	"on; sed -i 's/^20$/twenty/' b; put; git tag d3\n"
	"on; sed -i 's/^20$/twenty/' a; chmod +x a; put; git tag d4\n"
	"on; sed -i 's/^20$/twenty/' a b; put; git tag d5\n"
	"on; sed -i 's/^18$/18x/' a; put; sed -i 's/^20$/twenty/' a; put\n"
	"git tag d6\n"
	"on; git mv a a2; put; sed -i 's/^20$/twenty/' a2; put; git tag d7\n"
	"on; put\n" /* nothing at all, twice */
	"put\n"
	"on; chmod +x a; put; on; chmod +x a; put\n"
	"on; rm a; ln -s b a; put; on; git rm -q a; put\n"
	"on; printf 'a\\nb' >e; put; on; printf 'a\\nb\\n' >e; put\n"
	"on; git update-index --add --cacheinfo 160000,$(git rev-parse base),m;"
	" git commit -q -m x; git tag c100\n"
	"git checkout -q -f base\n"
	"bin() { printf \"$1\" >bin; git add -A; git commit -q -m x; "
	"git tag $2; }\n"
	"bin 'b\\0in' b0\n"
	"bin 'b\\0out' b1\n"
	"git checkout -q -f b0; bin 'b\\0odd' b2\n"
	"git checkout -q -f b0; echo z >z; put\n"
	"bin 'b\\0out' b3\n"
	"git checkout -q -f b0; git merge -q --no-ff --no-edit b1; git tag m\n"
	/* Merges: g are clean, n are not. */
	"m() { git merge -q --no-ff --no-edit \"$@\" >/dev/null; }\n"
	"on; sed -i 's/^3$/three/' a; put; git tag l\n"
	"on; sed -i 's/^33$/x/' a; echo r >r; put; git tag r\n"
	"m l; git tag g1\n"
	"git checkout -q -f l; m r; git tag g2\n"
	"git checkout -q -f r; git merge -q --no-commit l; echo evil >>b\n"
	"put; git tag n1\n"
	"git checkout -q -f r; m -s ours l; git tag n2\n"
	"git checkout -q -f r; m l s2; git tag n3\n" /* octopus */
	"on; sed -i 's/^3$/drei/' a; put; m -X ours l; git tag n4\n"
	"git checkout -q -f g1; echo u >u; put; git tag u1\n"
	"git checkout -q -f g2; echo v >v; put; m u1; git tag g3\n" /* crossed */
	"on; git mv b b2; put; git tag moved\n"
	"on; sed -i 's/^7$/seven/' b; put; m moved; git tag g4\n"
	"git checkout -q --orphan o; git rm -rqf .; echo o >o; put; git tag "
	"new\n"
	"git checkout -q -f r; m --allow-unrelated-histories new; git tag n5\n"
	"git checkout -q -f g1; m r 2>/dev/null\n" /* nothing to do */
	"git commit-tree -p g1 -p r -m x g1^{tree} >h\n"
	"git tag g5 $(cat h); git commit-tree -p g1 -p r -m x r^{tree} >h\n"
	"git tag n6 $(cat h)\n"
	/* The same hunk at the first, the second and again the first place. */
	"blk() { printf 'a\\nb\\nc\\n%sd\\ne\\nf\\ng\\n' $1; }\n"
	"on; { blk; blk; } >p; put; git tag p0\n"
	"{ blk X; blk; } >p; put; git tag p1\n"
	"git checkout -q -f p0; { blk; blk X; } >p; put; git tag p2\n"
	"git checkout -q -f p0; { blk; blk; seq 50; } >p; put\n"
	"{ blk X; blk; seq 50; } >p; put; git tag p3\n"
	"git commit -q --allow-empty -m e; git tag e1\n"
	"git commit -q --allow-empty -m e; git tag e2\n";

struct fixture {
	char dir[300];
	struct arena *arena;
	struct repo *repo;
	struct repodiff *d;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct err err = ERR_INIT;

	assert_non_null(f);
	unit_dir(f->dir, sizeof(f->dir));
	unit_shell(f->dir, script);
	f->arena = arena_new(16u << 20);
	assert_int_equal(repo_open(f->dir, NULL, &f->repo, &err), 0);
	assert_int_equal(repodiff_open(f->repo, &f->d, &err), 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	repodiff_close(f->d);
	repo_close(f->repo);
	unit_rm(f->dir);
	arena_free(f->arena);
	free(f);
	return 0;
}

static struct commit tagged(struct fixture *f, const char *name)
{
	char ref[100];
	struct repo_object obj = {0};
	struct err err = ERR_INIT;
	struct commit c;
	struct oid id;

	snprintf(ref, sizeof(ref), "refs/tags/%s", name);
	assert_true(repo_ref_value(f->repo, ref, &id));
	assert_int_equal(repo_read(f->repo, &id, 65536, &obj, &err), 0);
	assert_int_equal(commit_parse(obj.data, &id, f->arena, &c, &err), 0);
	repo_object_free(&obj);
	return c;
}

static struct patch_id patch(struct fixture *f, const char *name)
{
	struct err err = ERR_INIT;
	struct commit c = tagged(f, name);
	struct patch_id id;

	assert_int_equal(repodiff_patch(f->d, &c, &id, &err), 0);
	return id;
}

static bool same(struct fixture *f, const char *a, const char *b)
{
	struct patch_id x = patch(f, a), y = patch(f, b);

	return x.known && y.known && !memcmp(&x, &y, sizeof(x));
}

static void a_patch_on_other_ground_is_the_same(void **state)
{
	struct fixture *f = *state;

	assert_true(same(f, "one", "one"));
	assert_true(same(f, "one", "s1"));
	assert_true(same(f, "one", "s2"));
	assert_false(same(f, "one", "d1"));
	assert_false(same(f, "one", "d2"));
	assert_false(same(f, "one", "d3"));
	assert_false(same(f, "one", "d4"));
	assert_false(same(f, "one", "d5"));
	assert_false(same(f, "one", "d6"));
	assert_false(same(f, "one", "d7"));
}

/* git's patch-id sees of a binary file only that it is one. */
static void binary_files_count_whole(void **state)
{
	struct fixture *f = *state;

	assert_false(same(f, "b1", "b2"));
	assert_true(same(f, "b1", "b3"));
}

static void a_merge_has_none_nor_has_a_root(void **state)
{
	struct fixture *f = *state;

	assert_false(patch(f, "m").known);
	assert_false(patch(f, "c1").known);
}

static bool equal(struct fixture *f, const char *a, const char *b)
{
	const struct commit x = tagged(f, a), y = tagged(f, b);
	struct err err = ERR_INIT;
	bool out;

	assert_int_equal(
		repodiff_equal(f->d, &(struct repodiff_step){x.parent[0], x.id},
			&(struct repodiff_step){y.parent[0], y.id}, &out, &err),
		0);
	return out;
}

static void a_change_is_equal_only_in_its_place(void **state)
{
	static const char *const other[] = {
		"d1", "d2", "d3", "d4", "d5", "d6", "d7"};
	struct fixture *f = *state;
	size_t i;

	assert_true(equal(f, "one", "s1"));
	assert_true(equal(f, "one", "s2"));
	for (i = 0; i < ARRAY_LEN(other); i++)
		assert_false(equal(f, "one", other[i]));
	assert_true(equal(f, "b1", "b3"));
	assert_false(equal(f, "b1", "b2"));
	/* The same number, at another place that reads the same. */
	assert_true(same(f, "p1", "p2"));
	assert_false(equal(f, "p1", "p2"));
	assert_true(equal(f, "p1", "p3"));
	/* Nothing at all is not equal to nothing. */
	assert_false(equal(f, "e1", "e2"));
}

static void a_base_is_one_or_none(void **state)
{
	struct fixture *f = *state;
	const struct commit l = tagged(f, "l"), r = tagged(f, "r"),
			    u = tagged(f, "u1"), g2 = tagged(f, "g2"),
			    new = tagged(f, "new");
	const struct commit base = tagged(f, "base");
	struct err err = ERR_INIT;
	struct oid out;
	bool one;

	assert_int_equal(
		repodiff_base(f->d, &l.id, &r.id, &out, &one, &err), 0);
	assert_true(one && oid_eq(&out, &base.id));
	assert_int_equal(
		repodiff_base(f->d, &u.id, &g2.id, &out, &one, &err), 0);
	assert_false(one);
	assert_int_equal(
		repodiff_base(f->d, &u.id, &new.id, &out, &one, &err), 0);
	assert_false(one);
}

/* git patch-id of a commit, "" for an empty patch. */
static void git_says(struct fixture *f, const char *name, char out[41])
{
	struct buf text = BUF_INIT(1000);
	char command[400];
	const char *const argv[] = {"sh", "-c", command, NULL};
	struct err err = ERR_INIT;
	struct proc_end end;
	const struct proc p = {.argv = argv, .out = &text, .timeout_ms = 60000};

	snprintf(command, sizeof(command),
		"cd '%s' && git diff-tree -p --no-renames --full-index %s^ %s "
		"| git patch-id --verbatim",
		f->dir, name, name);
	assert_int_equal(proc_run(&p, &end, &err), 0);
	assert_int_equal(end.status, 0);
	snprintf(out, 41, "%.40s", text.n ? buf_cstr(&text) : "");
	buf_free(&text);
}

static void two_are_the_same_exactly_when_git_says_so(void **state)
{
	struct fixture *f = *state;
	static char name[COMMITS_MAX][16], told[COMMITS_MAX][41];
	static struct patch_id ours[COMMITS_MAX];
	size_t n = 0, i, k, equal = 0;
	struct oid id;

	for (i = 2; i < 60; i++) {
		char ref[40];

		snprintf(name[n], sizeof(name[n]), "c%zu", i);
		snprintf(ref, sizeof(ref), "refs/tags/%s", name[n]);
		if (!repo_ref_value(f->repo, ref, &id))
			break;
		ours[n] = patch(f, name[n]);
		if (!ours[n].known)
			continue;
		git_says(f, name[n], told[n]);
		n++;
	}
	assert_true(n > 20);
	for (i = 0; i < n; i++)
		for (k = 0; k < i; k++) {
			bool git = !strcmp(told[i], told[k]);
			bool here = !memcmp(
				ours[i].sha256, ours[k].sha256, SHA256_LEN);

			if (git != here)
				fail_msg("%s and %s: git %d, here %d", name[i],
					name[k], git, here);
			equal += git;
		}
	assert_true(equal > 3);
}

static enum merge_result merged(
	struct fixture *f, const char *name, const char **why)
{
	struct err err = ERR_INIT;
	struct commit c = tagged(f, name);
	enum merge_result out;

	assert_int_equal(repodiff_merge(f->d, &c, &out, why, &err), 0);
	return out;
}

static void a_clean_merge_is_what_git_makes_of_its_parents(void **state)
{
	static const char *const good[] = {"g1", "g2", "g3", "g4", "g5", "m"};
	struct fixture *f = *state;
	const char *why;
	size_t i;

	for (i = 0; i < ARRAY_LEN(good); i++) {
		char command[400];
		const char *const argv[] = {"sh", "-c", command, NULL};
		struct err err = ERR_INIT;
		struct proc_end end;
		const struct proc p = {.argv = argv, .timeout_ms = 60000};

		if (merged(f, good[i], &why) != MERGE_CLEAN)
			fail_msg("%s: %s", good[i], why);
		assert_null(why);
		snprintf(command, sizeof(command),
			"cd '%s' && test \"$(git merge-tree --write-tree %s^1 "
			"%s^2)\" = \"$(git rev-parse %s^{tree})\"",
			f->dir, good[i], good[i], good[i]);
		assert_int_equal(proc_run(&p, &end, &err), 0);
		assert_int_equal(end.status, 0);
	}
}

static void what_a_merge_adds_is_seen(void **state)
{
	static const char *const bad[][2] = {
		{"n1", "another tree"},
		{"n2", "another tree"},
		{"n3", "two parents"},
		{"n4", "conflicts"},
		{"n5", "no commit in common"},
		{"n6", "another tree"},
		{"one", "two parents"},
	};
	struct fixture *f = *state;
	const char *why;
	size_t i;

	for (i = 0; i < ARRAY_LEN(bad); i++) {
		assert_int_equal(merged(f, bad[i][0], &why), MERGE_UNCLEAN);
		assert_non_null(why);
		if (!strstr(why, bad[i][1]))
			fail_msg("%s: %s", bad[i][0], why);
	}
}

/* To merge again leaves nothing behind: here or in the repository. */
static void nothing_is_written(void **state)
{
	struct fixture *f = *state;
	struct buf before = BUF_INIT(1000), after = BUF_INIT(1000);
	const char *const argv[] = {
		"git", "-C", f->dir, "count-objects", "-v", NULL};
	struct err err = ERR_INIT;
	struct proc_end end;
	struct proc p = {.argv = argv, .out = &before, .timeout_ms = 60000};
	const char *why;

	assert_int_equal(proc_run(&p, &end, &err), 0);
	assert_int_equal(merged(f, "n1", &why), MERGE_UNCLEAN);
	p.out = &after;
	assert_int_equal(proc_run(&p, &end, &err), 0);
	assert_true(span_eq(buf_all(&before), buf_all(&after)));
	buf_free(&before);
	buf_free(&after);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_patch_on_other_ground_is_the_same),
		cmocka_unit_test(binary_files_count_whole),
		cmocka_unit_test(a_merge_has_none_nor_has_a_root),
		cmocka_unit_test(a_change_is_equal_only_in_its_place),
		cmocka_unit_test(a_base_is_one_or_none),
		cmocka_unit_test(two_are_the_same_exactly_when_git_says_so),
		cmocka_unit_test(
			a_clean_merge_is_what_git_makes_of_its_parents),
		cmocka_unit_test(what_a_merge_adds_is_seen),
		cmocka_unit_test(nothing_is_written),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
