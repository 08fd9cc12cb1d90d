#include "model/ownref.h"

bool ownref_published(struct span ref)
{
	return span_is(ref, PUBLISHED_REF) || span_is(ref, PROOF_REF);
}

bool ownref_forge(struct span ref)
{
	static const char *const own[] = {"refs/keep-around/",
		"refs/merge-requests/", "refs/pipelines/", "refs/environments/",
		"refs/pull/", "refs/changes/", "refs/for/"};
	size_t i;

	for (i = 0; i < ARRAY_LEN(own); i++)
		if (span_starts(ref, span_str(own[i])))
			return true;
	return false;
}
