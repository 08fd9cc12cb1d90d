#include "log/witnessed.h"

#include <errno.h>

#include "base/io.h"
#include "log/cosign.h"
#include "log/store.h"
#include "parse/addcheckpoint.h"
#include "port/trustfile.h"

#define ARENA_MAX ((size_t)4 << 20)

int witnessed_policy(const char *path, struct arena *a, struct tlogpolicy *out,
	struct err *err)
{
	struct buf text = BUF_INIT(TLOGPOLICY_MAX);
	int ret = -1;
	size_t i;

	if (trustfile_read(path, &text, err) ||
		tlogpolicy_parse(arena_copy(a, buf_all(&text)), a, out, err)) {
		err_in(err, "'%s'", path);
		goto out;
	}
	for (i = 0; i < out->nnode; i++) {
		const struct tlogpolicy_node *n = &out->node[i];

		if (n->member)
			continue;
		if (n->key.type != NOTE_COSIGN || n->key.nkey != 32 ||
			!key_fits(&n->key)) {
			err_set(err, ERR_POLICY,
				"'%s': the key of '%.*s' is not a witness's of "
				"type Ed25519 whose hash fits",
				path, SPAN_FMT(n->name));
			goto out;
		}
	}
	ret = 0;
out:
	buf_free(&text);
	return ret;
}

int witnessed_by(const struct tlogpolicy *p, const struct note *note,
	struct witnessed *out, struct err *err)
{
	size_t i;

	memset(out, 0, sizeof(*out));
	for (i = 0; i < p->nnode; i++) {
		if (p->node[i].member)
			continue;
		switch (cosign_check(&p->node[i].key, note, &out->time[i])) {
		case NOTE_GOOD:
			out->cosigned[i] = true;
			out->n++;
			break;
		case NOTE_FALSE:
			return err_set(err, ERR_LOG,
				"the cosignature of '%s' is false",
				p->node[i].key.name);
		case NOTE_UNSIGNED:
			break;
		}
	}
	out->quorum = tlogpolicy_met(p, out->cosigned);
	return 0;
}

int witnessed_ask(struct log_reader *r, uint64_t old, struct span note,
	struct buf *out, struct err *err)
{
	struct addcheckpoint a = {.old = old, .checkpoint = note};
	struct hash root;

	if (old > log_size(r))
		return err_set(err, ERR_LOG,
			"the witness has seen %llu entries, and the log has "
			"%llu: it was rolled back, or is another",
			(unsigned long long)old,
			(unsigned long long)log_size(r));
	if (old && old < log_size(r) &&
		log_growth(r, old, &a.growth, &root, err))
		return -1;
	addcheckpoint_text(&a, out);
	return buf_check(out, "request", err);
}

/* The text that is signed: up to and without the empty line. */
static bool same_text(struct span a, struct span b, struct arena *arena)
{
	struct err none = ERR_INIT;
	struct note x, y;

	return !note_parse(a, arena, &x, &none) &&
		!note_parse(b, arena, &y, &none) && span_eq(x.text, y.text);
}

int witnessed_begin(const char *state, struct log_reader *r, struct buf *out,
	struct err *err)
{
	struct arena *arena = arena_new(ARENA_MAX);
	struct buf path = PATH_BUF_INIT;
	int lock = -1, ret = -1;

	buf_reset(out);
	if (store_lock(state, &lock, err))
		goto out;
	store_path(&path, state, WITNESSED_ASKED);
	if (io_read_file(buf_cstr(&path), out, err)) {
		if (err->sys != ENOENT)
			goto out;
		*err = (struct err)ERR_INIT;
	}
	if (!same_text(buf_all(out), log_checkpoint(r), arena)) {
		buf_reset(out);
		buf_span(out, log_checkpoint(r));
		if (io_replace(buf_cstr(&path), buf_all(out), 0644, err))
			goto out;
	}
	ret = 0;
out:
	io_close(lock);
	arena_free(arena);
	buf_free(&path);
	return ret;
}

static bool is_of(const struct note_key *k, const struct note_sig *s)
{
	return span_is(s->name, k->name) && !memcmp(k->id, s->id, NOTE_ID_LEN);
}

/* Behind the note in ${out} those of ${more} that are a witness's and new: a
 * newer one of a witness takes the place of an older. */
static void merge(const struct tlogpolicy *p, const struct note *was,
	const struct note *more, struct buf *out)
{
	size_t i, k, m;

	buf_span(out, was->text);
	note_split(out);
	for (i = 0; i < was->nsigs; i++) {
		const struct note_sig *s = &was->sigs[i];
		bool renewed = false;

		for (k = 0; k < p->nnode; k++)
			for (m = 0; m < more->nsigs; m++)
				renewed |= !p->node[k].member &&
					is_of(&p->node[k].key, s) &&
					is_of(&p->node[k].key, &more->sigs[m]);
		if (!renewed)
			note_add_sig(out, s->name, s->id, s->bytes);
	}
	for (m = 0; m < more->nsigs; m++) {
		const struct note_sig *s = &more->sigs[m];

		for (k = 0; k < p->nnode; k++)
			if (!p->node[k].member && is_of(&p->node[k].key, s))
				break;
		if (k < p->nnode)
			note_add_sig(out, s->name, s->id, s->bytes);
	}
}

/* The checkpoint that is published, if it is still the same. */
static int publish(const char *state, const struct buf *note, bool quorum,
	struct arena *arena, struct err *err)
{
	struct buf path = PATH_BUF_INIT, now = BUF_INIT(CHECKPOINT_MAX);
	int ret = -1;

	if (quorum &&
		io_replace(store_path(&path, state, WITNESSED_CHECKPOINT),
			buf_all(note), 0644, err))
		goto out;
	if (io_read_file(store_path(&path, state, STORE_CHECKPOINT), &now, err))
		goto out;
	if (same_text(buf_all(&now), buf_all(note), arena) &&
		io_replace(buf_cstr(&path), buf_all(note), 0644, err))
		goto out;
	ret = 0;
out:
	buf_free(&now);
	buf_free(&path);
	return ret;
}

int witnessed_take(const char *state, const struct tlogpolicy *p,
	struct span lines, struct witnessed *out, struct err *err)
{
	struct arena *arena = arena_new(ARENA_MAX);
	struct buf path = PATH_BUF_INIT, asked = BUF_INIT(CHECKPOINT_MAX);
	struct buf came = BUF_INIT(2 * CHECKPOINT_MAX);
	struct buf note = BUF_INIT(CHECKPOINT_MAX);
	struct note was, more, merged;
	int lock = -1, ret = -1;

	if (store_lock(state, &lock, err))
		goto out;
	store_path(&path, state, WITNESSED_ASKED);
	if (io_read_file(buf_cstr(&path), &asked, err)) {
		if (err->sys == ENOENT)
			err_hint(err, "first ask: sluice log witness");
		goto out;
	}
	if (note_parse(buf_all(&asked), arena, &was, err)) {
		err_in(err, "'%s'", buf_cstr(&path));
		goto out;
	}
	buf_span(&came, was.text);
	note_split(&came);
	buf_span(&came, lines);
	if (buf_check(&came, "cosignatures", err) ||
		note_parse(buf_all(&came), arena, &more, err) ||
		witnessed_by(p, &more, out, err))
		goto out;
	merge(p, &was, &more, &note);
	if (buf_check(&note, "checkpoint", err) ||
		note_parse(buf_all(&note), arena, &merged, err) ||
		witnessed_by(p, &merged, out, err) ||
		io_replace(buf_cstr(&path), buf_all(&note), 0644, err) ||
		publish(state, &note, out->quorum, arena, err))
		goto out;
	ret = 0;
out:
	io_close(lock);
	arena_free(arena);
	buf_free(&path);
	buf_free(&asked);
	buf_free(&came);
	buf_free(&note);
	return ret;
}
