/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/histogram.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/statistics.h"
#include "base/xalloc.h"

/* A double's bits, in which the order of positive numbers is that of whole
 * numbers (IEEE 754): exponent and leading bits are the bin. */
enum { DROPPED = 52 - HISTOGRAM_BITS };

static uint64_t bin_of(double x)
{
	uint64_t bits;

	memcpy(&bits, &x, sizeof bits);
	return bits >> DROPPED;
}

static double middle(uint64_t bin)
{
	uint64_t bits = bin << DROPPED | UINT64_C(1) << (DROPPED - 1);
	double x;

	memcpy(&x, &bits, sizeof x);
	return x;
}

/* Have bins from `first` to `last`, too. */
static void cover(struct histogram *h, uint64_t first, uint64_t last)
{
	uint64_t *count;
	size_t bins;

	if (h->bins > 0 && first >= h->first &&
	    last < h->first + h->bins)
		return;
	if (h->bins > 0 && h->first < first)
		first = h->first;
	if (h->bins > 0 && h->first + h->bins - 1 > last)
		last = h->first + h->bins - 1;
	bins = (size_t)(last - first) + 1;
	count = xcalloc(bins, sizeof *count);
	if (h->bins > 0)
		memcpy(count + (h->first - first), h->count,
		       h->bins * sizeof *count);
	free(h->count);
	h->count = count;
	h->first = first;
	h->bins = bins;
}

/* More than is asked for, so that few numbers ask again. */
enum { SPARE = 1 << (HISTOGRAM_BITS - 4) };

void histogram_add(struct histogram *h, double x)
{
	uint64_t bin = bin_of(x);

	assert(x > 0.0 && x < INFINITY);
	if (bin < h->first || bin >= h->first + h->bins)
		cover(h, bin > SPARE ? bin - SPARE : 0, bin + SPARE);
	h->count[bin - h->first]++;
	h->n++;
}

void histogram_merge(struct histogram *h, const struct histogram *from)
{
	if (from->n == 0)
		return;
	cover(h, from->first, from->first + from->bins - 1);
	for (size_t i = 0; i < from->bins; i++)
		h->count[from->first + i - h->first] += from->count[i];
	h->n += from->n;
}

double histogram_percentile(const struct histogram *h, double p)
{
	uint64_t rank = statistics_rank(h->n, p), seen = 0;
	size_t i = 0;

	while ((seen += h->count[i]) < rank)
		i++;
	return middle(h->first + i);
}

void histogram_clear(struct histogram *h)
{
	free(h->count);
	*h = (struct histogram){ .n = 0 };
}
