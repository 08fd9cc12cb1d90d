/* sluice log pack: records that are files of their own, moved into packs. */
#include "cmd/log.h"
#include "cmd/owner.h"
#include "cmd/ran.h"
#include "log/packing.h"
#include "parse/doc.h"

static void say_json(const struct packing_result *r)
{
	struct buf out = BUF_INIT(4096);
	struct doc *j = doc_object();

	doc_set(j, "records", doc_of_int((int64_t)r->records));
	doc_set(j, "bytes", doc_of_int((int64_t)r->bytes));
	doc_set(j, "packs", doc_of_int((int64_t)r->packs));
	doc_set(j, "stored", doc_of_int((int64_t)r->stored));
	doc_set(j, "damaged", doc_of_int((int64_t)r->damaged));
	doc_set(j, "left", doc_of_int((int64_t)r->left));
	doc_canonical(j, &out);
	printf("%s\n", buf_cstr(&out));
	doc_free(j);
	buf_free(&out);
}

static void say(const struct packing_result *r)
{
	if (r->packs)
		printf("%llu records of %llu bytes packed; %llu packs written, "
		       "of %llu bytes\n",
			(unsigned long long)r->records,
			(unsigned long long)r->bytes,
			(unsigned long long)r->packs,
			(unsigned long long)r->stored);
	else
		printf("nothing to pack: the newest %llu entries keep their "
		       "files until there are 256 that the disk has\n",
			(unsigned long long)r->left);
}

enum exit_code cmd_log_pack(struct run *run, int argc, char **argv)
{
	struct packing_result r;
	struct err err = ERR_INIT;
	int left = options_read(run, NULL, 0, argc, argv, &err);

	if (left >= 0 && run->help)
		return cmd_usage("log pack", "", NULL, 0);
	if (left > 0)
		left = err_set(&err, ERR_USAGE, "log pack takes no arguments");
	if (left < 0 || owner_become(run->state, run->quiet, &err))
		return cmd_fail(&err);
	ran_begin(run, RUN_PACK);
	if (packing_run(run->state, &r, &err))
		return ran_end(run, RUN_PACK, cmd_fail(&err));
	if (run->json)
		say_json(&r);
	else if (!run->quiet)
		say(&r);
	if (!r.damaged)
		return ran_end(run, RUN_PACK, EXIT_YES);
	fprintf(stderr,
		"sluice: %llu records are damaged and were left as they are\n"
		"hint: 'sluice log verify' names them\n",
		(unsigned long long)r.damaged);
	return ran_end(run, RUN_PACK, EXIT_NO);
}
