/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_clock.c - the clock at which a run settles, against closed forms.
 *
 * A step is a load and a product at the same time, t_0 and t_p at full clock.
 */
#include "sim/clock.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "model/power_limit.h"
#include "tests/harness.h"
#include "tests/random_case.h"

enum { STEPS = 4, CASES = 90, SEED = 9176263 };

#define FULL_RATE 1e12		/* [FLOP/s] */
#define LEAST 0.8		/* c_1 */

/* To what clock_run() finds a clock. */
#define TOLERANCE (2.0 * POWER_LIMIT_TOLERANCE)

static struct hardware machine(double sustained)
{
	return (struct hardware){
		.name = "toy", .flop_per_s = FULL_RATE, .gemm_derate = 1.0,
		.gemm_sustained_derate = sustained,
		.hbm_bytes_per_s = 1e18, .hbm_derate = 1.0,
		.h2d = { .bytes_per_s = 1e9 }, .d2h = { .bytes_per_s = 1e9 },
	};
}

/* A load of `load_s`, and beside it a product of `product_s`. */
static struct graph *make_graph(double load_s, double product_s)
{
	struct graph *g = graph_new(1, 1);
	double m = product_s * FULL_RATE / (2.0 * 1e3 * 1e3);

	graph_add_task(g, OP_LOAD_CACHE, 0, graph_add_work(g, (struct work){
		.engine = ENGINE_H2D, .bytes = { .fixed = 1e9 * load_s } }));
	graph_wait(g, OP_FFN, 0, 1);
	graph_add_task(g, OP_FFN, 0, graph_add_work(g, (struct work){
		.engine = ENGINE_SM, .ngemms = 1, .element_bytes = 2.0,
		.gemm = { { .m = { .fixed = m }, .n = 1e3, .k = 1e3,
			    .count = 1.0 } } }));
	graph_wait(g, OP_LOAD_CACHE, 0, 1);
	graph_finish(g);
	return g;
}

static double run(const struct graph *g, const struct hardware *hw,
		  double *makespan_s)
{
	static const struct policy none = { .name = "none" };
	const struct workload w = harness_workload(1, 1, STEPS + 1);
	size_t split[STEPS] = { 0 };
	struct plan plan = { .policy = &none, .steps = STEPS,
			     .split = split };
	struct run_options options = run_whole(&plan);
	struct run_result r;
	struct diag d = { "" };
	double clock = 0.0;

	ck_assert_msg(clock_run(g, &w, &plan, hw, &options, &clock, &r, &d) ==
			      STATUS_OK, "%s", d.text);
	*makespan_s = r.makespan_s;
	return clock;
}

/* No figure, or products that are as fast at the limit: nothing changes. */
START_TEST(an_unlimited_machine_keeps_its_clock)
{
	static const double sustained[] = { 0.0, 1.0 };
	struct graph *g = make_graph(1e-3, 5e-3);

	for (size_t i = 0; i < 2; i++) {
		struct hardware hw = machine(sustained[i]);
		double t;

		ck_assert_double_eq(run(g, &hw, &t), 1.0);
		ck_assert_double_eq_tol(t, STEPS * 5e-3, 1e-12);
	}
	graph_free(g);
}
END_TEST

/* Products all the time: c_1, by its definition. */
START_TEST(products_alone_settle_at_the_sustained_rate)
{
	struct graph *g = make_graph(1e-3, 5e-3);
	struct hardware hw = machine(LEAST);
	double t, clock = run(g, &hw, &t);

	ck_assert_double_eq_tol(clock, LEAST, TOLERANCE);
	ck_assert_double_eq_tol(t, STEPS * 5e-3 / LEAST,
				TOLERANCE * STEPS * 5e-3);
	graph_free(g);
}
END_TEST

/*
 * The load sets the pace: R = u R_0 with u = t_p / t_0, whatever the clock, so
 * c = c_1 sqrt(c_1 / u), as long as the product then still fits under it.
 */
START_TEST(idle_time_leaves_a_higher_clock)
{
	static const double shares[] = { 0.3, 0.5, 0.55, 0.7, 0.75, 0.8 };

	for (size_t i = 0; i < sizeof shares / sizeof shares[0]; i++) {
		double u = shares[i], t, clock;
		struct graph *g = make_graph(10e-3, u * 10e-3);
		struct hardware hw = machine(LEAST);

		clock = run(g, &hw, &t);
		ck_assert_double_eq_tol(clock,
					fmin(1.0, LEAST * sqrt(LEAST / u)),
					TOLERANCE);
		ck_assert_double_eq_tol(t, STEPS * 10e-3, 1e-12);
		graph_free(g);
	}
}
END_TEST

/* Any schedule: what the run did is what its clock allows. */
START_TEST(clock_and_rate_agree)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t n, done = 0, limited = 0, counted = 0;
	const struct policy *const *policies = policy_list(&n);

	gsl_rng_set(rng, SEED);
	for (; done < CASES; done++) {
		struct random_case c = random_case_draw(rng);
		struct plan plan = random_case_plan(rng, &c,
						    policies[done % n], 1);
		struct graph *g = plan.policy->build(&c.model, &c.w, &plan,
						     SPAN_STEP);
		double least = 0.6 + 0.3 * gsl_rng_uniform(rng);
		struct run_options options = run_whole(&plan);
		struct run_result r, free_r;
		struct diag d = { "" };
		double clock, rate, full, bytes, limit, allowed;
		double e = 0.5;

		/* with the exponent that is taken, or one that is stated */
		if (done % 2 == 1)
			e = c.hw.clock_exponent =
				0.2 + 0.7 * gsl_rng_uniform(rng);
		c.hw.h2d.bytes_per_s *= 30.0;	/* so that products matter */
		c.hw.flop_per_s /= 30.0;
		c.hw.gemm_sustained_derate = least * c.hw.gemm_derate;
		if (done % 3 == 1)
			c.hw.byte_flop = 0.5 * gsl_rng_uniform(rng) *
					 hardware_gemm_flop_per_s(&c.hw) /
					 hardware_hbm_bytes_per_s(&c.hw);
		full = hardware_gemm_flop_per_s(&c.hw);
		ck_assert_int_eq(run_graph(g, &c.w, &plan, &c.hw, &options,
					   &free_r, &d), STATUS_OK);
		ck_assert_int_eq(clock_run(g, &c.w, &plan, &c.hw, &options,
					   &clock, &r, &d), STATUS_OK);
		rate = r.engine[ENGINE_SM].flop / r.makespan_s;
		bytes = r.engine[ENGINE_SM].bytes / r.makespan_s;
		limit = pow(least, 1.0 / e) * least * full;
		allowed = pow((limit - c.hw.byte_flop * bytes) / rate, e);
		counted += clock < 1.0 &&
			   c.hw.byte_flop * bytes > 0.01 * limit;
		ck_assert_msg(clock == 1.0 ? allowed >= 1.0
			: fabs(allowed - clock) <= TOLERANCE,
			"case %zu: clock %g, rate %g of %g", done, clock,
			rate, full);
		ck_assert_double_le(free_r.makespan_s,
				    r.makespan_s * (1.0 + 1e-12));
		limited += clock < 1.0;
		plan_clear(&plan);
		graph_free(g);
	}
	ck_assert_uint_ge(limited, CASES / 6);
	ck_assert_uint_le(limited, CASES - CASES / 6);
	ck_assert_uint_gt(counted, CASES / 20);
	gsl_rng_free(rng);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("sim/clock");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, an_unlimited_machine_keeps_its_clock);
	tcase_add_test(tc, products_alone_settle_at_the_sustained_rate);
	tcase_add_test(tc, idle_time_leaves_a_higher_clock);
	tcase_add_test(tc, clock_and_rate_agree);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
