#include "parse/policy.h"

#include <strings.h>

#include "base/text.h"
#include "model/finding.h"
#include "model/quorum.h"
#include "parse/policyread.h"

#define NAME_MAX_BYTES 100
#define KINDS_KNOWN                                                        \
	(SIGNATURE_BIT(SIGNATURE_OPENPGP) | SIGNATURE_BIT(SIGNATURE_SSH) | \
		SIGNATURE_BIT(SIGNATURE_X509))

static const char a_person[] = "the name of a person or an '@group'";
static const char some_people[] = "a list of people";

/* Names of people and groups: what can be written in a list, shown on a
 * terminal and told from a group reference. */
int name_check(const struct conf *at, const char *name, struct err *err)
{
	struct buf shown = BUF_INIT(NAME_MAX_BYTES * 4 + 8);
	struct span s = span_str(name);
	bool good = s.n && s.n <= NAME_MAX_BYTES && name[0] != '@' &&
		!strpbrk(name, " ,\t'\"<>");

	if (good) {
		text_printable(&shown, s, s.n);
		good = span_eq(buf_all(&shown), s);
	}
	buf_free(&shown);
	if (!good)
		return conf_fail(at, err,
			"not a name: expected 1 to %d printable characters "
			"without spaces, quotes or commas, not starting with "
			"'@'",
			NAME_MAX_BYTES);
	return 0;
}

int list_limit(const struct conf *at, size_t n, size_t max, struct err *err)
{
	if (n > max)
		return conf_fail(at, err,
			"expected at most %zu entries, found %zu", max, n);
	return 0;
}

/* A list of patterns for text_glob. */
static int globs_read(struct conf *list, const char *what, const char *expected,
	const char ***out, size_t *n, struct err *err)
{
	size_t i;

	if (conf_texts(list, what, expected, out, n, err) ||
		list_limit(list, *n, POLICY_ENTRIES_MAX, err))
		return -1;
	for (i = 0; i < *n; i++)
		if (strlen((*out)[i]) > GLOB_MAX)
			return conf_fail(conf_item(list, i), err,
				"expected %s of at most %d bytes, found %zu",
				expected, GLOB_MAX, strlen((*out)[i]));
	return 0;
}

/* Patterns of paths in a commit, which neither start nor end with a slash. */
int path_globs_read(struct conf *list, const char *what, const char *expected,
	const char ***out, size_t *n, struct err *err)
{
	size_t i;

	if (globs_read(list, what, expected, out, n, err))
		return -1;
	for (i = 0; i < *n; i++) {
		struct span s = span_str((*out)[i]);

		if (s.p[0] != '/' && !span_ends(s, SPAN_LIT("/")))
			continue;
		conf_fail(conf_item(list, i), err,
			"expected %s, found '%s', which can never match",
			expected, (*out)[i]);
		return err_hint(err,
			"paths do not start with '/'; a whole folder is "
			"written 'folder/**'");
	}
	return 0;
}

/* People */

static int email_read(struct conf *at, const char **out, struct err *err)
{
	const char *expected = "an e-mail address";
	size_t where, len;

	if (conf_text(at, expected, out, err))
		return -1;
	where = span_find(span_str(*out), '@');
	len = strlen(*out);
	if (where == SIZE_MAX || !where || where + 1 == len || len > 254 ||
		strpbrk(*out, " <>,"))
		return conf_fail_type(at, expected, err);
	return 0;
}

/* The files that ${key} of ${object} lists, if it is there, after the ${*count}
 * of ${*out}. */
static int key_files(struct reader *r, struct conf *object, const char *key,
	enum signature_kind kind, struct policy_key **out, size_t *count,
	struct err *err)
{
	struct conf *list = conf_get(object, key);
	struct policy_key *v;
	const char **file;
	size_t i, n;

	if (!list)
		return 0;
	if (conf_texts(list, "a list of key files", "the name of a key file",
		    &file, &n, err))
		return -1;
	v = arena_get(r->arena, *count + n, sizeof(*v));
	if (*count)
		memcpy(v, *out, *count * sizeof(*v));
	for (i = 0; i < n; i++) {
		v[*count + i].kind = kind;
		v[*count + i].file = file[i];
	}
	*out = v;
	*count += n;
	return 0;
}

static const char *const person_signs_names[] = {
	"anything", "merges", "unchanged"};

static int person_read(struct reader *r, struct conf *c, const char *name,
	struct person *who, struct err *err)
{
	struct conf *list, *robot;
	size_t i, n;

	who->name = name;
	if (name_check(c, name, err) || conf_object(c, err) ||
		conf_need(
			c, "email", "a list of e-mail addresses", &list, err) ||
		conf_list(list, 1, "a list of e-mail addresses", &n, err))
		return -1;
	who->email = arena_get(r->arena, n, sizeof(*who->email));
	for (i = 0; i < n; i++)
		if (email_read(conf_item(list, i), &who->email[i], err))
			return -1;
	who->nemail = n;
	list = conf_get(c, "accounts");
	if (list &&
		conf_texts(list, "a list of account names", "an account name",
			&who->account, &who->naccount, err))
		return -1;
	list = conf_get(c, "names");
	if (list &&
		conf_texts(list, "a list of names as they stand in commits",
			"a name", &who->written, &who->nwritten, err))
		return -1;
	list = conf_get(c, "forge_accounts");
	if (list && forge_accounts_read(r, list, who, err))
		return -1;
	if (key_files(r, c, "openpgp", SIGNATURE_OPENPGP, &who->key, &who->nkey,
		    err) ||
		key_files(r, c, "ssh", SIGNATURE_SSH, &who->key, &who->nkey,
			err) ||
		key_files(r, c, "x509", SIGNATURE_X509, &who->key, &who->nkey,
			err))
		return -1;
	robot = conf_get(c, "robot");
	if (robot && conf_bool(robot, &who->robot, err))
		return -1;
	list = conf_get(c, "signs");
	if (list) {
		if (conf_choice(list, person_signs_names,
			    ARRAY_LEN(person_signs_names), &i, err))
			return -1;
		if (i && !who->robot)
			return conf_fail(list, err,
				"expected '\"robot\": true' beside it, found "
				"none: people sign anything");
		who->signs = (enum signs)i;
	}
	return conf_done(c, err);
}

/* What may belong to one person only, gathered and sorted so that owners of the
 * same thing stand next to each other. */
struct claim {
	const char *what; /* "e-mail address" … */
	const char *text;
	const struct person *who;
	enum {
		CLAIM_NAME, /* the person's own, which may be listed again */
		CLAIM_WORD, /* ASCII case is ignored, as when it is looked up */
		CLAIM_FILE,
	} kind;
};

static int claim_cmp(const void *a, const void *b)
{
	const struct claim *x = a, *y = b;
	int d = strcmp(x->what, y->what);

	if (!d && x->kind == CLAIM_FILE)
		d = strcmp(x->text, y->text);
	else if (!d)
		d = strcasecmp(x->text, y->text);
	return d;
}

static int claims_check(const struct claim *v, size_t n, struct err *err)
{
	size_t i;

	for (i = 1; i < n; i++) {
		const struct claim *a = &v[i - 1], *b = &v[i];

		if (claim_cmp(a, b))
			continue;
		if (a->who != b->who)
			return err_set(err, ERR_POLICY,
				"people: the %s '%s' belongs to both '%s' and "
				"'%s', expected one owner",
				a->what, a->text, a->who->name, b->who->name);
		if (a->kind != CLAIM_NAME && b->kind != CLAIM_NAME)
			return err_set(err, ERR_POLICY,
				"people.%s: the %s '%s' is listed twice",
				a->who->name, a->what, a->text);
	}
	return 0;
}

static int people_unique(struct reader *r, struct err *err)
{
	const struct policy *p = r->policy;
	struct claim *v;
	size_t i, k, n = 0;

	for (i = 0; i < p->nperson; i++)
		n += 1 + p->person[i].nemail + p->person[i].naccount +
			p->person[i].nforge + p->person[i].nkey;
	v = arena_get(r->arena, n, sizeof(*v));
	n = 0;
	for (i = 0; i < p->nperson; i++) {
		const struct person *who = &p->person[i];

		/* A pusher is looked up by account, then by name, so the two
		 * share one space. */
		v[n++] = (struct claim){"account", who->name, who, CLAIM_NAME};
		for (k = 0; k < who->naccount; k++)
			v[n++] = (struct claim){
				"account", who->account[k], who, CLAIM_WORD};
		for (k = 0; k < who->nemail; k++)
			v[n++] = (struct claim){"e-mail address", who->email[k],
				who, CLAIM_WORD};
		for (k = 0; k < who->nforge; k++)
			v[n++] = (struct claim){
				arena_fmt(r->arena, "account at '%s'",
					who->forge[k].forge),
				who->forge[k].login, who, CLAIM_FILE};
		for (k = 0; k < who->nkey; k++)
			v[n++] = (struct claim){
				"key file", who->key[k].file, who, CLAIM_FILE};
	}
	qsort(v, n, sizeof(*v), claim_cmp);
	return claims_check(v, n, err);
}

static int person_cmp(const void *a, const void *b)
{
	return strcmp((*(const struct person *const *)a)->name,
		(*(const struct person *const *)b)->name);
}

static int people_section(struct reader *r, struct conf *root, struct err *err)
{
	struct policy *p = r->policy;
	struct conf *c = conf_get(root, "people"), *member;
	const void *pos = NULL;
	const char *name;
	size_t i, cap = 0;

	if (!c)
		return 0;
	if (conf_object(c, err))
		return -1;
	for (;;) {
		if (conf_next(c, &pos, &name, &member, err))
			return -1;
		if (!member)
			break;
		if (list_limit(c, p->nperson + 1, POLICY_PEOPLE_MAX, err))
			return -1;
		p->person = arena_grow(r->arena, p->person, p->nperson, &cap,
			sizeof(*p->person));
		if (person_read(r, member, name, &p->person[p->nperson], err))
			return -1;
		p->nperson++;
	}
	r->by_name = arena_get(r->arena, p->nperson, sizeof(*r->by_name));
	for (i = 0; i < p->nperson; i++)
		r->by_name[i] = &p->person[i];
	qsort(r->by_name, p->nperson, sizeof(*r->by_name), person_cmp);
	return people_unique(r, err);
}

/* Groups and lists of people */

static const struct person *person_named(
	const struct reader *r, const char *name)
{
	const struct person key = {.name = name}, *at = &key;
	const struct person **hit = NULL;

	if (r->policy->nperson)
		hit = bsearch(&at, r->by_name, r->policy->nperson,
			sizeof(*r->by_name), person_cmp);
	return hit ? *hit : NULL;
}

static int group_resolve(struct reader *r, struct group *g, struct err *err);

static void people_add(
	struct people *to, bool *seen, const struct person *who, size_t index)
{
	if (!seen[index])
		to->v[to->n++] = who;
	seen[index] = true;
}

/* One entry of a list: a person, or everybody in a group. */
static int people_entry(struct reader *r, struct conf *at, struct people *to,
	bool *seen, struct err *err)
{
	const struct policy *p = r->policy;
	const struct person *who;
	const char *name;
	size_t i, k;

	if (conf_text(at, a_person, &name, err))
		return -1;
	if (name[0] != '@') {
		who = person_named(r, name);
		if (!who) {
			conf_fail(at, err,
				"expected %s, found '%s', who is not in "
				"'people'",
				a_person, name);
			for (i = 0; i < r->ngroup; i++)
				if (!strcmp(r->group[i].name, name))
					err_hint(err,
						"the group is written '@%s'",
						name);
			return -1;
		}
		people_add(to, seen, who, (size_t)(who - p->person));
		return 0;
	}
	for (i = 0; i < r->ngroup; i++) {
		struct group *g = &r->group[i];

		if (strcmp(g->name, name + 1))
			continue;
		if (g->state == RESOLVED_OPEN)
			return conf_fail(
				at, err, "the group '%s' holds itself", name);
		if (group_resolve(r, g, err))
			return -1;
		for (k = 0; k < g->people.n; k++)
			people_add(to, seen, g->people.v[k],
				(size_t)(g->people.v[k] - p->person));
		return 0;
	}
	return conf_fail(at, err,
		"expected %s, found '%s', which is not in 'groups'", a_person,
		name);
}

int people_list(struct reader *r, struct conf *list, size_t min,
	struct people *out, struct err *err)
{
	struct people all = {0};
	size_t i, n;
	bool *seen;

	if (conf_list(list, min, some_people, &n, err) ||
		list_limit(list, n, POLICY_PEOPLE_MAX, err))
		return -1;
	all.v = arena_get(r->arena, r->policy->nperson, sizeof(*all.v));
	seen = arena_get(r->arena, r->policy->nperson, sizeof(*seen));
	for (i = 0; i < n; i++)
		if (people_entry(r, conf_item(list, i), &all, seen, err))
			return -1;
	*out = all;
	return 0;
}

static int people_read(struct reader *r, struct conf *list, struct people *out,
	struct err *err)
{
	return people_list(r, list, 1, out, err);
}

static int group_resolve(struct reader *r, struct group *g, struct err *err)
{
	if (g->state == RESOLVED_DONE)
		return 0;
	g->state = RESOLVED_OPEN;
	if (people_read(r, g->list, &g->people, err))
		return -1;
	g->state = RESOLVED_DONE;
	return 0;
}

static int groups_section(struct reader *r, struct conf *root, struct err *err)
{
	struct conf *c = conf_get(root, "groups"), *member;
	const void *pos = NULL;
	const char *name;
	size_t i, cap = 0;

	if (!c)
		return 0;
	if (conf_object(c, err))
		return -1;
	for (;;) {
		if (conf_next(c, &pos, &name, &member, err))
			return -1;
		if (!member)
			break;
		if (name_check(member, name, err) ||
			list_limit(c, r->ngroup + 1, POLICY_GROUPS_MAX, err))
			return -1;
		r->group = arena_grow(
			r->arena, r->group, r->ngroup, &cap, sizeof(*r->group));
		r->group[r->ngroup].name = name;
		r->group[r->ngroup].list = member;
		r->ngroup++;
	}
	r->policy->group =
		arena_get(r->arena, r->ngroup, sizeof(*r->policy->group));
	for (i = 0; i < r->ngroup; i++) {
		if (group_resolve(r, &r->group[i], err))
			return -1;
		r->policy->group[r->policy->ngroup++] = (struct policy_group){
			r->group[i].name, r->group[i].people};
	}
	return 0;
}

/* Whether a person has a key of one of the kinds. Any may have one in a file of
 * allowed signers, which is not read here, or a certificate. */
static bool can_sign(
	const struct policy *policy, const struct person *who, unsigned kinds)
{
	size_t i;

	if (policy->nsigners && (kinds & SIGNATURE_BIT(SIGNATURE_SSH)))
		return true;
	if (policy->x509.nroot && (kinds & SIGNATURE_BIT(SIGNATURE_X509)))
		return true;
	for (i = 0; i < who->nkey; i++)
		if (SIGNATURE_BIT(who->key[i].kind) & kinds)
			return true;
	return false;
}

static bool can_approve(const struct policy *policy, const struct person *who)
{
	return !who->robot && can_sign(policy, who, KINDS_KNOWN);
}

/* Whether a person could ever give an approval that counts. */
static bool can_serve(const struct policy *policy,
	const struct rule_approval *a, const struct person *who)
{
	size_t i, k;

	if (who->robot)
		return false;
	for (i = 0; i < a->nforge; i++)
		for (k = 0; k < who->nforge; k++)
			if (!strcmp(a->forge[i]->name, who->forge[k].forge))
				return true;
	return !a->no_tags && can_approve(policy, who);
}

int servers_check(const struct policy *policy, const struct rule_approval *a,
	struct conf *by, const struct people *p, unsigned count,
	struct err *err)
{
	unsigned able = 0;
	size_t i;

	if (!a->nforge)
		return approvers_check(policy, by, p, count, err);
	for (i = 0; i < p->n; i++)
		able += can_serve(policy, a, p->v[i]);
	if (able < count)
		return conf_fail(by, err,
			"expected at least %u people with %saccount at one of "
			"the sources who are not robots, found %u",
			count, a->no_tags ? "an " : "a key or an ", able);
	return 0;
}

/* Approvals and waivers are signed tags by people, so whoever has no key, and
 * any robot, can never give one. */
int approvers_check(const struct policy *policy, struct conf *by,
	const struct people *p, unsigned count, struct err *err)
{
	unsigned able = 0;
	size_t i;

	for (i = 0; i < p->n; i++)
		able += can_approve(policy, p->v[i]);
	if (able < count)
		return conf_fail(by, err,
			"expected at least %u people with a key who are not "
			"robots, found %u",
			count, able);
	return 0;
}

/* Sections */

static int signature_kinds(struct conf *c, unsigned *out, struct err *err)
{
	static const char *const words[] = {"openpgp", "ssh", "x509"};
	static const enum signature_kind kinds[] = {
		SIGNATURE_OPENPGP, SIGNATURE_SSH, SIGNATURE_X509};
	size_t i, n, which;

	*out = KINDS_KNOWN;
	if (!c)
		return 0;
	*out = 0;
	if (conf_list(c, 1, "a list of kinds of signature", &n, err))
		return -1;
	for (i = 0; i < n; i++) {
		if (conf_choice(conf_item(c, i), words, ARRAY_LEN(words),
			    &which, err))
			return -1;
		*out |= SIGNATURE_BIT(kinds[which]);
	}
	return 0;
}

static int signature_section(struct reader *r, struct conf *c,
	const struct rule_signature **out, struct err *err)
{
	static const char *const identity[] = {"signer", "off"};
	static const char *const certificate[] = {
		"optional", "required", "forbidden"};
	static const enum demand demands[] = {
		DEMAND_OPTIONAL, DEMAND_REQUIRED, DEMAND_FORBIDDEN};
	static const char *const merged[] = {[MERGED_TAGS_OFF] = "off",
		[MERGED_TAGS_SIGNED] = "signed",
		[MERGED_TAGS_REQUIRED] = "required"};
	struct rule_signature *s = ARENA_NEW(r->arena, struct rule_signature);
	struct conf *by, *v;
	size_t i;

	if (conf_object(c, err) || conf_need(c, "by", some_people, &by, err) ||
		people_read(r, by, &s->by, err) ||
		signature_kinds(conf_get(c, "kinds"), &s->kinds, err))
		return -1;
	for (i = 0; i < s->by.n; i++)
		if (can_sign(r->policy, s->by.v[i], s->kinds))
			break;
	if (i == s->by.n)
		return conf_fail(by, err,
			"expected at least one person with a key of an allowed "
			"kind, found none");
	s->push_certificate = DEMAND_OPTIONAL;
	v = conf_get(c, "push_certificate");
	if (v) {
		if (conf_choice(
			    v, certificate, ARRAY_LEN(certificate), &i, err))
			return -1;
		s->push_certificate = demands[i];
	}
	v = conf_get(c, "nonce_slop");
	if (v && conf_count(v, 0, POLICY_SLOP_MAX, &s->nonce_slop, err))
		return -1;
	i = 0;
	v = conf_get(c, "identity");
	if (v && conf_choice(v, identity, ARRAY_LEN(identity), &i, err))
		return -1;
	s->identity = i == 0;
	i = 0;
	v = conf_get(c, "merged_tags");
	if (v && conf_choice(v, merged, ARRAY_LEN(merged), &i, err))
		return -1;
	s->merged_tags = (enum merged_tags)i;
	*out = s;
	return conf_done(c, err);
}

static int approval_paths(struct reader *r, struct conf *list,
	struct rule_approval *a, struct err *err)
{
	size_t i, n;

	if (conf_list(list, 1, "a list of rules for paths", &n, err) ||
		list_limit(list, n, POLICY_ENTRIES_MAX, err))
		return -1;
	a->path = arena_get(r->arena, n, sizeof(*a->path));
	for (i = 0; i < n; i++) {
		struct approval_path *p = &a->path[i];
		struct conf *c = conf_item(list, i), *v;

		if (conf_object(c, err) ||
			conf_need(c, "match", "a list of path patterns", &v,
				err) ||
			path_globs_read(v, "a list of path patterns",
				"a path pattern", &p->match, &p->nmatch, err) ||
			conf_need(
				c, "count", "a number of approvals", &v, err) ||
			conf_count(v, 1, POLICY_COUNT_MAX, &p->count, err) ||
			conf_need(c, "by", some_people, &v, err) ||
			people_read(r, v, &p->by, err) ||
			servers_check(r->policy, a, v, &p->by, p->count, err) ||
			conf_done(c, err))
			return -1;
	}
	a->npath = n;
	return 0;
}

/* Whether there are people enough for all groups at once. */
static int groups_check(const struct reader *r, const struct conf *list,
	const struct rule_approval *a, struct err *err)
{
	const struct policy *p = r->policy;
	unsigned count[QUORUM_MAX] = {
		a->count > a->robot_count ? a->count : a->robot_count};
	unsigned *mask = arena_get(r->arena, p->nperson, sizeof(*mask));
	struct quorum_gap gap;
	size_t i, k;

	for (k = 0; k < a->ngroup; k++)
		count[k + 1] = a->group[k].count;
	for (i = 0; i < p->nperson; i++)
		if (can_serve(p, a, &p->person[i]))
			mask[i] = approval_serves(a, &p->person[i]);
	if (!quorum_short(
		    count, a->ngroup + 1, mask, p->nperson, a->shared, &gap))
		return 0;
	conf_fail(list, err,
		"expected at least %u people with a key who are not robots for "
		"these together with 'by', found %u",
		gap.want, gap.have);
	return err_hint(err,
		"each counts for one of them only; with \"shared\": true, "
		"for all");
}

/* "Two maintainers and one of security". */
static int approval_groups(struct reader *r, struct conf *c,
	struct rule_approval *a, struct err *err)
{
	struct conf *list = conf_get(c, "groups");
	struct conf *shared = conf_get(c, "shared");
	size_t i, n;

	if (shared && !list)
		return conf_fail(shared, err,
			"expected 'groups' beside it, found nothing");
	if (!list)
		return 0;
	if (conf_list(list, 1, "a list of groups of approvers", &n, err) ||
		list_limit(list, n, QUORUM_MAX - 1, err) ||
		(shared && conf_bool(shared, &a->shared, err)))
		return -1;
	a->group = arena_get(r->arena, n, sizeof(*a->group));
	for (i = 0; i < n; i++) {
		struct approval_group *g = &a->group[i];
		struct conf *one = conf_item(list, i), *v;

		if (conf_object(one, err) ||
			conf_need(one, "count", "a number of approvals", &v,
				err) ||
			conf_count(v, 1, POLICY_COUNT_MAX, &g->count, err) ||
			conf_need(one, "by", some_people, &v, err) ||
			people_read(r, v, &g->by, err) ||
			servers_check(r->policy, a, v, &g->by, g->count, err) ||
			conf_done(one, err))
			return -1;
	}
	a->ngroup = n;
	return groups_check(r, list, a, err);
}

int exclude_read(struct conf *list, unsigned *out, struct err *err)
{
	static const char *const words[] = {"author", "committer", "pusher"};
	static const unsigned bits[] = {
		EXCLUDE_AUTHOR, EXCLUDE_COMMITTER, EXCLUDE_PUSHER};
	size_t i, n, which;

	*out = EXCLUDE_AUTHOR | EXCLUDE_COMMITTER | EXCLUDE_PUSHER;
	if (!list)
		return 0;
	*out = 0;
	if (conf_list(list, 0,
		    "a list of \"author\", \"committer\", \"pusher\"", &n, err))
		return -1;
	for (i = 0; i < n; i++) {
		if (conf_choice(conf_item(list, i), words, ARRAY_LEN(words),
			    &which, err))
			return -1;
		*out |= bits[which];
	}
	return 0;
}

/* What a robot had a hand in may need more approvals than the rest. */
static int approval_robots(struct reader *r, struct conf *c, struct conf *by,
	struct rule_approval *a, struct err *err)
{
	if (!c)
		return 0;
	if (conf_count(c, a->count + 1, POLICY_COUNT_MAX, &a->robot_count, err))
		return -1;
	if (!by)
		return conf_fail(c, err,
			"expected 'by' beside it, %s who may approve, found "
			"nothing",
			some_people);
	return servers_check(r->policy, a, by, &a->by, a->robot_count, err);
}

static int approval_section(struct reader *r, struct conf *c,
	const struct rule_approval **out, struct err *err)
{
	static const char *const binds[] = {"commit", "patch"};
	struct rule_approval *a = ARENA_NEW(r->arena, struct rule_approval);
	struct conf *count, *by, *v;
	size_t i;

	if (conf_object(c, err))
		return -1;
	if (approval_sources(r, conf_get(c, "sources"), a, err))
		return -1;
	v = conf_get(c, "paths");
	if (v && approval_paths(r, v, a, err))
		return -1;
	v = conf_get(c, "codeowners");
	if (v && codeowners_read(r, v, a, err))
		return -1;
	/* Only rules for paths may stand without a number for the rest. */
	if (conf_need(c, "count", "a number of approvals", &count, err) ||
		conf_count(count, a->npath || a->codeowners ? 0 : 1,
			POLICY_COUNT_MAX, &a->count, err))
		return -1;
	by = conf_get(c, "by");
	if (!by && a->count)
		return conf_fail(c, err,
			"expected 'by', %s who may approve, found nothing",
			some_people);
	if (by &&
		(people_read(r, by, &a->by, err) ||
			servers_check(r->policy, a, by, &a->by, a->count, err)))
		return -1;
	if (exclude_read(conf_get(c, "exclude"), &a->exclude, err) ||
		approval_robots(r, conf_get(c, "robot_count"), by, a, err) ||
		approval_groups(r, c, a, err))
		return -1;
	v = conf_get(c, "binds");
	i = 0;
	if (v && conf_choice(v, binds, ARRAY_LEN(binds), &i, err))
		return -1;
	a->binds_patch = i == 1;
	v = conf_get(c, "objections");
	if (v && people_read(r, v, &a->objections, err))
		return -1;
	v = conf_get(c, "clean_merges");
	if (v && conf_bool(v, &a->clean_merges, err))
		return -1;
	*out = a;
	return conf_done(c, err);
}

static int secret_archives(
	struct conf *c, struct rule_secret *s, struct err *err)
{
	struct conf *v;

	s->archives = true;
	s->archive_depth = POLICY_ARCHIVE_DEPTH;
	s->archive_max = POLICY_ARCHIVE_MAX;
	v = conf_get(c, "archives");
	if (v && conf_bool(v, &s->archives, err))
		return -1;
	v = conf_get(c, "archive_depth");
	if (v &&
		conf_count(
			v, 1, POLICY_ARCHIVE_DEPTH_MAX, &s->archive_depth, err))
		return -1;
	v = conf_get(c, "archive_max");
	if (v && conf_size(v, &s->archive_max, err))
		return -1;
	if (s->archive_max > POLICY_ARCHIVE_MAX_MAX)
		return conf_fail(v, err, "expected a size of at most 2GiB");
	return 0;
}

static int secret_section(struct reader *r, struct conf *c,
	const struct rule_secret **out, struct err *err)
{
	static const char *const block[] = {"high", "low"};
	static const char *builtin[] = {"builtin"};
	struct rule_secret *s = ARENA_NEW(r->arena, struct rule_secret);
	struct conf *v;
	size_t i = 0;

	if (conf_object(c, err))
		return -1;
	s->rules = builtin;
	s->nrules = 1;
	s->max_blob = POLICY_MAX_BLOB;
	s->decode_depth = POLICY_DECODE_DEPTH;
	v = conf_get(c, "rules");
	if (v &&
		conf_texts(v, "a list of rule packs",
			"\"builtin\" or a rule-pack file", &s->rules,
			&s->nrules, err))
		return -1;
	v = conf_get(c, "max_blob");
	if (v && conf_size(v, &s->max_blob, err))
		return -1;
	v = conf_get(c, "decode_depth");
	if (v &&
		conf_count(
			v, 0, POLICY_DECODE_DEPTH_MAX, &s->decode_depth, err))
		return -1;
	v = conf_get(c, "block");
	if (v && conf_choice(v, block, ARRAY_LEN(block), &i, err))
		return -1;
	s->block_low = i == 1;
	if (secret_archives(c, s, err))
		return -1;
	*out = s;
	return conf_done(c, err);
}

bool finding_known(const char *id)
{
	struct span s = span_str(id), star = SPAN_LIT("*");
	size_t i;

	if (span_starts(s, SPAN_LIT("secret.")) && s.n > 7)
		return span_find(s, '*') == SIZE_MAX ||
			span_find(s, '*') == s.n - 1;
	for (i = 0; i < FINDING_COUNT; i++) {
		struct span def = span_str(finding_def((enum finding_id)i)->id);

		if (i <= FINDING_POLICY_BROKEN)
			continue;
		if (span_eq(def, s) ||
			(span_ends(s, star) && s.n > 1 &&
				span_starts(def, span_sub(s, 0, s.n - 1))))
			return true;
	}
	return false;
}

int finding_check(const struct conf *at, const char *id, struct err *err)
{
	if (finding_known(id))
		return 0;
	conf_fail(at, err, "expected a finding id, found '%s'", id);
	return err_hint(err,
		"sluice-findings(7) lists them; a final star stands for the "
		"rest, as in \"secret.*\"");
}

static int severity_section(
	struct reader *r, struct conf *c, struct rules *rules, struct err *err)
{
	static const char *const words[] = {"block", "warn", "off"};
	static const enum severity severities[] = {
		SEVERITY_BLOCK, SEVERITY_WARN, SEVERITY_OFF};
	struct severity_override *v = NULL;
	const void *pos = NULL;
	struct conf *member;
	const char *id;
	size_t cap = 0, n = 0, i;

	if (conf_object(c, err))
		return -1;
	for (;;) {
		if (conf_next(c, &pos, &id, &member, err))
			return -1;
		if (!member)
			break;
		if (finding_check(member, id, err) ||
			list_limit(c, n + 1, POLICY_ENTRIES_MAX, err) ||
			conf_choice(member, words, ARRAY_LEN(words), &i, err))
			return -1;
		v = arena_grow(r->arena, v, n, &cap, sizeof(*v));
		v[n].finding = id;
		v[n].severity = (int)severities[i];
		n++;
	}
	if (!n)
		return conf_fail_type(c, "at least one finding id", err);
	rules->severity = v;
	rules->nseverity = n;
	return 0;
}

/* Entries */

static int ref_globs(struct conf *c, struct ref_rules *out, struct err *err)
{
	const char *what = "a list of patterns of full ref names";
	struct conf *list;
	size_t i;

	if (conf_need(c, "match", what, &list, err) ||
		globs_read(list, what, "a pattern of full ref names",
			&out->match, &out->nmatch, err))
		return -1;
	/* "main" would never match anything and leave main unguarded. */
	for (i = 0; i < out->nmatch; i++) {
		struct span s = span_str(out->match[i]);

		if (s.p[0] == '*' || span_starts(s, SPAN_LIT("refs/")))
			continue;
		conf_fail(conf_item(list, i), err,
			"expected a pattern of full ref names, found '%s', "
			"which can never match",
			out->match[i]);
		return err_hint(err,
			"write 'refs/heads/%s' for a branch, "
			"'refs/tags/%s' for a tag",
			out->match[i], out->match[i]);
	}
	return 0;
}

static int mode_read(struct conf *c, enum mode *out, struct err *err)
{
	static const char *const words[] = {"enforce", "observe"};
	size_t i;

	if (conf_choice(c, words, ARRAY_LEN(words), &i, err))
		return -1;
	*out = i ? MODE_OBSERVE : MODE_ENFORCE;
	return 0;
}

/* Reads a section when it is there and notes where it came from. */
#define SECTION(name)                                             \
	do {                                                      \
		v = conf_get(c, #name);                           \
		if (v && name##_section(r, v, &rules->name, err)) \
			return -1;                                \
		if (v)                                            \
			rules->at_##name = conf_path(v);          \
	} while (0)

static int ref_read(struct reader *r, struct conf *c, struct ref_rules *out,
	struct err *err)
{
	struct rules *rules = &out->rules;
	struct conf *v;

	if (conf_object(c, err) || ref_globs(c, out, err))
		return -1;
	SECTION(signature);
	SECTION(identity);
	SECTION(approval);
	SECTION(robot);
	SECTION(secret);
	SECTION(ref);
	SECTION(message);
	SECTION(file);
	v = conf_get(c, "waiver");
	if (v && waiver_section(r, v, rules, err))
		return -1;
	if (v)
		rules->at_waiver = conf_path(v);
	v = conf_get(c, "mode");
	if (v && mode_read(v, &rules->mode, err))
		return -1;
	if (v)
		rules->at_mode = conf_path(v);
	v = conf_get(c, "severity");
	if (v && severity_section(r, v, rules, err))
		return -1;
	if (v)
		rules->at_severity = conf_path(v);
	v = conf_get(c, "hints");
	if (v && hints_section(r, v, rules, err))
		return -1;
	if (v)
		rules->at_hints = conf_path(v);
	if (conf_done(c, err))
		return -1;
	if (rules_empty(rules) && !rules->nseverity && !rules->nwaiver &&
		!rules->mode && !rules->nhint)
		return conf_fail(c, err,
			"expected at least one of signature, identity, "
			"approval, robot, secret, ref, message, file, "
			"waiver, severity, mode, hints, found none");
	return 0;
}

static int repository_globs(
	struct conf *c, struct repository_rules *out, struct err *err)
{
	const char *what = "a list of patterns of repository names";
	struct conf *list;
	size_t i;

	if (conf_need(c, "match", what, &list, err) ||
		globs_read(list, what, "a pattern of repository names",
			&out->match, &out->nmatch, err))
		return -1;
	for (i = 0; i < out->nmatch; i++) {
		struct span s = span_str(out->match[i]);

		if (s.p[0] == '/' || span_ends(s, SPAN_LIT(".git")) ||
			span_ends(s, SPAN_LIT("/"))) {
			conf_fail(conf_item(list, i), err,
				"expected a pattern of repository names, found "
				"'%s', which can never match",
				out->match[i]);
			return err_hint(err,
				"a name is a path without a leading '/' and "
				"without '.git', such as 'payments/api'");
		}
	}
	return 0;
}

/* An address without the name would do for a certificate of any repository that
 * the entry is about. */
static int urls_read(
	struct conf *list, struct repository_rules *out, struct err *err)
{
	const char *what = "a list of addresses";
	struct span s, mark = SPAN_LIT(PUSHEE_NAME);
	bool one = out->nmatch == 1 && !strpbrk(out->match[0], "*?");
	size_t i, at;

	if (!list)
		return 0;
	if (conf_texts(list, what, "an address", &out->url, &out->nurl, err) ||
		list_limit(list, out->nurl, POLICY_ENTRIES_MAX, err))
		return -1;
	for (i = 0; i < out->nurl; i++) {
		s = span_str(out->url[i]);
		at = span_search(s, mark);
		if (at == SIZE_MAX ? one
				   : span_search(span_from(s, at + 1), mark) ==
					SIZE_MAX)
			continue;
		conf_fail(conf_item(list, i), err,
			"expected an address with one " PUSHEE_NAME
			", found '%s'",
			out->url[i]);
		return err_hint(err,
			"it stands for the repository's name; without it an "
			"entry must match one repository and no pattern");
	}
	return 0;
}

static int repository_read(struct reader *r, struct conf *c,
	struct repository_rules *out, struct err *err)
{
	struct conf *list;
	size_t i, n;

	if (conf_object(c, err) || repository_globs(c, out, err) ||
		urls_read(conf_get(c, "urls"), out, err) ||
		conf_need(c, "refs", "a list of rules for refs", &list, err) ||
		conf_list(list, 1, "a list of rules for refs", &n, err) ||
		list_limit(list, n, POLICY_ENTRIES_MAX, err))
		return -1;
	out->ref = arena_get(r->arena, n, sizeof(*out->ref));
	for (i = 0; i < n; i++)
		if (ref_read(r, conf_item(list, i), &out->ref[i], err))
			return -1;
	out->nref = n;
	return conf_done(c, err);
}

static int repositories_section(
	struct reader *r, struct conf *root, struct err *err)
{
	const char *what = "a list of rules for repositories";
	struct policy *p = r->policy;
	struct conf *list;
	size_t i, n;

	if (conf_need(root, "repositories", what, &list, err) ||
		conf_list(list, 1, what, &n, err) ||
		list_limit(list, n, POLICY_ENTRIES_MAX, err))
		return -1;
	p->repository = arena_get(r->arena, n, sizeof(*p->repository));
	for (i = 0; i < n; i++)
		if (repository_read(
			    r, conf_item(list, i), &p->repository[i], err))
			return -1;
	p->nrepository = n;
	return 0;
}

static int unwitnessed_read(struct reader *r, struct conf *c, struct err *err)
{
	struct policy *p = r->policy;
	struct conf *v = conf_get(c, "unwitnessed");
	size_t i = UNWITNESSED_ALLOW;

	if (v &&
		conf_choice(v, unwitnessed_names, ARRAY_LEN(unwitnessed_names),
			&i, err))
		return -1;
	p->unwitnessed = (enum unwitnessed)i;
	v = conf_get(c, "unwitnessed_hours");
	return v ? conf_count(v, 1, UNWITNESSED_HOURS_MAX,
			   &p->unwitnessed_hours, err)
		 : 0;
}

static int log_section(struct reader *r, struct conf *root, struct err *err)
{
	const char *expected = "an OpenPGP fingerprint (40 or 64 hex digits) "
			       "or null";
	struct conf *c = conf_get(root, "log"), *v;
	size_t n;

	r->policy->unwitnessed_hours = UNWITNESSED_HOURS;
	if (!c)
		return 0;
	if (conf_object(c, err))
		return -1;
	v = conf_get(c, "openpgp_key");
	if (v && !conf_is_null(v)) {
		if (conf_text(v, expected, &r->policy->log_openpgp, err))
			return -1;
		n = strlen(r->policy->log_openpgp);
		if ((n != 40 && n != 64) ||
			strspn(r->policy->log_openpgp,
				"0123456789abcdefABCDEF") != n)
			return conf_fail_type(v, expected, err);
	}
	v = conf_get(c, "redact");
	if (v && conf_bool(v, &r->policy->redact, err))
		return -1;
	v = conf_get(c, "witnesses");
	if (v) {
		if (conf_list(v, 0, "an empty array", &n, err))
			return -1;
		if (n)
			return conf_fail(v, err,
				"witnesses are named in the state "
				"folder's file 'witnesses', expected an empty "
				"array");
	}
	v = conf_get(c, "proofs");
	if (v && conf_bool(v, &r->policy->log_proofs, err))
		return -1;
	return unwitnessed_read(r, c, err) ? -1 : conf_done(c, err);
}

/* Files that are nobody's, each once. */
static int shared_files(struct reader *r, struct conf *root, const char *key,
	enum signature_kind kind, struct policy_key **out, size_t *n,
	struct err *err)
{
	struct conf *list = conf_get(root, key);
	size_t i, k;

	if (key_files(r, root, key, kind, out, n, err))
		return -1;
	for (i = 0; i < *n; i++)
		for (k = 0; k < i; k++)
			if (!strcmp((*out)[i].file, (*out)[k].file))
				return conf_fail(conf_item(list, i), err,
					"the file '%s' is listed twice",
					(*out)[i].file);
	return 0;
}

static int x509_section(struct reader *r, struct conf *c, struct err *err)
{
	struct policy_x509 *x = &r->policy->x509;
	struct conf *v;

	if (!c)
		return 0;
	if (conf_object(c, err) ||
		shared_files(r, c, "roots", SIGNATURE_X509, &x->root, &x->nroot,
			err) ||
		shared_files(r, c, "intermediates", SIGNATURE_X509, &x->between,
			&x->nbetween, err) ||
		shared_files(
			r, c, "crls", SIGNATURE_X509, &x->crl, &x->ncrl, err) ||
		shared_files(r, c, "compromised", SIGNATURE_X509,
			&x->compromised, &x->ncompromised, err))
		return -1;
	v = conf_get(c, "require_crl");
	if (v && conf_bool(v, &x->need_crl, err))
		return -1;
	if (x->need_crl && !x->ncrl)
		return conf_fail(v, err,
			"expected 'crls' beside it, a list of files with "
			"revocation lists, found nothing");
	return conf_done(c, err);
}

/* Read before the rules, which ask who can sign. */
static int signers_section(struct reader *r, struct conf *root, struct err *err)
{
	struct policy *p = r->policy;

	if (shared_files(r, root, "allowed_signers", SIGNATURE_SSH, &p->signers,
		    &p->nsigners, err) ||
		shared_files(r, root, "ssh_revoked", SIGNATURE_SSH, &p->revoked,
			&p->nrevoked, err) ||
		shared_files(r, root, "ssh_compromised", SIGNATURE_SSH,
			&p->compromised, &p->ncompromised, err))
		return -1;
	return x509_section(r, conf_get(root, "x509"), err);
}

static int root_read(struct reader *r, struct conf *root, struct err *err)
{
	enum mode mode = MODE_ENFORCE;
	struct conf *v;

	if (conf_object(root, err) || forges_section(r, root, err) ||
		people_section(r, root, err) || signers_section(r, root, err) ||
		groups_section(r, root, err) ||
		repositories_section(r, root, err) || log_section(r, root, err))
		return -1;
	v = conf_get(root, "mode");
	if (v && mode_read(v, &mode, err))
		return -1;
	r->policy->observe = mode == MODE_OBSERVE;
	return conf_done(root, err);
}

int policy_parse(struct span text, struct arena *arena, struct policy **out,
	struct err *err)
{
	struct reader r = {.arena = arena};
	struct doc *doc = NULL;
	int ret = -1;

	*out = NULL;
	r.policy = ARENA_NEW(arena, struct policy);
	if (text.n > POLICY_FILE_MAX) {
		err_set(err, ERR_LIMIT, "larger than %u bytes",
			POLICY_FILE_MAX);
		goto out;
	}
	if (doc_parse(text, &doc, err))
		goto out;
	if (root_read(&r, conf_open(doc, arena), err))
		goto out;
	*out = r.policy;
	ret = 0;
out:
	doc_free(doc);
	return ret;
}
