/* sluice log key, token-key, rotate-key, countersign: the keys that the log had
 * and will have. */
#include "base/clock.h"
#include "base/io.h"
#include "base/text.h"
#include "cmd/countersign.h"
#include "cmd/log.h"
#include "cmd/owner.h"
#include "log/keyaside.h"
#include "log/keyholder.h"
#include "log/logkey.h"
#include "log/rotate.h"
#include "log/store.h"
#include "parse/doc.h"

/* The newest key and how each followed on the one before. */
static int print_chain(const struct run *run, struct err *err)
{
	struct buf text = BUF_INIT(KEYCHAIN_TEXT_MAX);
	struct log_reader *log = NULL;
	int ret = log_open_state(run->state, &log, err);

	if (!ret) {
		keychain_text(log_keys(log), &text);
		fwrite(text.p, text.n, 1, stdout);
	}
	log_close(log);
	buf_free(&text);
	return ret;
}

/* Strictly, as for a stranger: not over a key that was given up. */
static int open_strictly(
	const struct run *run, struct log_reader **out, struct err *err)
{
	struct buf path = PATH_BUF_INIT, vkey = BUF_INIT(KEYCHAIN_TEXT_MAX);
	struct log_source *src;
	int ret = -1;

	if (!store_vkey(run->state, &vkey, err) &&
		!log_source_dir(
			store_path(&path, run->state, STORE_LOG), &src, err))
		ret = log_open(src, buf_all(&vkey), out, err);
	buf_free(&vkey);
	buf_free(&path);
	return ret;
}

/* Pin the key that the pinned one leads to: for a gate whose logd went over to
 * another. */
static int follow(const struct run *run, struct err *err)
{
	struct buf line = BUF_INIT(ROTATION_MAX), path = PATH_BUF_INIT;
	struct log_reader *log = NULL;
	const struct keychain *keys;
	int ret = -1;

	if (owner_become(run->state, run->quiet, err) ||
		open_strictly(run, &log, err))
		goto out;
	keys = log_keys(log);
	note_key_text(keychain_key(keys, log_signer(log)), &line);
	ret = 0;
	if (log_signer(log) > keys->at) {
		buf_byte(&line, '\n');
		ret = io_replace(store_path(&path, run->state, STORE_VKEY),
			buf_all(&line), 0644, err);
		line.n--;
	}
	if (!ret)
		printf("%.*s\n", SPAN_FMT(buf_all(&line)));
out:
	log_close(log);
	buf_free(&path);
	buf_free(&line);
	return ret;
}

static int print_key(const struct run *run, struct err *err)
{
	struct buf vkey = BUF_INIT(4096);
	int ret = store_vkey(run->state, &vkey, err);

	if (!ret)
		printf("%s\n", buf_cstr(&vkey));
	buf_free(&vkey);
	return ret;
}

static int here(const struct run *run, struct err *err)
{
	if (!store_elsewhere(run->state))
		return 0;
	err_set(err, ERR_LOG, "the key of this log is with logd");
	return err_hint(
		err, "as its account, with --state of its state folder");
}

/* The secret key's file, plain or under a passphrase. */
static int rewrite(const struct run *run, const char *word,
	const char *passphrase, struct err *err)
{
	bool sealed = !strcmp(word, "encrypt");
	struct buf path = PATH_BUF_INIT;
	int lock = -1, ret = -1;

	if (!sealed && strcmp(word, "decrypt") != 0)
		return err_set(
			err, ERR_USAGE, "log key takes encrypt or decrypt");
	if (!sealed && passphrase)
		return err_set(err, ERR_USAGE,
			"--passphrase is of a key that is encrypted");
	keyholder_seclude();
	if (!here(run, err) && !owner_become(run->state, run->quiet, err) &&
		!store_lock(run->state, &lock, err) &&
		!keyaside_drop(run->state, err))
		ret = logkey_rewrite(run->state,
			store_path(&path, run->state, STORE_KEY), sealed,
			passphrase, err);
	io_close(lock);
	buf_free(&path);
	return ret;
}

enum exit_code cmd_log_key(struct run *run, int argc, char **argv)
{
	const char *passphrase = NULL;
	bool chain = false, on = false;
	const struct option_def defs[] = {
		{"--passphrase", OPTION_TEXT, &passphrase,
			"encrypt: a file with it; else where it is used from"},
		{"--chain", OPTION_FLAG, &chain,
			"and how it followed on those before it"},
		{"--follow", OPTION_FLAG, &on,
			"trust the one that followed on the trusted one"},
	};
	struct err err = ERR_INIT;
	int left;

	left = options_read(run, defs, ARRAY_LEN(defs), argc, argv, &err);
	if (left >= 0 && run->help)
		return cmd_usage("log key",
			"[encrypt | decrypt | --chain | --follow]", defs,
			ARRAY_LEN(defs));
	if (left >= 0 &&
		(left > 1 || left + chain + on > 1 || (passphrase && !left)))
		left = err_set(&err, ERR_USAGE,
			"log key takes one of encrypt, decrypt, --chain and "
			"--follow");
	if (left == 1)
		return rewrite(run, argv[1], passphrase, &err) ? cmd_fail(&err)
							       : EXIT_YES;
	if (left < 0 ||
		(chain               ? print_chain(run, &err)
				: on ? follow(run, &err)
				     : print_key(run, &err)))
		return cmd_fail(&err);
	return EXIT_YES;
}

/* The name of the log is that of its keys. */
static int token_key(const struct run *run, struct tokenkey *place,
	const char *file, struct err *err)
{
	struct buf text = BUF_INIT(KEY_FILE_MAX), vkey = BUF_INIT(4096);
	struct note_key old;
	int ret = -1;

	if (!store_vkey(run->state, &vkey, err) &&
		!key_read(buf_all(&vkey), NOTE_ED25519, &old, err) &&
		!logkey_token(run->state, place, old.name, &text, err))
		ret = io_replace(file, buf_all(&text), 0600, err);
	if (!ret && !run->quiet) {
		buf_reset(&vkey);
		note_key_text(&place->public, &vkey);
		printf("%s\n", buf_cstr(&vkey));
	}
	buf_free(&vkey);
	buf_free(&text);
	return ret;
}

enum exit_code cmd_log_token_key(struct run *run, int argc, char **argv)
{
	const char *module = NULL, *token = NULL, *id = NULL;
	const struct option_def defs[] = {
		{"--module", OPTION_TEXT, &module, "the token's library"},
		{"--token", OPTION_TEXT, &token, "the token's label"},
		{"--id", OPTION_TEXT, &id, "the key's id, in hex"},
	};
	struct tokenkey place;
	struct err err = ERR_INIT;
	int left;

	left = options_read(run, defs, ARRAY_LEN(defs), argc, argv, &err);
	if (left >= 0 && run->help)
		return cmd_usage("log token-key", "[OPTIONS] FILE", defs,
			ARRAY_LEN(defs));
	if (left >= 0 && (left != 1 || !module || !token || !id))
		left = err_set(&err, ERR_USAGE,
			"log token-key takes a file to make, --module, --token "
			"and --id");
	if (left >= 0 &&
		tokenkey_place(span_str(module), span_str(token), span_str(id),
			&place, &err)) {
		err.code = ERR_USAGE;
		left = -1;
	}
	keyholder_seclude();
	return left < 0 || token_key(run, &place, argv[1], &err)
		? cmd_fail(&err)
		: EXIT_YES;
}

static void say_json(struct rotate_result *r)
{
	struct buf out = BUF_INIT(65536);
	struct doc *j = doc_object();

	doc_set(j, "finishedEarlier", doc_of_bool(r->earlier));
	if (!r->earlier)
		doc_set(j, "entry", doc_of_int((int64_t)r->log.index));
	doc_set(j, "old", doc_of_text(buf_all(&r->old)));
	doc_set(j, "new", doc_of_text(buf_all(&r->new)));
	doc_canonical(j, &out);
	printf("%s\n", buf_cstr(&out));
	doc_free(j);
	buf_free(&out);
}

static void say(struct rotate_result *r)
{
	if (r->earlier)
		printf("a change of keys that was cut short is finished; the "
		       "log signs with\n%s\n",
			buf_cstr(&r->new));
	else
		printf("entry %llu: the log's key was changed; it signs from "
		       "now on with\n%s\n",
			(unsigned long long)r->log.index, buf_cstr(&r->new));
	printf("next: 'sluice log key --chain' is what to give to those who "
	       "trusted the old one, witnesses first\n");
}

enum exit_code cmd_log_rotate_key(struct run *run, int argc, char **argv)
{
	struct rotate_ask ask = {.now = clock_now()};
	const struct option_def defs[] = {
		{"--key", OPTION_TEXT, &ask.key,
			"the file of the new key; else one is made"},
		{"--compromised", OPTION_FLAG, &ask.compromised,
			"somebody else may have the old one"},
	};
	struct rotate_result r = {.earlier = false};
	struct err err = ERR_INIT;
	enum exit_code status = EXIT_YES;
	int left;

	left = options_read(run, defs, ARRAY_LEN(defs), argc, argv, &err);
	if (left >= 0 && run->help)
		return cmd_usage(
			"log rotate-key", "[OPTIONS]", defs, ARRAY_LEN(defs));
	if (left > 0)
		left = err_set(
			&err, ERR_USAGE, "log rotate-key takes no arguments");
	keyholder_seclude();
	if (left < 0 || here(run, &err) ||
		owner_become(run->state, run->quiet, &err) ||
		rotate_run(run->state, &ask, &r, &err)) {
		status = cmd_fail(&err);
		goto out;
	}
	if (run->json)
		say_json(&r);
	else if (!run->quiet)
		say(&r);
	/* The log stands without it. */
	if (countersign(run, &err))
		cmd_fail(&err);
out:
	buf_free(&r.old);
	buf_free(&r.new);
	return status;
}

enum exit_code cmd_log_countersign(struct run *run, int argc, char **argv)
{
	const char *key = NULL;
	const struct option_def defs[] = {
		{"--key", OPTION_TEXT, &key, "the OpenPGP key, a fingerprint"},
	};
	struct err err = ERR_INIT;
	int left;

	left = options_read(run, defs, ARRAY_LEN(defs), argc, argv, &err);
	if (left >= 0 && run->help)
		return cmd_usage(
			"log countersign", "--key KEY", defs, ARRAY_LEN(defs));
	if (left >= 0 && (left > 0 || !key))
		left = err_set(&err, ERR_USAGE,
			"log countersign takes --key and no arguments");
	if (left < 0 || here(run, &err) || countersign_by(run, key, &err))
		return cmd_fail(&err);
	return EXIT_YES;
}
