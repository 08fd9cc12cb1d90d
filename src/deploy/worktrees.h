/* Worktrees on this host as things that run. */
#ifndef DEPLOY_WORKTREES_H
#define DEPLOY_WORKTREES_H

#include "model/deployed.h"

/*
 * worktrees_add(dir, out):
 * Append the worktree at ${dir}, named by that folder. One that cannot be read
 * becomes an item that is unfit. Files that are ignored by rules of the commit
 * are a remark; ignored by any other rules they count as untracked ones do.
 */
void worktrees_add(const char *dir, struct deployed_list *out);

#endif
