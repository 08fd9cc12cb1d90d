#include "log/rotate.h"

#include "base/clock.h"
#include "log/append.h"
#include "log/appender.h"
#include "log/keyaside.h"
#include "log/keychain.h"
#include "log/store.h"
#include "parse/doc.h"

static int check_name(
	const struct appender *a, const struct logkey *next, struct err *err)
{
	if (!strcmp(next->public.name, a->key.public.name))
		return 0;
	err_set(err, ERR_INPUT, "the new key is called '%s', and the log '%s'",
		next->public.name, a->key.public.name);
	return err_hint(err, "a key's name is the log's");
}

/* The bytes of the file as they are: it may be of any kind that signs. */
static int take_key(struct appender *a, const char *file, struct err *err)
{
	struct buf text = BUF_INIT(KEY_FILE_MAX);
	struct logkey next;
	int ret = logkey_open(a->state, file, &next, err);

	if (!ret)
		ret = check_name(a, &next, err);
	logkey_close(&next);
	if (!ret)
		ret = key_file_read(file, NOTE_ED25519, &text, err);
	if (!ret)
		ret = io_replace(appender_path(a, STORE_KEY_NEXT),
			buf_all(&text), 0600, err);
	buf_wipe(&text);
	return ret;
}

/* Under a passphrase if the old one is, under the same. */
static int make_key(struct appender *a, struct err *err)
{
	struct buf text = BUF_INIT(KEY_FILE_MAX);
	struct logkey next = {.sealed = false};
	int ret = -1;

	/* At once: growing would leave copies behind. */
	if (!buf_room(&text, KEY_FILE_MAX))
		die("make_key: no room");
	if (!key_new(span_str(a->key.public.name), NOTE_ED25519, &next.secret,
		    err) &&
		!key_public(&next.secret, &next.public, err) &&
		!logkey_text(a->state, a->key.sealed, NULL, &next, &text, err))
		ret = io_replace(appender_path(a, STORE_KEY_NEXT),
			buf_all(&text), 0600, err);
	logkey_close(&next);
	buf_wipe(&text);
	return ret;
}

/* What one that was cut short left behind will do, unless another was given. */
static int next_key(struct appender *a, const char *file, struct err *err)
{
	if (!file && a->key.token) {
		err_set(err, ERR_USAGE,
			"the log's key is in a token: give the next one");
		return err_hint(err,
			"--key FILE, made by 'sluice log token-key' for "
			"another key of a token");
	}
	if (file ? take_key(a, file, err)
		 : !io_exists(appender_path(a, STORE_KEY_NEXT)) &&
				make_key(a, err))
		return -1;
	if (logkey_open(
		    a->state, appender_path(a, STORE_KEY_NEXT), &a->next, err))
		return -1;
	return check_name(a, &a->next, err);
}

/* Nothing is written that could not be followed later. */
static int check_statement(struct appender *a, struct err *err)
{
	struct arena *arena = arena_new(16 * ROTATIONS_TEXT_MAX);
	struct keychain keys = {.pinned = a->key.public};
	struct rotation r;
	int ret;

	ret = keychain_fetch(&keys, a->src, arena, err) ||
			keychain_next(
				&keys, buf_all(&a->rotation), arena, &r, err)
		? -1
		: 0;
	arena_free(arena);
	return ret;
}

static int state_it(struct appender *a, bool compromised, struct err *err)
{
	struct hash root = tree_range_root(&a->range);
	struct rotation r = {.old = a->key.public,
		.new = a->next.public,
		.size = a->size,
		.compromised = compromised};
	struct buf text = BUF_INIT(ROTATION_MAX);
	int ret = -1;

	memcpy(r.root, root.b, HASH_LEN);
	rotation_text(&r, &text);
	buf_reset(&a->rotation);
	buf_span(&a->rotation, buf_all(&text));
	note_split(&a->rotation);
	if (logkey_add(&a->key, buf_all(&text), &a->rotation, err) ||
		logkey_add(&a->next, buf_all(&text), &a->rotation, err) ||
		check_statement(a, err) ||
		io_replace(appender_path(a, STORE_ROTATION),
			buf_all(&a->rotation), 0644, err))
		goto out;
	a->rotating = true;
	a->rotate_at = a->size;
	ret = 0;
out:
	buf_free(&text);
	return ret;
}

static void record_of(const struct appender *a, int64_t now, struct buf *out)
{
	struct doc *j = doc_object(), *p = doc_object();
	char time[CLOCK_TEXT_MAX];

	clock_text(now, time);
	doc_set(p, "kind", doc_of_str(record_kind_name(RECORD_KEY)));
	doc_set(p, "time", doc_of_str(time));
	doc_set(p, "program", doc_of_str("sluice " SLUICE_VERSION));
	doc_set(p, "rotation", doc_of_text(buf_all(&a->rotation)));
	doc_set(j, "_type", doc_of_str(STATEMENT_TYPE));
	doc_set(j, "predicateType", doc_of_str(RECORD_TYPE));
	doc_set(j, "subject", doc_array());
	doc_set(j, "predicate", p);
	doc_canonical(j, out);
	doc_free(j);
}

static int rotate(struct appender *a, const struct rotate_ask *ask,
	struct rotate_result *out, struct err *err)
{
	struct buf record = BUF_INIT(4 * ROTATION_MAX);
	int ret = -1;

	note_key_text(&a->key.public, &out->old);
	if (keyaside_drop(a->state, err) || appender_settle(a, err))
		goto out;
	out->earlier = a->gone_over;
	if (!out->earlier) {
		if (next_key(a, ask->key, err) ||
			state_it(a, ask->compromised, err))
			goto out;
		record_of(a, ask->now, &record);
		if (append_within(a, buf_all(&record), &out->log, err) ||
			appender_go_over(a, err))
			goto out;
	}
	note_key_text(&a->key.public, &out->new);
	ret = 0;
out:
	buf_free(&record);
	return ret;
}

int rotate_run(const char *state, const struct rotate_ask *ask,
	struct rotate_result *out, struct err *err)
{
	struct appender a = APPENDER_NONE;
	int ret = -1;

	*out = (struct rotate_result){
		.old = BUF_INIT(ROTATION_MAX), .new = BUF_INIT(ROTATION_MAX)};
	if (!appender_open(&a, state, err))
		ret = rotate(&a, ask, out, err);
	appender_close(&a);
	return ret;
}
