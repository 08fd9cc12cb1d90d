#include "gather/gather.h"

int gather_secrets(struct gather *g, struct facts *f, struct err *err)
{
	size_t u;

	(void)g;
	for (u = 0; u < f->push->nup; u++)
		if (f->update[u].rules.secret)
			return err_set(err, ERR_POLICY,
				"the policy asks for secrets to be looked for, "
				"which this build cannot do");
	return 0;
}
