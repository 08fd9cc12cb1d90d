/* Sections of the policy about refs, messages, files, identities and robots:
 * what other servers call push rules. */
#include "model/submodule.h"
#include "parse/policyread.h"

#define LENGTH_LIMIT 100000u /* of a line or a path; more limits nothing */
#define NUMBER_LIMIT 1000000u
#define EXTENSION_MAX 100

/* "deny" or "allow"; allowed when it is not there. */
static int deny_read(
	struct conf *section, const char *key, bool *out, struct err *err)
{
	static const char *const words[] = {"deny", "allow"};
	struct conf *c = conf_get(section, key);
	size_t i;

	if (!c)
		return 0;
	if (conf_choice(c, words, ARRAY_LEN(words), &i, err))
		return -1;
	*out = i == 0;
	return 0;
}

/* A number above 0; 0 when it is not there. */
static int limit_read(struct conf *section, const char *key, unsigned max,
	unsigned *out, struct err *err)
{
	struct conf *c = conf_get(section, key);

	return c ? conf_count(c, 1, max, out, err) : 0;
}

/* The same text is one expression of the policy, wherever it stands. */
static int pattern_number(struct reader *r, struct conf *at, const char *text,
	unsigned of, size_t *out, struct err *err)
{
	struct policy *p = r->policy;
	size_t k;

	for (k = 0; k < p->npattern; k++)
		if (!strcmp(p->pattern[k].text, text))
			break;
	if (k == p->npattern) {
		if (list_limit(at, k + 1, POLICY_ENTRIES_MAX, err))
			return -1;
		p->pattern = arena_grow(r->arena, p->pattern, k,
			&r->pattern_cap, sizeof(*p->pattern));
		p->pattern_at = arena_grow(r->arena, p->pattern_at, k,
			&r->pattern_at_cap, sizeof(*p->pattern_at));
		p->pattern_of = arena_grow(r->arena, p->pattern_of, k,
			&r->pattern_of_cap, sizeof(*p->pattern_of));
		p->pattern_at[k] = conf_path(at);
		p->pattern[k].text = text;
		p->pattern[k].number = k;
		p->npattern++;
	}
	p->pattern_of[k] |= of;
	*out = k;
	return 0;
}

static int patterns_read(struct reader *r, struct conf *section,
	const char *key, unsigned of, struct pattern_ref **out, size_t *n,
	struct err *err)
{
	struct conf *list = conf_get(section, key);
	const char **text;
	size_t i;

	if (!list)
		return 0;
	if (conf_texts(list, "a list of regular expressions",
		    "a regular expression", &text, n, err) ||
		list_limit(list, *n, POLICY_ENTRIES_MAX, err))
		return -1;
	*out = arena_get(r->arena, *n, sizeof(**out));
	for (i = 0; i < *n; i++) {
		(*out)[i].text = text[i];
		if (pattern_number(r, conf_item(list, i), text[i], of,
			    &(*out)[i].number, err))
			return -1;
	}
	return 0;
}

static int choices_read(struct reader *r, struct conf *section, const char *key,
	unsigned of, struct patterns *out, struct err *err)
{
	return patterns_read(r, section, key, of, &out->v, &out->n, err);
}

int identity_section(struct reader *r, struct conf *c,
	const struct rule_identity **out, struct err *err)
{
	static const char *const email[] = {"off", "domain", "strict"};
	static const char *const committer[] = {"anyone", "pusher"};
	static const char *const author[] = {"anyone", "known"};
	static const char *const names[] = {"any", "listed"};
	struct rule_identity *s = ARENA_NEW(r->arena, struct rule_identity);
	struct conf *v;
	size_t i;

	if (conf_object(c, err))
		return -1;
	s->email = IDENTITY_STRICT;
	v = conf_get(c, "email");
	if (v) {
		if (conf_choice(v, email, ARRAY_LEN(email), &i, err))
			return -1;
		s->email = (enum identity_email)i;
	}
	i = 0;
	v = conf_get(c, "committer");
	if (v && conf_choice(v, committer, ARRAY_LEN(committer), &i, err))
		return -1;
	s->committer_pushes = i == 1;
	i = 0;
	v = conf_get(c, "author");
	if (v && conf_choice(v, author, ARRAY_LEN(author), &i, err))
		return -1;
	s->author_known = i == 1;
	i = 0;
	v = conf_get(c, "names");
	if (v && conf_choice(v, names, ARRAY_LEN(names), &i, err))
		return -1;
	s->names_listed = i == 1;
	if (choices_read(r, c, "author_email", PATTERN_OF_AUTHOR,
		    &s->author_email, err) ||
		choices_read(r, c, "committer_email", PATTERN_OF_COMMITTER,
			&s->committer_email, err))
		return -1;
	*out = s;
	return conf_done(c, err);
}

/* A rule for robots that names a human would bind nobody, and its author would
 * think otherwise. */
static int robots_read(struct reader *r, struct conf *list, size_t min,
	struct people *out, struct err *err)
{
	size_t i;

	if (people_list(r, list, min, out, err))
		return -1;
	for (i = 0; i < out->n; i++) {
		if (out->v[i]->robot)
			continue;
		conf_fail(list, err,
			"expected robots only, found '%s', who is none",
			out->v[i]->name);
		return err_hint(err,
			"a robot has \"robot\": true among its entries in "
			"'people'");
	}
	return 0;
}

static int some_robots(struct reader *r, struct conf *c, const char *key,
	bool *some, struct people *out, struct err *err)
{
	struct conf *v = conf_get(c, key);

	*some = v != NULL;
	return v ? robots_read(r, v, 0, out, err) : 0;
}

int robot_section(struct reader *r, struct conf *c,
	const struct rule_robot **out, struct err *err)
{
	struct rule_robot *s = ARENA_NEW(r->arena, struct rule_robot);
	struct conf *list;
	size_t i;

	if (conf_object(c, err) ||
		some_robots(r, c, "push", &s->push_some, &s->push, err) ||
		some_robots(r, c, "commit", &s->commit_some, &s->commit, err))
		return -1;
	list = conf_get(c, "paths");
	if (list) {
		if (conf_list(list, 1, "a list of rules for paths", &s->npath,
			    err) ||
			list_limit(list, s->npath, POLICY_ENTRIES_MAX, err))
			return -1;
		s->path = arena_get(r->arena, s->npath, sizeof(*s->path));
	}
	for (i = 0; i < s->npath; i++) {
		struct conf *at = conf_item(list, i), *v;
		struct robot_path *p = &s->path[i];

		if (conf_object(at, err) ||
			conf_need(at, "by", "a list of robots", &v, err) ||
			robots_read(r, v, 1, &p->by, err) ||
			conf_need(at, "match", "a list of path patterns", &v,
				err) ||
			path_globs_read(v, "a list of path patterns",
				"a path pattern", &p->match, &p->nmatch, err) ||
			conf_done(at, err))
			return -1;
	}
	if (conf_done(c, err))
		return -1;
	if (!s->push_some && !s->commit_some && !s->npath)
		return conf_fail(c, err,
			"expected at least one of push, commit, paths, found "
			"none");
	*out = s;
	return 0;
}

int ref_section(struct reader *r, struct conf *c, const struct rule_ref **out,
	struct err *err)
{
	struct rule_ref *s = ARENA_NEW(r->arena, struct rule_ref);

	if (conf_object(c, err) ||
		deny_read(c, "force_push", &s->deny_force_push, err) ||
		deny_read(c, "delete", &s->deny_delete, err) ||
		deny_read(c, "move", &s->deny_move, err) ||
		deny_read(c, "create", &s->deny_create, err) ||
		deny_read(c, "update", &s->deny_update, err) ||
		deny_read(c, "merge", &s->deny_merge, err) ||
		deny_read(c, "lightweight", &s->deny_lightweight, err) ||
		limit_read(c, "max_refs", NUMBER_LIMIT, &s->max_refs, err) ||
		limit_read(
			c, "max_commits", NUMBER_LIMIT, &s->max_commits, err) ||
		patterns_read(
			r, c, "name", PATTERN_OF_REF, &s->name, &s->nname, err))
		return -1;
	*out = s;
	return conf_done(c, err);
}

int message_section(struct reader *r, struct conf *c,
	const struct rule_message **out, struct err *err)
{
	static const char *const merges[] = {"judge", "spare"};
	struct rule_message *s = ARENA_NEW(r->arena, struct rule_message);
	struct conf *v;
	size_t i = 0;

	if (conf_object(c, err) ||
		patterns_read(r, c, "require", PATTERN_OF_MESSAGE, &s->require,
			&s->nrequire, err) ||
		patterns_read(r, c, "deny", PATTERN_OF_MESSAGE, &s->deny,
			&s->ndeny, err) ||
		choices_read(
			r, c, "issue", PATTERN_OF_MESSAGE, &s->issue, err) ||
		limit_read(
			c, "max_subject", LENGTH_LIMIT, &s->max_subject, err) ||
		limit_read(c, "max_line", LENGTH_LIMIT, &s->max_line, err))
		return -1;
	v = conf_get(c, "sign_off");
	if (v && conf_bool(v, &s->sign_off, err))
		return -1;
	v = conf_get(c, "merges");
	if (v && conf_choice(v, merges, ARRAY_LEN(merges), &i, err))
		return -1;
	s->spare_merges = i == 1;
	*out = s;
	return conf_done(c, err);
}

static int extensions_read(
	struct conf *list, struct rule_file *s, struct err *err)
{
	const char *expected = "a file name extension";
	size_t i;

	if (!list)
		return 0;
	if (conf_texts(list, "a list of file name extensions", expected,
		    &s->extension, &s->nextension, err) ||
		list_limit(list, s->nextension, POLICY_ENTRIES_MAX, err))
		return -1;
	for (i = 0; i < s->nextension; i++) {
		const char *text = s->extension[i];

		if (text[0] != '.' && !strpbrk(text, "/*?") &&
			strlen(text) <= EXTENSION_MAX)
			continue;
		conf_fail(conf_item(list, i), err,
			"expected %s of at most %d bytes, found '%.100s'",
			expected, EXTENSION_MAX, text);
		return err_hint(err,
			"write it without a dot before it and without "
			"wildcards, such as \"exe\" or \"tar.gz\"");
	}
	return 0;
}

static int submodules_read(
	struct conf *list, struct rule_file *s, struct err *err)
{
	size_t i, n, which;

	if (!list)
		return 0;
	if (conf_list(list, 0, "a list of kinds of URL", &n, err))
		return -1;
	for (i = 0; i < n; i++) {
		if (conf_choice(conf_item(list, i), submodule_kind_names,
			    SUBMODULE_KINDS, &which, err))
			return -1;
		s->submodules |= 1u << which;
	}
	s->limit_submodules = true;
	return 0;
}

int file_section(struct reader *r, struct conf *c, const struct rule_file **out,
	struct err *err)
{
	static const char *const symlinks[] = {"allow", "inside", "deny"};
	struct rule_file *s = ARENA_NEW(r->arena, struct rule_file);
	struct conf *v;
	size_t i = 0;

	if (conf_object(c, err))
		return -1;
	v = conf_get(c, "deny");
	if (v &&
		path_globs_read(v, "a list of file patterns", "a file pattern",
			&s->deny, &s->ndeny, err))
		return -1;
	if (choices_read(r, c, "deny_pattern", PATTERN_OF_PATH,
		    &s->deny_pattern, err) ||
		extensions_read(conf_get(c, "deny_extension"), s, err))
		return -1;
	v = conf_get(c, "max_size");
	if (v && conf_size(v, &s->max_size, err))
		return -1;
	if (limit_read(c, "max_path", LENGTH_LIMIT, &s->max_path, err) ||
		deny_read(c, "case_collisions", &s->deny_case, err) ||
		deny_read(c, "odd_modes", &s->deny_modes, err) ||
		deny_read(c, "windows_names", &s->deny_windows, err) ||
		deny_read(c, "git_names", &s->deny_dotgit, err))
		return -1;
	v = conf_get(c, "symlinks");
	if (v && conf_choice(v, symlinks, ARRAY_LEN(symlinks), &i, err))
		return -1;
	s->symlinks = (enum symlinks)i;
	if (submodules_read(conf_get(c, "submodules"), s, err))
		return -1;
	*out = s;
	return conf_done(c, err);
}
