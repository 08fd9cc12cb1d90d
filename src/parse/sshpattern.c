#include "parse/sshpattern.h"

/* Only the last star is ever gone back to: what an earlier one took does not
 * matter once the text up to the later one fits. */
bool sshpattern_fits(struct span pattern, struct span s)
{
	size_t p = 0, i = 0, star = SIZE_MAX, from = 0;

	if (pattern.n > SSHPATTERN_MAX)
		return false;
	while (i < s.n) {
		if (p < pattern.n && pattern.p[p] == '*') {
			star = p++;
			from = i;
		} else if (p < pattern.n &&
			(pattern.p[p] == '?' || pattern.p[p] == s.p[i])) {
			p++;
			i++;
		} else if (star != SIZE_MAX) {
			p = star + 1;
			i = ++from;
		} else {
			return false;
		}
	}
	while (p < pattern.n && pattern.p[p] == '*')
		p++;
	return p == pattern.n;
}

bool sshpattern_next(struct span *list, struct span *out)
{
	size_t comma = span_find(*list, ',');

	if (!list->n)
		return false;
	*out = span_sub(*list, 0, comma);
	*list = comma == SIZE_MAX ? SPAN_EMPTY : span_from(*list, comma + 1);
	return true;
}

enum sshpattern_answer sshpattern_list(struct span list, struct span s)
{
	enum sshpattern_answer answer = SSHPATTERN_NO;
	struct span one;
	bool negated;

	while (sshpattern_next(&list, &one)) {
		negated = one.n && one.p[0] == '!';
		if (!sshpattern_fits(negated ? span_from(one, 1) : one, s))
			continue;
		if (negated)
			return SSHPATTERN_DENIED;
		answer = SSHPATTERN_YES;
	}
	return answer;
}

bool sshpattern_literal(struct span element)
{
	return !(element.n && element.p[0] == '!') &&
		span_find(element, '*') == SIZE_MAX &&
		span_find(element, '?') == SIZE_MAX;
}
