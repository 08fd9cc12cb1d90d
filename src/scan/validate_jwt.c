#include "base/text.h"
#include "scan/loose64.h"
#include "scan/validators.h"

enum validity validate_jwt(struct span s, int64_t now)
{
	struct doc *head = NULL, *body = NULL;
	struct span rest, alg = SPAN_EMPTY, subject = SPAN_EMPTY;
	enum validity v = VALIDITY_BAD;
	size_t dot = span_find(s, '.');
	int64_t expires;

	if (dot == SIZE_MAX)
		return VALIDITY_BAD;
	rest = span_from(s, dot + 1);
	if (!loose64_doc(span_sub(s, 0, dot), &head))
		goto out;
	if (!doc_text(doc_get(head, "alg"), &alg) ||
		text_same(alg, SPAN_LIT("none")))
		goto out;
	/* The middle of an encrypted token is no JSON; that is well formed. */
	if (loose64_doc(span_sub(rest, 0, span_find(rest, '.')), &body) &&
		doc_int(doc_get(body, "exp"), &expires) && expires < now)
		goto out;
	v = VALIDITY_FORM;
	if (doc_text(doc_get(body, "sub"), &subject) &&
		span_is(subject, "1234567890"))
		v = VALIDITY_SAMPLE;
out:
	doc_free(head);
	doc_free(body);
	return v;
}
