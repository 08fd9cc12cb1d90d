/*
 * sluice witness: sign the checkpoints of others' logs, once they are shown to
 * continue what was signed before. By hand, from files; or as a CGI program
 * behind any web server.
 */
#include <errno.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/text.h"
#include "cmd/log.h"
#include "log/store.h"
#include "log/witness.h"

#define DIR_DEFAULT "witness"

struct ask {
	struct run *run;
	const char *dir;
	const char *name;
	bool stolen;
	int argc;
	char **argv; /* what is left, from 1 on */
};

static enum exit_code init(struct ask *k)
{
	struct buf vkey = BUF_INIT(4096);
	struct err err = ERR_INIT;
	enum exit_code status = EXIT_YES;

	if (!k->name) {
		err_set(&err, ERR_USAGE, "witness init needs --name");
		err_hint(&err,
			"a name for the witness that stays, like "
			"witness.example.org/w1");
		status = cmd_fail(&err);
	} else if (witness_create(k->dir, span_str(k->name), &vkey, &err)) {
		status = cmd_fail(&err);
	} else {
		printf("%s\n", buf_cstr(&vkey));
	}
	buf_free(&vkey);
	return status;
}

static enum exit_code key(struct ask *k)
{
	struct buf vkey = BUF_INIT(4096);
	struct err err = ERR_INIT;
	enum exit_code status = EXIT_YES;

	if (witness_vkey(k->dir, &vkey, &err))
		status = cmd_fail(&err);
	else
		printf("%s\n", buf_cstr(&vkey));
	buf_free(&vkey);
	return status;
}

/* The key itself, or a file with it and how it followed on others. */
static int trust_one(const struct ask *k, const char *arg, struct err *err)
{
	struct buf text = BUF_INIT(KEYCHAIN_TEXT_MAX);
	int ret = log_read_vkey(arg, &text, err);

	if (!ret)
		ret = witness_trust(k->dir, buf_all(&text), k->stolen, err);
	buf_free(&text);
	return ret;
}

static enum exit_code trust(struct ask *k)
{
	struct err err = ERR_INIT;
	int i;

	if (k->argc < 2) {
		err_set(&err, ERR_USAGE,
			"witness trust takes the verifier keys of logs");
		return cmd_fail(&err);
	}
	for (i = 1; i < k->argc; i++)
		if (trust_one(k, k->argv[i], &err))
			return cmd_fail(&err);
	return EXIT_YES;
}

static uint64_t now_s(void)
{
	return (uint64_t)clock_now();
}

/* A request from a file or the standard input; the signature line to stdout. */
static enum exit_code add(struct ask *k)
{
	struct witness_reply reply = {.line = BUF_INIT(4096)};
	struct buf body = BUF_INIT(ADDCHECKPOINT_MAX);
	struct err err = ERR_INIT;
	enum exit_code status = EXIT_NO;
	const char *from = k->argc > 1 ? k->argv[1] : "-";

	if ((strcmp(from, "-") ? io_read_file(from, &body, &err)
			       : io_read(STDIN_FILENO, &body, &err)) ||
		witness_add(k->dir, buf_all(&body), now_s(), &reply, &err)) {
		status = cmd_fail(&err);
		goto out;
	}
	if (reply.answer == WITNESS_COSIGNED) {
		printf("%s", buf_cstr(&reply.line));
		status = EXIT_YES;
		goto out;
	}
	fprintf(stderr, "sluice: not signed: %s\n", reply.why);
	if (reply.answer == WITNESS_BEHIND)
		fprintf(stderr,
			"hint: ask again with the size %llu: sluice "
			"log witness --request --old %llu\n",
			(unsigned long long)reply.size,
			(unsigned long long)reply.size);
	if (reply.answer == WITNESS_FORKED)
		fprintf(stderr,
			"hint: the log shows different histories: see "
			"'Forks' in sluice-witness(1)\n");
out:
	buf_free(&reply.line);
	buf_free(&body);
	return status;
}

static const char *status_text(unsigned status)
{
	switch (status) {
	case 200:
		return "OK";
	case 400:
		return "Bad Request";
	case 403:
		return "Forbidden";
	case 404:
		return "Not Found";
	case 405:
		return "Method Not Allowed";
	case 409:
		return "Conflict";
	case 413:
		return "Content Too Large";
	case 422:
		return "Unprocessable Content";
	default:
		return "Internal Server Error";
	}
}

static enum exit_code answer(
	unsigned status, const char *type, struct span body)
{
	printf("Status: %u %s\r\nContent-Type: %s\r\n", status,
		status_text(status), type);
	printf("Content-Length: %zu\r\n\r\n", body.n);
	fwrite(body.p, body.n, 1, stdout);
	return EXIT_YES;
}

#define PLAIN "text/plain; charset=utf-8"

static enum exit_code refused(unsigned status, const char *why)
{
	struct buf body = BUF_INIT(4096);

	buf_fmt(&body, "%s\n", why);
	answer(status, PLAIN, buf_all(&body));
	buf_free(&body);
	return EXIT_YES;
}

static enum exit_code post(const char *dir)
{
	struct witness_reply reply = {.line = BUF_INIT(4096)};
	struct buf body = BUF_INIT(ADDCHECKPOINT_MAX), size = BUF_INIT(64);
	const char *length = getenv("CONTENT_LENGTH");
	struct err err = ERR_INIT;
	uint64_t n;

	if (!length || !text_to_u64(span_str(length), INT64_MAX, &n)) {
		refused(400, "no length");
	} else if (n > ADDCHECKPOINT_MAX) {
		refused(413, "too large");
	} else if (io_read(STDIN_FILENO, &body, &err) || body.n != n) {
		refused(400, "not as long as it says");
	} else if (witness_add(dir, buf_all(&body), now_s(), &reply, &err)) {
		/* The cause is nobody's business on the network. */
		fprintf(stderr, "sluice: %s\n", err.text);
		refused(500, "the witness cannot answer");
	} else if (reply.answer == WITNESS_COSIGNED) {
		answer(200, PLAIN, buf_all(&reply.line));
	} else if (reply.answer == WITNESS_BEHIND) {
		buf_fmt(&size, "%llu\n", (unsigned long long)reply.size);
		answer(409, "text/x.tlog.size", buf_all(&size));
	} else {
		refused(witness_status(reply.answer), reply.why);
	}
	buf_free(&reply.line);
	buf_free(&body);
	buf_free(&size);
	return EXIT_YES;
}

/* "/<64 hex digits>/checkpoint" and nothing else: no other name is opened. */
static bool checkpoint_path(struct span path)
{
	unsigned char raw[WITNESS_NAME_LEN / 2];

	return path.n == 1 + WITNESS_NAME_LEN + sizeof("/checkpoint") - 1 &&
		path.p[0] == '/' &&
		text_hex_read(span_sub(path, 1, WITNESS_NAME_LEN), raw,
			sizeof(raw)) &&
		span_is(span_from(path, 1 + WITNESS_NAME_LEN), "/checkpoint");
}

static enum exit_code get(const char *dir, const char *path)
{
	struct buf name = PATH_BUF_INIT, file = BUF_INIT(CHECKPOINT_MAX);
	struct err err = ERR_INIT;
	enum exit_code status;

	if (!checkpoint_path(span_str(path)))
		return refused(404, "no such file");
	buf_fmt(&name, "%s/" WITNESS_PUBLIC "%s", dir, path);
	if (!io_read_file(buf_cstr(&name), &file, &err))
		status = answer(200, PLAIN, buf_all(&file));
	else
		status = refused(err.sys == ENOENT ? 404 : 500,
			"no checkpoint of that log");
	buf_free(&name);
	buf_free(&file);
	return status;
}

/* RFC 3875. */
static enum exit_code cgi(struct ask *k)
{
	const char *method = getenv("REQUEST_METHOD");
	const char *path = getenv("PATH_INFO");
	struct err err = ERR_INIT;

	if (!method || !path) {
		err_set(&err, ERR_USAGE,
			"witness cgi is for a web server to run");
		return cmd_fail(&err);
	}
	if (!strcmp(path, "/add-checkpoint"))
		return strcmp(method, "POST")
			? refused(405, "add-checkpoint takes POST")
			: post(k->dir);
	if (strcmp(method, "GET"))
		return refused(405, "only GET");
	return get(k->dir, path);
}

static const struct {
	const char *name, *args, *help;
	enum exit_code (*run)(struct ask *k);
	bool takes;
} cmds[] = {
	{"init", "--name NAME", "make a witness and its key", init, false},
	{"key", "", "its verifier key", key, false},
	{"trust", "VKEY|FILE…", "witness the logs of these keys", trust, true},
	{"add", "[REQUEST]", "sign the checkpoint in a file", add, true},
	{"cgi", "", "answer a web server's client", cgi, false},
};

static enum exit_code usage(FILE *to, enum exit_code status)
{
	size_t i;

	fprintf(to, "usage: sluice witness [--dir DIR] COMMAND …\n\n");
	for (i = 0; i < ARRAY_LEN(cmds); i++)
		fprintf(to, "  %-8s %-14s %s\n", cmds[i].name, cmds[i].args,
			cmds[i].help);
	fprintf(to, "\nSee sluice-witness(1).\n");
	return status;
}

enum exit_code cmd_witness(struct run *run, int argc, char **argv)
{
	struct ask k = {.run = run};
	const struct option_def defs[] = {
		{"--dir", OPTION_TEXT, &k.dir,
			"the witness's folder; else <state>/" DIR_DEFAULT},
		{"--name", OPTION_TEXT, &k.name,
			"what the witness is called for ever"},
		{"--compromised", OPTION_FLAG, &k.stolen,
			"trust: go over also from a key that was stolen"},
	};
	struct buf dir = PATH_BUF_INIT;
	struct err err = ERR_INIT;
	enum exit_code status = EXIT_BAD_USE;
	size_t i;
	int left;

	left = options_read(run, defs, ARRAY_LEN(defs), argc, argv, &err);
	if (left >= 0 && run->help)
		return usage(stdout, EXIT_YES);
	if (!left)
		return usage(stderr, EXIT_BAD_USE);
	if (left < 0)
		return cmd_fail(&err);
	if (!k.dir)
		k.dir = store_path(&dir, run->state, DIR_DEFAULT);
	k.argc = left;
	k.argv = argv + 1;
	for (i = 0; i < ARRAY_LEN(cmds); i++)
		if (!strcmp(argv[1], cmds[i].name))
			break;
	if (i == ARRAY_LEN(cmds)) {
		err_set(&err, ERR_USAGE, "unknown command 'witness %s'",
			argv[1]);
		err_hint(&err, "'sluice witness --help' lists them");
		status = cmd_fail(&err);
	} else if (left > 1 && !cmds[i].takes) {
		err_set(&err, ERR_USAGE, "witness %s takes no arguments",
			argv[1]);
		status = cmd_fail(&err);
	} else {
		status = cmds[i].run(&k);
	}
	buf_free(&dir);
	return status;
}
