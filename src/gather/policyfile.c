#include "base/io.h"
#include "base/text.h"
#include "gather/gather.h"
#include "parse/policy.h"
#include "port/crypto.h"
#include "port/pattern.h"
#include "port/trustfile.h"

#define KEY_FILE_MAX (1u << 20) /* bytes of one key file */
#define KEYS_MAX (64u << 20)    /* bytes of all of them */

static void hash_text(struct sha256 *h, const char *s)
{
	/* With its NUL, so that no two lists of names hash alike. */
	sha256_add(h, span_of(s, strlen(s) + 1));
}

/* Where a key file is: beside the policy unless its name is absolute. */
static void key_path(struct buf *out, const char *policy, const char *file)
{
	const char *slash = strrchr(policy, '/');

	buf_reset(out);
	if (file[0] != '/' && slash)
		buf_add(out, policy, (size_t)(slash - policy) + 1);
	buf_str(out, file);
}

static int key_load(const char *policy, const struct person *who,
	struct policy_key *key, struct arena *arena, struct err *err)
{
	struct buf path = PATH_BUF_INIT, data = BUF_INIT(KEY_FILE_MAX);
	int ret = -1;

	key_path(&path, policy, key->file);
	if (buf_check(&path, "path", err) ||
		trustfile_read(buf_cstr(&path), &data, err)) {
		err_in(err, "key '%s' of '%s'", key->file, who->name);
		goto out;
	}
	if (!span_trim(buf_all(&data)).n) {
		err_set(err, ERR_POLICY, "key '%s' of '%s': the file is empty",
			key->file, who->name);
		goto out;
	}
	key->data = arena_copy(arena, buf_all(&data));
	ret = 0;
out:
	buf_free(&path);
	buf_free(&data);
	return ret;
}

static int keys_load(const char *path, struct policy *p, struct arena *arena,
	struct err *err)
{
	unsigned char digest[SHA256_LEN];
	struct buf hex = BUF_INIT(SHA256_HEX);
	struct sha256 *h = sha256_new();
	size_t i, k, total = 0;
	int ret = -1;

	for (i = 0; i < p->nperson; i++) {
		struct person *who = &p->person[i];

		hash_text(h, who->name);
		for (k = 0; k < who->nkey; k++) {
			struct policy_key *key = &who->key[k];
			char length[32];

			if (key_load(path, who, key, arena, err))
				goto out;
			total += key->data.n;
			if (total > KEYS_MAX) {
				err_set(err, ERR_LIMIT,
					"the keys are larger than %u bytes in "
					"all",
					KEYS_MAX);
				goto out;
			}
			snprintf(length, sizeof(length), "%zu", key->data.n);
			hash_text(h, signature_kind_name(key->kind));
			hash_text(h, length);
			sha256_add(h, key->data);
		}
	}
	sha256_end(h, digest);
	h = NULL;
	text_hex(&hex, span_of(digest, sizeof(digest)));
	memcpy(p->keys_digest, buf_cstr(&hex), sizeof(p->keys_digest));
	ret = 0;
out:
	sha256_free(h);
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

int policy_load(const char *path, struct arena *arena, struct policy **out,
	struct err *err)
{
	struct buf text = BUF_INIT(POLICY_FILE_MAX);
	struct policy *p = NULL;
	int ret = -1;

	*out = NULL;
	if (trustfile_read(path, &text, err) ||
		policy_parse(buf_all(&text), arena, &p, err) ||
		policy_check_patterns(p, err) ||
		keys_load(path, p, arena, err)) {
		err_in(err, "policy '%s'", path);
		goto out;
	}
	p->path = arena_str(arena, span_str(path));
	sha256_hex(buf_all(&text), p->digest);
	*out = p;
	ret = 0;
out:
	buf_free(&text);
	return ret;
}
