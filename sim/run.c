/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "sim/streams.h"
#include "sim/topology.h"

/* One of the GPUs, which all run the same. */
struct gpu {
	struct streams streams;
	struct stream *running[ENGINE_COUNT];	/* NULL: the engine is free */
	double kernel_end_s;	/* of the one that runs, or INFINITY */
	size_t *routes;		/* of each work that is no kernel, or NONE */
};

#define NONE SIZE_MAX

struct sim {
	const struct graph *graph;
	const struct run_options *options;
	struct gpu *gpus;
	size_t ngpus;
	struct links *links;	/* what flows: all but kernels */
	double now_s;
	double link_rates[MAX_MIN_MOST_LINKS];	/* in the timeline */
	struct run_result result;
};

/* The route of a work, asked for when it is first needed. */
static size_t route(struct sim *sim, struct gpu *gpu, size_t work)
{
	size_t *r = &gpu->routes[work];

	if (*r == NONE)
		*r = links_route(sim->links, topology_crosses(
			&sim->graph->works[work], (size_t)(gpu - sim->gpus),
			sim->ngpus));
	return *r;
}

/* What the times of a task of `work` are multiplied with. */
static double slowed(struct sim *sim, const struct gpu *gpu, size_t work,
		     size_t step)
{
	struct jitter *j = sim->options->jitter;

	return j == NULL ? 1.0 : jitter_factor(j, (size_t)(gpu - sim->gpus),
					       work, step);
}

static void start(struct sim *sim, struct gpu *gpu, struct stream *st,
		  enum engine e)
{
	const struct streams_cost *c = &st->cost;
	size_t work = sim->graph->tasks[streams_head(st)].work;
	double factor = slowed(sim, gpu, work, st->step);

	st->start_s = sim->now_s;
	gpu->running[e] = st;
	if (e == ENGINE_SM)
		gpu->kernel_end_s = sim->now_s + factor * c->seconds;
	else
		links_start(sim->links, sim->now_s, (struct links_flow){
			.route = route(sim, gpu, work),
			.bytes = factor * c->bytes,
			.latency_s = factor * c->overhead_s,
			.tag = (uint32_t)(gpu - sim->gpus) * ENGINE_COUNT +
			       (uint32_t)e });
}

static void account(struct sim *sim, const struct gpu *gpu,
		    const struct stream *st, enum engine e)
{
	const struct streams_cost *c = &st->cost;
	size_t task = streams_head(st);
	struct run_usage *of[] = {
		&sim->result.engine[e],
		&sim->result.op[sim->graph->tasks[task].op],
	};

	for (size_t i = 0; i < 2; i++) {
		of[i]->busy_s += sim->now_s - st->start_s;
		of[i]->bytes += c->bytes;
		of[i]->flop += c->flop;
		of[i]->tasks++;
	}
	if (sim->options->timeline != NULL)
		timeline_add(sim->options->timeline, (struct slice){
			.task = task, .step = st->step,
			.gpu = (size_t)(gpu - sim->gpus),
			.start_s = st->start_s, .end_s = sim->now_s });
}

/* The task that runs on `e` has ended. */
static void end_task(struct sim *sim, struct gpu *gpu, enum engine e)
{
	account(sim, gpu, gpu->running[e], e);
	streams_complete(&gpu->streams, gpu->running[e], sim->now_s,
			 sim->options->step_end_s);
	gpu->running[e] = NULL;
}

static void dispatch(struct sim *sim)
{
	for (size_t i = 0; i < sim->ngpus; i++) {
		struct gpu *gpu = &sim->gpus[i];
		enum engine e;

		streams_make_ready(&gpu->streams, sim->now_s,
				   sim->options->step_end_s);
		while (streams_next_engine(&gpu->streams, &e)) {
			struct stream *st = gpu->running[e] != NULL
				? NULL : streams_take(&gpu->streams, e);

			if (st != NULL)
				start(sim, gpu, st, e);
		}
	}
}

/* What `which` carries, where that has changed, for the timeline. */
static void note_link(struct sim *sim, enum topology_link which, size_t gpu)
{
	size_t i = topology_index(which, gpu, sim->ngpus);
	double rate = links_rate(sim->links, i);

	if (rate == sim->link_rates[i])
		return;
	sim->link_rates[i] = rate;
	timeline_add_rate(sim->options->timeline, (struct rate){
		.link = topology_name(which), .gpu = gpu,
		.shared = which >= TOPOLOGY_OF_GPU,
		.time_s = sim->now_s, .bytes_per_s = rate });
}

static void note_links(struct sim *sim)
{
	if (sim->options->timeline == NULL)
		return;
	for (size_t gpu = 0; gpu < sim->ngpus; gpu++) {
		note_link(sim, TOPOLOGY_H2D, gpu);
		note_link(sim, TOPOLOGY_D2H, gpu);
	}
	for (int i = TOPOLOGY_OF_GPU; i < TOPOLOGY_LINKS; i++)
		note_link(sim, (enum topology_link)i, 0);
}

static double next_moment(struct sim *sim)
{
	double next_s = links_next_s(sim->links);

	for (size_t i = 0; i < sim->ngpus; i++)
		if (sim->gpus[i].kernel_end_s < next_s)
			next_s = sim->gpus[i].kernel_end_s;
	return next_s;
}

static void end_kernels(struct sim *sim)
{
	for (size_t i = 0; i < sim->ngpus; i++) {
		struct gpu *gpu = &sim->gpus[i];

		if (gpu->kernel_end_s > sim->now_s)
			continue;
		gpu->kernel_end_s = INFINITY;
		end_task(sim, gpu, ENGINE_SM);
	}
}

/* Everything of one moment happens before anything new starts. */
static void run_to_end(struct sim *sim)
{
	for (;;) {
		struct links_end end;
		double next_s;

		dispatch(sim);
		note_links(sim);
		next_s = next_moment(sim);
		if (next_s == INFINITY)
			break;
		sim->now_s = next_s;
		while (links_take(sim->links, next_s, &end))
			end_task(sim, &sim->gpus[end.tag / ENGINE_COUNT],
				 (enum engine)(end.tag % ENGINE_COUNT));
		end_kernels(sim);
	}
	sim->result.makespan_s = sim->now_s;
}

/* The graph is stuck if some stream has not come to its end. */
static enum status check_complete(const struct sim *sim, struct diag *d)
{
	const struct streams *s = &sim->gpus[0].streams;
	char waiting[sizeof d->text] = "", batch[32] = "";
	size_t stuck = 0, len;

	for (size_t i = 0; i < PROCESS_COUNT; i++) {
		const struct stream *st = &s->all[i];
		const struct task *t;

		if (streams_at_end(s, st))
			continue;
		t = &sim->graph->tasks[streams_head(st)];
		len = strlen(waiting);
		if (sim->graph->batches > 1)
			snprintf(batch, sizeof batch, ", batch %zu",
				 t->batch);
		snprintf(waiting + len, sizeof waiting - len,
			 "%s%s of layer %zu%s, step %zu",
			 stuck++ ? "; " : "", op_name(t->op), t->layer, batch,
			 st->step);
	}
	if (stuck == 0)
		return STATUS_OK;
	return diag_fail(d, STATUS_INVALID,
			 "the schedule waits for itself: %s", waiting);
}

static void gpu_make(struct gpu *gpu, const struct streams_case *of)
{
	size_t n = of->graph->nworks;

	streams_make(&gpu->streams, of);
	gpu->kernel_end_s = INFINITY;
	gpu->routes = xcalloc(n, sizeof *gpu->routes);
	for (size_t i = 0; i < n; i++)
		gpu->routes[i] = NONE;
}

static void gpu_clear(struct gpu *gpu)
{
	streams_clear(&gpu->streams);
	free(gpu->routes);
}

/* All GPUs do the same, so one of them stands for each in the accounts. */
static void divide(struct run_usage *u, size_t n)
{
	u->busy_s /= (double)n;
	u->bytes /= (double)n;
	u->flop /= (double)n;
	u->tasks /= n;
}

struct run_options run_whole(const struct plan *plan)
{
	return (struct run_options){ .end_step = plan->steps };
}

enum status run_graph(const struct graph *g, const struct workload *w,
		      const struct plan *plan, const struct hardware *hw,
		      const struct run_options *options,
		      struct run_result *out, struct diag *d)
{
	const struct streams_case of = {
		.graph = g, .w = w, .plan = plan, .hw = hw,
		.first_step = options->first_step,
		.end_step = options->end_step,
	};
	struct sim sim = {
		.graph = g, .options = options, .ngpus = g->gpus,
		.gpus = xcalloc(g->gpus, sizeof *sim.gpus),
		.links = topology_new(hw, g->gpus),
	};
	enum status s;

	assert(options->first_step <= options->end_step &&
	       options->end_step <= plan->steps);
	for (size_t i = 0; i < sim.ngpus; i++)
		gpu_make(&sim.gpus[i], &of);
	run_to_end(&sim);
	s = check_complete(&sim, d);
	for (int i = 0; i < ENGINE_COUNT; i++)
		divide(&sim.result.engine[i], sim.ngpus);
	for (int i = 0; i < OP_COUNT; i++)
		divide(&sim.result.op[i], sim.ngpus);
	if (s == STATUS_OK)
		*out = sim.result;
	for (size_t i = 0; i < sim.ngpus; i++)
		gpu_clear(&sim.gpus[i]);
	free(sim.gpus);
	links_free(sim.links);
	return s;
}
