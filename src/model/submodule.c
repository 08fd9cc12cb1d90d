#include "model/submodule.h"

#include "base/pathname.h"
#include "base/text.h"

const char *const submodule_kind_names[SUBMODULE_KINDS] = {
	"https", "ssh", "relative", "git", "http", "file"};

const char *submodule_key_name(enum submodule_key k)
{
	switch (k) {
	case SUBMODULE_URL:
		break;
	case SUBMODULE_PATH:
		return "path";
	case SUBMODULE_UPDATE:
		return "update";
	}
	return "url";
}

/* %00, %0a, %0d: what a helper for credentials would read as a line's end. */
static bool has_encoded_end(struct span s)
{
	size_t i;

	for (i = 0; i + 2 < s.n; i++)
		if (s.p[i] == '%' && s.p[i + 1] == '0' &&
			strchr("0ad", text_lower(s.p[i + 2])))
			return true;
	return false;
}

/* Where the host of "scheme://user@host/path" or "user@host:path" begins. */
static struct span host(struct span url)
{
	size_t scheme = span_search(url, SPAN_LIT("://")), at, end;

	if (scheme != SIZE_MAX)
		url = span_from(url, scheme + 3);
	end = span_find(url, '/');
	url = span_sub(url, 0, end);
	while ((at = span_find(url, '@')) != SIZE_MAX)
		url = span_from(url, at + 1);
	return url;
}

static bool scheme_is(struct span url, const char *name)
{
	size_t n = strlen(name);

	return url.n > n + 2 &&
		text_same(span_sub(url, 0, n), span_str(name)) &&
		span_starts(span_from(url, n), SPAN_LIT("://"));
}

static bool is_relative(struct span url)
{
	return span_starts(url, SPAN_LIT("./")) ||
		span_starts(url, SPAN_LIT("../")) ||
		span_starts(url, SPAN_LIT(".\\")) ||
		span_starts(url, SPAN_LIT("..\\"));
}

/* The SUBMODULE_ bit of a URL as git would take it; 0 for a helper of its own
 * ("ext::command") or a scheme that is not named here. */
static unsigned kind_of(struct span url)
{
	size_t colon = span_find(url, ':'), slash = span_find(url, '/');

	if (is_relative(url))
		return SUBMODULE_RELATIVE;
	if (scheme_is(url, "https"))
		return SUBMODULE_HTTPS;
	if (scheme_is(url, "http"))
		return SUBMODULE_HTTP;
	if (scheme_is(url, "ssh") || scheme_is(url, "git+ssh") ||
		scheme_is(url, "ssh+git"))
		return SUBMODULE_SSH;
	if (scheme_is(url, "git"))
		return SUBMODULE_GIT;
	if (scheme_is(url, "file"))
		return SUBMODULE_FILE;
	if (span_search(url, SPAN_LIT("://")) != SIZE_MAX)
		return 0;
	if (colon == SIZE_MAX || slash < colon)
		return SUBMODULE_FILE;
	if (colon == 1)
		return SUBMODULE_FILE; /* C:\ */
	if (colon + 1 < url.n && url.p[colon + 1] == ':')
		return 0;
	return SUBMODULE_SSH;
}

const char *submodule_kinds(unsigned bits, struct arena *arena)
{
	const char *all = "";
	size_t i;

	for (i = 0; i < SUBMODULE_KINDS; i++)
		if (bits & 1u << i)
			all = arena_fmt(arena, "%s%s%s", all,
				all[0] ? ", " : "", submodule_kind_names[i]);
	return all[0] ? all : "none";
}

/* "../" as often as may be, then what git would put behind a ':' or '/'. */
static bool climbs_to_helper(struct span url)
{
	while (url.n &&
		(url.p[0] == '.' || url.p[0] == '/' || url.p[0] == '\\'))
		url = span_from(url, 1);
	return url.n && url.p[0] == ':';
}

static const char *url_fault(
	struct span url, unsigned allowed, struct arena *arena)
{
	unsigned kind = kind_of(url);
	struct span at = host(url);

	if (!url.n)
		return "it is empty";
	if (url.p[0] == '-')
		return "git would take it for an option";
	if (kind != SUBMODULE_RELATIVE && kind != SUBMODULE_FILE && at.n &&
		at.p[0] == '-')
		return "its host would be taken for an option";
	if (has_encoded_end(url))
		return "it has an encoded end of line";
	if (kind == SUBMODULE_RELATIVE && climbs_to_helper(url))
		return "it would be taken for another kind of URL";
	if (kind & allowed)
		return NULL;
	if (kind)
		return arena_fmt(arena, "a URL of the kind '%s', allowed: %s",
			submodule_kinds(kind, arena),
			submodule_kinds(allowed, arena));
	return arena_fmt(arena, "a URL of an unknown kind, allowed: %s",
		submodule_kinds(allowed, arena));
}

static bool has_dots(struct span s)
{
	struct span part;

	while (pathname_next_any(&s, &part))
		if (span_is(part, ".."))
			return true;
	return false;
}

static const char *path_fault(struct span path)
{
	struct span rest = path, part;

	if (!path.n)
		return "it is empty";
	if (path.p[0] == '-')
		return "git would take it for an option";
	if (path.p[0] == '/' || path.p[0] == '\\' ||
		(path.n > 1 && path.p[1] == ':'))
		return "it is not relative";
	if (has_dots(path))
		return "it has '..' in it";
	while (pathname_next(&rest, &part))
		if (pathname_is_git(part, "git"))
			return "it leads to Git's own files";
	return NULL;
}

const char *submodule_fault(const struct submodule_setting *s, unsigned allowed,
	struct arena *arena)
{
	if (text_has_control(s->name) || text_has_control(s->value))
		return "a control character in it";
	if (!s->name.n)
		return "a submodule without a name";
	if (has_dots(s->name))
		return "its name has '..' in it";
	switch (s->key) {
	case SUBMODULE_URL:
		break;
	case SUBMODULE_PATH:
		return path_fault(s->value);
	case SUBMODULE_UPDATE:
		return s->value.n && s->value.p[0] == '!' ? "it is a command"
							  : NULL;
	}
	return url_fault(s->value, allowed, arena);
}
