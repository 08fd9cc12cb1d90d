/* Push certificates: what was read is, written again, what was signed. */
#include "base/buf.h"
#include "parse/header.h"
#include "parse/pushcert.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void field(struct buf *out, const char *key, struct span value)
{
	buf_str(out, key);
	buf_span(out, value);
	buf_byte(out, '\n');
}

static void check(const struct pushcert *c)
{
	struct buf again = BUF_INIT(PUSHCERT_MAX);
	char a[OID_HEX + 1], b[OID_HEX + 1];
	struct span rest = c->sig.payload, line;
	size_t i;

	if (!span_line(&rest, &line, NULL) || !span_line(&rest, &line, NULL) ||
		span_search(line, c->pusher) == SIZE_MAX)
		die("pushcert: the pusher is not where it was read");
	if (c->pushee.n)
		field(&again, "pushee ", c->pushee);
	if (c->nonce.n)
		field(&again, "nonce ", c->nonce);
	for (i = 0; i < c->noption; i++)
		field(&again, "push-option ", c->option[i]);
	buf_byte(&again, '\n');
	for (i = 0; i < c->nup; i++) {
		buf_fmt(&again, "%s %s", oid_hex(&c->up[i].old, a),
			oid_hex(&c->up[i].new, b));
		field(&again, " ", c->up[i].ref);
	}
	if (!span_eq(buf_all(&again), rest))
		die("pushcert: read and written differ");
	buf_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena *arena = arena_new(64u << 20);
	struct err err = ERR_INIT;
	struct pushcert c;

	if (!pushcert_parse(span_of(data, n), arena, &c, &err)) {
		if (c.sig.payload.n + c.sig.signature.n != n || !c.nup ||
			signature_count(c.sig.payload))
			die("pushcert: parts do not make the whole");
		check(&c);
	}
	arena_free(arena);
	return 0;
}
