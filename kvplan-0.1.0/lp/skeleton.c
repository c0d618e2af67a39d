/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lp/skeleton.h"

#include <assert.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/xalloc.h"

enum { NONE = -1 };

/* The graph while it is reduced; indices by task unless said otherwise. */
struct reduction {
	const struct graph *graph;
	enum engine *engine;
	long *position;			/* on its engine, from 0 */
	long *before;			/* task before it on its engine */
	size_t *node;
	bool *kept;			/* of each wait: demands something */
	bool *waited_for;		/* by a wait that is kept */
	long length[ENGINE_COUNT];	/* tasks of each engine */
	long last[ENGINE_COUNT];
	bool reaches[ENGINE_COUNT][ENGINE_COUNT];	/* by waits */
};

static void set_engines(struct reduction *r)
{
	for (int e = 0; e < ENGINE_COUNT; e++)
		r->last[e] = NONE;
	for (size_t i = 0; i < r->graph->ntasks; i++) {
		enum engine e = r->graph->works[r->graph->tasks[i].work]
					.engine;

		r->engine[i] = e;
		r->position[i] = r->length[e]++;
		r->before[i] = r->last[e];
		r->last[e] = (long)i;
	}
}

static const struct wait *wait_of(const struct reduction *r, size_t task,
				  size_t k)
{
	return &r->graph->waits[r->graph->tasks[task].first_wait + k];
}

/* The rings are cycles, so engines that reach one another are too. */
static void set_reach(struct reduction *r)
{
	for (size_t i = 0; i < r->graph->ntasks; i++)
		for (size_t k = 0; k < r->graph->tasks[i].nwaits; k++)
			r->reaches[r->engine[wait_of(r, i, k)->task]]
				  [r->engine[i]] = true;
	for (int via = 0; via < ENGINE_COUNT; via++)
		for (int a = 0; a < ENGINE_COUNT; a++)
			for (int b = 0; b < ENGINE_COUNT; b++)
				r->reaches[a][b] |= r->reaches[a][via] &&
						    r->reaches[via][b];
}

/* Where its source stands among all tasks of its engine, now at period 0. */
static long source_position(const struct reduction *r, const struct wait *w)
{
	return r->position[w->task] -
	       (long)w->lag * r->length[r->engine[w->task]];
}

static bool on_a_cycle(const struct reduction *r, size_t task,
		       const struct wait *w)
{
	enum engine from = r->engine[w->task], to = r->engine[task];

	return from != to && r->reaches[to][from];
}

/* Keep, of the waits of `task`, those that demand more than `most`. */
static void keep_waits(struct reduction *r, size_t task,
		       long most[ENGINE_COUNT][ENGINE_COUNT])
{
	enum engine to = r->engine[task];
	size_t best[ENGINE_COUNT];

	for (int e = 0; e < ENGINE_COUNT; e++)
		best[e] = SIZE_MAX;
	for (size_t k = 0; k < r->graph->tasks[task].nwaits; k++) {
		const struct wait *w = wait_of(r, task, k);
		enum engine from = r->engine[w->task];

		if (!on_a_cycle(r, task, w) ||
		    source_position(r, w) <= most[from][to])
			continue;
		most[from][to] = source_position(r, w);
		best[from] = r->graph->tasks[task].first_wait + k;
	}
	for (int e = 0; e < ENGINE_COUNT; e++) {
		if (best[e] == SIZE_MAX)
			continue;
		r->kept[best[e]] = true;
		r->waited_for[r->graph->waits[best[e]].task] = true;
	}
}

/*
 * In the unrolled order of issue a wait binds only if its source comes after
 * those of all waits before it between the same engines: before it lie the
 * targets issued earlier, and all of the period before.
 */
static void reduce_waits(struct reduction *r)
{
	long most[ENGINE_COUNT][ENGINE_COUNT];

	for (int a = 0; a < ENGINE_COUNT; a++)
		for (int b = 0; b < ENGINE_COUNT; b++)
			most[a][b] = LONG_MIN;
	for (size_t i = 0; i < r->graph->ntasks; i++)
		for (size_t k = 0; k < r->graph->tasks[i].nwaits; k++) {
			const struct wait *w = wait_of(r, i, k);
			enum engine from = r->engine[w->task];
			long at = source_position(r, w) - r->length[from];

			if (at > most[from][r->engine[i]])
				most[from][r->engine[i]] = at;
		}
	for (size_t i = 0; i < r->graph->ntasks; i++)
		keep_waits(r, i, most);
}

static size_t count_kept(const struct reduction *r, size_t task)
{
	size_t n = 0;

	for (size_t k = 0; k < r->graph->tasks[task].nwaits; k++)
		n += r->kept[r->graph->tasks[task].first_wait + k];
	return n;
}

/* Nodes in the order of their first tasks, and what each runs. */
static void join_tasks(struct reduction *r, struct skeleton *s)
{
	size_t n = r->graph->ntasks, *fill;

	for (size_t i = 0; i < n; i++) {
		bool joins = r->before[i] != NONE &&
			     !r->waited_for[r->before[i]] &&
			     count_kept(r, i) == 0;

		r->node[i] = joins ? r->node[r->before[i]] : s->nnodes++;
	}
	s->ntasks = n;
	s->run = xcalloc(n, sizeof *s->run);
	s->first_task = xcalloc(s->nnodes + 1, sizeof *s->first_task);
	fill = xcalloc(s->nnodes + 1, sizeof *fill);
	for (size_t i = 0; i < n; i++)
		s->first_task[r->node[i] + 1]++;
	for (size_t j = 0; j < s->nnodes; j++) {
		s->first_task[j + 1] += s->first_task[j];
		fill[j] = s->first_task[j];
	}
	for (size_t i = 0; i < n; i++)
		s->run[fill[r->node[i]]++] = i;
	free(fill);
}

static void add_edge(const struct reduction *r, struct skeleton *s, size_t *n,
		     size_t task, size_t lag, bool crosses)
{
	assert(lag <= UINT_MAX);
	s->edges[(*n)++] = (struct skeleton_edge){ (unsigned)r->node[task],
						   (unsigned)lag, crosses };
	if (lag > s->most_lag)
		s->most_lag = (unsigned)lag;
}

static void add_edges(const struct reduction *r, struct skeleton *s)
{
	size_t n = 0;

	assert(s->nnodes < UINT_MAX && r->graph->nwaits < UINT_MAX / 2);
	s->edges = xcalloc(s->nnodes + r->graph->nwaits, sizeof *s->edges);
	s->first_edge = xcalloc(s->nnodes + 1, sizeof *s->first_edge);
	for (size_t j = 0; j < s->nnodes; j++) {
		size_t task = s->run[s->first_task[j]];
		bool wraps = r->before[task] == NONE;

		s->first_edge[j] = n;
		add_edge(r, s, &n,
			 (size_t)(wraps ? r->last[r->engine[task]]
					: r->before[task]), wraps, false);
		for (size_t k = 0; k < r->graph->tasks[task].nwaits; k++) {
			const struct wait *w = wait_of(r, task, k);

			if (r->kept[r->graph->tasks[task].first_wait + k])
				add_edge(r, s, &n, w->task, w->lag,
					 graph_hands_off(r->graph, w->task,
							 task));
		}
	}
	s->first_edge[s->nnodes] = n;
}

void skeleton_make(struct skeleton *s, const struct graph *g)
{
	struct reduction r = {
		.graph = g,
		.engine = xcalloc(g->ntasks, sizeof *r.engine),
		.position = xcalloc(g->ntasks, sizeof *r.position),
		.before = xcalloc(g->ntasks, sizeof *r.before),
		.node = xcalloc(g->ntasks, sizeof *r.node),
		.kept = xcalloc(g->nwaits, sizeof *r.kept),
		.waited_for = xcalloc(g->ntasks, sizeof *r.waited_for),
	};

	*s = (struct skeleton){ .nnodes = 0 };
	set_engines(&r);
	set_reach(&r);
	reduce_waits(&r);
	join_tasks(&r, s);
	add_edges(&r, s);
	free(r.engine);
	free(r.position);
	free(r.before);
	free(r.node);
	free(r.kept);
	free(r.waited_for);
}

void skeleton_clear(struct skeleton *s)
{
	free(s->first_task);
	free(s->run);
	free(s->first_edge);
	free(s->edges);
	*s = (struct skeleton){ .nnodes = 0 };
}
