#include "scan/patch.h"

#include "base/grow.h"

static void note(struct patch *p, size_t at, size_t from, size_t n)
{
	struct scan_copy *last = p->n ? &p->copy[p->n - 1] : NULL;

	if (last && last->at + last->n == at && last->from + last->n == from) {
		last->n += n;
		return;
	}
	/* The last one is complete: see whether it was worth noting. */
	if (last && last->n < PATCH_COPY_MIN)
		p->n--;
	p->copy = grow(p->copy, p->n, &p->cap, sizeof(*p->copy));
	p->copy[p->n++] = (struct scan_copy){at, from, n};
}

int patch_apply(struct delta *d, struct span base, unsigned char *out,
	struct patch *patch, struct err *err)
{
	struct delta_step step;
	size_t at;
	int more;

	if (patch)
		patch->n = 0;
	if (d->from != base.n)
		return err_set(
			err, ERR_INPUT, "a delta for a base of another length");
	while ((more = delta_next(d, &step, err)) > 0) {
		at = (size_t)d->made - step.n;
		if (step.new) {
			memcpy(out + at, step.new, step.n);
			continue;
		}
		memcpy(out + at, base.p + step.at, step.n);
		if (patch)
			note(patch, at, step.at, step.n);
	}
	if (patch && patch->n && patch->copy[patch->n - 1].n < PATCH_COPY_MIN)
		patch->n--;
	return more;
}

void patch_free(struct patch *p)
{
	free(p->copy);
	memset(p, 0, sizeof(*p));
}
