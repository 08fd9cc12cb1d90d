/* A request to merge as a forge's answers tell it, for the tests of those who
 * read them: head H1, number 7, to main, opened by bela. */
#ifndef SUPPORT_REVIEWRUN_H
#define SUPPORT_REVIEWRUN_H

#include "parse/review.h"
#include "support/unit.h"

#define H1 "1111111111111111111111111111111111111111"
#define H2 "2222222222222222222222222222222222222222"

struct reviewrun {
	struct arena *arena; /* to be freed */
	struct review_request r;
	struct err err;
	int ret;
};

/* How a test has its forge read one text, with the rest as it should be. */
typedef struct reviewrun (*reviewrun_reader)(const char *text);

/* reviewrun_part(name, body): one part of the answers. */
struct review_answer reviewrun_part(const char *name, const char *body);

/* reviewrun_read(d, trust, a, n): what ${d} makes of the answers about
 * "team/app" and main; ${trust}: trust_reset. */
struct reviewrun reviewrun_read(const struct review_dialect *d, bool trust,
	const struct review_answer *a, size_t n);

/* reviewrun_well(run, account): it is that request, with gus's approval. */
void reviewrun_well(const struct reviewrun *run, uint64_t account);

/* reviewrun_says(run, shown, fault): the one account's fault has that in it; ""
 * where its approval counts. Frees the arena. */
void reviewrun_says(struct reviewrun run, const char *shown, const char *fault);

/* reviewrun_refused(read, text, n): each text is refused as bad input. */
void reviewrun_refused(
	reviewrun_reader read, const char *const *text, size_t n);

/* reviewrun_cut(read, good): every prefix of it is refused. */
void reviewrun_cut(reviewrun_reader read, const char *good);

/* reviewrun_flipped(read, none): no change of one bit makes an approval of what
 * is none. */
void reviewrun_flipped(reviewrun_reader read, const char *none);

#endif
