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

double bound_duplex(const struct graph *g, const struct hardware *hw,
		    double cached, double split)
{
	double rate = fmax(hw->duplex_bytes_per_s,
			   fmax(hw->h2d.bytes_per_s, hw->d2h.bytes_per_s));
	double bytes = 0.0;

	if (hw->duplex_bytes_per_s <= 0.0)
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
