/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * quantity.h - numbers with units, read and printed.
 *
 * Inside the program every number is a double in SI units.  Text carries
 * units: "26 GB/s", "32 GiB/s", "3 us".  GB is 1e9 bytes and GiB is 2^30
 * bytes, always.  A bare number is in the SI unit of its dimension.
 */
#ifndef BASE_QUANTITY_H
#define BASE_QUANTITY_H

#include <stddef.h>

#include "base/diag.h"

enum quantity {
	QUANTITY_NUMBER,	/* no unit */
	QUANTITY_BYTES,		/* [B] */
	QUANTITY_BYTES_PER_S,	/* [B/s] */
	QUANTITY_FLOP,		/* [FLOP] */
	QUANTITY_FLOP_PER_S,	/* [FLOP/s] */
	QUANTITY_SECONDS,	/* [s] */
	QUANTITY_PERCENT,	/* a percentage: 12.5 prints as 12.5 % */
};

enum { QUANTITY_SIZE = 40 };	/* holds any formatted quantity */

/**
 * Parse `text` as a finite number of dimension `q` into `*out` [SI].
 * STATUS_INVALID, with what was found and the units that fit, otherwise.
 */
MUST_CHECK enum status quantity_parse(const char *text, enum quantity q,
				      double *out, struct diag *d);

/** An example of a valid text of dimension `q`, e.g. "26 GB/s". */
const char *quantity_example(enum quantity q);

/**
 * Write `value` with four significant digits and a readable unit (SI
 * prefixes), e.g. 0.00773 s as "7.73 ms".  Cannot fail.
 */
void quantity_format(double value, enum quantity q, char out[QUANTITY_SIZE]);

/**
 * Write `value` with the fewest of 15 or 17 digits that read back as the
 * same double: for CSV and other programs.  Cannot fail.
 */
void quantity_format_exact(double value, char out[QUANTITY_SIZE]);

#endif
