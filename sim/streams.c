/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/streams.h"

#include <math.h>
#include <stdlib.h>

#include "base/xalloc.h"

bool streams_at_end(const struct streams *s, const struct stream *st)
{
	return st->step == s->of.end_step || st->ntasks == 0;
}

size_t streams_head(const struct stream *st)
{
	return st->tasks[st->next];
}

const struct work *streams_work(const struct streams *s,
				const struct stream *st)
{
	return &s->of.graph->works[s->of.graph->tasks[streams_head(st)].work];
}

static enum engine engine_of(const struct streams *s, size_t task)
{
	const struct graph *g = s->of.graph;

	return g->works[g->tasks[task].work].engine;
}

static void find_cost(const struct streams *s, const struct stream *st,
		      struct streams_cost *c)
{
	const struct work *w = streams_work(s, st);
	double cached = (double)workload_cached(s->of.w, st->step);
	double split = (double)s->of.plan->split[st->step];

	*c = (struct streams_cost){
		.known = true, .step = st->step,
		.empty = work_is_empty(w, cached, split),
		.overhead_s = engine_is_link(w->engine)
			? work_latency_s(w, s->of.hw, cached, split) : 0.0,
		.seconds = work_seconds(w, s->of.hw, cached, split),
		.bytes = work_bytes(w, cached, split),
		.flop = work_flop(w, cached, split),
	};
}

/* The same for all layers, so it is worked out once a step. */
static const struct streams_cost *head_cost(const struct streams *s,
					    const struct stream *st)
{
	size_t work = s->of.graph->tasks[streams_head(st)].work;
	struct streams_cost *c = &s->costs[work][st->step % 2];

	if (!c->known || c->step != st->step)
		find_cost(s, st, c);
	return c;
}

/*
 * A task runs in the order of its steps, so it has completed step i if the
 * first step that it has not completed is a later one.
 */
static bool may_start(const struct streams *s, const struct stream *st)
{
	const struct graph *g = s->of.graph;
	const struct task *t = &g->tasks[streams_head(st)];
	enum engine engine = engine_of(s, streams_head(st));

	for (size_t i = 0; i < t->nwaits; i++) {
		const struct wait *w = &g->waits[t->first_wait + i];
		const size_t *done = engine_of(s, w->task) == engine
			? s->done : s->seen;

		if (st->step >= s->of.first_step + w->lag &&
		    done[w->task] <= st->step - w->lag)
			return false;
	}
	return true;
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

/* The lowest of `set`, which it leaves. */
static uint32_t take(uint32_t *set)
{
	uint32_t i = (uint32_t)__builtin_ctz(*set);

	*set &= *set - 1;
	return i;
}

static uint32_t bit_of(const struct streams *s, const struct stream *st)
{
	return 1u << (uint32_t)(st - s->all);
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
}

/* Count the head of `st` as done, and go to the next. */
static void move_on(struct streams *s, struct stream *st, double now_s,
		    double *step_end_s)
{
	size_t task = streams_head(st);

	s->done[task]++;
	if (s->seen != s->done)
		tell(s, task, now_s + s->of.hw->handoff_s);
	s->stirred |= s->wakes[task] | bit_of(s, st);
	if (step_end_s != NULL &&
	    op_process(s->of.graph->tasks[task].op) == PROCESS_COMPUTE)
		step_end_s[st->step] = now_s;
	st->ready = false;
	if (++st->next == st->ntasks) {
		st->next = 0;
		st->step++;
	}
}

void streams_make_ready(struct streams *s, double now_s, double *step_end_s)
{
	while (s->stirred != 0) {
		struct stream *st = &s->all[take(&s->stirred)];
		enum engine e;

		if (streams_at_end(s, st) || st->ready || !may_start(s, st))
			continue;
		st->cost = *head_cost(s, st);
		if (st->cost.empty) {
			move_on(s, st, now_s, step_end_s);
			continue;
		}
		st->ready = true;
		st->ready_s = now_s;
		e = streams_work(s, st)->engine;
		s->ready[e] |= bit_of(s, st);
		s->engines_stirred |= 1u << e;
	}
}

double streams_next_s(const struct streams *s)
{
	return s->told_n > 0 ? s->told[s->told_first].at_s : INFINITY;
}

void streams_hand_over(struct streams *s, double now_s)
{
	while (s->told_n > 0 && s->told[s->told_first].at_s <= now_s) {
		size_t task = s->told[s->told_first].task;

		s->seen[task]++;
		s->stirred |= s->wakes[task];
		s->told_first = (s->told_first + 1) & (s->told_room - 1);
		s->told_n--;
	}
}

bool streams_next_engine(struct streams *s, enum engine *e)
{
	if (s->engines_stirred == 0)
		return false;
	*e = (enum engine)take(&s->engines_stirred);
	return true;
}

struct stream *streams_take(struct streams *s, enum engine e)
{
	uint32_t waiting = s->ready[e];
	struct stream *first = NULL;

	while (waiting != 0) {
		struct stream *st = &s->all[take(&waiting)];

		if (first == NULL || goes_before(st, first))
			first = st;
	}
	if (first != NULL)
		s->ready[e] &= ~bit_of(s, first);
	return first;
}

void streams_complete(struct streams *s, struct stream *st, double now_s,
		      double *step_end_s)
{
	s->engines_stirred |= 1u << streams_work(s, st)->engine;
	move_on(s, st, now_s, step_end_s);
}

/* The tasks of each stream, and who waits for whom. */
static void read_graph(struct streams *s)
{
	const struct graph *g = s->of.graph;
	size_t n = 0;

	for (int p = 0; p < PROCESS_COUNT; p++) {
		struct stream *st = &s->all[p];

		st->tasks = s->order + n;
		st->step = s->of.first_step;
		for (size_t i = 0; i < g->ntasks; i++)
			if ((int)op_process(g->tasks[i].op) == p) {
				s->order[n++] = i;
				st->ntasks++;
			}
	}
	for (size_t i = 0; i < g->ntasks; i++) {
		const struct task *t = &g->tasks[i];

		s->done[i] = s->seen[i] = s->of.first_step;
		for (size_t k = 0; k < t->nwaits; k++)
			s->wakes[g->waits[t->first_wait + k].task] |=
				1u << (uint32_t)op_process(t->op);
	}
}

void streams_make(struct streams *s, const struct streams_case *of)
{
	const struct graph *g = of->graph;

	*s = (struct streams){
		.of = *of,
		.order = xcalloc(g->ntasks, sizeof *s->order),
		.wakes = xcalloc(g->ntasks, sizeof *s->wakes),
		.done = xcalloc(g->ntasks, sizeof *s->done),
		.costs = xcalloc(g->nworks, sizeof *s->costs),
		.stirred = (1u << PROCESS_COUNT) - 1,
	};
	s->seen = of->hw->handoff_s > 0.0
		? xcalloc(g->ntasks, sizeof *s->seen) : s->done;
	read_graph(s);
}

void streams_clear(struct streams *s)
{
	free(s->order);
	free(s->wakes);
	if (s->seen != s->done)
		free(s->seen);
	free(s->done);
	free(s->told);
	free(s->costs);
}
