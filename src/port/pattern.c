#include "port/pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/banned.h"

/*
 * The step limit is far above what any rule needs on real text (thousands) and
 * low enough that a search which backtracks without end stops in about a tenth
 * of a second.
 */
#define STEP_LIMIT 10000000u
#define DEPTH_LIMIT 100000u
#define HEAP_LIMIT_KIB (32u * 1024)
#define STACK_MIN (32u * 1024)
#define STACK_MAX (1024u * 1024)

struct pattern {
	pcre2_code *code;
	pcre2_match_data *data;
	pcre2_match_context *context;
	pcre2_jit_stack *stack;
	unsigned groups;
};

static int refused(int code, size_t at, struct err *err)
{
	PCRE2_UCHAR text[200];

	if (pcre2_get_error_message(code, text, sizeof(text)) < 0)
		text[0] = 0;
	return err_set(err, ERR_INPUT, "bad regular expression at byte %zu: %s",
		at, (const char *)text);
}

static pcre2_code *compile(struct span text, struct err *err)
{
	pcre2_compile_context *context;
	pcre2_code *code = NULL;
	PCRE2_SIZE at = 0;
	int why = 0;

	context = pcre2_compile_context_create(NULL);
	if (!context)
		die("no memory for a regular expression");
	/* The pattern may not choose another newline or UTF mode than the
	 * multi-pattern engine was given: the two must agree. */
	if (pcre2_set_newline(context, PCRE2_NEWLINE_LF) ||
		pcre2_set_max_pattern_length(context, PATTERN_TEXT_MAX))
		die("PCRE2 refuses its settings");
	code = pcre2_compile(text.n ? text.p : (PCRE2_SPTR) "", text.n,
		PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_UTF | PCRE2_NEVER_UCP |
			PCRE2_NEVER_BACKSLASH_C | PCRE2_USE_OFFSET_LIMIT,
		&why, &at, context);
	if (!code)
		refused(why, at, err);
	pcre2_compile_context_free(context);
	return code;
}

int pattern_new(struct span text, struct pattern **out, struct err *err)
{
	struct pattern *p;
	uint32_t groups = 0;

	*out = NULL;
	p = calloc(1, sizeof(*p));
	if (!p)
		die("no memory for a regular expression");
	p->code = compile(text, err);
	if (!p->code) {
		pattern_free(p);
		return -1;
	}
	if (pcre2_pattern_info(p->code, PCRE2_INFO_CAPTURECOUNT, &groups))
		die("PCRE2 does not know its own pattern");
	p->groups = groups;
	p->data = pcre2_match_data_create_from_pattern(p->code, NULL);
	p->context = pcre2_match_context_create(NULL);
	if (!p->data || !p->context)
		die("no memory for a regular expression");
	pcre2_set_match_limit(p->context, STEP_LIMIT);
	pcre2_set_depth_limit(p->context, DEPTH_LIMIT);
	pcre2_set_heap_limit(p->context, HEAP_LIMIT_KIB);
	/* Where there is no JIT the interpreter gives the same answers. */
	if (!pcre2_jit_compile(p->code, PCRE2_JIT_COMPLETE)) {
		p->stack = pcre2_jit_stack_create(STACK_MIN, STACK_MAX, NULL);
		if (!p->stack)
			die("no memory for a regular expression");
		pcre2_jit_stack_assign(p->context, NULL, p->stack);
	}
	*out = p;
	return 0;
}

void pattern_free(struct pattern *p)
{
	if (!p)
		return;
	pcre2_match_data_free(p->data);
	pcre2_match_context_free(p->context);
	pcre2_jit_stack_free(p->stack);
	pcre2_code_free(p->code);
	free(p);
}

unsigned pattern_groups(const struct pattern *p)
{
	return p->groups;
}

enum pattern_result pattern_find(struct pattern *p, struct span subject,
	size_t from, size_t last, struct pattern_match *m)
{
	const PCRE2_SIZE *at;
	size_t i;
	int n;

	m->n = 0;
	if (from > subject.n || from > last)
		return PATTERN_NONE;
	pcre2_set_offset_limit(
		p->context, last == SIZE_MAX ? PCRE2_UNSET : last);
	n = pcre2_match(p->code, subject.n ? subject.p : (PCRE2_SPTR) "",
		subject.n, from, PCRE2_NOTEMPTY, p->data, p->context);
	if (n == PCRE2_ERROR_NOMATCH)
		return PATTERN_NONE;
	/* Limits, the JIT stack, lack of memory: all mean "not known". */
	if (n <= 0)
		return PATTERN_LIMIT;
	at = pcre2_get_ovector_pointer(p->data);
	/* \K may put the start behind the end; such a match is no range. */
	if (at[0] > at[1] || at[1] > subject.n)
		return PATTERN_LIMIT;
	for (i = 0; i < (size_t)n && i < PATTERN_GROUPS_MAX; i++) {
		m->at[i].from = at[2 * i];
		m->at[i].to = at[2 * i + 1];
	}
	m->n = i;
	return PATTERN_MATCH;
}

enum pattern_result pattern_test(struct pattern *p, struct span subject)
{
	struct pattern_match m;

	return pattern_find(p, subject, 0, SIZE_MAX, &m);
}

enum pattern_result pattern_holds(struct pattern *p, struct span subject)
{
	int n;

	pcre2_set_offset_limit(p->context, PCRE2_UNSET);
	n = pcre2_match(p->code, subject.n ? subject.p : (PCRE2_SPTR) "",
		subject.n, 0, 0, p->data, p->context);
	if (n == PCRE2_ERROR_NOMATCH)
		return PATTERN_NONE;
	return n > 0 ? PATTERN_MATCH : PATTERN_LIMIT;
}
