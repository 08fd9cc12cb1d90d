#include "parse/sshkey.h"

#include "base/text.h"
#include "parse/sshwire.h"

#define FILE_KEYS_MAX 4096
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

int sshkey_read(struct span blob, struct sshkey *out, struct err *err)
{
	struct sshwire w = {.rest = blob};
	size_t i;

	memset(out, 0, sizeof(*out));
	if (blob.n > SSHKEY_BLOB_MAX)
		return err_set(err, ERR_LIMIT,
			"an SSH key of more than %u bytes", SSHKEY_BLOB_MAX);
	out->blob = blob;
	out->name = sshwire_string(&w);
	if (w.bad || !out->name.n)
		return err_set(err, ERR_INPUT, "not an SSH public key");
	for (i = 0; i < ARRAY_LEN(kinds); i++)
		if (span_is(out->name, kinds[i].name))
			break;
	if (i == ARRAY_LEN(kinds))
		return 0;
	if (kinds[i].type == SSHKEY_RSA) {
		out->e = sshwire_number(&w);
		out->n = sshwire_number(&w);
		out->bits = bit_length(out->n);
		if (out->bits < RSA_BITS_MIN || out->bits > RSA_BITS_MAX)
			w.bad = true;
	} else {
		if (kinds[i].curve &&
			!span_is(sshwire_string(&w), kinds[i].curve))
			w.bad = true;
		out->point = sshwire_string(&w);
		if (out->point.n != kinds[i].point ||
			(kinds[i].curve && out->point.p[0] != 4))
			w.bad = true;
	}
	if (!sshwire_end(&w)) {
		memset(out, 0, sizeof(*out));
		return err_set(err, ERR_INPUT, "the SSH public key is damaged");
	}
	out->type = kinds[i].type;
	return 0;
}

static struct span word(struct span *line)
{
	size_t n = 0;
	struct span w;

	while (n < line->n && line->p[n] != ' ' && line->p[n] != '\t')
		n++;
	w = span_sub(*line, 0, n);
	*line = span_trim(span_from(*line, n));
	return w;
}

static int key_line(struct span line, struct arena *arena, struct sshkey *out,
	struct err *err)
{
	struct buf blob = BUF_INIT(SSHKEY_BLOB_MAX);
	struct span type = word(&line), digits = word(&line);
	int ret = -1;

	if (!text_base64_read(digits, &blob) || !blob.n) {
		err_set(err, ERR_INPUT,
			"expected 'type base64 comment', without options");
		goto out;
	}
	if (sshkey_read(arena_copy(arena, buf_all(&blob)), out, err))
		goto out;
	if (!span_eq(type, out->name)) {
		err_set(err, ERR_INPUT, "the key is not of the type named");
		goto out;
	}
	out->comment = arena_copy(arena, line);
	ret = 0;
out:
	buf_free(&blob);
	return ret;
}

int sshkey_file(struct span text, struct arena *arena, struct sshkey **out,
	size_t *n, struct err *err)
{
	struct sshkey *v = NULL;
	size_t cap = 0, count = 0, number = 0;
	struct span line;

	*out = NULL;
	*n = 0;
	while (span_line(&text, &line, NULL)) {
		number++;
		line = span_trim(line);
		if (line.n == 0 || line.p[0] == '#')
			continue;
		if (span_starts(line, SPAN_LIT("-----BEGIN ")))
			return err_set(err, ERR_INPUT,
				"expected a public key line, not a "
				"'-----BEGIN' "
				"block");
		if (count == FILE_KEYS_MAX)
			return err_set(err, ERR_LIMIT, "more than %d keys",
				FILE_KEYS_MAX);
		v = arena_grow(arena, v, count, &cap, sizeof(*v));
		if (key_line(line, arena, &v[count], err))
			return err_in(err, "line %zu", number);
		count++;
	}
	if (!count)
		return err_set(err, ERR_INPUT, "no SSH public key in it");
	*out = v;
	*n = count;
	return 0;
}
