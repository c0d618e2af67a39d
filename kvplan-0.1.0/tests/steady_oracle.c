/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/steady_oracle.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "base/xalloc.h"
#include "schedule/policy.h"
#include "sim/run.h"

enum { PERIODS = STEADY_ORACLE_SETTLED + STEADY_ORACLE_WINDOW };

static double *durations(const struct graph *g, const struct hardware *hw,
			 double cached, double split)
{
	double *d = xcalloc(g->ntasks, sizeof *d);

	for (size_t i = 0; i < g->ntasks; i++)
		d[i] = work_seconds(&g->works[g->tasks[i].work], hw, cached,
				    split);
	return d;
}

static enum engine engine_of(const struct graph *g, size_t task)
{
	return g->works[g->tasks[task].work].engine;
}

/* Periods that are kept: no wait reaches further back. */
enum { RING = 16 };

double steady_oracle_in_order(const struct graph *g,
			      const struct hardware *hw, double cached,
			      double split)
{
	double *d = durations(g, hw, cached, split);
	double *end = xcalloc(g->ntasks * RING, sizeof *end);
	double stream[PROCESS_COUNT] = { 0.0 }, most[2] = { 0.0, 0.0 };
	double engine[ENGINE_COUNT] = { 0.0 };

	for (size_t i = 0; i < g->nwaits; i++)
		ck_assert_uint_lt(g->waits[i].lag, RING);
	for (size_t p = 0; p < PERIODS; p++)
		for (size_t i = 0; i < g->ntasks; i++) {
			const struct task *t = &g->tasks[i];
			double *e = &engine[engine_of(g, i)];
			double *s = &stream[op_process(t->op)];
			double at = fmax(*e, *s);

			for (size_t k = 0; k < t->nwaits; k++) {
				const struct wait *w =
					&g->waits[t->first_wait + k];

				size_t on = (p + RING - w->lag) % RING;

				at = fmax(at, end[on * g->ntasks + w->task] +
					  (graph_hands_off(g, w->task, i)
						? hw->handoff_s : 0.0));
			}
			*e = *s = at + d[i];
			end[p % RING * g->ntasks + i] = *e;
			if (p < STEADY_ORACLE_SETTLED)
				most[0] = fmax(most[0], *e);
			most[1] = fmax(most[1], *e);
		}
	free(end);
	free(d);
	return (most[1] - most[0]) / STEADY_ORACLE_WINDOW;
}

/* The same at every number of cached tokens and every split. */
static struct amount frozen(const struct amount *a, double cached,
			    double split)
{
	return (struct amount){ .fixed = amount_at(a, cached, split) };
}

static struct work *freeze(const struct graph *g, double cached,
			   double split)
{
	struct work *works = xcalloc(g->nworks, sizeof *works);

	memcpy(works, g->works, g->nworks * sizeof *works);
	for (size_t i = 0; i < g->nworks; i++) {
		struct work *w = &works[i];

		w->bytes = frozen(&w->bytes, cached, split);
		w->flop = frozen(&w->flop, cached, split);
		for (size_t k = 0; k < w->ngemms; k++)
			w->gemm[k].m = frozen(&w->gemm[k].m, cached, split);
	}
	return works;
}

static double makespan(const struct graph *g, const struct hardware *hw,
		       size_t periods)
{
	static const struct policy none = { .name = "none" };
	const struct workload w = { .batch = 1, .prompt = 1, .gen = 2,
				    .num_batches = 1, .gpus = 1 };
	struct plan plan = { .policy = &none, .steps = periods };
	struct run_options whole;
	struct run_result result;
	struct diag d = { "" };
	enum status s;

	plan.split = xcalloc(periods, sizeof *plan.split);
	whole = run_whole(&plan);
	s = run_graph(g, &w, &plan, hw, &whole, &result, &d);
	ck_assert_msg(s == STATUS_OK, "%s", d.text);
	plan_clear(&plan);
	return result.makespan_s;
}

double steady_oracle_simulated(const struct graph *g,
			       const struct hardware *hw, size_t cached,
			       size_t split)
{
	struct graph same = *g;
	double period;

	same.works = freeze(g, (double)cached, (double)split);
	period = (makespan(&same, hw, PERIODS) -
		  makespan(&same, hw, STEADY_ORACLE_SETTLED)) /
		 STEADY_ORACLE_WINDOW;
	free(same.works);
	return period;
}

bool steady_oracle_one_stream(const struct graph *g,
			      const struct hardware *hw, double cached,
			      double split)
{
	double *d = durations(g, hw, cached, split);
	int stream[ENGINE_COUNT];
	bool one = true;

	for (int e = 0; e < ENGINE_COUNT; e++)
		stream[e] = -1;
	for (size_t i = 0; i < g->ntasks; i++) {
		int *s = &stream[engine_of(g, i)];
		int p = (int)op_process(g->tasks[i].op);

		if (d[i] <= 0.0)
			continue;
		one = one && (*s == -1 || *s == p);
		*s = p;
	}
	free(d);
	return one;
}
