/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lp/refine.h"

#include <math.h>

#include "lp/certificate.h"
#include "lp/period.h"
#include "lp/planner.h"
#include "schedule/bound.h"
#include "sim/run.h"
#include "tests/harness.h"
#include "tests/random_calibration.h"
#include "tests/random_case.h"

enum { CASES = 400, SEED = 15485863 };

static const struct policy *row(void)
{
	const struct policy *p;
	struct diag d;

	ck_assert_int_eq(policy_find("kvpr-row", &p, &d), STATUS_OK);
	return p;
}

/* A machine unlike the one that was measured, at a lower clock. */
static void change_figures(gsl_rng *rng, struct hardware *hw)
{
	double *figures[] = { &hw->flop_per_s, &hw->hbm_bytes_per_s,
			      &hw->launch_s, &hw->h2d.bytes_per_s,
			      &hw->h2d.latency_s };

	for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++)
		*figures[i] *= random_case_log(rng, 0.2, 5.0);
	hw->full_gemm_derate = hw->gemm_derate;
	hw->gemm_derate *= 0.5 + 0.5 * gsl_rng_uniform(rng);
}

static double scan_floor(const struct graph *g, const struct hardware *hw,
			 size_t cached, size_t limit)
{
	double least_s = INFINITY;

	for (size_t l = 0; l <= limit; l++)
		least_s = fmin(least_s, bound_step(g, hw, (double)cached,
						   (double)l));
	return least_s;
}

/* Brute force: every whole split, timed by GLPK's program, is no better. */
START_TEST(finds_the_best_of_all_splits)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t cases = 0, moved = 0, splits = 0;

	gsl_rng_set(rng, SEED);
	for (; cases < CASES; cases++) {
		struct random_case c = random_case_draw(rng);
		struct plan plan = random_case_plan(rng, &c, row(),
						    cases % 3);
		size_t step = plan.steps - 1;
		size_t cached = workload_cached(&c.w, step);
		size_t limit = plan_split_limit(&plan, &c.w, step), found;
		struct graph *g = row()->build(&c.model, &c.w, &plan,
					       SPAN_LAYER);
		double found_s, first_s, least_s = INFINITY;
		struct steady *s;

		random_case_hand_over(&c.hw);
		random_calibration_draw(rng, &c.hw);
		if (cases % 2 == 1)
			change_figures(rng, &c.hw);
		s = steady_new(g, &c.hw);
		found = refine_best_split(s, true, cached, limit, &found_s);
		moved += found != steady_best_split(s, cached, limit,
						    &first_s);
		for (size_t l = 0; l <= limit; l++, splits++) {
			double t = steady_at(s, (double)cached,
					     (double)l).period_s;

			least_s = fmin(least_s, t);
			/* of every range around it the bound is one */
			ck_assert_double_le(
				steady_bound(s, cached,
					     random_case_size(rng, 0, l),
					     random_case_size(rng, l, limit)),
				t * (1.0 + 1e-12));
		}
		ck_assert_double_eq_tol(steady_floor(s, cached, 0, limit),
					scan_floor(g, &c.hw, cached, limit),
					1e-12 * found_s);
		ck_assert_double_le(found_s, least_s * (1.0 + 1e-9));
		ck_assert_double_eq_tol(
			steady_at(s, (double)cached, (double)found).period_s,
			found_s, 1e-12 * found_s);
		steady_free(s);
		graph_free(g);
		plan_clear(&plan);
		hardware_clear(&c.hw);
	}
	ck_assert_uint_gt(moved, CASES / 20);
	ck_assert_uint_gt(splits, 20 * CASES);
	gsl_rng_free(rng);
}
END_TEST

/* The exact period, by the program and by simulating many steps. */
START_TEST(exact_periods_are_those_of_program_and_simulation)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	struct diag d = { "" };
	size_t cases = 0;

	gsl_rng_set(rng, SEED + 1);
	for (; cases < 100; cases++) {
		struct random_case c = random_case_draw(rng);
		struct plan plan = random_case_plan(rng, &c, row(), 0);
		size_t cached = workload_cached(&c.w, 0);
		size_t l = plan.split[0];
		struct graph *g = row()->build(&c.model, &c.w, &plan,
					       SPAN_LAYER);
		struct steady *s;
		double exact_s, program_s, sum_s[ENGINE_COUNT];

		random_case_hand_over(&c.hw);
		random_calibration_draw(rng, &c.hw);
		s = steady_new(g, &c.hw);
		exact_s = steady_at(s, (double)cached, (double)l).period_s;
		ck_assert_int_eq(period_at_split(g, &c.hw, cached, l,
						 &program_s, &d), STATUS_OK);
		ck_assert_double_eq_tol(program_s, exact_s, 1e-7 * exact_s);
		bound_engines(g, &c.hw, (double)cached, (double)l, sum_s);
		ck_assert_double_le(sum_s[ENGINE_SM],
				    exact_s * (1.0 + 1e-12));
		steady_free(s);
		graph_free(g);
		plan_clear(&plan);
		hardware_clear(&c.hw);
	}
	ck_assert_uint_eq(cases, 100);
	gsl_rng_free(rng);
}
END_TEST

/* A decode is simulated with exact times: each copy takes its curve. */
START_TEST(copies_take_their_curves_in_the_simulation)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	struct diag d = { "" };
	const struct policy *all;
	size_t cases = 0;

	gsl_rng_set(rng, SEED + 2);
	ck_assert_int_eq(policy_find("load-all", &all, &d), STATUS_OK);
	for (; cases < 100; cases++) {
		struct random_case c = random_case_draw(rng);
		struct plan plan = random_case_plan(rng, &c, all, 1);
		struct graph *g = all->build(&c.model, &c.w, &plan,
					     SPAN_STEP);
		struct run_options options = run_whole(&plan);
		struct run_result r;
		double busy_s[ENGINE_COUNT] = { 0.0 };

		random_case_hand_over(&c.hw);
		random_calibration_draw(rng, &c.hw);
		ck_assert_int_eq(run_graph(g, &c.w, &plan, &c.hw, &options,
					   &r, &d), STATUS_OK);
		for (size_t i = 0; i < plan.steps; i++) {
			double step_s[ENGINE_COUNT];

			bound_engines(g, &c.hw,
				      (double)workload_cached(&c.w, i), 0.0,
				      step_s);
			for (int e = 0; e < ENGINE_COUNT; e++)
				busy_s[e] += step_s[e];
		}
		for (int e = 0; e < ENGINE_COUNT; e++)
			ck_assert_double_eq_tol(r.engine[e].busy_s,
						busy_s[e],
						1e-9 * r.makespan_s);
		graph_free(g);
		plan_clear(&plan);
		hardware_clear(&c.hw);
	}
	ck_assert_uint_eq(cases, 100);
	gsl_rng_free(rng);
}
END_TEST

/* Plans and certificates of a machine with curves. */
START_TEST(certificates_are_exact)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	struct planner_options options = { .program = PROGRAM_PERIOD };
	struct diag d = { "" };
	size_t cases = 0;

	gsl_rng_set(rng, SEED + 3);
	for (; cases < 60; cases++) {
		struct random_case c = random_case_draw(rng);
		struct certificate found;
		struct graph *g;
		struct steady *s;
		struct plan plan;
		double sum = 0.0;
		size_t limit;

		c.hw.memory_bytes = 1e15;
		random_case_hand_over(&c.hw);
		random_calibration_draw(rng, &c.hw);
		ck_assert_msg(planner_plan(&c.model, &c.w, &c.hw, row(),
					   &options, &plan, &d) == STATUS_OK,
			      "%s", d.text);
		ck_assert_msg(certificate_make(&c.model, &c.w, &c.hw, &plan,
					       0, true, &found, &d) ==
			      STATUS_OK, "%s", d.text);
		g = row()->build(&c.model, &c.w, &plan, SPAN_LAYER);
		s = steady_new(g, &c.hw);
		limit = plan_split_limit(&plan, &c.w, 0);
		ck_assert_double_eq_tol(
			found.layer_s,
			steady_at(s, (double)found.cached,
				  (double)found.split).period_s,
			1e-12 * found.layer_s);
		ck_assert_double_le(found.split_regret_pct, 1e-6);
		ck_assert_double_le(found.lower_bound_s,
				    found.layer_s * (1.0 + 1e-12));
		for (size_t l = found.split_low; l <= found.split_high; l++)
			ck_assert_double_le(
				steady_at(s, (double)found.cached,
					  (double)l).period_s,
				1.01 * found.layer_s * (1.0 + 1e-9));
		ck_assert_uint_le(found.split_high, limit);
		for (int op = 0; op < OP_COUNT; op++)
			sum += found.cycle_share[op];
		for (int i = 0; i < BOUND_SHARED; i++)
			sum += found.shared_share[i];
		ck_assert_double_eq_tol(sum + found.handoff_share, 1.0, 1e-6);
		steady_free(s);
		graph_free(g);
		plan_clear(&plan);
		hardware_clear(&c.hw);
	}
	ck_assert_uint_eq(cases, 60);
	gsl_rng_free(rng);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("lp/refine");
	TCase *tc = tcase_create("all");

	tcase_set_timeout(tc, 300);
	tcase_add_test(tc, finds_the_best_of_all_splits);
	tcase_add_test(tc, exact_periods_are_those_of_program_and_simulation);
	tcase_add_test(tc, copies_take_their_curves_in_the_simulation);
	tcase_add_test(tc, certificates_are_exact);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
