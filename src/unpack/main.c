/*
 * sluice-unpack: the only program here that takes archives apart. Requests on
 * standard input, what was in them on standard output (parse/unpackframe.h),
 * one after the other until there are no more. Its argument is the memory that
 * it may use. Before it reads anything it has given up all but reading,
 * writing and computing.
 */
#include <errno.h>
#include <locale.h>
#include <unistd.h>

#include "base/text.h"
#include "parse/unpackframe.h"
#include "port/sandbox.h"
#include "unpack/walk.h"

#define MEMORY_MAX ((uint64_t)64 << 30)
/* Over all requests; who asks puts another in its place before that. */
#define SECONDS 600

/* What was asked has its answer, or there is nobody to give one to. */
NORETURN static void end(int status)
{
	_exit(status);
}

/* Exactly ${n} bytes. False at the end of the input. */
static bool take(unsigned char *to, size_t n)
{
	size_t have = 0;

	while (have < n) {
		ssize_t r = read(STDIN_FILENO, to + have, n - have);

		if (r < 0 && errno == EINTR)
			continue;
		if (r <= 0)
			return false;
		have += (size_t)r;
	}
	return true;
}

static void serve(void)
{
	unsigned char head[UNPACK_REQUEST_HEAD];
	struct unpack_request request;
	struct err err = ERR_INIT;
	unsigned char *bytes;

	while (take(head, sizeof(head))) {
		if (unpack_request_read(head, &request, &err))
			end(2);
		bytes = malloc(request.length + 1);
		if (!bytes)
			end(2);
		if (!take(bytes, request.length))
			end(2);
		walk_archive(&request, span_of(bytes, request.length));
		free(bytes);
	}
}

int main(int argc, char **argv)
{
	struct sandbox_limits limits = {.seconds = SECONDS};
	struct err err = ERR_INIT;

	if (argc == 2 && !strcmp(argv[1], "--version")) {
		printf("sluice-unpack %s\n", SLUICE_VERSION);
		return fflush(stdout) ? 2 : 0;
	}
	if (argc != 2 ||
		!text_to_u64(span_str(argv[1]), MEMORY_MAX, &limits.memory)) {
		fputs("sluice-unpack is run by sluice\n", stderr);
		return 64;
	}
	/* Names in archives are UTF-8 or they are bytes. Built into the C
	 * library: no file is read for it. */
	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		die("there is no locale C.UTF-8");
	if (sandbox_seal(&limits, &err))
		die("%s", err.text);
	serve();
	end(0);
}
