#include "gather/sshjudge.h"

#include "base/text.h"
#include "gather/sshverify.h"
#include "gather/verdict.h"
#include "parse/armor.h"

/* As ssh-keygen -l shows it. */
static const char *key_name(const struct sshkey *key, struct arena *arena)
{
	unsigned char digest[PUBKEY_HASH_MAX];
	struct buf name = BUF_INIT(128);
	const char *text;

	buf_str(&name, "SHA256:");
	text_base64(&name,
		span_of(digest,
			pubkey_digest(PUBKEY_SHA256, &key->blob, 1, digest)));
	while (name.n && name.p[name.n - 1] == '=')
		name.n--;
	text = arena_str(arena, buf_all(&name));
	buf_free(&name);
	return text;
}

static const char *shown(struct arena *arena, struct span outside)
{
	struct buf text = BUF_INIT(512);
	const char *s;

	text_printable(&text, outside, 64);
	s = arena_str(arena, buf_all(&text));
	buf_free(&text);
	return s;
}

void sshjudge(const struct keybook *book, const struct signed_text *text,
	struct signature_fact *out, struct arena *arena)
{
	const struct keybook_entry *e;
	struct err why = ERR_INIT;
	struct span blob;
	struct sshsig sig;

	if (armor_read(text->signature, "SSH SIGNATURE", arena, &blob, &why) ||
		sshsig_read(blob, &sig, &why)) {
		signature_malformed(out, arena, &why);
		return;
	}
	out->key = key_name(&sig.key, arena);
	/* Made for something else, such as a file or a log-in: a signature
	 * says what it is for by its namespace. */
	if (!span_is(sig.space, "git")) {
		signature_found(out, SIGNATURE_BAD,
			arena_fmt(arena, "made for '%s' instead of 'git'",
				shown(arena, sig.space)));
		return;
	}
	if (sig.key.type == SSHKEY_UNSUPPORTED) {
		signature_found(out, SIGNATURE_UNSUPPORTED,
			arena_fmt(arena, "made with a key of type '%s'",
				shown(arena, sig.key.name)));
		return;
	}
	e = keybook_find(book->ssh, book->nssh, sig.key.blob);
	if (!e) {
		signature_found(out, SIGNATURE_UNKNOWN_KEY, "");
		return;
	}
	if (sig.proof.hash == SSH_SHA1) {
		signature_found(out, SIGNATURE_WEAK, "its digest is SHA-1");
		return;
	}
	if (sshverify_sig(&sig, text->payload) != PUBKEY_GOOD) {
		signature_found(
			out, SIGNATURE_BAD, "the signature does not match");
		return;
	}
	out->person = e->who;
	if (e->weak)
		signature_found(out, SIGNATURE_WEAK, e->weak);
	else
		signature_found(out, SIGNATURE_GOOD, "");
}
