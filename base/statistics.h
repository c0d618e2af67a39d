/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * statistics.h - what a percentile is, and a lognormal factor of 10 %.
 *
 * A percentile of n values is the least of them that the share p of all does
 * not exceed: the one of rank ceil(p n).  So it is a value that occurred, a
 * whole number of tokens where values are.  (Medians of repeated measurements,
 * where two in the middle are averaged, are another thing: model/fit.h.)
 *
 * A lognormal factor of spread c is positive, with mean 1 and standard
 * deviation c, as a normal one of 1 + c z is:
 *
 *     F = exp(s z - s^2 / 2),  z standard normal,  s^2 = ln(1 + c^2)
 *
 * (Johnson, Kotz, Balakrishnan, Continuous Univariate Distributions 1, ch. 14).
 */
#ifndef BASE_STATISTICS_H
#define BASE_STATISTICS_H

#include <stddef.h>
#include <stdint.h>

/** Rank of the percentile p of `n` values, 1 .. n; n >= 1, 0 < p <= 1. */
uint64_t statistics_rank(uint64_t n, double p);

/** The percentile p of `n` values that rise. */
double statistics_percentile(const double *sorted, size_t n, double p);

/* F = exp(s * z - shift). */
struct statistics_lognormal {
	double s, shift;
};

/** Of spread `c` >= 0; with 0, F is 1. */
struct statistics_lognormal statistics_lognormal(double c);

#endif
