#include "gather/keybook.h"

#include "gather/pgprevoked.h"
#include "port/pubkey.h"

/* A policy's keys while they are read, person by person. */
struct making {
	struct keybook *book;
	struct arena *arena;
	size_t pgp_cap, binary_cap;
};

void keybook_pgp_id(struct span body, unsigned char out[PGP_FPR])
{
	const unsigned char head[3] = {
		0x99, (unsigned char)(body.n >> 8), (unsigned char)body.n};
	const struct span parts[] = {span_of(head, sizeof(head)), body};
	unsigned char name[PUBKEY_HASH_MAX];

	pubkey_digest(PUBKEY_SHA1, parts, ARRAY_LEN(parts), name);
	memcpy(out, name, PGP_FPR);
}

static int pgp_add(struct making *m, const struct person *who,
	const struct policy_key *key, struct err *err)
{
	struct keybook *b = m->book;
	struct span binary;
	unsigned char id[PGP_FPR];
	struct pgp_key *v;
	size_t n, i;

	if (pgp_keys_read(key->data, m->arena, &v, &n, &binary, err))
		return -1;
	b->binary = arena_grow(m->arena, b->binary, b->nbinary, &m->binary_cap,
		sizeof(*b->binary));
	b->binary[b->nbinary++] = binary;
	for (i = 0; i < n; i++) {
		keybook_pgp_id(v[i].body, id);
		b->pgp = arena_grow(m->arena, b->pgp, b->npgp, &m->pgp_cap,
			sizeof(*b->pgp));
		b->pgp[b->npgp++] = (struct keybook_entry){
			.id = arena_copy(m->arena, span_of(id, sizeof(id))),
			.who = who,
			.file = key->file,
			.weak = pgp_key_weak(&v[i]),
			.primary = v[i].primary,
			.body = v[i].body,
		};
	}
	return 0;
}

static int by_id(const void *a, const void *b)
{
	const struct keybook_entry *x = a, *y = b;

	return span_cmp(x->id, y->id);
}

/* Sorted, each key once. A person may list a key twice. */
static int settle(struct keybook_entry *v, size_t *n, struct err *err)
{
	size_t i, kept = 0;

	if (!*n)
		return 0;
	qsort(v, *n, sizeof(*v), by_id);
	for (i = 0; i < *n; i++) {
		if (!kept || !span_eq(v[kept - 1].id, v[i].id)) {
			v[kept++] = v[i];
			continue;
		}
		if (v[kept - 1].who != v[i].who)
			return err_set(err, ERR_POLICY,
				"'%s' of '%s' and '%s' of '%s' hold the same "
				"key, expected one owner",
				v[kept - 1].file, v[kept - 1].who->name,
				v[i].file, v[i].who->name);
		v[kept - 1].primary |= v[i].primary;
	}
	*n = kept;
	return 0;
}

int keybook_make(const struct policy *p, struct arena *arena,
	struct keybook *out, struct err *err)
{
	struct making m = {.book = out, .arena = arena};
	size_t i, k;

	memset(out, 0, sizeof(*out));
	for (i = 0; i < p->nperson; i++) {
		const struct person *who = &p->person[i];

		for (k = 0; k < who->nkey; k++) {
			const struct policy_key *key = &who->key[k];

			if (key->kind == SIGNATURE_OPENPGP &&
				pgp_add(&m, who, key, err)) {
				err->code = ERR_POLICY;
				return err_in(err, "key '%s' of '%s'",
					key->file, who->name);
			}
		}
	}
	if (settle(out->pgp, &out->npgp, err))
		return -1;
	if (pgprevoked_mark(out, arena, err)) {
		err->code = ERR_POLICY;
		return err_in(err, "the OpenPGP keys");
	}
	if (sshbook_make(p, arena, &out->ssh, err))
		return -1;
	return x509book_make(p, arena, &out->x509, err);
}

struct keybook_entry *keybook_find(
	struct keybook_entry *v, size_t n, struct span id)
{
	const struct keybook_entry want = {.id = id};

	return n ? bsearch(&want, v, n, sizeof(*v), by_id) : NULL;
}

size_t keybook_keyid(
	const struct keybook *b, struct span id, struct keybook_entry **one)
{
	size_t i, n = 0;

	*one = NULL;
	for (i = 0; i < b->npgp; i++) {
		if (!span_ends(b->pgp[i].id, id))
			continue;
		*one = &b->pgp[i];
		n++;
	}
	return n;
}
