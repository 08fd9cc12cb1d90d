/* What doctor says of a gate whose log a logd keeps. */
#ifndef CMD_LOGDLOOK_H
#define CMD_LOGDLOOK_H

#include <stdbool.h>

/*
 * logdlook(state, tell, ctx):
 * As the account that the hooks run under: is logd there, is it who it should
 * be and nobody that this account could be, and is there no way for this
 * account to write the log or to sign. ${hint} may be NULL.
 */
void logdlook(const char *state,
	void (*tell)(void *ctx, bool good, const char *text, const char *hint),
	void *ctx);

#endif
