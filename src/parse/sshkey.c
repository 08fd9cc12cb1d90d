#include "parse/sshkey.h"

#include "parse/sshwire.h"

#define RSA_BITS_MIN 512
#define RSA_BITS_MAX 16384

static const struct {
	const char *name, *curve;
	enum sshkey_type type;
	size_t point;
} kinds[] = {
	{"ssh-ed25519", NULL, SSHKEY_ED25519, 32},
	{"ecdsa-sha2-nistp256", "nistp256", SSHKEY_P256, 65},
	{"ecdsa-sha2-nistp384", "nistp384", SSHKEY_P384, 97},
	{"ecdsa-sha2-nistp521", "nistp521", SSHKEY_P521, 133},
	{"ssh-rsa", NULL, SSHKEY_RSA, 0},
	{"sk-ssh-ed25519@openssh.com", NULL, SSHKEY_SK_ED25519, 32},
	{"sk-ecdsa-sha2-nistp256@openssh.com", "nistp256", SSHKEY_SK_P256, 65},
};

static unsigned bit_length(struct span n)
{
	unsigned bits = (unsigned)n.n * 8;
	unsigned char top = n.n ? n.p[0] : 0;

	while (bits && !(top & 0x80)) {
		top = (unsigned char)(top << 1);
		bits--;
	}
	return bits;
}

/* The index in kinds, or their number. */
static size_t kind_named(struct span name)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(kinds); i++)
		if (span_is(name, kinds[i].name))
			break;
	return i;
}

bool sshkey_type_known(struct span name)
{
	return kind_named(name) < ARRAY_LEN(kinds);
}

static void rsa(struct sshwire *w, struct sshkey *out)
{
	out->e = sshwire_number(w);
	out->n = sshwire_number(w);
	out->bits = bit_length(out->n);
	if (out->bits < RSA_BITS_MIN || out->bits > RSA_BITS_MAX)
		w->bad = true;
}

static void curve(struct sshwire *w, size_t kind, struct sshkey *out)
{
	const char *name = kinds[kind].curve;

	if (name && !span_is(sshwire_string(w), name))
		w->bad = true;
	out->point = sshwire_string(w);
	if (out->point.n != kinds[kind].point || (name && out->point.p[0] != 4))
		w->bad = true;
}

bool sshkey_fields(struct sshwire *w, struct span name, struct sshkey *out)
{
	size_t i = kind_named(name);

	memset(out, 0, sizeof(*out));
	if (i == ARRAY_LEN(kinds))
		return false;
	out->name = name;
	out->type = kinds[i].type;
	if (out->type == SSHKEY_RSA)
		rsa(w, out);
	else
		curve(w, i, out);
	if (sshkey_is_sk(out)) {
		out->application = sshwire_string(w);
		/* Its hash is signed; others stop at a NUL. */
		if (!out->application.n ||
			span_find(out->application, 0) != SIZE_MAX)
			w->bad = true;
	}
	return !w->bad;
}

int sshkey_read(struct span blob, struct sshkey *out, struct err *err)
{
	struct sshwire w = {.rest = blob};
	struct span name = sshwire_string(&w);

	memset(out, 0, sizeof(*out));
	if (blob.n > SSHKEY_BLOB_MAX)
		return err_set(err, ERR_LIMIT,
			"an SSH key of more than %u bytes", SSHKEY_BLOB_MAX);
	if (w.bad || !name.n)
		return err_set(err, ERR_INPUT, "not an SSH public key");
	if (sshkey_type_known(name) &&
		(!sshkey_fields(&w, name, out) || !sshwire_end(&w))) {
		memset(out, 0, sizeof(*out));
		return err_set(err, ERR_INPUT, "the SSH public key is damaged");
	}
	out->name = name;
	out->blob = blob;
	return 0;
}
