/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/two_engines.h"

#include <stdlib.h>

#include "base/xalloc.h"
#include "schedule/load_all.h"

static void add_kernel(struct two_engines *t, size_t layer, double flop)
{
	double seconds = 2.0 * t->hw.launch_s + flop / 5.0;

	graph_add_task(t->graph, OP_FFN, layer,
		       graph_add_work(t->graph, (struct work){
			       .engine = ENGINE_SM, .launches = 2.0,
			       .flop = { .fixed = flop } }));
	t->kernel_s += seconds;
	t->kernel_s2 += seconds * seconds;
}

static void add_copy(struct two_engines *t, size_t layer, double bytes)
{
	double seconds = t->hw.h2d.latency_s + bytes / 8.0;

	graph_add_task(t->graph, OP_LOAD_CACHE, layer,
		       graph_add_work(t->graph, (struct work){
			       .engine = ENGINE_H2D, .launches = 1.0,
			       .bytes = { .fixed = bytes } }));
	t->copy_s += seconds;
	t->copy_s2 += seconds * seconds;
}

struct two_engines *two_engines_new(size_t kernels, size_t copies,
				    size_t steps, size_t gpus)
{
	struct two_engines *t = xcalloc(1, sizeof *t);
	size_t layers = kernels > copies ? kernels : copies;

	t->w = (struct workload){ .batch = 3, .prompt = 5,
				  .gen = steps + 1, .num_batches = 1,
				  .gpus = gpus };
	t->hw = (struct hardware){
		.name = "two-engines",
		.flop_per_s = 10.0, .gemm_derate = 0.5,
		.hbm_bytes_per_s = 1e6, .hbm_derate = 0.25,
		.launch_s = 0.125,
		.h2d = { .bytes_per_s = 8.0, .latency_s = 0.375 },
		.d2h = { .bytes_per_s = 6.0, .latency_s = 0.25 },
	};
	t->split = xcalloc(steps, sizeof *t->split);
	t->plan = (struct plan){ .policy = &policy_load_all, .steps = steps,
				 .split = t->split };
	t->graph = graph_new(layers, 1);
	t->graph->gpus = gpus;
	for (size_t i = 0; i < kernels; i++)
		add_kernel(t, i, 4.0 + (double)(i * 7 % 5));
	for (size_t i = 0; i < copies; i++)
		add_copy(t, i, 5.0 + (double)(i * 11 % 7));
	graph_finish(t->graph);
	t->of = (struct jitter_case){ .graph = t->graph, .w = &t->w,
				      .plan = &t->plan, .hw = &t->hw };
	return t;
}

void two_engines_free(struct two_engines *t)
{
	graph_free(t->graph);
	free(t->split);
	free(t);
}
