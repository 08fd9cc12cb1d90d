/* What is found, and what was waived of it. */
#ifndef GATE_WAIVE_H
#define GATE_WAIVE_H

#include "model/fact.h"
#include "model/finding.h"

/*
 * findings_waive(facts, out):
 * Each finding of ${out} that blocks and that enough people waive, as the
 * policy asks, becomes SEVERITY_WAIVED and names the waivers that did it; one
 * that could be waived and is not says who may. A pure function of facts and
 * findings, applied once severities are settled.
 *
 * A waiver counts for a finding of exactly its id, on exactly its ref, about
 * exactly its commit or tag; with exactly its fingerprint where the finding has
 * one, and at its path where it names one. About a secret of that fingerprint,
 * what a compromised key of it signed, and approvals that are lacking, it
 * counts for what its commit reaches inside the same update too: who signs has
 * named all of that by one name.
 */
void findings_waive(const struct facts *facts, struct findings *out);

#endif
