/* CMS signatures: every field of what is accepted lies inside the input. */
#include <stdlib.h>
#include <string.h>

#include "parse/cms.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void inside(const uint8_t *data, size_t n, struct span s)
{
	if (!s.n || s.p < data || s.p + s.n > data + n)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct err err = ERR_INIT;
	struct cms sig;
	size_t i;

	if (cms_read(span_of(data, n), &sig, &err))
		return 0;
	if (sig.ncert > CMS_CERTS_MAX)
		abort();
	for (i = 0; i < sig.ncert; i++)
		inside(data, n, sig.cert[i]);
	if (sig.keyid.n) {
		inside(data, n, sig.keyid);
	} else {
		inside(data, n, sig.issuer);
		inside(data, n, sig.serial);
	}
	inside(data, n, sig.attributes);
	if (sig.attributes.p[0] != 0xa0)
		abort();
	return 0;
}
