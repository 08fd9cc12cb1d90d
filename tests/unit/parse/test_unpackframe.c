#include "parse/unpackframe.h"

#include "../../support/unit.h"

static void requests_come_back(void **state)
{
	const struct unpack_request r = {.depth = 3,
		.members = 10000,
		.member = 52428800,
		.total = UNPACK_BYTES_MAX,
		.length = 0x12345678};
	unsigned char head[UNPACK_REQUEST_HEAD];
	struct unpack_request got;
	struct err err = ERR_INIT;
	size_t i;

	(void)state;
	unpack_request_write(&r, head);
	assert_int_equal(unpack_request_read(head, &got, &err), 0);
	assert_int_equal(got.depth, 3);
	assert_int_equal(got.members, 10000);
	assert_int_equal(got.member, 52428800);
	assert_int_equal(got.total, UNPACK_BYTES_MAX);
	assert_int_equal(got.length, 0x12345678);
	for (i = 0; i < 8; i++) {
		head[i] ^= 0x80;
		assert_int_equal(unpack_request_read(head, &got, &err), -1);
		head[i] ^= 0x80;
	}
	head[4] = 0;
	assert_int_equal(unpack_request_read(head, &got, &err), -1);
	head[4] = UNPACK_DEPTH_MAX + 1;
	assert_int_equal(unpack_request_read(head, &got, &err), -1);
	head[4] = 1;
	head[20] = 1; /* a total past the maximum */
	assert_int_equal(unpack_request_read(head, &got, &err), -1);
}

struct row {
	struct unpack_frame f;
	bool alone; /* it is a frame at all */
};

static void frames_by_themselves(void **state)
{
	static const struct row t[] = {
		{{UNPACK_END, 0, UNPACK_DONE, 0, 0}, true},
		{{UNPACK_END, 1, UNPACK_DONE, 0, 0}, false},
		{{UNPACK_END, 0, UNPACK_BROKEN, 0, 0}, false},
		{{UNPACK_END, 0, UNPACK_DONE, 1, 0}, false},
		{{UNPACK_END, 0, UNPACK_DONE, 0, 1}, false},
		{{UNPACK_MEMBER, 1, UNPACK_DONE, 5, 7}, true},
		{{UNPACK_MEMBER, 1, UNPACK_DONE, 0, 0}, true},
		{{UNPACK_MEMBER, 0, UNPACK_DONE, 5, 7}, false},
		{{UNPACK_MEMBER, 1, UNPACK_BROKEN, 5, 7}, false},
		{{UNPACK_MEMBER, UNPACK_DEPTH_MAX + 1, UNPACK_DONE, 5, 7},
			false},
		{{UNPACK_MEMBER, 1, UNPACK_DONE, UNPACK_NAME_MAX, 0}, true},
		{{UNPACK_MEMBER, 1, UNPACK_DONE, UNPACK_NAME_MAX + 1, 0},
			false},
		{{UNPACK_MEMBER, 1, UNPACK_DONE, 1, UNPACK_BYTES_MAX}, true},
		{{UNPACK_MEMBER, 1, UNPACK_DONE, 1, UNPACK_BYTES_MAX + 1},
			false},
		{{UNPACK_NOT, 0, UNPACK_BROKEN, 0, 0}, true},
		{{UNPACK_NOT, 0, UNPACK_BROKEN, 1, 0}, false},
		{{UNPACK_NOT, 1, UNPACK_ENCRYPTED, 0, 0}, true},
		{{UNPACK_NOT, 1, UNPACK_ENCRYPTED, 1, 0}, false},
		{{UNPACK_NOT, 1, UNPACK_ENCRYPTED, 0, 1}, false},
		{{UNPACK_NOT, 1, UNPACK_DONE, 0, 0}, false},
		{{UNPACK_NOT, 1, UNPACK_REASONS_MAX, 0, 0}, false},
	};
	unsigned char head[UNPACK_FRAME_HEAD];
	struct unpack_frame got;
	struct err err = ERR_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(t); i++) {
		unpack_frame_write(&t[i].f, head);
		if (unpack_frame_read(head, &got, &err) !=
			(t[i].alone ? 0 : -1))
			fail_msg("row %zu", i);
		if (!t[i].alone)
			continue;
		assert_int_equal(got.kind, t[i].f.kind);
		assert_int_equal(got.depth, t[i].f.depth);
		assert_int_equal(got.reason, t[i].f.reason);
		assert_int_equal(got.name, t[i].f.name);
		assert_int_equal(got.body, t[i].f.body);
		head[3] = 1;
		assert_int_equal(unpack_frame_read(head, &got, &err), -1);
	}
}

#define M(depth, body)                                       \
	{                                                    \
		UNPACK_MEMBER, (depth), UNPACK_DONE, 1, body \
	}
#define N(depth)                                         \
	{                                                \
		UNPACK_NOT, (depth), UNPACK_BROKEN, 0, 0 \
	}
#define E                                        \
	{                                        \
		UNPACK_END, 0, UNPACK_DONE, 0, 0 \
	}

/* How many of the frames are taken: depth 2, 4 members, 10 bytes each and 25 in
 * all were asked for. */
static void frames_in_order(void **state)
{
	static const struct {
		size_t taken, n;
		struct unpack_frame f[7];
	} t[] = {
		{1, 2, {E, E}},
		{1, 2, {E, M(1, 1)}},
		{5, 5, {M(1, 10), M(2, 5), M(2, 5), M(1, 5), E}},
		{0, 1, {M(2, 1)}},
		{2, 3, {M(1, 1), M(2, 1), M(3, 1)}},
		{2, 3, {M(1, 1), M(1, 1), M(3, 1)}},
		{0, 1, {M(1, 11)}},
		{2, 3, {M(1, 10), M(1, 10), M(1, 6)}},
		{4, 5, {M(1, 0), M(1, 0), M(1, 0), M(1, 0), M(1, 0)}},
		{2, 2, {N(0), E}},
		{0, 1, {N(1)}},
		{5, 5, {M(1, 1), N(1), M(2, 1), N(2), E}},
		{5, 5, {M(1, 1), M(2, 1), N(1), N(0), E}},
		{1, 2, {M(1, 1), N(2)}},
		{3, 4, {M(1, 1), M(2, 1), M(1, 1), N(2)}},
	};
	size_t i, k;

	(void)state;
	for (i = 0; i < ARRAY_LEN(t); i++) {
		struct unpack_track track = {.asked = {.depth = 2,
						     .members = 4,
						     .member = 10,
						     .total = 25}};
		struct err err = ERR_INIT;

		for (k = 0; k < t[i].n; k++)
			if (unpack_track(&track, &t[i].f[k], &err))
				break;
		if (k != t[i].taken)
			fail_msg("row %zu: %zu taken", i, k);
	}
}

/* It cannot go on for ever by refusing. */
static void refusals_end(void **state)
{
	const struct unpack_frame no = N(0);
	struct unpack_track track = {.asked = {.depth = 1, .members = 4}};
	struct err err = ERR_INIT;
	size_t k;

	(void)state;
	for (k = 0; k < 100; k++)
		if (unpack_track(&track, &no, &err))
			break;
	assert_in_range(k, 5, 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_come_back),
		cmocka_unit_test(frames_by_themselves),
		cmocka_unit_test(frames_in_order),
		cmocka_unit_test(refusals_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
