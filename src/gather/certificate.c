/*
 * The certificate of a signed push -> whose it is, and whether it is about this
 * push. git has already made updates of its lines, but takes others beside
 * them; and it stores it in the repository itself, not in the quarantine.
 */
#include "gather/gather.h"

#include "base/text.h"
#include "parse/pushcert.h"
#include "port/crypto.h"

static void wrong(struct certificate_point *p, const char *why)
{
	p->shown = false;
	p->detail = why;
}

static const char *shown(struct gather *g, struct span s)
{
	struct buf text = BUF_INIT(4096);
	const char *out;

	text_printable(&text, s, 200);
	out = arena_str(g->arena, buf_all(&text));
	buf_free(&text);
	return out;
}

/* The blob's bytes, and their digest; or why there are none. */
static void fetch(struct gather *g, struct certificate_fact *c)
{
	struct repo_object obj = {.held = NULL};
	struct err why = ERR_INIT;

	if (repo_read(g->repo, &c->blob, PUSHCERT_MAX, &obj, &why)) {
		c->malformed = arena_fmt(g->arena, "%s", why.text);
	} else if (obj.type != OBJECT_BLOB) {
		c->malformed = "what git names as the certificate is no blob";
	} else {
		c->text = arena_copy(g->arena, obj.data);
		sha256_hex(c->text, c->sha256);
	}
	repo_object_free(&obj);
}

static int by_ref(const void *a, const void *b)
{
	return span_cmp(((const struct ref_update *)a)->ref,
		((const struct ref_update *)b)->ref);
}

static struct ref_update *sorted(
	struct gather *g, const struct ref_update *v, size_t n)
{
	struct ref_update *copy = arena_get(g->arena, n + 1, sizeof(*copy));

	if (n)
		memcpy(copy, v, n * sizeof(*copy));
	qsort(copy, n, sizeof(*copy), by_ref);
	return copy;
}

/* Neither list has a ref twice: their parsers refuse that. */
static void commands(struct gather *g, const struct push *push,
	const struct pushcert *cert, struct certificate_point *out)
{
	const struct ref_update *a = sorted(g, push->up, push->nup);
	const struct ref_update *b = sorted(g, cert->up, cert->nup);
	size_t i = 0, k = 0;
	int r;

	while (i < push->nup || k < cert->nup) {
		r = i == push->nup       ? 1
			: k == cert->nup ? -1
					 : span_cmp(a[i].ref, b[k].ref);
		if (r < 0) {
			wrong(out,
				arena_fmt(g->arena,
					"it says nothing of '%s', which is "
					"pushed",
					shown(g, a[i].ref)));
			return;
		}
		if (r > 0) {
			wrong(out,
				arena_fmt(g->arena,
					"it has '%s', which is not pushed",
					shown(g, b[k].ref)));
			return;
		}
		if (!oid_eq(&a[i].old, &b[k].old) ||
			!oid_eq(&a[i].new, &b[k].new)) {
			wrong(out,
				arena_fmt(g->arena,
					"it has other values for '%s'",
					shown(g, a[i].ref)));
			return;
		}
		i++;
		k++;
	}
	out->shown = true;
}

static void options(const struct push_signed *sign, const struct pushcert *cert,
	struct certificate_point *out)
{
	size_t i;

	if (!sign->options_known) {
		wrong(out, "git does not tell all push options");
		return;
	}
	for (i = 0; i < sign->noption && i < cert->noption; i++)
		if (!span_eq(sign->option[i], cert->option[i]))
			break;
	if (i == sign->noption && i == cert->noption)
		out->shown = true;
	else
		wrong(out, "other push options were sent than were signed");
}

static void pushed_to(struct gather *g, const struct facts *f,
	const struct pushcert *cert, struct certificate_point *out)
{
	const char *name = f->push->repository;

	if (!cert->pushee.n)
		wrong(out, "it does not say for which repository");
	else if (policy_is_pushee(f->policy, span_str(name), cert->pushee))
		out->shown = true;
	else
		wrong(out,
			arena_fmt(g->arena,
				"made for '%s', which is no address of '%s'",
				shown(g, cert->pushee), name));
}

/* git has computed whether the nonce is its own. That it is the one in what was
 * signed is looked at here. */
static void fresh(const struct push_signed *sign, const struct pushcert *cert,
	struct certificate_fact *c)
{
	struct certificate_point *out = &c->fresh;

	switch (sign->nonce_status) {
	case NONCE_UNCHECKED:
		wrong(out,
			"git checked no nonce: the repository has no "
			"receive.certNonceSeed");
		return;
	case NONCE_UNSOLICITED:
		wrong(out, "it has a nonce, and the server gave none");
		return;
	case NONCE_MISSING:
		wrong(out, "it has no nonce");
		return;
	case NONCE_BAD:
		wrong(out, "its nonce is not one that this server gave");
		return;
	case NONCE_OK:
		/* With slop git passes on the nonce that it let pass. */
		out->shown = cert->nonce.n && span_is(cert->nonce, sign->nonce);
		break;
	case NONCE_SLOP:
		out->shown = cert->nonce.n > 0;
		c->slop = sign->slop;
		break;
	}
	if (!out->shown)
		wrong(out, "its nonce is not the one that git checked");
}

/* git counts nonces in seconds, and over http takes them for longer: without
 * this, a certificate would be good for a second push that asks for the same.
 * Compared is what was signed, since the form of a signature can be varied. */
static void unused(struct gather *g, const struct push_signed *sign,
	struct certificate_fact *c)
{
	size_t i;

	for (i = 0; i < sign->nused; i++) {
		if (strcmp(sign->used[i].sha256, c->signed_sha256))
			continue;
		wrong(&c->unused,
			arena_fmt(g->arena,
				"it got a push in before: entry %llu",
				(unsigned long long)sign->used[i].entry));
		return;
	}
	c->unused.shown = true;
}

static bool asks(const struct facts *f)
{
	size_t u;

	for (u = 0; u < f->push->nup; u++) {
		const struct rules *r = &f->update[u].rules;

		if (r->signature || r->approval || r->robot || r->identity)
			return true;
	}
	return false;
}

static int signer(struct gather *g, struct facts *f,
	const struct pushcert *cert, struct err *err)
{
	struct signature_fact *sig = &f->certificate.sig;
	struct signers *s;
	int ret;

	if (!asks(f)) {
		sig->status = SIGNATURE_UNCHECKED;
		return 0;
	}
	if (signers_open(g, f->policy, &s, err))
		return -1;
	ret = signature_judge(s, &cert->sig, f->push->time, sig, g->arena, err);
	signers_close(s);
	return ret;
}

int gather_certificate(struct gather *g, struct facts *f, struct err *err)
{
	const struct push_signed *sign = &f->push->sign;
	struct certificate_fact *c = &f->certificate;
	struct err why = ERR_INIT;
	struct pushcert cert;

	if (!sign->given)
		return 0;
	c->given = true;
	c->blob = sign->blob;
	c->sig.key = c->sig.detail = "";
	fetch(g, c);
	if (!c->malformed && pushcert_parse(c->text, g->arena, &cert, &why))
		c->malformed = arena_fmt(g->arena, "%s", why.text);
	if (c->malformed)
		return 0;
	c->pusher = cert.pusher;
	c->pushee = cert.pushee;
	c->nonce = cert.nonce;
	c->sig.kind = cert.sig.kind;
	sha256_hex(cert.sig.payload, c->signed_sha256);
	commands(g, f->push, &cert, &c->commands);
	options(sign, &cert, &c->options);
	pushed_to(g, f, &cert, &c->pushed_to);
	unused(g, sign, c);
	fresh(sign, &cert, c);
	return signer(g, f, &cert, err);
}
