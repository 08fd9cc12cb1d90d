#include "gather/x509book.h"

#include "parse/armor.h"

#define CERTS_MAX 1000 /* in one file */

struct making {
	struct x509book *book;
	struct arena *arena;
};

static int add(struct making *m, struct x509book_certs *to,
	const struct person *who, const char *file, struct span der,
	struct err *err)
{
	struct x509book_cert *c;

	if (to->n == CERTS_MAX)
		return err_set(
			err, ERR_LIMIT, "more than %d certificates", CERTS_MAX);
	to->v = arena_grow(m->arena, to->v, to->n, &to->cap, sizeof(*to->v));
	c = &to->v[to->n];
	*c = (struct x509book_cert){.who = who, .file = file, .der = der};
	if (x509_facts(der, m->arena, &c->facts, err))
		return -1;
	to->n++;
	return 0;
}

/* What one file holds, by its label in PEM; or as it stands. */
static int blocks(struct making *m, struct span file, const char *label,
	int (*each)(
		struct making *m, struct span der, void *ctx, struct err *err),
	void *ctx, struct err *err)
{
	struct span der;

	if (file.n && file.p[0] == 0x30)
		return each(m, file, ctx, err);
	do {
		if (armor_next(&file, label, m->arena, &der, err)) {
			err_hint(err,
				"nothing but '-----BEGIN %s-----' blocks may "
				"stand there",
				label);
			return -1;
		}
		if (each(m, der, ctx, err))
			return -1;
		file = span_trim(file);
	} while (file.n);
	return 0;
}

struct owner {
	struct x509book_certs *to;
	const struct person *who;
	const char *file;
};

static int certificate(
	struct making *m, struct span der, void *ctx, struct err *err)
{
	const struct owner *o = ctx;

	return add(m, o->to, o->who, o->file, der, err);
}

static int certificates(struct making *m, const struct policy_key *file,
	struct x509book_certs *to, const struct person *who, const char *called,
	struct err *err)
{
	struct owner o = {to, who, file->file};

	if (!blocks(m, file->data, "CERTIFICATE", certificate, &o, err))
		return 0;
	err->code = ERR_POLICY;
	return who ? err_in(err, "key '%s' of '%s'", file->file, who->name)
		   : err_in(err, "%s '%s'", called, file->file);
}

static int all_of(struct making *m, const struct policy_key *file, size_t n,
	struct x509book_certs *to, const char *called, struct err *err)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (certificates(m, &file[i], to, NULL, called, err))
			return -1;
	return 0;
}

static int list(
	struct making *m, struct span der, const char *file, struct err *err)
{
	struct x509book *b = m->book;
	struct x509book_list *l = &b->list[b->nlist];
	struct span *by =
		arena_get(m->arena, b->root.n + b->between.n + 1, sizeof(*by));
	size_t i, n = 0;

	for (i = 0; i < b->root.n; i++)
		by[n++] = b->root.v[i].der;
	for (i = 0; i < b->between.n; i++)
		by[n++] = b->between.v[i].der;
	l->file = file;
	if (x509_list_read(der, by, n, m->arena, &l->list, err))
		return -1;
	b->nlist++;
	return 0;
}

/* One list a file, so that it is clear which is to be replaced. */
static int lists(struct making *m, const struct policy *p, struct err *err)
{
	const struct policy_x509 *x = &p->x509;
	size_t i;

	m->book->list =
		arena_get(m->arena, x->ncrl + 1, sizeof(struct x509book_list));
	for (i = 0; i < x->ncrl; i++) {
		struct span file = x->crl[i].data, der = file;

		if (file.n && file.p[0] != 0x30 &&
			armor_next(&file, "X509 CRL", m->arena, &der, err))
			goto bad;
		if (der.p != file.p && span_trim(file).n) {
			err_set(err, ERR_INPUT, "more than one list");
			goto bad;
		}
		if (list(m, der, x->crl[i].file, err))
			goto bad;
	}
	return 0;
bad:
	err->code = ERR_POLICY;
	return err_in(err, "revocation list '%s'", x->crl[i].file);
}

static int one_owner(const struct x509book_certs *own, struct err *err)
{
	size_t i, k;

	for (i = 0; i < own->n; i++)
		for (k = 0; k < i; k++)
			if (own->v[i].who != own->v[k].who &&
				!memcmp(own->v[i].facts.key,
					own->v[k].facts.key, X509_HASH))
				return err_set(err, ERR_POLICY,
					"'%s' of '%s' and '%s' of '%s' hold "
					"the same key, expected one owner",
					own->v[k].file, own->v[k].who->name,
					own->v[i].file, own->v[i].who->name);
	return 0;
}

int x509book_make(const struct policy *p, struct arena *arena,
	struct x509book *out, struct err *err)
{
	struct making m = {.book = out, .arena = arena};
	const struct policy_x509 *x = &p->x509;
	size_t i, k;

	memset(out, 0, sizeof(*out));
	for (i = 0; i < p->nperson; i++) {
		const struct person *who = &p->person[i];

		for (k = 0; k < who->nkey; k++)
			if (who->key[k].kind == SIGNATURE_X509 &&
				certificates(&m, &who->key[k], &out->own, who,
					"", err))
				return -1;
	}
	if (all_of(&m, x->root, x->nroot, &out->root, "root", err) ||
		all_of(&m, x->between, x->nbetween, &out->between,
			"intermediate", err) ||
		all_of(&m, x->compromised, x->ncompromised, &out->compromised,
			"compromised certificate", err) ||
		lists(&m, p, err))
		return -1;
	out->need_list = x->need_crl;
	return one_owner(&out->own, err);
}

static struct span *encoded(
	const struct x509book_certs *all, struct arena *arena)
{
	struct span *v = arena_get(arena, all->n + 1, sizeof(*v));
	size_t i;

	for (i = 0; i < all->n; i++)
		v[i] = all->v[i].der;
	return v;
}

int x509book_trust(const struct x509book *b, struct arena *arena,
	struct x509_trust **out, struct err *err)
{
	return x509_trust_new(encoded(&b->root, arena), b->root.n,
		encoded(&b->between, arena), b->between.n, out, err);
}

const struct x509book_cert *x509book_own(
	const struct x509book *b, struct span der)
{
	size_t i;

	for (i = 0; i < b->own.n; i++)
		if (span_eq(b->own.v[i].der, der))
			return &b->own.v[i];
	return NULL;
}

/* Of the lists, what is compromised or what is merely revoked. */
static const char *listed(const struct x509book *b, const struct x509_facts *c,
	bool compromised, struct arena *arena)
{
	size_t i, k;

	for (i = 0; i < b->nlist; i++) {
		const struct x509_list *l = &b->list[i].list;

		if (!span_eq(l->issuer, c->issuer))
			continue;
		for (k = 0; k < l->n; k++)
			if (l->v[k].compromised == compromised &&
				span_eq(l->v[k].serial, c->serial))
				return arena_fmt(arena,
					"the certificate of '%s' is revoked in "
					"'%s'%s",
					c->called, b->list[i].file,
					compromised ? ", and not as merely "
						      "replaced or no longer "
						      "used"
						    : "");
	}
	return NULL;
}

const char *x509book_revoked(const struct x509book *b,
	const struct x509_facts *c, bool *compromised, struct arena *arena)
{
	const char *why;
	size_t i;

	*compromised = true;
	for (i = 0; i < b->compromised.n; i++)
		if (!memcmp(b->compromised.v[i].facts.key, c->key, X509_HASH))
			return arena_fmt(arena,
				"the key of '%s' is listed as compromised in "
				"'%s'",
				c->called, b->compromised.v[i].file);
	why = listed(b, c, true, arena);
	if (why)
		return why;
	*compromised = false;
	return listed(b, c, false, arena);
}

bool x509book_suspects(const struct x509book *b)
{
	size_t i, k;

	for (i = 0; i < b->nlist; i++)
		for (k = 0; k < b->list[i].list.n; k++)
			if (b->list[i].list.v[k].compromised)
				return true;
	return b->compromised.n > 0;
}
