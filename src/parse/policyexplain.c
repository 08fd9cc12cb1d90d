/* A policy in words: what a push to one ref must satisfy. */
#include "model/finding.h"
#include "model/submodule.h"
#include "parse/policyput.h"
#include "parse/policytext.h"

struct show {
	struct arena *arena;
	struct buf *out;
};

static void from(struct buf *out, const char *at)
{
	buf_str(out, "    from ");
	put_text(out, at ? at : "the policy");
	buf_str(out, "\n");
}

static void explain_signature(
	struct show *s, const struct rule_signature *r, const char *ref)
{
	static const struct {
		enum signature_kind kind;
		const char *called;
	} all[] = {{SIGNATURE_OPENPGP, "OpenPGP"}, {SIGNATURE_SSH, "SSH"},
		{SIGNATURE_X509, "X.509"}};
	struct span name = span_str(ref);
	size_t i, n = 0;

	buf_str(s->out,
		"- Every new commit and every annotated tag must be signed (");
	for (i = 0; i < ARRAY_LEN(all); i++)
		if (r->kinds & SIGNATURE_BIT(all[i].kind))
			buf_fmt(s->out, "%s%s", n++ ? " or " : "",
				all[i].called);
	buf_str(s->out, ") by one of: ");
	put_people(s->out, &r->by, s->arena);
	buf_str(s->out, ".\n");
	if (r->identity)
		buf_str(s->out,
			"  The e-mail address of the author or the "
			"committer, of a tag the tagger,\n"
			"  must be one of the signer's.\n");
	if (span_starts(name, SPAN_LIT("refs/tags/")))
		buf_str(s->out,
			"  A lightweight tag cannot be signed and is "
			"refused.\n");
	if (r->merged_tags == MERGED_TAGS_REQUIRED)
		buf_str(s->out, "  A merge must be one of signed tags.\n");
	if (r->merged_tags != MERGED_TAGS_OFF)
		buf_str(s->out,
			"  A tag that a merge has in its header must be well "
			"signed by its tagger,\n"
			"  whom the policy knows, and be of what is merged.\n");
	switch (r->push_certificate) {
	case DEMAND_OPTIONAL:
		break;
	case DEMAND_REQUIRED:
		buf_str(s->out,
			"  The push itself must be signed by one of them "
			"(git push --signed).\n");
		if (r->nonce_slop)
			buf_fmt(s->out,
				"  Its nonce may be up to %u seconds old.\n",
				r->nonce_slop);
		break;
	case DEMAND_FORBIDDEN:
		buf_str(s->out,
			"  The push itself must not be signed "
			"(git push --no-signed).\n");
		break;
	}
}

static void explain_identity(struct show *s, const struct rule_identity *r)
{
	struct buf *out = s->out;

	if (r->email == IDENTITY_STRICT)
		buf_str(out,
			"- It must be signed, and the addresses of author and "
			"committer, of a tag the\n  tagger, must be the "
			"signer's.\n");
	if (r->email == IDENTITY_DOMAIN)
		buf_str(out,
			"- It must be signed, and the addresses of author and "
			"committer, of a tag the\n  tagger, must be in a "
			"domain in which the signer has an address.\n");
	if (r->committer_pushes)
		buf_str(out,
			"- The committer must be the person who pushes.\n");
	if (r->author_known)
		buf_str(out,
			"- The author must be somebody whom the policy "
			"knows.\n");
	if (r->names_listed)
		buf_str(out,
			"- Beside somebody's address must stand a name that "
			"the policy has for them.\n");
	if (r->author_email.n) {
		buf_str(out, "- The author's address must match ");
		buf_str(out, r->author_email.n == 1 ? "" : "one of ");
		put_patterns(out, r->author_email.v, r->author_email.n);
		buf_str(out, ".\n");
	}
	if (r->committer_email.n) {
		buf_str(out, "- The committer's address must match ");
		buf_str(out, r->committer_email.n == 1 ? "" : "one of ");
		put_patterns(out, r->committer_email.v, r->committer_email.n);
		buf_str(out, ".\n");
	}
	if (!r->email && !r->committer_pushes && !r->author_known &&
		!r->names_listed && !r->author_email.n && !r->committer_email.n)
		buf_str(out, "- Authors and committers may be anybody.\n");
}

static void explain_exclude(struct buf *out, unsigned exclude, const char *verb)
{
	static const struct {
		unsigned bit;
		const char *did;
	} rows[] = {
		{EXCLUDE_AUTHOR, "wrote"},
		{EXCLUDE_AUTHOR, "co-wrote"},
		{EXCLUDE_AUTHOR, "signed"},
		{EXCLUDE_COMMITTER, "committed"},
		{EXCLUDE_PUSHER, "pushed"},
	};
	const char *did[ARRAY_LEN(rows)];
	size_t i, n = 0;

	for (i = 0; i < ARRAY_LEN(rows); i++)
		if (exclude & rows[i].bit)
			did[n++] = rows[i].did;
	if (!n) {
		buf_fmt(out,
			"  Those who made a change may %s it themselves.\n",
			verb);
		return;
	}
	buf_str(out, "  Whoever ");
	for (i = 0; i < n; i++)
		buf_fmt(out, "%s%s",
			!i                  ? ""
				: i + 1 < n ? ", "
					    : " or ",
			did[i]);
	buf_str(out, " any of it does not count for it.\n");
}

static void explain_codeowners(struct show *s, const struct rule_codeowners *r)
{
	static const char *const forge[] = {"GitHub", "GitLab", "Gitea"};
	struct buf *out = s->out;

	if (!r)
		return;
	buf_fmt(out,
		"  A path that has owners by the CODEOWNERS file of the ref as "
		"it was before (read as\n  %s does) needs their approval too. "
		"Where the file does not say whose, or there is\n  none, it "
		"needs one by: ",
		forge[r->dialect]);
	put_people(out, &r->fallback, s->arena);
	buf_str(out, ".\n");
}

/* Votes there are of one commit. */
static bool is_gerrit(const struct forge *f)
{
	return f->kind == FORGE_GERRIT || f->kind == FORGE_NOTEDB;
}

static void explain_heads(struct buf *out, const struct rule_approval *r)
{
	size_t i;

	for (i = 0; i < r->nforge; i++) {
		if (!is_gerrit(r->forge[i]))
			continue;
		buf_str(out, "  At ");
		put_text(out, r->forge[i]->name);
		buf_fmt(out, " they are for the head alone%s.\n",
			r->forge[i]->kind == FORGE_NOTEDB
				? ", also when it is merged"
				: "");
	}
}

static void explain_sources(struct buf *out, const struct rule_approval *r)
{
	size_t i;

	if (r->nforge) {
		buf_str(out, "  Approvals given at ");
		for (i = 0; i < r->nforge; i++) {
			buf_str(out, i ? " or " : "");
			put_text(out, r->forge[i]->name);
		}
		buf_str(out,
			" count, of an open request to merge into the "
			"branch, for\n  its head and what leads up to it "
			"in the same push; never by whoever opened it.\n");
		explain_heads(out, r);
	}
	if (r->no_tags)
		buf_str(out, "  Signed tags do not count.\n");
}

static void explain_approval(struct show *s, const struct rule_approval *r)
{
	struct buf *out = s->out;
	size_t i;

	if (r->count) {
		buf_fmt(out,
			"- Every new commit needs %u approval%s, from %s: ",
			r->count, r->count == 1 ? "" : "s",
			r->count == 1 ? "one of" : "different people among");
		put_people(out, &r->by, s->arena);
		buf_str(out, ".\n");
	} else if (r->ngroup) {
		buf_str(out, "- Approvals are needed by groups.\n");
	} else if (!r->npath) {
		buf_str(out, "- Approvals are needed by code owners only.\n");
	} else {
		buf_str(out, "- Approvals are needed for some paths only.\n");
	}
	if (r->robot_count)
		buf_fmt(out,
			"  What a robot wrote, co-wrote, signed or committed "
			"needs %u.\n",
			r->robot_count);
	for (i = 0; i < r->ngroup; i++) {
		buf_fmt(out, "  Every new commit %sneeds %u by: ",
			r->count ? "also " : "", r->group[i].count);
		put_people(out, &r->group[i].by, s->arena);
		buf_str(out, ".\n");
	}
	if (r->ngroup)
		buf_str(out,
			r->shared
				? "  One person may be counted for several of "
				  "these.\n"
				: "  One person is counted for one of these "
				  "only.\n");
	for (i = 0; i < r->npath; i++) {
		const struct approval_path *p = &r->path[i];

		buf_str(out, "  A commit that touches ");
		put_list(out, p->match, p->nmatch, " or ");
		buf_fmt(out, " needs %u approval%s by: ", p->count,
			p->count == 1 ? "" : "s");
		put_people(out, &p->by, s->arena);
		buf_str(out, ".\n");
	}
	explain_codeowners(s, r->codeowners);
	explain_exclude(out, r->exclude, "approve");
	buf_str(out,
		r->no_tags
			? "  Robots never count.\n"
			: "  Robots never count. An approval is for one commit "
			  "and "
			  "one ref, and covers what\n  leads up to that commit "
			  "in "
			  "the same push: sluice approve COMMIT --for REF\n");
	explain_sources(out, r);
	if (r->objections.n) {
		buf_str(out, "  No commit may have an objection by one of: ");
		put_people(out, &r->objections, s->arena);
		buf_str(out, ".\n");
	}
	if (r->clean_merges)
		buf_str(out,
			"  A merge commit that adds nothing to its parents "
			"needs none.\n");
	if (r->binds_patch)
		buf_str(out,
			"  It still holds when all of that is rebased or "
			"squashed as it is.\n");
}

static void explain_robot(struct show *s, const struct rule_robot *r)
{
	struct buf *out = s->out;
	size_t i;

	if (r->push_some) {
		buf_str(out, "- Of the robots only these may push here: ");
		put_people(out, &r->push, s->arena);
		buf_str(out, ".\n");
	}
	if (r->commit_some) {
		buf_str(out,
			"- Of the robots only these may have a hand in a "
			"commit: ");
		put_people(out, &r->commit, s->arena);
		buf_str(out, ".\n");
	}
	if (r->npath)
		buf_str(out,
			"- What a robot had a hand in may touch no other path "
			"than:\n");
	for (i = 0; i < r->npath; i++) {
		buf_str(out, "  ");
		put_list(out, r->path[i].match, r->path[i].nmatch, " or ");
		buf_str(out, ": ");
		put_people(out, &r->path[i].by, s->arena);
		buf_str(out, ".\n");
	}
}

static void explain_secret(struct show *s, const struct rule_secret *r)
{
	buf_str(s->out, "- It may not bring a secret, by the rules of: ");
	put_list(s->out, r->rules, r->nrules, ", ");
	buf_str(s->out, ".\n  A file larger than ");
	put_size(s->out, r->max_blob);
	buf_str(s->out, " cannot be scanned and is refused.\n");
	if (r->decode_depth)
		buf_fmt(s->out,
			"  Text that is encoded is read as well, up to %u "
			"%s deep.\n",
			r->decode_depth,
			r->decode_depth == 1 ? "level" : "levels");
	else
		buf_str(s->out, "  Text that is encoded is not decoded.\n");
	buf_fmt(s->out, "  What is found with low confidence %s.\n",
		r->block_low ? "is refused as well" : "is told and let in");
	if (!r->archives) {
		buf_str(s->out, "  Archives are not looked into.\n");
		return;
	}
	if (r->archive_depth == 1)
		buf_str(s->out,
			"  Archives are looked into, not those in them");
	else
		buf_fmt(s->out,
			"  Archives are looked into, and those in them, %u "
			"deep",
			r->archive_depth);
	buf_str(s->out, ". One that cannot be,\n  or unpacks to more than ");
	put_size(s->out, r->archive_max);
	buf_str(s->out, ", is refused.\n");
}

static void explain_ref(struct show *s, const struct rule_ref *r)
{
	struct buf *out = s->out;

	if (r->deny_force_push)
		buf_str(out,
			"- History may not be rewritten: no force push.\n");
	if (r->deny_move)
		buf_str(out, "- A tag that is there may not be moved.\n");
	if (r->deny_create)
		buf_str(out, "- The ref may not be created.\n");
	if (r->deny_delete)
		buf_str(out, "- The ref may not be deleted.\n");
	if (r->deny_update)
		buf_str(out, "- A ref that is there may not be changed.\n");
	if (r->deny_merge)
		buf_str(out, "- History must be linear: no merge commits.\n");
	if (r->deny_lightweight)
		buf_str(out, "- A tag must be an annotated one.\n");
	if (r->max_refs)
		buf_fmt(out, "- A push may have at most %u ref%s.\n",
			r->max_refs, r->max_refs == 1 ? "" : "s");
	if (r->max_commits)
		buf_fmt(out, "- A push may bring at most %u new commit%s.\n",
			r->max_commits, r->max_commits == 1 ? "" : "s");
	if (r->nname) {
		buf_str(out, "- Its full name must match ");
		buf_str(out, r->nname == 1 ? "" : "one of ");
		put_patterns(out, r->name, r->nname);
		buf_str(out, ".\n");
	}
	if (!r->deny_force_push && !r->deny_move && !r->deny_create &&
		!r->deny_delete && !r->deny_update && !r->deny_merge &&
		!r->deny_lightweight && !r->max_refs && !r->max_commits &&
		!r->nname)
		buf_str(out, "- The ref may be moved in any way.\n");
}

static void explain_message(struct show *s, const struct rule_message *r)
{
	struct buf *out = s->out;

	if (r->nrequire) {
		buf_str(out, "- Every commit message must match ");
		buf_str(out, r->nrequire == 1 ? "" : "all of ");
		put_patterns(out, r->require, r->nrequire);
		buf_str(out, ".\n");
	}
	if (r->ndeny) {
		buf_str(out, "- No commit message may match ");
		buf_str(out, r->ndeny == 1 ? "" : "any of ");
		put_patterns(out, r->deny, r->ndeny);
		buf_str(out, ".\n");
	}
	if (r->sign_off)
		buf_str(out,
			"- Every commit must be signed off by its author "
			"(git commit --signoff).\n");
	if (r->issue.n) {
		buf_str(out, "- Every commit message must name an issue: ");
		put_patterns(out, r->issue.v, r->issue.n);
		buf_str(out, ".\n");
	}
	if (r->max_subject)
		buf_fmt(out,
			"- The first line of a commit message may have at most "
			"%u characters.\n",
			r->max_subject);
	if (r->max_line)
		buf_fmt(out,
			"- Other lines of it may have at most %u, but for "
			"those of one word.\n",
			r->max_line);
	if (!r->nrequire && !r->ndeny && !r->sign_off && !r->issue.n &&
		!r->max_subject && !r->max_line)
		buf_str(out, "- Commit messages may say anything.\n");
	else if (r->spare_merges)
		buf_str(out,
			"  Of the messages of merge commits nothing is "
			"asked.\n");
}

static void explain_names(struct show *s, const struct rule_file *r)
{
	struct buf *out = s->out;

	if (r->deny_pattern.n) {
		buf_str(out, "- No path in a commit may match ");
		buf_str(out, r->deny_pattern.n == 1 ? "" : "any of ");
		put_patterns(out, r->deny_pattern.v, r->deny_pattern.n);
		buf_str(out, ".\n");
	}
	if (r->nextension) {
		buf_str(out, "- No file may have the extension ");
		put_list(out, r->extension, r->nextension, " or ");
		buf_str(out, ".\n");
	}
	if (r->max_path)
		buf_fmt(out, "- No path may have more than %u bytes.\n",
			r->max_path);
	if (r->deny_case)
		buf_str(out,
			"- No new path may differ from another only in case "
			"or in how accents are written.\n");
	if (r->deny_windows)
		buf_str(out,
			"- Every name must be one that Windows can have.\n");
	if (r->deny_dotgit)
		buf_str(out,
			"- No name may be one that some system takes for "
			".git.\n");
}

static void explain_links(struct show *s, const struct rule_file *r)
{
	struct buf *out = s->out;

	if (r->deny_modes)
		buf_str(out, "- Files must have a mode that git makes.\n");
	if (r->symlinks == SYMLINKS_INSIDE)
		buf_str(out,
			"- Symbolic links must not lead out of the "
			"repository.\n");
	if (r->symlinks == SYMLINKS_DENY)
		buf_str(out, "- There may be no symbolic links.\n");
	if (!r->limit_submodules)
		return;
	if (!r->submodules) {
		buf_str(out, "- There may be no submodules.\n");
		return;
	}
	buf_fmt(out, "- Submodules may have URLs of these kinds only: %s.\n",
		submodule_kinds(r->submodules, s->arena));
}

static void explain_file(struct show *s, const struct rule_file *r)
{
	struct buf *out = s->out;

	if (r->ndeny) {
		buf_str(out, "- No commit may bring a file called ");
		put_list(out, r->deny, r->ndeny, " or ");
		buf_str(out, ".\n");
	}
	if (r->max_size) {
		buf_str(out, "- No file may be larger than ");
		put_size(out, r->max_size);
		buf_str(out, ".\n");
	}
	explain_names(s, r);
	explain_links(s, r);
	if (!r->ndeny && !r->max_size && !r->deny_pattern.n && !r->nextension &&
		!r->max_path && !r->deny_case && !r->deny_modes &&
		!r->deny_windows && !r->deny_dotgit && !r->symlinks &&
		!r->limit_submodules)
		buf_str(out, "- Files may have any name and size.\n");
}

static void explain_waiver(struct show *s, const struct rules *r)
{
	struct buf *out = s->out;
	size_t i;

	buf_str(out,
		"- What refuses can be waived for one commit, where it says "
		"here, by signed waivers:\n");
	for (i = 0; i < r->nwaiver; i++) {
		const struct rule_waiver *w = &r->waiver[i];

		buf_str(out, "  ");
		put_list(out, w->finding, w->nfinding, " or ");
		buf_fmt(out, " by %s: ",
			w->count == 1 ? "one of"
				      : arena_fmt(s->arena,
						"%u different people among",
						w->count));
		put_people(out, &w->by, s->arena);
		buf_fmt(out, ", for at most %u day%s.\n", w->max_days,
			w->max_days == 1 ? "" : "s");
		explain_exclude(out, w->exclude, "waive");
	}
	buf_str(out,
		"  Robots never count, and each waiver is good for one push: "
		"sluice waive\n");
}

static void explain_severity(struct show *s, const struct rules *r)
{
	size_t i;

	buf_str(s->out, "- What is found counts as usual, except:\n");
	for (i = 0; i < r->nseverity; i++) {
		int severity = r->severity[i].severity;

		buf_str(s->out, "  ");
		put_text(s->out, r->severity[i].finding);
		buf_fmt(s->out, " %s.\n",
			severity == SEVERITY_WARN          ? "only warns"
				: severity == SEVERITY_OFF ? "is not told"
							   : "refuses");
	}
}

static void explain_mode(
	struct show *s, const struct policy *p, const struct rules *r)
{
	if (r->observe)
		buf_fmt(s->out,
			"\n%s only observes%s: what breaks it is logged and "
			"told, and let in.\n",
			r->mode ? "Of this ref the policy" : "The policy",
			p->observe ? "" : ", while it enforces elsewhere");
	else if (p->observe)
		buf_str(s->out,
			"\nThe policy observes elsewhere, and enforces "
			"this.\n");
	else
		return;
	if (r->mode)
		from(s->out, r->at_mode);
}

void policy_explain(const struct policy *p, const struct rules *r,
	const char *repository, const char *ref, struct arena *arena,
	struct buf *out)
{
	struct show s = {arena, out};

	buf_str(out, "A push to ");
	put_text(out, ref);
	buf_str(out, " of ");
	put_text(out, repository);
	if (rules_empty(r) && !r->nseverity)
		buf_str(out, " has nothing to satisfy.\n");
	else
		buf_str(out, " must satisfy:\n\n");
	if (r->signature) {
		explain_signature(&s, r->signature, ref);
		from(out, r->at_signature);
	}
	if (r->identity) {
		explain_identity(&s, r->identity);
		from(out, r->at_identity);
	}
	if (r->approval) {
		explain_approval(&s, r->approval);
		from(out, r->at_approval);
	}
	if (r->robot) {
		explain_robot(&s, r->robot);
		from(out, r->at_robot);
	}
	if (r->secret) {
		explain_secret(&s, r->secret);
		from(out, r->at_secret);
	}
	if (r->ref) {
		explain_ref(&s, r->ref);
		from(out, r->at_ref);
	}
	if (r->message) {
		explain_message(&s, r->message);
		from(out, r->at_message);
	}
	if (r->file) {
		explain_file(&s, r->file);
		from(out, r->at_file);
	}
	if (r->nwaiver) {
		explain_waiver(&s, r);
		from(out, r->at_waiver);
	}
	if (r->nseverity) {
		explain_severity(&s, r);
		from(out, r->at_severity);
	}
	if (span_starts(span_str(ref), SPAN_LIT("refs/sluice/approvals/")))
		buf_str(out,
			"- It must be a signed approval by somebody whom "
			"the policy knows.\n    always so\n");
	if (span_starts(span_str(ref), SPAN_LIT("refs/sluice/waivers/")))
		buf_str(out,
			"- It must be a signed waiver by somebody whom the "
			"policy lets waive what it\n  names.\n    always "
			"so\n");
	explain_mode(&s, p, r);
}
