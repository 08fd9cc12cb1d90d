/*
 * Entries of the public log, read back: what parse/record.h derives. A list
 * too long for an entry stands beside it as "lists/<sha256>", one line each,
 * sorted, LF-ended: "<old> <new> <ref>" or "<object name>".
 */
#ifndef PARSE_ENTRY_H
#define PARSE_ENTRY_H

#include "base/arena.h"
#include "model/finding.h"
#include "model/oid.h"
#include "parse/record.h"

struct entry_update {
	struct span ref; /* its bytes: \xNN of the log undone */
	struct oid old, new;
};

struct entry_finding {
	struct span id;
	uint64_t count;
};

/* A list kept aside: sha256 is "" when it stands in the entry itself. */
struct entry_list {
	char sha256[65];
	uint64_t count;
};

struct entry {
	enum record_kind kind;
	struct span repository; /* empty for a change of keys */
	struct span time;       /* RFC 3339 */
	enum verdict verdict;   /* decisions; adoptions count as accepted */
	bool observe;           /* mode "observe" */
	bool admitted;          /* the push was let in; true for adoptions */
	struct span pusher, policy;
	char certificate[65]; /* SHA-256 of what was signed with a push, or ""
			       */
	bool settles; /* says what became of entry ${decision}: outcomes, and
		       * what an audit observed of a decision */
	uint64_t decision;
	struct entry_update *update;
	size_t nupdate;
	struct entry_list updates_list;
	struct oid *commit;
	size_t ncommit;
	struct entry_list commits_list;
	struct entry_finding *finding;
	size_t nfinding;
	struct span pruned; /* entries whose records were: parse/ranges.h */
	struct span pruned_by, pruned_before; /* by whom; those older than */
	struct oid *waiver; /* those that let a finding pass */
	size_t nwaiver;
	char record[65];      /* SHA-256 of the record in the vault */
	struct span rotation; /* of a change of keys: rotation.h */
};

/* entry_parse(bytes, a, out, err): exactly an entry, canonical. Everything is
 * copied into ${a}. */
MUST_USE int entry_parse(
	struct span bytes, struct arena *a, struct entry *out, struct err *err);

/* The lines of a list whose digest the caller checked. ${out} must hold
 * ${list}->count of them. */
MUST_USE int entry_list_updates(struct span text, const struct entry_list *list,
	struct arena *a, struct entry_update **out, struct err *err);
MUST_USE int entry_list_commits(struct span text, const struct entry_list *list,
	struct arena *a, struct oid **out, struct err *err);

#endif
