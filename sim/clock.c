/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/clock.h"

#include "model/power_limit.h"

struct settling {
	const struct graph *graph;
	const struct workload *w;
	const struct plan *plan;
	const struct hardware *hw;
	const struct run_options *options;
};

static enum status run_at(const struct settling *s, double clock,
			  const struct run_options *options,
			  struct run_result *out, struct diag *d)
{
	struct hardware hw = power_limit_machine(s->hw, clock);

	return run_graph(s->graph, s->w, s->plan, &hw, options, out, d);
}

static enum status find_load(void *of, double clock,
			     struct power_load *load, struct diag *d)
{
	const struct settling *s = of;
	struct run_options silent = *s->options;
	struct run_result r;
	enum status st;

	silent.timeline = NULL;
	st = run_at(s, clock, &silent, &r, d);
	if (st == STATUS_OK)
		*load = (struct power_load){
			.flop_per_s = r.engine[ENGINE_SM].flop / r.makespan_s,
			.bytes_per_s = r.engine[ENGINE_SM].bytes /
				       r.makespan_s };
	return st;
}

enum status clock_run(const struct graph *g, const struct workload *w,
		      const struct plan *plan, const struct hardware *hw,
		      const struct run_options *options, double *clock,
		      struct run_result *out, struct diag *d)
{
	struct settling s = { .graph = g, .w = w, .plan = plan, .hw = hw,
			      .options = options };
	double settled;
	enum status st = power_limit_settle(hw, find_load, &s, &settled, d);

	if (st == STATUS_OK)
		st = run_at(&s, settled, options, out, d);
	if (st == STATUS_OK)
		*clock = settled;
	return st;
}
