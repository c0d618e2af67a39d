/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lp/pace.h"

#include <assert.h>

#include "schedule/policy.h"

/* A plan and its layer. */
struct pacing {
	const struct workload *w;
	const struct hardware *hw;	/* at the full clock */
	const struct plan *plan;
	struct graph *layer;
	struct steady *steady;
};

static struct pacing pacing_new(const struct llm *m, const struct workload *w,
				const struct hardware *hw,
				const struct plan *plan)
{
	struct graph *layer = policy_graph(plan, m, w, hw, SPAN_LAYER);

	return (struct pacing){ .w = w, .hw = hw, .plan = plan,
				.layer = layer,
				.steady = steady_new(layer, hw) };
}

static void pacing_free(struct pacing *p)
{
	steady_free(p->steady);
	graph_free(p->layer);
}

struct power_load pace_layer_load(const struct graph *layer, double cached,
				  double split, double layer_s)
{
	double flop = 0.0, bytes = 0.0;

	for (size_t i = 0; i < layer->ntasks; i++) {
		const struct work *w = &layer->works[layer->tasks[i].work];

		if (w->engine != ENGINE_SM)
			continue;
		flop += work_flop(w, cached, split);
		bytes += work_bytes(w, cached, split);
	}
	return (struct power_load){ .flop_per_s = flop / layer_s,
				    .bytes_per_s = bytes / layer_s };
}

struct power_load pace_load(const struct graph *layer,
			    const struct workload *w, const struct plan *plan,
			    size_t first, size_t count, double sum_s)
{
	struct power_load sum = { 0.0, 0.0 };

	for (size_t i = first; i < first + count; i++) {
		struct power_load step =
			pace_layer_load(layer, (double)workload_cached(w, i),
					(double)plan->split[i], sum_s);

		sum.flop_per_s += step.flop_per_s;
		sum.bytes_per_s += step.bytes_per_s;
	}
	return sum;
}

double pace_sum_s(struct steady *layer, const struct workload *w,
		  const struct plan *plan, size_t first, size_t count)
{
	double sum_s = 0.0;

	for (size_t i = first; i < first + count; i++)
		sum_s += steady_at(layer, (double)workload_cached(w, i),
				   (double)plan->split[i]).period_s;
	return sum_s;
}

static enum status find_load(void *of, double clock,
			     struct power_load *load, struct diag *d)
{
	struct pacing *p = of;
	struct hardware hw = power_limit_machine(p->hw, clock);
	size_t steps = p->plan->steps;

	(void)d;
	steady_set_hardware(p->steady, &hw);
	*load = pace_load(p->layer, p->w, p->plan, 0, steps,
			  pace_sum_s(p->steady, p->w, p->plan, 0, steps));
	return STATUS_OK;
}

/* The machine at the clock of all steps, with the steady state on it. */
static struct hardware settle(struct pacing *p)
{
	struct diag unused;
	double clock;
	enum status st = power_limit_settle(p->hw, find_load, p, &clock,
					    &unused);

	assert(st == STATUS_OK);
	(void)st;
	return clock < 1.0 ? power_limit_machine(p->hw, clock) : *p->hw;
}

struct hardware pace_machine(const struct llm *m, const struct workload *w,
			     const struct hardware *hw,
			     const struct plan *plan)
{
	struct pacing p = pacing_new(m, w, hw, plan);
	struct hardware at = settle(&p);

	pacing_free(&p);
	return at;
}

/* The sum of T [s] over steps first .. end - 1. */
static double sum_layer_s(const struct llm *m, const struct workload *w,
			  const struct hardware *hw, const struct plan *plan,
			  size_t first, size_t end)
{
	struct pacing p = pacing_new(m, w, hw, plan);
	double sum_s;

	settle(&p);
	sum_s = pace_sum_s(p.steady, w, plan, first, end - first);
	pacing_free(&p);
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
