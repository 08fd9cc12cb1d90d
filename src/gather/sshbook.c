#include "gather/sshbook.h"

#define RSA_BITS_LEAST 2048

struct making {
	struct sshbook *book;
	struct arena *arena;
};

const char *sshbook_weakness(const struct sshkey *key)
{
	return key->bits && key->bits < RSA_BITS_LEAST
		? "an RSA key of less than 2048 bits"
		: NULL;
}

static void add(struct making *m, struct sshbook_keys *to,
	const struct person *who, const char *file,
	const struct sshkeyline *line)
{
	to->v = arena_grow(m->arena, to->v, to->n, &to->cap, sizeof(*to->v));
	to->v[to->n++] = (struct sshbook_key){
		.who = who,
		.file = file,
		.weak = sshbook_weakness(&line->key),
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
			add(m, &m->book->key, who, key->file, &v[i]);
	}
	return 0;
}

/* One line of a file of allowed signers. */
static int signer(struct making *m, const char *file,
	const struct sshkeyline *line, struct err *err)
{
	const struct person *who = NULL;

	if (line->options.set & SSHOPTION_AUTHORITY) {
		if (sshowners_known(&m->book->owners, line->principals, err))
			return -1;
		add(m, &m->book->authority, NULL, file, line);
		return 0;
	}
	if (sshowners_one(&m->book->owners, line->principals, &who, err))
		return -1;
	add(m, &m->book->key, who, file, line);
	return 0;
}

static int signers(
	struct making *m, const struct policy_key *file, struct err *err)
{
	struct sshkeyline *v;
	size_t i, n;

	if (sshkeyline_signers(file->data, m->arena, &v, &n, err))
		goto out;
	for (i = 0; i < n; i++) {
		if (signer(m, file->file, &v[i], err)) {
			err_in(err, "line %zu", v[i].number);
			goto out;
		}
	}
	return 0;
out:
	err->code = ERR_POLICY;
	return err_in(err, "allowed signers '%s'", file->file);
}

static int lists(struct making *m, const struct policy_key *file, size_t n,
	bool compromised, struct err *err)
{
	struct sshbook *b = m->book;
	size_t i;

	for (i = 0; i < n; i++) {
		struct sshbook_revoked *r = &b->revoked[b->nrevoked++];

		r->file = file[i].file;
		r->compromised = compromised;
		if (!sshkrl_read(file[i].data, m->arena, &r->list, err))
			continue;
		err->code = ERR_POLICY;
		return err_in(err, "%s keys '%s'",
			compromised ? "compromised" : "revoked", r->file);
	}
	return 0;
}

static int revoked(struct making *m, const struct policy *p, struct err *err)
{
	m->book->revoked = arena_get(m->arena, p->ncompromised + p->nrevoked,
		sizeof(*m->book->revoked));
	if (lists(m, p->compromised, p->ncompromised, true, err))
		return -1;
	return lists(m, p->revoked, p->nrevoked, false, err);
}

/* Lines of one key in the order in which they were read. */
static int by_key(const void *a, const void *b)
{
	const struct sshbook_key *x = a, *y = b;
	int d = span_cmp(x->line.key.blob, y->line.key.blob);

	if (!d)
		d = strcmp(x->file, y->file);
	if (!d)
		d = (x->line.number > y->line.number) -
			(x->line.number < y->line.number);
	return d;
}

static void sort(struct sshbook_keys *keys)
{
	if (keys->n)
		qsort(keys->v, keys->n, sizeof(*keys->v), by_key);
}

static int one_owner(const struct sshbook_keys *keys, struct err *err)
{
	size_t i;

	for (i = 1; i < keys->n; i++) {
		const struct sshbook_key *x = &keys->v[i - 1];
		const struct sshbook_key *y = &keys->v[i];

		if (span_eq(x->line.key.blob, y->line.key.blob) &&
			x->who != y->who)
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
	if (p->nsigners)
		sshowners_make(p, arena, &out->owners);
	for (i = 0; i < p->nsigners; i++)
		if (signers(&m, &p->signers[i], err))
			return -1;
	if (revoked(&m, p, err))
		return -1;
	sort(&out->key);
	sort(&out->authority);
	return one_owner(&out->key, err);
}

const struct sshbook_key *sshbook_find(
	const struct sshbook_keys *keys, struct span blob, size_t *n)
{
	size_t low = 0, high = keys->n, at;

	while (low < high) {
		at = low + (high - low) / 2;
		if (span_cmp(keys->v[at].line.key.blob, blob) < 0)
			low = at + 1;
		else
			high = at;
	}
	for (*n = 0; low + *n < keys->n; ++*n)
		if (!span_eq(keys->v[low + *n].line.key.blob, blob))
			break;
	return *n ? &keys->v[low] : NULL;
}
