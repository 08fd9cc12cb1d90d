#include "base/grow.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/err.h"

#define FIRST 16

void *grow_more(void *v, size_t *cap, size_t each)
{
	if (*cap > SIZE_MAX / 2)
		die("out of memory");
	*cap = *cap ? *cap * 2 : FIRST;
	v = reallocarray(v, *cap, each);
	if (!v)
		die("out of memory");
	return v;
}
