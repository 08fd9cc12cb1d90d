/*
 * sluice log witness: have the log's checkpoint signed by the witnesses of
 * <state>/witnesses: over the network, or by files that are carried to and fro.
 */
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/text.h"
#include "cmd/log.h"
#include "log/store.h"
#include "log/witnessed.h"
#include "parse/addcheckpoint.h"
#include "parse/doc.h"
#include "port/httpclient.h"

#define ANSWER_MAX 65536u
#define TIMEOUT_MS 10000

struct ask {
	struct run *run;
	const char *old, *take, *ca_file, *proxy;
	bool request;
	struct arena *arena;
	struct tlogpolicy policy;
	struct log_reader *log;
	struct buf note; /* that is asked about */
	struct err err;
};

static int post(struct ask *k, const struct tlogpolicy_node *w, uint64_t old,
	struct http_answers *out)
{
	struct buf body = BUF_INIT(ADDCHECKPOINT_MAX), url = BUF_INIT(4096);
	struct http_request r = {.method = HTTP_POST,
		.nurl = 1,
		.ca_file = span_str(k->ca_file),
		.proxy = span_str(k->proxy),
		.timeout_ms = TIMEOUT_MS,
		.max_bytes = ANSWER_MAX};
	int ret = -1;

	buf_span(&url, w->url);
	if (url.n && url.p[url.n - 1] != '/')
		buf_byte(&url, '/');
	buf_str(&url, "add-checkpoint");
	if (buf_check(&url, "address", &k->err) ||
		witnessed_ask(k->log, old, buf_all(&k->note), &body, &k->err))
		goto out;
	r.url[0] = buf_all(&url);
	r.body = buf_all(&body);
	ret = http_ask(NULL, &r, out, &k->err);
out:
	buf_free(&body);
	buf_free(&url);
	return ret;
}

/* What a witness that is ahead, or behind, says it has. */
static bool size_of(const struct http_reply *r, uint64_t *out)
{
	return r->status == 409 && span_is(r->type, "text/x.tlog.size") &&
		text_to_u64(span_trim(r->body), LOG_SIZE_MAX, out);
}

static int ask_one(struct ask *k, const struct tlogpolicy_node *w, uint64_t old,
	struct witnessed *out)
{
	struct http_answers a;
	uint64_t theirs;
	int ret = -1;

	if (post(k, w, old, &a))
		return -1;
	if (size_of(&a.v[0], &theirs)) {
		http_answers_free(&a);
		if (post(k, w, theirs, &a))
			return -1;
	}
	if (a.v[0].status != 200) {
		err_set(&k->err, ERR_NET, "it answers %u: %.*s", a.v[0].status,
			(int)(a.v[0].body.n < 200 ? a.v[0].body.n : 200),
			(const char *)a.v[0].body.p);
		goto out;
	}
	ret = witnessed_take(
		k->run->state, &k->policy, a.v[0].body, out, &k->err);
out:
	http_answers_free(&a);
	return ret;
}

/* How far the witness went along, by what it signed of this log last. */
static uint64_t old_of(struct ask *k, size_t witness)
{
	struct buf path = PATH_BUF_INIT, text = BUF_INIT(CHECKPOINT_MAX);
	struct err none = ERR_INIT;
	struct checkpoint c;
	struct witnessed by;
	struct note note;
	uint64_t old = 0;

	store_path(&path, k->run->state, WITNESSED_CHECKPOINT);
	if (!io_read_file(buf_cstr(&path), &text, &none) &&
		!note_parse(buf_all(&text), k->arena, &note, &none) &&
		!checkpoint_parse(note.text, &c, &none) &&
		!witnessed_by(&k->policy, &note, &by, &none) &&
		by.cosigned[witness] && c.size <= log_size(k->log))
		old = c.size;
	buf_free(&text);
	buf_free(&path);
	return old;
}

/* Returns how many could not be asked, or would not sign. */
static size_t ask_all(struct ask *k, struct witnessed *now)
{
	size_t i, failed = 0;

	for (i = 0; i < k->policy.nnode; i++) {
		const struct tlogpolicy_node *w = &k->policy.node[i];

		if (w->member || now->cosigned[i])
			continue;
		k->err = (struct err)ERR_INIT;
		if (w->url.n && !ask_one(k, w, old_of(k, i), now))
			continue;
		failed++;
		if (!w->url.n)
			err_set(&k->err, ERR_NET,
				"it has no address: carry the output of "
				"'sluice log witness --request' to it");
		fprintf(stderr, "sluice: witness '%.*s': %s\n",
			SPAN_FMT(w->name), k->err.text);
	}
	return failed;
}

static void tell(const struct ask *k, const struct witnessed *w)
{
	struct buf out = BUF_INIT(1u << 20);
	struct doc *j = doc_object(), *list = doc_array();
	char when[CLOCK_TEXT_MAX];
	size_t i;

	doc_set(j, "size", doc_of_int((int64_t)log_size(k->log)));
	doc_set(j, "quorum", doc_of_bool(w->quorum));
	for (i = 0; i < k->policy.nnode; i++) {
		const struct tlogpolicy_node *n = &k->policy.node[i];
		struct doc *one;

		if (n->member || !w->cosigned[i])
			continue;
		clock_text((int64_t)w->time[i], when);
		one = doc_object();
		doc_set(one, "witness", doc_of_text(n->name));
		doc_set(one, "time", doc_of_str(when));
		doc_add(list, one);
		if (!k->run->json) {
			printf("signed by %.*s at %s\n", SPAN_FMT(n->name),
				when);
		}
	}
	doc_set(j, "witnesses", list);
	if (k->run->json) {
		doc_canonical(j, &out);
		printf("%s\n", buf_cstr(&out));
	} else {
		printf("%llu entries: %s\n",
			(unsigned long long)log_size(k->log),
			w->quorum ? "a quorum of the witnesses signed"
				  : "no quorum of the witnesses yet");
	}
	doc_free(j);
	buf_free(&out);
}

static int print_request(struct ask *k)
{
	struct buf body = BUF_INIT(ADDCHECKPOINT_MAX);
	uint64_t old = 0;
	int ret = -1;

	if (k->old && !text_to_u64(span_str(k->old), LOG_SIZE_MAX, &old)) {
		err_set(&k->err, ERR_USAGE, "--old takes a number of entries");
		goto out;
	}
	if (witnessed_ask(k->log, old, buf_all(&k->note), &body, &k->err))
		goto out;
	fwrite(body.p, body.n, 1, stdout);
	ret = 0;
out:
	buf_free(&body);
	return ret;
}

static int take_file(struct ask *k, struct witnessed *now)
{
	struct buf lines = BUF_INIT(ANSWER_MAX);
	int ret = -1;

	if (strcmp(k->take, "-") ? io_read_file(k->take, &lines, &k->err)
				 : io_read(STDIN_FILENO, &lines, &k->err))
		goto out;
	ret = witnessed_take(
		k->run->state, &k->policy, buf_all(&lines), now, &k->err);
out:
	buf_free(&lines);
	return ret;
}

static enum exit_code run_it(struct ask *k)
{
	struct buf path = PATH_BUF_INIT;
	struct witnessed now;
	struct note note;
	enum exit_code status = EXIT_UNKNOWN;
	size_t failed = 0;

	if (log_open_state(k->run->state, &k->log, &k->err))
		goto fail;
	if (!k->take &&
		witnessed_begin(k->run->state, k->log, &k->note, &k->err))
		goto fail;
	if (k->request) {
		if (print_request(k))
			goto fail;
		status = EXIT_YES;
		goto out;
	}
	store_path(&path, k->run->state, WITNESSED_POLICY);
	if (witnessed_policy(buf_cstr(&path), k->arena, &k->policy, &k->err)) {
		if (!k->err.hint[0])
			err_hint(&k->err,
				"it names the witnesses and how many must "
				"sign: sluice-log(5)");
		goto fail;
	}
	if (k->take) {
		if (take_file(k, &now))
			goto fail;
	} else {
		if (note_parse(buf_all(&k->note), k->arena, &note, &k->err) ||
			witnessed_by(&k->policy, &note, &now, &k->err))
			goto fail;
		failed = ask_all(k, &now);
	}
	tell(k, &now);
	if (now.quorum)
		status = EXIT_YES;
	else
		status = failed ? EXIT_UNKNOWN : EXIT_NO;
	goto out;
fail:
	status = cmd_fail(&k->err);
out:
	buf_free(&path);
	return status;
}

enum exit_code cmd_log_witness(struct run *run, int argc, char **argv)
{
	struct ask k = {.run = run, .note = BUF_INIT(CHECKPOINT_MAX)};
	const struct option_def defs[] = {
		{"--request", OPTION_FLAG, &k.request,
			"print what a witness is asked"},
		{"--old", OPTION_TEXT, &k.old,
			"the entries that witness has seen (0)"},
		{"--take", OPTION_TEXT, &k.take,
			"a file of signature lines that a witness gave, or -"},
		{"--ca-file", OPTION_TEXT, &k.ca_file,
			"trust these authorities for https only"},
		{"--proxy", OPTION_TEXT, &k.proxy, "go through this proxy"},
	};
	enum exit_code status;
	int left;

	left = options_read(run, defs, ARRAY_LEN(defs), argc, argv, &k.err);
	if (left >= 0 && run->help)
		return cmd_usage(
			"log witness", "[OPTIONS]", defs, ARRAY_LEN(defs));
	if (left > 0)
		left = err_set(
			&k.err, ERR_USAGE, "log witness takes no arguments");
	if (!left && k.request && k.take)
		left = err_set(&k.err, ERR_USAGE,
			"--request and --take do not go together");
	if (!left && k.old && !k.request)
		left = err_set(&k.err, ERR_USAGE, "--old goes with --request");
	if (left < 0)
		return cmd_fail(&k.err);
	k.arena = arena_new(LOG_ARENA);
	status = run_it(&k);
	log_close(k.log);
	arena_free(k.arena);
	buf_free(&k.note);
	return status;
}
