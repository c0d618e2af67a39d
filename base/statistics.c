/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/statistics.h"

#include <assert.h>
#include <float.h>
#include <math.h>

uint64_t statistics_rank(uint64_t n, double p)
{
	assert(n > 0 && p > 0.0 && p <= 1.0);
	/* a product that rounding put above a whole number is that number */
	return (uint64_t)ceil(p * (double)n * (1.0 - 2.0 * DBL_EPSILON));
}

double statistics_percentile(const double *sorted, size_t n, double p)
{
	return sorted[statistics_rank(n, p) - 1];
}

struct statistics_lognormal statistics_lognormal(double c)
{
	double s2 = log1p(c * c);

	return (struct statistics_lognormal){ sqrt(s2), 0.5 * s2 };
}
