#include "parse/tree.h"

#define MODE_DIGITS 7

enum object_type tree_type(unsigned mode)
{
	switch (mode & 0170000) {
	case 0040000:
		return OBJECT_TREE;
	case 0160000:
		return OBJECT_COMMIT;
	default:
		return OBJECT_BLOB;
	}
}

static int odd(struct err *err, const char *what)
{
	return err_set(err, ERR_INPUT, "a tree with %s", what);
}

int tree_next(struct span *rest, struct tree_entry *out, struct err *err)
{
	const unsigned char *p = rest->p, *end;
	size_t i;

	if (!rest->n)
		return 0;
	out->mode = 0;
	for (i = 0; i < rest->n && i < MODE_DIGITS; i++) {
		if (p[i] < '0' || p[i] > '7')
			break;
		out->mode = out->mode << 3 | (unsigned)(p[i] - '0');
	}
	if (!i || i == rest->n || p[i] != ' ')
		return odd(err, "an entry without a mode");
	p += ++i;
	end = memchr(p, 0, rest->n - i);
	if (!end)
		return odd(err, "an entry without an end of its name");
	out->name = span_of(p, (size_t)(end - p));
	i += out->name.n + 1;
	if (!out->name.n)
		return odd(err, "a name that is none");
	if (rest->n - i < OID_RAW)
		return odd(err, "an entry cut short");
	out->id = (const struct oid *)(rest->p + i);
	*rest = span_from(*rest, i + OID_RAW);
	return 1;
}
