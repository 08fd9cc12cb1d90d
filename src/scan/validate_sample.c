#include "base/text.h"
#include "scan/loose64.h"
#include "scan/validators.h"

#define SHORT 4  /* bytes: less is a word whatever it is */
#define WORD 3   /* letters: less, with a capital, may be chance */
#define TAIL 2   /* digits behind the words */
#define NUMBER 8 /* digits: fewer alone are a word */
#define PAIRS 10 /* neighbours from which on counting is no chance */

static bool is_digit(unsigned char c)
{
	return c >= '0' && c <= '9';
}

static bool is_lower(unsigned char c)
{
	return c >= 'a' && c <= 'z';
}

static bool is_upper(unsigned char c)
{
	return c >= 'A' && c <= 'Z';
}

/* How many letters from ${at} on are a word: all small, with a capital first,
 * or all capitals. */
static size_t word(struct span s, size_t at)
{
	size_t n = at, big;

	while (n < s.n && is_upper(s.p[n]))
		n++;
	big = n - at;
	if (big < 2)
		while (n < s.n && is_lower(s.p[n]))
			n++;
	return big && n - at < WORD ? 0 : n - at;
}

static bool is_words(struct span s)
{
	size_t at = 0, tail = 0, n;

	for (; tail < s.n && is_digit(s.p[s.n - 1 - tail]); tail++)
		;
	if (tail == s.n)
		return tail < NUMBER;
	if (tail > TAIL)
		return false;
	while (at < s.n - tail) {
		n = word(span_sub(s, 0, s.n - tail), at);
		if (n)
			at += n;
		else if (span_find(SPAN_LIT(" -_.,;:+&!"), s.p[at]) != SIZE_MAX)
			at++;
		else
			return false;
	}
	return true;
}

/* Next to each other, digits among digits: the same again, or one more. */
static void count(unsigned char before, unsigned char c, unsigned char first,
	unsigned char last, size_t *pairs, size_t *up)
{
	++*pairs;
	*up += c == before || c == before + 1 || (before == last && c == first);
}

/* The digits of it and the letters, each by themselves: of ten digits by
 * chance two go on so, of letters fewer. */
static bool counts_up(struct span s)
{
	unsigned char digit = 0, letter = 0, c;
	size_t pairs = 0, up = 0, i;

	for (i = 0; i < s.n; i++) {
		c = text_lower(s.p[i]);
		if (is_digit(c)) {
			if (digit)
				count(digit, c, '0', '9', &pairs, &up);
			digit = c;
		} else if (is_lower(c)) {
			if (letter)
				count(letter, c, 'a', 'f', &pairs, &up);
			letter = c;
		}
	}
	return pairs >= PAIRS && 20 * up >= 19 * pairs;
}

/* In a string of a program the line may end with it, written "\n", and the
 * string behind it. */
static struct span without_break(struct span s)
{
	if (s.n && (s.p[s.n - 1] == '"' || s.p[s.n - 1] == '\''))
		s.n--;
	if (s.n >= 2 && s.p[s.n - 2] == '\\' && is_lower(s.p[s.n - 1]))
		s.n -= 2;
	return s;
}

enum validity validate_password(struct span s)
{
	s = without_break(s);
	return s.n < SHORT || is_words(s) || counts_up(s) ? VALIDITY_SAMPLE
							  : VALIDITY_UNKNOWN;
}

enum validity validate_login(struct span s)
{
	size_t colon = span_find(s, ':');
	struct span password;

	if (colon == SIZE_MAX)
		return validate_password(s);
	password = span_from(s, colon + 1);
	return validate_password(password.n ? password : span_sub(s, 0, colon));
}

enum validity validate_chance(struct span s)
{
	struct buf text = BUF_INIT(LOOSE64_MAX);
	bool sample = counts_up(s);

	if (!sample && loose64(s, &text))
		sample = text.n && is_words(buf_all(&text));
	buf_wipe(&text);
	return sample ? VALIDITY_SAMPLE : VALIDITY_UNKNOWN;
}
