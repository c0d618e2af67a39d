/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run.h"

#include <assert.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "sim/streams.h"
#include "sim/topology.h"

/* One of the GPUs, which all run the same. */
struct gpu {
	struct streams streams;
	size_t number;
	struct stream *running[ENGINE_COUNT];	/* what they serve */
	double kernel_end_s;	/* of one that no copy slows, or INFINITY */
	double issue_end_s;	/* the same */
	double timed_s;		/* the next of them, or of hand-offs */
	uint32_t bit;		/* in sets of GPUs */
	size_t *routes;		/* of each work that flows, or NONE */
};

#define NONE SIZE_MAX
_Static_assert(WORKLOAD_MOST_GPUS <= 32, "a set has no bit for a GPU");

struct sim {
	const struct graph *graph;
	const struct run_options *options;
	struct gpu *gpus;
	size_t ngpus;
	uint32_t stirred;	/* GPUs that may have something to start */
	struct topology topology;
	struct links *links;	/* what flows */
	double now_s;
	double end_s;		/* of the last task so far */
	double link_rates[MAX_MIN_MOST_LINKS];	/* in the timeline */
	struct run_usage usage[ENGINE_COUNT][OP_COUNT];
};

/* The route of a work, asked for when it is first needed. */
static size_t route(struct sim *sim, struct gpu *gpu, size_t work)
{
	size_t *r = &gpu->routes[work];

	if (*r == NONE)
		*r = links_route(sim->links, topology_path(
			&sim->topology, &sim->graph->works[work],
			gpu->number));
	return *r;
}

/* What the times of the head of `st` are multiplied with. */
static double slowed(struct sim *sim, const struct gpu *gpu,
		     const struct stream *st)
{
	struct jitter *j = sim->options->jitter;

	return j == NULL ? 1.0 : jitter_factor(j, gpu->number, st->head->work,
					       st->step);
}

static void start(struct sim *sim, struct gpu *gpu, struct stream *st)
{
	const struct streams_cost *c = &st->cost;
	enum engine e = st->head->engine;
	double factor = slowed(sim, gpu, st);

	st->start_s = sim->now_s;
	gpu->running[e] = st;
	if (e == ENGINE_SM && c->flow_bytes == 0.0)
		gpu->kernel_end_s = sim->now_s + factor * c->seconds;
	else if (e == ENGINE_ISSUE)
		gpu->issue_end_s = sim->now_s + factor * c->seconds;
	else
		links_start(sim->links, sim->now_s, &(struct links_flow){
			.route = route(sim, gpu, st->head->work),
			.bytes = factor * c->flow_bytes,
			.latency_s = factor * c->overhead_s,
			.tag = (uint32_t)(gpu->number * ENGINE_COUNT + e) });
}

static void account(struct sim *sim, const struct gpu *gpu,
		    const struct stream *st, enum engine e)
{
	const struct streams_cost *c = &st->cost;
	struct run_usage *u = &sim->usage[e][st->head->op];

	u->busy_s += sim->now_s - st->start_s;
	u->bytes += c->bytes;
	u->flop += c->flop;
	u->tasks++;
	sim->end_s = sim->now_s;
	if (sim->options->timeline != NULL)
		timeline_add(sim->options->timeline, (struct slice){
			.task = streams_head(st), .step = st->step,
			.gpu = gpu->number,
			.start_s = st->start_s, .end_s = sim->now_s });
}

/* The task that runs on `e` has ended. */
static void end_task(struct sim *sim, struct gpu *gpu, enum engine e)
{
	struct stream *st = gpu->running[e];

	sim->stirred |= gpu->bit;
	account(sim, gpu, st, e);
	streams_complete(&gpu->streams, st, sim->now_s,
			 sim->options->step_end_s);
}

/* What lasts as long as it lasts: kernels, issuing, and hand-offs. */
static double next_timed_end(const struct gpu *gpu)
{
	double next_s = gpu->streams.told_s;

	if (gpu->kernel_end_s < next_s)
		next_s = gpu->kernel_end_s;
	if (gpu->issue_end_s < next_s)
		next_s = gpu->issue_end_s;
	return next_s;
}

/* GPU by GPU, from the first on. */
static void dispatch(struct sim *sim)
{
	for (; sim->stirred != 0; sim->stirred &= sim->stirred - 1) {
		struct gpu *gpu = &sim->gpus[__builtin_ctz(sim->stirred)];
		struct stream *st;

		streams_make_ready(&gpu->streams, sim->now_s,
				   sim->options->step_end_s);
		while ((st = streams_take(&gpu->streams)) != NULL)
			start(sim, gpu, st);
		gpu->timed_s = next_timed_end(gpu);
	}
}

/*
 * What `which` of GPU or switch `of` carries, where that has changed, for the
 * timeline: a switch's beside the first GPU behind it, and of a GPU's memory
 * its own bytes, not copied ones.
 */
static void note_link(struct sim *sim, enum topology_link which, size_t of,
		      size_t gpu)
{
	size_t i = topology_index(&sim->topology, which, of);
	double rate = links_rate(sim->links, i);

	if (which == TOPOLOGY_HBM)
		rate *= sim->topology.hw->copy_hbm_bytes;
	if (rate == sim->link_rates[i])
		return;
	sim->link_rates[i] = rate;
	timeline_add_rate(sim->options->timeline, (struct rate){
		.link = topology_name(which), .gpu = gpu,
		.shared = which >= TOPOLOGY_ROOT &&
			  which < TOPOLOGY_SWITCH_H2D,
		.time_s = sim->now_s, .bytes_per_s = rate });
}

static void note_links(struct sim *sim)
{
	size_t switches = topology_switches(&sim->topology);

	for (size_t gpu = 0; gpu < sim->ngpus; gpu++) {
		note_link(sim, TOPOLOGY_H2D, gpu, gpu);
		note_link(sim, TOPOLOGY_D2H, gpu, gpu);
		note_link(sim, TOPOLOGY_HBM, gpu, gpu);
	}
	for (int i = TOPOLOGY_ROOT; i < TOPOLOGY_SWITCH_H2D; i++)
		note_link(sim, (enum topology_link)i, 0, 0);
	for (size_t gpu = 0, k = 0; k < switches; gpu++) {
		if (topology_switch(&sim->topology, gpu) < k)
			continue;
		note_link(sim, TOPOLOGY_SWITCH_H2D, k, gpu);
		note_link(sim, TOPOLOGY_SWITCH_D2H, k, gpu);
		k++;
	}
}

static double first_timed_end(const struct sim *sim)
{
	double first_s = INFINITY;

	for (size_t i = 0; i < sim->ngpus; i++)
		if (sim->gpus[i].timed_s < first_s)
			first_s = sim->gpus[i].timed_s;
	return first_s;
}

static void end_timed(struct sim *sim)
{
	for (size_t i = 0; i < sim->ngpus; i++) {
		struct gpu *gpu = &sim->gpus[i];

		if (gpu->timed_s > sim->now_s)
			continue;
		sim->stirred |= gpu->bit;
		if (gpu->kernel_end_s <= sim->now_s) {
			gpu->kernel_end_s = INFINITY;
			end_task(sim, gpu, ENGINE_SM);
		}
		if (gpu->issue_end_s <= sim->now_s) {
			gpu->issue_end_s = INFINITY;
			end_task(sim, gpu, ENGINE_ISSUE);
		}
		streams_hand_over(&gpu->streams, sim->now_s);
	}
}

static void end_flows(struct sim *sim)
{
	struct links_end end;

	while (links_take(sim->links, sim->now_s, &end))
		end_task(sim, &sim->gpus[end.tag / ENGINE_COUNT],
			 (enum engine)(end.tag % ENGINE_COUNT));
}

/* Everything of one moment happens before anything new starts. */
static void run_to_end(struct sim *sim)
{
	for (;;) {
		double flow_s, timed_s;

		dispatch(sim);
		if (sim->options->timeline != NULL)
			note_links(sim);
		flow_s = links_next_s(sim->links);
		timed_s = first_timed_end(sim);
		sim->now_s = timed_s < flow_s ? timed_s : flow_s;
		if (sim->now_s == INFINITY)
			return;
		if (flow_s <= sim->now_s)
			end_flows(sim);
		if (timed_s <= sim->now_s)
			end_timed(sim);
	}
}

/* All GPUs do the same, so one of `n` stands for each in the accounts. */
static void add(struct run_usage *to, const struct run_usage *u, size_t n)
{
	to->busy_s += u->busy_s / (double)n;
	to->bytes += u->bytes / (double)n;
	to->flop += u->flop / (double)n;
	to->tasks += u->tasks / n;
}

static void add_up(const struct sim *sim, struct run_result *out)
{
	*out = (struct run_result){ .makespan_s = sim->end_s };
	for (int e = 0; e < ENGINE_COUNT; e++)
		for (int op = 0; op < OP_COUNT; op++) {
			const struct run_usage *u = &sim->usage[e][op];

			add(&out->engine[e], u, sim->ngpus);
			add(&out->op[op], u, sim->ngpus);
		}
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

static void gpu_make(struct gpu *gpu, size_t number,
		     const struct streams_case *of)
{
	size_t n = of->graph->nworks;

	streams_make(&gpu->streams, of);
	gpu->number = number;
	gpu->bit = UINT32_C(1) << number;
	gpu->kernel_end_s = gpu->issue_end_s = INFINITY;
	gpu->routes = xcalloc(n, sizeof *gpu->routes);
	for (size_t i = 0; i < n; i++)
		gpu->routes[i] = NONE;
}

static void gpu_clear(struct gpu *gpu)
{
	streams_clear(&gpu->streams);
	free(gpu->routes);
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
		.topology = { .hw = hw, .gpus = g->gpus },
	};
	enum status s;

	assert(options->first_step <= options->end_step &&
	       options->end_step <= plan->steps);
	sim.links = topology_new(&sim.topology);
	for (size_t i = 0; i < sim.ngpus; i++) {
		gpu_make(&sim.gpus[i], i, &of);
		sim.stirred |= sim.gpus[i].bit;
	}
	run_to_end(&sim);
	s = check_complete(&sim, d);
	if (s == STATUS_OK)
		add_up(&sim, out);
	for (size_t i = 0; i < sim.ngpus; i++)
		gpu_clear(&sim.gpus[i]);
	free(sim.gpus);
	links_free(sim.links);
	return s;
}
