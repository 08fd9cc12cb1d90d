/* Which OpenPGP keys of the policy are revoked, and why. */
#ifndef GATHER_PGPREVOKED_H
#define GATHER_PGPREVOKED_H

#include "gather/keybook.h"

/*
 * pgprevoked_mark(book, arena, err):
 * entry->revoked of all OpenPGP keys, from the revocations in their files. One
 * that neither the file's primary key made, nor anybody that it names as its
 * revoker, is passed over; what cannot be shown in process (other algorithms,
 * weak digests, a revoker) is believed: the worst that follows is that more is
 * looked at again. ERR_INPUT as of pgpcert_next.
 */
MUST_USE int pgprevoked_mark(
	struct keybook *book, struct arena *arena, struct err *err);

#endif
