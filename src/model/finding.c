#include "model/finding.h"

#include "base/bits.h"
#include "base/err.h"
#include "base/text.h"

static const struct finding_def table[FINDING_COUNT] = {
	{FINDING_POLICY_SILENT, "policy.silent", SEVERITY_BLOCK,
		"the policy does not name this repository",
		"ask the server's administrator to add the repository to the "
		"policy"},
	{FINDING_POLICY_SIGNATURES, "policy.signatures", SEVERITY_BLOCK,
		"not enough people of the root have signed this policy",
		"have more of them run: sluice approve <commit> --for "
		"refs/sluice/policy --push <remote>"},
	{FINDING_POLICY_BACKWARDS, "policy.backwards", SEVERITY_BLOCK,
		"this policy does not follow the one in force",
		"build it on refs/sluice/policy as it is there, with a higher "
		"number in the file 'version'"},
	{FINDING_POLICY_BROKEN, "policy.broken", SEVERITY_BLOCK,
		"no push could be judged by this policy",
		"mend it and try: sluice policy check policy.json"},
	{FINDING_SIGNATURE_MISSING, "signature.missing", SEVERITY_BLOCK,
		"not signed",
		"sign it and push again: git commit --amend --no-edit -S, or "
		"for several: git rebase --exec 'git commit --amend --no-edit "
		"-S' <base>"},
	{FINDING_SIGNATURE_BAD, "signature.bad", SEVERITY_BLOCK,
		"the signature does not match the content",
		"the object was changed after it was signed; sign it again: "
		"git commit --amend --no-edit -S"},
	{FINDING_SIGNATURE_UNKNOWN_KEY, "signature.unknown_key", SEVERITY_BLOCK,
		"signed by a key that the policy does not know",
		"sign with the key that the administrator has on file for you, "
		"or send them this one"},
	{FINDING_SIGNATURE_NOT_ALLOWED, "signature.not_allowed", SEVERITY_BLOCK,
		"signed by somebody who may not sign here",
		"have one of the people allowed for this ref sign it"},
	{FINDING_SIGNATURE_LIMITED, "signature.limited", SEVERITY_BLOCK,
		"the key may sign only commits that add nothing of their own",
		"merge without conflicts, or have the commit signed by "
		"somebody whose signature is good for it"},
	{FINDING_SIGNATURE_KIND, "signature.kind", SEVERITY_BLOCK,
		"signed in a way that this ref does not allow",
		"sign with one of the kinds that the policy lists for this "
		"ref"},
	{FINDING_SIGNATURE_EXPIRED, "signature.expired", SEVERITY_BLOCK,
		"the key or the signature has expired",
		"extend the key, send the new public key to the administrator, "
		"and sign again"},
	{FINDING_SIGNATURE_REVOKED, "signature.revoked", SEVERITY_BLOCK,
		"the key was revoked",
		"sign with a key that is not revoked: git commit --amend "
		"--no-edit -S"},
	{FINDING_SIGNATURE_COMPROMISED, "signature.compromised", SEVERITY_BLOCK,
		"the key was revoked because somebody else may have it",
		"make sure that it is what its author made, then sign it with "
		"another key: git commit --amend --no-edit -S"},
	{FINDING_SIGNATURE_WEAK, "signature.weak", SEVERITY_BLOCK,
		"the signature uses a digest or key that is too weak",
		"sign again with SHA-256 or better (gpg: digest-algo SHA512) "
		"and a key of at least 2048 bits"},
	{FINDING_SIGNATURE_IDENTITY, "signature.identity", SEVERITY_BLOCK,
		"neither author nor committer is the signer",
		"set user.email to an address that the policy has for you, "
		"then: git commit --amend --no-edit --reset-author -S"},
	{FINDING_SIGNATURE_MALFORMED, "signature.malformed", SEVERITY_BLOCK,
		"the object or its signature is malformed",
		"make the object again with git itself: git commit --amend "
		"--no-edit -S"},
	{FINDING_SIGNATURE_UNSUPPORTED, "signature.unsupported", SEVERITY_BLOCK,
		"a kind of signature that cannot be checked",
		"sign with an OpenPGP or an SSH key, or with a certificate"},
	{FINDING_SIGNATURE_MERGED_TAG, "signature.merged_tag", SEVERITY_BLOCK,
		"a merge without a good signed tag of what it merges",
		"have whoever offers the branch sign a tag of it (git tag -s), "
		"and merge that tag: git fetch <remote> tag <tag>; git merge "
		"--no-ff -S <tag>"},
	{FINDING_CERTIFICATE_MISSING, "push_certificate.missing",
		SEVERITY_BLOCK, "the push itself is not signed",
		"push again with: git push --signed=if-asked "
		"<remote> <ref>, or for good: git config "
		"push.gpgSign if-asked; if it still comes "
		"unsigned, the administrator has to run: "
		"sluice install --push-certificates "
		"<repository>"},
	{FINDING_CERTIFICATE_FORBIDDEN, "push_certificate.forbidden",
		SEVERITY_BLOCK, "the push is signed, and may not be here",
		"push again with: git push --no-signed "
		"<remote> <ref>"},
	{FINDING_CERTIFICATE_MALFORMED, "push_certificate.malformed",
		SEVERITY_BLOCK,
		"the push certificate cannot be read in one "
		"way",
		"push again with git itself: git push "
		"--signed=if-asked <remote> <ref>"},
	{FINDING_CERTIFICATE_KIND, "push_certificate.kind", SEVERITY_BLOCK,
		"the push is signed in a way that this ref "
		"does not allow",
		"sign with one of the kinds that the policy "
		"lists for this ref (git config gpg.format), "
		"then: git push --signed=if-asked <remote> "
		"<ref>"},
	{FINDING_CERTIFICATE_BAD, "push_certificate.bad", SEVERITY_BLOCK,
		"the signature of the push certificate does "
		"not match it",
		"push again: git push --signed=if-asked "
		"<remote> <ref>; if it stays so, something on "
		"the way changes what you sign"},
	{FINDING_CERTIFICATE_UNKNOWN_KEY, "push_certificate.unknown_key",
		SEVERITY_BLOCK,
		"the push is signed by a key that the policy "
		"does not know",
		"sign with the key that the administrator has "
		"on file for you (git config "
		"user.signingKey), or send them this one, "
		"then: git push --signed=if-asked <remote> "
		"<ref>"},
	{FINDING_CERTIFICATE_EXPIRED, "push_certificate.expired",
		SEVERITY_BLOCK,
		"the key that signed the push, or the "
		"signature, has expired",
		"extend the key, send the new public key to "
		"the administrator, then: git push "
		"--signed=if-asked <remote> <ref>"},
	{FINDING_CERTIFICATE_REVOKED, "push_certificate.revoked",
		SEVERITY_BLOCK, "the key that signed the push was revoked",
		"sign with a key that is not revoked (git "
		"config user.signingKey), then: git push "
		"--signed=if-asked <remote> <ref>"},
	{FINDING_CERTIFICATE_WEAK, "push_certificate.weak", SEVERITY_BLOCK,
		"the push is signed with a digest or key that "
		"is too weak",
		"sign with SHA-256 or better (gpg: "
		"digest-algo SHA512) and a key of at least "
		"2048 bits, then: git push --signed=if-asked "
		"<remote> <ref>"},
	{FINDING_CERTIFICATE_UNSUPPORTED, "push_certificate.unsupported",
		SEVERITY_BLOCK,
		"the push is signed in a way that cannot be "
		"checked",
		"sign with an OpenPGP or an SSH key, then: "
		"git push --signed=if-asked <remote> <ref>"},
	{FINDING_CERTIFICATE_NOT_ALLOWED, "push_certificate.not_allowed",
		SEVERITY_BLOCK,
		"the push is signed by somebody who may not "
		"sign here",
		"have one of the people allowed for this ref "
		"push it: git push --signed=if-asked <remote> "
		"<ref>"},
	{FINDING_CERTIFICATE_COMMANDS, "push_certificate.commands",
		SEVERITY_BLOCK,
		"the push certificate is about other changes "
		"than this push",
		"push again with git itself, all refs at "
		"once: git push --signed=if-asked <remote> "
		"<ref>"},
	{FINDING_CERTIFICATE_OPTIONS, "push_certificate.options",
		SEVERITY_BLOCK,
		"the push certificate names other push "
		"options than came",
		"push again with git itself: git push "
		"--signed=if-asked <remote> <ref>"},
	{FINDING_CERTIFICATE_REPOSITORY, "push_certificate.repository",
		SEVERITY_BLOCK,
		"the push certificate was made for another "
		"repository",
		"push to an address that the policy has for "
		"this repository (git remote -v): git push "
		"--signed=if-asked <address> <ref>"},
	{FINDING_CERTIFICATE_NONCE, "push_certificate.nonce", SEVERITY_BLOCK,
		"the push certificate may be an old one",
		"push again: git push --signed=if-asked "
		"<remote> <ref>; over http the administrator "
		"may have to allow more time: "
		"receive.certNonceSlop, or nonce_slop in the "
		"policy"},
	{FINDING_CERTIFICATE_USED, "push_certificate.used", SEVERITY_BLOCK,
		"the push certificate was used before",
		"push again: git push --signed=if-asked <remote> <ref>; each "
		"push needs a certificate of its own"},
	{FINDING_CERTIFICATE_PUSHER, "push_certificate.pusher", SEVERITY_BLOCK,
		"the push is signed by somebody else than who "
		"pushes",
		"push with your own key: git config "
		"user.signingKey, then git push "
		"--signed=if-asked <remote> <ref>"},
	{FINDING_IDENTITY_EMAIL, "identity.email", SEVERITY_BLOCK,
		"an address in it is not that of the person who signed it",
		"set user.email to an address that the policy has for you, "
		"then: git commit --amend --no-edit --reset-author -S"},
	{FINDING_IDENTITY_COMMITTER, "identity.committer", SEVERITY_BLOCK,
		"the committer is not the person who pushes",
		"have whoever committed it push it, or commit it yourself: git "
		"commit --amend --no-edit"},
	{FINDING_IDENTITY_AUTHOR, "identity.author", SEVERITY_BLOCK,
		"the author is nobody whom the policy knows",
		"use an address that the policy has for the author: git commit "
		"--amend --no-edit --author='Name <address>'"},
	{FINDING_IDENTITY_NAME, "identity.name", SEVERITY_BLOCK,
		"a name in it is not one that the policy has for the person",
		"set user.name to a name that the policy has for you, then: "
		"git commit --amend --no-edit --reset-author"},
	{FINDING_IDENTITY_PATTERN, "identity.pattern", SEVERITY_BLOCK,
		"an address in it is not one that the policy allows",
		"set user.email to an address of the form that is asked for, "
		"then: git commit --amend --no-edit --reset-author"},
	{FINDING_APPROVAL_TOO_FEW, "approval.too_few", SEVERITY_BLOCK,
		"not enough approvals",
		"ask a reviewer to run: sluice approve <commit> --for <ref>"},
	{FINDING_APPROVAL_PATH, "approval.path", SEVERITY_BLOCK,
		"a path needs an approval that it does not have",
		"ask one of the people named for that path to run: sluice "
		"approve <commit> --for <ref>"},
	{FINDING_APPROVAL_GROUP, "approval.group", SEVERITY_BLOCK,
		"not enough of the approvals are by people of a group",
		"ask somebody of the group who has not approved yet to run: "
		"sluice approve <commit> --for <ref>"},
	{FINDING_APPROVAL_ROBOT, "approval.robot", SEVERITY_BLOCK,
		"a change that a robot had a hand in has not enough approvals",
		"ask another reviewer to run: sluice approve <commit> --for "
		"<ref>"},
	{FINDING_APPROVAL_CODEOWNERS, "approval.codeowners", SEVERITY_BLOCK,
		"a path needs an approval by its owners that it does not have",
		"ask one of the owners to run: sluice approve <commit> --for "
		"<ref>"},
	{FINDING_APPROVAL_FORGE, "approval.forge", SEVERITY_BLOCK,
		"it could not be told whether it is approved: a forge does not "
		"answer as it should",
		"push again later; on the server 'sluice doctor' says whether "
		"it answers"},
	{FINDING_APPROVAL_OBJECTION, "approval.objection", SEVERITY_BLOCK,
		"somebody objects to it",
		"change what they object to, or ask them to withdraw it: "
		"sluice approve <commit> --for <ref> --withdraw <tag>"},
	{FINDING_APPROVAL_KEPT, "approval.kept", SEVERITY_BLOCK,
		"an objection or a withdrawal cannot be taken away",
		"who signed an objection can withdraw it: sluice approve "
		"<commit> --for <ref> --withdraw <tag>"},
	{FINDING_APPROVAL_INVALID, "approval.invalid", SEVERITY_BLOCK,
		"the approval that is pushed is not valid",
		"make it with: sluice approve <commit> --for <ref>, signed "
		"with the key that the policy has for you"},
	{FINDING_WAIVER_INVALID, "waiver.invalid", SEVERITY_BLOCK,
		"the waiver that is pushed can do nothing",
		"make it with: sluice waive, from the text of the refusal, "
		"signed with the key that the policy has for you"},
	{FINDING_ROBOT_PUSH, "robot.push", SEVERITY_BLOCK,
		"a robot may not push to this ref",
		"have the robot push to a branch of its own, and a person "
		"bring it here"},
	{FINDING_ROBOT_COMMIT, "robot.commit", SEVERITY_BLOCK,
		"a robot had a hand in it that may not here",
		"have a person make the change, or push it to a branch that is "
		"open to robots"},
	{FINDING_ROBOT_PATH, "robot.path", SEVERITY_BLOCK,
		"a robot changed a path that it may not touch",
		"leave the path out of what the robot commits, or have a "
		"person change it"},
	{FINDING_SECRET_FOUND, "secret.*", SEVERITY_BLOCK, "a secret",
		"revoke it where it was issued; then take it out of the "
		"commits: git rebase -i <base>"},
	{FINDING_SECRET_NOT_SCANNED, "secret.not_scanned", SEVERITY_BLOCK,
		"could not be scanned for secrets",
		"leave the file out, or push it smaller, whole and not "
		"encrypted; what is too large is for the administrator to "
		"say"},
	{FINDING_REF_FORCE_PUSH, "ref.force_push", SEVERITY_BLOCK,
		"the push would rewrite history",
		"bring your work on top of what is there: git pull --rebase, "
		"then push without --force"},
	{FINDING_REF_DELETE, "ref.delete", SEVERITY_BLOCK,
		"this ref may not be deleted",
		"leave it, or ask the administrator to remove it"},
	{FINDING_REF_MOVE, "ref.move", SEVERITY_BLOCK,
		"this tag exists already and may not be moved",
		"make a new tag under another name"},
	{FINDING_REF_CREATE, "ref.create", SEVERITY_BLOCK,
		"this ref may not be created",
		"push to a ref that exists, or ask the administrator"},
	{FINDING_REF_UPDATE, "ref.update", SEVERITY_BLOCK,
		"this ref may not be changed",
		"push to another ref, or ask the administrator"},
	{FINDING_REF_MERGE, "ref.merge", SEVERITY_BLOCK,
		"the history must be linear, and this is a merge",
		"put your commits on top of what is there: git pull --rebase, "
		"then push again"},
	{FINDING_REF_LIGHTWEIGHT, "ref.lightweight", SEVERITY_BLOCK,
		"the tag is not an annotated one",
		"make an annotated tag in its place, then push again: git tag "
		"-a -f <name> <name>^{commit}"},
	{FINDING_REF_MAX_REFS, "ref.max_refs", SEVERITY_BLOCK,
		"too many refs in one push", "push fewer refs at a time"},
	{FINDING_REF_MAX_COMMITS, "ref.max_commits", SEVERITY_BLOCK,
		"too many new commits in one push",
		"push them in parts, the oldest first: git push <remote> "
		"<commit>:<ref>"},
	{FINDING_REF_NAME, "ref.name", SEVERITY_BLOCK,
		"the name is not one that the policy allows",
		"rename the branch or tag and push again: git branch -m <new "
		"name>"},
	{FINDING_REF_TARGET, "ref.target", SEVERITY_BLOCK,
		"the ref does not point to a commit",
		"point it at a commit; this ref demands what only commits and "
		"tags of commits can have"},
	{FINDING_REF_CHANGES, "ref.changes", SEVERITY_BLOCK,
		"the gate reads there what was said at Gerrit, and nobody may "
		"push to it",
		"push to a branch; what is said at Gerrit is written by Gerrit "
		"alone"},
	{FINDING_MESSAGE_PATTERN, "message.pattern", SEVERITY_BLOCK,
		"the commit message lacks something that the policy demands",
		"reword it: git commit --amend, or git rebase -i <base>"},
	{FINDING_MESSAGE_DENIED, "message.denied", SEVERITY_BLOCK,
		"the commit message has something that the policy forbids",
		"reword it: git commit --amend, or git rebase -i <base>"},
	{FINDING_MESSAGE_SIGN_OFF, "message.sign_off", SEVERITY_BLOCK,
		"the commit is not signed off by its author",
		"add the line: git commit --amend --no-edit --signoff"},
	{FINDING_MESSAGE_ISSUE, "message.issue", SEVERITY_BLOCK,
		"the commit message names no issue",
		"name the issue that it belongs to: git commit --amend, or git "
		"rebase -i <base>"},
	{FINDING_MESSAGE_LENGTH, "message.length", SEVERITY_BLOCK,
		"a line of the commit message is too long",
		"make it shorter or break the line: git commit --amend, or git "
		"rebase -i <base>"},
	{FINDING_FILE_NAME, "file.name", SEVERITY_BLOCK,
		"a file of this name may not be pushed",
		"take it out of the commit: git rm --cached <file>, then git "
		"commit --amend --no-edit"},
	{FINDING_FILE_EXTENSION, "file.extension", SEVERITY_BLOCK,
		"a file of this kind may not be pushed",
		"take it out of the commit: git rm --cached <file>, then git "
		"commit --amend --no-edit"},
	{FINDING_FILE_SIZE, "file.size", SEVERITY_BLOCK,
		"a file is larger than the policy allows",
		"take it out of the commit, or keep it outside Git"},
	{FINDING_FILE_PATH_LENGTH, "file.path_length", SEVERITY_BLOCK,
		"a path is longer than the policy allows",
		"give the file or its folders shorter names: git mv <old> "
		"<new>"},
	{FINDING_FILE_CASE_COLLISION, "file.case_collision", SEVERITY_BLOCK,
		"two paths differ in case or in how accents are written only, "
		"and some systems cannot have both",
		"rename one of them: git mv <old> <new>, then git commit "
		"--amend --no-edit"},
	{FINDING_FILE_MODE, "file.mode", SEVERITY_BLOCK,
		"a file has a mode that git does not make",
		"add it again with git itself: git rm --cached <file>, git add "
		"<file>, then git commit --amend --no-edit"},
	{FINDING_FILE_WINDOWS_NAME, "file.windows_name", SEVERITY_BLOCK,
		"Windows cannot have a file of this name",
		"rename it: git mv <old> <new>, then git commit --amend "
		"--no-edit"},
	{FINDING_FILE_GIT_NAME, "file.git_name", SEVERITY_BLOCK,
		"some system takes this name for one of Git's own",
		"rename it; no file may be called .git or like it"},
	{FINDING_FILE_SYMLINK, "file.symlink", SEVERITY_BLOCK,
		"a symbolic link that is not allowed",
		"let it point to a file of this repository, without a detour, "
		"or take it out of the commit"},
	{FINDING_FILE_SUBMODULE, "file.submodule", SEVERITY_BLOCK,
		"a submodule that is not allowed",
		"change .gitmodules: git submodule set-url <path> <url>, or "
		"take the submodule out"},
};

const struct finding_def *finding_def(enum finding_id id)
{
	if ((unsigned)id >= FINDING_COUNT || table[id].number != id)
		die("finding %d is not in the table", (int)id);
	return &table[id];
}

bool finding_waivable(enum finding_id id)
{
	static const enum finding_id never[] = {
		FINDING_POLICY_SILENT,
		FINDING_POLICY_SIGNATURES,
		FINDING_POLICY_BACKWARDS,
		FINDING_POLICY_BROKEN,
		FINDING_SIGNATURE_MALFORMED,
		FINDING_APPROVAL_KEPT,
		FINDING_APPROVAL_INVALID,
		FINDING_WAIVER_INVALID,
		FINDING_SECRET_NOT_SCANNED,
		FINDING_REF_MAX_REFS,
		FINDING_REF_MAX_COMMITS,
		FINDING_REF_NAME,
		FINDING_REF_TARGET,
		FINDING_REF_CHANGES,
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(never); i++)
		if (never[i] == id)
			return false;
	return !span_starts(
		span_str(finding_def(id)->id), SPAN_LIT("push_certificate."));
}

bool finding_fixed(enum finding_id id)
{
	return id == FINDING_REF_CHANGES;
}

size_t finding_names(const char *pattern, struct span id)
{
	struct span p = span_str(pattern);

	if (p.n && p.p[p.n - 1] == '*')
		return span_starts(id, span_sub(p, 0, p.n - 1)) ? p.n : 0;
	return span_eq(p, id) ? p.n + 2 : 0;
}

bool finding_id_known(struct span id, enum finding_id *out)
{
	unsigned i;

	for (i = 0; i < FINDING_COUNT; i++) {
		*out = table[i].number;
		if (i != FINDING_SECRET_FOUND && span_is(id, table[i].id))
			return true;
	}
	*out = FINDING_SECRET_FOUND;
	return span_starts(id, SPAN_LIT("secret.")) && id.n > 7 &&
		span_find(id, '*') == SIZE_MAX;
}

struct finding *findings_add(struct findings *f, enum finding_id id,
	size_t update, const struct oid *object)
{
	struct finding *new;

	f->v = arena_grow(f->arena, f->v, f->n, &f->cap, sizeof(*f->v));
	new = &f->v[f->n++];
	memset(new, 0, sizeof(*new));
	new->def = finding_def(id);
	new->severity = new->def->severity;
	new->update = update;
	if (object)
		new->object = *object;
	new->place = new->detail = new->fingerprint = "";
	return new;
}

/* Most texts hold nothing hidden, and many are asked about: two bytes tell. */
#define FRONTS 65536u

static size_t front(const unsigned char *p, unsigned char next)
{
	return (size_t)p[0] << 8 | next;
}

void findings_conceal(struct findings *f, const struct span *hidden, size_t n)
{
	unsigned next;
	size_t i;

	f->hidden = hidden;
	f->nhidden = n;
	if (!n || n > FINDINGS_HIDDEN_MAX)
		return;
	f->fronts = arena_get(f->arena, BIT_WORDS(FRONTS), sizeof(*f->fronts));
	for (i = 0; i < n; i++) {
		if (hidden[i].n > 1)
			bit_set(f->fronts, front(hidden[i].p, hidden[i].p[1]));
		for (next = 0; hidden[i].n == 1 && next < 256; next++)
			bit_set(f->fronts,
				front(hidden[i].p, (unsigned char)next));
	}
}

/* The hidden text that begins here, or 0: the longest of several. */
static size_t hidden_at(const struct findings *f, struct span s)
{
	size_t i, n = 0;

	if (!bit_get(f->fronts, front(s.p, s.n > 1 ? s.p[1] : 0)))
		return 0;
	for (i = 0; i < f->nhidden; i++)
		if (f->hidden[i].n > n && span_starts(s, f->hidden[i]))
			n = f->hidden[i].n;
	return n;
}

struct span findings_hide(const struct findings *f, struct span s)
{
	struct buf out = BUF_INIT(s.n * sizeof("[secret]"));
	struct span clean, rest = s;
	size_t n;

	if (f->nhidden > FINDINGS_HIDDEN_MAX)
		return SPAN_LIT("[not shown]");
	if (!f->nhidden)
		return s;
	while (rest.n && !hidden_at(f, rest))
		rest = span_from(rest, 1);
	if (!rest.n)
		return s;
	while (s.n) {
		n = hidden_at(f, s);
		if (n)
			buf_str(&out, "[secret]");
		else
			buf_byte(&out, s.p[0]);
		s = span_from(s, n ? n : 1);
	}
	clean = arena_copy(f->arena, buf_all(&out));
	buf_free(&out);
	return clean;
}

const char *findings_show(struct findings *f, struct span s, size_t max)
{
	struct buf shown = BUF_INIT(max * 4 + 8);
	const char *text;

	/* Before it is cut: the front of a secret is telling as well. */
	text_printable(&shown, findings_hide(f, s), max);
	text = arena_str(f->arena, buf_all(&shown));
	buf_free(&shown);
	return text;
}

const char *findings_quote(struct findings *f, const char *text, size_t max)
{
	struct buf shown = BUF_INIT(max * 4 + 8);
	const char *out;

	text_still_printable(&shown, span_str(text), max);
	out = arena_str(f->arena, buf_all(&shown));
	buf_free(&shown);
	return out;
}

#define WORD_MAX 200

const char *findings_word(struct findings *f, struct span s)
{
	const char *shown = findings_show(f, s, WORD_MAX);
	size_t i;

	if (!s.n || s.n > WORD_MAX || !span_is(s, shown) || strchr(shown, '\''))
		return NULL;
	for (i = 0; i < s.n; i++) {
		unsigned char c = s.p[i], low = text_lower(c);

		if (!(low >= 'a' && low <= 'z') && !(c >= '0' && c <= '9') &&
			!strchr("/._-+@=,:", c))
			return arena_fmt(f->arena, "'%s'", shown);
	}
	return shown;
}

const char *findings_about(struct findings *f, const struct commit *c)
{
	struct span rest = span_trim(c->message), subject = SPAN_EMPTY;

	span_line(&rest, &subject, NULL);
	return arena_fmt(f->arena, "'%s' by %s <%s>",
		findings_show(f, span_trim(subject), 60),
		findings_show(f, c->author.name, 60),
		findings_show(f, c->author.email, 80));
}

void finding_name(const struct finding *f, struct buf *out)
{
	buf_reset(out);
	if (f->rule)
		buf_fmt(out, "secret.%s", f->rule);
	else
		buf_str(out, f->def->id);
}

const char *verdict_name(enum verdict v)
{
	switch (v) {
	case VERDICT_UNDECIDED:
		break;
	case VERDICT_REJECT:
		return "reject";
	case VERDICT_ACCEPT:
		return "accept";
	}
	return "undecided";
}

const char *severity_name(enum severity s)
{
	switch (s) {
	case SEVERITY_BLOCK:
		break;
	case SEVERITY_WARN:
		return "warn";
	case SEVERITY_OFF:
		return "off";
	case SEVERITY_WAIVED:
		return "waived";
	}
	return "block";
}
