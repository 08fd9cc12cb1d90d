/* What an offline check says about a token. */
#ifndef SCAN_VALIDITY_H
#define SCAN_VALIDITY_H

enum validity {
	VALIDITY_UNKNOWN, /* there is no check */
	VALIDITY_BAD,     /* wrong check digits, out of date, encrypted */
	VALIDITY_FORM,    /* well formed */
	VALIDITY_SAMPLE,  /* reads like one that was made up */
	VALIDITY_PROVEN,  /* the check digits are right */
	VALIDITY_OTHER,   /* no such thing at all: not worth a finding */
};
const char *validity_name(enum validity v); /* "proven" … */
/* What a reader is told after a finding: ", well formed"; "" for unknown. */
const char *validity_note(enum validity v);

#endif
