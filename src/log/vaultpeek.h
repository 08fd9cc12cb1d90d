/*
 * Records out of the vault for who reads very many: with as few calls of the
 * system as there can be, where a record is a small file of its own. All else
 * is for vault_record, which also has the words.
 */
#ifndef LOG_VAULTPEEK_H
#define LOG_VAULTPEEK_H

#include "base/span.h"

#define VAULTPEEK_MAX 65536u

/* vaultpeek_open(state): the folder of the vault, to be closed; -1 if it cannot
 * be read. */
int vaultpeek_open(const char *state);

/*
 * vaultpeek_get(dir, sha256, room, out):
 * True: ${out}, in ${room} (VAULTPEEK_MAX bytes), is the record of that digest
 * (64 hex digits), which was checked. False says nothing.
 */
bool vaultpeek_get(
	int dir, struct span sha256, unsigned char *room, struct span *out);

#endif
