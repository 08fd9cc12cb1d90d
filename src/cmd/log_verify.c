/* sluice log verify: everything recomputed, what is damaged named. */
#include "base/io.h"
#include "base/text.h"
#include "cmd/log.h"
#include "cmd/owner.h"
#include "log/check.h"
#include "log/keychain.h"
#include "log/store.h"
#include "parse/doc.h"

/* vkey_text(arg, out, err): the key itself, or the file that holds it. */
static int vkey_text(const char *arg, struct buf *out, struct err *err)
{
	buf_reset(out);
	if (strchr(arg, '+')) {
		buf_str(out, arg);
		return buf_check(out, "--vkey", err);
	}
	return io_read_file(arg, out, err);
}

struct telling {
	bool json;
	struct doc *list;
};

static void tell(void *ctx, enum check_word word, const char *what)
{
	static const char *const words[] = {"note", "damage", "unknown"};
	struct telling *t = ctx;
	struct buf line = BUF_INIT(8192);
	struct doc *j;

	if (t->json) {
		j = doc_object();
		doc_set(j, "what", doc_of_str(words[word]));
		doc_set(j, "text", doc_of_str(what));
		doc_add(t->list, j);
		return;
	}
	text_printable(&line, span_str(what), 2000);
	printf("%s: %s\n", words[word], buf_cstr(&line));
	buf_free(&line);
}

static void summary(const struct run *run, const struct log_check_result *r,
	const char *name, bool vault, struct doc *list)
{
	struct buf root = BUF_INIT(64), out = BUF_INIT((size_t)64 << 20);
	struct doc *j;

	text_base64(&root, span_of(r->root.b, HASH_LEN));
	if (run->json) {
		j = doc_object();
		doc_set(j, "size", doc_of_int((int64_t)r->size));
		doc_set(j, "root", doc_of_str(buf_cstr(&root)));
		doc_set(j, "records", doc_of_int((int64_t)r->records));
		doc_set(j, "damaged", doc_of_int((int64_t)r->damaged));
		doc_set(j, "unknown", doc_of_int((int64_t)r->unknown));
		doc_set(j, "findings", list);
		doc_pretty(j, &out);
		printf("%s", buf_cstr(&out));
		doc_free(j);
	} else if (r->damaged || r->unknown) {
		printf("%s: %zu damaged, %zu could not be read\n", name,
			r->damaged, r->unknown);
	} else if (!run->quiet) {
		printf("%s: %llu entries", name, (unsigned long long)r->size);
		if (vault && r->records < r->size)
			printf(" and %llu records",
				(unsigned long long)r->records);
		else if (vault)
			printf(" and their records");
		printf(" verified, root %s\n", buf_cstr(&root));
	}
	buf_free(&out);
	buf_free(&root);
}

enum exit_code cmd_log_verify(struct run *run, int argc, char **argv)
{
	const char *dir = NULL, *vkey = NULL;
	bool reindex = false;
	const struct option_def defs[] = {
		{"--dir", OPTION_TEXT, &dir, "a copy of the log folder alone"},
		{"--vkey", OPTION_TEXT, &vkey,
			"its verifier key, or a file with it"},
		{"--reindex", OPTION_FLAG, &reindex,
			"build the index anew first"},
	};
	struct buf key = BUF_INIT(KEYCHAIN_TEXT_MAX), path = PATH_BUF_INIT;
	struct log_check_result result;
	struct telling telling = {.json = run->json};
	struct log_check check = {.tell = tell, .ctx = &telling};
	struct err err = ERR_INIT;
	enum exit_code status;
	int left;

	left = options_read(run, defs, ARRAY_LEN(defs), argc, argv, &err);
	if (left >= 0 && run->help)
		return cmd_usage("log verify", "[--dir DIR --vkey KEY]", defs,
			ARRAY_LEN(defs));
	if (left > 0)
		err_set(&err, ERR_USAGE, "log verify takes no arguments");
	if (!left && (dir || vkey) && (!dir || !vkey || reindex))
		left = err_set(&err, ERR_USAGE,
			"--dir and --vkey go together, without --reindex");
	if (!left && !dir)
		left = owner_become(run->state, true, &err);
	if (left ||
		(dir ? vkey_text(vkey, &key, &err)
		     : store_vkey(run->state, &key, &err)) ||
		(reindex && index_rebuild(run->state, &err)) ||
		log_source_dir(
			dir ? dir : store_path(&path, run->state, STORE_LOG),
			&check.src, &err)) {
		status = cmd_fail(&err);
		goto out;
	}
	telling.json = run->json;
	telling.list = doc_array();
	check.vkey = buf_all(&key);
	check.state = dir ? NULL : run->state;
	if (log_check_run(&check, &result, &err)) {
		status = cmd_fail(&err);
		doc_free(telling.list);
		goto out;
	}
	summary(run, &result, dir ? dir : run->state, !dir, telling.list);
	if (!run->json)
		doc_free(telling.list);
	if (result.damaged)
		status = EXIT_NO;
	else
		status = result.unknown ? EXIT_UNKNOWN : EXIT_YES;
out:
	log_source_close(check.src);
	buf_free(&path);
	buf_free(&key);
	return status;
}
