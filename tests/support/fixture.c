#include "support/fixture.h"

struct fixture *fixture_new(void **state, const struct check *check)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	world_open(&f->w);
	f->check = check;
	f->up = world_update(&f->w, "refs/heads/main");
	*state = f;
	return f;
}

int fixture_free(void **state)
{
	struct fixture *f = *state;

	world_close(&f->w);
	free(f);
	return 0;
}

const char *judged(struct fixture *f)
{
	return world_findings(&f->w, f->check, f->up);
}
