#include "parse/sshcert.h"

#include "parse/sshwire.h"

#define TYPE_USER 1
#define TYPE_HOST 2

static const struct {
	const char *name, *plain;
} kinds[] = {
	{"ssh-ed25519-cert-v01@openssh.com", "ssh-ed25519"},
	{"ecdsa-sha2-nistp256-cert-v01@openssh.com", "ecdsa-sha2-nistp256"},
	{"ecdsa-sha2-nistp384-cert-v01@openssh.com", "ecdsa-sha2-nistp384"},
	{"ecdsa-sha2-nistp521-cert-v01@openssh.com", "ecdsa-sha2-nistp521"},
	{"ssh-rsa-cert-v01@openssh.com", "ssh-rsa"},
	{"sk-ssh-ed25519-cert-v01@openssh.com", "sk-ssh-ed25519@openssh.com"},
	{"sk-ecdsa-sha2-nistp256-cert-v01@openssh.com",
		"sk-ecdsa-sha2-nistp256@openssh.com"},
};

/* The name of the plain key, or NULL. */
static const char *plain_name(struct span name)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(kinds); i++)
		if (span_is(name, kinds[i].name))
			return kinds[i].plain;
	return NULL;
}

bool sshcert_named(struct span blob)
{
	struct sshwire w = {.rest = blob};

	return plain_name(sshwire_string(&w)) != NULL;
}

static bool has_nul(struct span s)
{
	return span_find(s, 0) != SIZE_MAX;
}

bool sshcert_principal(struct span *list, struct span *out)
{
	struct sshwire w = {.rest = *list};

	if (!list->n)
		return false;
	*out = sshwire_string(&w);
	*list = w.rest;
	return !w.bad;
}

static bool principals_good(struct span list)
{
	struct sshwire w = {.rest = list};
	size_t n = 0;

	while (w.rest.n && !w.bad)
		if (has_nul(sshwire_string(&w)) || ++n > SSHCERT_PRINCIPALS_MAX)
			return false;
	return !w.bad;
}

/* Pairs of a name and contents. Of those with contents none is known. */
static bool options_read(struct span list, bool critical, struct sshcert *c)
{
	struct sshwire w = {.rest = list};
	struct span name, data, last = SPAN_EMPTY;

	while (w.rest.n) {
		name = sshwire_string(&w);
		data = sshwire_string(&w);
		if (w.bad || !name.n || has_nul(name) ||
			(last.n && span_cmp(last, name) >= 0))
			return false;
		last = name;
		if (!critical)
			c->no_touch |=
				!data.n && span_is(name, "no-touch-required");
		else if (!data.n && span_is(name, "verify-required"))
			c->verify = true;
		else if (!c->critical.n)
			c->critical = name;
	}
	return true;
}

/* From behind the key to the authority's key. */
static bool terms_read(struct sshwire *w, struct sshcert *c)
{
	struct span critical, extensions, reserved;
	uint32_t type;

	c->serial = sshwire_u64(w);
	type = sshwire_u32(w);
	c->user = type == TYPE_USER;
	c->key_id = sshwire_string(w);
	c->principals = sshwire_string(w);
	c->after = sshwire_u64(w);
	c->before = sshwire_u64(w);
	critical = sshwire_string(w);
	extensions = sshwire_string(w);
	reserved = sshwire_string(w);
	return !w->bad && (type == TYPE_USER || type == TYPE_HOST) &&
		!has_nul(c->key_id) && !reserved.n &&
		principals_good(c->principals) &&
		options_read(critical, true, c) &&
		options_read(extensions, false, c);
}

int sshcert_read(struct span blob, struct sshcert *out, struct err *err)
{
	struct sshwire w = {.rest = blob}, before;
	const char *name = plain_name(sshwire_string(&w));
	struct span authority, proof;

	memset(out, 0, sizeof(*out));
	if (blob.n > SSHKEY_BLOB_MAX)
		return err_set(err, ERR_LIMIT,
			"an SSH certificate of more than %u bytes",
			SSHKEY_BLOB_MAX);
	if (!name)
		return err_set(err, ERR_INPUT, "not an SSH certificate");
	sshwire_string(&w); /* chosen by the authority, so that what it signs
			     * cannot be foreseen */
	before = w;
	if (!sshkey_fields(&w, span_str(name), &out->key))
		goto damaged;
	out->fields = span_sub(before.rest, 0, before.rest.n - w.rest.n);
	if (!terms_read(&w, out))
		goto damaged;
	authority = sshwire_string(&w);
	out->covered = span_sub(blob, 0, blob.n - w.rest.n);
	proof = sshwire_string(&w);
	if (!sshwire_end(&w))
		goto damaged;
	if (sshkey_read(authority, &out->authority, err)) {
		memset(out, 0, sizeof(*out));
		return err_in(err, "the certificate's authority");
	}
	if (out->authority.type != SSHKEY_UNSUPPORTED &&
		!sshproof_read(proof, &out->authority, &out->proof))
		goto damaged;
	return 0;
damaged:
	memset(out, 0, sizeof(*out));
	return err_set(err, ERR_INPUT, "the SSH certificate is damaged");
}

void sshcert_plain(const struct sshcert *cert, struct buf *out)
{
	sshwire_put(out, cert->key.name);
	buf_span(out, cert->fields);
}
