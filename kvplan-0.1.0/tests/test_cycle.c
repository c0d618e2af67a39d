/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lp/cycle.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/xalloc.h"
#include "tests/harness.h"
#include "tests/random_case.h"

enum { CASES = 10000, SEED = 49979687 };
enum { MOST_LAYERS = 40, MOST_LAG = 3 };	/* up to 480 tasks */

/*
 * A graph whose tasks have a work each, on any engine; few waits make many
 * components, and tasks that wait for nothing.
 */
static struct graph *random_graph(gsl_rng *rng, size_t layers)
{
	struct graph *g = graph_new(layers, 1);
	bool exists[OP_COUNT][MOST_LAYERS] = { { false } };
	double here = gsl_rng_uniform(rng), waits = gsl_rng_uniform(rng);
	size_t engines = random_case_size(rng, 1, ENGINE_COUNT);

	for (size_t i = 0; i < OP_COUNT * layers; i++) {
		size_t layer = i / OP_COUNT, op = i % OP_COUNT;
		struct work w = { .engine = (enum engine)
			random_case_size(rng, 0, engines - 1) };

		if (i + 1 < OP_COUNT * layers && gsl_rng_uniform(rng) > here)
			continue;
		graph_add_task(g, (enum op)op, layer, graph_add_work(g, w));
		while (gsl_rng_uniform(rng) < waits * 0.7) {
			size_t on = random_case_size(rng, 0, layer);
			size_t other = random_case_size(rng, 0, OP_COUNT - 1);
			size_t lag = random_case_size(rng, 0, MOST_LAG);

			if (exists[other][on])
				graph_wait(g, (enum op)other, layer,
					   layer - on + lag * layers);
		}
		if (gsl_rng_uniform(rng) < 0.1)
			graph_wait(g, (enum op)op, layer,
				   layers * random_case_size(rng, 1,
							     MOST_LAG));
		exists[op][layer] = true;
	}
	graph_finish(g);
	return g;
}

/* Of some tasks nothing, of others whole seconds: many cycles tie. */
static void draw_durations(gsl_rng *rng, const struct graph *g, double *d)
{
	double none = gsl_rng_uniform(rng);
	bool whole = gsl_rng_uniform_int(rng, 2);

	for (size_t i = 0; i < g->nworks; i++) {
		d[i] = 0.0;
		if (gsl_rng_uniform(rng) < none * none)
			continue;
		d[i] = whole ? (double)random_case_size(rng, 1, 5)
			     : random_case_log(rng, 1e-6, 1.0);
	}
}

struct edge {
	size_t from, to;
	double lag;
	bool crosses;
};

static bool crosses(const struct graph *g, size_t a, size_t b)
{
	return g->works[g->tasks[a].work].engine !=
	       g->works[g->tasks[b].work].engine;
}

/* Every dependency, as lp/period.c takes them. */
static size_t all_edges(const struct graph *g, struct edge *e)
{
	size_t n = 0;

	for (size_t i = 0; i < g->ntasks; i++)
		for (size_t k = 0; k < g->tasks[i].nwaits; k++) {
			const struct wait *w =
				&g->waits[g->tasks[i].first_wait + k];

			e[n++] = (struct edge){ w->task, i, (double)w->lag,
						crosses(g, w->task, i) };
		}
	for (int engine = 0; engine < ENGINE_COUNT; engine++) {
		size_t first = g->ntasks, last = g->ntasks;

		for (size_t i = 0; i < g->ntasks; i++) {
			if ((int)g->works[g->tasks[i].work].engine != engine)
				continue;
			if (last == g->ntasks)
				first = i;
			else
				e[n++] = (struct edge){ last, i, 0.0, false };
			last = i;
		}
		if (last < g->ntasks)
			e[n++] = (struct edge){ last, first, 1.0, false };
	}
	return n;
}

/* Whether starts `x` exist that keep the period `t` (Bellman and Ford). */
static bool keeps(const struct graph *g, const struct edge *e, size_t nedges,
		  const double *d, double t)
{
	double *x = xcalloc(g->ntasks, sizeof *x);
	bool moved = true;

	for (size_t round = 0; moved && round <= g->ntasks; round++) {
		moved = false;
		for (size_t k = 0; k < nedges; k++) {
			double after = x[e[k].from] +
				       d[g->tasks[e[k].from].work] +
				       (e[k].crosses ? d[g->nworks] : 0.0) -
				       e[k].lag * t;

			if (after > x[e[k].to] + 1e-13 * t) {
				x[e[k].to] = after;
				moved = true;
			}
		}
	}
	free(x);
	return !moved;
}

static double works_ratio(const struct graph *g, const struct cycle *c,
			  const double *d)
{
	double *weight = xcalloc(g->nworks + 1, sizeof *weight), sum = 0.0;

	cycle_works(c, weight);
	ck_assert(weight[g->nworks] == cycle_handoffs(c));
	for (size_t i = 0; i <= g->nworks; i++)
		sum += weight[i] * d[i];
	free(weight);
	return sum;
}

/* The weights are a cycle's: 1 / lags, and they add up to the ratio. */
static void check_cycle(const struct graph *g, const struct cycle *c,
			const double *d, double t)
{
	double *weight = xcalloc(g->ntasks, sizeof *weight);
	double sum = cycle_handoffs(c) * d[g->nworks], each = 0.0;

	cycle_weights(c, weight);
	for (size_t i = 0; i < g->ntasks; i++) {
		sum += weight[i] * d[g->tasks[i].work];
		if (weight[i] == 0.0)
			continue;
		ck_assert(each == 0.0 || weight[i] == each);
		each = weight[i];
	}
	ck_assert_double_gt(each, 0.0);
	ck_assert_double_le(fabs(sum - t), 1e-13 * t);
	ck_assert_double_le(fabs(works_ratio(g, c, d) - t), 1e-13 * t);
	free(weight);
}

/* One graph, durations drawn anew: each search goes on from the last. */
static void check_graph(gsl_rng *rng, const struct graph *g, size_t searches)
{
	struct edge *e = xcalloc(g->ntasks + g->nwaits, sizeof *e);
	double *d = xcalloc(g->nworks + 1, sizeof *d);
	struct cycle *c = cycle_new(g);
	size_t nedges = all_edges(g, e);

	for (size_t k = 0; k < searches; k++) {
		double t;

		draw_durations(rng, g, d);
		t = cycle_search(c, d);
		if (!keeps(g, e, nedges, d, t * (1.0 + 1e-9)) ||
		    (t > 0.0 && keeps(g, e, nedges, d, t * (1.0 - 1e-9))))
			ck_abort_msg("%zu tasks, search %zu: %.17g is not "
				     "the ratio", g->ntasks, k, t);
		check_cycle(g, c, d, t);
	}
	cycle_free(c);
	free(d);
	free(e);
}

START_TEST(no_cycle_is_larger_and_one_is_as_large)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t cases = 0, tasks = 0;

	gsl_rng_set(rng, SEED);
	for (; cases < CASES; cases++) {
		size_t most = cases % 100 ? 4 : MOST_LAYERS;
		struct graph *g = random_graph(
			rng, random_case_size(rng, 1, most));

		check_graph(rng, g, 3);
		tasks = g->ntasks > tasks ? g->ntasks : tasks;
		graph_free(g);
	}
	ck_assert_uint_eq(cases, CASES);
	ck_assert_uint_gt(tasks, 300);
	gsl_rng_free(rng);
}
END_TEST

/* Two engines in lockstep by a lag of 2: (3 + 4) / 2 is less than 4. */
START_TEST(the_ratio_counts_lags)
{
	struct graph *g = graph_new(1, 1);
	struct cycle *c;
	double weight[3], work_s[4] = { 3.0, 4.0, 2.5, 0.0 };

	graph_add_task(g, OP_LOAD_CACHE, 0, graph_add_work(g, (struct work){
		.engine = ENGINE_H2D }));
	graph_wait(g, OP_ATTEND, 0, 2);
	graph_add_task(g, OP_ATTEND, 0, graph_add_work(g, (struct work){
		.engine = ENGINE_SM }));
	graph_wait(g, OP_LOAD_CACHE, 0, 0);
	graph_add_task(g, OP_STORE_CACHE, 0, graph_add_work(g, (struct work){
		.engine = ENGINE_D2H }));
	graph_finish(g);
	c = cycle_new(g);
	ck_assert_double_eq(cycle_search(c, work_s), 4.0);
	cycle_weights(c, weight);
	ck_assert_double_eq(weight[0], 0.0);
	ck_assert_double_eq(weight[1], 1.0);
	/* there and back in two periods: (3 + 4 + 2 * 1.5) / 2 */
	work_s[3] = 1.5;
	ck_assert_double_eq(cycle_search(c, work_s), 5.0);
	ck_assert_double_eq(cycle_handoffs(c), 1.0);
	work_s[3] = 0.0;
	work_s[2] = 4.5;	/* a component of its own */
	ck_assert_double_eq(cycle_search(c, work_s), 4.5);
	cycle_weights(c, weight);
	ck_assert_double_eq(weight[2], 1.0);
	/* that cycle with other durations */
	work_s[2] = 2.385;
	ck_assert_double_eq(works_ratio(g, c, work_s), 2.385);
	/* nothing takes any time */
	work_s[0] = work_s[1] = work_s[2] = 0.0;
	ck_assert_double_eq(cycle_search(c, work_s), 0.0);
	cycle_free(c);
	cycle_free(NULL);
	graph_free(g);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("lp/cycle");
	TCase *tc = tcase_create("all");

	tcase_set_timeout(tc, 300);
	tcase_add_test(tc, no_cycle_is_larger_and_one_is_as_large);
	tcase_add_test(tc, the_ratio_counts_lags);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
