/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * histogram.h - counts of positive numbers, for percentiles of many.
 *
 * A bin reaches from one double with HISTOGRAM_BITS bits after the leading one
 * to the next, so that every bin is as wide relative to its numbers: its middle
 * is within 2^-15, 0.003 %, of each.  Memory is 128 KiB for each doubling from
 * the least to the largest number, however many there are.  Counts do not
 * depend on the order in which numbers or histograms are added.
 */
#ifndef SIM_HISTOGRAM_H
#define SIM_HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>

enum { HISTOGRAM_BITS = 14 };

/* Open; all zero is an empty one. */
struct histogram {
	uint64_t *count;	/* of bins first .. first + bins - 1 */
	uint64_t first;
	size_t bins;
	uint64_t n;		/* numbers in all */
};

/** Count `x` > 0, finite. */
void histogram_add(struct histogram *h, double x);

/** Count in `h` what `from` has counted. */
void histogram_merge(struct histogram *h, const struct histogram *from);

/**
 * The percentile `p` of all (base/statistics.h), to the width of a bin.  `h` is
 * not empty.
 */
double histogram_percentile(const struct histogram *h, double p);

/** Release what `h` owns and empty it. */
void histogram_clear(struct histogram *h);

#endif
