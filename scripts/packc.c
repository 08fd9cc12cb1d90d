/*
 * packc PACK.json SHA256: the rule pack as C on standard output. Run by make,
 * so that no push has to read 140 kB of JSON before it is looked at.
 */
#include <stdio.h>

#include "base/io.h"
#include "parse/rulepack.h"

static void put_bytes(struct span s)
{
	size_t i;

	if (!s.p) {
		printf("{0, 0}");
		return;
	}
	printf("{(const unsigned char *)\"");
	for (i = 0; i < s.n; i++) {
		if (s.p[i] < ' ' || s.p[i] > '~' || s.p[i] == '"' ||
			s.p[i] == '\\' || s.p[i] == '?')
			printf("\\%03o", s.p[i]);
		else
			putchar(s.p[i]);
	}
	printf("\", %zu}", s.n);
}

static void put_list(const char *kind, size_t n, const struct word_list *list)
{
	size_t i;

	if (!list->n)
		return;
	printf("static struct span %s_%zu[] = {\n", kind, n);
	for (i = 0; i < list->n; i++) {
		put_bytes(list->v[i]);
		printf(",\n");
	}
	printf("};\n");
}

static void put_list_ref(
	const char *kind, size_t n, const struct word_list *list)
{
	if (list->n)
		printf("{%s_%zu, %zu},\n", kind, n, list->n);
	else
		printf("{0, 0},\n");
}

static void put_sets(const struct rulepack *pack)
{
	size_t i;

	for (i = 0; i < pack->nsets; i++) {
		put_list("secret", i, &pack->sets[i].secret);
		put_list("match", i, &pack->sets[i].match);
		put_list("words", i, &pack->sets[i].words);
	}
	printf("static struct allow_set sets[] = {\n");
	for (i = 0; i < pack->nsets; i++) {
		printf("{");
		put_bytes(pack->sets[i].name);
		printf(",\n");
		put_list_ref("secret", i, &pack->sets[i].secret);
		put_list_ref("match", i, &pack->sets[i].match);
		put_list_ref("words", i, &pack->sets[i].words);
		printf("},\n");
	}
	/* Never empty, so that the array is C. */
	printf("{{0, 0}, {0, 0}, {0, 0}, {0, 0}},\n};\n");
}

static void put_span(const char *name, struct span s)
{
	printf(".%s = ", name);
	put_bytes(s);
	printf(",\n");
}

static void put_rule(const struct rule *r, size_t i)
{
	printf("{\n");
	put_span("id", r->id);
	put_span("description", r->description);
	put_span("remediation", r->remediation);
	put_span("regex", r->regex);
	put_span("path", r->path);
	printf(".keywords = ");
	put_list_ref("keywords", i, &r->keywords);
	printf(".group = %u, .entropy = %a,\n", r->group, r->entropy);
	printf(".validator = (enum validator)%d,\n", (int)r->validator);
	printf(".confidence = (enum confidence)%d,\n", (int)r->confidence);
	printf(".generic = %d,\n", r->generic);
	if (r->nallow)
		printf(".allow = allow_%zu, .nallow = %zu,\n", i, r->nallow);
	printf("},\n");
}

/* Examples are for the tests, which read the JSON. */
static void put_rules(const struct rulepack *pack)
{
	size_t i, j;

	for (i = 0; i < pack->n; i++) {
		const struct rule *r = &pack->rules[i];

		put_list("keywords", i, &r->keywords);
		if (!r->nallow)
			continue;
		printf("static const struct allow_set *allow_%zu[] = {\n", i);
		for (j = 0; j < r->nallow; j++)
			printf("&sets[%zu],\n",
				(size_t)(r->allow[j] - pack->sets));
		printf("};\n");
	}
	printf("static struct rule rules[] = {\n");
	for (i = 0; i < pack->n; i++)
		put_rule(&pack->rules[i], i);
	printf("};\n");
}

int main(int argc, char **argv)
{
	struct buf text = BUF_INIT(RULEPACK_TEXT_MAX);
	struct arena *arena = arena_new((size_t)64 << 20);
	const struct rulepack *pack;
	struct err err = ERR_INIT;

	if (argc != 3)
		die("usage: packc PACK.json SHA256");
	if (io_read_file(argv[1], &text, &err) ||
		rulepack_parse(buf_all(&text), arena, &pack, &err))
		die("%s: %s", argv[1], err.text);
	printf("#include \"scan/builtin.h\"\n");
	put_sets(pack);
	put_rules(pack);
	printf("const struct rulepack builtin_rules = {\n");
	put_bytes(pack->name);
	printf(",\nrules, %zu, sets, %zu, 0};\n", pack->n, pack->nsets);
	printf("const char builtin_digest[] = \"%s\";\n", argv[2]);
	arena_free(arena);
	buf_free(&text);
	return fflush(stdout) || ferror(stdout);
}
