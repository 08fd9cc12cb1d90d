#include "log/entrylists.h"

/* What is wrong with a list is wrong with the log, not with the database. */
static int bad_list(const struct entry_list *list, struct err *err)
{
	if (err->code == ERR_INPUT)
		err->code = ERR_LOG;
	return err_in(err, "lists/%s", list->sha256);
}

int entrylists_updates(struct log_reader *log, const struct entry *e,
	struct buf *room, struct arena *a, struct entry_update **v, size_t *n,
	struct err *err)
{
	*v = e->update;
	*n = e->nupdate;
	if (!e->updates_list.sha256[0])
		return 0;
	*n = e->updates_list.count;
	if (log_list(log, e->updates_list.sha256, room, err) ||
		entry_list_updates(buf_all(room), &e->updates_list, a, v, err))
		return bad_list(&e->updates_list, err);
	return 0;
}

int entrylists_commits(struct log_reader *log, const struct entry *e,
	struct buf *room, struct arena *a, struct oid **v, size_t *n,
	struct err *err)
{
	*v = e->commit;
	*n = e->ncommit;
	if (!e->commits_list.sha256[0])
		return 0;
	*n = e->commits_list.count;
	if (log_list(log, e->commits_list.sha256, room, err) ||
		entry_list_commits(buf_all(room), &e->commits_list, a, v, err))
		return bad_list(&e->commits_list, err);
	return 0;
}
