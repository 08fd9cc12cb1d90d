#include "parse/policytext.h"

#include "base/clock.h"
#include "model/finding.h"
#include "model/submodule.h"
#include "parse/policyput.h"

/* Show */

struct show {
	struct arena *arena;
	struct buf *out;
};

/* A line "    name: ", to be ended by whoever says what. */
static void line(struct show *s, const char *name)
{
	buf_fmt(s->out, "    %s: ", name);
}

static void line_people(
	struct show *s, const char *name, const struct people *p)
{
	line(s, name);
	put_people(s->out, p, s->arena);
	buf_str(s->out, "\n");
}

static void line_text(struct show *s, const char *name, const char *text)
{
	line(s, name);
	buf_fmt(s->out, "%s\n", text);
}

static void line_patterns(
	struct show *s, const char *name, const struct pattern_ref *v, size_t n)
{
	line(s, name);
	put_patterns(s->out, v, n);
	buf_str(s->out, "\n");
}

static void line_limit(struct show *s, const char *name, unsigned n)
{
	line(s, name);
	if (n)
		buf_fmt(s->out, "%u\n", n);
	else
		buf_str(s->out, "none\n");
}

static void put_kinds(struct buf *out, unsigned kinds)
{
	static const enum signature_kind all[] = {
		SIGNATURE_OPENPGP, SIGNATURE_SSH, SIGNATURE_X509};
	size_t i, n = 0;

	for (i = 0; i < ARRAY_LEN(all); i++)
		if (kinds & SIGNATURE_BIT(all[i]))
			buf_fmt(out, "%s%s", n++ ? ", " : "",
				signature_kind_name(all[i]));
	if (!n)
		buf_str(out, "none");
}

static void show_signature(struct show *s, const struct rule_signature *r)
{
	line_people(s, "signature.by", &r->by);
	line(s, "signature.kinds");
	put_kinds(s->out, r->kinds);
	buf_str(s->out, "\n");
	line_text(s, "signature.identity", r->identity ? "signer" : "off");
	line(s, "signature.push_certificate");
	buf_str(s->out,
		r->push_certificate == DEMAND_OPTIONAL           ? "optional"
			: r->push_certificate == DEMAND_REQUIRED ? "required"
								 : "forbidden");
	if (r->nonce_slop)
		buf_fmt(s->out, ", nonce_slop %u", r->nonce_slop);
	buf_str(s->out, "\n");
	if (r->merged_tags != MERGED_TAGS_OFF)
		line_text(s, "signature.merged_tags",
			r->merged_tags == MERGED_TAGS_SIGNED ? "signed"
							     : "required");
}

static const char *const email_rule[] = {
	[IDENTITY_OFF] = "off",
	[IDENTITY_DOMAIN] = "domain",
	[IDENTITY_STRICT] = "strict",
};

static void show_identity(struct show *s, const struct rule_identity *r)
{
	line_text(s, "identity.email", email_rule[r->email]);
	line_text(s, "identity.committer",
		r->committer_pushes ? "pusher" : "anyone");
	line_text(s, "identity.author", r->author_known ? "known" : "anyone");
	line_text(s, "identity.names", r->names_listed ? "listed" : "any");
	line_patterns(s, "identity.author_email", r->author_email.v,
		r->author_email.n);
	line_patterns(s, "identity.committer_email", r->committer_email.v,
		r->committer_email.n);
}

static void put_exclude(struct buf *out, unsigned exclude)
{
	buf_fmt(out, "%s%s%s%s", exclude & EXCLUDE_AUTHOR ? "author " : "",
		exclude & EXCLUDE_COMMITTER ? "committer " : "",
		exclude & EXCLUDE_PUSHER ? "pusher" : "",
		exclude ? "" : "none");
}

static void show_codeowners(struct show *s, const struct rule_codeowners *r)
{
	size_t i;

	line_text(s, "approval.codeowners",
		r ? codeowners_dialect_names[r->dialect] : "no");
	if (!r)
		return;
	line_people(s, "codeowners.fallback", &r->fallback);
	for (i = 0; i < r->nowner; i++) {
		buf_str(s->out, "    codeowners.owners: ");
		put_text(s->out, r->owner[i].name);
		buf_str(s->out, " is ");
		put_people(s->out, &r->owner[i].by, s->arena);
		buf_str(s->out, "\n");
	}
}

static void show_sources(struct show *s, const struct rule_approval *r)
{
	size_t i;

	line(s, "approval.sources");
	buf_str(s->out, r->no_tags ? "" : "tags");
	for (i = 0; i < r->nforge; i++) {
		buf_str(s->out, i || !r->no_tags ? ", " : "");
		put_text(s->out, r->forge[i]->name);
	}
	buf_str(s->out, "\n");
}

static void show_approval(struct show *s, const struct rule_approval *r)
{
	size_t i;

	line(s, "approval.count");
	buf_fmt(s->out, "%u\n", r->count);
	line_people(s, "approval.by", &r->by);
	show_sources(s, r);
	line(s, "approval.exclude");
	put_exclude(s->out, r->exclude);
	buf_str(s->out, "\n");
	line(s, "approval.robot_count");
	if (r->robot_count)
		buf_fmt(s->out, "%u\n", r->robot_count);
	else
		buf_str(s->out, "as others\n");
	if (r->ngroup)
		line_text(s, "approval.shared", r->shared ? "yes" : "no");
	for (i = 0; i < r->ngroup; i++) {
		buf_fmt(s->out, "    approval.groups[%zu]: %u by ", i,
			r->group[i].count);
		put_people(s->out, &r->group[i].by, s->arena);
		buf_str(s->out, "\n");
	}
	line_text(s, "approval.binds", r->binds_patch ? "patch" : "commit");
	line_text(s, "approval.clean_merges",
		r->clean_merges ? "need none" : "as others");
	line_people(s, "approval.objections", &r->objections);
	show_codeowners(s, r->codeowners);
	for (i = 0; i < r->npath; i++) {
		const struct approval_path *p = &r->path[i];

		buf_fmt(s->out, "    approval.paths[%zu]: ", i);
		put_list(s->out, p->match, p->nmatch, "  ");
		buf_fmt(s->out, ": %u by ", p->count);
		put_people(s->out, &p->by, s->arena);
		buf_str(s->out, "\n");
	}
}

static void line_robots(
	struct show *s, const char *name, bool some, const struct people *p)
{
	if (some)
		line_people(s, name, p);
	else
		line_text(s, name, "any");
}

static void show_robot(struct show *s, const struct rule_robot *r)
{
	size_t i;

	line_robots(s, "robot.push", r->push_some, &r->push);
	line_robots(s, "robot.commit", r->commit_some, &r->commit);
	if (!r->npath)
		line_text(s, "robot.paths", "any");
	for (i = 0; i < r->npath; i++) {
		buf_fmt(s->out, "    robot.paths[%zu]: ", i);
		put_list(s->out, r->path[i].match, r->path[i].nmatch, "  ");
		buf_str(s->out, " by ");
		put_people(s->out, &r->path[i].by, s->arena);
		buf_str(s->out, "\n");
	}
}

static void show_secret(struct show *s, const struct rule_secret *r)
{
	line(s, "secret.rules");
	put_list(s->out, r->rules, r->nrules, ", ");
	buf_str(s->out, "\n");
	line(s, "secret.max_blob");
	put_size(s->out, r->max_blob);
	buf_str(s->out, "\n");
	line(s, "secret.decode_depth");
	buf_fmt(s->out, "%u\n", r->decode_depth);
	line_text(s, "secret.block", r->block_low ? "low" : "high");
	line_text(s, "secret.archives", r->archives ? "true" : "false");
	if (!r->archives)
		return;
	line(s, "secret.archive_depth");
	buf_fmt(s->out, "%u\n", r->archive_depth);
	line(s, "secret.archive_max");
	put_size(s->out, r->archive_max);
	buf_str(s->out, "\n");
}

static const char *deny(bool denied)
{
	return denied ? "deny" : "allow";
}

static void show_ref(struct show *s, const struct rule_ref *r)
{
	line_text(s, "ref.force_push", deny(r->deny_force_push));
	line_text(s, "ref.delete", deny(r->deny_delete));
	line_text(s, "ref.move", deny(r->deny_move));
	line_text(s, "ref.create", deny(r->deny_create));
	line_text(s, "ref.update", deny(r->deny_update));
	line_text(s, "ref.merge", deny(r->deny_merge));
	line_text(s, "ref.lightweight", deny(r->deny_lightweight));
	line_limit(s, "ref.max_refs", r->max_refs);
	line_limit(s, "ref.max_commits", r->max_commits);
	line_patterns(s, "ref.name", r->name, r->nname);
}

static void show_message(struct show *s, const struct rule_message *r)
{
	line_patterns(s, "message.require", r->require, r->nrequire);
	line_patterns(s, "message.deny", r->deny, r->ndeny);
	line_patterns(s, "message.issue", r->issue.v, r->issue.n);
	line_limit(s, "message.max_subject", r->max_subject);
	line_limit(s, "message.max_line", r->max_line);
	line_text(s, "message.sign_off", r->sign_off ? "true" : "false");
	line_text(s, "message.merges", r->spare_merges ? "spare" : "judge");
}

static const char *const symlink_rule[] = {
	[SYMLINKS_ALLOW] = "allow",
	[SYMLINKS_INSIDE] = "inside",
	[SYMLINKS_DENY] = "deny",
};

static void show_file(struct show *s, const struct rule_file *r)
{
	line(s, "file.deny");
	put_list(s->out, r->deny, r->ndeny, "  ");
	buf_str(s->out, "\n");
	line_patterns(
		s, "file.deny_pattern", r->deny_pattern.v, r->deny_pattern.n);
	line(s, "file.deny_extension");
	put_list(s->out, r->extension, r->nextension, "  ");
	buf_str(s->out, "\n");
	line(s, "file.max_size");
	if (r->max_size)
		put_size(s->out, r->max_size);
	else
		buf_str(s->out, "none");
	buf_str(s->out, "\n");
	line_limit(s, "file.max_path", r->max_path);
	line_text(s, "file.case_collisions", deny(r->deny_case));
	line_text(s, "file.odd_modes", deny(r->deny_modes));
	line_text(s, "file.windows_names", deny(r->deny_windows));
	line_text(s, "file.git_names", deny(r->deny_dotgit));
	line_text(s, "file.symlinks", symlink_rule[r->symlinks]);
	line_text(s, "file.submodules",
		r->limit_submodules ? submodule_kinds(r->submodules, s->arena)
				    : "any");
}

static void show_waiver(struct show *s, const struct rule_waiver *r, size_t i)
{
	buf_fmt(s->out, "    waiver[%zu]: ", i);
	put_list(s->out, r->finding, r->nfinding, ", ");
	buf_fmt(s->out, ": %u by ", r->count);
	put_people(s->out, &r->by, s->arena);
	buf_fmt(s->out, ", at most %u days, exclude ", r->max_days);
	put_exclude(s->out, r->exclude);
	buf_str(s->out, "\n");
}

static void show_section(
	struct show *s, const struct rules *r, enum policy_section section)
{
	size_t i;

	switch (section) {
	case SECTION_SIGNATURE:
		if (r->signature)
			show_signature(s, r->signature);
		break;
	case SECTION_IDENTITY:
		if (r->identity)
			show_identity(s, r->identity);
		break;
	case SECTION_APPROVAL:
		if (r->approval)
			show_approval(s, r->approval);
		break;
	case SECTION_ROBOT:
		if (r->robot)
			show_robot(s, r->robot);
		break;
	case SECTION_SECRET:
		if (r->secret)
			show_secret(s, r->secret);
		break;
	case SECTION_REF:
		if (r->ref)
			show_ref(s, r->ref);
		break;
	case SECTION_MESSAGE:
		if (r->message)
			show_message(s, r->message);
		break;
	case SECTION_FILE:
		if (r->file)
			show_file(s, r->file);
		break;
	case SECTION_WAIVER:
		for (i = 0; i < r->nwaiver; i++)
			show_waiver(s, &r->waiver[i], i);
		break;
	case SECTION_MODE:
		if (r->mode)
			line_text(s, "mode",
				r->mode == MODE_OBSERVE ? "observe"
							: "enforce");
		break;
	case SECTION_SEVERITY:
		for (i = 0; i < r->nseverity; i++) {
			buf_str(s->out, "    severity ");
			put_text(s->out, r->severity[i].finding);
			buf_fmt(s->out, ": %s\n",
				severity_name((enum severity)r->severity[i]
						      .severity));
		}
		break;
	case SECTIONS:
		break;
	}
}

static void show_rules(struct show *s, const struct rules *r)
{
	unsigned i;

	for (i = 0; i < SECTIONS; i++)
		show_section(s, r, (enum policy_section)i);
	/* No section: nothing is judged by them. */
	for (i = 0; i < r->nhint; i++) {
		buf_str(s->out, "    hint ");
		put_text(s->out, r->hint[i].finding);
		buf_str(s->out, ": ");
		put_text(s->out, r->hint[i].text);
		buf_str(s->out, "\n");
	}
}

void policy_show_section(const struct rules *r, enum policy_section section,
	struct arena *arena, struct buf *out)
{
	struct show s = {arena, out};

	show_section(&s, r, section);
}

static void show_files(struct show *s, const char *name,
	const struct policy_key *key, size_t nkey, enum signature_kind kind)
{
	size_t i, n = 0;

	buf_fmt(s->out, "%s: ", name);
	for (i = 0; i < nkey; i++) {
		if (key[i].kind != kind)
			continue;
		buf_str(s->out, n++ ? ", " : "");
		put_text(s->out, key[i].file);
	}
	buf_str(s->out, n ? "\n" : "none\n");
}

static void show_accounts(struct show *s, const struct person *who)
{
	char since[CLOCK_TEXT_MAX];
	size_t i;

	for (i = 0; i < who->nforge; i++) {
		buf_str(s->out, "  forge_accounts.");
		put_text(s->out, who->forge[i].forge);
		buf_str(s->out, ": ");
		put_text(s->out, who->forge[i].login);
		if (who->forge[i].id)
			buf_fmt(s->out, " (number %llu)",
				(unsigned long long)who->forge[i].id);
		if (who->forge[i].compromised) {
			clock_text(who->forge[i].compromised, since);
			buf_fmt(s->out, " (compromised since %s", since);
			clock_text(who->forge[i].regained, since);
			if (who->forge[i].regained)
				buf_fmt(s->out, " until %s", since);
			buf_str(s->out, ")");
		}
		buf_str(s->out, "\n");
	}
}

static void show_line(struct show *s, const char *key, const char *value)
{
	buf_fmt(s->out, "\n  %s: ", key);
	put_text(s->out, value ? value : "none");
}

static void show_forge(struct show *s, const struct forge *f)
{
	buf_str(s->out, "\nforge ");
	put_text(s->out, f->name);
	show_line(s, "kind", forge_kind_name(f->kind));
	if (f->kind == FORGE_NOTEDB) {
		show_line(s, "path", f->path);
		show_line(s, "server_id", f->server_id);
		show_line(s, "owner", f->owner);
		buf_fmt(s->out, "\n  highest: %u\n", f->highest);
		return;
	}
	show_line(s, "url", f->url);
	show_line(s, "token_file", f->token_file);
	show_line(s, "ca_file", f->ca_file);
	buf_str(s->out, "\n");
	if (f->kind == FORGE_GITLAB)
		buf_fmt(s->out, "  trust_reset: %s\n",
			f->trust_reset ? "true" : "false");
}

static void show_forges(struct show *s, const struct policy *p)
{
	size_t i, k;

	if (p->nforge)
		buf_fmt(s->out, "forge_timeout: %u\n", p->forge_timeout);
	for (i = 0; i < p->nforge; i++) {
		const struct forge *f = &p->forge[i];

		show_forge(s, f);
		for (k = 0; k < f->nplace; k++) {
			buf_str(s->out, "  repositories: ");
			put_text(s->out, f->place[k].repository);
			buf_str(s->out, " is ");
			put_text(s->out, f->place[k].project);
			buf_str(s->out, "\n");
		}
	}
}

static void show_person(struct show *s, const struct person *who)
{
	buf_str(s->out, "\nperson ");
	put_text(s->out, who->name);
	buf_str(s->out, "\n  email: ");
	put_list(s->out, who->email, who->nemail, ", ");
	buf_str(s->out, "\n  accounts: ");
	put_list(s->out, who->account, who->naccount, ", ");
	buf_str(s->out, "\n");
	if (who->nwritten) {
		buf_str(s->out, "  names: ");
		put_list(s->out, who->written, who->nwritten, ", ");
		buf_str(s->out, "\n");
	}
	show_accounts(s, who);
	show_files(s, "  openpgp", who->key, who->nkey, SIGNATURE_OPENPGP);
	show_files(s, "  ssh", who->key, who->nkey, SIGNATURE_SSH);
	show_files(s, "  x509", who->key, who->nkey, SIGNATURE_X509);
	buf_fmt(s->out, "  robot: %s\n", who->robot ? "true" : "false");
	if (who->signs)
		buf_fmt(s->out, "  signs: %s\n",
			who->signs == SIGNS_MERGES ? "merges" : "unchanged");
}

static void show_x509(struct show *s, const struct policy_x509 *x)
{
	show_files(s, "x509.roots", x->root, x->nroot, SIGNATURE_X509);
	show_files(s, "x509.intermediates", x->between, x->nbetween,
		SIGNATURE_X509);
	show_files(s, "x509.crls", x->crl, x->ncrl, SIGNATURE_X509);
	show_files(s, "x509.compromised", x->compromised, x->ncompromised,
		SIGNATURE_X509);
	buf_fmt(s->out, "x509.require_crl: %s\n",
		x->need_crl ? "true" : "false");
}

static void show_people(struct show *s, const struct policy *p)
{
	const struct person **v = arena_get(s->arena, p->nperson, sizeof(*v));
	size_t i;

	show_files(
		s, "allowed_signers", p->signers, p->nsigners, SIGNATURE_SSH);
	show_files(s, "ssh_revoked", p->revoked, p->nrevoked, SIGNATURE_SSH);
	show_files(s, "ssh_compromised", p->compromised, p->ncompromised,
		SIGNATURE_SSH);
	show_x509(s, &p->x509);
	show_forges(s, p);
	for (i = 0; i < p->nperson; i++)
		v[i] = &p->person[i];
	v = people_sorted(v, p->nperson, s->arena);
	for (i = 0; i < p->nperson; i++)
		show_person(s, v[i]);
}

void policy_show_people(
	const struct policy *p, struct arena *arena, struct buf *out)
{
	struct show s = {arena, out};
	size_t i;

	show_people(&s, p);
	for (i = 0; i < p->ngroup; i++) {
		buf_str(out, "\ngroup ");
		put_text(out, p->group[i].name);
		line_people(&s, "people", &p->group[i].people);
	}
}

void policy_show(const struct policy *p, struct arena *arena, struct buf *out)
{
	struct show s = {arena, out};
	size_t i, k;

	buf_fmt(out, "mode: %s\nlog.openpgp_key: ",
		p->observe ? "observe" : "enforce");
	put_text(out, p->log_openpgp ? p->log_openpgp : "none");
	buf_fmt(out, "\nlog.proofs: %s\nlog.witnesses: none\n",
		p->log_proofs ? "true" : "false");
	if (p->redact)
		buf_str(out, "log.redact: true\n");
	if (p->unwitnessed != UNWITNESSED_ALLOW)
		buf_fmt(out, "log.unwitnessed: %s after %u hours\n",
			unwitnessed_names[p->unwitnessed],
			p->unwitnessed_hours);
	show_people(&s, p);
	for (i = 0; i < p->nrepository; i++) {
		const struct repository_rules *repo = &p->repository[i];

		buf_fmt(out, "\nrepositories[%zu]: ", i);
		put_list(out, repo->match, repo->nmatch, "  ");
		if (repo->nurl) {
			buf_str(out, "\n  urls: ");
			put_list(out, repo->url, repo->nurl, "  ");
		}
		for (k = 0; k < repo->nref; k++) {
			buf_fmt(out, "\n  refs[%zu]: ", k);
			put_list(out, repo->ref[k].match, repo->ref[k].nmatch,
				"  ");
			buf_str(out, "\n");
			show_rules(&s, &repo->ref[k].rules);
		}
	}
}

/* Diff */

struct lines {
	struct span *v;
	size_t n, cap;
};

static struct lines split(struct span text, struct arena *arena)
{
	struct lines l = {0};
	struct span one;

	while (span_line(&text, &one, NULL)) {
		l.v = arena_grow(arena, l.v, l.n, &l.cap, sizeof(*l.v));
		l.v[l.n++] = one;
	}
	return l;
}

/* Where a line stands: the nearest line above with less indentation, and those
 * above that. */
static void headings(const struct lines *l, size_t at, struct span out[3])
{
	size_t depth = SIZE_MAX, i;

	memset(out, 0, 3 * sizeof(*out));
	for (i = at + 1; i-- > 0 && depth;) {
		size_t indent = 0;

		while (indent < l->v[i].n && l->v[i].p[indent] == ' ')
			indent++;
		if (!l->v[i].n || indent >= depth)
			continue;
		if (i != at && indent / 2 < 3)
			out[indent / 2] = l->v[i];
		depth = indent;
	}
}

struct change_list {
	struct buf *out;
	struct span shown[3]; /* headings already printed */
};

static void tell(
	struct change_list *c, const struct lines *l, size_t at, char sign)
{
	struct span heading[3];
	size_t i, k;

	if (!l->v[at].n)
		return;
	headings(l, at, heading);
	for (i = 0; i < 3; i++) {
		if (!heading[i].n || span_eq(heading[i], c->shown[i]))
			continue;
		buf_str(c->out, "  ");
		buf_span(c->out, heading[i]);
		buf_str(c->out, "\n");
		c->shown[i] = heading[i];
		for (k = i + 1; k < 3; k++)
			c->shown[k] = SPAN_EMPTY;
	}
	buf_fmt(c->out, "%c ", sign);
	buf_span(c->out, l->v[at]);
	buf_str(c->out, "\n");
}

/* The first line of ${b} from ${from} that is line ${at} of ${a}. */
static size_t next_same(
	const struct lines *a, size_t at, const struct lines *b, size_t from)
{
	size_t i;

	for (i = from; i < b->n; i++)
		if (span_eq(a->v[at], b->v[i]))
			return i;
	return SIZE_MAX;
}

/* Walk both; where they part, go to the nearest lines that meet again. Not the
 * shortest difference there is, but never a wrong one. */
void policy_diff(
	struct span a, struct span b, struct arena *arena, struct buf *out)
{
	struct lines old = split(a, arena), new = split(b, arena);
	struct change_list c = {.out = out};
	size_t i = 0, k = 0;

	while (i < old.n || k < new.n) {
		size_t best_i = old.n, best_k = new.n, skip, at;

		for (skip = 0;
			i + skip < old.n && skip < best_i - i + best_k - k;
			skip++) {
			if (!old.v[i + skip].n)
				continue;
			at = next_same(&old, i + skip, &new, k);
			if (at != SIZE_MAX &&
				skip + at - k < best_i - i + best_k - k) {
				best_i = i + skip;
				best_k = at;
			}
		}
		while (i < best_i)
			tell(&c, &old, i++, '-');
		while (k < best_k)
			tell(&c, &new, k++, '+');
		if (i < old.n && k < new.n)
			i++, k++;
	}
}
