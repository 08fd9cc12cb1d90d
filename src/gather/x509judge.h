/* X.509 signatures -> who made them and how good they are. */
#ifndef GATHER_X509JUDGE_H
#define GATHER_X509JUDGE_H

#include "gather/x509book.h"
#include "model/fact.h"

/*
 * What signatures are judged by; it remembers certificates that it met, since
 * reading one takes longer than verifying with it. ${book}, ${policy} and
 * ${arena} are borrowed. Free with x509judge_free.
 */
struct x509judge;
MUST_USE int x509judge_new(const struct x509book *book,
	const struct policy *policy, struct arena *arena,
	struct x509judge **out, struct err *err);
void x509judge_free(struct x509judge *j); /* NULL is fine */

/* x509judge(j, text, at, out, arena): ${out} is as signature_judge starts it.
 */
void x509judge(struct x509judge *j, const struct signed_text *text, int64_t at,
	struct signature_fact *out, struct arena *arena);

/* x509name(der, arena): what records call a certificate: its SHA-256, hex. */
const char *x509name(struct span der, struct arena *arena);

/*
 * x509claim(book, text, arena, key, who):
 * Whether the certificate that a signature names, or one that it stands under
 * by the names in them, is of a compromised key. Nothing is verified.
 */
MUST_USE bool x509claim(const struct x509book *book,
	const struct signed_text *text, struct arena *arena, const char **key,
	const struct person **who);

#endif
