/*
 * Inventories: what runs, as JSON.
 *	[{"name": "api-7f9", "repository": "payments/api", "revision": "…"}]
 * "name" and "repository" may be absent; other keys are carried through.
 */
#ifndef PARSE_INVENTORY_H
#define PARSE_INVENTORY_H

#include "base/err.h"
#include "model/deployed.h"
#include "parse/doc.h"

#define INVENTORY_MAX ((size_t)256 << 20)

/*
 * inventory_parse(text, out, objects, err):
 * Append an item for each member of the array, and leave the document in
 * *${objects} (doc_free), so that the same objects can be given back. A member
 * that is no object, or whose keys have the wrong type, becomes an item that
 * is unfit: one bad item hides no other. ERR_INPUT when the text is not an
 * array at all.
 */
MUST_USE int inventory_parse(struct span text, struct deployed_list *out,
	struct doc **objects, struct err *err);

#endif
