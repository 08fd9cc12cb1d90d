/*
 * A rule pack: what secrets look like. JSON, read strictly: an unknown or
 * missing key, a wrong type or an empty string is refused with its place
 * ("rules[3].regex") and what was expected. "comment" is allowed everywhere.
 *
 *	{"name": "builtin",
 *	 "allow": {"<set>": {"secret": [regex…], "match": [regex…],
 *			     "words": [text…]}},
 *	 "rules": [{
 *	    "id": "github_pat",		[a-z0-9_]; the finding is secret.<id>
 *	    "description": text,
 *	    "regex": text,		absent: the path alone is the finding
 *	    "keywords": [text…],	but for ASCII case, every match has one
 *	    "group": 1,			the capture group that is the secret; 0
 *	    "entropy": 3.0,		least Shannon bits a byte of the secret
 *	    "path": regex,		on the path, unanchored
 *	    "allow": [set…],		what is no secret after all
 *	    "validator": name,
 *	    "generic": true,		gives way to any other rule
 *	    "confidence": "high" | "low",
 *	    "remediation": text,
 *	    "examples": {"match": [text…], "no_match": [text…], "path": text}
 *	 }]}
 *
 * Regular expressions are not compiled here.
 */
#ifndef PARSE_RULEPACK_H
#define PARSE_RULEPACK_H

#include "base/arena.h"
#include "base/err.h"
#include "model/fact.h"

#define RULEPACK_TEXT_MAX ((size_t)4 << 20)
#define RULEPACK_RULES_MAX 2048

/* Offline checks of a token's inner structure, in scan/validators.h. */
enum validator {
	VALIDATOR_NONE,
	VALIDATOR_CRC32_BASE62,   /* GitHub, npm, Vercel */
	VALIDATOR_CRC32_BASE36,   /* GitLab, routable */
	VALIDATOR_CRC32_HEX,      /* Atlassian: eight digits over all before */
	VALIDATOR_CRC32_HEX_BODY, /* Zuplo */
	VALIDATOR_CRC32_HEX_LITTLE, /* Grafana, service accounts */
	VALIDATOR_BECH32,           /* age */
	VALIDATOR_JWT,
	VALIDATOR_PEM, /* PKCS#1, PKCS#8, SEC1, OpenSSH */
	VALIDATOR_PGP, /* armour with its CRC-24 */
	VALIDATOR_JSON_SENTRY,
	VALIDATOR_JSON_GRAFANA,
	VALIDATOR_JSON_ONEPASSWORD,
	VALIDATOR_MACAROON_V2, /* PyPI */
	VALIDATOR_MACAROON_FLY,
	VALIDATOR_AWS_KEY_ID,
	VALIDATOR_AWS_BEDROCK,
	VALIDATOR_DISCORD,
	VALIDATOR_BASIC_AUTH, /* base64 of user:password */
	VALIDATOR_LUHN,       /* payment cards */
	VALIDATOR_PASSWORD,   /* no more than what people make up? */
	VALIDATOR_LOGIN,      /* user:password, the same */
	VALIDATOR_CHANCE,     /* counted up, or such words in base64? */
};

struct word_list {
	struct span *v;
	size_t n;
};

struct allow_set {
	struct span name;
	struct word_list secret, match; /* regular expressions */
	struct word_list words;         /* within the secret, but for case */
};

struct gitleaks_rule;

struct rule {
	struct span id, description, remediation;
	struct span regex; /* empty: path rule */
	struct span path;  /* empty: any */
	struct word_list keywords;
	unsigned group;
	double entropy;
	enum validator validator;
	enum confidence confidence;
	bool generic;
	const struct allow_set **allow;
	size_t nallow;
	struct word_list match, no_match; /* examples */
	struct span example_path;
	/* From a gitleaks.toml (parse/gitleaks.h), where ${allow} and
	 * ${generic} are not used; else NULL. */
	const struct gitleaks_rule *leak;
};

struct rulepack {
	struct span name;
	struct rule *rules;
	size_t n;
	struct allow_set *sets;
	size_t nsets;
	size_t nleak; /* allow-lists of all ${leak} */
};

/* rulepack_parse(text, arena, out, err): everything is copied to the arena. */
MUST_USE int rulepack_parse(struct span text, struct arena *arena,
	const struct rulepack **out, struct err *err);

#endif
