#include "webserver.h"

#include <arpa/inet.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/io.h"

static void say(int fd, const void *p, size_t n, unsigned drip_ms)
{
	const unsigned char *b = p;

	while (n) {
		ssize_t w = send(fd, b, drip_ms ? 1 : n, MSG_NOSIGNAL);

		if (w <= 0)
			return;
		b += w;
		n -= (size_t)w;
		if (drip_ms)
			usleep(drip_ms * 1000);
	}
}

static void say_page(int fd, const struct web_page *page, int port)
{
	struct span rest = span_of(page->reply, page->n);
	size_t at = span_search(rest, SPAN_LIT("%PORT%"));
	const char *filler = page->filler ? page->filler : "x";
	char block[1024], text[16];
	unsigned i;

	if (at != SIZE_MAX) {
		snprintf(text, sizeof(text), "%d", port);
		say(fd, rest.p, at, 0);
		say(fd, text, strlen(text), 0);
		rest = span_from(rest, at + 6);
	}
	say(fd, rest.p, rest.n, page->drip_ms);
	for (i = 0; i < sizeof(block); i++)
		block[i] = filler[i % strlen(filler)];
	for (i = 0; i < page->repeat; i++)
		say(fd, block, sizeof(block), 0);
}

/* A static file; false when there is none. */
static bool say_file(int fd, const struct web_page *page, struct span path)
{
	struct buf file = PATH_BUF_INIT, bytes = BUF_INIT((size_t)64 << 20);
	struct err ignored = ERR_INIT;
	char head[128];
	bool found;

	buf_fmt(&file, "%s/%.*s", page->folder,
		SPAN_FMT(span_from(path, strlen(page->path))));
	found = !io_read_file(buf_cstr(&file), &bytes, &ignored);
	if (found) {
		snprintf(head, sizeof(head),
			"HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n"
			"Connection: close\r\n\r\n",
			bytes.n);
		say(fd, head, strlen(head), 0);
		say(fd, bytes.p, bytes.n, 0);
	}
	buf_free(&bytes);
	buf_free(&file);
	return found;
}

static void serve(int fd, const struct web_page *pages, size_t n, int port)
{
	const char *said, *end;
	static const char none[] = "HTTP/1.1 404 Not Found\r\n"
				   "Content-Length: 5\r\n"
				   "Connection: close\r\n\r\nnone\n";
	char text[16384];
	struct span got, path;
	ssize_t have = 0, more;
	size_t i, want = 0;

	do {
		more = read(fd, text + have, sizeof(text) - 1 - (size_t)have);
		if (more <= 0)
			return;
		have += more;
		text[have] = '\0';
		end = strstr(text, "\r\n\r\n");
		said = strcasestr(text, "\r\nContent-Length: ");
		if (end)
			want = (size_t)(end + 4 - text);
		if (end && said && said < end)
			want += strtoul(said + 18, NULL, 10);
	} while (!end || (size_t)have < want);
	got = span_of(text, (size_t)have);
	path = span_from(got, span_find(got, ' ') + 1);
	path = span_sub(path, 0, span_find(path, ' '));
	for (i = 0; i < n; i++) {
		if (span_is(path, pages[i].path))
			break;
		if (pages[i].folder &&
			span_starts(path, span_str(pages[i].path)) &&
			say_file(fd, &pages[i], path))
			return;
	}
	if (i == n) {
		say(fd, none, sizeof(none) - 1, 0);
		return;
	}
	if (pages[i].echo) {
		char head[128];

		snprintf(head, sizeof(head),
			"HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n"
			"Connection: close\r\n\r\n",
			got.n);
		say(fd, head, strlen(head), 0);
		say(fd, got.p, got.n, 0);
		return;
	}
	say_page(fd, &pages[i], port);
	while (pages[i].hang && read(fd, text, sizeof(text)) > 0)
		;
}

struct web_server web_start(const struct web_page *pages, size_t n)
{
	struct sockaddr_in at = {.sin_family = AF_INET};
	socklen_t len = sizeof(at);
	struct web_server s = {0};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof(at)) ||
		listen(fd, 16) || getsockname(fd, (struct sockaddr *)&at, &len))
		die("test server does not start");
	s.port = ntohs(at.sin_port);
	s.pid = fork();
	if (s.pid < 0)
		die("test server does not fork");
	if (!s.pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		signal(SIGCHLD, SIG_IGN);
		for (;;) {
			int c = accept(fd, NULL, NULL);

			if (c < 0)
				_exit(1);
			/* A client that hangs must not hold up the next. */
			if (!fork()) {
				prctl(PR_SET_PDEATHSIG, SIGKILL);
				close(fd);
				serve(c, pages, n, s.port);
				_exit(0);
			}
			close(c);
		}
	}
	close(fd);
	return s;
}

void web_stop(struct web_server *s)
{
	if (s->pid > 0) {
		kill(s->pid, SIGKILL);
		waitpid(s->pid, NULL, 0);
	}
	s->pid = 0;
}
