#include "checks/check.h"
#include "model/signer.h"

struct judging {
	const struct facts *facts;
	const struct rule_signature *rule;
	const struct certificate_fact *cert;
	size_t u;
	struct findings *out;
};

/* Where nobody asks for a certificate, a push with one that is of no use is as
 * good as one without: it is told and passes. */
static void add(struct judging *j, enum finding_id id, const char *detail)
{
	const struct certificate_fact *c = j->cert;
	struct finding *f = findings_add(
		j->out, id, j->u, oid_is_zero(&c->blob) ? NULL : &c->blob);

	if (detail)
		f->detail = detail;
	if (j->rule->push_certificate == DEMAND_OPTIONAL)
		f->severity = SEVERITY_WARN;
}

static const char *shown(struct judging *j, const char *text)
{
	return text ? findings_show(j->out, span_str(text), 300) : NULL;
}

static enum finding_id finding_of(enum signature_status s)
{
	switch (s) {
	case SIGNATURE_BAD:
		break;
	case SIGNATURE_MISSING:
	case SIGNATURE_MALFORMED:
		return FINDING_CERTIFICATE_MALFORMED;
	case SIGNATURE_UNKNOWN_KEY:
		return FINDING_CERTIFICATE_UNKNOWN_KEY;
	case SIGNATURE_EXPIRED:
		return FINDING_CERTIFICATE_EXPIRED;
	case SIGNATURE_REVOKED:
	case SIGNATURE_COMPROMISED:
		return FINDING_CERTIFICATE_REVOKED;
	case SIGNATURE_WEAK:
		return FINDING_CERTIFICATE_WEAK;
	case SIGNATURE_UNSUPPORTED:
		return FINDING_CERTIFICATE_UNSUPPORTED;
	case SIGNATURE_GOOD:
	case SIGNATURE_UNCHECKED: /* not where a rule asks; refused anyhow */
		break;
	}
	return FINDING_CERTIFICATE_BAD;
}

/* False: nothing that it says is anybody's word. */
static bool signature(struct judging *j)
{
	const struct signature_fact *sig = &j->cert->sig;
	struct findings *out = j->out;

	if (j->cert->malformed)
		add(j, FINDING_CERTIFICATE_MALFORMED,
			shown(j, j->cert->malformed));
	else if (!(j->rule->kinds & SIGNATURE_BIT(sig->kind)))
		add(j, FINDING_CERTIFICATE_KIND,
			arena_fmt(out->arena, "signed with %s, allowed: %s",
				signature_kind_name(sig->kind),
				signer_kinds(out, j->rule->kinds)));
	else if (sig->status != SIGNATURE_GOOD)
		add(j, finding_of(sig->status), signer_key(out, sig));
	else if (!sig->person)
		add(j, FINDING_CERTIFICATE_UNKNOWN_KEY, signer_key(out, sig));
	else if (!people_has(&j->rule->by, sig->person))
		add(j, FINDING_CERTIFICATE_NOT_ALLOWED,
			arena_fmt(out->arena, "%s; allowed: %s",
				signer_key(out, sig),
				signer_names(out, &j->rule->by)));
	else
		return true;
	return false;
}

static void point(struct judging *j, enum finding_id id,
	const struct certificate_point *p)
{
	if (!p->shown)
		add(j, id, shown(j, p->detail));
}

static void nonce(struct judging *j)
{
	const struct certificate_fact *c = j->cert;

	if (!c->fresh.shown)
		point(j, FINDING_CERTIFICATE_NONCE, &c->fresh);
	else if (c->slop > j->rule->nonce_slop)
		add(j, FINDING_CERTIFICATE_NONCE,
			arena_fmt(j->out->arena,
				"its nonce is %llu seconds old, allowed are %u",
				(unsigned long long)c->slop,
				j->rule->nonce_slop));
}

/* A certificate is the signer's will, whoever carries it; but one of somebody
 * else was hardly meant for this connection. */
static void pusher(struct judging *j)
{
	const struct pusher *p = &j->facts->push->pusher;
	const struct person *who = policy_pusher(j->facts->policy, p);
	const struct person *signer = j->cert->sig.person;

	if (!who || policy_is_pusher(j->facts->policy, p, signer))
		return;
	add(j, FINDING_CERTIFICATE_PUSHER,
		arena_fmt(j->out->arena, "'%s' pushes, %s signed", who->name,
			signer->name));
}

static void run(const struct facts *facts, size_t u, struct findings *out)
{
	struct judging j = {.facts = facts,
		.rule = facts->update[u].rules.signature,
		.cert = &facts->certificate,
		.u = u,
		.out = out};

	if (!j.rule)
		return;
	if (!j.cert->given) {
		if (j.rule->push_certificate == DEMAND_REQUIRED)
			add(&j, FINDING_CERTIFICATE_MISSING, NULL);
		return;
	}
	if (j.rule->push_certificate == DEMAND_FORBIDDEN) {
		add(&j, FINDING_CERTIFICATE_FORBIDDEN, NULL);
		return;
	}
	if (!signature(&j))
		return;
	point(&j, FINDING_CERTIFICATE_COMMANDS, &j.cert->commands);
	point(&j, FINDING_CERTIFICATE_OPTIONS, &j.cert->options);
	point(&j, FINDING_CERTIFICATE_REPOSITORY, &j.cert->pushed_to);
	nonce(&j);
	point(&j, FINDING_CERTIFICATE_USED, &j.cert->unused);
	pusher(&j);
}

const struct check check_push_certificate = {"push_certificate", run};
