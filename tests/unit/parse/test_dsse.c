#include "../../support/unit.h"

#include "parse/doc.h"
#include "parse/dsse.h"

/* The example of the specification. */
static void pae_of_the_specification(void **state)
{
	struct buf b = BUF_INIT(200);

	(void)state;
	dsse_pae("http://example.com/HelloWorld", SPAN_LIT("hello world"), &b);
	unit_span_is(buf_all(&b),
		"DSSEv1 29 http://example.com/HelloWorld 11 hello world");
	buf_reset(&b);
	dsse_pae("", SPAN_EMPTY, &b);
	unit_span_is(buf_all(&b), "DSSEv1 0  0 ");
	buf_free(&b);
}

static void envelope(void **state)
{
	struct buf b = BUF_INIT(1000);
	struct err err = ERR_INIT;
	const struct doc *one;
	struct doc *j;

	(void)state;
	dsse_write("t", SPAN_LIT("{}"), "0a", SPAN_LIT("sig"), &b);
	assert_int_equal(doc_parse(buf_all(&b), &j, &err), 0);
	unit_span_is(doc_get_text(j, "payload"), "e30=");
	unit_span_is(doc_get_text(j, "payloadType"), "t");
	assert_int_equal(doc_count(doc_get(j, "signatures")), 1);
	one = doc_at(doc_get(j, "signatures"), 0);
	unit_span_is(doc_get_text(one, "sig"), "c2ln");
	unit_span_is(doc_get_text(one, "keyid"), "0a");
	doc_free(j);
	buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pae_of_the_specification),
		cmocka_unit_test(envelope),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
