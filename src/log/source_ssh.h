/*
 * A log read through the system's ssh, for where no web server shows it: a
 * connection for each file, unless ssh's own configuration shares one.
 */
#ifndef LOG_SOURCE_SSH_H
#define LOG_SOURCE_SSH_H

#include "log/source.h"

/* source_is_ssh(from): "ssh://…". */
bool source_is_ssh(const char *from);

/*
 * log_source_ssh(from, out, err):
 * "ssh://[user@]host[:port]/path" of the folder that holds "checkpoint".
 * Nothing is asked yet. ssh never prompts; what it cannot do is ERR_NET. The
 * shell there needs test and cat. ERR_USAGE for another form, and for names
 * that a shell or ssh could take for something else.
 */
MUST_USE int log_source_ssh(
	const char *from, struct log_source **out, struct err *err);

#endif
