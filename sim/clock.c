/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/clock.h"

#include <math.h>

#define CLOCK_TOLERANCE 1e-4

/* Where the profile states none: the voltage goes with the clock. */
#define CLOCK_EXPONENT 0.5

struct settling {
	const struct graph *graph;
	const struct workload *w;
	const struct plan *plan;
	const struct hardware *hw;
	const struct run_options *options;
	double least;		/* c_1 */
	double exponent;
};

struct hardware clock_hardware(const struct hardware *hw, double clock)
{
	struct hardware slower = *hw;

	slower.full_gemm_derate = hw->gemm_derate;
	slower.gemm_derate *= clock;
	return slower;
}

static enum status run_at(const struct settling *s, double clock,
			  const struct run_options *options,
			  struct run_result *out, struct diag *d)
{
	struct hardware hw = clock_hardware(s->hw, clock);

	return run_graph(s->graph, s->w, s->plan, &hw, options, out, d);
}

/* By how much the limit allows more than `clock`; falls as that rises. */
static enum status slack(const struct settling *s, double clock,
			 double *more, struct diag *d)
{
	struct run_options silent = *s->options;
	double full = s->least * hardware_gemm_flop_per_s(s->hw), rate;
	struct run_result r;
	enum status st;

	silent.timeline = NULL;
	st = run_at(s, clock, &silent, &r, d);
	if (st != STATUS_OK)
		return st;
	rate = r.engine[ENGINE_SM].flop / r.makespan_s;
	*more = rate > 0.0 ? s->least * pow(full / rate, s->exponent) -
				     clock : INFINITY;
	return STATUS_OK;
}

/* Regula falsi; one end's value is halved when it stays (Illinois). */
static enum status settle(const struct settling *s, double *clock,
			  struct diag *d)
{
	double low = s->least, high = 1.0, at_low, at_high, at, more;
	enum status st = slack(s, high, &at_high, d);
	int stayed = 0;

	*clock = high;
	if (st != STATUS_OK || at_high >= 0.0)
		return st;
	st = slack(s, low, &at_low, d);
	*clock = low;
	if (st != STATUS_OK || at_low <= 0.0)
		return st;
	while (st == STATUS_OK && high - low > CLOCK_TOLERANCE) {
		at = low + (high - low) * at_low / (at_low - at_high);
		st = slack(s, at, &more, d);
		*clock = at;
		if (st != STATUS_OK || fabs(more) <= CLOCK_TOLERANCE)
			break;
		if (more > 0.0) {
			low = at;
			at_low = more;
			at_high *= stayed > 0 ? 0.5 : 1.0;
			stayed = 1;
		} else {
			high = at;
			at_high = more;
			at_low *= stayed < 0 ? 0.5 : 1.0;
			stayed = -1;
		}
	}
	return st;
}

enum status clock_run(const struct graph *g, const struct workload *w,
		      const struct plan *plan, const struct hardware *hw,
		      const struct run_options *options, double *clock,
		      struct run_result *out, struct diag *d)
{
	const struct settling s = {
		.graph = g, .w = w, .plan = plan, .hw = hw,
		.options = options,
		.least = hw->gemm_sustained_derate / hw->gemm_derate,
		.exponent = hw->clock_exponent > 0.0 ? hw->clock_exponent
						     : CLOCK_EXPONENT,
	};
	double settled = 1.0;
	enum status st = STATUS_OK;

	if (s.least > 0.0 && s.least < 1.0)
		st = settle(&s, &settled, d);
	if (st == STATUS_OK)
		st = run_at(&s, settled, options, out, d);
	if (st == STATUS_OK)
		*clock = settled;
	return st;
}
