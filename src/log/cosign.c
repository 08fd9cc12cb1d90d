#include "log/cosign.h"

#include "parse/cosignature.h"
#include "port/sodium.h"

#define TEXT_MAX (CHECKPOINT_MAX + 64u)

int cosign_line(const struct note_key *secret, uint64_t time, struct span text,
	struct buf *out, struct err *err)
{
	struct buf message = BUF_INIT(TEXT_MAX);
	struct buf bytes = BUF_INIT(COSIGNATURE_LEN);
	unsigned char sig[ED25519_SIG];
	struct cosignature c = {time, span_of(sig, sizeof(sig))};
	int ret = -1;

	cosignature_text(time, text, &message);
	if (buf_check(&message, "checkpoint", err) ||
		ed25519_sign(secret->key, buf_all(&message), sig, err))
		goto out;
	cosignature_write(&c, &bytes);
	note_add_sig(out, span_str(secret->name), secret->id, buf_all(&bytes));
	ret = buf_check(out, "cosignature", err);
out:
	buf_free(&message);
	buf_free(&bytes);
	return ret;
}

static bool good(
	const struct note_key *k, const struct cosignature *c, struct span text)
{
	struct buf message = BUF_INIT(TEXT_MAX);
	bool ok;

	cosignature_text(c->time, text, &message);
	ok = message.n <= TEXT_MAX && !message.full &&
		ed25519_verify(k->key, buf_all(&message), c->sig) ==
			ED25519_GOOD;
	buf_free(&message);
	return ok;
}

enum note_verdict cosign_check(
	const struct note_key *k, const struct note *note, uint64_t *time)
{
	enum note_verdict verdict = NOTE_UNSIGNED;
	struct cosignature c;
	size_t i;

	*time = 0;
	for (i = 0; i < note->nsigs; i++) {
		const struct note_sig *s = &note->sigs[i];

		if (!span_is(s->name, k->name) ||
			memcmp(s->id, k->id, NOTE_ID_LEN))
			continue;
		if (!cosignature_read(s->bytes, &c) || !good(k, &c, note->text))
			return NOTE_FALSE;
		verdict = NOTE_GOOD;
		if (c.time > *time)
			*time = c.time;
	}
	return verdict;
}
