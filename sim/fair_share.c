/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/fair_share.h"

#include <assert.h>
#include <math.h>
#include <string.h>

static size_t count_open(uint32_t link, const uint32_t *route,
			 size_t nflows, const double *rate)
{
	size_t n = 0;

	for (size_t i = 0; i < nflows; i++)
		n += rate[i] < 0.0 && (route[i] & link) != 0;
	return n;
}

/*
 * Each round finds the link that gives its open flows least, fixes them
 * there and takes their rate from every link that they cross.  A negative
 * rate marks an open flow.
 */
void fair_share(const double *capacity, size_t nlinks, const uint32_t *route,
		size_t nflows, double *rate)
{
	double left[FAIR_SHARE_MOST_LINKS];
	size_t open = nflows;

	assert(nlinks <= FAIR_SHARE_MOST_LINKS);
	memcpy(left, capacity, nlinks * sizeof *left);
	for (size_t i = 0; i < nflows; i++)
		rate[i] = -1.0;
	while (open > 0) {
		double least = INFINITY;
		size_t tight = nlinks;

		for (size_t j = 0; j < nlinks; j++) {
			size_t n = count_open(UINT32_C(1) << j, route,
					      nflows, rate);

			if (n > 0 && left[j] / (double)n < least) {
				least = left[j] / (double)n;
				tight = j;
			}
		}
		assert(tight < nlinks);	/* every flow crosses a link */
		for (size_t i = 0; i < nflows; i++) {
			if (rate[i] >= 0.0 || !(route[i] >> tight & 1))
				continue;
			rate[i] = least;
			open--;
			for (size_t j = 0; j < nlinks; j++)
				if (route[i] >> j & 1)
					left[j] = fmax(0.0, left[j] - least);
		}
	}
}
