/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "schedule/bound.h"

#include <math.h>

void bound_engines(const struct graph *g, const struct hardware *hw,
		   double cached, double split, double busy_s[ENGINE_COUNT])
{
	for (int e = 0; e < ENGINE_COUNT; e++)
		busy_s[e] = 0.0;
	for (size_t i = 0; i < g->ntasks; i++) {
		const struct work *w = &g->works[g->tasks[i].work];

		busy_s[w->engine] += work_seconds(w, hw, cached, split);
	}
}

/* What all copies of a GPU come to a second; INFINITY: no limit is known. */
static double copies_bytes_per_s(const struct graph *g,
				 const struct hardware *hw)
{
	const double shared[] = { hw->host_root_bytes_per_s,
				  hw->host_memory_bytes_per_s };
	double least = INFINITY;

	if (hw->duplex_bytes_per_s > 0.0)
		least = fmax(hw->duplex_bytes_per_s,
			     fmax(hw->h2d.bytes_per_s, hw->d2h.bytes_per_s));
	for (size_t i = 0; i < sizeof shared / sizeof shared[0]; i++)
		if (shared[i] > 0.0)
			least = fmin(least, shared[i] / (double)g->gpus);
	return least;
}

double bound_duplex(const struct graph *g, const struct hardware *hw,
		    double cached, double split)
{
	double rate = copies_bytes_per_s(g, hw);
	double bytes = 0.0;

	if (rate == INFINITY)
		return 0.0;
	for (size_t i = 0; i < g->ntasks; i++) {
		const struct work *w = &g->works[g->tasks[i].work];

		if (engine_is_link(w->engine))
			bytes += work_bytes(w, cached, split);
	}
	return bytes / rate;
}

double bound_step(const struct graph *g, const struct hardware *hw,
		  double cached, double split)
{
	double busy_s[ENGINE_COUNT], most = 0.0;

	bound_engines(g, hw, cached, split, busy_s);
	most = bound_duplex(g, hw, cached, split);
	for (int e = 0; e < ENGINE_COUNT; e++)
		most = fmax(most, busy_s[e]);
	return most;
}
