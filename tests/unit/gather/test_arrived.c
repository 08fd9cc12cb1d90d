/* Told by packs, by what was there before, and by what lies loose. */
#include "gather/arrived.h"
#include "support/unit.h"

#include "base/io.h"

static const char script[] =
	"export HOME=\"$PWD\" GIT_CONFIG_NOSYSTEM=1\n"
	"git init -q --bare r\n"
	"cd r\n"
	"for i in 1 2 3 4 5 6 7 8; do echo $i | git hash-object -w --stdin\n"
	"done >../packed\n"
	"git pack-objects -q objects/pack/pack <../packed >../pack\n"
	"git prune-packed\n";

static void in_packs_or_loose(void **state)
{
	struct packlist packs = {0};
	struct arrived none = {0}, a = {.packs = &packs};
	struct err err = ERR_INIT;
	struct oid id, other;
	char dir[300], path[400];
	struct buf text = BUF_INIT(4096);
	struct span rest, line;
	size_t n = 0;

	(void)state;
	unit_dir(dir, sizeof(dir));
	unit_shell(dir, script);
	snprintf(path, sizeof(path), "%s/r/objects", dir);
	assert_int_equal(packlist_open(path, false, &packs, &err), 0);
	assert_int_equal(packs.n, 1);
	snprintf(path, sizeof(path), "%s/packed", dir);
	assert_int_equal(io_read_file(path, &text, &err), 0);
	for (rest = buf_all(&text); span_line(&rest, &line, NULL); n++) {
		assert_true(oid_read(line, &id));
		other = id;
		other.b[OID_RAW - 1] ^= 1;
		assert_false(arrived_has(&none, &id));
		assert_true(arrived_has(&a, &id));
		assert_true(arrived_packed(&a, &id));
		assert_false(arrived_has(&a, &other));
		oid_set_add(&a.again, &id);
		assert_false(arrived_has(&a, &id));
		assert_false(arrived_packed(&a, &id));
		oid_set_add(&a.loose, &other);
		assert_true(arrived_has(&a, &other));
	}
	assert_int_equal(n, 8);
	arrived_free(&a);
	assert_int_equal(a.again.n, 0);
	packlist_close(&packs);
	buf_free(&text);
	unit_rm(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_packs_or_loose),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
