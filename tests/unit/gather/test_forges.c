#include "gather/forges.h"

#include <sys/stat.h>

#include "base/io.h"
#include "parse/reviewbundle.h"
#include "support/unit.h"
#include "support/webserver.h"

#define H1 "1111111111111111111111111111111111111111"
#define H2 "2222222222222222222222222222222222222222"
#define API "/api/v1/repos/"
#define LIST(n) "/pulls?state=open&sort=recentupdate&limit=50&page=" #n
#define REVIEWS(n) "/pulls/7/reviews?limit=50&page=" #n
#define OK "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"
#define STATUS(s) \
	"HTTP/1.1 " s "\r\nContent-Length: 2\r\nConnection: close\r\n\r\n[]"
#define PULL(branch, state)                                         \
	"{\"number\":7,\"state\":\"" state "\",\"user\":{\"id\":1," \
	"\"login\":\"bela\"},\"base\":{\"ref\":\"" branch           \
	"\"},\"head\":{\"sha\":\"" H1 "\"}}"
#define GUS                                                          \
	"{\"id\":5,\"user\":{\"id\":2,\"login\":\"gus\"},\"state\":" \
	"\"APPROVED\",\"commit_id\":\"" H1 "\",\"stale\":false,"     \
	"\"official\":true,\"dismissed\":false}"

#define PAGE(path, text)                                             \
	{                                                            \
		path, text, sizeof(text) - 1, 0, NULL, 0, 0, NULL, 0 \
	}
#define END(p) PAGE(API p LIST(2), OK "[]")
#define EMPTY(p) PAGE(API p LIST(1), OK "[]"), PAGE(API p LIST(2), OK "[]")

#define MANY 24

static char many_path[MANY][200];

/* One project a way to go wrong. */
static struct web_page pages[MANY + 40] = {
	PAGE(API "team/app" LIST(1), OK "[" PULL("main", "open") "]"),
	PAGE(API "team/app" LIST(2), OK "[]"),
	PAGE(API "team/app/pulls/7", OK PULL("main", "open")),
	PAGE(API "team/app" REVIEWS(1), OK "[" GUS "]"),
	PAGE(API "team/app" REVIEWS(2), OK "[" GUS "]"),
	PAGE(API "team/app" REVIEWS(3), OK "[" GUS "]"),
	PAGE(API "team/app" REVIEWS(4), OK "[]"),
	EMPTY("t/none"),
	PAGE(API "t/closed" LIST(1), OK "[" PULL("main", "closed") "]"),
	PAGE(API "t/closed" LIST(2), OK "[]"),
	PAGE(API "t/other" LIST(1), OK "[" PULL("next", "open") "]"),
	PAGE(API "t/other" LIST(2), OK "[]"),
	PAGE(API "t/401" LIST(1), STATUS("401 Unauthorized")),
	PAGE(API "t/403" LIST(1), STATUS("403 Forbidden")),
	PAGE(API "t/429" LIST(1), STATUS("429 Too Many Requests")),
	PAGE(API "t/500" LIST(1), STATUS("500 Internal Server Error")),
	PAGE(API "t/moved" LIST(1),
		"HTTP/1.1 302 Found\r\nLocation: " API
		"t/none" LIST(1) "\r\nContent-Length: 0\r\nConnection: "
				 "close\r\n\r\n"),
	PAGE(API "t/short" LIST(1),
		"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n[]"),
	PAGE(API "t/cut" LIST(1), OK "[" PULL("main", "open")),
	PAGE(API "t/html" LIST(1), OK "<html>please sign in</html>"),
	PAGE(API "t/object" LIST(1), OK "{}"),
	PAGE(API "t/strange" LIST(1), OK "[{\"number\":\"7\"}]"),
	{API "t/slow" LIST(1), OK "[", sizeof(OK "[") - 1, 0, NULL, 0, true,
		NULL, false},
	{API "t/large" LIST(1), OK "[", sizeof(OK "[") - 1, 40000, " ", 0,
		false, NULL, false},
	{API "t/deep" LIST(1), OK, sizeof(OK) - 1, 200, "[", 0, false, NULL,
		false},
	END("t/short"),
	END("t/cut"),
	END("t/html"),
	END("t/object"),
	END("t/strange"),
	END("t/deep"),
	/* What it lists is not there when it is asked for. */
	PAGE(API "t/gone" LIST(1), OK "[" PULL("main", "open") "]"),
	PAGE(API "t/gone" LIST(2), OK "[]"),
};

static size_t count_pages(void)
{
	size_t n = 0, i;

	while (pages[n].path)
		n++;
	for (i = 0; i < MANY; i++) {
		snprintf(many_path[i], sizeof(many_path[i]),
			API "t/many"
			    "/pulls?state=open&sort=recentupdate&limit=50&"
			    "page=%zu",
			i + 1);
		pages[n].path = many_path[i];
		pages[n].reply = OK "[" PULL("next", "open") "]";
		pages[n].n = strlen(pages[n].reply);
		n++;
	}
	return n;
}

struct fixture {
	char dir[300], policy_path[400], url[64];
	struct web_server server;
	struct buf program;
	struct forge forge;
	struct policy policy;
	struct forges with;
	struct arena *arena;
	struct buf out;
	struct err err;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	char self[PATH_BUF_MAX], full[4096];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self));
	struct span dir = span_of(self, n > 0 ? (size_t)n : 0);
	size_t at = span_search(dir, SPAN_LIT("/tests/unit/"));

	assert_non_null(f);
	assert_int_not_equal(at, SIZE_MAX);
	f->program = (struct buf)PATH_BUF_INIT;
	buf_add(&f->program, self, at);
	buf_str(&f->program, "/sluice-http");
	if (access(buf_cstr(&f->program), X_OK))
		fail_msg("'make all' first: no %s", buf_cstr(&f->program));
	f->server = web_start(pages, count_pages());
	umask(022);
	unit_dir(f->dir, sizeof(f->dir));
	assert_non_null(realpath(f->dir, full));
	snprintf(f->dir, sizeof(f->dir), "%.290s", full);
	snprintf(f->policy_path, sizeof(f->policy_path), "%s/policy.json",
		f->dir);
	snprintf(f->url, sizeof(f->url), "http://127.0.0.1:%d", f->server.port);
	f->forge = (struct forge){
		.name = "gitea", .kind = FORGE_GITEA, .url = f->url};
	f->policy = (struct policy){
		.forge = &f->forge, .nforge = 1, .forge_timeout = 60};
	snprintf(f->policy.digest, sizeof(f->policy.digest), "00ff");
	f->with = (struct forges){
		&f->policy, f->policy_path, buf_cstr(&f->program)};
	f->out = (struct buf)BUF_INIT(REVIEWBUNDLE_MAX);
	f->arena = arena_new(1 << 26);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	web_stop(&f->server);
	unit_rm(f->dir);
	buf_free(&f->program);
	buf_free(&f->out);
	arena_free(f->arena);
	free(f);
	return 0;
}

static int question(struct fixture *f, const char *policy,
	const char *repository, const char *forge)
{
	char text[1000];

	snprintf(text, sizeof(text),
		"sluice-reviews/1 question\npolicy %s\nrepository %s\n"
		"ref refs/heads/main\nforge %s\ncommit " H2 "\ncommit " H1
		"\nend\n",
		policy, repository, forge);
	buf_reset(&f->out);
	err_clear(&f->err);
	return forges_ask(&f->with, span_str(text), f->arena, &f->out, &f->err);
}

static int ask(struct fixture *f, const char *repository)
{
	return question(f, "00ff", repository, "gitea");
}

static void all_of_a_request_is_brought(void **state)
{
	struct fixture *f = *state;
	struct review_answer *a;
	size_t n;

	if (ask(f, "team/app"))
		fail_msg("%s", f->err.text);
	assert_int_equal(
		reviewbundle_read(buf_all(&f->out), f->arena, &a, &n, &f->err),
		0);
	/* The request and the pages up to the empty one. */
	assert_int_equal(n, 5);
	unit_span_is(a[0].part, "request");
	unit_span_is(a[0].body, PULL("main", "open"));
	unit_span_is(a[0].path, API "team/app/pulls/7");
	assert_int_equal(a[0].number, 7);
	unit_span_is(a[4].part, "reviews");
	unit_span_is(a[4].body, "[]");
}

static void what_is_about_something_else_is_left_out(void **state)
{
	static const char *const names[] = {"t/none", "t/closed", "t/other"};
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < ARRAY_LEN(names); i++) {
		if (ask(f, names[i]))
			fail_msg("%s: %s", names[i], f->err.text);
		unit_span_is(
			buf_all(&f->out), "sluice-reviews/1 answers\nend\n");
	}
}

/* Each way to give no answer is an error, and none says "nobody approved". */
static void what_is_no_answer_is_an_error(void **state)
{
	static const struct {
		const char *name, *says;
	} t[] = {
		{"t/401", "answers 401"},
		{"t/403", "answers 403"},
		{"t/unknown", "answers 404"},
		{"t/429", "answers 429"},
		{"t/500", "answers 500"},
		{"t/moved", "redirects the request"},
		{"t/short", "transfer closed"},
		{"t/cut", "the answer"},
		{"t/html", "the answer"},
		{"t/object", "not a list"},
		{"t/strange", "no 'number'"},
		{"t/slow", "took longer"},
		{"t/large", "larger than"},
		{"t/deep", "the answer"},
		{"t/many", "more than 20 pages"},
		{"t/gone", "answers 404"},
	};
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < ARRAY_LEN(t); i++) {
		f->policy.forge_timeout = strcmp(t[i].name, "t/slow") ? 60 : 1;
		if (!ask(f, t[i].name))
			fail_msg("%s was answered", t[i].name);
		if (!strstr(f->err.text, t[i].says))
			fail_msg("%s: %s", t[i].name, f->err.text);
		assert_non_null(strstr(f->err.text, "forge 'gitea'"));
	}
}

/* Where each commit is asked for alone, none is passed over. */
static void too_many_to_ask_for_are_an_error(void **state)
{
	struct fixture *f = *state;
	struct buf text = BUF_INIT(1u << 16);
	size_t i;

	f->forge.kind = FORGE_GERRIT;
	buf_str(&text,
		"sluice-reviews/1 question\npolicy 00ff\n"
		"repository t/none\nref refs/heads/main\nforge gitea\n");
	for (i = 0; i < 65; i++)
		buf_fmt(&text, "commit %040zx\n", i + 1);
	buf_str(&text, "end\n");
	assert_int_equal(forges_ask(&f->with, buf_all(&text), f->arena, &f->out,
				 &f->err),
		-1);
	assert_int_equal(f->err.code, ERR_LIMIT);
	f->forge.kind = FORGE_GITEA;
	buf_free(&text);
}

static void other_questions_are_refused(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(question(f, "00aa", "team/app", "gitea"), -1);
	assert_non_null(strstr(f->err.text, "changed in this moment"));
	assert_int_equal(question(f, "00ff", "team/app", "other"), -1);
	assert_int_equal(f->out.full, false);
}

/* A token file, or something like it. */
static void put(struct fixture *f, const char *name, mode_t mode,
	const char *first, const char *url)
{
	char path[600], text[600];
	struct err err = ERR_INIT;

	snprintf(path, sizeof(path), "%s/%s", f->dir, name);
	snprintf(text, sizeof(text), "%s%s\ntoken hush\n", first, url);
	assert_int_equal(io_replace(path, span_str(text), 0600, &err), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static void fails(struct fixture *f, const char *says)
{
	err_clear(&f->err);
	assert_int_equal(forge_check(&f->with, &f->forge, &f->err), -1);
	if (!strstr(f->err.text, says))
		fail_msg("%s", f->err.text);
	assert_null(strstr(f->err.text, "hush"));
	assert_null(strstr(f->err.hint, "hush"));
}

static void tokens_are_for_one_address_and_one_reader(void **state)
{
	static const char form[] = "address ";
	struct fixture *f = *state;

	f->forge.token_file = "token";
	fails(f, "cannot open");
	put(f, "token", 0600, form, f->url);
	assert_int_equal(forge_check(&f->with, &f->forge, &f->err), 0);
	assert_int_equal(ask(f, "team/app"), 0);
	assert_int_equal(
		span_search(buf_all(&f->out), SPAN_LIT("hush")), SIZE_MAX);
	put(f, "token", 0644, form, f->url);
	fails(f, "others than its owner");
	put(f, "token", 0620, form, f->url);
	fails(f, "can be written");
	put(f, "token", 0600, form, "https://elsewhere.example.org");
	fails(f, "for another address");
	put(f, "token", 0600, "hush ", f->url);
	fails(f, "not of the form");
	f->forge.token_file = NULL;
	f->forge.ca_file = "ca.pem";
	fails(f, "cannot open");
	put(f, "ca.pem", 0666, "", "");
	fails(f, "can be written");
	put(f, "ca.pem", 0644, "", "");
	assert_int_equal(forge_check(&f->with, &f->forge, &f->err), 0);
}

static void doctor_can_tell_whether_it_answers(void **state)
{
	static const char *const bad[] = {"t/401", "t/html", "t/slow", "t/x"};
	struct fixture *f = *state;
	size_t i;

	assert_int_equal(
		forge_reach(&f->with, &f->forge, "team/app", f->arena, &f->err),
		0);
	f->policy.forge_timeout = 1;
	for (i = 0; i < ARRAY_LEN(bad); i++)
		if (!forge_reach(
			    &f->with, &f->forge, bad[i], f->arena, &f->err))
			fail_msg("%s answers", bad[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_of_a_request_is_brought),
		cmocka_unit_test(what_is_about_something_else_is_left_out),
		cmocka_unit_test(what_is_no_answer_is_an_error),
		cmocka_unit_test(too_many_to_ask_for_are_an_error),
		cmocka_unit_test(other_questions_are_refused),
		cmocka_unit_test(tokens_are_for_one_address_and_one_reader),
		cmocka_unit_test(doctor_can_tell_whether_it_answers),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
