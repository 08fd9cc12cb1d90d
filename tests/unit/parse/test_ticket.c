#include "../../support/unit.h"

#include <stdio.h>

#include "parse/ticket.h"

#define SUM                                \
	"0123456789abcdef0123456789abcdef" \
	"0123456789abcdef0123456789abcdef"

static struct ticket example(enum ticket_word word)
{
	struct ticket t = {.word = word, .record = SPAN_LIT("{\"a\":1}")};

	memcpy(t.sha256, SUM, sizeof(t.sha256));
	if (word == TICKET_TAKEN)
		t.index = 17;
	if (word == TICKET_DONE) {
		t.receipt = (struct log_receipt){.index = 17, .size = 40};
		memcpy(t.receipt.record, SUM, sizeof(t.receipt.record));
	}
	return t;
}

static void test_there_and_back(void **unused)
{
	static const enum ticket_word words[] = {
		TICKET_WAITS, TICKET_TAKEN, TICKET_DONE};
	size_t i;

	(void)unused;
	for (i = 0; i < ARRAY_LEN(words); i++) {
		struct ticket t = example(words[i]), back, answer;
		struct buf text = BUF_INIT(TICKET_MAX);
		struct err err = ERR_INIT;

		ticket_write(&t, &text);
		assert_int_equal(ticket_parse(buf_all(&text), &back, &err), 0);
		assert_int_equal(back.word, t.word);
		assert_int_equal(back.index, t.index);
		assert_int_equal(back.receipt.index, t.receipt.index);
		assert_int_equal(back.receipt.size, t.receipt.size);
		assert_string_equal(back.receipt.record, t.receipt.record);
		assert_string_equal(back.sha256, SUM);
		assert_true(span_eq(back.record, t.record));
		assert_int_equal(ticket_answer_parse(span_sub(buf_all(&text), 0,
							     TICKET_ANSWER),
					 &answer, &err),
			0);
		assert_int_equal(answer.word, t.word);
		assert_int_equal(answer.index, t.index);
		assert_int_equal(answer.receipt.size, t.receipt.size);
		buf_free(&text);
	}
}

/* ${head} and zeros, then ${rest}. */
static void refused(const char *head, const char *rest)
{
	struct buf text = BUF_INIT(2 * TICKET_MAX);
	struct err err = ERR_INIT;
	struct ticket t;

	buf_str(&text, head);
	while (text.n < TICKET_ANSWER)
		buf_byte(&text, '\0');
	buf_str(&text, rest);
	if (!ticket_parse(buf_all(&text), &t, &err))
		fail_msg("read: %s %s", head, rest);
	assert_int_equal(err.code, ERR_LOG);
	assert_int_equal(t.word, TICKET_WAITS);
	assert_int_equal(t.record.n, 0);
	buf_free(&text);
}

static void test_bad(void **unused)
{
	static const char good[] = "record 2 " SUM "\n{}";
	static const char *const heads[] = {
		"waits\n",
		"taken\n",
		"taken 1",
		"taken 01\n",
		"taken -1\n",
		"taken 1 \n",
		"taken 99999999999999999999\n",
		"taken 1\ntaken 2\n",
		"taken 1\nx",
		"x",
		"busy\n",
		"ok 1 2 abc\n",
		"ok 2 2 " SUM "\n",
		"fail 1 0\nx\n\n",
	};
	static const char *const rests[] = {
		"",
		"record 2 " SUM "\n{",
		"record 2 " SUM "\n{} ",
		"record 0 " SUM "\n",
		"record 02 " SUM "\n{}",
		"record 2  " SUM "\n{}",
		"record 2 " SUM " \n{}",
		"record 2\n{}",
		"record 2 0123\n{}",
		"record 2 " SUM "{}",
		"Record 2 " SUM "\n{}",
		"record 65537 " SUM "\n{}",
	};
	size_t i;

	(void)unused;
	for (i = 0; i < ARRAY_LEN(heads); i++)
		refused(heads[i], good);
	for (i = 0; i < ARRAY_LEN(rests); i++)
		refused("", rests[i]);
}

static void test_lengths(void **unused)
{
	static char most[TICKET_RECORD + 1];
	struct ticket t = example(TICKET_WAITS), back;
	struct buf text = BUF_INIT(2 * TICKET_MAX);
	struct err err = ERR_INIT;
	size_t n;

	(void)unused;
	memset(most, 'a', sizeof(most));
	t.record = span_of(most, TICKET_RECORD);
	ticket_write(&t, &text);
	assert_int_equal(ticket_parse(buf_all(&text), &back, &err), 0);
	assert_int_equal(back.record.n, TICKET_RECORD);
	/* Cut anywhere in what comes before the record. */
	for (n = 0; n <= TICKET_ANSWER + 80; n++)
		assert_int_equal(ticket_parse(span_sub(buf_all(&text), 0, n),
					 &back, &err),
			-1);
	t.record = span_of(most, TICKET_RECORD + 1);
	buf_reset(&text);
	ticket_write(&t, &text);
	assert_int_equal(ticket_parse(buf_all(&text), &back, &err), -1);
	assert_int_equal(
		ticket_answer_parse(span_of(most, 3), &back, &err), -1);
	buf_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_there_and_back),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_lengths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
