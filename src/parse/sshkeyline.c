#include "parse/sshkeyline.h"

#include "base/text.h"

#define FOR_SECURITY_KEYS (SSHOPTION_NO_TOUCH | SSHOPTION_VERIFY)

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

static int unsupported(struct span type, struct err *err)
{
	struct buf shown = BUF_INIT(512);

	text_printable(&shown, type, 64);
	err_set(err, ERR_INPUT, "keys of type '%s' are not supported",
		buf_cstr(&shown));
	buf_free(&shown);
	return -1;
}

/* "type base64 comment" */
static int key_read(struct span line, struct arena *arena,
	struct sshkeyline *out, struct err *err)
{
	struct buf blob = BUF_INIT(SSHKEY_BLOB_MAX);
	struct span type = word(&line), digits = word(&line);
	int ret = -1;

	if (!text_base64_read(digits, &blob) || !blob.n) {
		err_set(err, ERR_INPUT, "expected 'type base64 comment'");
		goto out;
	}
	if (sshkey_read(arena_copy(arena, buf_all(&blob)), &out->key, err))
		goto out;
	if (!span_eq(type, out->key.name)) {
		err_set(err, ERR_INPUT, "the key is not of the type named");
		goto out;
	}
	if (out->key.type == SSHKEY_UNSUPPORTED) {
		unsupported(type, err);
		goto out;
	}
	out->comment = arena_copy(arena, line);
	ret = 0;
out:
	buf_free(&blob);
	return ret;
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

int sshkeyline_read(struct span line, unsigned allowed, struct arena *arena,
	struct sshkeyline *out, struct err *err)
{
	memset(out, 0, sizeof(*out));
	if (!key_first(line) &&
		sshoptions_read(&line, allowed, &out->options, err))
		return -1;
	if (key_read(line, arena, out, err))
		return -1;
	if ((out->options.set & FOR_SECURITY_KEYS) && !sshkey_is_sk(&out->key))
		return err_set(err, ERR_INPUT,
			"an option for security keys stands in front of "
			"another key");
	return 0;
}

int sshkeyline_file(struct span text, struct arena *arena,
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
		if (count == SSHKEYLINE_MAX)
			return err_set(err, ERR_LIMIT, "more than %d keys",
				SSHKEYLINE_MAX);
		v = arena_grow(arena, v, count, &cap, sizeof(*v));
		if (sshkeyline_read(
			    line, FOR_SECURITY_KEYS, arena, &v[count], err))
			return err_in(err, "line %zu", number);
		v[count++].number = number;
	}
	if (!count)
		return err_set(err, ERR_INPUT, "no SSH public key in it");
	*out = v;
	*n = count;
	return 0;
}
