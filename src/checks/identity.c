#include "base/text.h"
#include "checks/check.h"

/* Whose the addresses of one object have to be. .mailmap is not asked: it is
 * part of what is pushed. */
struct subject {
	const struct oid *id;
	const struct signature_fact *sig;
	const char *about;
};

static struct span domain(struct span email)
{
	size_t i = email.n;

	while (i && email.p[i - 1] != '@')
		i--;
	return i ? span_from(email, i) : SPAN_EMPTY;
}

static bool in_domain(const struct person *who, struct span email)
{
	struct span d = domain(email);
	size_t i;

	for (i = 0; i < who->nemail && d.n; i++)
		if (text_same(domain(span_str(who->email[i])), d))
			return true;
	return false;
}

static void add(struct findings *out, enum finding_id id, size_t u,
	const struct subject *s, const char *why)
{
	findings_add(out, id, u, s->id)->detail =
		arena_fmt(out->arena, "%s: %s", why, s->about);
}

static bool fits(
	enum identity_email rule, const struct person *who, struct span email)
{
	return rule == IDENTITY_DOMAIN ? in_domain(who, email)
				       : person_has_email(who, email);
}

/* ${role} "author" with the address ${email}. */
static bool owned(enum identity_email rule, const struct subject *s,
	const char *role, struct span email, size_t u, struct findings *out)
{
	const struct person *who = s->sig->person;

	if (fits(rule, who, email))
		return true;
	add(out, FINDING_IDENTITY_EMAIL, u, s,
		arena_fmt(out->arena,
			rule == IDENTITY_DOMAIN
				? "the %s's address <%s> is in no domain of "
				  "the signer, %s"
				: "the %s's address <%s> is none of the "
				  "signer, %s",
			role, findings_show(out, email, 80), who->name));
	return false;
}

/* Only a good signature says whose it is. */
static bool has_signer(const struct subject *s, size_t u, struct findings *out)
{
	if (s->sig->status == SIGNATURE_GOOD && s->sig->person)
		return true;
	add(out, FINDING_IDENTITY_EMAIL, u, s, "no signature says whose it is");
	return false;
}

static void commit_email(enum identity_email rule, const struct subject *s,
	const struct commit *c, size_t u, struct findings *out)
{
	if (rule == IDENTITY_OFF || !has_signer(s, u, out))
		return;
	if (owned(rule, s, "author", c->author.email, u, out))
		owned(rule, s, "committer", c->committer.email, u, out);
}

static void committer(const struct facts *facts, const struct subject *s,
	const struct commit *c, size_t u, struct findings *out)
{
	const struct rule_signature *rule = facts->update[u].rules.signature;
	const struct pusher *p = &facts->push->pusher;
	const struct person *who =
		facts_pusher(facts, rule ? rule->nonce_slop : 0);

	if (person_has_email(who, c->committer.email) ||
		(!who && p->email[0] &&
			text_same(span_str(p->email), c->committer.email)))
		return;
	add(out, FINDING_IDENTITY_COMMITTER, u, s,
		arena_fmt(out->arena,
			"the committer's address <%s> is none of '%s', who "
			"pushes%s",
			findings_show(out, c->committer.email, 80),
			findings_show(out, span_str(p->name), 80),
			who ? "" : " and is not in the policy"));
}

static void author(const struct facts *facts, const struct subject *s,
	const struct commit *c, size_t u, struct findings *out)
{
	if (policy_person_by_email(facts->policy, c->author.email))
		return;
	add(out, FINDING_IDENTITY_AUTHOR, u, s,
		arena_fmt(out->arena, "nobody has the author's address <%s>",
			findings_show(out, c->author.email, 80)));
}

/* Names only of people who have some in the policy: who is meant is said by the
 * address. */
static void written(const struct facts *facts, const struct subject *s,
	const char *role, const struct ident *who, size_t u,
	struct findings *out)
{
	const struct person *p =
		policy_person_by_email(facts->policy, who->email);
	size_t i;

	if (!p || !p->nwritten)
		return;
	for (i = 0; i < p->nwritten; i++)
		if (span_is(who->name, p->written[i]))
			return;
	add(out, FINDING_IDENTITY_NAME, u, s,
		arena_fmt(out->arena, "the %s's name '%s' is none of %s's",
			role, findings_show(out, who->name, 80), p->name));
}

static void pattern(const struct patterns *p, const uint64_t *matches,
	const struct subject *s, const char *role, struct span email, size_t u,
	struct findings *out)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		if (bit_get(matches, p->v[i].number))
			return;
	if (!p->n)
		return;
	add(out, FINDING_IDENTITY_PATTERN, u, s,
		arena_fmt(out->arena,
			"the %s's address <%s> does not match '%s'%s", role,
			findings_show(out, email, 80),
			findings_quote(out, p->v[0].text, 80),
			p->n > 1 ? " or another" : ""));
}

static void run(const struct facts *facts, size_t u, struct findings *out)
{
	const struct update_fact *up = &facts->update[u];
	const struct rule_identity *rule = up->rules.identity;
	size_t i;

	if (!rule || up->movement == MOVEMENT_DELETE)
		return;
	for (i = 0; i < up->ntag; i++) {
		const struct tag_change *t = &facts->tag[up->tag[i]];
		struct subject s = {.id = &t->tag.id, .sig = &t->sig};

		s.about = arena_fmt(out->arena, "tag '%s'",
			findings_show(out, t->tag.name, 80));
		if (rule->email != IDENTITY_OFF && has_signer(&s, u, out))
			owned(rule->email, &s, "tagger", t->tag.tagger.email, u,
				out);
	}
	for (i = 0; i < up->nchange; i++) {
		const struct change *c = &facts->change[up->change[i]];
		struct subject s = {.id = &c->commit.id, .sig = &c->sig};

		s.about = findings_about(out, &c->commit);
		commit_email(rule->email, &s, &c->commit, u, out);
		if (rule->committer_pushes)
			committer(facts, &s, &c->commit, u, out);
		if (rule->author_known)
			author(facts, &s, &c->commit, u, out);
		if (rule->names_listed) {
			written(facts, &s, "author", &c->commit.author, u, out);
			written(facts, &s, "committer", &c->commit.committer, u,
				out);
		}
		pattern(&rule->author_email, c->author_matches, &s, "author",
			c->commit.author.email, u, out);
		pattern(&rule->committer_email, c->committer_matches, &s,
			"committer", c->commit.committer.email, u, out);
	}
}

const struct check check_identity = {"identity", run};
