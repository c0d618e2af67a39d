/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/streams.h"

#include <math.h>
#include <stdlib.h>

#include "base/xalloc.h"

bool streams_at_end(const struct streams *s, const struct stream *st)
{
	return st->step == s->of.end_step || st->first == st->end;
}

size_t streams_head(const struct stream *st)
{
	return st->head->task;
}

static void find_cost(const struct streams *s, const struct stream *st,
		      struct streams_cost *c)
{
	const struct work *w = &s->of.graph->works[st->head->work];
	double cached = (double)workload_cached(s->of.w, st->step);
	double split = (double)s->of.plan->split[st->step];
	double copies = hardware_hbm_copies_per_s(s->of.hw), memory_s;

	*c = (struct streams_cost){
		.step = st->step,
		.empty = work_is_empty(w, cached, split),
		.overhead_s = work_latency_s(w, s->of.hw, cached, split),
		.seconds = work_seconds(w, s->of.hw, cached, split),
		.bytes = work_bytes(w, cached, split),
		.flop = work_flop(w, cached, split),
	};
	c->flow_bytes = c->bytes;
	if (w->engine == ENGINE_SM) {
		memory_s = copies > 0.0
			? work_memory_s(w, s->of.hw, cached, split) : 0.0;
		c->flow_bytes = memory_s * copies;
		c->overhead_s = c->seconds - memory_s;
	}
}

/* The same for all layers, so it is worked out once a step. */
static const struct streams_cost *head_cost(const struct streams *s,
					    const struct stream *st)
{
	struct streams_cost *c = &st->head->costs[st->step % 2];

	if (c->step != st->step)
		find_cost(s, st, c);
	return c;
}

/* Earlier ready first; of equals, earlier in the order of issue. */
static bool goes_before(const struct stream *a, const struct stream *b)
{
	if (a->ready_s != b->ready_s)
		return a->ready_s < b->ready_s;
	if (a->step != b->step)
		return a->step < b->step;
	return streams_head(a) < streams_head(b);
}

/* The lowest of `set`, which is not empty. */
static uint32_t first_of(uint32_t set)
{
	return (uint32_t)__builtin_ctz(set);
}

/* What the head of `st` can know of `task`: `done`, or what has been told. */
static const size_t *done_for(const struct streams *s, const struct stream *st,
			      size_t task)
{
	if (s->seen == s->done ||
	    !graph_hands_off(s->of.graph, task, st->head->task))
		return s->done;
	return s->seen;
}

/*
 * A task runs in the order of its steps, so it has completed step i if the
 * first step that it has not completed is a later one; what lies before the
 * first step is complete, as `done` begins there.  A wait that is met stays
 * so.  The first that is not is asked to wake the stream when its task has
 * completed another step.
 */
static bool may_start(struct streams *s, struct stream *st)
{
	for (; st->unmet != st->head->waits_end; st->unmet++) {
		const struct wait *w = st->unmet;

		if (done_for(s, st, w->task)[w->task] + w->lag <= st->step) {
			s->wakes[w->task] |= st->bit;
			return false;
		}
	}
	return true;
}

/* Hand-offs all take the same time, so they arrive in this order. */
static void tell(struct streams *s, size_t task, double at_s)
{
	if (s->told_n == s->told_room) {
		size_t room = s->told_room ? 2 * s->told_room : 16;
		struct streams_handoff *told = xcalloc(room, sizeof *told);

		for (size_t i = 0; i < s->told_n; i++)
			told[i] = s->told[(s->told_first + i) &
					  (s->told_room - 1)];
		free(s->told);
		s->told = told;
		s->told_first = 0;
		s->told_room = room;
	}
	s->told[(s->told_first + s->told_n++) & (s->told_room - 1)] =
		(struct streams_handoff){ .task = task, .at_s = at_s };
	s->told_s = s->told[s->told_first].at_s;
}

/* Count the head of `st` as done, and go to the next. */
static void move_on(struct streams *s, struct stream *st, double now_s,
		    double *step_end_s)
{
	const struct streams_task *t = st->head;

	s->done[t->task]++;
	s->stirred |= s->wakes[t->task] | st->bit;
	s->wakes[t->task] = 0;
	if (s->seen != s->done)
		tell(s, t->task, now_s + s->of.hw->handoff_s);
	if (step_end_s != NULL && t->computes)
		step_end_s[st->step] = now_s;
	if (++st->head == st->end) {
		st->head = st->first;
		if (++st->step == s->of.end_step)
			s->stirred &= ~st->bit;
	}
	st->unmet = st->head->waits;
}

void streams_make_ready(struct streams *s, double now_s, double *step_end_s)
{
	while (s->stirred != 0) {
		struct stream *st = &s->all[first_of(s->stirred)];
		const struct streams_cost *c;

		s->stirred &= ~st->bit;
		if (!may_start(s, st))
			continue;
		c = head_cost(s, st);
		if (c->empty) {
			move_on(s, st, now_s, step_end_s);
			continue;
		}
		st->cost = *c;
		st->ready_s = now_s;
		s->ready[st->head->engine] |= st->bit;
		s->wanted |= 1u << st->head->engine;
	}
}

void streams_hand_over(struct streams *s, double now_s)
{
	while (s->told_s <= now_s) {
		size_t task = s->told[s->told_first].task;

		s->seen[task]++;
		s->stirred |= s->wakes[task];
		s->wakes[task] = 0;
		s->told_first = (s->told_first + 1) & (s->told_room - 1);
		s->told_n--;
		s->told_s = s->told_n > 0 ? s->told[s->told_first].at_s
					  : INFINITY;
	}
}

/* Of those that want engine `e`, some of which there are. */
static struct stream *first_ready(struct streams *s, uint32_t e)
{
	uint32_t rest = s->ready[e];
	struct stream *first = &s->all[first_of(rest)];

	while ((rest &= rest - 1) != 0)
		if (goes_before(&s->all[first_of(rest)], first))
			first = &s->all[first_of(rest)];
	return first;
}

struct stream *streams_take(struct streams *s)
{
	uint32_t may_serve = s->wanted & ~s->busy;
	struct stream *st;
	uint32_t e;

	if (may_serve == 0)
		return NULL;
	e = first_of(may_serve);
	st = first_ready(s, e);
	s->ready[e] &= ~st->bit;
	if (s->ready[e] == 0)
		s->wanted &= ~(1u << e);
	s->busy |= 1u << e;
	return st;
}

void streams_complete(struct streams *s, struct stream *st, double now_s,
		      double *step_end_s)
{
	s->busy &= ~(1u << st->head->engine);
	move_on(s, st, now_s, step_end_s);
}

static struct streams_task read_task(const struct streams *s, size_t task)
{
	const struct graph *g = s->of.graph;
	const struct task *t = &g->tasks[task];

	return (struct streams_task){
		/* a graph without waits has no array of them */
		.waits = t->nwaits ? g->waits + t->first_wait : NULL,
		.waits_end = t->nwaits ? g->waits + t->first_wait + t->nwaits
				       : NULL,
		.costs = s->costs[t->work],
		.task = task, .work = t->work, .op = t->op,
		.engine = g->works[t->work].engine,
		.computes = op_process(t->op) == PROCESS_COMPUTE,
	};
}

/* All streams, at their starts. */
static void read_graph(struct streams *s)
{
	const struct graph *g = s->of.graph;
	struct streams_task *next = s->tasks;

	for (int p = 0; p < PROCESS_COUNT; p++) {
		struct stream *st = &s->all[p];

		st->first = st->head = next;
		st->step = s->of.first_step;
		for (size_t i = 0; i < g->ntasks; i++)
			if ((int)op_process(g->tasks[i].op) == p)
				*next++ = read_task(s, i);
		st->end = next;
		st->bit = 1u << (uint32_t)p;
		if (streams_at_end(s, st))
			continue;
		st->unmet = st->head->waits;
		s->stirred |= st->bit;
	}
	for (size_t i = 0; i < g->nworks; i++)
		s->costs[i][0].step = s->costs[i][1].step = SIZE_MAX;
	for (size_t i = 0; i < g->ntasks; i++)
		s->done[i] = s->seen[i] = s->of.first_step;
}

void streams_make(struct streams *s, const struct streams_case *of)
{
	const struct graph *g = of->graph;

	*s = (struct streams){
		.of = *of,
		.tasks = xcalloc(g->ntasks, sizeof *s->tasks),
		.wakes = xcalloc(g->ntasks, sizeof *s->wakes),
		.done = xcalloc(g->ntasks, sizeof *s->done),
		.costs = xcalloc(g->nworks, sizeof *s->costs),
		.told_s = INFINITY,
	};
	s->seen = of->hw->handoff_s > 0.0
		? xcalloc(g->ntasks, sizeof *s->seen) : s->done;
	read_graph(s);
}

void streams_clear(struct streams *s)
{
	free(s->tasks);
	free(s->wakes);
	if (s->seen != s->done)
		free(s->seen);
	free(s->done);
	free(s->told);
	free(s->costs);
}
