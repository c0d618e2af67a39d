/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "sim/event_queue.h"
#include "sim/fair_share.h"

/*
 * What a work comes to at one step: the same for all layers, so it is
 * calculated once a step.  Streams may be a step apart, hence two of them
 * for each work, by the step's parity.
 */
struct cost {
	bool known, empty;
	size_t step;
	double overhead_s, seconds, rate, bytes, flop;
};

/*
 * A stream is its tasks in order and how far it has come.  Its head, the
 * next task to run, waits, is ready (and may wait for its engine), or runs.
 */
struct stream {
	size_t *tasks;
	size_t ntasks;
	size_t next;		/* index into tasks of the head */
	size_t step;		/* of the head */
	bool ready;
	struct cost cost;	/* of the head, once it is ready: a copy, as
				 * a stream two steps ahead may share the
				 * work, and take its place in `costs` */
	double ready_s, start_s;
};

/* What occupies an engine. */
struct occupant {
	struct stream *stream;	/* NULL: free */
	bool flowing;		/* a copy past its latency */
	double left_bytes;	/* of a copy, at `since_s` */
	double rate, since_s;
	uint32_t stamp;		/* of its only valid event */
};

/* Sets of streams and of engines are bits. */
struct sim {
	const struct graph *graph;
	const struct workload *workload;
	const struct plan *plan;
	const struct hardware *hw;
	struct stream streams[PROCESS_COUNT];
	struct occupant engines[ENGINE_COUNT];
	const struct run_options *options;
	struct cost (*costs)[2];	/* of each work */
	size_t *done;		/* of each task: the first step not completed */
	uint32_t *wakes;	/* of each task: the streams that wait for it */
	uint32_t stirred;	/* streams whose head may have become ready */
	uint32_t ready[ENGINE_COUNT];	/* streams whose head wants it */
	uint32_t engines_stirred;	/* that may have something to start */
	struct event_queue *events;
	double now_s;
	struct run_result result;
};

/* Event kinds: the engine whose copy begins to flow, or whose task ends. */
enum { EVENT_FLOW = 0, EVENT_END = ENGINE_COUNT };

static bool at_end(const struct sim *sim, const struct stream *st)
{
	return st->step == sim->options->end_step || st->ntasks == 0;
}

static size_t head(const struct stream *st)
{
	return st->tasks[st->next];
}

static enum engine head_engine(const struct sim *sim,
			       const struct stream *st)
{
	return sim->graph->works[sim->graph->tasks[head(st)].work].engine;
}

static void find_cost(const struct sim *sim, const struct stream *st,
		      const struct work *w, struct cost *c)
{
	double cached = (double)workload_cached(sim->workload, st->step);
	double split = (double)sim->plan->split[st->step];

	*c = (struct cost){
		.known = true, .step = st->step,
		.empty = work_is_empty(w, cached, split),
		.overhead_s = work_overhead_s(w, sim->hw),
		.seconds = work_seconds(w, sim->hw, cached, split),
		.rate = work_rate(w, sim->hw),
		.bytes = work_bytes(w, cached, split),
		.flop = work_flop(w, cached, split),
	};
}

static const struct cost *head_cost(const struct sim *sim,
				    const struct stream *st)
{
	size_t work = sim->graph->tasks[head(st)].work;
	struct cost *c = &sim->costs[work][st->step % 2];

	if (!c->known || c->step != st->step)
		find_cost(sim, st, &sim->graph->works[work], c);
	return c;
}

/*
 * A task runs in the order of its steps, so it has completed step i if the
 * first step that it has not completed is a later one.
 */
static bool may_start(const struct sim *sim, const struct stream *st)
{
	const struct task *t = &sim->graph->tasks[head(st)];

	for (size_t i = 0; i < t->nwaits; i++) {
		const struct wait *w =
			&sim->graph->waits[t->first_wait + i];

		if (st->step >= sim->options->first_step + w->lag &&
		    sim->done[w->task] <= st->step - w->lag)
			return false;
	}
	return true;
}

static void post(struct sim *sim, enum engine e, uint32_t kind, double time_s)
{
	event_queue_push(sim->events, (struct event){
		.time_s = time_s, .kind = kind + (uint32_t)e,
		.stamp = ++sim->engines[e].stamp });
}

/* Let every flowing copy go on at the rate that is now its share. */
static void share_links(struct sim *sim)
{
	enum { LINK_H2D, LINK_D2H, LINK_DUPLEX, LINKS };
	const struct hardware *hw = sim->hw;
	double capacity[LINKS] = {
		[LINK_DUPLEX] = hw->duplex_bytes_per_s > 0.0
			? hw->duplex_bytes_per_s : INFINITY,
	};
	enum engine flowing[2];
	uint32_t route[2];
	double rate[2];
	size_t n = 0;

	for (int e = ENGINE_H2D; e <= ENGINE_D2H; e++)
		if (sim->engines[e].stream != NULL &&
		    sim->engines[e].flowing) {
			capacity[e == ENGINE_H2D ? LINK_H2D : LINK_D2H] =
				sim->engines[e].stream->cost.rate;
			route[n] = 1u << (e == ENGINE_H2D ? LINK_H2D
							  : LINK_D2H);
			flowing[n++] = (enum engine)e;
		}
	/* A duplex limit may lie below what one direction does alone. */
	for (size_t i = 0; n == 2 && i < n; i++)
		route[i] |= 1u << LINK_DUPLEX;
	if (n == 1)
		rate[0] = sim->engines[flowing[0]].stream->cost.rate;
	else
		fair_share(capacity, LINKS, route, n, rate);
	for (size_t i = 0; i < n; i++) {
		struct occupant *o = &sim->engines[flowing[i]];

		if (rate[i] == o->rate)
			continue;
		o->left_bytes -= o->rate * (sim->now_s - o->since_s);
		o->since_s = sim->now_s;
		o->rate = rate[i];
		post(sim, flowing[i], EVENT_END,
		     sim->now_s + fmax(0.0, o->left_bytes) / o->rate);
	}
}

static void start(struct sim *sim, struct stream *st, enum engine e)
{
	const struct cost *c = &st->cost;
	struct occupant *o = &sim->engines[e];

	st->start_s = sim->now_s;
	o->stream = st;
	o->flowing = false;
	o->rate = 0.0;
	if (!engine_is_link(e)) {
		post(sim, e, EVENT_END, sim->now_s + c->seconds);
		return;
	}
	o->left_bytes = c->bytes;
	post(sim, e, EVENT_FLOW, sim->now_s + c->overhead_s);
}

static void account(struct sim *sim, const struct stream *st)
{
	const struct cost *c = &st->cost;
	struct run_usage *of[] = {
		&sim->result.engine[head_engine(sim, st)],
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
			.start_s = st->start_s, .end_s = sim->now_s });
}

/* The head of `st` has ended: count it and move on. */
static void complete(struct sim *sim, struct stream *st)
{
	size_t task = head(st);

	sim->done[task]++;
	sim->stirred |= sim->wakes[task] |
			1u << (uint32_t)(st - sim->streams);
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
static void make_ready(struct sim *sim)
{
	while (sim->stirred != 0) {
		uint32_t i = take(&sim->stirred);
		struct stream *st = &sim->streams[i];
		enum engine e;

		if (at_end(sim, st) || st->ready || !may_start(sim, st))
			continue;
		st->cost = *head_cost(sim, st);
		if (st->cost.empty) {
			complete(sim, st);
			continue;
		}
		st->ready = true;
		st->ready_s = sim->now_s;
		e = head_engine(sim, st);
		sim->ready[e] |= 1u << i;
		sim->engines_stirred |= 1u << e;
	}
}

static void dispatch(struct sim *sim)
{
	make_ready(sim);
	while (sim->engines_stirred != 0) {
		enum engine e = (enum engine)take(&sim->engines_stirred);
		uint32_t waiting = sim->ready[e];
		struct stream *first = NULL;

		if (sim->engines[e].stream != NULL)
			continue;
		while (waiting != 0) {
			struct stream *st = &sim->streams[take(&waiting)];

			if (first == NULL || goes_before(st, first))
				first = st;
		}
		if (first == NULL)
			continue;
		sim->ready[e] &= ~(1u << (uint32_t)(first - sim->streams));
		start(sim, first, e);
	}
}

/* The end of a copy whose rate has changed since is not its end. */
static bool outdated(const struct sim *sim, struct event ev)
{
	return ev.stamp != sim->engines[ev.kind % ENGINE_COUNT].stamp;
}

static void handle(struct sim *sim, struct event ev)
{
	uint32_t e = ev.kind % ENGINE_COUNT;
	struct occupant *o = &sim->engines[e];

	if (ev.kind >= EVENT_END) {
		account(sim, o->stream);
		complete(sim, o->stream);
		o->stream = NULL;
		sim->engines_stirred |= 1u << e;
	} else {
		o->flowing = true;
		o->since_s = sim->now_s;
	}
	if (engine_is_link((enum engine)e))
		share_links(sim);
}

/* Everything of one moment happens before anything new starts. */
static void run_to_end(struct sim *sim)
{
	struct event ev;

	dispatch(sim);
	while (event_queue_pop(sim->events, &ev)) {
		struct event next;

		if (!outdated(sim, ev)) {
			sim->now_s = ev.time_s;
			handle(sim, ev);
		}
		if (!event_queue_peek(sim->events, &next) ||
		    next.time_s > sim->now_s)
			dispatch(sim);
	}
	sim->result.makespan_s = sim->now_s;
}

/* The graph is stuck if some stream has not come to its end. */
static enum status check_complete(const struct sim *sim, struct diag *d)
{
	char waiting[256] = "";
	size_t stuck = 0, len;

	for (size_t i = 0; i < PROCESS_COUNT; i++) {
		const struct stream *st = &sim->streams[i];
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

static void build_streams(struct sim *sim)
{
	const struct graph *g = sim->graph;

	for (size_t i = 0; i < PROCESS_COUNT; i++)
		sim->streams[i] = (struct stream){
			.tasks = xcalloc(g->ntasks,
					 sizeof *sim->streams[i].tasks),
			.step = sim->options->first_step,
		};
	for (size_t i = 0; i < g->ntasks; i++) {
		struct stream *st =
			&sim->streams[op_process(g->tasks[i].op)];

		st->tasks[st->ntasks++] = i;
		sim->done[i] = sim->options->first_step;
		for (size_t k = 0; k < g->tasks[i].nwaits; k++)
			sim->wakes[g->waits[g->tasks[i].first_wait + k].task] |=
				1u << (uint32_t)(st - sim->streams);
	}
	sim->stirred = (1u << PROCESS_COUNT) - 1;
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
		.options = options,
		.costs = xcalloc(g->nworks, sizeof *sim.costs),
		.done = xcalloc(g->ntasks, sizeof *sim.done),
		.wakes = xcalloc(g->ntasks, sizeof *sim.wakes),
		.events = event_queue_new(),
	};
	enum status s;

	assert(options->first_step <= options->end_step &&
	       options->end_step <= plan->steps);
	build_streams(&sim);
	run_to_end(&sim);
	s = check_complete(&sim, d);
	if (s == STATUS_OK)
		*out = sim.result;
	for (size_t i = 0; i < PROCESS_COUNT; i++)
		free(sim.streams[i].tasks);
	free(sim.costs);
	free(sim.done);
	free(sim.wakes);
	event_queue_free(sim.events);
	return s;
}
