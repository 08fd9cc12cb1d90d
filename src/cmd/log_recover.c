/* sluice log recover: sign again after an old copy of the log was put back. */
#include "base/clock.h"
#include "cmd/log.h"
#include "cmd/owner.h"
#include "log/recover.h"
#include "log/store.h"
#include "parse/doc.h"

static const char *const names[] = {
	"nothing", "journal", "mirror", "witnesses"};

static void say_json(const struct recover_result *r)
{
	struct buf out = BUF_INIT(4096);
	struct doc *j = doc_object();

	doc_set(j, "answer", doc_of_str(names[r->answer]));
	doc_set(j, "was", doc_of_int((int64_t)r->was));
	if (r->mark)
		doc_set(j, "mark", doc_of_str("anew"));
	else
		doc_set(j, "signed", doc_of_int((int64_t)r->signed_before));
	doc_set(j, "size", doc_of_int((int64_t)r->size));
	doc_set(j, "withoutRecord", doc_of_int((int64_t)r->without));
	doc_canonical(j, &out);
	printf("%s\n", buf_cstr(&out));
	doc_free(j);
	buf_free(&out);
}

static void say_mark(const struct recover_result *r)
{
	unsigned long long was = r->was, size = r->size;

	printf("the high-water mark was lost, and is made anew where the %s: "
	       "the log signs, with %llu entries\n",
		r->answer == RECOVER_MIRROR ? "mirror ends" : "witnesses are",
		size);
	if (r->answer == RECOVER_MIRROR && size > was)
		printf("%llu entries came from the mirror\n", size - was);
}

/* Whether something was changed that wants a look. */
static bool say_answer(const struct recover_result *r)
{
	unsigned long long was = r->was, size = r->size;

	switch (r->answer) {
	case RECOVER_NOTHING:
		printf("nothing to recover: the log signs, with %llu entries\n",
			size);
		return false;
	case RECOVER_JOURNAL:
		printf("the journal had the entries from %llu on; the log "
		       "signs, with %llu\n",
			was, size);
		return false;
	case RECOVER_MIRROR:
		printf("%llu entries came from the mirror; the log signs, with "
		       "%llu\n",
			size - was, size);
		break;
	case RECOVER_WITNESSED:
		printf("entries %llu to %llu are lost: they were signed, and "
		       "no quorum of witnesses has seen them; the log signs, "
		       "from %llu on\n",
			size, (unsigned long long)r->signed_before - 1, size);
		break;
	}
	return true;
}

static void say(const struct recover_result *r)
{
	if (r->mark)
		say_mark(r);
	else if (!say_answer(r))
		return;
	if (r->without)
		printf("%llu of them have no record in the vault any more: put "
		       "it back from a backup if there is one\n",
			(unsigned long long)r->without);
	printf("next: sluice log verify, sluice audit\n");
}

enum exit_code cmd_log_recover(struct run *run, int argc, char **argv)
{
	struct log_http how = {.url = NULL};
	struct recover_ask ask = {.mirror = NULL, .now = clock_now()};
	const struct option_def defs[] = {
		{"--mirror", OPTION_TEXT, &how.url,
			"a copy of the log, an address or a folder"},
		{"--witnessed", OPTION_FLAG, &ask.witnessed,
			"give up what the witnesses never saw"},
		{"--ca-file", OPTION_TEXT, &how.ca_file,
			"trust these authorities for https only"},
		{"--proxy", OPTION_TEXT, &how.proxy, "go through this proxy"},
	};
	struct buf vkey = BUF_INIT(4096);
	struct recover_result r;
	struct err err = ERR_INIT;
	enum exit_code status = EXIT_YES;
	int left;

	left = options_read(run, defs, ARRAY_LEN(defs), argc, argv, &err);
	if (left >= 0 && run->help)
		return cmd_usage("log recover", "[--mirror FROM] [--witnessed]",
			defs, ARRAY_LEN(defs));
	if (left > 0)
		left = err_set(
			&err, ERR_USAGE, "log recover takes no arguments");
	if (left < 0 || owner_become(run->state, run->quiet, &err) ||
		store_vkey(run->state, &vkey, &err) ||
		(how.url &&
			log_open_from(
				&how, buf_cstr(&vkey), &ask.mirror, &err)) ||
		recover_run(run->state, &ask, &r, &err) ||
		/* It knows the entries that were given up. */
		(r.answer == RECOVER_WITNESSED &&
			index_rebuild(run->state, &err))) {
		status = cmd_fail(&err);
		goto out;
	}
	if (run->json)
		say_json(&r);
	else if (!run->quiet)
		say(&r);
out:
	log_close(ask.mirror);
	buf_free(&vkey);
	return status;
}
