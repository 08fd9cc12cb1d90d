#include "parse/tokenfile.h"

#include "parse/keyline.h"

static bool is_word(struct span s, size_t max)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] >= 0x7f)
			return false;
	return s.n && s.n <= max;
}

bool tokenfile_read(struct span text, struct span *address, struct span *token)
{
	struct span rest = text;

	if (text.n <= TOKENFILE_MAX &&
		keyline_take(&rest, "address", address) &&
		is_word(*address, TOKENFILE_MAX) &&
		keyline_take(&rest, "token", token) &&
		is_word(*token, TOKEN_MAX) && !rest.n)
		return true;
	*address = *token = SPAN_EMPTY;
	return false;
}
