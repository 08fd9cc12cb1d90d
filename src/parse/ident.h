/*
 * "Name <mail> 1700000000 +0100", the value of author, committer and tagger
 * headers.
 */
#ifndef PARSE_IDENT_H
#define PARSE_IDENT_H

#include "model/change.h"

/*
 * ident_parse(line, out):
 * What can be read is read; the return value is NULL or says what makes the
 * line ambiguous or unreadable. git takes the first "<…>" as the mail address,
 * libgit2 the last, so a line with more than one is never trusted. The time
 * zone is not looked at: time counts from 1970 in UTC anyhow.
 */
const char *ident_parse(struct span line, struct ident *out);

/* ident_mail_next(rest, mail): the next "<…>" in free text, without its
 * brackets and white space around. False when there is none left. */
bool ident_mail_next(struct span *rest, struct span *mail);

#endif
