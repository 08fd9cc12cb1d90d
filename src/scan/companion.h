/* Rules of gitleaks that count only beside others ("required"). */
#ifndef SCAN_COMPANION_H
#define SCAN_COMPANION_H

#include "scan/state.h"

/* companions(s, bytes, path, out, err): once all rules are decided: hits that
 * lack what their rule requires are taken out of s->hit. STEP_NO: go on. */
enum step companions(struct scanner *s, struct span bytes, struct span path,
	struct scan_result *out, struct err *err);

#endif
