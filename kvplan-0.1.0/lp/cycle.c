/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lp/cycle.h"

#include <assert.h>
#include <float.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "lp/skeleton.h"

/* A node without a predecessor in the policy: a root, its start given. */
#define ROOT UINT_MAX

struct cycle {
	struct skeleton skeleton;
	size_t *run_work;		/* the work of each task of a node */
	double *duration;		/* of each node */
	double *start, *end;		/* x, and x + d */
	struct skeleton_edge *policy;	/* into each node; from may be ROOT */
	unsigned *order;		/* nodes, after their predecessors */
	unsigned *walk, *seen;		/* of find_cycles() */
	unsigned *critical, *found;	/* nodes of a cycle */
	size_t ncritical;
	double critical_lag, critical_crosses, ratio;
	size_t nworks;
	double handoff_s;		/* of an edge that crosses */
	double *count;			/* of each work on the critical cycle,
					 * then of its edges that cross */
};

struct cycle *cycle_new(const struct graph *g)
{
	struct cycle *c = xcalloc(1, sizeof *c);
	const struct skeleton *s = &c->skeleton;
	size_t n;

	assert(g->ntasks > 0);
	skeleton_make(&c->skeleton, g);
	n = s->nnodes;
	c->run_work = xcalloc(s->ntasks, sizeof *c->run_work);
	c->duration = xcalloc(n, sizeof *c->duration);
	c->start = xcalloc(n, sizeof *c->start);
	c->end = xcalloc(n, sizeof *c->end);
	c->policy = xcalloc(n, sizeof *c->policy);
	c->order = xcalloc(n, sizeof *c->order);
	c->walk = xcalloc(n, sizeof *c->walk);
	c->seen = xcalloc(n, sizeof *c->seen);
	c->critical = xcalloc(n, sizeof *c->critical);
	c->found = xcalloc(n, sizeof *c->found);
	c->nworks = g->nworks;
	c->count = xcalloc(g->nworks + 1, sizeof *c->count);
	for (size_t i = 0; i < s->ntasks; i++)
		c->run_work[i] = g->tasks[s->run[i]].work;
	cycle_reset(c);
	return c;
}

/* Engines alone: each runs its tasks round and round. */
void cycle_reset(struct cycle *c)
{
	const struct skeleton *s = &c->skeleton;

	for (size_t j = 0; j < s->nnodes; j++)
		c->policy[j] = s->edges[s->first_edge[j]];
	c->ncritical = 0;
	c->ratio = c->critical_crosses = 0.0;
}

void cycle_free(struct cycle *c)
{
	if (c == NULL)
		return;
	skeleton_clear(&c->skeleton);
	free(c->run_work);
	free(c->duration);
	free(c->start);
	free(c->end);
	free(c->policy);
	free(c->order);
	free(c->walk);
	free(c->seen);
	free(c->critical);
	free(c->found);
	free(c->count);
	free(c);
}

/* Of the cycle that the last search found. */
static double critical_ratio(const struct cycle *c, const double *work_s)
{
	double sum = 0.0;

	for (size_t w = 0; w <= c->nworks; w++)
		sum += c->count[w] * work_s[w];
	return sum / c->critical_lag;
}

/* Returns the sum of all. */
static double set_durations(struct cycle *c, const double *work_s)
{
	const size_t *first = c->skeleton.first_task;
	double total = 0.0;

	for (size_t j = 0; j < c->skeleton.nnodes; j++) {
		double sum = 0.0;

		for (size_t i = first[j]; i < first[j + 1]; i++)
			sum += work_s[c->run_work[i]];
		c->duration[j] = sum;
		total += sum;
	}
	c->handoff_s = work_s[c->nworks];
	return total + c->handoff_s * (double)c->skeleton.nnodes;
}

static void count_works(struct cycle *c)
{
	const size_t *first = c->skeleton.first_task;

	memset(c->count, 0, (c->nworks + 1) * sizeof *c->count);
	c->count[c->nworks] = c->critical_crosses;
	for (size_t k = 0; k < c->ncritical; k++) {
		unsigned j = c->critical[k];

		for (size_t i = first[j]; i < first[j + 1]; i++)
			c->count[c->run_work[i]] += 1.0;
	}
}

static void set_roots(struct cycle *c)
{
	for (size_t j = 0; j < c->skeleton.nnodes; j++)
		if (c->policy[j].from == ROOT)
			c->start[j] = 0.0;
}

/*
 * Take the policy's cycle through `at`, if its ratio is the largest yet, and
 * cut it: its node found last becomes a root that starts when it does now.
 */
static bool judge_cycle(struct cycle *c, unsigned at, unsigned last)
{
	double sum = 0.0, lag = 0.0, crosses = 0.0;
	size_t n = 0;
	unsigned j = at;
	bool better;

	do {
		c->found[n++] = j;
		sum += c->duration[j];
		lag += c->policy[j].lag;
		crosses += c->policy[j].crosses;
		j = c->policy[j].from;
	} while (j != at);
	sum += crosses * c->handoff_s;
	assert(lag > 0.0);	/* edges of lag 0 go to higher nodes */
	c->policy[last].from = ROOT;
	better = sum / lag > c->ratio || c->ncritical == 0;
	if (better) {
		unsigned *spare = c->critical;

		c->critical = c->found;
		c->found = spare;
		c->ncritical = n;
		c->critical_lag = lag;
		c->critical_crosses = crosses;
		c->ratio = sum / lag;
	}
	return better;
}

/*
 * Make the policy a forest and put it into order.  Returns whether a cycle
 * of a larger ratio was found.
 */
static bool find_cycles(struct cycle *c)
{
	size_t n = c->skeleton.nnodes, ordered = 0;
	bool better = false;

	memset(c->seen, 0, n * sizeof *c->seen);
	for (size_t first = 0; first < n; first++) {
		unsigned j = (unsigned)first, mark = j + 1;
		size_t length = 0;

		while (c->seen[j] == 0) {
			c->seen[j] = mark;
			c->walk[length++] = j;
			if (c->policy[j].from == ROOT)
				break;
			j = c->policy[j].from;
			if (c->seen[j] == mark) {
				better |= judge_cycle(c, j,
						      c->walk[length - 1]);
				break;
			}
		}
		while (length > 0)
			c->order[ordered++] = c->walk[--length];
	}
	return better;
}

/* When a node may start, as far as the edge `e` into it says. */
static double demand(const struct cycle *c, const struct skeleton_edge *e)
{
	return c->end[e->from] + e->crosses * c->handoff_s -
	       e->lag * c->ratio;
}

static void determine_values(struct cycle *c)
{
	for (size_t k = 0; k < c->skeleton.nnodes; k++) {
		unsigned j = c->order[k];
		struct skeleton_edge p = c->policy[j];

		if (p.from != ROOT)
			c->start[j] = demand(c, &p);
		c->end[j] = c->start[j] + c->duration[j];
	}
}

/* Take up broken dependencies, all of lag 0 in one pass; whether any was. */
static bool improve_policy(struct cycle *c, double slack)
{
	const struct skeleton *s = &c->skeleton;
	bool improved = false;

	for (size_t j = 0; j < s->nnodes; j++) {
		double latest = c->start[j] + slack;
		size_t best = SIZE_MAX;

		for (size_t k = s->first_edge[j]; k < s->first_edge[j + 1];
		     k++) {
			double t = demand(c, &s->edges[k]);

			if (t > latest) {
				latest = t;
				best = k;
			}
		}
		if (best == SIZE_MAX)
			continue;
		c->policy[j] = s->edges[best];
		c->start[j] = latest;
		c->end[j] = latest + c->duration[j];
		improved = true;
	}
	return improved;
}

/*
 * With the ratio kept, starts only grow, and by more than the slack; a larger
 * ratio is that of another cycle.  So this ends.  Start times are sums of at
 * most nnodes terms, none above the span: their rounding is no improvement.
 */
double cycle_search(struct cycle *c, const double *work_s)
{
	double total = set_durations(c, work_s);
	double span = total * (1.0 + c->skeleton.most_lag);
	double slack = span * DBL_EPSILON * (double)(c->skeleton.nnodes + 8);
	bool changed = false;

	if (c->ncritical == 0)
		changed = find_cycles(c);
	else
		c->ratio = critical_ratio(c, work_s);
	set_roots(c);
	for (;;) {
		determine_values(c);
		if (!improve_policy(c, slack))
			break;
		if (find_cycles(c)) {
			changed = true;
			set_roots(c);
		}
	}
	if (changed)
		count_works(c);
	return c->ratio;
}

void cycle_works(const struct cycle *c, double *weight)
{
	for (size_t w = 0; w <= c->nworks; w++)
		weight[w] = c->count[w] / c->critical_lag;
}

double cycle_handoffs(const struct cycle *c)
{
	return c->count[c->nworks] / c->critical_lag;
}

void cycle_weights(const struct cycle *c, double *weight)
{
	const struct skeleton *s = &c->skeleton;

	for (size_t i = 0; i < s->ntasks; i++)
		weight[i] = 0.0;
	for (size_t k = 0; k < c->ncritical; k++) {
		unsigned j = c->critical[k];

		for (size_t i = s->first_task[j]; i < s->first_task[j + 1];
		     i++)
			weight[s->run[i]] = 1.0 / c->critical_lag;
	}
}
