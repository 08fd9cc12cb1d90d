/* Tokens that carry JSON, made here from the JSON. */
#include "support/unit.h"

#include "base/text.h"
#include "scan/validate.h"

static const struct {
	enum validator validator;
	const char *before, *json, *after;
	enum validity validity;
} rows[] = {
	{VALIDATOR_JSON_SENTRY, "sntrys_",
		"{\"iat\":1.5,\"url\":null,\"region_url\":\"https://"
		"fake.test\","
		"\"org\":\"fake\"}",
		"_FAKE0123456789", VALIDITY_FORM},
	{VALIDATOR_JSON_SENTRY, "sntrys_",
		"{\"iat\":1,\"region_url\":\"https://fake.test\"}", "_FAKE",
		VALIDITY_FORM},
	{VALIDATOR_JSON_SENTRY, "sntrys_", "{\"region_url\":\"x\"}", "_FAKE",
		VALIDITY_BAD},
	{VALIDATOR_JSON_SENTRY, "sntrys_", "{\"iat\":1}", "_FAKE",
		VALIDITY_BAD},
	{VALIDATOR_JSON_SENTRY, "sntrys_", "{\"iat\":1,\"region_url\":\"x\"",
		"_FAKE", VALIDITY_BAD},
	{VALIDATOR_JSON_SENTRY, "", "{\"iat\":1,\"region_url\":\"x\"}", "",
		VALIDITY_BAD},
	{VALIDATOR_JSON_GRAFANA, "glc_",
		"{\"o\":\"1\",\"n\":\"fake\",\"k\":\"FAKE\",\"m\":{\"r\":"
		"\"us\"}"
		"}",
		"", VALIDITY_FORM},
	{VALIDATOR_JSON_GRAFANA, "", "{\"k\":\"FAKE\",\"n\":\"fake\",\"id\":1}",
		"", VALIDITY_FORM},
	{VALIDATOR_JSON_GRAFANA, "glc_", "{\"n\":\"fake\"}", "", VALIDITY_BAD},
	{VALIDATOR_JSON_GRAFANA, "glc_", "{\"n\":\"fake\",\"k\":1}", "",
		VALIDITY_BAD},
	{VALIDATOR_JSON_GRAFANA, "glc_", "[\"k\",\"n\"]", "", VALIDITY_BAD},
	{VALIDATOR_JSON_GRAFANA, "glc_", "no JSON at all", "", VALIDITY_BAD},
	{VALIDATOR_JSON_ONEPASSWORD, "ops_",
		"{\"signInAddress\":\"fake.test\",\"secretKey\":\"A3-FAKE\"}",
		"", VALIDITY_FORM},
	{VALIDATOR_JSON_ONEPASSWORD, "ops_", "{\"secretKey\":\"A3-FAKE\"}", "",
		VALIDITY_BAD},
	{VALIDATOR_JSON_ONEPASSWORD, "ops_", "", "", VALIDITY_BAD},
};

static void make(size_t i, struct buf *out)
{
	buf_str(out, rows[i].before);
	text_base64(out, span_str(rows[i].json));
	buf_str(out, rows[i].after);
}

static void table(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf token = BUF_INIT(4096);

		make(i, &token);
		if (validate(rows[i].validator, buf_all(&token), 0) !=
			rows[i].validity)
			fail_msg("%zu: %s", i, rows[i].json);
		buf_free(&token);
	}
}

/* JSON that ends early is none. */
static void any_cut(void **state)
{
	size_t i, n;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf token = BUF_INIT(4096);

		make(i, &token);
		/* Padding, and what follows the JSON, may go. */
		for (n = 0; n + strlen(rows[i].after) + 4 <= token.n; n++)
			assert_int_equal(
				validate(rows[i].validator,
					span_sub(buf_all(&token), 0, n), 0),
				VALIDITY_BAD);
		buf_free(&token);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table),
		cmocka_unit_test(any_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
