/*
 * sluice log mirror: a verified copy of a log, that notices when the log loses
 * or changes what was copied, or falls silent.
 */
#include "base/clock.h"
#include "base/io.h"
#include "base/text.h"
#include "cmd/log.h"
#include "log/mirror.h"
#include "log/source_http.h"
#include "log/source_ssh.h"
#include "parse/doc.h"

struct ask {
	const char *vkey, *silence, *ca_file, *proxy;
	int64_t silence_s; /* 0: not asked */
};

static bool is_web(const char *text)
{
	return !strncmp(text, "http://", 7) || !strncmp(text, "https://", 8);
}

int log_duration(
	const char *option, const char *text, int64_t *out, struct err *err)
{
	static const struct {
		char unit;
		int64_t s;
	} units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}};
	struct span s = span_str(text);
	uint64_t n;
	size_t i;

	for (i = 0; s.n > 1 && i < ARRAY_LEN(units); i++) {
		if (s.p[s.n - 1] != (unsigned char)units[i].unit ||
			!text_to_u64(span_sub(s, 0, s.n - 1), 100000, &n) || !n)
			continue;
		*out = (int64_t)n * units[i].s;
		return 0;
	}
	return err_set(err, ERR_USAGE,
		"%s takes a time like 30s, 90m, 36h or 7d", option);
}

int log_read_vkey(const char *vkey, struct buf *out, struct err *err)
{
	if (strchr(vkey, '+'))
		buf_str(out, vkey);
	else if (io_read_file(vkey, out, err))
		return err_in(err, "--vkey");
	return buf_check(out, "--vkey", err);
}

int log_source_from(
	const struct log_http *how, struct log_source **out, struct err *err)
{
	if (is_web(how->url))
		return log_source_http(how, out, err);
	if (source_is_ssh(how->url))
		return log_source_ssh(how->url, out, err);
	return log_source_dir(how->url, out, err);
}

int log_open_from(const struct log_http *how, const char *vkey,
	struct log_reader **out, struct err *err)
{
	struct buf key = BUF_INIT(KEYCHAIN_TEXT_MAX);
	struct log_source *src;
	int ret = -1;

	if (log_read_vkey(vkey, &key, err))
		goto out;
	if (log_source_from(how, &src, err))
		goto out;
	ret = log_open(src, span_trim(buf_all(&key)), out, err);
out:
	buf_free(&key);
	return ret;
}

/* For how long nothing was logged; false when that is not to be told. */
static bool silent(const struct ask *k, const struct mirror_result *r)
{
	return k->silence_s && mirror_silent(r, clock_now(), k->silence_s);
}

static const char *answer_name(
	const struct ask *k, const struct mirror_result *r)
{
	if (r->answer == MIRROR_FORKED)
		return "forked";
	if (r->answer == MIRROR_SHRUNK)
		return "shrunk";
	return silent(k, r) ? "silent" : "current";
}

static void say_json(
	const struct ask *k, const struct mirror_result *r, uint64_t size)
{
	struct buf out = BUF_INIT(65536);
	struct doc *j = doc_object();

	doc_set(j, "answer", doc_of_str(answer_name(k, r)));
	doc_set(j, "was", doc_of_int((int64_t)r->was));
	doc_set(j, "size", doc_of_int((int64_t)r->size));
	doc_set(j, "log", doc_of_int((int64_t)size));
	if (r->last[0])
		doc_set(j, "last", doc_of_str(r->last));
	doc_canonical(j, &out);
	printf("%s\n", buf_cstr(&out));
	doc_free(j);
	buf_free(&out);
}

static void say(const struct run *run, const struct ask *k,
	const struct mirror_result *r, uint64_t size, const char *to)
{
	unsigned long long was = (unsigned long long)r->was;

	if (run->json) {
		say_json(k, r, size);
		return;
	}
	switch (r->answer) {
	case MIRROR_FORKED:
		printf("FORKED: the log of %llu entries does not continue the "
		       "%llu that were copied\n"
		       "both checkpoints, each under the log's signature, are "
		       "in '%s/" MIRROR_FORK "'\n",
			(unsigned long long)size, was, to);
		return;
	case MIRROR_SHRUNK:
		printf("SHRUNK: the log has %llu entries, and %llu were "
		       "copied; the copy is as it was\n",
			(unsigned long long)size, was);
		return;
	case MIRROR_CURRENT:
		break;
	}
	if (silent(k, r))
		printf("SILENT: the newest entry is of %s\n", r->last);
	else if (!run->quiet)
		printf("%llu entries, %llu of them new, verified\n",
			(unsigned long long)r->size,
			(unsigned long long)(r->size - r->was));
}

enum exit_code cmd_log_mirror(struct run *run, int argc, char **argv)
{
	struct ask k = {.vkey = NULL};
	const struct option_def defs[] = {
		{"--vkey", OPTION_TEXT, &k.vkey,
			"the log's verifier key, or a file with it"},
		{"--silence", OPTION_TEXT, &k.silence,
			"tell when nothing was logged for so long: 36h"},
		{"--ca-file", OPTION_TEXT, &k.ca_file,
			"trust these authorities for https only"},
		{"--proxy", OPTION_TEXT, &k.proxy, "go through this proxy"},
	};
	struct log_reader *log = NULL;
	struct log_http how = {.url = NULL};
	struct mirror_result r;
	struct err err = ERR_INIT;
	enum exit_code status;
	int left;

	left = options_read(run, defs, ARRAY_LEN(defs), argc, argv, &err);
	if (left >= 0 && run->help)
		return cmd_usage("log mirror", "FROM TO --vkey KEY", defs,
			ARRAY_LEN(defs));
	if (left >= 0 && (left != 2 || !k.vkey))
		left = err_set(&err, ERR_USAGE,
			"log mirror takes an address or folder, the copy's "
			"folder, and --vkey KEY");
	if (left == 2)
		how = (struct log_http){
			.url = argv[1], .ca_file = k.ca_file, .proxy = k.proxy};
	if (left < 0 ||
		(k.silence &&
			log_duration(
				"--silence", k.silence, &k.silence_s, &err)) ||
		log_open_from(&how, k.vkey, &log, &err) ||
		mirror_run(log, argv[2], &r, &err)) {
		status = cmd_fail(&err);
		goto out;
	}
	say(run, &k, &r, log_size(log), argv[2]);
	status = r.answer == MIRROR_CURRENT && !silent(&k, &r) ? EXIT_YES
							       : EXIT_NO;
out:
	log_close(log);
	return status;
}
