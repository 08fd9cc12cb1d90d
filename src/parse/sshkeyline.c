#include "parse/sshkeyline.h"

#include "base/text.h"
#include "parse/sshcert.h"
#include "parse/sshpattern.h"

#define FOR_SECURITY_KEYS (SSHOPTION_NO_TOUCH | SSHOPTION_VERIFY)
#define FOR_PEOPLE                                                    \
	(FOR_SECURITY_KEYS | SSHOPTION_NAMESPACES | SSHOPTION_AFTER | \
		SSHOPTION_BEFORE)
#define FOR_SIGNERS (FOR_PEOPLE | SSHOPTION_AUTHORITY)

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

static int unsupported(const struct sshkey *key, struct err *err)
{
	struct buf shown = BUF_INIT(512);

	text_printable(&shown, key->name, 64);
	err_set(err, ERR_INPUT, "keys of type '%s' are not supported",
		buf_cstr(&shown));
	buf_free(&shown);
	if (sshcert_named(key->blob))
		return err_hint(err,
			"a certificate is no key of a person: list the key of "
			"its authority in 'allowed_signers', with the option "
			"cert-authority");
	return -1;
}

int sshkeyline_key(struct span line, struct arena *arena, struct sshkey *key,
	struct span *comment, struct err *err)
{
	struct buf blob = BUF_INIT(SSHKEY_BLOB_MAX);
	struct span type = word(&line), digits = word(&line);
	int ret = -1;

	if (!text_base64_read(digits, &blob) || !blob.n) {
		err_set(err, ERR_INPUT, "expected 'type base64 comment'");
		goto out;
	}
	if (sshkey_read(arena_copy(arena, buf_all(&blob)), key, err))
		goto out;
	if (!span_eq(type, key->name)) {
		err_set(err, ERR_INPUT, "the key is not of the type named");
		goto out;
	}
	*comment = line;
	ret = 0;
out:
	buf_free(&blob);
	return ret;
}

/* "type base64 comment", with a key that can sign. */
static int key_read(struct span line, struct arena *arena,
	struct sshkeyline *out, struct err *err)
{
	struct span comment;

	if (sshkeyline_key(line, arena, &out->key, &comment, err))
		return -1;
	if (out->key.type == SSHKEY_UNSUPPORTED)
		return unsupported(&out->key, err);
	out->comment = arena_copy(arena, comment);
	return 0;
}

/* Whether it starts with a key: a type that is known, or any word in front of a
 * blob that says the same. */
static bool key_first(struct span line)
{
	struct buf blob = BUF_INIT(SSHKEY_BLOB_MAX);
	struct span type = word(&line), digits = word(&line);
	struct err ignored = ERR_INIT;
	struct sshkey key;
	bool yes = sshkey_type_known(type);

	if (!yes && text_base64_read(digits, &blob) && blob.n &&
		!sshkey_read(buf_all(&blob), &key, &ignored))
		yes = span_eq(key.name, type);
	buf_free(&blob);
	return yes;
}

/* The first word, or what is in quotes there. */
static int principals_take(struct span *line, struct arena *arena,
	struct span *out, struct err *err)
{
	struct span s = *line, rest, pattern;
	size_t end;

	if (s.p[0] == '"') {
		s = span_from(s, 1);
		end = span_find(s, '"');
		if (end == SIZE_MAX)
			return err_set(err, ERR_INPUT,
				"the quote in front of the principals is not "
				"closed");
		*out = span_sub(s, 0, end);
		s = span_from(s, end + 1);
		if (s.n && s.p[0] != ' ' && s.p[0] != '\t')
			return err_set(err, ERR_INPUT,
				"expected white space behind the principals");
		*line = span_trim(s);
	} else {
		*out = word(line);
	}
	if (!out->n || !line->n)
		return err_set(
			err, ERR_INPUT, "expected 'principals type base64'");
	/* In the middle ssh-keygen takes it out and goes on. */
	if (span_find(*out, '"') != SIZE_MAX)
		return err_set(err, ERR_INPUT, "a quote among the principals");
	for (rest = *out; sshpattern_next(&rest, &pattern);)
		if (pattern.n > SSHPATTERN_MAX)
			return err_set(err, ERR_INPUT,
				"a principal of more than %d bytes",
				SSHPATTERN_MAX);
	*out = arena_copy(arena, *out);
	return 0;
}

static int line_read(struct span line, bool signers, struct arena *arena,
	struct sshkeyline *out, struct err *err)
{
	unsigned allowed = signers ? FOR_SIGNERS : FOR_PEOPLE;
	unsigned set;

	memset(out, 0, sizeof(*out));
	if (signers && principals_take(&line, arena, &out->principals, err))
		return -1;
	if (!key_first(line) &&
		sshoptions_read(&line, allowed, arena, &out->options, err))
		return -1;
	if (key_read(line, arena, out, err))
		return -1;
	set = out->options.set;
	/* A security key may be certified by any. */
	if ((set & FOR_SECURITY_KEYS) && !(set & SSHOPTION_AUTHORITY) &&
		!sshkey_is_sk(&out->key))
		return err_set(err, ERR_INPUT,
			"an option for security keys stands in front of "
			"another key");
	return 0;
}

static int file_read(struct span text, bool signers, struct arena *arena,
	struct sshkeyline **out, size_t *n, struct err *err)
{
	struct sshkeyline *v = NULL;
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
				"'-----BEGIN' block");
		/* Who reads lines as C strings stops there. */
		if (span_find(line, 0) != SIZE_MAX)
			return err_set(
				err, ERR_INPUT, "line %zu: a NUL byte", number);
		if (count == SSHKEYLINE_MAX)
			return err_set(err, ERR_LIMIT, "more than %d keys",
				SSHKEYLINE_MAX);
		v = arena_grow(arena, v, count, &cap, sizeof(*v));
		if (line_read(line, signers, arena, &v[count], err))
			return err_in(err, "line %zu", number);
		v[count++].number = number;
	}
	*out = v;
	*n = count;
	return 0;
}

int sshkeyline_file(struct span text, struct arena *arena,
	struct sshkeyline **out, size_t *n, struct err *err)
{
	if (file_read(text, false, arena, out, n, err))
		return -1;
	return *n ? 0 : err_set(err, ERR_INPUT, "no SSH public key in it");
}

int sshkeyline_signers(struct span text, struct arena *arena,
	struct sshkeyline **out, size_t *n, struct err *err)
{
	return file_read(text, true, arena, out, n, err);
}
