/*
 * Going over to another key, within an append. While it is under way there are
 * the new key and the statement in the state folder; the last step of it is to
 * give the new key the name of the old. Cut short, the next append finishes it
 * when the log has the entry, and drops it when not.
 */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "log/appender.h"
#include "log/keychain.h"
#include "log/store.h"
#include "log/tiles.h"
#include "parse/entry.h"

#define ARENA_MAX ((size_t)4 << 20)

static bool is_key(const struct note_key *a, const struct note_key *b)
{
	return a->nkey == b->nkey && !memcmp(a->key, b->key, a->nkey);
}

static int drop(struct appender *a, struct err *err)
{
	if (unlink(appender_path(a, STORE_ROTATION)) && errno != ENOENT)
		return err_sys(err, "cannot remove '%s'", buf_cstr(&a->path));
	a->rotating = false;
	return 0;
}

static int read_statement(struct appender *a, struct rotation *out,
	struct arena *arena, struct err *err)
{
	struct buf path = PATH_BUF_INIT;
	int ret;

	store_path(&path, a->state, STORE_ROTATION);
	ret = keychain_link(buf_all(&a->rotation), arena, out, err);
	if (ret)
		err_in(err, "'%s'", buf_cstr(&path));
	buf_free(&path);
	return ret;
}

int appender_rotation(struct appender *a, struct err *err)
{
	struct arena *arena = arena_new(ARENA_MAX);
	struct rotation r;
	int ret = -1;

	if (!io_exists(appender_path(a, STORE_ROTATION))) {
		ret = 0;
		goto out;
	}
	if (io_read_file(buf_cstr(&a->path), &a->rotation, err) ||
		read_statement(a, &r, arena, err))
		goto out;
	if (is_key(&r.new, &a->key.public)) {
		ret = drop(a, err);
		goto out;
	}
	if (!is_key(&r.old, &a->key.public)) {
		err_set(err, ERR_LOG, "'%s' is not of the key that signs",
			appender_path(a, STORE_ROTATION));
		err_hint(err, "was an older '" STORE_KEY "' put back?");
		goto out;
	}
	if (logkey_open(a->state, appender_path(a, STORE_KEY_NEXT), &a->next,
		    err)) {
		err_in(err, "a change of keys is under way");
		goto out;
	}
	if (!is_key(&r.new, &a->next.public)) {
		err_set(err, ERR_LOG,
			"'%s' is not the key of the change that "
			"is under way",
			appender_path(a, STORE_KEY_NEXT));
		goto out;
	}
	a->rotating = true;
	a->rotate_at = r.size;
	ret = 0;
out:
	arena_free(arena);
	return ret;
}

/* Whether the entry of the statement's place is the statement's. */
static int is_in(struct appender *a, bool *in, struct err *err)
{
	struct arena *arena = arena_new(ARENA_MAX);
	struct tiles *tiles = tiles_new(a->src, a->size);
	struct buf room = BUF_INIT(BUNDLE_MAX);
	struct bundle bundle;
	struct entry e;
	int ret = -1;

	*in = false;
	if (tiles_bundle(
		    tiles, a->rotate_at / TILE_WIDTH, &room, &bundle, err) ||
		entry_parse(bundle.entry[a->rotate_at % TILE_WIDTH], arena, &e,
			err))
		goto out;
	*in = span_eq(e.rotation, buf_all(&a->rotation));
	ret = 0;
out:
	buf_free(&room);
	tiles_free(tiles);
	arena_free(arena);
	return ret;
}

/* The file of all changes: what the folder has, and this one. */
static int write_keys(struct appender *a, struct err *err)
{
	struct arena *arena = arena_new(16 * ROTATIONS_TEXT_MAX);
	struct keychain all = {.pinned = a->key.public};
	struct buf text = BUF_INIT(ROTATIONS_TEXT_MAX);
	int ret = -1;

	if (keychain_fetch(&all, a->src, arena, err))
		goto out;
	keychain_notes(&all, &text);
	if (is_key(keychain_key(&all, all.n), &a->key.public))
		buf_span(&text, buf_all(&a->rotation));
	if (keychain_add(&all, buf_all(&text), arena, err) ||
		!is_key(keychain_key(&all, all.n), &a->next.public)) {
		err_set(err, ERR_LOG,
			"'" STORE_LOG "/" KEYCHAIN_FILE
			"' does not lead to the new key");
		goto out;
	}
	ret = io_replace(appender_path(a, STORE_LOG "/" KEYCHAIN_FILE),
		buf_all(&text), 0644, err);
out:
	buf_free(&text);
	arena_free(arena);
	return ret;
}

static int write_vkey(struct appender *a, struct err *err)
{
	struct buf line = BUF_INIT(ROTATION_MAX);
	int ret;

	note_key_text(&a->next.public, &line);
	buf_byte(&line, '\n');
	ret = io_replace(
		appender_path(a, STORE_VKEY), buf_all(&line), 0644, err);
	buf_free(&line);
	return ret;
}

/* From here on the old key is no more. */
static int put_in_place(struct appender *a, struct err *err)
{
	struct buf from = PATH_BUF_INIT;
	int ret = -1;

	store_path(&from, a->state, STORE_KEY_NEXT);
	if (rename(buf_cstr(&from), appender_path(a, STORE_KEY)))
		err_sys(err, "cannot rename '%s' to '%s'", buf_cstr(&from),
			buf_cstr(&a->path));
	else
		ret = io_sync_dir(a->state, err);
	buf_free(&from);
	return ret;
}

int appender_go_over(struct appender *a, struct err *err)
{
	struct hash root = tree_range_root(&a->range);
	bool in = false;

	if (!a->rotating)
		return 0;
	if (a->size > a->rotate_at && is_in(a, &in, err))
		return -1;
	if (!in)
		return drop(a, err);
	/* All that the old key signed lasts before it goes. */
	if ((a->journal.n && appender_flush(a, a->size, &root, err)) ||
		write_keys(a, err) || write_vkey(a, err) ||
		put_in_place(a, err))
		return -1;
	logkey_close(&a->key);
	a->key = a->next;
	memset(&a->next, 0, sizeof(a->next));
	a->gone_over = true;
	return drop(a, err);
}
