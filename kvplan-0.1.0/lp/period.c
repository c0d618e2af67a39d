/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lp/period.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/xalloc.h"
#include "lp/solver.h"

/*
 * GLPK's own tolerances, 1e-7, let it stop at a neighbour of the optimum: the
 * period of one random graph in 300 was too short then, by up to 1.4e-6 of it.
 */
#define TIGHT 1e-11

/* The program while it is built; times in units of `unit_s`. */
struct program {
	const struct graph *graph;
	struct solver *solver;
	struct work_duration *durations;	/* of each work */
	size_t *first_piece;		/* its piece columns */
	double unit_s;
	size_t period, split, first_start;	/* columns */
	size_t *row_task;		/* whose duration a row carries, + 1 */
	bool *row_crosses;		/* whether it carries a hand-off */
	double handoff_s;
	size_t nrows, row_capacity, first_shared;
};

/* A scale that brings all numbers near 1: the work of one period. */
static double total_seconds(const struct program *p, double split)
{
	double sum = 0.0;

	for (size_t i = 0; i < p->graph->ntasks; i++)
		sum += work_duration_at(
			&p->durations[p->graph->tasks[i].work], split);
	return sum > 0.0 ? sum : 1.0;
}

static void add_row(struct program *p, double lo,
		    const struct solver_term *terms, size_t n, size_t task,
		    bool crosses)
{
	if (p->nrows == p->row_capacity) {
		p->row_capacity = p->row_capacity ? 2 * p->row_capacity : 64;
		p->row_task = xrealloc_array(p->row_task, p->row_capacity,
					     sizeof *p->row_task);
		p->row_crosses = xrealloc_array(p->row_crosses,
						p->row_capacity,
						sizeof *p->row_crosses);
	}
	p->row_crosses[p->nrows] = crosses;
	p->row_task[p->nrows++] = task;
	solver_add_row(p->solver, NULL, lo, INFINITY, terms, n);
}

/* A column for each maximum that depends on the split, above its arms. */
static void add_pieces(struct program *p)
{
	for (size_t w = 0; w < p->graph->nworks; w++) {
		const struct work_duration *d = &p->durations[w];

		for (size_t i = 0; i < d->npieces; i++) {
			const struct work_piece *piece = &d->pieces[i];
			size_t column = solver_add_column(
				p->solver, NULL, 0.0, INFINITY, 0.0, false);

			if (i == 0)
				p->first_piece[w] = column;
			for (size_t a = 0; a < WORK_ARMS; a++) {
				const struct solver_term terms[] = {
					{ column, 1.0 },
					{ p->split, -piece->per_split_s[a] /
							    p->unit_s },
				};

				add_row(p, piece->fixed_s[a] / p->unit_s,
					terms, 2, 0, false);
			}
		}
	}
}

static enum engine engine_of(const struct program *p, size_t task)
{
	return p->graph->works[p->graph->tasks[task].work].engine;
}

/* x_to + lag T - x_from - (pieces of from) >= overhead of from (+ hand-off) */
static void add_dependency(struct program *p, size_t from, size_t to,
			   size_t lag)
{
	size_t work = p->graph->tasks[from].work, n = 0;
	const struct work_duration *d = &p->durations[work];
	struct solver_term terms[3 + WORK_MOST_PIECES];
	bool crosses;

	if (lag > 0)
		terms[n++] = (struct solver_term){ p->period, (double)lag };
	if (from != to) {
		terms[n++] = (struct solver_term){ p->first_start + to,
						   1.0 };
		terms[n++] = (struct solver_term){ p->first_start + from,
						   -1.0 };
	}
	for (size_t i = 0; i < d->npieces; i++)
		terms[n++] = (struct solver_term){ p->first_piece[work] + i,
						   -1.0 };
	crosses = graph_hands_off(p->graph, from, to);
	add_row(p, (d->overhead_s + (crosses ? p->handoff_s : 0.0)) /
			   p->unit_s, terms, n, from + 1, crosses);
}

static void add_waits(struct program *p)
{
	for (size_t i = 0; i < p->graph->ntasks; i++) {
		const struct task *t = &p->graph->tasks[i];

		for (size_t k = 0; k < t->nwaits; k++) {
			const struct wait *w =
				&p->graph->waits[t->first_wait + k];

			add_dependency(p, w->task, i, w->lag);
		}
	}
}

/* An engine takes its tasks in the order of issue, period after period. */
static void add_engine_order(struct program *p, enum engine e)
{
	size_t first = SIZE_MAX, last = SIZE_MAX;

	for (size_t i = 0; i < p->graph->ntasks; i++) {
		if (engine_of(p, i) != e)
			continue;
		if (last == SIZE_MAX)
			first = i;
		else
			add_dependency(p, last, i, 0);
		last = i;
	}
	if (last != SIZE_MAX)
		add_dependency(p, last, first, 1);
}

/* T >= what is taken of each limit that is shared; affine in the split. */
static void add_shared(struct program *p, const struct hardware *hw,
		       double cached)
{
	p->first_shared = p->nrows;
	for (int i = 0; i < BOUND_SHARED; i++) {
		enum bound_shared k = (enum bound_shared)i;
		double fixed = bound_shared(p->graph, hw, k, cached, 0.0);
		double slope = bound_shared(p->graph, hw, k, cached, 1.0) -
			       fixed;
		const struct solver_term terms[] = {
			{ p->period, 1.0 }, { p->split, -slope / p->unit_s },
		};

		add_row(p, fixed / p->unit_s, terms, 2, 0, false);
	}
}

static void build(struct program *p, double lo, double hi)
{
	p->period = solver_add_column(p->solver, "T", 0.0, INFINITY, 1.0,
				      false);
	p->split = solver_add_column(p->solver, "l", lo, hi, 0.0, false);
	for (size_t i = 0; i < p->graph->ntasks; i++) {
		size_t column = solver_add_column(p->solver, NULL, 0.0,
						  INFINITY, 0.0, false);

		if (i == 0)
			p->first_start = column;
	}
	add_pieces(p);
	add_waits(p);
	for (int e = 0; e < ENGINE_COUNT; e++)
		add_engine_order(p, (enum engine)e);
}

static void read_result(const struct program *p, struct period *out)
{
	out->period_s = solver_value(p->solver, p->period) * p->unit_s;
	out->split = solver_value(p->solver, p->split);
	for (size_t i = 0; i < BOUND_SHARED; i++)
		out->on_shared[i] = solver_dual(p->solver,
						p->first_shared + i);
	out->on_handoff = 0.0;
	out->on_cycle = xcalloc(p->graph->ntasks, sizeof *out->on_cycle);
	for (size_t i = 0; i < p->nrows; i++) {
		if (p->row_task[i] > 0)
			out->on_cycle[p->row_task[i] - 1] +=
				solver_dual(p->solver, i);
		if (p->row_crosses[i])
			out->on_handoff += solver_dual(p->solver, i);
	}
}

enum status period_solve(const struct graph *g, const struct hardware *hw,
			 double cached, double lo, double hi,
			 struct period *out, struct diag *d)
{
	return period_solve_near(g, hw, cached, lo, hi, lo < hi ? NAN : lo,
				 out, d);
}

enum status period_solve_near(const struct graph *g,
			      const struct hardware *hw, double cached,
			      double lo, double hi, double near,
			      struct period *out, struct diag *d)
{
	struct program p = {
		.graph = g,
		.handoff_s = hw->handoff_s,
		.solver = solver_new(),
		.durations = xcalloc(g->nworks, sizeof *p.durations),
		.first_piece = xcalloc(g->nworks, sizeof *p.first_piece),
	};
	enum status s;

	for (size_t w = 0; w < g->nworks; w++)
		if (lo < hi || !work_is_empty(&g->works[w], cached, lo))
			p.durations[w] = isnan(near)
				? work_duration(&g->works[w], hw, cached)
				: work_duration_near(&g->works[w], hw, cached,
						     near);
	solver_set_tolerance(p.solver, TIGHT);
	p.unit_s = total_seconds(&p, lo);
	build(&p, lo, hi);
	add_shared(&p, hw, cached);
	s = solver_solve(p.solver, d);
	if (s == STATUS_INFEASIBLE)	/* starts late enough always exist */
		s = STATUS_SOLVER;
	if (s == STATUS_OK)
		read_result(&p, out);
	solver_free(p.solver);
	free(p.durations);
	free(p.first_piece);
	free(p.row_task);
	free(p.row_crosses);
	return s;
}

void period_clear(struct period *p)
{
	free(p->on_cycle);
	*p = (struct period){ .period_s = 0.0 };
}

enum status period_at_split(const struct graph *g, const struct hardware *hw,
			    size_t cached, size_t split, double *period_s,
			    struct diag *d)
{
	struct period p;
	enum status st = period_solve(g, hw, (double)cached, (double)split,
				      (double)split, &p, d);

	if (st != STATUS_OK)
		return st;
	*period_s = p.period_s;
	period_clear(&p);
	return STATUS_OK;
}
