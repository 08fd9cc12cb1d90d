/* The policy: never a crash or a leak, and what is accepted can be shown,
 * explained and asked about. */
#include "base/text.h"
#include "parse/policy.h"
#include "parse/policytext.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena *arena = arena_new(64u << 20);
	struct buf text = BUF_INIT(16u << 20);
	struct err err = ERR_INIT;
	struct policy *p;
	struct rules r;

	if (policy_parse(span_of(data, n), arena, &p, &err)) {
		if (p || !err.text[0])
			abort();
		goto out;
	}
	policy_show(p, arena, &text);
	if (!text_is_utf8(buf_all(&text)))
		abort();
	if (policy_rules(p, SPAN_LIT("payments/api"),
		    SPAN_LIT("refs/heads/main"), &r)) {
		if (!rules_cover(&r, &r))
			abort();
		policy_explain(
			p, &r, "payments/api", "refs/heads/main", arena, &text);
	}
out:
	buf_free(&text);
	arena_free(arena);
	return 0;
}
