/* The subcommands of 'sluice log', a file each where they are long. */
#ifndef CMD_LOG_H
#define CMD_LOG_H

#include "cmd/cmd.h"
#include "log/index.h"
#include "log/source_http.h"
#include "parse/doc.h"

enum exit_code cmd_log_show(struct run *run, int argc, char **argv);
enum exit_code cmd_log_find(struct run *run, int argc, char **argv);
enum exit_code cmd_log_verify(struct run *run, int argc, char **argv);
enum exit_code cmd_log_prove(struct run *run, int argc, char **argv);
enum exit_code cmd_log_export(struct run *run, int argc, char **argv);
enum exit_code cmd_log_pack(struct run *run, int argc, char **argv);
enum exit_code cmd_log_prune(struct run *run, int argc, char **argv);
enum exit_code cmd_log_publish(struct run *run, int argc, char **argv);
enum exit_code cmd_log_witness(struct run *run, int argc, char **argv);
enum exit_code cmd_log_mirror(struct run *run, int argc, char **argv);
enum exit_code cmd_log_monitor(struct run *run, int argc, char **argv);
enum exit_code cmd_log_recover(struct run *run, int argc, char **argv);
enum exit_code cmd_log_key(struct run *run, int argc, char **argv);
enum exit_code cmd_log_countersign(struct run *run, int argc, char **argv);
enum exit_code cmd_log_token_key(struct run *run, int argc, char **argv);
enum exit_code cmd_log_rotate_key(struct run *run, int argc, char **argv);

/* What 'log prove --continuous' asks. */
struct prove_span {
	const char *ref, *repository, *from, *to;
	bool witnessed;
};
/* log_prove_span(run, k, err): write the proof, or say why there is none. */
MUST_USE enum exit_code log_prove_span(
	struct run *run, const struct prove_span *k, struct err *err);

/* log_read_vkey(vkey, out, err): that verifier key, or the one in the file of
 * that name; white space may stand round it (log_mirror.c). */
MUST_USE int log_read_vkey(const char *vkey, struct buf *out, struct err *err);

/* log_source_from(how, out, err): the files at that address (http, ssh) or in
 * that folder; ERR_USAGE when it can be none (log_mirror.c). */
MUST_USE int log_source_from(
	const struct log_http *how, struct log_source **out, struct err *err);

/* log_open_from(how, vkey, out, err): the log there, under
 * that verifier key, or the one in the file of that name (log_mirror.c). */
MUST_USE int log_open_from(const struct log_http *how, const char *vkey,
	struct log_reader **out, struct err *err);

/* log_duration(option, text, out, err): "30s", "90m", "36h", "7d", in seconds;
 * ERR_USAGE names ${option} (log_mirror.c). */
MUST_USE int log_duration(
	const char *option, const char *text, int64_t *out, struct err *err);

/*
 * log_object(ix, text, a, out, err):
 * The one object whose name begins with those 7 to 40 digits. 1 when no entry
 * names such a one; -1 when several do, or the text is no name.
 */
MUST_USE int log_object(struct index *ix, const char *text, struct arena *a,
	struct oid *out, struct err *err);

/* log_is_number(text, out): whether it is an entry's number: up to 6 digits,
 * or more with a '#' before them. */
MUST_USE bool log_is_number(const char *text, uint64_t *out);

/* log_row(r, json, compromised): an entry as a line of text, or of JSON, with
 * what is in doubt of it unless that is NULL. */
void log_row(
	const struct index_row *r, bool json, const struct doc *compromised);

/* log_name_at(run, argc, argv, err): where the name of the subcommand stands:
 * "--state X" and the like may be before it. */
MUST_USE int log_name_at(
	struct run *run, int argc, char **argv, struct err *err);

#define LOG_ARENA ((size_t)4 << 30)

#endif
