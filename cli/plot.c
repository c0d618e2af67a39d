/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/plot.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/xalloc.h"
#include "sim/clock.h"

enum status plot_run_step(const struct decode_case *c, const struct graph *g,
			  const struct plan *plan, size_t step,
			  struct timeline *timeline, double *step_s,
			  struct diag *d)
{
	double *ends = xcalloc(plan->steps, sizeof *ends);
	const struct run_options options = {
		.first_step = step > 0 ? step - 1 : 0,
		.end_step = step + 2 < plan->steps ? step + 2 : plan->steps,
		.step_end_s = ends,
		.timeline = timeline,
	};
	struct run_result result;
	double clock;
	enum status s = clock_run(g, &c->workload, plan, &c->hardware,
				  &options, &clock, &result, d);

	if (s == STATUS_OK)
		*step_s = ends[step] - (step > 0 ? ends[step - 1] : 0.0);
	free(ends);
	return s;
}

void plot_subtitle(const struct decode_case *c, size_t step, char *text,
		   size_t size)
{
	char batches[32] = "";

	if (c->workload.num_batches > 1)
		snprintf(batches, sizeof batches, " x %zu",
			 c->workload.num_batches);
	snprintf(text, size, "%s, batch %zu%s, %zu cached tokens (decode step "
		 "%zu of %zu), %s", c->model.name, c->workload.batch, batches,
		 workload_cached(&c->workload, step), step + 1,
		 workload_steps(&c->workload), c->hardware.name);
}
