#include "support/unit.h"

#include "base/io.h"
#include "parse/cms.h"
#include "parse/der.h"

static unsigned char bytes[8192];

/* Signatures by openssl and gpgsm. */
static struct span sample(const char *name)
{
	struct buf b = BUF_INIT(sizeof(bytes)), path = PATH_BUF_INIT;
	struct err err = ERR_INIT;
	size_t n;

	buf_fmt(&path, "tests/fuzz/corpus/cms/%s", name);
	if (io_read_file(buf_cstr(&path), &b, &err))
		fail_msg("%s", err.text);
	memcpy(bytes, b.p, b.n);
	n = b.n;
	buf_free(&b);
	buf_free(&path);
	return span_of(bytes, n);
}

static const char *why(struct span s)
{
	static struct err err;
	struct cms sig;

	err_clear(&err);
	return cms_read(s, &sig, &err) ? err.text : NULL;
}

static void as_they_are_made(void **state)
{
	struct err err = ERR_INIT;
	struct cms sig;

	(void)state;
	assert_int_equal(cms_read(sample("gpgsm"), &sig, &err), 0);
	assert_int_equal(sig.ncert, 1);
	assert_int_equal(sig.digest, CMS_SHA256);
	assert_int_equal(sig.algorithm, CMS_RSA);
	assert_int_equal(sig.message_digest.n, 32);
	assert_int_equal(sig.signature.n, 256);
	assert_int_equal(sig.keyid.n, 0);
	assert_int_equal(cms_read(sample("below-inter"), &sig, &err), 0);
	assert_int_equal(sig.ncert, 2);
	assert_int_equal(sig.algorithm, CMS_ECDSA);
	assert_int_equal(cms_read(sample("keyid"), &sig, &err), 0);
	assert_int_equal(sig.keyid.n, 20);
	assert_int_equal(sig.issuer.n, 0);
	assert_string_equal(
		why(sample("noattr")), "CMS: it has no signed attributes");
}

static void every_front_is_refused(void **state)
{
	static const char *const names[] = {"gpgsm", "below-inter", "keyid"};
	size_t i, n;

	(void)state;
	for (i = 0; i < ARRAY_LEN(names); i++) {
		struct span s = sample(names[i]);

		for (n = 0; n < s.n; n++)
			assert_non_null(why(span_sub(s, 0, n)));
		bytes[s.n] = 0;
		assert_non_null(why(span_of(bytes, s.n + 1)));
	}
}

/* A bit that changes nothing of what is read is one that anybody could turn. */
static void every_bit_is_read_or_refused(void **state)
{
	static const char *const names[] = {"gpgsm", "below-inter", "keyid"};
	struct err err = ERR_INIT;
	unsigned char was[sizeof(bytes)];
	struct cms good, sig;
	size_t i, bit;

	(void)state;
	for (i = 0; i < ARRAY_LEN(names); i++) {
		struct span s = sample(names[i]);

		memcpy(was, bytes, s.n);
		assert_int_equal(cms_read(s, &good, &err), 0);
		for (bit = 0; bit < 8 * s.n; bit++) {
			const unsigned char *at = &bytes[bit / 8];
			bool told = false;
			size_t k;

			bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
			if (cms_read(s, &sig, &err)) {
				err_clear(&err);
				told = true;
			} else {
				const struct span read[] = {sig.issuer,
					sig.serial, sig.keyid, sig.attributes,
					sig.message_digest, sig.signature};

				told = sig.digest != good.digest ||
					sig.algorithm != good.algorithm;
				for (k = 0; k < ARRAY_LEN(read); k++)
					told |= read[k].n && at >= read[k].p &&
						at < read[k].p + read[k].n;
				for (k = 0; k < sig.ncert; k++)
					told |= at >= sig.cert[k].p &&
						at < sig.cert[k].p +
								sig.cert[k].n;
			}
			if (!told)
				fail_msg("%s: bit %zu of byte %zu", names[i],
					bit % 8, bit / 8);
			bytes[bit / 8] = was[bit / 8];
		}
	}
}

static void lengths_are_the_shortest(void **state)
{
	static const struct {
		unsigned char bytes[8];
		size_t n;
		bool good;
	} rows[] = {{{4, 1, 7}, 3, true}, {{4, 0x81, 1, 7}, 4, false},
		{{4, 0x82, 0, 1, 7}, 5, false}, {{4, 0x80, 0, 0}, 4, false},
		{{4, 2, 7}, 3, false}, {{4}, 1, false}, {{4, 0x81}, 2, false},
		{{4, 0x84, 0, 0, 0, 1, 7}, 7, false}, {{5, 1, 7}, 3, false},
		{{4, 0}, 2, true}};
	static unsigned char large[300] = {4, 0x81, 200};
	struct span s, value;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		s = span_of(rows[i].bytes, rows[i].n);
		assert_int_equal(
			der_take(&s, DER_OCTETS, &value), rows[i].good);
	}
	s = span_of(large, sizeof(large));
	assert_true(der_take_whole(&s, DER_OCTETS, &value));
	assert_int_equal(value.n, 203);
	assert_int_equal(s.n, 97);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_they_are_made),
		cmocka_unit_test(every_front_is_refused),
		cmocka_unit_test(every_bit_is_read_or_refused),
		cmocka_unit_test(lengths_are_the_shortest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
