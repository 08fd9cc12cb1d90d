/*
 * One order for the new commits of a push, whatever the walk that found them
 * met first: where several lack the same, the first is named, and a clone that
 * is asked before the push has to name the same one as the gate.
 */
#ifndef GATHER_ARRANGE_H
#define GATHER_ARRANGE_H

#include "base/arena.h"
#include "model/fact.h"

/*
 * changes_arrange(f, at, arena):
 * Put f->change in order: a commit before its parents, else the one that was
 * committed later, else by name; ${at}, each one's number by its name, and the
 * numbers that the updates have follow.
 */
void changes_arrange(struct facts *f, struct oid_set *at, struct arena *arena);

#endif
