#include "parse/policytext.h"

#include "base/text.h"
#include "model/finding.h"

#define SHOWN_MAX 2000 /* bytes of one text from the file */

/* Made printable, but for backslashes, which are left as they were written:
 * regular expressions are full of them. */
static void put(struct buf *out, const char *text)
{
	struct span s = span_sub(span_str(text), 0, SHOWN_MAX);

	for (;;) {
		size_t at = span_find(s, '\\');

		text_printable(out, span_sub(s, 0, at), SHOWN_MAX);
		if (at == SIZE_MAX)
			break;
		buf_byte(out, '\\');
		s = span_from(s, at + 1);
	}
	if (strlen(text) > SHOWN_MAX)
		buf_str(out, "…");
}

/* "a, b"; "none" when there is nothing. */
static void put_list(
	struct buf *out, const char *const *v, size_t n, const char *between)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (i)
			buf_str(out, between);
		put(out, v[i]);
	}
	if (!n)
		buf_str(out, "none");
}

static void put_size(struct buf *out, uint64_t n)
{
	static const char *const unit[] = {"bytes", "KiB", "MiB", "GiB"};
	size_t i = 0;

	while (i + 1 < ARRAY_LEN(unit) && n % 1024 == 0 && n) {
		n /= 1024;
		i++;
	}
	buf_fmt(out, "%llu %s", (unsigned long long)n, unit[i]);
}

static int person_cmp(const void *a, const void *b)
{
	return strcmp((*(const struct person *const *)a)->name,
		(*(const struct person *const *)b)->name);
}

static const struct person **sorted(
	const struct person *const *v, size_t n, struct arena *arena)
{
	const struct person **copy = arena_get(arena, n, sizeof(*copy));

	if (n)
		memcpy(copy, v, n * sizeof(*copy));
	qsort(copy, n, sizeof(*copy), person_cmp);
	return copy;
}

static void put_people(
	struct buf *out, const struct people *p, struct arena *arena)
{
	const struct person **v = sorted(p->v, p->n, arena);
	size_t i;

	for (i = 0; i < p->n; i++) {
		buf_str(out, i ? ", " : "");
		put(out, v[i]->name);
	}
	if (!p->n)
		buf_str(out, "nobody");
}

static void put_patterns(struct buf *out, const struct pattern_ref *v, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		buf_fmt(out, "%s/", i ? "  " : "");
		put(out, v[i].text);
		buf_byte(out, '/');
	}
	if (!n)
		buf_str(out, "none");
}

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
	line_text(s, "signature.push_certificate",
		r->push_certificate == DEMAND_OPTIONAL           ? "optional"
			: r->push_certificate == DEMAND_REQUIRED ? "required"
								 : "forbidden");
}

static void put_exclude(struct buf *out, unsigned exclude)
{
	buf_fmt(out, "%s%s%s%s", exclude & EXCLUDE_AUTHOR ? "author " : "",
		exclude & EXCLUDE_COMMITTER ? "committer " : "",
		exclude & EXCLUDE_PUSHER ? "pusher" : "",
		exclude ? "" : "none");
}

static void show_approval(struct show *s, const struct rule_approval *r)
{
	size_t i;

	line(s, "approval.count");
	buf_fmt(s->out, "%u\n", r->count);
	line_people(s, "approval.by", &r->by);
	line(s, "approval.exclude");
	put_exclude(s->out, r->exclude);
	buf_str(s->out, "\n");
	line_text(s, "approval.binds", "commit");
	for (i = 0; i < r->npath; i++) {
		const struct approval_path *p = &r->path[i];

		buf_fmt(s->out, "    approval.paths[%zu]: ", i);
		put_list(s->out, p->match, p->nmatch, "  ");
		buf_fmt(s->out, ": %u by ", p->count);
		put_people(s->out, &p->by, s->arena);
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
	line_patterns(s, "ref.name", r->name, r->nname);
}

static void show_message(struct show *s, const struct rule_message *r)
{
	line_patterns(s, "message.require", r->require, r->nrequire);
	line_patterns(s, "message.deny", r->deny, r->ndeny);
	line_text(s, "message.sign_off", r->sign_off ? "true" : "false");
}

static void show_file(struct show *s, const struct rule_file *r)
{
	line(s, "file.deny");
	put_list(s->out, r->deny, r->ndeny, "  ");
	buf_str(s->out, "\n");
	line(s, "file.max_size");
	if (r->max_size)
		put_size(s->out, r->max_size);
	else
		buf_str(s->out, "none");
	buf_str(s->out, "\n");
}

static void show_rules(struct show *s, const struct rules *r)
{
	size_t i;

	if (r->signature)
		show_signature(s, r->signature);
	if (r->approval)
		show_approval(s, r->approval);
	if (r->secret)
		show_secret(s, r->secret);
	if (r->ref)
		show_ref(s, r->ref);
	if (r->message)
		show_message(s, r->message);
	if (r->file)
		show_file(s, r->file);
	for (i = 0; i < r->nseverity; i++) {
		buf_str(s->out, "    severity ");
		put(s->out, r->severity[i].finding);
		buf_fmt(s->out, ": %s\n",
			severity_name((enum severity)r->severity[i].severity));
	}
}

static void show_keys(
	struct show *s, const struct person *who, enum signature_kind kind)
{
	size_t i, n = 0;

	buf_fmt(s->out, "  %s: ", signature_kind_name(kind));
	for (i = 0; i < who->nkey; i++) {
		if (who->key[i].kind != kind)
			continue;
		buf_str(s->out, n++ ? ", " : "");
		put(s->out, who->key[i].file);
	}
	buf_str(s->out, n ? "\n" : "none\n");
}

static void show_person(struct show *s, const struct person *who)
{
	buf_str(s->out, "\nperson ");
	put(s->out, who->name);
	buf_str(s->out, "\n  email: ");
	put_list(s->out, who->email, who->nemail, ", ");
	buf_str(s->out, "\n  accounts: ");
	put_list(s->out, who->account, who->naccount, ", ");
	buf_str(s->out, "\n");
	show_keys(s, who, SIGNATURE_OPENPGP);
	show_keys(s, who, SIGNATURE_SSH);
	buf_fmt(s->out, "  robot: %s\n", who->robot ? "true" : "false");
}

void policy_show(const struct policy *p, struct arena *arena, struct buf *out)
{
	struct show s = {arena, out};
	const struct person **v = arena_get(arena, p->nperson, sizeof(*v));
	size_t i, k;

	buf_fmt(out, "mode: %s\nlog.openpgp_key: ",
		p->observe ? "observe" : "enforce");
	put(out, p->log_openpgp ? p->log_openpgp : "none");
	buf_str(out, "\nlog.witnesses: none\n");
	for (i = 0; i < p->nperson; i++)
		v[i] = &p->person[i];
	v = sorted(v, p->nperson, arena);
	for (i = 0; i < p->nperson; i++)
		show_person(&s, v[i]);
	for (i = 0; i < p->nrepository; i++) {
		const struct repository_rules *repo = &p->repository[i];

		buf_fmt(out, "\nrepositories[%zu]: ", i);
		put_list(out, repo->match, repo->nmatch, "  ");
		for (k = 0; k < repo->nref; k++) {
			buf_fmt(out, "\n  refs[%zu]: ", k);
			put_list(out, repo->ref[k].match, repo->ref[k].nmatch,
				"  ");
			buf_str(out, "\n");
			show_rules(&s, &repo->ref[k].rules);
		}
	}
}

/* Explain */

static void from(struct buf *out, const char *at)
{
	buf_str(out, "    from ");
	put(out, at ? at : "the policy");
	buf_str(out, "\n");
}

static void explain_signature(
	struct show *s, const struct rule_signature *r, const char *ref)
{
	bool openpgp = r->kinds & SIGNATURE_BIT(SIGNATURE_OPENPGP);
	bool ssh = r->kinds & SIGNATURE_BIT(SIGNATURE_SSH);
	bool x509 = r->kinds & SIGNATURE_BIT(SIGNATURE_X509);
	struct span name = span_str(ref);

	buf_fmt(s->out,
		"- Every new commit and every annotated tag must be signed "
		"(%s%s%s%s%s) by one of: ",
		openpgp ? "OpenPGP" : "",
		openpgp && (ssh || x509) ? " or " : "", ssh ? "SSH" : "",
		ssh && x509 ? " or " : "",
		x509 ? "X.509, which this version cannot check" : "");
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
}

static void explain_exclude(struct buf *out, unsigned exclude)
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
		buf_str(out,
			"  Those who made a change may approve it "
			"themselves.\n");
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
	} else {
		buf_str(out, "- Approvals are needed for some paths only.\n");
	}
	for (i = 0; i < r->npath; i++) {
		const struct approval_path *p = &r->path[i];

		buf_str(out, "  A commit that touches ");
		put_list(out, p->match, p->nmatch, " or ");
		buf_fmt(out, " needs %u approval%s by: ", p->count,
			p->count == 1 ? "" : "s");
		put_people(out, &p->by, s->arena);
		buf_str(out, ".\n");
	}
	explain_exclude(out, r->exclude);
	buf_str(out,
		"  Robots never count. An approval is for one commit and "
		"one ref, and covers what\n  leads up to that commit in "
		"the same push: sluice approve COMMIT --for REF\n");
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
	if (r->nname) {
		buf_str(out, "- Its full name must match ");
		buf_str(out, r->nname == 1 ? "" : "one of ");
		put_patterns(out, r->name, r->nname);
		buf_str(out, ".\n");
	}
	if (!r->deny_force_push && !r->deny_move && !r->deny_create &&
		!r->deny_delete && !r->nname)
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
	if (!r->nrequire && !r->ndeny && !r->sign_off)
		buf_str(out, "- Commit messages may say anything.\n");
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
	if (!r->ndeny && !r->max_size)
		buf_str(out, "- Files may have any name and size.\n");
}

static void explain_severity(struct show *s, const struct rules *r)
{
	size_t i;

	buf_str(s->out, "- What is found counts as usual, except:\n");
	for (i = 0; i < r->nseverity; i++) {
		int severity = r->severity[i].severity;

		buf_str(s->out, "  ");
		put(s->out, r->severity[i].finding);
		buf_fmt(s->out, " %s.\n",
			severity == SEVERITY_WARN          ? "only warns"
				: severity == SEVERITY_OFF ? "is not told"
							   : "refuses");
	}
}

void policy_explain(const struct policy *p, const struct rules *r,
	const char *repository, const char *ref, struct arena *arena,
	struct buf *out)
{
	struct show s = {arena, out};

	buf_str(out, "A push to ");
	put(out, ref);
	buf_str(out, " of ");
	put(out, repository);
	if (rules_empty(r) && !r->nseverity)
		buf_str(out, " has nothing to satisfy.\n");
	else
		buf_str(out, " must satisfy:\n\n");
	if (r->signature) {
		explain_signature(&s, r->signature, ref);
		from(out, r->at_signature);
	}
	if (r->approval) {
		explain_approval(&s, r->approval);
		from(out, r->at_approval);
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
	if (r->nseverity) {
		explain_severity(&s, r);
		from(out, r->at_severity);
	}
	if (span_starts(span_str(ref), SPAN_LIT("refs/sluice/approvals/")))
		buf_str(out,
			"- It must be a signed approval by somebody whom "
			"the policy knows.\n    always so\n");
	if (p->observe)
		buf_str(out,
			"\nThe policy only observes: what breaks it is "
			"logged and told, and let in.\n");
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
