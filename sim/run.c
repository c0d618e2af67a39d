/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "sim/topology.h"

/*
 * What a work comes to at one step: the same for all layers, so it is
 * calculated once a step.  Streams may be a step apart, hence two of them
 * for each work, by the step's parity.
 */
struct cost {
	bool known, empty;
	size_t step;
	double overhead_s, seconds, bytes, flop;
};

/*
 * A stream is its tasks in order and how far it has come.  Its head, the
 * next task to run, waits, is ready (and may wait for its engine), or runs.
 */
struct stream {
	const size_t *tasks;
	size_t ntasks;
	size_t next;		/* index into tasks of the head */
	size_t step;		/* of the head */
	bool ready;
	struct cost cost;	/* of the head, once it is ready: a copy, as
				 * another stream may ask for a third step */
	double ready_s, start_s;
};

/* One of the GPUs, which all run the same; sets of its streams and engines
 * are bits. */
struct gpu {
	struct stream streams[PROCESS_COUNT];
	struct stream *running[ENGINE_COUNT];	/* NULL: the engine is free */
	double kernel_end_s;	/* of the one that runs, or INFINITY */
	struct cost (*costs)[2];	/* of each work */
	size_t *done;		/* of each task: the first step not completed */
	size_t *routes;		/* of each work that is no kernel, or NONE */
	uint32_t stirred;	/* streams whose head may have become ready */
	uint32_t ready[ENGINE_COUNT];	/* streams whose head wants it */
	uint32_t engines_stirred;	/* that may have something to start */
};

#define NONE SIZE_MAX

struct sim {
	const struct graph *graph;
	const struct workload *workload;
	const struct plan *plan;
	const struct hardware *hw;
	const struct run_options *options;
	struct gpu *gpus;
	size_t ngpus;
	size_t *order;		/* tasks, stream by stream */
	uint32_t *wakes;	/* of each task: the streams that wait for it */
	struct links *links;	/* what flows: all but kernels */
	double now_s;
	double link_rates[MAX_MIN_MOST_LINKS];	/* in the timeline */
	struct run_result result;
};

static bool at_end(const struct sim *sim, const struct stream *st)
{
	return st->step == sim->options->end_step || st->ntasks == 0;
}

static size_t head(const struct stream *st)
{
	return st->tasks[st->next];
}

static const struct work *head_work(const struct sim *sim,
				    const struct stream *st)
{
	return &sim->graph->works[sim->graph->tasks[head(st)].work];
}

static void find_cost(const struct sim *sim, const struct stream *st,
		      struct cost *c)
{
	const struct work *w = head_work(sim, st);
	double cached = (double)workload_cached(sim->workload, st->step);
	double split = (double)sim->plan->split[st->step];

	*c = (struct cost){
		.known = true, .step = st->step,
		.empty = work_is_empty(w, cached, split),
		.overhead_s = engine_is_link(w->engine)
			? work_latency_s(w, sim->hw, cached, split) : 0.0,
		.seconds = work_seconds(w, sim->hw, cached, split),
		.bytes = work_bytes(w, cached, split),
		.flop = work_flop(w, cached, split),
	};
}

static const struct cost *head_cost(const struct sim *sim,
				    const struct gpu *gpu,
				    const struct stream *st)
{
	size_t work = sim->graph->tasks[head(st)].work;
	struct cost *c = &gpu->costs[work][st->step % 2];

	if (!c->known || c->step != st->step)
		find_cost(sim, st, c);
	return c;
}

/*
 * A task runs in the order of its steps, so it has completed step i if the
 * first step that it has not completed is a later one.
 */
static bool may_start(const struct sim *sim, const struct gpu *gpu,
		      const struct stream *st)
{
	const struct task *t = &sim->graph->tasks[head(st)];

	for (size_t i = 0; i < t->nwaits; i++) {
		const struct wait *w =
			&sim->graph->waits[t->first_wait + i];

		if (st->step >= sim->options->first_step + w->lag &&
		    gpu->done[w->task] <= st->step - w->lag)
			return false;
	}
	return true;
}

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

static void start(struct sim *sim, struct gpu *gpu, struct stream *st,
		  enum engine e)
{
	const struct cost *c = &st->cost;

	st->start_s = sim->now_s;
	gpu->running[e] = st;
	if (e == ENGINE_SM)
		gpu->kernel_end_s = sim->now_s + c->seconds;
	else
		links_start(sim->links, sim->now_s, (struct links_flow){
			.route = route(sim, gpu,
				       sim->graph->tasks[head(st)].work),
			.bytes = c->bytes, .latency_s = c->overhead_s,
			.tag = (uint32_t)(gpu - sim->gpus) * ENGINE_COUNT +
			       (uint32_t)e });
}

static void account(struct sim *sim, const struct gpu *gpu,
		    const struct stream *st, enum engine e)
{
	const struct cost *c = &st->cost;
	struct run_usage *of[] = {
		&sim->result.engine[e],
		&sim->result.op[sim->graph->tasks[head(st)].op],
	};

	for (size_t i = 0; i < 2; i++) {
		of[i]->busy_s += sim->now_s - st->start_s;
		of[i]->bytes += c->bytes;
		of[i]->flop += c->flop;
		of[i]->tasks++;
	}
	if (sim->options->timeline != NULL)
		timeline_add(sim->options->timeline, (struct slice){
			.task = head(st), .step = st->step,
			.gpu = (size_t)(gpu - sim->gpus),
			.start_s = st->start_s, .end_s = sim->now_s });
}

/* The head of `st` has ended: count it and move on. */
static void complete(struct sim *sim, struct gpu *gpu, struct stream *st)
{
	size_t task = head(st);

	gpu->done[task]++;
	gpu->stirred |= sim->wakes[task] |
			1u << (uint32_t)(st - gpu->streams);
	if (sim->options->step_end_s != NULL &&
	    op_process(sim->graph->tasks[task].op) == PROCESS_COMPUTE)
		sim->options->step_end_s[st->step] = sim->now_s;
	st->ready = false;
	if (++st->next == st->ntasks) {
		st->next = 0;
		st->step++;
	}
}

/* Earlier ready first; of equals, earlier in the order of issue. */
static bool goes_before(const struct stream *a, const struct stream *b)
{
	if (a->ready_s != b->ready_s)
		return a->ready_s < b->ready_s;
	if (a->step != b->step)
		return a->step < b->step;
	return head(a) < head(b);
}

/* The lowest of `set`, which it leaves. */
static uint32_t take(uint32_t *set)
{
	uint32_t i = (uint32_t)__builtin_ctz(*set);

	*set &= *set - 1;
	return i;
}

/* Mark heads that have become ready; pass over those with nothing to do. */
static void make_ready(struct sim *sim, struct gpu *gpu)
{
	while (gpu->stirred != 0) {
		uint32_t i = take(&gpu->stirred);
		struct stream *st = &gpu->streams[i];
		enum engine e;

		if (at_end(sim, st) || st->ready || !may_start(sim, gpu, st))
			continue;
		st->cost = *head_cost(sim, gpu, st);
		if (st->cost.empty) {
			complete(sim, gpu, st);
			continue;
		}
		st->ready = true;
		st->ready_s = sim->now_s;
		e = head_work(sim, st)->engine;
		gpu->ready[e] |= 1u << i;
		gpu->engines_stirred |= 1u << e;
	}
}

static void dispatch(struct sim *sim, struct gpu *gpu)
{
	make_ready(sim, gpu);
	while (gpu->engines_stirred != 0) {
		enum engine e = (enum engine)take(&gpu->engines_stirred);
		uint32_t waiting = gpu->ready[e];
		struct stream *first = NULL;

		if (gpu->running[e] != NULL)
			continue;
		while (waiting != 0) {
			struct stream *st = &gpu->streams[take(&waiting)];

			if (first == NULL || goes_before(st, first))
				first = st;
		}
		if (first == NULL)
			continue;
		gpu->ready[e] &= ~(1u << (uint32_t)(first - gpu->streams));
		start(sim, gpu, first, e);
	}
}

static void dispatch_all(struct sim *sim)
{
	for (size_t i = 0; i < sim->ngpus; i++)
		dispatch(sim, &sim->gpus[i]);
}

/* The task that runs on `e` has ended. */
static void end_task(struct sim *sim, struct gpu *gpu, enum engine e)
{
	account(sim, gpu, gpu->running[e], e);
	complete(sim, gpu, gpu->running[e]);
	gpu->running[e] = NULL;
	gpu->engines_stirred |= 1u << e;
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
	dispatch_all(sim);
	for (;;) {
		double next_s = next_moment(sim);
		struct links_end end;

		if (next_s == INFINITY)
			break;
		sim->now_s = next_s;
		while (links_take(sim->links, next_s, &end))
			end_task(sim, &sim->gpus[end.tag / ENGINE_COUNT],
				 (enum engine)(end.tag % ENGINE_COUNT));
		end_kernels(sim);
		dispatch_all(sim);
		note_links(sim);
	}
	sim->result.makespan_s = sim->now_s;
}

/* The graph is stuck if some stream has not come to its end. */
static enum status check_complete(const struct sim *sim, struct diag *d)
{
	char waiting[256] = "";
	size_t stuck = 0, len;

	for (size_t i = 0; i < PROCESS_COUNT; i++) {
		const struct stream *st = &sim->gpus[0].streams[i];
		const struct task *t;

		if (at_end(sim, st))
			continue;
		t = &sim->graph->tasks[head(st)];
		len = strlen(waiting);
		snprintf(waiting + len, sizeof waiting - len,
			 "%s%s of layer %zu, step %zu", stuck++ ? "; " : "",
			 op_name(t->op), t->layer, st->step);
	}
	if (stuck == 0)
		return STATUS_OK;
	return diag_fail(d, STATUS_INVALID,
			 "the schedule waits for itself: %s", waiting);
}

/* The order of the streams, and who waits for whom: the same for all GPUs. */
static void read_graph(struct sim *sim, size_t first[PROCESS_COUNT + 1])
{
	const struct graph *g = sim->graph;
	size_t n = 0;

	for (int p = 0; p < PROCESS_COUNT; p++) {
		first[p] = n;
		for (size_t i = 0; i < g->ntasks; i++)
			if ((int)op_process(g->tasks[i].op) == p)
				sim->order[n++] = i;
	}
	first[PROCESS_COUNT] = n;
	for (size_t i = 0; i < g->ntasks; i++) {
		const struct task *t = &g->tasks[i];

		for (size_t k = 0; k < t->nwaits; k++)
			sim->wakes[g->waits[t->first_wait + k].task] |=
				1u << (uint32_t)op_process(t->op);
	}
}

static void gpu_make(const struct sim *sim, const size_t *first,
		     struct gpu *gpu)
{
	const struct graph *g = sim->graph;

	gpu->costs = xcalloc(g->nworks, sizeof *gpu->costs);
	gpu->done = xcalloc(g->ntasks, sizeof *gpu->done);
	gpu->routes = xcalloc(g->nworks, sizeof *gpu->routes);
	for (size_t i = 0; i < g->nworks; i++)
		gpu->routes[i] = NONE;
	for (size_t i = 0; i < g->ntasks; i++)
		gpu->done[i] = sim->options->first_step;
	for (size_t p = 0; p < PROCESS_COUNT; p++)
		gpu->streams[p] = (struct stream){
			.tasks = sim->order + first[p],
			.ntasks = first[p + 1] - first[p],
			.step = sim->options->first_step,
		};
	gpu->kernel_end_s = INFINITY;
	gpu->stirred = (1u << PROCESS_COUNT) - 1;
}

static void gpu_clear(struct gpu *gpu)
{
	free(gpu->costs);
	free(gpu->done);
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
	struct sim sim = {
		.graph = g, .workload = w, .plan = plan, .hw = hw,
		.options = options, .ngpus = g->gpus,
		.gpus = xcalloc(g->gpus, sizeof *sim.gpus),
		.order = xcalloc(g->ntasks, sizeof *sim.order),
		.wakes = xcalloc(g->ntasks, sizeof *sim.wakes),
		.links = topology_new(hw, g->gpus),
	};
	size_t first[PROCESS_COUNT + 1];
	enum status s;

	assert(options->first_step <= options->end_step &&
	       options->end_step <= plan->steps);
	read_graph(&sim, first);
	for (size_t i = 0; i < sim.ngpus; i++)
		gpu_make(&sim, first, &sim.gpus[i]);
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
	free(sim.order);
	free(sim.wakes);
	links_free(sim.links);
	return s;
}
