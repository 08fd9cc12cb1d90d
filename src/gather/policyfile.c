#include "base/io.h"
#include "base/text.h"
#include "gather/gather.h"
#include "parse/policy.h"
#include "port/crypto.h"
#include "port/pattern.h"

#define KEY_FILE_MAX (1u << 20) /* bytes of one key file */
#define KEYS_MAX (64u << 20)    /* bytes of all of them */

static void hash_text(struct sha256 *h, const char *s)
{
	/* With its NUL, so that no two lists of names hash alike. */
	sha256_add(h, span_of(s, strlen(s) + 1));
}

/* All key files that are read, under one limit and into one digest. */
struct loading {
	const struct policy_source *from;
	struct arena *arena;
	struct sha256 *h;
	size_t total;
};

/* ${called}: what a message calls the file. */
static int key_load(struct loading *l, const char *called,
	struct policy_key *key, struct err *err)
{
	struct buf data = BUF_INIT(KEY_FILE_MAX);
	char length[32];
	int ret = -1;

	if (l->from->read(l->from->ctx, key->file, &data, err)) {
		err_in(err, "%s", called);
		goto out;
	}
	key->data = arena_copy(l->arena, buf_all(&data));
	l->total += key->data.n;
	if (l->total > KEYS_MAX) {
		err_set(err, ERR_LIMIT,
			"the keys are larger than %u bytes in all", KEYS_MAX);
		goto out;
	}
	snprintf(length, sizeof(length), "%zu", key->data.n);
	hash_text(l->h, signature_kind_name(key->kind));
	hash_text(l->h, length);
	sha256_add(l->h, key->data);
	ret = 0;
out:
	buf_free(&data);
	return ret;
}

static int keys_of(struct loading *l, const struct person *who, struct err *err)
{
	size_t i;

	for (i = 0; i < who->nkey; i++) {
		struct policy_key *key = &who->key[i];
		const char *called = arena_fmt(
			l->arena, "key '%s' of '%s'", key->file, who->name);

		if (key_load(l, called, key, err))
			return -1;
		if (!span_trim(key->data).n)
			return err_set(err, ERR_POLICY, "%s: the file is empty",
				called);
	}
	return 0;
}

/* ${what} has a blank, as no name of a person does: the two hash apart. */
static int shared_load(struct loading *l, const char *what,
	struct policy_key *key, size_t n, struct err *err)
{
	size_t i;

	for (i = 0; i < n; i++) {
		hash_text(l->h, what);
		if (key_load(l,
			    arena_fmt(l->arena, "%s '%s'", what, key[i].file),
			    &key[i], err))
			return -1;
	}
	return 0;
}

static int keys_load(const struct policy_source *from, struct policy *p,
	struct arena *arena, struct err *err)
{
	unsigned char digest[SHA256_LEN];
	struct buf hex = BUF_INIT(SHA256_HEX);
	struct loading l = {.from = from, .arena = arena, .h = sha256_new()};
	size_t i;
	int ret = -1;

	for (i = 0; i < p->nperson; i++) {
		const struct person *who = &p->person[i];

		hash_text(l.h, who->name);
		if (keys_of(&l, who, err))
			goto out;
	}
	if (shared_load(&l, "allowed signers", p->signers, p->nsigners, err) ||
		shared_load(&l, "revoked keys", p->revoked, p->nrevoked, err) ||
		shared_load(&l, "compromised keys", p->compromised,
			p->ncompromised, err) ||
		shared_load(
			&l, "x509 root", p->x509.root, p->x509.nroot, err) ||
		shared_load(&l, "x509 intermediate", p->x509.between,
			p->x509.nbetween, err) ||
		shared_load(&l, "x509 revocation list", p->x509.crl,
			p->x509.ncrl, err) ||
		shared_load(&l, "x509 compromised", p->x509.compromised,
			p->x509.ncompromised, err))
		goto out;
	sha256_end(l.h, digest);
	l.h = NULL;
	text_hex(&hex, span_of(digest, sizeof(digest)));
	memcpy(p->keys_digest, buf_cstr(&hex), sizeof(p->keys_digest));
	ret = 0;
out:
	sha256_free(l.h);
	buf_free(&hex);
	return ret;
}

int policy_check_patterns(const struct policy *p, struct err *err)
{
	struct pattern *compiled;
	size_t i;

	for (i = 0; i < p->npattern; i++) {
		const char *text = p->pattern[i].text;

		if (pattern_new(span_str(text), &compiled, err))
			return err_in(err, "%s: '%s'", p->pattern_at[i], text);
		pattern_free(compiled);
	}
	return 0;
}

int policy_load_from(const struct policy_source *from, struct arena *arena,
	struct policy **out, struct err *err)
{
	struct buf text = BUF_INIT(POLICY_FILE_MAX);
	struct policy *p = NULL;
	int ret = -1;

	*out = NULL;
	if (from->read(from->ctx, NULL, &text, err) ||
		policy_parse(buf_all(&text), arena, &p, err) ||
		policy_check_patterns(p, err) ||
		keys_load(from, p, arena, err)) {
		err_in(err, "policy '%s'", from->called);
		goto out;
	}
	sha256_hex(buf_all(&text), p->digest);
	*out = p;
	ret = 0;
out:
	buf_free(&text);
	return ret;
}

int policy_load(const char *path, struct arena *arena, struct policy **out,
	struct err *err)
{
	struct policy_source from = policysource_trusted(path);

	if (policy_load_from(&from, arena, out, err))
		return -1;
	(*out)->path = arena_str(arena, span_str(path));
	return 0;
}
