#include "parse/tlogpolicy.h"

#include "base/text.h"

struct reader {
	struct tlogpolicy p;
	struct arena *arena;
	struct err *err;
	unsigned line;
	bool quorum; /* the line was there */
};

static int bad(struct reader *r, const char *why, struct span what)
{
	return err_set(r->err, ERR_INPUT, "line %u: %s '%.*s'", r->line, why,
		(int)(what.n < 80 ? what.n : 80), (const char *)what.p);
}

/* Fields are split by one or more spaces or tabs. */
static bool word(struct span *rest, struct span *out)
{
	size_t n = 0;

	*rest = span_trim(*rest);
	while (n < rest->n && rest->p[n] != ' ' && rest->p[n] != '\t')
		n++;
	*out = span_sub(*rest, 0, n);
	*rest = span_from(*rest, n);
	return n > 0;
}

static int key_of(struct reader *r, struct span text, struct note_key *out)
{
	size_t i;

	if (note_key_parse(text, out, r->err))
		return err_in(r->err, "line %u", r->line);
	for (i = 0; i < r->p.nlog; i++)
		if (r->p.log[i].key.nkey == out->nkey &&
			!memcmp(r->p.log[i].key.key, out->key, out->nkey))
			return bad(r, "a key that stands here twice:", text);
	for (i = 0; i < r->p.nnode; i++)
		if (r->p.node[i].key.nkey == out->nkey &&
			!memcmp(r->p.node[i].key.key, out->key, out->nkey))
			return bad(r, "a key that stands here twice:", text);
	return 0;
}

/* The optional address, and nothing behind it. */
static int url_of(struct reader *r, struct span *rest, struct span *out)
{
	struct span more;

	if (!word(rest, out))
		*out = SPAN_EMPTY;
	if (out->n && !span_starts(*out, SPAN_LIT("https://")) &&
		!span_starts(*out, SPAN_LIT("http://")))
		return bad(r, "not an address:", *out);
	if (word(rest, &more))
		return bad(r, "more than an address:", more);
	return 0;
}

static int read_log(struct reader *r, struct span rest)
{
	struct tlogpolicy_log *l = &r->p.log[r->p.nlog];
	struct span key;

	if (r->p.nlog == TLOGPOLICY_LOGS_MAX)
		return bad(r, "too many logs:", rest);
	if (!word(&rest, &key))
		return bad(r, "no key behind", SPAN_LIT("log"));
	if (key_of(r, key, &l->key) || url_of(r, &rest, &l->url))
		return -1;
	r->p.nlog++;
	return 0;
}

static bool find(const struct tlogpolicy *p, struct span name, size_t *out)
{
	for (*out = 0; *out < p->nnode; ++*out)
		if (span_eq(p->node[*out].name, name))
			return true;
	return false;
}

/* A new node of that name, not counted yet. */
static struct tlogpolicy_node *named(
	struct reader *r, struct span *rest, const char *what)
{
	struct tlogpolicy_node *n = &r->p.node[r->p.nnode];
	size_t at;

	*n = (struct tlogpolicy_node){0};
	if (r->p.nnode == TLOGPOLICY_NODES_MAX)
		bad(r, "too many witnesses and groups:", *rest);
	else if (!word(rest, &n->name))
		bad(r, "no name behind", span_str(what));
	else if (span_is(n->name, "none"))
		bad(r, "a name that is taken:", n->name);
	else if (find(&r->p, n->name, &at))
		bad(r, "a name that stands here twice:", n->name);
	else
		return n;
	return NULL;
}

static int read_witness(struct reader *r, struct span rest)
{
	struct tlogpolicy_node *n = named(r, &rest, "witness");
	struct span key;

	if (!n)
		return -1;
	if (!word(&rest, &key))
		return bad(r, "no key for", n->name);
	if (key_of(r, key, &n->key) || url_of(r, &rest, &n->url))
		return -1;
	r->p.nnode++;
	return 0;
}

static int read_group(struct reader *r, struct span rest)
{
	struct tlogpolicy_node *n = named(r, &rest, "group");
	struct span how, name;
	uint64_t k = 0;
	size_t at;

	if (!n)
		return -1;
	if (!word(&rest, &how))
		return bad(r, "no 'all', 'any' or number for", n->name);
	n->member =
		arena_get(r->arena, TLOGPOLICY_NODES_MAX, sizeof(*n->member));
	while (word(&rest, &name)) {
		if (!find(&r->p, name, &at))
			return bad(r, "a member that nothing defines:", name);
		if (r->p.node[at].grouped)
			return bad(r, "a member of two groups:", name);
		r->p.node[at].grouped = true;
		n->member[n->nmember++] = at;
	}
	if (!n->nmember)
		return bad(r, "no members in", n->name);
	if (span_is(how, "all"))
		n->need = n->nmember;
	else if (span_is(how, "any"))
		n->need = 1;
	else if (text_to_u64(how, n->nmember, &k) && k > 0)
		n->need = (size_t)k;
	else
		return bad(r, "not 'all', 'any' or a number of members:", how);
	r->p.nnode++;
	return 0;
}

static int read_quorum(struct reader *r, struct span rest)
{
	struct span name, more;
	size_t at;

	if (r->quorum)
		return bad(r, "a second", SPAN_LIT("quorum"));
	if (!word(&rest, &name))
		return bad(r, "no name behind", SPAN_LIT("quorum"));
	if (word(&rest, &more))
		return bad(r, "more than a name:", more);
	r->quorum = true;
	if (span_is(name, "none"))
		return 0;
	if (!find(&r->p, name, &at))
		return bad(r, "a quorum that nothing defines:", name);
	r->p.quorum = &r->p.node[at];
	return 0;
}

static int read_line(struct reader *r, struct span line)
{
	static const struct {
		const char *name;
		int (*read)(struct reader *r, struct span rest);
	} kinds[] = {
		{"log", read_log},
		{"witness", read_witness},
		{"group", read_group},
		{"quorum", read_quorum},
	};
	struct span first;
	size_t i;

	if (!word(&line, &first) || first.p[0] == '#')
		return 0;
	for (i = 0; i < ARRAY_LEN(kinds); i++)
		if (span_is(first, kinds[i].name))
			return kinds[i].read(r, line);
	return bad(r, "neither log, witness, group nor quorum:", first);
}

int tlogpolicy_parse(struct span text, struct arena *a, struct tlogpolicy *out,
	struct err *err)
{
	struct reader r = {.arena = a, .err = err};
	struct span line;

	memset(out, 0, sizeof(*out));
	if (text.n > TLOGPOLICY_MAX)
		return err_set(
			err, ERR_LIMIT, "larger than %u bytes", TLOGPOLICY_MAX);
	if (!text_is_utf8(text))
		return err_set(err, ERR_INPUT, "not UTF-8");
	/* One more than may be: where the next is read into. */
	r.p.log = arena_get(a, TLOGPOLICY_LOGS_MAX + 1, sizeof(*r.p.log));
	r.p.node = arena_get(a, TLOGPOLICY_NODES_MAX + 1, sizeof(*r.p.node));
	while (span_line(&text, &line, NULL)) {
		r.line++;
		if (read_line(&r, line))
			return -1;
	}
	if (!r.quorum)
		return err_set(err, ERR_INPUT, "no quorum line");
	*out = r.p;
	return 0;
}

bool tlogpolicy_met(const struct tlogpolicy *p, const bool *cosigned)
{
	bool met[TLOGPOLICY_NODES_MAX];
	size_t i, k, n;

	if (!p->quorum)
		return true;
	/* Members stand before their group. */
	for (i = 0; i < p->nnode; i++) {
		const struct tlogpolicy_node *g = &p->node[i];

		met[i] = cosigned[i];
		if (!g->member)
			continue;
		for (n = k = 0; k < g->nmember; k++)
			n += met[g->member[k]];
		met[i] = n >= g->need;
	}
	return met[p->quorum - p->node];
}
