/* What both programs do with their command line: global options, the table of
 * subcommands, help. */
#ifndef CMD_DISPATCH_H
#define CMD_DISPATCH_H

#include "cmd/cmd.h"

/*
 * dispatch(table, argc, argv):
 * Find the subcommand in a table that ends with a row without a name, run it,
 * and answer the status to exit with. A row without `run` belongs to
 * sluice-repo, which then takes this process over.
 */
enum exit_code dispatch(const struct cmd *table, int argc, char **argv);

/* dispatch_repo(run): become sluice-repo, with the very same command line. */
enum exit_code dispatch_repo(const struct run *run);

#endif
