#include "gather/sshowner.h"

#include "base/text.h"
#include "parse/sshpattern.h"

static int by_text(const void *a, const void *b)
{
	const struct sshowner_address *x = a, *y = b;

	return span_cmp(x->text, y->text);
}

void sshowners_make(
	const struct policy *p, struct arena *arena, struct sshowners *out)
{
	size_t i, k, n = 0;

	for (i = 0; i < p->nperson; i++)
		n += p->person[i].nemail;
	out->v = arena_get(arena, n, sizeof(*out->v));
	out->n = 0;
	for (i = 0; i < p->nperson; i++)
		for (k = 0; k < p->person[i].nemail; k++)
			out->v[out->n++] = (struct sshowner_address){
				span_str(p->person[i].email[k]), &p->person[i]};
	if (n)
		qsort(out->v, n, sizeof(*out->v), by_text);
}

const struct person *sshowners_find(
	const struct sshowners *o, struct span address)
{
	const struct sshowner_address want = {.text = address}, *hit = NULL;

	if (o->n)
		hit = bsearch(&want, o->v, o->n, sizeof(*o->v), by_text);
	return hit ? hit->who : NULL;
}

static const char *shown(struct buf *b, struct span s)
{
	buf_reset(b);
	text_printable(b, s, 100);
	return b->n ? buf_cstr(b) : "";
}

int sshowners_known(
	const struct sshowners *o, struct span principals, struct err *err)
{
	struct buf name = BUF_INIT(1024);
	struct span one;
	int ret = 0;

	while (!ret && sshpattern_next(&principals, &one)) {
		if (!sshpattern_literal(one) || sshowners_find(o, one))
			continue;
		err_set(err, ERR_POLICY,
			"the principal '%s' is not an e-mail address of "
			"anybody in 'people'",
			shown(&name, one));
		ret = err_hint(err,
			"add it to the 'email' of its owner, with the same "
			"letters, or take the line out");
	}
	buf_free(&name);
	return ret;
}

/* What every text that fits the pattern starts with. */
static struct span prefix(struct span pattern)
{
	size_t n = 0;

	while (n < pattern.n && pattern.p[n] != '*' && pattern.p[n] != '?')
		n++;
	return span_sub(pattern, 0, n);
}

/* The first address that is not less than ${text}. */
static size_t lower(const struct sshowners *o, struct span text)
{
	size_t low = 0, high = o->n, at;

	while (low < high) {
		at = low + (high - low) / 2;
		if (span_cmp(o->v[at].text, text) < 0)
			low = at + 1;
		else
			high = at;
	}
	return low;
}

/* ${who} fits as well: whether that is still one person. */
static bool another(const struct person **found, const struct person *who)
{
	if (*found == who)
		return false;
	if (*found)
		return true;
	*found = who;
	return false;
}

int sshowners_one(const struct sshowners *o, struct span principals,
	const struct person **out, struct err *err)
{
	struct buf name = BUF_INIT(1024);
	const struct person *first = NULL, *second = NULL;
	struct span rest = principals, one;
	size_t i;

	*out = NULL;
	if (sshowners_known(o, principals, err))
		return -1;
	while (!second && sshpattern_next(&rest, &one)) {
		one = prefix(one);
		for (i = lower(o, one);
			!second && i < o->n && span_starts(o->v[i].text, one);
			i++)
			if (sshpattern_list(principals, o->v[i].text) ==
					SSHPATTERN_YES &&
				another(&first, o->v[i].who))
				second = o->v[i].who;
	}
	if (first && !second) {
		*out = first;
		return 0;
	}
	if (first)
		err_set(err, ERR_POLICY,
			"the principals '%s' fit addresses of '%s' and of "
			"'%s', expected one owner of a key",
			shown(&name, principals), first->name, second->name);
	else
		err_set(err, ERR_POLICY,
			"the principals '%s' fit no e-mail address of anybody "
			"in 'people'",
			shown(&name, principals));
	buf_free(&name);
	return -1;
}
