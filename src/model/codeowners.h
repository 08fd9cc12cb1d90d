/*
 * A CODEOWNERS file, taken apart, and which of its rules is about a path. Each
 * forge reads the same names in a way of its own: the dialects.
 */
#ifndef MODEL_CODEOWNERS_H
#define MODEL_CODEOWNERS_H

#include "base/span.h"

enum codeowners_dialect {
	CODEOWNERS_GITHUB, /* the last rule that matches holds */
	CODEOWNERS_GITLAB, /* the same, section by section */
	CODEOWNERS_GITEA,  /* regular expressions; all that match hold */
};
#define CODEOWNERS_DIALECTS 3
extern const char *const codeowners_dialect_names[CODEOWNERS_DIALECTS];

/* Where a forge looks for the file, first to last. */
#define CODEOWNERS_PLACES 3
extern const char
	*const codeowners_places[CODEOWNERS_DIALECTS][CODEOWNERS_PLACES];

struct owner_rule {
	struct span pattern; /* as written, without the '!'; of Gitea an
			      * expression, escapes of the file undone */
	struct span *owner;  /* as written; none: nobody is asked */
	size_t nowner;
	bool negated;  /* GitLab: the section does not ask about what matches;
		       * Gitea: it is about what does not match */
	unsigned line; /* from 1 */
};

/* Rules of which at most one holds for a path; of Gitea all of them are in one
 * section, and each that matches holds. */
struct owner_section {
	struct span name; /* "" outside GitLab and before its first heading */
	unsigned count;   /* of approvals; 0: optional, so none */
	struct owner_rule *rule;
	size_t n, cap;
};

struct codeowners {
	enum codeowners_dialect dialect;
	struct owner_section *section;
	size_t n, cap;
	unsigned fault_line; /* the first that says nothing to us... */
	const char *fault;   /* ...and why; or NULL */
};

/*
 * owner_pattern_matches(dialect, pattern, path, steps):
 * Whether a rule of GitHub's or GitLab's is about the path, which does not
 * start with '/'. Of both, '*' and '?' do not match '/', a segment of two stars
 * is any folders, '\' makes the next byte plain, case counts.
 * GitHub (gitignore): with a '/' before its end the pattern starts at the root;
 * it is about folders and all below them too, unless it ends in a segment '*'.
 * GitLab (fnmatch): it starts at the root if it starts with '/'; it is about
 * what is below a folder only if it ends in '/'; it may have classes.
 * A path that ends in '/' is a folder. *${steps} grows by what it took.
 */
bool owner_pattern_matches(enum codeowners_dialect dialect, struct span pattern,
	struct span path, uint64_t *steps);

/* owner_rule_of(s, dialect, path, steps): the rule of a section that holds for
 * a path, or NULL; not for Gitea's. */
const struct owner_rule *owner_rule_of(const struct owner_section *s,
	enum codeowners_dialect dialect, struct span path, uint64_t *steps);

#endif
