/*
 * CODEOWNERS, as GitHub, GitLab and Gitea (Forgejo) read it:
 * docs.github.com "About code owners", docs.gitlab.com "Syntax of CODEOWNERS
 * file" and its "Advanced" page, docs.gitea.com "Code owners".
 *
 * A forge passes over lines that it does not understand. A gate must not: the
 * first such line is told, and what it was about is not known.
 */
#ifndef PARSE_CODEOWNERS_H
#define PARSE_CODEOWNERS_H

#include "base/arena.h"
#include "base/err.h"
#include "model/codeowners.h"

#define CODEOWNERS_MAX (3u << 20)    /* bytes, GitHub's limit */
#define CODEOWNERS_RULES_MAX 20000   /* in a file */
#define CODEOWNERS_SECTIONS_MAX 1000 /* in a file */
#define CODEOWNERS_OWNERS_MAX 200    /* of a rule */
#define CODEOWNERS_PATTERN_MAX 1023  /* bytes */
#define CODEOWNERS_COUNT_MAX 100     /* approvals a section may ask for */

/* codeowners_parse(text, dialect, arena, out, err): ERR_LIMIT when it has more
 * than the above; a line that says nothing is no error: out->fault. Spans may
 * point into ${text}. */
MUST_USE int codeowners_parse(struct span text, enum codeowners_dialect dialect,
	struct arena *arena, struct codeowners *out, struct err *err);

#endif
