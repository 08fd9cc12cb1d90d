/* .gitmodules: what is read is inside the text's limits, twice the same, and
 * can be judged. */
#include "model/submodule.h"
#include "parse/gitmodules.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena *arena = arena_new((size_t)256 << 20);
	struct submodule_setting *v, *again;
	struct err err = ERR_INIT;
	size_t i, count, more;
	int ret = gitmodules_parse(span_of(data, n), arena, &v, &count, &err);

	if (ret !=
			gitmodules_parse(
				span_of(data, n), arena, &again, &more, &err) ||
		count != more)
		abort();
	if (ret && (count || !err.text[0]))
		abort();
	for (i = 0; i < count; i++) {
		if (v[i].name.n > GITMODULES_LINE_MAX ||
			v[i].value.n > GITMODULES_LINE_MAX ||
			v[i].name.n + v[i].value.n > n ||
			!span_eq(v[i].value, again[i].value))
			abort();
		submodule_fault(&v[i], SUBMODULE_HTTPS, arena);
	}
	arena_free(arena);
	return 0;
}
