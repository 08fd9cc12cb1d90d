/*
 * The whole contract of a check: a pure function from facts to findings. It
 * opens nothing, calls no library and sees no other check.
 */
#ifndef CHECKS_CHECK_H
#define CHECKS_CHECK_H

#include "model/fact.h"
#include "model/finding.h"

struct check {
	const char *name; /* = file name = policy section, or key in one */
	/* Add to ${out} what update number ${u} breaks. Severity overrides are
	 * applied afterwards, by the gate. */
	void (*run)(const struct facts *facts, size_t u, struct findings *out);
};

extern const struct check check_policy;
extern const struct check check_signature;
extern const struct check check_push_certificate;
extern const struct check check_identity;
extern const struct check check_approval;
extern const struct check check_waiver;
extern const struct check check_robot;
extern const struct check check_secret;
extern const struct check check_ref;
extern const struct check check_message;
extern const struct check check_file;

#endif
