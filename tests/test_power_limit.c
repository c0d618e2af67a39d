/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_power_limit.c - the clock that a power limit leaves, and plans that
 * know of it: held against closed forms, all splits and the simulator.
 */
#include "model/power_limit.h"

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_poly.h>

#include "lp/pace.h"
#include "lp/planner.h"
#include "sim/clock.h"
#include "tests/harness.h"
#include "tests/random_calibration.h"
#include "tests/random_case.h"

enum { CASES = 120, SIMULATED = 16, SEED = 86028121 };

/* By how much a time may be off for its clock, relative. */
#define SETTLED (4.0 * POWER_LIMIT_TOLERANCE)

struct toy {
	double link_s, product_s, flop;
	double memory_s, bytes;
	size_t asked;
};

/* A link beside kernels that read and then a product. */
static enum status toy_rate(void *of, double clock,
			    struct power_load *per_s, struct diag *d)
{
	struct toy *t = of;
	double s = fmax(t->link_s, t->memory_s + t->product_s / clock);

	(void)d;
	t->asked++;
	*per_s = (struct power_load){ .flop = t->flop / s,
				      .bytes = t->bytes / s };
	return STATUS_OK;
}

/*
 * Hidden behind the link, u of the time at full clock: c = c_1 sqrt(c_1 / u).
 * Else R = c R_0 and c = c_1.
 */
START_TEST(the_clock_has_its_closed_form)
{
	struct hardware hw = { .flop_per_s = 2e12, .gemm_derate = 0.5,
			       .gemm_sustained_derate = 0.4 };
	static const double shares[] = { 0.3, 0.5, 0.55, 0.7, 0.75, 1.0,
					 1.2 };
	struct diag d;

	for (size_t i = 0; i < sizeof shares / sizeof shares[0]; i++) {
		struct toy t = { .link_s = 1.0, .product_s = shares[i],
				 .flop = shares[i] * 1e12 };
		double c = 0.8 * sqrt(0.8 / shares[i]), found;

		ck_assert_int_eq(power_limit_settle(&hw, toy_rate, &t,
						    &found, &d), STATUS_OK);
		if (shares[i] > c)	/* the product sets the pace */
			c = 0.8;
		ck_assert_double_eq_tol(found, fmin(1.0, c),
					2.0 * POWER_LIMIT_TOLERANCE);
		hw.gemm_sustained_derate = 0.0;
		t.asked = 0;
		ck_assert_int_eq(power_limit_settle(&hw, toy_rate, &t,
						    &found, &d), STATUS_OK);
		ck_assert_double_eq(found, 1.0);
		ck_assert_uint_eq(t.asked, 0);
		hw.gemm_sustained_derate = 0.4;
	}
}
END_TEST

/* Of which a byte draws 50 FLOP's worth: K = 0.8^3 R_0, of products 0.8 R_0. */
static const struct hardware counting = {
	.flop_per_s = 2e12, .gemm_derate = 0.5, .gemm_sustained_derate = 0.4,
	.hbm_bytes_per_s = 1e10, .hbm_derate = 0.8, .byte_flop = 50.0
};

#define LIMIT (0.512 * 1e12)

static double settled(const struct hardware *hw, struct toy *t)
{
	struct power_load per_s;
	struct diag d;
	double clock, least = power_limit_least(hw);

	ck_assert_int_eq(power_limit_settle(hw, toy_rate, t, &clock, &d),
			 STATUS_OK);
	ck_assert_int_eq(toy_rate(t, clock, &per_s, &d), STATUS_OK);
	/* no run has more FLOP/s than products alone */
	ck_assert_double_le(per_s.flop, least * hardware_gemm_flop_per_s(hw) *
						(1.0 + SETTLED));
	return clock;
}

/* Hidden behind the link: c^2 F = K - w B.  By hand in doc/VALIDATION.md. */
START_TEST(memory_takes_its_part_of_the_limit)
{
	static const double shares[] = { 0.3, 0.5, 0.7 };
	static const double bytes[] = { 0.0, 1e9, 2e9, 4e9, 8e9 };

	for (size_t i = 0; i < 3; i++)
		for (size_t j = 0; j < 5; j++) {
			struct toy t = { .link_s = 1.0,
					 .product_s = shares[i],
					 .flop = shares[i] * 1e12,
					 .bytes = bytes[j] };
			double c = sqrt((LIMIT - 50.0 * bytes[j]) / t.flop);

			if (shares[i] > c)	/* not hidden */
				continue;
			ck_assert_double_eq_tol(settled(&counting, &t),
						fmin(1.0, c),
						2.0 * POWER_LIMIT_TOLERANCE);
			if (shares[i] == 0.7 && bytes[j] == 2e9)
				ck_assert_double_eq_tol(c, 0.7672, 5e-5);
		}
}
END_TEST

/*
 * The GPU sets the pace, a share of a rested run with reading and the rest with
 * products, up to reading alone: with T = m + p / c and F, B in it
 *
 *     c^2 F + w B = K T,    so    F c^3 + (w B - K m) c - K p = 0
 */
START_TEST(a_busy_gpu_settles_where_its_cubic_says)
{
	size_t limited = 0, below = 0;

	for (double memory = 0.0; memory < 0.995; memory += 0.01)
		for (double both = 0.0; both <= 1.0; both += 0.25) {
			struct toy t = { .memory_s = memory,
					 .product_s = 1.0 - memory };
			double root[3], c;
			int n;

			t.flop = t.product_s * 1e12;
			/* products read as well, at some of that rate */
			t.bytes = (memory + both * t.product_s) * 8e9;
			n = gsl_poly_solve_cubic(
				0.0, (50.0 * t.bytes - LIMIT * memory) /
					     t.flop,
				-LIMIT * t.product_s / t.flop, &root[0],
				&root[1], &root[2]);
			c = fmin(1.0, root[n - 1]);
			ck_assert_double_eq_tol(settled(&counting, &t), c,
						2.0 * POWER_LIMIT_TOLERANCE);
			ck_assert_double_ge(c, power_limit_slowest(&counting));
			limited += c < 1.0;
			below += c < power_limit_least(&counting) - 1e-9;
		}
	ck_assert_uint_gt(limited, 100);
	ck_assert_uint_gt(below, 50);
}
END_TEST

/* At the clock that it allows, all of K is drawn; at a higher one, more. */
static void check_drawn(const struct hardware *hw,
			const struct power_load *per_s)
{
	double c = power_limit_allowed(hw, per_s);

	ck_assert_double_eq_tol(power_limit_log_drawn(hw, c, per_s), 0.0,
				1e-9);
	ck_assert_double_gt(power_limit_log_drawn(hw, 1.01 * c, per_s), 1e-4);
}

/* With a byte that draws nothing it is c_1 (c_1 R_0 / F)^e to the last bit. */
START_TEST(without_bytes_it_is_the_law_of_products)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);

	gsl_rng_set(rng, SEED + 3);
	for (size_t i = 0; i < CASES; i++) {
		double e = random_case_log(rng, 0.01, 16.0);
		double least = 0.1 + 0.9 * gsl_rng_uniform(rng);
		struct hardware hw = {
			.flop_per_s = random_case_log(rng, 1e12, 1e16),
			.gemm_derate = 0.3 + 0.7 * gsl_rng_uniform(rng),
			.hbm_bytes_per_s = 1e12, .hbm_derate = 1.0 };
		struct power_load per_s = {
			.flop = random_case_log(rng, 1e10, 1e16),
			.bytes = random_case_log(rng, 1e6, 1e13) };

		hw.gemm_sustained_derate = least * hw.gemm_derate;
		least = hw.gemm_sustained_derate / hw.gemm_derate;
		hw.clock_exponent = i % 2 == 0 ? 0.0 : e;
		e = i % 2 == 0 ? 0.5 : e;
		ck_assert_double_eq(power_limit_allowed(&hw, &per_s),
				    least * pow(least *
					hardware_gemm_flop_per_s(&hw) /
					per_s.flop, e));
		ck_assert_double_eq(power_limit_slowest(&hw), least);
		check_drawn(&hw, &per_s);
		/* and K is what products alone draw: c_1^(1/e) c_1 R_0 */
		hw.byte_flop = 100.0;
		per_s.bytes = 0.25 / 100.0 * pow(least, 1.0 / e) * least *
			      hardware_gemm_flop_per_s(&hw);
		ck_assert_double_eq_tol(
			log(power_limit_allowed(&hw, &per_s)),
			log(least) + e * log(0.75 * least *
				hardware_gemm_flop_per_s(&hw) / per_s.flop),
			1e-9 * (1.0 + 16.0 * e));
		check_drawn(&hw, &per_s);
	}
	gsl_rng_free(rng);
}
END_TEST

/* Memory that would take all of the limit by itself. */
START_TEST(what_no_clock_allows_has_the_slowest)
{
	struct toy t = { .link_s = 1.0, .product_s = 1e-4, .flop = 1e8,
			 .bytes = 0.9999 * LIMIT / 50.0 };
	struct power_load none = { 0.0, 8e9 }, full = { 1.0, LIMIT / 49.0 };
	struct hardware hw = counting;

	hw.hbm_bytes_per_s = 1e12;
	ck_assert_double_eq(power_limit_slowest(&hw), POWER_LIMIT_SLOWEST);
	ck_assert_double_eq_tol(settled(&hw, &t), sqrt(0.512),
				2.0 * POWER_LIMIT_TOLERANCE);
	ck_assert_double_eq(power_limit_allowed(&hw, &full), 0.0);
	ck_assert(isinf(power_limit_allowed(&hw, &none)));
	/* 50 / 49 of K by memory alone, whatever the clock */
	ck_assert_double_eq_tol(power_limit_log_drawn(&hw, 1e-9, &full),
				log(50.0 / 49.0), 1e-12);
	/* the least clock and exponent: c_1^g is no number */
	hw.gemm_sustained_derate = 1e-4;
	hw.clock_exponent = 0.01;
	ck_assert(isfinite(power_limit_log_drawn(&hw, 0.01, &full)));
	hw.byte_flop = 0.0;
	ck_assert(isfinite(power_limit_log_drawn(&hw, 0.01, &full)));
	ck_assert_double_eq(power_limit_slowest(&hw), POWER_LIMIT_SLOWEST);
	hw = counting;
	hw.hbm_bytes_per_s = 1e12;
	t.bytes = LIMIT / 49.0;
	ck_assert_double_eq(settled(&hw, &t), POWER_LIMIT_SLOWEST);
}
END_TEST

static const struct policy *row(void)
{
	const struct policy *p;
	struct diag d;

	ck_assert_int_eq(policy_find("kvpr-row", &p, &d), STATUS_OK);
	return p;
}

/* Link and products near one another, and a limit. */
static struct random_case draw(gsl_rng *rng, size_t prompt, bool curves)
{
	struct random_case c = random_case_draw(rng);
	double tokens;

	c.w.prompt = random_case_size(rng, prompt / 2, prompt);
	c.w.gen = random_case_size(rng, 2, 4);
	c.w.batch = random_case_size(rng, 8, 64);
	c.w.num_batches = 1;
	c.w.kv = c.w.activations = c.w.weights = ELEMENT_FP16;
	c.model.kv_heads = c.model.heads;
	c.model.hidden = llm_kv_width(&c.model);
	c.hw.memory_bytes = 1e18;
	c.hw.host_memory_bytes = 0.0;
	/* a token's KV against its recomputation */
	tokens = c.hw.gemm_derate * c.hw.flop_per_s /
		 ((double)c.model.hidden * c.hw.h2d.bytes_per_s);
	c.hw.flop_per_s *= random_case_log(rng, 0.7, 6.0) / tokens;
	c.hw.hbm_bytes_per_s = 1e3 * c.hw.h2d.bytes_per_s;
	/* where bytes count, memory can take up to a third of the limit */
	if (gsl_rng_uniform_int(rng, 2) == 1)
		c.hw.byte_flop = 0.3 * gsl_rng_uniform(rng) *
				 hardware_gemm_flop_per_s(&c.hw) /
				 hardware_hbm_bytes_per_s(&c.hw);
	c.hw.gemm_sustained_derate = c.hw.gemm_derate *
				     (0.5 + 0.4 * gsl_rng_uniform(rng));
	if (curves)
		random_calibration_draw(rng, &c.hw);
	return c;
}

static struct plan make_plan(const struct random_case *c,
			     const struct hardware *hw)
{
	const struct planner_options open = { .without_glpk = true };
	struct plan plan;
	struct diag d = { "" };

	ck_assert_msg(planner_plan(&c->model, &c->w, hw, row(), &open, &plan,
				   &d) == STATUS_OK, "%s", d.text);
	return plan;
}

static void set_splits(struct plan *plan, const struct random_case *c,
		       size_t l)
{
	for (size_t i = 0; i < plan->steps; i++) {
		size_t limit = plan_split_limit(plan, &c->w, i);

		plan->split[i] = l < limit ? l : limit;
	}
}

/*
 * Each split settles at a clock of its own; none is faster than the planner's
 * by more than 0.2 %, a fifth of what counts as good.
 */
START_TEST(no_split_at_its_own_clock_is_better)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t limited = 0, moved = 0;

	gsl_rng_set(rng, SEED);
	for (size_t i = 0; i < CASES; i++) {
		struct random_case c = draw(rng, 300, i % 3 == 0);
		struct hardware unlimited = c.hw;
		struct plan plan = make_plan(&c, &c.hw), full;
		double t = pace_step_s(&c.model, &c.w, &c.hw, &plan), full_s;
		struct hardware at = pace_machine(&c.model, &c.w, &c.hw,
						  &plan);
		double least_s = t;

		unlimited.gemm_sustained_derate = 0.0;
		full = make_plan(&c, &unlimited);
		full_s = pace_step_s(&c.model, &c.w, &c.hw, &full);
		if (at.gemm_derate < c.hw.gemm_derate) {
			limited++;
			moved += full_s > 1.01 * t;
		} else {
			ck_assert_uint_eq(plan.split[0], full.split[0]);
		}
		for (size_t l = 0; l <= c.w.prompt; l++) {
			set_splits(&full, &c, l);
			least_s = fmin(least_s, pace_step_s(&c.model, &c.w,
							    &c.hw, &full));
		}
		ck_assert_double_le(t, 1.002 * least_s);
		plan_clear(&plan);
		plan_clear(&full);
		hardware_clear(&c.hw);
	}
	ck_assert_uint_ge(limited, CASES / 3);
	ck_assert_uint_ge(moved, CASES / 10);
	gsl_rng_free(rng);
}
END_TEST

/*
 * Splits are whole and curves have steps, so that the best plan jumps at some
 * clocks; a faster link or GPU still makes for no slower one.
 */
START_TEST(a_better_machine_is_no_slower)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t limited = 0;

	gsl_rng_set(rng, SEED + 2);
	for (size_t i = 0; i < CASES; i++) {
		struct random_case c = draw(rng, 300, i % 2 == 0);
		double *rate = i % 4 < 2 ? &c.hw.h2d.bytes_per_s
					 : &c.hw.gemm_sustained_derate;
		double before = INFINITY;

		for (size_t k = 0; k < 16; k++, *rate *= 1.013) {
			struct plan plan = make_plan(&c, &c.hw);
			double t = pace_step_s(&c.model, &c.w, &c.hw, &plan);
			struct hardware at = pace_machine(&c.model, &c.w,
							  &c.hw, &plan);

			ck_assert_msg(t <= before * (1.0 + SETTLED),
				      "case %zu, %zu: %.9g after %.9g", i, k,
				      t, before);
			before = t;
			limited += at.gemm_derate < c.hw.gemm_derate;
			plan_clear(&plan);
		}
		hardware_clear(&c.hw);
	}
	ck_assert_uint_ge(limited, CASES);
	gsl_rng_free(rng);
}
END_TEST

static double simulate(const struct random_case *c, const struct plan *plan,
		       double *clock)
{
	struct graph *g = policy_graph(plan, &c->model, &c->w, &c->hw,
				       SPAN_STEP);
	struct run_options options = run_whole(plan);
	struct run_result r;
	struct diag d;

	ck_assert_int_eq(clock_run(g, &c->w, plan, &c->hw, &options, clock,
				   &r, &d), STATUS_OK);
	graph_free(g);
	return r.makespan_s;
}

/* The simulator finds the same: clock, time and which split is the best. */
START_TEST(the_simulator_has_its_best_where_the_planner_does)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t limited = 0;

	gsl_rng_set(rng, SEED + 1);
	for (size_t i = 0; i < SIMULATED; i++) {
		struct random_case c = draw(rng, 120, i % 3 == 0);
		struct plan plan;
		struct hardware at;
		double t, clock, least_s, unused;

		c.model.layers = 40;	/* so that ends count little */
		c.w.gen = 4;
		c.model.vocab = 8;
		plan = make_plan(&c, &c.hw);
		at = pace_machine(&c.model, &c.w, &c.hw, &plan);
		t = least_s = simulate(&c, &plan, &clock);
		ck_assert_double_eq_tol(clock,
					at.gemm_derate / c.hw.gemm_derate,
					0.02);
		ck_assert_double_eq_tol(
			pace_step_s(&c.model, &c.w, &c.hw, &plan) *
				(double)plan.steps, t, 0.03 * t);
		limited += clock < 1.0;
		for (size_t l = 0; l <= c.w.prompt; l += 2) {
			set_splits(&plan, &c, l);
			least_s = fmin(least_s, simulate(&c, &plan, &unused));
		}
		ck_assert_double_le(t, 1.01 * least_s);
		plan_clear(&plan);
		hardware_clear(&c.hw);
	}
	ck_assert_uint_ge(limited, SIMULATED / 4);
	gsl_rng_free(rng);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("model/power_limit");
	TCase *tc = tcase_create("all");

	tcase_set_timeout(tc, 100);
	tcase_add_test(tc, the_clock_has_its_closed_form);
	tcase_add_test(tc, memory_takes_its_part_of_the_limit);
	tcase_add_test(tc, a_busy_gpu_settles_where_its_cubic_says);
	tcase_add_test(tc, without_bytes_it_is_the_law_of_products);
	tcase_add_test(tc, what_no_clock_allows_has_the_slowest);
	tcase_add_test(tc, no_split_at_its_own_clock_is_better);
	tcase_add_test(tc, a_better_machine_is_no_slower);
	tcase_add_test(tc, the_simulator_has_its_best_where_the_planner_does);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
