/*
 * Push to a repository on this machine, saying whatever is asked for.
 *
 * raw-push [--sign KEY] [--certificate FILE] [--command LINE]...
 *	[--option TEXT]... [--tip OBJECT]... [--http] REPOSITORY
 *
 * Speaks to git receive-pack as a client would that keeps to no rule. In the
 * certificate NONCE stands for the nonce that the server gives; with --sign an
 * SSH signature is put behind it. --command is a line beside the certificate.
 * --http asks and pushes in two steps, as git http-backend has receive-pack do.
 * What the server says goes to standard output; status 1 if a ref was not
 * updated. Run in the repository that has the objects.
 */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	SIGN = 1,
	CERTIFICATE,
	COMMAND,
	OPTION,
	TIP,
	HTTP,
	HTTP_ASKS
};

static const struct option options[] = {
	{"sign", required_argument, NULL, SIGN},
	{"certificate", required_argument, NULL, CERTIFICATE},
	{"command", required_argument, NULL, COMMAND},
	{"option", required_argument, NULL, OPTION},
	{"tip", required_argument, NULL, TIP},
	{"http", no_argument, NULL, HTTP},
	{NULL, 0, NULL, 0},
};

/* What was asked for, in order. */
static struct {
	int kind;
	const char *text;
} asked[1024];
static size_t nasked;

static const char *one(int kind)
{
	const char *text = NULL;
	size_t i;

	for (i = 0; i < nasked; i++)
		if (asked[i].kind == kind)
			text = asked[i].text;
	return text;
}

struct child {
	pid_t pid;
	FILE *in, *out; /* its standard input and output */
};

static struct child start(const char *dir, const char *const *argv)
{
	struct child c;
	int in[2], out[2];

	if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC))
		err(2, "pipe");
	c.pid = fork();
	if (!c.pid) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		if (dir && chdir(dir))
			err(2, "%s", dir);
		execvp(argv[0], (char *const *)argv);
		err(2, "%s", argv[0]);
	}
	close(in[0]);
	close(out[1]);
	c.in = fdopen(in[1], "w");
	c.out = fdopen(out[0], "r");
	if (c.pid < 0 || !c.in || !c.out)
		err(2, "%s", argv[0]);
	return c;
}

static void end(struct child *c)
{
	int status;

	fclose(c->out);
	waitpid(c->pid, &status, 0);
}

/* All that the child says to ${text}, into ${to}; it must succeed. */
static void answer(const char *const *argv, const char *text, FILE *to)
{
	struct child c = start(NULL, argv);
	char chunk[4096];
	size_t n;
	int status;

	fputs(text, c.in);
	fclose(c.in);
	while ((n = fread(chunk, 1, sizeof(chunk), c.out)) > 0)
		fwrite(chunk, 1, n, to);
	fclose(c.out);
	if (waitpid(c.pid, &status, 0) < 0 || status)
		errx(2, "%s failed", argv[0]);
}

static struct child receive_pack(const char *repository, int how)
{
	const char *const plain[] = {"git", "receive-pack", repository, NULL};
	const char *const http[] = {
		"git", "receive-pack", "--stateless-rpc", ".", NULL};
	const char *const asks[] = {"git", "receive-pack", "--stateless-rpc",
		"--http-backend-info-refs", ".", NULL};

	switch (how) {
	case HTTP_ASKS:
		return start(repository, asks);
	case HTTP:
		return start(repository, http);
	default:
		return start(NULL, plain);
	}
}

/* -1 at the end, else the length of the line; 0 of one that ends a part. */
static int read_line(FILE *f, char text[65536])
{
	unsigned n;

	if (fread(text, 1, 4, f) < 4)
		return -1;
	text[4] = 0;
	n = (unsigned)strtoul(text, NULL, 16);
	n = n < 4 ? 0 : n - 4;
	n = (unsigned)fread(text, 1, n, f);
	text[n] = 0;
	return (int)n;
}

static void read_nonce(FILE *f, char nonce[256])
{
	char text[65536], *word;
	int n;

	nonce[0] = 0;
	while ((n = read_line(f, text)) > 0) {
		word = memchr(text, 0, (size_t)n);
		word = strstr(word ? word + 1 : text, "push-cert=");
		if (word)
			snprintf(nonce, 256, "%.*s",
				(int)strcspn(word + 10, " \n"), word + 10);
	}
}

static void put(FILE *f, const char *text, size_t n, const char *caps)
{
	size_t more = caps ? strlen(caps) + 1 : 0;

	fprintf(f, "%04zx", n + more + 4);
	fwrite(text, 1, n, f);
	if (caps) {
		fputc(0, f);
		fputs(caps, f);
	}
}

/* The file with the nonce in its place, and signed. */
static char *certificate(const char *file, const char *nonce, const char *key)
{
	const char *const sign[] = {
		"ssh-keygen", "-q", "-Y", "sign", "-f", key, "-n", "git", NULL};
	char *text = NULL, *line = NULL, *at;
	size_t n, room = 0;
	FILE *from = fopen(file, "r"), *to = open_memstream(&text, &n);

	if (!from || !to)
		err(2, "%s", file);
	while (getline(&line, &room, from) > 0) {
		at = strstr(line, "NONCE");
		if (at)
			fprintf(to, "%.*s%s%s", (int)(at - line), line, nonce,
				at + strlen("NONCE"));
		else
			fputs(line, to);
	}
	fclose(from);
	fflush(to);
	if (key) {
		char *unsigned_text = strdup(text);

		answer(sign, unsigned_text, to);
		free(unsigned_text);
	}
	fclose(to);
	free(line);
	return text;
}

static void put_certificate(FILE *f, const char *text, const char *caps)
{
	size_t n;

	put(f, "push-cert\n", strlen("push-cert") + !caps, caps);
	for (; *text; text += n) {
		n = strcspn(text, "\n");
		n += text[n] == '\n';
		put(f, text, n, NULL);
	}
	put(f, "push-cert-end\n", strlen("push-cert-end\n"), NULL);
}

static void put_pack(FILE *f)
{
	static const char *const argv[] = {
		"git", "pack-objects", "--revs", "--stdout", "-q", NULL};
	char *tips = NULL;
	size_t n, i;
	FILE *to = open_memstream(&tips, &n);

	for (i = 0; i < nasked; i++)
		if (asked[i].kind == TIP)
			fprintf(to, "%s\n", asked[i].text);
	fclose(to);
	answer(argv, tips, f);
	free(tips);
}

static void push(FILE *f, const char *nonce)
{
	const char *caps = one(OPTION)
		? "report-status side-band-64k push-options"
		: "report-status side-band-64k";
	size_t i;

	for (i = 0; i < nasked; i++)
		if (asked[i].kind == COMMAND) {
			put(f, asked[i].text, strlen(asked[i].text), caps);
			caps = NULL;
		}
	if (one(CERTIFICATE)) {
		char *text = certificate(one(CERTIFICATE), nonce, one(SIGN));

		put_certificate(f, text, caps);
		free(text);
	}
	fputs("0000", f);
	for (i = 0; i < nasked; i++)
		if (asked[i].kind == OPTION)
			put(f, asked[i].text, strlen(asked[i].text), NULL);
	if (one(OPTION))
		fputs("0000", f);
	if (one(TIP))
		put_pack(f);
}

int main(int argc, char **argv)
{
	char nonce[256], text[65536], *report = NULL;
	const char *repository;
	struct child server;
	FILE *kept;
	size_t size;
	int n, kind;

	while ((kind = getopt_long(argc, argv, "", options, NULL)) >= 0) {
		if (kind == '?' || nasked == sizeof(asked) / sizeof(asked[0]))
			return 64;
		asked[nasked].kind = kind;
		asked[nasked++].text = optarg ? optarg : "";
	}
	if (optind + 1 != argc)
		return 64;
	repository = argv[optind];
	signal(SIGPIPE, SIG_IGN);
	if (one(HTTP)) {
		server = receive_pack(repository, HTTP_ASKS);
		fclose(server.in);
		read_nonce(server.out, nonce);
		end(&server);
		server = receive_pack(repository, HTTP);
	} else {
		server = receive_pack(repository, 0);
		read_nonce(server.out, nonce);
	}
	push(server.in, nonce);
	fclose(server.in);
	kept = open_memstream(&report, &size);
	while ((n = read_line(server.out, text)) >= 0) {
		if (n > 0 && text[0] == 1)
			fwrite(text + 1, 1, (size_t)n - 1, kept);
		if (n > 0)
			fwrite(text + 1, 1, (size_t)n - 1, stdout);
	}
	fputc('\n', stdout);
	fclose(kept);
	end(&server);
	return strstr(report, "ng ") || !strstr(report, "ok ");
}
