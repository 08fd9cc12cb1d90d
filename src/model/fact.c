#include "model/fact.h"

const char *signature_status_name(enum signature_status s)
{
	switch (s) {
	case SIGNATURE_BAD:
		break;
	case SIGNATURE_MISSING:
		return "missing";
	case SIGNATURE_GOOD:
		return "good";
	case SIGNATURE_UNKNOWN_KEY:
		return "unknown_key";
	case SIGNATURE_EXPIRED:
		return "expired";
	case SIGNATURE_REVOKED:
		return "revoked";
	case SIGNATURE_COMPROMISED:
		return "compromised";
	case SIGNATURE_WEAK:
		return "weak";
	case SIGNATURE_MALFORMED:
		return "malformed";
	case SIGNATURE_UNSUPPORTED:
		return "unsupported";
	case SIGNATURE_UNCHECKED:
		return "unchecked";
	}
	return "bad";
}

const char *signature_kind_name(enum signature_kind k)
{
	switch (k) {
	case SIGNATURE_NONE:
		break;
	case SIGNATURE_OPENPGP:
		return "openpgp";
	case SIGNATURE_SSH:
		return "ssh";
	case SIGNATURE_X509:
		return "x509";
	}
	return "none";
}

enum entry_kind entry_kind(unsigned mode)
{
	switch (mode & 0170000) {
	case 0100000:
		return ENTRY_FILE;
	case 0120000:
		return ENTRY_LINK;
	default:
		return ENTRY_SUBMODULE;
	}
}

bool certificate_holds(const struct certificate_fact *c, uint64_t slop)
{
	return c->given && !c->malformed && c->sig.status == SIGNATURE_GOOD &&
		c->sig.person && c->commands.shown && c->options.shown &&
		c->pushed_to.shown && c->unused.shown && c->fresh.shown &&
		c->slop <= slop;
}

const struct person *facts_pusher(const struct facts *f, uint64_t slop)
{
	const struct person *who = policy_pusher(f->policy, &f->push->pusher);

	if (!who && certificate_holds(&f->certificate, slop))
		who = f->certificate.sig.person;
	return who;
}

bool facts_is_pusher(const struct facts *f, const struct person *who)
{
	return who &&
		(policy_is_pusher(f->policy, &f->push->pusher, who) ||
			person_has_login(who, span_str(f->push->pusher.name)) ||
			(f->certificate.given &&
				f->certificate.sig.person == who));
}

const char *waiver_status_name(enum waiver_status s)
{
	switch (s) {
	case WAIVER_INVALID:
		break;
	case WAIVER_STRANGER:
		return "stranger";
	case WAIVER_ELSEWHERE:
		return "elsewhere";
	case WAIVER_EXPIRED:
		return "expired";
	case WAIVER_SPENT:
		return "spent";
	case WAIVER_WITHDRAWN:
		return "withdrawn";
	case WAIVER_VALID:
		return "valid";
	}
	return "invalid";
}

bool update_asks(const struct update_fact *u)
{
	const struct rule_approval *r = u->rules.approval;

	return r && r->nforge && u->nchange && u->movement != MOVEMENT_DELETE &&
		span_starts(u->up->ref, SPAN_LIT("refs/heads/"));
}
