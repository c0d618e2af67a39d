/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lp/pace.h"

#include "lp/steady.h"
#include "schedule/policy.h"

/* The sum of T [s] over steps first .. end - 1. */
static double sum_layer_s(const struct llm *m, const struct workload *w,
			  const struct hardware *hw, const struct plan *plan,
			  size_t first, size_t end)
{
	struct graph *layer = plan->policy->graph(m, w, plan, SPAN_LAYER);
	struct steady *s = steady_new(layer, hw);
	double sum_s = 0.0;

	for (size_t i = first; i < end; i++)
		sum_s += steady_at(s, (double)workload_cached(w, i),
				   (double)plan->split[i]).period_s;
	steady_free(s);
	graph_free(layer);
	return sum_s;
}

double pace_layer_s(const struct llm *m, const struct workload *w,
		    const struct hardware *hw, const struct plan *plan,
		    size_t step)
{
	return sum_layer_s(m, w, hw, plan, step, step + 1);
}

double pace_step_s(const struct llm *m, const struct workload *w,
		   const struct hardware *hw, const struct plan *plan)
{
	return (double)m->layers *
	       sum_layer_s(m, w, hw, plan, 0, plan->steps) /
	       (double)plan->steps;
}
