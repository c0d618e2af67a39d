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

const struct bound_limit bound_limits[BOUND_SHARED] = {
	[BOUND_COPIES] = { "duplex", "link, both directions together",
			   "copies both ways", "duplex_share" },
	[BOUND_MEMORY] = { "memory", "host's memory", "the host's memory",
			   "memory_share" },
};

/* [B/s] that `which` gives a GPU; INFINITY: no limit is known. */
static double rate_of(const struct graph *g, const struct hardware *hw,
		      enum bound_shared which)
{
	double gpus = (double)g->gpus, least = INFINITY;

	if (which == BOUND_MEMORY)
		return hw->host_memory_bytes_per_s > 0.0
			? hw->host_memory_bytes_per_s / gpus : INFINITY;
	if (hw->duplex_bytes_per_s > 0.0)
		least = fmax(hw->duplex_bytes_per_s,
			     fmax(hw->h2d.bytes_per_s, hw->d2h.bytes_per_s));
	if (hw->host_root_bytes_per_s > 0.0)
		least = fmin(least, hw->host_root_bytes_per_s / gpus);
	return least;
}

/* How often a byte of `w` counts. */
static double crossings(const struct work *w, const struct hardware *hw,
			enum bound_shared which)
{
	return which == BOUND_MEMORY ? work_crossings(w, hw)
				     : engine_is_link(w->engine);
}

double bound_shared(const struct graph *g, const struct hardware *hw,
		    enum bound_shared which, double cached, double split)
{
	double rate = rate_of(g, hw, which);
	double bytes = 0.0;

	if (rate == INFINITY)
		return 0.0;
	for (size_t i = 0; i < g->ntasks; i++) {
		const struct work *w = &g->works[g->tasks[i].work];

		bytes += crossings(w, hw, which) *
			 work_bytes(w, cached, split);
	}
	return bytes / rate;
}

double bound_step(const struct graph *g, const struct hardware *hw,
		  double cached, double split)
{
	double busy_s[ENGINE_COUNT], most = 0.0;

	bound_engines(g, hw, cached, split, busy_s);
	for (int i = 0; i < BOUND_SHARED; i++)
		most = fmax(most, bound_shared(g, hw, (enum bound_shared)i,
					       cached, split));
	for (int e = 0; e < ENGINE_COUNT; e++)
		most = fmax(most, busy_s[e]);
	return most;
}
