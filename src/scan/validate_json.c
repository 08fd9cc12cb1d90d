#include "scan/loose64.h"
#include "scan/validators.h"

/* JSON that has texts under both keys; ${number} instead for the second. */
static enum validity has(
	struct span body, const char *text, const char *other, bool number)
{
	struct doc *doc = NULL;
	struct span s;
	double real;
	bool yes;

	yes = loose64_doc(body, &doc) && doc_text(doc_get(doc, text), &s) &&
		(!other ||
			(number ? doc_real(doc_get(doc, other), &real)
				: doc_text(doc_get(doc, other), &s)));
	doc_free(doc);
	return yes ? VALIDITY_FORM : VALIDITY_BAD;
}

static struct span without(struct span s, struct span prefix)
{
	return span_starts(s, prefix) ? span_from(s, prefix.n) : s;
}

enum validity validate_json_sentry(struct span s)
{
	struct span body = without(s, SPAN_LIT("sntrys_"));
	size_t n = body.n;

	while (n && body.p[n - 1] != '_')
		n--;
	if (!n)
		return VALIDITY_BAD;
	return has(span_sub(body, 0, n - 1), "region_url", "iat", true);
}

enum validity validate_json_grafana(struct span s)
{
	return has(without(s, SPAN_LIT("glc_")), "k", "n", false);
}

enum validity validate_json_onepassword(struct span s)
{
	return has(without(s, SPAN_LIT("ops_")), "signInAddress", NULL, false);
}
