/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_rng.h>

#include "base/xalloc.h"
#include "lp/period.h"
#include "lp/steady.h"
#include "schedule/policy.h"
#include "sim/run.h"
#include "tests/harness.h"

/*
 * Random graphs whose engines have one stream each, so that the steady state
 * has no contention: the program, policy iteration, the simulator, a
 * recurrence written here and the maximum cycle ratio by enumeration must all
 * agree.
 */
enum { CASES = 10000, MOST_TASKS = 6, MOST_EDGES = 40, LIMIT = 10 };
enum { SIMULATED = 40 };	/* steps held against the recurrence */
enum { SETTLED = 600, WINDOW = 2520 };	/* lcm(1..10): whole rhythms */

/* Durations are whole numbers of seconds: ratios of cycles lie apart. */
/* Every third with events, every second with hand-offs. */
static struct hardware unit_machine(size_t i)
{
	return (struct hardware){
		.event_s = i % 3 == 0 ? 2.0 : 0.0,
		.handoff_s = i % 2 == 0 ? 3.0 : 0.0,
		.flop_per_s = 1.0, .gemm_derate = 1.0,
		.hbm_bytes_per_s = 1.0, .hbm_derate = 1.0,
		.h2d = { .bytes_per_s = 1.0 }, .d2h = { .bytes_per_s = 1.0 },
		.host_attention_bytes_per_s = 1.0,
		.host_copy_bytes_per_s = 1.0,
		.host_issue_s = 1.0,
	};
}

static double whole(gsl_rng *r, unsigned long most)
{
	return (double)gsl_rng_uniform_int(r, most + 1);
}

/* Falls, rises or stays with the split; never negative up to LIMIT. */
static struct amount random_amount(gsl_rng *r)
{
	switch (gsl_rng_uniform_int(r, 3)) {
	case 0:
		return (struct amount){ .fixed = whole(r, 8) };
	case 1:
		return (struct amount){ .per_split = whole(r, 3) };
	}
	return (struct amount){ .fixed = 2.0 * LIMIT + whole(r, 4),
				.per_split = -1.0 - whole(r, 1) };
}

static struct work random_work(gsl_rng *r, enum engine e)
{
	struct work w = { .engine = e, .bytes = random_amount(r) };

	if (e == ENGINE_SM && gsl_rng_uniform_int(r, 2))
		w.flop = random_amount(r);
	if (e == ENGINE_ISSUE) {
		w.bytes = (struct amount){ .fixed = 1.0 };
		w.launches = 1.0 + whole(r, 7);
	}
	return w;
}

/* Waits within a step point back; over steps they go anywhere. */
static struct graph *random_graph(gsl_rng *r)
{
	static const enum op ops[ENGINE_COUNT] = {
		[ENGINE_H2D] = OP_LOAD_CACHE, [ENGINE_SM] = OP_ATTEND,
		[ENGINE_D2H] = OP_STORE_CACHE, [ENGINE_CPU] = OP_ATTEND_HOST,
		[ENGINE_COPY] = OP_STORE_ACTIVATION,
		[ENGINE_ISSUE] = OP_ISSUE,
	};
	size_t n = 2 + gsl_rng_uniform_int(r, MOST_TASKS - 1);
	struct graph *g = graph_new(n, 1);
	enum engine engine[MOST_TASKS];

	for (size_t i = 0; i < n; i++)
		engine[i] = (enum engine)gsl_rng_uniform_int(r, ENGINE_COUNT);
	for (size_t i = 0; i < n; i++) {
		graph_add_task(g, ops[engine[i]], i,
			       graph_add_work(g, random_work(r, engine[i])));
		for (size_t k = gsl_rng_uniform_int(r, 3); k > 0; k--) {
			size_t to = gsl_rng_uniform_int(r, n);
			size_t lag = gsl_rng_uniform_int(r, 3) + (to >= i);

			graph_wait(g, ops[engine[to]], i,
				   i + lag * n - to);
		}
	}
	graph_finish(g);
	return g;
}

struct edge {
	size_t from, to, lag;
	double handoff_s;
};

static size_t all_edges(const struct graph *g, const struct hardware *hw,
			struct edge *e)
{
	size_t n = 0;

	for (size_t i = 0; i < g->ntasks; i++)
		for (size_t k = 0; k < g->tasks[i].nwaits; k++) {
			const struct wait *w =
				&g->waits[g->tasks[i].first_wait + k];

			e[n++] = (struct edge){
				w->task, i, w->lag,
				graph_hands_off(g, w->task, i)
					? hw->handoff_s : 0.0
			};
		}
	for (int p = 0; p < PROCESS_COUNT; p++) {
		size_t first = SIZE_MAX, last = SIZE_MAX;

		for (size_t i = 0; i < g->ntasks; i++) {
			if ((int)op_process(g->tasks[i].op) != p)
				continue;
			if (last == SIZE_MAX)
				first = i;
			else
				e[n++] = (struct edge){ last, i, 0, 0.0 };
			last = i;
		}
		if (last != SIZE_MAX)
			e[n++] = (struct edge){ last, first, 1, 0.0 };
	}
	ck_assert_uint_le(n, MOST_EDGES);
	return n;
}

static void durations(const struct graph *g, const struct hardware *hw,
		      double split, double *d)
{
	for (size_t i = 0; i < g->ntasks; i++)
		d[i] = work_seconds(&g->works[g->tasks[i].work], hw, 0.0,
				    split);
}

/* end(i, t) = duration + max over edges into i; a ring of steps. */
enum { RING = 8 };

struct recurrence {
	double end[RING][MOST_TASKS];
};

static void advance(struct recurrence *r, const struct graph *g,
		    const struct edge *e, size_t nedges, const double *d,
		    size_t step)
{
	for (size_t i = 0; i < g->ntasks; i++) {
		double start = 0.0;

		for (size_t k = 0; k < nedges; k++) {
			if (e[k].to != i || e[k].lag > step)
				continue;
			start = fmax(start, r->end[(step - e[k].lag) % RING]
						  [e[k].from] +
					    e[k].handoff_s);
		}
		r->end[step % RING][i] = start + d[i];
	}
}

/* The largest ratio over all simple cycles through tasks >= `root`. */
static void search(const struct edge *e, size_t nedges, const double *d,
		   size_t root, size_t at, unsigned seen, double time,
		   size_t lag, double *best)
{
	for (size_t k = 0; k < nedges; k++) {
		double t = time + d[at] + e[k].handoff_s;
		size_t l = lag + e[k].lag;

		if (e[k].from != at || e[k].to < root)
			continue;
		if (e[k].to == root)
			*best = fmax(*best, t / (double)l);
		else if (!(seen >> e[k].to & 1))
			search(e, nedges, d, root, e[k].to,
			       seen | 1u << e[k].to, t, l, best);
	}
}

static double cycle_ratio(const struct graph *g, const struct edge *e,
			  size_t nedges, const double *d)
{
	double best = 0.0;

	for (size_t root = 0; root < g->ntasks; root++)
		search(e, nedges, d, root, root, 1u << root, 0.0, 0, &best);
	return best;
}

/* The simulator's first steps are the recurrence's, end by end. */
static void check_simulator(const struct graph *g, const struct hardware *hw,
			    const struct edge *e, size_t nedges,
			    const double *d, size_t split)
{
	static const struct policy none = { .name = "random" };
	const struct workload w = { .batch = 1, .prompt = LIMIT, .gen = 2 };
	struct plan plan = { .policy = &none, .steps = SIMULATED };
	struct timeline t = { 0 };
	struct run_options options;
	struct run_result result;
	struct recurrence r;
	struct diag diag;
	size_t compared = 0, expected = 0;

	plan.split = xcalloc(SIMULATED, sizeof *plan.split);
	for (size_t i = 0; i < SIMULATED; i++)
		plan.split[i] = split;
	options = run_whole(&plan);
	options.timeline = &t;
	ck_assert_int_eq(run_graph(g, &w, &plan, hw, &options, &result,
				   &diag), STATUS_OK);
	for (size_t step = 0; step < SIMULATED; step++) {
		advance(&r, g, e, nedges, d, step);
		for (size_t i = 0; i < t.n; i++) {
			if (t.slices[i].step != step)
				continue;
			ck_assert_double_eq_tol(
				t.slices[i].end_s,
				r.end[step % RING][t.slices[i].task], 1e-9);
			compared++;
		}
	}
	for (size_t i = 0; i < g->ntasks; i++)
		expected += d[i] > 0.0 ? SIMULATED : 0;
	ck_assert_uint_eq(compared, expected);
	timeline_clear(&t);
	plan_clear(&plan);
}

static double settled_period(const struct graph *g, const struct edge *e,
			     size_t nedges, const double *d)
{
	double before[MOST_TASKS], most = 0.0;
	struct recurrence r;

	for (size_t step = 0; step < SETTLED + WINDOW; step++) {
		advance(&r, g, e, nedges, d, step);
		if (step == SETTLED - 1)
			memcpy(before, r.end[step % RING], sizeof before);
	}
	for (size_t i = 0; i < g->ntasks; i++)
		most = fmax(most, (r.end[(SETTLED + WINDOW - 1) % RING][i] -
				   before[i]) / WINDOW);
	return most;
}

static void check_steady(const struct graph *g, const struct hardware *hw,
			 size_t split, double ratio)
{
	struct steady *s = steady_new(g, hw);
	struct steady_point p = steady_at(s, 0.0, (double)split);

	ck_assert_double_le(fabs(p.period_s - ratio), 1e-13 * ratio);
	steady_free(s);
}

START_TEST(program_simulator_recurrence_and_cycles_agree)
{
	gsl_rng *r = gsl_rng_alloc(gsl_rng_mt19937);
	size_t cases = 0, with_zero = 0;

	gsl_rng_set(r, 2385);
	for (; cases < CASES; cases++) {
		const struct hardware hw = unit_machine(cases);
		struct graph *g = random_graph(r);
		size_t split = gsl_rng_uniform_int(r, LIMIT + 1), nedges;
		struct edge e[MOST_EDGES];
		double d[MOST_TASKS], ratio;
		struct period p;
		struct diag diag;

		nedges = all_edges(g, &hw, e);
		durations(g, &hw, (double)split, d);
		ratio = cycle_ratio(g, e, nedges, d);
		ck_assert_int_eq(period_solve(g, &hw, 0.0, (double)split,
					      (double)split, &p, &diag),
				 STATUS_OK);
		ck_assert_double_eq_tol(p.period_s, ratio,
					1e-9 * fmax(1.0, ratio));
		check_steady(g, &hw, split, ratio);
		check_simulator(g, &hw, e, nedges, d, split);
		if (cases % 10 == 0)	/* long runs: every tenth */
			ck_assert_double_eq_tol(
				settled_period(g, e, nedges, d), ratio,
				1e-9 * fmax(1.0, ratio));
		for (size_t i = 0; i < g->ntasks; i++)
			with_zero += d[i] == 0.0;
		period_clear(&p);
		graph_free(g);
	}
	ck_assert_uint_eq(cases, CASES);
	ck_assert_uint_gt(with_zero, CASES / 10);
	gsl_rng_free(r);
}
END_TEST

START_TEST(best_split_is_the_least_cycle_ratio)
{
	gsl_rng *r = gsl_rng_alloc(gsl_rng_mt19937);
	size_t cases = 0, inside = 0;

	gsl_rng_set(r, 8523);
	for (; cases < 2000; cases++) {
		/* no events: where work falls away they would stay */
		const struct hardware hw = unit_machine(6 * cases +
							2 - cases % 2);
		struct graph *g = random_graph(r);
		double d[MOST_TASKS], least = INFINITY, at;
		struct edge e[MOST_EDGES];
		size_t nedges = all_edges(g, &hw, e);
		struct period p;
		struct diag diag;

		ck_assert_int_eq(period_solve(g, &hw, 0.0, 0.0, LIMIT, &p,
					      &diag), STATUS_OK);
		for (size_t l = 0; l <= LIMIT; l++) {
			durations(g, &hw, (double)l, d);
			least = fmin(least, cycle_ratio(g, e, nedges, d));
		}
		/* real splits can only be better than whole ones */
		ck_assert_double_le(p.period_s, least + 1e-9);
		durations(g, &hw, p.split, d);
		at = cycle_ratio(g, e, nedges, d);
		ck_assert_double_eq_tol(p.period_s, at,
					1e-9 * fmax(1.0, at));
		inside += p.split > 0.0 && p.split < LIMIT;
		period_clear(&p);
		graph_free(g);
	}
	ck_assert_uint_eq(cases, 2000);
	ck_assert_uint_gt(inside, 100);
	gsl_rng_free(r);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("lp/period");
	TCase *tc = tcase_create("all");

	tcase_set_timeout(tc, 300);
	tcase_add_test(tc, program_simulator_recurrence_and_cycles_agree);
	tcase_add_test(tc, best_split_is_the_least_cycle_ratio);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
