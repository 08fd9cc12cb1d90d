#include "model/deployed.h"

struct deployed *deployed_add(struct deployed_list *l)
{
	l->v = arena_grow(l->arena, l->v, l->n, &l->cap, sizeof(*l->v));
	return &l->v[l->n++];
}
