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

double bound_step(const struct graph *g, const struct hardware *hw,
		  double cached, double split)
{
	double busy_s[ENGINE_COUNT], most = 0.0;

	bound_engines(g, hw, cached, split, busy_s);
	for (int e = 0; e < ENGINE_COUNT; e++)
		most = fmax(most, busy_s[e]);
	return most;
}
