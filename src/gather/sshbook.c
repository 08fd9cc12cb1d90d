#include "gather/sshbook.h"

#define RSA_BITS_LEAST 2048

struct making {
	struct sshbook *book;
	struct arena *arena;
	size_t cap;
};

static const char *weakness(const struct sshkey *key)
{
	return key->bits && key->bits < RSA_BITS_LEAST
		? "an RSA key of less than 2048 bits"
		: NULL;
}

static void add(struct making *m, const struct person *who, const char *file,
	const struct sshkeyline *line)
{
	struct sshbook *b = m->book;

	b->key =
		arena_grow(m->arena, b->key, b->nkey, &m->cap, sizeof(*b->key));
	b->key[b->nkey++] = (struct sshbook_key){
		.who = who,
		.file = file,
		.weak = weakness(&line->key),
		.line = *line,
	};
}

static int person_keys(
	struct making *m, const struct person *who, struct err *err)
{
	struct sshkeyline *v;
	size_t i, k, n;

	for (k = 0; k < who->nkey; k++) {
		const struct policy_key *key = &who->key[k];

		if (key->kind != SIGNATURE_SSH)
			continue;
		if (sshkeyline_file(key->data, m->arena, &v, &n, err)) {
			err->code = ERR_POLICY;
			return err_in(
				err, "key '%s' of '%s'", key->file, who->name);
		}
		for (i = 0; i < n; i++)
			add(m, who, key->file, &v[i]);
	}
	return 0;
}

static int by_key(const void *a, const void *b)
{
	const struct sshbook_key *x = a, *y = b;

	return span_cmp(x->line.key.blob, y->line.key.blob);
}

static int one_owner(const struct sshbook *b, struct err *err)
{
	size_t i;

	for (i = 1; i < b->nkey; i++) {
		const struct sshbook_key *x = &b->key[i - 1], *y = &b->key[i];

		if (by_key(x, y) == 0 && x->who != y->who)
			return err_set(err, ERR_POLICY,
				"'%s' of '%s' and '%s' of '%s' hold the same "
				"key, expected one owner",
				x->file, x->who->name, y->file, y->who->name);
	}
	return 0;
}

int sshbook_make(const struct policy *p, struct arena *arena,
	struct sshbook *out, struct err *err)
{
	struct making m = {.book = out, .arena = arena};
	size_t i;

	memset(out, 0, sizeof(*out));
	for (i = 0; i < p->nperson; i++)
		if (person_keys(&m, &p->person[i], err))
			return -1;
	if (out->nkey)
		qsort(out->key, out->nkey, sizeof(*out->key), by_key);
	return one_owner(out, err);
}

const struct sshbook_key *sshbook_find(
	const struct sshbook *b, struct span blob, size_t *n)
{
	size_t low = 0, high = b->nkey, at;

	while (low < high) {
		at = low + (high - low) / 2;
		if (span_cmp(b->key[at].line.key.blob, blob) < 0)
			low = at + 1;
		else
			high = at;
	}
	for (*n = 0; low + *n < b->nkey; ++*n)
		if (!span_eq(b->key[low + *n].line.key.blob, blob))
			break;
	return *n ? &b->key[low] : NULL;
}
