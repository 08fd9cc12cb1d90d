#include "log/keychain.h"

static int bad(struct err *err, const char *why)
{
	return err_set(err, ERR_LOG, "keys of the log: %s", why);
}

static bool same(const struct note_key *a, const struct note_key *b)
{
	return a->type == b->type && a->nkey == b->nkey &&
		!memcmp(a->key, b->key, a->nkey) && !strcmp(a->name, b->name);
}

const struct note_key *keychain_key(const struct keychain *c, size_t i)
{
	if (!c->n)
		return &c->pinned;
	return i < c->n ? &c->link[i].old : &c->link[c->n - 1].new;
}

bool keychain_find(
	const struct keychain *c, const struct note_key *key, size_t *i)
{
	for (*i = 0; *i <= c->n; (*i)++)
		if (same(keychain_key(c, *i), key))
			return true;
	return false;
}

static bool is_ours(const struct note_key *k)
{
	return k->type == NOTE_ED25519 && k->nkey == 32 && key_fits(k);
}

int keychain_link(struct span note, struct arena *a, struct rotation *out,
	struct err *err)
{
	struct rotation r;
	struct note n;

	memset(out, 0, sizeof(*out));
	if (rotation_parse(note, a, &r, err) || note_parse(note, a, &n, err)) {
		err->code = ERR_LOG;
		return -1;
	}
	if (!is_ours(&r.old) || !is_ours(&r.new))
		return bad(err,
			"a key of another type, or its hash "
			"does not fit");
	if (key_check(&r.old, &n) != NOTE_GOOD)
		return bad(err, "the old key did not sign the change");
	if (key_check(&r.new, &n) != NOTE_GOOD)
		return bad(err, "the new key did not sign the change");
	*out = r;
	return 0;
}

static int check_next(
	const struct keychain *c, const struct rotation *r, struct err *err)
{
	size_t i;

	if (!same(keychain_key(c, c->n), &r->old) ||
		(c->n && r->size <= c->link[c->n - 1].size))
		return bad(err,
			"a change does not begin where the one before "
			"ended");
	if (keychain_find(c, &r->new, &i))
		return bad(err, "a key that was retired comes again");
	if (c->n == ROTATIONS_MAX)
		return err_set(err, ERR_LIMIT, "more than %u changes of keys",
			ROTATIONS_MAX);
	return 0;
}

int keychain_next(const struct keychain *c, struct span note, struct arena *a,
	struct rotation *out, struct err *err)
{
	return keychain_link(note, a, out, err) || check_next(c, out, err) ? -1
									   : 0;
}

/* After those that are there; the first one may begin with any key. */
static int add_link(struct keychain *c, struct rotation *r, size_t *cap,
	struct arena *a, struct err *err)
{
	if (c->n && check_next(c, r, err))
		return -1;
	c->link = arena_grow(a, c->link, c->n, cap, sizeof(*c->link));
	c->link[c->n] = *r;
	c->link[c->n++].note = arena_copy(a, r->note);
	return 0;
}

static bool known(const struct keychain *c, size_t i, struct span note)
{
	return i < c->n && span_eq(c->link[i].note, note);
}

int keychain_add(
	struct keychain *c, struct span rest, struct arena *a, struct err *err)
{
	struct keychain all = {.pinned = c->pinned};
	struct span note;
	struct rotation r;
	size_t cap = 0;

	if (!rest.n)
		return 0;
	while (rotation_next(&rest, &note)) {
		/* Signatures that were looked at are not looked at again. */
		if (known(c, all.n, note))
			r = c->link[all.n];
		else if (keychain_link(note, a, &r, err))
			return -1;
		if (add_link(&all, &r, &cap, a, err))
			return -1;
	}
	if (rest.n || !all.n)
		return bad(err, "cut short");
	/* A file that is behind takes nothing back. */
	if (all.n <= c->n && known(c, all.n - 1, all.link[all.n - 1].note))
		return 0;
	if (!keychain_find(&all, &c->pinned, &all.at)) {
		bad(err, "the trusted one is none of them");
		return err_hint(err,
			"it is an old copy, or another log of the same name, "
			"or they were made up: do not trust it before you know "
			"which");
	}
	if (all.n < c->n ||
		(c->n && !known(&all, c->n - 1, c->link[c->n - 1].note)))
		return bad(err, "two different histories of them");
	*c = all;
	return 0;
}

int keychain_read(struct span text, struct arena *a, struct keychain *out,
	struct err *err)
{
	struct keychain c = {.n = 0};
	struct span line, rest = text;

	memset(out, 0, sizeof(*out));
	if (!span_line(&rest, &line, NULL))
		line = SPAN_EMPTY;
	/* A key alone may have white space round it. */
	if (!span_trim(rest).n || !span_trim(line).n)
		return key_read(text, NOTE_ED25519, &out->pinned, err);
	if (key_read(line, NOTE_ED25519, &c.pinned, err) ||
		keychain_add(&c, rest, a, err))
		return -1;
	*out = c;
	return 0;
}

int keychain_fetch(struct keychain *c, struct log_source *src, struct arena *a,
	struct err *err)
{
	struct buf text = BUF_INIT(ROTATIONS_TEXT_MAX);
	bool found;
	int ret = log_source_get(
		src, KEYCHAIN_FILE, ROTATIONS_TEXT_MAX, &text, &found, err);

	/* Some servers have an answer for what is not there. */
	if (!ret && found && rotation_begins(buf_all(&text)))
		ret = keychain_add(c, buf_all(&text), a, err);
	if (ret)
		err_in(err, "'%s'", log_source_name(src));
	buf_free(&text);
	return ret;
}

void keychain_notes(const struct keychain *c, struct buf *out)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		buf_span(out, c->link[i].note);
}

void keychain_text(const struct keychain *c, struct buf *out)
{
	note_key_text(keychain_key(c, c->n), out);
	buf_byte(out, '\n');
	keychain_notes(c, out);
}

/* The sizes whose checkpoints key ${i} signs. */
static bool signs_at(const struct keychain *c, size_t i, uint64_t size)
{
	return (!i || size > c->link[i - 1].size) &&
		(i == c->n || size <= c->link[i].size + 1);
}

/* Whether the trusted key leads to key ${i}. */
static bool leads_to(const struct keychain *c, unsigned ways, size_t i)
{
	size_t from = i < c->at ? i : c->at, to = i < c->at ? c->at : i;

	if (i < c->at && !(ways & KEYCHAIN_BACK))
		return false;
	while (from < to &&
		(!c->link[from].compromised || (ways & KEYCHAIN_OWN)))
		from++;
	return from == to;
}

/* From the trusted key on. */
static int check_given_up(const struct keychain *c, struct err *err)
{
	size_t i = c->at;

	while (i < c->n && !c->link[i].compromised)
		i++;
	if (i == c->n)
		return 0;
	err_set(err, ERR_LOG,
		"the trusted key of '%s'%s was given up as compromised, in "
		"entry %llu",
		c->pinned.name, i > c->at ? ", or one that it leads to," : "",
		(unsigned long long)c->link[i].size);
	return err_hint(err,
		"whoever stole it may have signed that as well: take the new "
		"key from where you trust it");
}

static int refuse(
	const struct keychain *c, size_t retired, bool any, struct err *err)
{
	if (!any)
		return err_set(err, ERR_LOG,
			"checkpoint: not signed by the key '%s'",
			c->pinned.name);
	if (retired < c->n)
		err_set(err, ERR_LOG,
			"checkpoint: signed by a key of '%s' that entry %llu "
			"retired",
			c->pinned.name,
			(unsigned long long)c->link[retired].size);
	else
		err_set(err, ERR_LOG,
			"checkpoint: signed by a key of '%s' at a size before "
			"it was one",
			c->pinned.name);
	return err_hint(err,
		"whoever signed it has a key that may sign nothing any more: "
		"see docs/keys.md");
}

int keychain_open(const struct keychain *c, unsigned ways, struct span in,
	struct arena *a, struct checkpoint *out, size_t *which, struct err *err)
{
	size_t i, good = 0, retired = 0;
	bool found = false, any = false;
	struct checkpoint p;
	struct note note;

	memset(out, 0, sizeof(*out));
	if (note_parse(in, a, &note, err) ||
		checkpoint_parse(note.text, &p, err)) {
		err->code = ERR_LOG;
		return err_in(err, "checkpoint");
	}
	if (!(ways & KEYCHAIN_OWN) && check_given_up(c, err))
		return -1;
	for (i = 0; i <= c->n; i++) {
		const struct note_key *k = keychain_key(c, i);
		enum note_verdict v = key_check(k, &note);

		if (v == NOTE_FALSE)
			return err_set(err, ERR_LOG,
				"checkpoint: the signature of '%s' is false",
				k->name);
		if (v != NOTE_GOOD || !leads_to(c, ways, i))
			continue;
		if (signs_at(c, i, p.size)) {
			/* Of two, the one that is trusted anyway. */
			if (!found || i == c->at)
				good = i;
			found = true;
		} else {
			retired = i;
			any = true;
		}
	}
	if (!found)
		return refuse(c, retired, any, err);
	if (!span_is(p.origin, c->pinned.name))
		return err_set(err, ERR_LOG,
			"checkpoint: of the log '%.*s', not '%s'",
			SPAN_FMT(p.origin), c->pinned.name);
	*out = p;
	*which = good;
	return 0;
}

int checkpoint_open(const struct note_key *k, struct span in, struct arena *a,
	struct checkpoint *out, struct err *err)
{
	const struct keychain c = {.pinned = *k};
	size_t i;

	return keychain_open(&c, KEYCHAIN_ON, in, a, out, &i, err);
}
