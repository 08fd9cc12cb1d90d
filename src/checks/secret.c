#include "checks/check.h"

#define PLACE_MAX 300

static const char *place(struct findings *out, const struct hit_fact *h)
{
	const char *where = findings_show(out, h->path, PLACE_MAX);

	if (!where[0])
		where = h->what ? h->what : "object";
	if (h->member && h->member[0])
		where = arena_fmt(out->arena, "%s!%s", where, h->member);
	if (!h->line)
		return where;
	return arena_fmt(out->arena, "%s:%u", where, h->line);
}

static const char *text_or(const char *text)
{
	return text ? text : "";
}

/* What the next commit deletes is still pushed by this one. */
static const char *way_out(struct findings *out, const char *remediation)
{
	bool ended = remediation[strlen(remediation) - 1] == '.';

	return arena_fmt(out->arena,
		"%s%s Then take it out of the commit itself: git commit "
		"--amend, or git rebase -i <base>",
		remediation, ended ? "" : ".");
}

static void add(const struct hit_fact *h, const struct rule_secret *rule,
	size_t u, struct findings *out)
{
	/* A reader looks for the commit; the blob is all there is when no
	 * judged commit brings it. */
	const struct oid *object =
		oid_is_zero(&h->commit) ? &h->object : &h->commit;
	bool encoded = h->encoding && h->encoding[0], warn;
	struct finding *f;

	f = findings_add(out,
		h->unscanned ? FINDING_SECRET_NOT_SCANNED
			     : FINDING_SECRET_FOUND,
		u, object);
	f->place = place(out, h);
	f->fingerprint = text_or(h->fingerprint);
	if (h->unscanned) {
		f->detail = findings_show(
			out, span_str(text_or(h->redacted)), PLACE_MAX);
		return;
	}
	f->rule = h->rule && h->rule[0] ? h->rule : "unknown";
	f->detail = arena_fmt(out->arena, "%s: %s%s%s%s%s",
		text_or(h->description),
		findings_show(out, span_str(text_or(h->redacted)), PLACE_MAX),
		text_or(h->checked), encoded ? ", in " : "",
		encoded ? h->encoding : "",
		h->known ? ", which the repository had before" : "");
	/* Refusing the push would not take back what is out already. */
	warn = h->known ||
		(h->confidence == CONFIDENCE_LOW && !(rule && rule->block_low));
	if (warn)
		f->severity = SEVERITY_WARN;
	if (!h->remediation || !h->remediation[0])
		return;
	f->hint = warn ? h->remediation : way_out(out, h->remediation);
}

static void run(const struct facts *facts, size_t u, struct findings *out)
{
	size_t i;

	for (i = 0; i < facts->nhit; i++)
		if (facts->hit[i].update == u)
			add(&facts->hit[i], facts->update[u].rules.secret, u,
				out);
}

const struct check check_secret = {"secret", run};
