#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <unistd.h>

static void printable(char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			*s = '?';
}

PRINTF(3, 0)
static void format(char *out, size_t n, const char *fmt, va_list ap)
{
	if (vsnprintf(out, n, fmt, ap) < 0)
		snprintf(out, n, "(message could not be formatted)");
	printable(out);
}

int err_set(struct err *err, enum err_code code, const char *fmt, ...)
{
	va_list ap;

	err->code = code;
	err->sys = 0;
	err->hint[0] = '\0';
	va_start(ap, fmt);
	format(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	return -1;
}

int err_sys(struct err *err, const char *fmt, ...)
{
	int saved = errno;
	size_t used;
	va_list ap;

	err->code = ERR_SYS;
	err->sys = saved;
	err->hint[0] = '\0';
	va_start(ap, fmt);
	format(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	used = strlen(err->text);
	snprintf(err->text + used, sizeof(err->text) - used, ": %s",
		strerror(saved));
	errno = saved;
	return -1;
}

int err_in(struct err *err, const char *fmt, ...)
{
	char where[ERR_TEXT_MAX];
	char was[ERR_TEXT_MAX];
	size_t used;
	va_list ap;

	va_start(ap, fmt);
	format(where, sizeof(where), fmt, ap);
	va_end(ap);
	memcpy(was, err->text, sizeof(was));
	snprintf(err->text, sizeof(err->text), "%s", where);
	used = strlen(err->text);
	snprintf(err->text + used, sizeof(err->text) - used, ": %s", was);
	if (err->code == ERR_NONE)
		err->code = ERR_SYS;
	return -1;
}

int err_hint(struct err *err, const char *fmt, ...)
{
	va_list ap;

	if (err->hint[0])
		return -1;
	va_start(ap, fmt);
	format(err->hint, sizeof(err->hint), fmt, ap);
	va_end(ap);
	return -1;
}

void err_clear(struct err *err)
{
	memset(err, 0, sizeof(*err));
}

NORETURN void die(const char *fmt, ...)
{
	char text[ERR_TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	format(text, sizeof(text), fmt, ap);
	va_end(ap);
	fprintf(stderr, "sluice: internal: %s\n", text);
	_exit(2);
}
