/*
 * What a push that came through the gate earns on the Source Track of SLSA 1.2
 * (docs/slsa.md says why).
 */
#ifndef MODEL_SLSA_H
#define MODEL_SLSA_H

#include "model/policy.h"

/* Zero claims nothing. */
enum slsa_source {
	SLSA_SOURCE_0,
	SLSA_SOURCE_1, /* under version control */
	SLSA_SOURCE_2, /* with a history that is continuous and kept */
	SLSA_SOURCE_3, /* by technical controls: people's own signatures */
	SLSA_SOURCE_4, /* reviewed by two people */
};

struct slsa_facts {
	const struct rules *rules; /* of the ref, by the policy of that push */
	bool is_tag;
	bool accepted;   /* by the gate, enforcing, and carried out */
	bool continuous; /* the ref's moves up to here join in the log */
	bool waived;     /* something passed by a waiver */
	bool by_robot;   /* a robot signed one of its commits */
};

enum slsa_source slsa_source(const struct slsa_facts *f);

#endif
