/* Forges in a policy: where reviews are asked for, who is who there, and whose
 * reviews count. */
#include "base/clock.h"
#include "base/text.h"
#include "parse/policyread.h"
#include "parse/review.h"

#define TIMEOUT_S 5
#define TIMEOUT_MAX_S 60
#define URL_MAX 1000
#define PROJECT_MAX 500
#define LOGIN_MAX 200
#define SERVER_ID_MAX 200
#define HIGHEST_DEFAULT 2 /* of Code-Review, as Gerrit comes */
#define HIGHEST_MAX 100

static bool is_local(struct span host)
{
	return span_is(host, "localhost") || span_is(host, "127.0.0.1") ||
		span_is(host, "[::1]");
}

/* The name or address up to a port or a path; empty if that is not plain. */
static struct span host_of(struct span rest)
{
	size_t end = span_find(rest, '/');
	struct span host = span_sub(rest, 0, end);

	if (host.n && host.p[0] == '[')
		end = span_find(host, ']') == SIZE_MAX
			? 0
			: span_find(host, ']') + 1;
	else
		end = span_find(host, ':');
	return span_sub(host, 0, end);
}

/* A token is sent there: nothing that two readers could take for two hosts. */
static int url_read(struct conf *c, const char **out, struct err *err)
{
	struct span s, rest, host;
	size_t i;
	bool tls;

	if (conf_text(c, "an address", out, err))
		return -1;
	s = span_str(*out);
	tls = span_starts(s, SPAN_LIT("https://"));
	rest = span_from(s, tls ? 8 : 7);
	host = host_of(rest);
	for (i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] >= 0x7f ||
			strchr("?#@\\%\"", s.p[i]))
			break;
	if (i < s.n || s.n > URL_MAX || !host.n ||
		(!tls && !span_starts(s, SPAN_LIT("http://"))))
		return conf_fail(c, err,
			"expected an address such as "
			"'https://git.example.org', without user, '?' and '#'");
	if (!tls && !is_local(host)) {
		conf_fail(c, err,
			"expected https, found '%s', which anybody on the way "
			"could answer",
			*out);
		return err_hint(err,
			"http is for this machine only: "
			"127.0.0.1, [::1], localhost");
	}
	if (span_ends(s, SPAN_LIT("/")))
		return conf_fail(
			c, err, "expected an address without a final '/'");
	return 0;
}

/* A path below the forge's address: no step of it leads elsewhere. */
static bool is_project(struct span s)
{
	struct span part;
	size_t at;

	if (!s.n || s.n > PROJECT_MAX || text_has_control(s))
		return false;
	for (;;) {
		at = span_find(s, '/');
		part = span_sub(s, 0, at);
		if (!part.n || span_is(part, ".") || span_is(part, ".."))
			return false;
		if (at == SIZE_MAX)
			return true;
		s = span_from(s, at + 1);
	}
}

static int places_read(
	struct reader *r, struct conf *c, struct forge *f, struct err *err)
{
	const char *repository, *expected = "the name of a project";
	const void *pos = NULL;
	struct conf *member;
	size_t cap = 0;

	if (conf_object(c, err))
		return -1;
	for (;;) {
		struct forge_place *p;

		if (conf_next(c, &pos, &repository, &member, err))
			return -1;
		if (!member)
			return 0;
		if (list_limit(c, f->nplace + 1, POLICY_ENTRIES_MAX, err))
			return -1;
		f->place = arena_grow(
			r->arena, f->place, f->nplace, &cap, sizeof(*f->place));
		p = &f->place[f->nplace++];
		p->repository = repository;
		if (conf_text(member, expected, &p->project, err))
			return -1;
		if (!is_project(span_str(p->project)))
			return conf_fail_type(member, expected, err);
	}
}

/* Where it is, of those that are asked. */
static int address_read(struct conf *c, struct forge *f, struct err *err)
{
	const char *wrong;
	struct conf *v;

	if (conf_need(c, "url", "an address", &v, err) ||
		url_read(v, &f->url, err))
		return -1;
	wrong = review_address(f->kind, span_str(f->url));
	if (wrong)
		return conf_fail(v, err, "%s, found '%s'", wrong, f->url);
	v = conf_get(c, "token_file");
	if (v && conf_text(v, "the name of a file", &f->token_file, err))
		return -1;
	v = conf_get(c, "ca_file");
	if (v && conf_text(v, "the name of a file", &f->ca_file, err))
		return -1;
	v = conf_get(c, "trust_reset");
	if (v && conf_bool(v, &f->trust_reset, err))
		return -1;
	if (f->trust_reset && f->kind != FORGE_GITLAB)
		return conf_fail(v, err, "only GitLab needs it");
	return 0;
}

/* What stands behind the '@' of its accounts. */
static bool is_server_id(struct span s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] >= 0x7f || strchr("<>@\"", s.p[i]))
			return false;
	return s.n && s.n <= SERVER_ID_MAX;
}

/* The same of what is read on this machine. */
static int folder_read(struct conf *c, struct forge *f, struct err *err)
{
	static const char folder[] = "the folder of Gerrit's repositories, "
				     "such as '/srv/gerrit/git'";
	static const char id[] = "the id of a Gerrit server, as gerrit.config "
				 "has it";
	struct conf *v;

	if (conf_need(c, "path", folder, &v, err) ||
		conf_text(v, folder, &f->path, err))
		return -1;
	if (f->path[0] != '/' || !is_project(span_str(f->path + 1)))
		return conf_fail(
			v, err, "expected %s, found '%s'", folder, f->path);
	if (conf_need(c, "server_id", id, &v, err) ||
		conf_text(v, id, &f->server_id, err))
		return -1;
	if (!is_server_id(span_str(f->server_id)))
		return conf_fail_type(v, id, err);
	v = conf_get(c, "owner");
	if (v && conf_text(v, "the name of an account", &f->owner, err))
		return -1;
	f->highest = HIGHEST_DEFAULT;
	v = conf_get(c, "highest");
	return v ? conf_count(v, 1, HIGHEST_MAX, &f->highest, err) : 0;
}

static int forge_read(struct reader *r, struct conf *c, const char *name,
	struct forge *f, struct err *err)
{
	static const char *const kinds[FORGE_KINDS] = {
		"gitea", "gitlab", "github", "gerrit", "gerrit-notedb"};
	struct conf *v;
	size_t kind;

	f->name = name;
	if (name_check(c, name, err) || conf_object(c, err))
		return -1;
	if (!strcmp(name, "tags"))
		return conf_fail(c, err,
			"'tags' stands for signed tags, expected another name");
	if (conf_need(c, "kind", "the kind of a forge", &v, err) ||
		conf_choice(v, kinds, FORGE_KINDS, &kind, err))
		return -1;
	f->kind = (enum forge_kind)kind;
	if (f->kind == FORGE_NOTEDB ? folder_read(c, f, err)
				    : address_read(c, f, err))
		return -1;
	v = conf_get(c, "repositories");
	if (v && places_read(r, v, f, err))
		return -1;
	return conf_done(c, err);
}

int forges_section(struct reader *r, struct conf *root, struct err *err)
{
	struct policy *p = r->policy;
	struct conf *c = conf_get(root, "forges"), *member;
	struct conf *timeout = conf_get(root, "forge_timeout");
	const void *pos = NULL;
	const char *name;
	size_t cap = 0;

	p->forge_timeout = TIMEOUT_S;
	if (timeout &&
		conf_count(timeout, 1, TIMEOUT_MAX_S, &p->forge_timeout, err))
		return -1;
	if (!c)
		return 0;
	if (conf_object(c, err))
		return -1;
	for (;;) {
		if (conf_next(c, &pos, &name, &member, err))
			return -1;
		if (!member)
			return 0;
		if (list_limit(c, p->nforge + 1, POLICY_FORGES_MAX, err))
			return -1;
		p->forge = arena_grow(
			r->arena, p->forge, p->nforge, &cap, sizeof(*p->forge));
		if (forge_read(r, member, name, &p->forge[p->nforge], err))
			return -1;
		p->nforge++;
	}
}

static int moment_read(const struct conf *c, int64_t *out, struct err *err)
{
	const char *expected = "a time such as \"2026-11-23T08:00:00Z\"", *text;

	if (conf_text(c, expected, &text, err))
		return -1;
	if (!clock_read(span_str(text), out) || *out < 1)
		return conf_fail(
			c, err, "expected %s, found '%s'", expected, text);
	return 0;
}

/* Since when somebody else may have it, or from when until when. */
static int compromised_read(
	struct conf *c, struct forge_account *out, struct err *err)
{
	struct conf *v = conf_get(c, "compromised"), *from, *until;

	if (!v)
		return 0;
	if (!conf_is_object(v))
		return moment_read(v, &out->compromised, err);
	if (conf_object(v, err) || conf_need(v, "from", "a time", &from, err) ||
		conf_need(v, "until", "a time", &until, err) ||
		moment_read(from, &out->compromised, err) ||
		moment_read(until, &out->regained, err) || conf_done(v, err))
		return -1;
	if (out->regained <= out->compromised)
		return conf_fail(until, err, "is not later than 'from'");
	return 0;
}

static int account_read(
	struct conf *c, struct forge_account *out, struct err *err)
{
	const char *expected = "the name of an account";
	struct conf *login = c, *id = NULL;
	unsigned n;

	if (conf_is_object(c)) {
		if (conf_object(c, err) ||
			conf_need(c, "login", expected, &login, err) ||
			compromised_read(c, out, err))
			return -1;
		id = conf_get(c, "id");
	}
	if (conf_text(login, expected, &out->login, err))
		return -1;
	if (strlen(out->login) > LOGIN_MAX)
		return conf_fail_type(login, expected, err);
	if (id) {
		if (conf_count(id, 1, UINT32_MAX - 1, &n, err))
			return -1;
		out->id = n;
	}
	return login == c ? 0 : conf_done(c, err);
}

/* There it has no name, and what is written down is its number. */
static int number_read(struct reader *r, struct conf *c,
	struct forge_account *out, struct err *err)
{
	struct conf *id = c;
	unsigned n;

	if (conf_is_object(c) &&
		(conf_object(c, err) ||
			conf_need(c, "id", "the number of an account", &id,
				err) ||
			compromised_read(c, out, err)))
		return -1;
	if (conf_count(id, 1, INT32_MAX, &n, err))
		return -1;
	out->id = n;
	out->login = arena_fmt(r->arena, "%u", n);
	return id == c ? 0 : conf_done(c, err);
}

int forge_accounts_read(
	struct reader *r, struct conf *c, struct person *who, struct err *err)
{
	const struct forge *forge;
	struct forge_account *a;
	const void *pos = NULL;
	struct conf *member;
	const char *name;
	size_t cap = 0;

	if (conf_object(c, err))
		return -1;
	for (;;) {
		if (conf_next(c, &pos, &name, &member, err))
			return -1;
		if (!member)
			return 0;
		forge = policy_forge(r->policy, span_str(name));
		if (!forge)
			return conf_fail(member, err,
				"expected the name of a forge, found '%s', "
				"which is not in 'forges'",
				name);
		who->forge = arena_grow(r->arena, who->forge, who->nforge, &cap,
			sizeof(*who->forge));
		a = &who->forge[who->nforge];
		a->forge = name;
		if (forge->kind == FORGE_NOTEDB ? number_read(r, member, a, err)
						: account_read(member, a, err))
			return -1;
		who->nforge++;
	}
}

int approval_sources(struct reader *r, struct conf *list,
	struct rule_approval *a, struct err *err)
{
	const char *expected = "\"tags\" or the name of a forge";
	const char **name;
	size_t i, k, n;

	if (!list)
		return 0;
	if (conf_texts(list, "a list of sources of approvals", expected, &name,
		    &n, err) ||
		list_limit(list, n, POLICY_FORGES_MAX + 1, err))
		return -1;
	a->no_tags = true;
	a->forge = arena_get(r->arena, n, sizeof(*a->forge));
	for (i = 0; i < n; i++) {
		const struct forge *f =
			policy_forge(r->policy, span_str(name[i]));

		for (k = 0; k < i; k++)
			if (!strcmp(name[i], name[k]))
				return conf_fail(conf_item(list, i), err,
					"'%s' is listed twice", name[i]);
		if (!strcmp(name[i], "tags")) {
			a->no_tags = false;
			continue;
		}
		if (!f)
			return conf_fail(conf_item(list, i), err,
				"expected %s, found '%s', which is not in "
				"'forges'",
				expected, name[i]);
		a->forge[a->nforge++] = f;
	}
	return 0;
}
