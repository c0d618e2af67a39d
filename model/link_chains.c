/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/link_chains.h"

#include "base/xalloc.h"

/* The rate of the same GPUs in `way`, with that one busy or both; 0: none. */
static double measured(const struct sampled *s, const struct sampled_link *l,
		       size_t way, bool both)
{
	for (size_t i = 0; i < s->nlinks; i++) {
		const struct sampled_link *a = &s->links[i];

		if (a->gpus == l->gpus && a->gpu == l->gpu &&
		    a->way == way && a->both == both)
			return a->bytes_per_s;
	}
	return 0.0;
}

static double beside(const struct sampled *s, const struct sampled_link *l)
{
	size_t back = l->way == CALIBRATION_H2D ? CALIBRATION_D2H
						: CALIBRATION_H2D;
	double other = measured(s, l, back, true), mean = l->bytes_per_s;
	double one_way = measured(s, l, l->way, false), rate;

	if (!l->both || other <= mean || !(one_way > 0.0))
		return mean;
	rate = other + one_way - one_way * other / mean;
	return rate > 0.0 ? rate : mean;
}

struct sampled_link *link_chains_rates(const struct sampled *s)
{
	struct sampled_link *links = xcalloc(s->nlinks + 1, sizeof *links);

	for (size_t i = 0; i < s->nlinks; i++) {
		links[i] = s->links[i];
		links[i].bytes_per_s = beside(s, &s->links[i]);
	}
	return links;
}
