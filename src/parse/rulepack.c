#include "parse/rulepack.h"

#include "base/text.h"
#include "parse/doc.h"

/* Where we are in the document, for messages: "rules[3].examples". */
struct at {
	const struct at *up;
	const char *key; /* or NULL: an index */
	size_t index;
};

static void at_text(const struct at *at, struct buf *out)
{
	if (!at)
		return;
	at_text(at->up, out);
	if (!at->key)
		buf_fmt(out, "[%zu]", at->index);
	else
		buf_fmt(out, "%s%s", out->n ? "." : "", at->key);
}

static int bad(const struct at *at, struct err *err, const char *what)
{
	struct buf where = BUF_INIT(256);

	at_text(at, &where);
	err_set(err, ERR_POLICY, "rule pack: %s: %s",
		where.n ? buf_cstr(&where) : "top level", what);
	buf_free(&where);
	return -1;
}

static int known(const struct doc *object, const char *const *keys,
	const struct at *up, struct err *err)
{
	const struct doc *value;
	const void *pos = NULL;
	struct span key;
	size_t i;

	if (doc_kind(object) != DOC_OBJECT)
		return bad(up, err, "expected an object");
	while (doc_next(object, &pos, &key, &value)) {
		struct buf name = BUF_INIT(64);
		struct at at = {up, NULL, 0};
		int r = 0;

		if (span_is(key, "comment"))
			continue;
		for (i = 0; keys[i] && !span_is(key, keys[i]); i++)
			;
		if (!keys[i]) {
			text_printable(&name, key, 48);
			at.key = buf_cstr(&name);
			r = bad(&at, err, "unknown key");
		}
		buf_free(&name);
		if (r)
			return r;
	}
	return 0;
}

/* A string that is not empty. Absent is an error only when ${needed}. */
static int get_text(const struct doc *object, const char *key, bool needed,
	const struct at *up, struct arena *arena, struct span *out,
	struct err *err)
{
	const struct doc *value = doc_get(object, key);
	struct at at = {up, key, 0};
	struct span s;

	*out = SPAN_EMPTY;
	if (!value && !needed)
		return 0;
	if (!value)
		return bad(&at, err, "missing, expected a string");
	if (!doc_text(value, &s) || !s.n)
		return bad(&at, err, "expected a string that is not empty");
	*out = arena_copy(arena, s);
	return 0;
}

static int get_words(const struct doc *object, const char *key,
	const struct at *up, struct arena *arena, struct word_list *out,
	struct err *err)
{
	const struct doc *list = doc_get(object, key);
	struct at at = {up, key, 0};
	size_t i, n = doc_count(list);
	struct span s;

	*out = (struct word_list){0};
	if (!list)
		return 0;
	if (doc_kind(list) != DOC_ARRAY || !n)
		return bad(&at, err,
			"expected an array of strings that is not empty");
	out->v = arena_get(arena, n, sizeof(*out->v));
	for (i = 0; i < n; i++) {
		struct at item = {&at, NULL, i};

		if (!doc_text(doc_at(list, i), &s) || !s.n)
			return bad(&item, err,
				"expected a string that is not empty");
		out->v[i] = arena_copy(arena, s);
	}
	out->n = n;
	return 0;
}

static int get_bool(const struct doc *object, const char *key,
	const struct at *up, bool *out, struct err *err)
{
	const struct doc *value = doc_get(object, key);
	struct at at = {up, key, 0};

	*out = false;
	if (value && !doc_bool(value, out))
		return bad(&at, err, "expected true or false");
	return 0;
}

static int get_entropy(const struct doc *object, const struct at *up,
	double *out, struct err *err)
{
	const struct doc *value = doc_get(object, "entropy");
	struct at at = {up, "entropy", 0};

	*out = 0;
	if (!value)
		return 0;
	if (!doc_real(value, out) || *out < 0 || *out > 8)
		return bad(&at, err, "expected a number from 0 to 8");
	return 0;
}

static int get_group(const struct doc *object, const struct at *up,
	unsigned *out, struct err *err)
{
	const struct doc *value = doc_get(object, "group");
	struct at at = {up, "group", 0};
	int64_t n = 0;

	*out = 0;
	if (!value)
		return 0;
	if (!doc_int(value, &n) || n < 0 || n > 15)
		return bad(&at, err, "expected a number from 0 to 15");
	*out = (unsigned)n;
	return 0;
}

static const struct {
	const char *name;
	enum validator validator;
} validators[] = {
	{"crc32_base62", VALIDATOR_CRC32_BASE62},
	{"crc32_base36", VALIDATOR_CRC32_BASE36},
	{"crc32_hex", VALIDATOR_CRC32_HEX},
	{"crc32_hex_body", VALIDATOR_CRC32_HEX_BODY},
	{"crc32_hex_little", VALIDATOR_CRC32_HEX_LITTLE},
	{"bech32", VALIDATOR_BECH32},
	{"jwt", VALIDATOR_JWT},
	{"pem", VALIDATOR_PEM},
	{"pgp", VALIDATOR_PGP},
	{"json_sentry", VALIDATOR_JSON_SENTRY},
	{"json_grafana", VALIDATOR_JSON_GRAFANA},
	{"json_onepassword", VALIDATOR_JSON_ONEPASSWORD},
	{"macaroon_v2", VALIDATOR_MACAROON_V2},
	{"macaroon_fly", VALIDATOR_MACAROON_FLY},
	{"aws_key_id", VALIDATOR_AWS_KEY_ID},
	{"aws_bedrock", VALIDATOR_AWS_BEDROCK},
	{"discord", VALIDATOR_DISCORD},
	{"basic_auth", VALIDATOR_BASIC_AUTH},
	{"luhn", VALIDATOR_LUHN},
	{"password", VALIDATOR_PASSWORD},
	{"login", VALIDATOR_LOGIN},
	{"chance", VALIDATOR_CHANCE},
};

static int get_validator(const struct doc *object, const struct at *up,
	enum validator *out, struct err *err)
{
	const struct doc *value = doc_get(object, "validator");
	struct at at = {up, "validator", 0};
	struct span name = SPAN_EMPTY;
	size_t i;

	*out = VALIDATOR_NONE;
	if (!value)
		return 0;
	if (!doc_text(value, &name))
		return bad(&at, err, "expected a string");
	for (i = 0; i < ARRAY_LEN(validators); i++) {
		if (span_is(name, validators[i].name)) {
			*out = validators[i].validator;
			return 0;
		}
	}
	return bad(&at, err, "no such validator");
}

static int get_confidence(const struct doc *object, const struct at *up,
	enum confidence *out, struct err *err)
{
	struct at at = {up, "confidence", 0};
	struct span s = SPAN_EMPTY;

	*out = CONFIDENCE_HIGH;
	doc_text(doc_get(object, "confidence"), &s);
	if (span_is(s, "low"))
		*out = CONFIDENCE_LOW;
	else if (!span_is(s, "high"))
		return bad(&at, err, "expected \"high\" or \"low\"");
	return 0;
}

static int get_id(const struct doc *object, const struct rulepack *pack,
	const struct at *up, struct arena *arena, struct span *out,
	struct err *err)
{
	struct at at = {up, "id", 0};
	size_t i;

	if (get_text(object, "id", true, up, arena, out, err))
		return -1;
	for (i = 0; i < out->n; i++) {
		unsigned char c = out->p[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') &&
			c != '_')
			return bad(&at, err,
				"expected lower-case letters, digits and '_'");
	}
	if (out->n > 64)
		return bad(&at, err, "longer than 64 bytes");
	for (i = 0; i < pack->n; i++) {
		if (span_eq(*out, pack->rules[i].id))
			return bad(&at, err, "the same id twice");
	}
	return 0;
}

static int get_allow(const struct doc *object, const struct rulepack *pack,
	const struct at *up, struct arena *arena, struct rule *rule,
	struct err *err)
{
	struct at at = {up, "allow", 0};
	struct word_list names;
	size_t i, j;

	if (get_words(object, "allow", up, arena, &names, err))
		return -1;
	rule->allow = arena_get(arena, names.n + 1, sizeof(*rule->allow));
	for (i = 0; i < names.n; i++) {
		struct at item = {&at, NULL, i};

		for (j = 0; j < pack->nsets; j++) {
			if (span_eq(names.v[i], pack->sets[j].name))
				break;
		}
		if (j == pack->nsets)
			return bad(&item, err, "no such set under \"allow\"");
		rule->allow[i] = &pack->sets[j];
	}
	rule->nallow = names.n;
	return 0;
}

static int get_examples(const struct doc *object, const struct at *up,
	struct arena *arena, struct rule *rule, struct err *err)
{
	static const char *const keys[] = {"match", "no_match", "path", NULL};
	const struct doc *value = doc_get(object, "examples");
	struct at at = {up, "examples", 0};
	struct at match = {&at, "match", 0};

	if (!value)
		return bad(&at, err, "missing, expected an object");
	if (known(value, keys, &at, err) ||
		get_words(value, "match", &at, arena, &rule->match, err) ||
		get_words(
			value, "no_match", &at, arena, &rule->no_match, err) ||
		get_text(value, "path", false, &at, arena, &rule->example_path,
			err))
		return -1;
	if (!rule->match.n)
		return bad(&match, err, "missing, expected examples");
	return 0;
}

static int read_rule(const struct doc *object, const struct rulepack *pack,
	const struct at *at, struct arena *arena, struct rule *rule,
	struct err *err)
{
	static const char *const keys[] = {"id", "description", "regex",
		"keywords", "group", "entropy", "path", "allow", "validator",
		"generic", "confidence", "remediation", "examples", NULL};
	struct at regex = {at, "regex", 0};

	if (known(object, keys, at, err) ||
		get_id(object, pack, at, arena, &rule->id, err) ||
		get_text(object, "description", true, at, arena,
			&rule->description, err) ||
		get_text(object, "remediation", true, at, arena,
			&rule->remediation, err) ||
		get_text(
			object, "regex", false, at, arena, &rule->regex, err) ||
		get_text(object, "path", false, at, arena, &rule->path, err) ||
		get_words(
			object, "keywords", at, arena, &rule->keywords, err) ||
		get_group(object, at, &rule->group, err) ||
		get_entropy(object, at, &rule->entropy, err) ||
		get_validator(object, at, &rule->validator, err) ||
		get_bool(object, "generic", at, &rule->generic, err) ||
		get_confidence(object, at, &rule->confidence, err) ||
		get_allow(object, pack, at, arena, rule, err) ||
		get_examples(object, at, arena, rule, err))
		return -1;
	if (!rule->regex.n && !rule->path.n)
		return bad(&regex, err, "missing, and there is no \"path\"");
	return 0;
}

static int read_sets(const struct doc *doc, struct arena *arena,
	struct rulepack *pack, struct err *err)
{
	static const char *const keys[] = {"secret", "match", "words", NULL};
	const struct doc *sets = doc_get(doc, "allow"), *value;
	const struct at top = {NULL, "allow", 0};
	const void *pos = NULL;
	struct span key;

	if (!sets)
		return 0;
	if (doc_kind(sets) != DOC_OBJECT)
		return bad(&top, err, "expected an object");
	pack->sets = arena_get(arena, doc_count(sets) + 1, sizeof(*pack->sets));
	while (doc_next(sets, &pos, &key, &value)) {
		struct allow_set *set = &pack->sets[pack->nsets];
		struct buf name = BUF_INIT(64);
		struct at at = {&top, NULL, 0};

		if (span_is(key, "comment"))
			continue;
		text_printable(&name, key, 48);
		at.key = arena_str(arena, buf_all(&name));
		buf_free(&name);
		set->name = arena_copy(arena, key);
		if (known(value, keys, &at, err) ||
			get_words(value, "secret", &at, arena, &set->secret,
				err) ||
			get_words(
				value, "match", &at, arena, &set->match, err) ||
			get_words(value, "words", &at, arena, &set->words, err))
			return -1;
		pack->nsets++;
	}
	return 0;
}

static int read_pack(const struct doc *doc, struct arena *arena,
	struct rulepack *pack, struct err *err)
{
	static const char *const keys[] = {"name", "allow", "rules", NULL};
	const struct doc *rules = doc_get(doc, "rules");
	const struct at top = {NULL, "rules", 0};
	size_t i, n = doc_count(rules);

	if (known(doc, keys, NULL, err) ||
		get_text(doc, "name", true, NULL, arena, &pack->name, err) ||
		read_sets(doc, arena, pack, err))
		return -1;
	if (doc_kind(rules) != DOC_ARRAY || !n)
		return bad(&top, err,
			"expected an array of rules that is not empty");
	if (n > RULEPACK_RULES_MAX)
		return bad(&top, err, "too many rules");
	pack->rules = arena_get(arena, n, sizeof(*pack->rules));
	for (i = 0; i < n; i++) {
		struct at at = {&top, NULL, i};

		if (read_rule(doc_at(rules, i), pack, &at, arena,
			    &pack->rules[i], err))
			return -1;
		pack->n++;
	}
	return 0;
}

int rulepack_parse(struct span text, struct arena *arena,
	const struct rulepack **out, struct err *err)
{
	struct rulepack *pack = ARENA_NEW(arena, struct rulepack);
	struct doc *doc = NULL;
	int r = -1;

	*out = NULL;
	if (text.n > RULEPACK_TEXT_MAX)
		return err_set(err, ERR_LIMIT,
			"rule pack: larger than %zu bytes", RULEPACK_TEXT_MAX);
	if (doc_parse(text, &doc, err)) {
		err_in(err, "rule pack");
		goto out;
	}
	if (read_pack(doc, arena, pack, err))
		goto out;
	*out = pack;
	r = 0;
out:
	doc_free(doc);
	return r;
}
