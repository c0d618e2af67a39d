/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/bench/steps.h"

#include <stdlib.h>

#include "base/xalloc.h"
#include "sim/run.h"

struct steps {
	struct graph *graph;
	struct workload w;
	struct plan plan;
	struct hardware hw;
	struct jitter *jitter;	/* NULL for one GPU */
};

/* Of the order of an A100 on PCIe 4.0, and of one socket's memory. */
static const struct hardware machine = {
	.flop_per_s = 312e12, .gemm_derate = 0.8,
	.hbm_bytes_per_s = 1555e9, .hbm_derate = 0.8, .launch_s = 5e-6,
	.h2d = { .bytes_per_s = 24e9, .latency_s = 10e-6 },
	.d2h = { .bytes_per_s = 22e9, .latency_s = 10e-6 },
	.duplex_bytes_per_s = 40e9,
	.host_memory_bytes_per_s = 150e9,
};

/* Standard deviation over mean of a task's time, and a seed. */
static const double SPREAD = 0.02;
enum { SEED = 20611 };

enum { TASKS = 8, MOST_WAITS = 2, SPLIT = 40 };

/* OPT-30B's layer at a batch of 64, in round figures. */
static const struct {
	enum op op;
	struct work work;
	struct {
		enum op op;
		size_t back;	/* slots */
	} waits[MOST_WAITS];
	size_t nwaits;
} layer[TASKS] = {
	{ OP_LOAD_ACTIVATION,
	  { .engine = ENGINE_H2D, .bytes = { 0, 0, 0.9e6 }, .launches = 1 },
	  { { OP_FFN, 2 } }, 1 },
	{ OP_LOAD_CACHE,
	  { .engine = ENGINE_H2D, .bytes = { 0, 1.8e6, -1.8e6 },
	    .launches = 1 },
	  { { OP_FFN, 2 } }, 1 },
	{ OP_PROJECT,
	  { .engine = ENGINE_SM, .bytes = { 310e6, 0, 0 }, .launches = 4 },
	  { { OP_FFN, 1 } }, 1 },
	{ OP_STORE_CACHE,
	  { .engine = ENGINE_D2H, .bytes = { 1.8e6, 0, 0 }, .launches = 1 },
	  { { OP_PROJECT, 0 } }, 1 },
	{ OP_RECOMPUTE,
	  { .engine = ENGINE_SM, .flop = { 0, 0, 13e9 }, .launches = 2 },
	  { { OP_LOAD_ACTIVATION, 0 } }, 1 },
	{ OP_ATTEND,
	  { .engine = ENGINE_SM, .bytes = { 0, 1.8e6, 0 }, .launches = 1 },
	  { { OP_LOAD_CACHE, 0 } }, 1 },
	{ OP_OUTPUT,
	  { .engine = ENGINE_SM, .bytes = { 103e6, 0, 0 }, .launches = 1 },
	  { { 0, 0 } }, 0 },
	{ OP_FFN,
	  { .engine = ENGINE_SM, .bytes = { 822e6, 0, 0 }, .launches = 3 },
	  { { 0, 0 } }, 0 },
};

static struct graph *build(size_t layers, size_t gpus)
{
	struct graph *g = graph_new(layers, 1);

	g->gpus = gpus;
	for (size_t i = 0; i < TASKS; i++)
		graph_add_work(g, layer[i].work);
	for (size_t slot = 0; slot < layers; slot++)
		for (size_t i = 0; i < TASKS; i++) {
			graph_add_task(g, layer[i].op, slot, i);
			for (size_t k = 0; k < layer[i].nwaits; k++)
				graph_wait(g, layer[i].waits[k].op, slot,
					   layer[i].waits[k].back);
		}
	graph_finish(g);
	return g;
}

static struct jitter *out_of_step(const struct steps *s)
{
	const struct jitter_case c = { .graph = s->graph, .w = &s->w,
				       .plan = &s->plan, .hw = &s->hw };
	struct jitter_spec spec = { .task = { 0.0 } };
	struct jitter *j;

	for (size_t e = 0; e < ENGINE_COUNT; e++)
		spec.task[e] = SPREAD;
	j = jitter_new(&spec, &c);
	jitter_seed(j, SEED, 0);
	return j;
}

struct steps *steps_new(size_t layers, size_t n, size_t gpus)
{
	struct steps *s = xcalloc(1, sizeof *s);

	s->graph = build(layers, gpus);
	s->w = (struct workload){ .batch = 64, .num_batches = 1, .prompt = 128,
				  .gen = n + 1, .gpus = gpus };
	s->plan.steps = n;
	s->plan.split = xcalloc(n, sizeof *s->plan.split);
	for (size_t i = 0; i < n; i++)
		s->plan.split[i] = SPLIT;
	s->hw = machine;
	if (gpus > 1)
		s->jitter = out_of_step(s);
	return s;
}

void steps_free(struct steps *s)
{
	jitter_free(s->jitter);
	graph_free(s->graph);
	free(s->plan.split);
	free(s);
}

size_t steps_run(const struct steps *s)
{
	const struct run_options options = { .end_step = s->plan.steps,
					     .jitter = s->jitter };
	struct run_result result;
	struct diag d;
	size_t tasks = 0;

	if (run_graph(s->graph, &s->w, &s->plan, &s->hw, &options, &result,
		      &d) != STATUS_OK)
		abort();
	for (size_t e = 0; e < ENGINE_COUNT; e++)
		tasks += result.engine[e].tasks * s->graph->gpus;
	return tasks;
}
