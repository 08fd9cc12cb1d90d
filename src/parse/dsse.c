#include "parse/dsse.h"

#include "base/text.h"
#include "parse/doc.h"

void dsse_pae(const char *type, struct span body, struct buf *out)
{
	buf_fmt(out, "DSSEv1 %zu %s %zu ", strlen(type), type, body.n);
	buf_span(out, body);
}

static void set_base64(struct doc *to, const char *key, struct span s)
{
	struct buf text = BUF_INIT(s.n / 3 * 4 + 8);

	text_base64(&text, s);
	doc_set(to, key, doc_of_text(buf_all(&text)));
	buf_free(&text);
}

void dsse_write(const char *type, struct span body, const char *keyid,
	struct span sig, struct buf *out)
{
	struct doc *j = doc_object(), *list = doc_array(), *one = doc_object();

	set_base64(one, "sig", sig);
	doc_set(one, "keyid", doc_of_str(keyid));
	doc_add(list, one);
	set_base64(j, "payload", body);
	doc_set(j, "payloadType", doc_of_str(type));
	doc_set(j, "signatures", list);
	doc_canonical(j, out);
	buf_str(out, "\n");
	doc_free(j);
}
