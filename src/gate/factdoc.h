/*
 * The facts of a push that its record does not say otherwise, as short as they
 * can be: so that the push can be judged again under another policy.
 * docs/formats.md has the form.
 */
#ifndef GATE_FACTDOC_H
#define GATE_FACTDOC_H

#include "gate/gate.h"
#include "parse/policytext.h"

/* 1 lacks what is known of merged tags, of reviews and of objections. */
#define FACTS_VERSION 2
#define FACTS_BEFORE 1

/* facts_doc(facts, findings): a new document; NULL when nobody took down what
 * the rules were (gather_sections). Its list of parents, if there are any, is
 * empty: facts_put_parents writes what it holds (parse/recordlist.h). */
struct doc *facts_doc(
	const struct facts *facts, const struct findings *findings);
void facts_put_parents(const struct facts *facts, struct buf *out);

/* Words of the form. */
extern const char *const facts_section[SECTIONS];
const char *movement_name(enum movement m);
bool movement_read(struct span s, enum movement *out);
bool object_type_read(struct span s, enum object_type *out);

#endif
