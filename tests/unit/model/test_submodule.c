#include "model/submodule.h"
#include "support/unit.h"

#define ALL                                                     \
	(SUBMODULE_HTTPS | SUBMODULE_SSH | SUBMODULE_RELATIVE | \
		SUBMODULE_GIT | SUBMODULE_HTTP | SUBMODULE_FILE)

static struct submodule_setting setting(enum submodule_key key, const char *v)
{
	return (struct submodule_setting){key, SPAN_LIT("lib"), span_str(v)};
}

static void each_kind_of_url_is_known(void **state)
{
	static const struct {
		const char *url;
		unsigned kind; /* 0: never allowed */
	} rows[] = {
		{"https://example.org/x", SUBMODULE_HTTPS},
		{"HTTPS://example.org/x", SUBMODULE_HTTPS},
		{"http://example.org/x", SUBMODULE_HTTP},
		{"git://example.org/x", SUBMODULE_GIT},
		{"ssh://git@example.org/x", SUBMODULE_SSH},
		{"git+ssh://example.org/x", SUBMODULE_SSH},
		{"git@example.org:x", SUBMODULE_SSH},
		{"example.org:x/y", SUBMODULE_SSH},
		{"./x", SUBMODULE_RELATIVE},
		{"../x", SUBMODULE_RELATIVE},
		{"../../a:b", SUBMODULE_RELATIVE},
		{"/srv/x", SUBMODULE_FILE},
		{"file:///srv/x", SUBMODULE_FILE},
		{"x", SUBMODULE_FILE},
		{"x/y:z", SUBMODULE_FILE},
		{"C:\\x", SUBMODULE_FILE},
		{"ftp://example.org/x", 0},
		{"ext::sh -c id", 0},
		{"fd::7", 0},
		{"ext::https://example.org/x", 0},
		{"https:x://y", 0},
		{"", 0},
		{"-x", 0},
		{"--upload-pack=id", 0},
		{"-oProxyCommand=id:x", 0},
		{"ssh://-oProxyCommand=id/x", 0},
		{"ssh://git@-oProxyCommand=id/x", 0},
		{"git@-oProxyCommand=id:x", 0},
		{"https://example.org/%0ahost=evil", 0},
		{"https://example.org/%0D", 0},
		{"https://example.org/%00", 0},
		{"../%0a", 0},
		{"https://example.org/\nhost=evil", 0},
		{"https://example.org/x\r", 0},
		{"../../../:ext", 0},
		{".//:x", 0},
	};
	struct arena *arena = arena_new(1u << 20);
	size_t i;
	unsigned bit;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct submodule_setting s =
			setting(SUBMODULE_URL, rows[i].url);

		if (!submodule_fault(&s, ALL, arena) != (rows[i].kind != 0))
			fail_msg("'%s' among all", rows[i].url);
		for (bit = 1; bit & ALL; bit <<= 1)
			if (!submodule_fault(&s, bit, arena) !=
				(bit == rows[i].kind))
				fail_msg("'%s' as %s", rows[i].url,
					submodule_kinds(bit, arena));
		assert_non_null(submodule_fault(&s, 0, arena));
	}
	assert_string_equal(submodule_kinds(ALL, arena),
		"https, ssh, relative, git, http, file");
	assert_string_equal(submodule_kinds(0, arena), "none");
	assert_string_equal(submodule_kinds(SUBMODULE_HTTPS, arena), "https");
	assert_string_equal(submodule_kinds(SUBMODULE_SSH, arena), "ssh");
	assert_string_equal(
		submodule_kinds(SUBMODULE_RELATIVE, arena), "relative");
	assert_string_equal(submodule_kinds(SUBMODULE_GIT, arena), "git");
	assert_string_equal(submodule_kinds(SUBMODULE_HTTP, arena), "http");
	assert_string_equal(submodule_kinds(SUBMODULE_FILE, arena), "file");
	arena_free(arena);
}

static void paths_names_and_updates(void **state)
{
	static const struct {
		enum submodule_key key;
		const char *name, *value;
		bool good;
	} rows[] = {
		{SUBMODULE_PATH, "a", "lib/x", true},
		{SUBMODULE_PATH, "a", "..x", true},
		{SUBMODULE_PATH, "a", "", false},
		{SUBMODULE_PATH, "a", "-x", false},
		{SUBMODULE_PATH, "a", "/x", false},
		{SUBMODULE_PATH, "a", "\\x", false},
		{SUBMODULE_PATH, "a", "c:x", false},
		{SUBMODULE_PATH, "a", "..", false},
		{SUBMODULE_PATH, "a", "x/../y", false},
		{SUBMODULE_PATH, "a", "x\\..", false},
		{SUBMODULE_PATH, "a", ".git/modules", false},
		{SUBMODULE_PATH, "a", "x/.GIT", false},
		{SUBMODULE_PATH, "a", "x\r", false},
		{SUBMODULE_PATH, "..", "x", false},
		{SUBMODULE_PATH, "a/../b", "x", false},
		{SUBMODULE_PATH, "a\\..\\b", "x", false},
		{SUBMODULE_PATH, "a..b", "x", true},
		{SUBMODULE_PATH, "", "x", false},
		{SUBMODULE_PATH, "a\nb", "x", false},
		{SUBMODULE_UPDATE, "a", "rebase", true},
		{SUBMODULE_UPDATE, "a", "", true},
		{SUBMODULE_UPDATE, "a", "!id", false},
		{SUBMODULE_UPDATE, "../a", "none", false},
	};
	struct arena *arena = arena_new(1u << 20);
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct submodule_setting s = {rows[i].key,
			span_str(rows[i].name), span_str(rows[i].value)};

		if (!submodule_fault(&s, ALL, arena) != rows[i].good)
			fail_msg("'%s': '%s'", rows[i].name, rows[i].value);
	}
	assert_string_equal(submodule_key_name(SUBMODULE_URL), "url");
	assert_string_equal(submodule_key_name(SUBMODULE_PATH), "path");
	assert_string_equal(submodule_key_name(SUBMODULE_UPDATE), "update");
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_of_url_is_known),
		cmocka_unit_test(paths_names_and_updates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
