/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_rng.h>

#include "lp/certificate.h"
#include "lp/period.h"
#include "lp/planner.h"
#include "schedule/bound.h"
#include "tests/harness.h"

enum { CASES = 200 };

/* Something to plan, drawn at random around real machines. */
struct subject {
	struct llm m;
	struct hardware hw;
	struct workload w;
	struct plan plan;
	size_t step;
};

static double log_uniform(gsl_rng *r, double low, double high)
{
	return low * pow(high / low, gsl_rng_uniform(r));
}

static void plan_subject(struct subject *s,
			 const struct planner_options *options)
{
	const struct policy *policy;
	struct diag d = { "" };

	ck_assert_int_eq(policy_find("kvpr-row", &policy, &d), STATUS_OK);
	ck_assert_msg(planner_plan(&s->m, &s->w, &s->hw, policy, options,
				   &s->plan, &d) == STATUS_OK, "%s", d.text);
}

static struct subject random_subject(gsl_rng *r)
{
	static const char *const models[] = { "opt-6.7b", "opt-13b",
					      "llama-2-7b", "llama-3.1-8b" };
	const struct planner_options options = {
		.program = PROGRAM_PERIOD,
		.whole_sequence = gsl_rng_uniform_int(r, 2) == 1,
	};
	struct subject s = {
		.m = harness_model(models[gsl_rng_uniform_int(r, 4)]),
		.hw = harness_hardware("a100-40gb-pcie4"),
		.w = harness_workload(1 + gsl_rng_uniform_int(r, 64),
				      16 + gsl_rng_uniform_int(r, 400), 4),
		.step = gsl_rng_uniform_int(r, 3),
	};

	s.hw.memory_bytes = 1e12;
	s.hw.flop_per_s = log_uniform(r, 3e13, 3e15);
	s.hw.h2d.bytes_per_s = log_uniform(r, 8e9, 4e11);
	s.hw.hbm_bytes_per_s = log_uniform(r, 5e11, 8e12);
	s.hw.duplex_bytes_per_s = gsl_rng_uniform_int(r, 2) == 0 ? 0.0 :
		s.hw.h2d.bytes_per_s * (1.0 + gsl_rng_uniform(r));
	s.hw.event_s = 0.3 * s.hw.launch_s;
	s.hw.handoff_s = gsl_rng_uniform(r) < 0.5 ? 0.0 :
		log_uniform(r, 1e-6, 1e-4);
	plan_subject(&s, &options);
	return s;
}

static double period_between(const struct subject *s,
			     const struct hardware *hw, size_t low,
			     size_t high)
{
	struct graph *g = s->plan.policy->build(&s->m, &s->w, &s->plan,
						SPAN_LAYER);
	struct period p;
	struct diag d;
	double t;

	ck_assert_int_eq(period_solve(g, hw,
				      (double)workload_cached(&s->w, s->step),
				      (double)low, (double)high, &p, &d),
			 STATUS_OK);
	t = p.period_s;
	period_clear(&p);
	graph_free(g);
	return t;
}

/* T at split `l`, or over all splits for l = SIZE_MAX. */
static double period(const struct subject *s, const struct hardware *hw,
		     size_t l)
{
	size_t limit = plan_split_limit(&s->plan, &s->w, s->step);

	if (l != SIZE_MAX)
		return period_between(s, hw, l, l);
	return period_between(s, hw, 0, limit);
}

/*
 * dT/d figure by difference quotients on either side: where the critical
 * cycle changes there are two slopes, and any value between them is right.
 */
static void check_worth(const struct subject *s, const struct certificate *c,
			size_t *checked)
{
	size_t n;
	const struct figure *fields = hardware_fields(&n);
	/* at an end, where a copy falls away, the split stays */
	bool end = c->split == 0 || c->split == c->cached;
	size_t l = end ? c->split : SIZE_MAX;
	double t = period(s, &s->hw, l);

	for (size_t i = 0; i < n; i++) {
		struct hardware more = s->hw, less = s->hw;
		double step = 1e-4 * *hardware_figure(&more, &fields[i]);
		double up, down, slack;

		if (step == 0.0)
			continue;
		*hardware_figure(&more, &fields[i]) += step;
		*hardware_figure(&less, &fields[i]) -= step;
		up = (period(s, &more, l) - t) / step;
		down = (t - period(s, &less, l)) / step;
		/* curvature: 1e-4 of the slope; rounding: 1e-12 of T */
		slack = 1e-3 * (fabs(up) + fabs(down)) + 1e-9 * t / step;
		ck_assert_double_ge(c->worth[i], fmin(up, down) - slack);
		ck_assert_double_le(c->worth[i], fmax(up, down) + slack);
		*checked += c->worth[i] != 0.0;
	}
}

static void check_interval(const struct subject *s,
			   const struct certificate *c)
{
	size_t limit = plan_split_limit(&s->plan, &s->w, s->step);
	double most = 1.01 * c->layer_s;

	ck_assert_uint_le(c->split_low, c->split);
	ck_assert_uint_ge(c->split_high, c->split);
	ck_assert_double_le(period(s, &s->hw, c->split_low), most);
	ck_assert_double_le(period(s, &s->hw, c->split_high), most);
	if (c->split_low > 0)
		ck_assert_double_gt(period(s, &s->hw, c->split_low - 1),
				    most);
	if (c->split_high < limit)
		ck_assert_double_gt(period(s, &s->hw, c->split_high + 1),
				    most);
}

/* The floor by brute force, and that the plan's split is the best. */
static void check_optimum(const struct subject *s,
			  const struct certificate *c)
{
	size_t limit = plan_split_limit(&s->plan, &s->w, s->step);
	double cached = (double)workload_cached(&s->w, s->step);
	struct graph *g = s->plan.policy->build(&s->m, &s->w, &s->plan,
						SPAN_LAYER);
	double least = INFINITY, floor_s = INFINITY;

	for (size_t l = 0; l <= limit; l++) {
		least = fmin(least, period(s, &s->hw, l));
		floor_s = fmin(floor_s,
			       bound_step(g, &s->hw, cached, (double)l));
	}
	graph_free(g);
	ck_assert_double_eq_tol(c->layer_s / least, 1.0, 1e-8);
	ck_assert_double_eq_tol(c->lower_bound_s / floor_s, 1.0, 1e-12);
	ck_assert_double_ge(c->layer_s, floor_s * (1.0 - 1e-9));
	ck_assert_double_ge(c->paper_regret_pct, -1e-6);
}

START_TEST(certificate_holds_on_random_cases)
{
	gsl_rng *r = gsl_rng_alloc(gsl_rng_mt19937);
	size_t cases = 0, worths = 0, inner = 0;

	gsl_rng_set(r, 77);
	for (; cases < CASES; cases++) {
		struct subject s = random_subject(r);
		struct certificate c;
		double share;
		struct diag d;

		ck_assert_int_eq(certificate_make(&s.m, &s.w, &s.hw, &s.plan,
						  s.step, true, &c, &d),
				 STATUS_OK);
		check_worth(&s, &c, &worths);
		check_interval(&s, &c);
		if (cases % 10 == 0)
			check_optimum(&s, &c);
		share = c.shared_share[BOUND_COPIES] +
			c.shared_share[BOUND_MEMORY] + c.handoff_share;
		for (int i = 0; i < OP_COUNT; i++)
			share += c.cycle_share[i];
		ck_assert_double_eq_tol(share, 1.0, 1e-6);
		inner += c.split > 0 &&
			 c.split < plan_split_limit(&s.plan, &s.w, s.step);
		plan_clear(&s.plan);
	}
	ck_assert_uint_eq(cases, CASES);
	ck_assert_uint_gt(worths, CASES);
	ck_assert_uint_gt(inner, CASES / 10);
	gsl_rng_free(r);
}
END_TEST

static double best_period(struct subject *s)
{
	return period(s, &s->hw, SIZE_MAX);
}

/* More of anything never slows a plan. */
START_TEST(better_hardware_is_never_slower)
{
	gsl_rng *r = gsl_rng_alloc(gsl_rng_mt19937);
	size_t cases = 0;

	gsl_rng_set(r, 99);
	for (; cases < CASES; cases++) {
		struct subject s = random_subject(r);
		double before = best_period(&s);
		double factor = 1.0 + gsl_rng_uniform(r);

		switch (gsl_rng_uniform_int(r, 3)) {
		case 0:
			s.hw.h2d.bytes_per_s *= factor;
			break;
		case 1:
			s.hw.flop_per_s *= factor;
			break;
		case 2:
			s.hw.hbm_bytes_per_s *= factor;
			break;
		}
		ck_assert_double_le(best_period(&s), before * (1.0 + 1e-9));
		plan_clear(&s.plan);
	}
	ck_assert_uint_eq(cases, CASES);
	gsl_rng_free(r);
}
END_TEST

static size_t planned_split(double h2d, double flop)
{
	const struct planner_options options = { .program = PROGRAM_PERIOD };
	struct subject s = {
		.m = harness_model("opt-6.7b"),
		.hw = harness_hardware("a100-40gb-pcie4"),
		.w = harness_workload(64, 512, 2),
	};
	size_t split;

	s.hw.memory_bytes = 1e12;
	s.hw.h2d.bytes_per_s = h2d;
	s.hw.flop_per_s = flop;
	plan_subject(&s, &options);
	split = s.plan.split[0];
	plan_clear(&s.plan);
	return split;
}

/*
 * l moves towards 0 as the link speeds up and towards s as the GPU does.
 * Past a point the link is so fast that the GPU's own work binds, and 0 it
 * is; with a slow link all of the prompt is recomputed.
 */
START_TEST(split_follows_the_hardware)
{
	size_t last = SIZE_MAX;

	for (double h2d = 4e9; h2d < 2e12; h2d *= 1.3) {
		size_t l = planned_split(h2d, 312e12);

		ck_assert_uint_le(l, last);
		last = l;
	}
	ck_assert_uint_eq(planned_split(4e9, 312e12), 512);
	ck_assert_uint_eq(last, 0);
	last = 0;
	for (double flop = 1e13; flop < 1e17; flop *= 1.7) {
		size_t l = planned_split(26e9, flop);

		ck_assert_uint_ge(l, last);
		last = l;
	}
	ck_assert_uint_eq(last, 512);
}
END_TEST

/*
 * With loads that run ahead and h v_com small against v_gpu the whole cache
 * is recomputed, and the certificate says what the row formula would lose:
 * the link sends X of everything, b h p s', where the formula's split l
 * leaves b h p (l + 2 (s' - l)).
 */
START_TEST(row_formula_loses_when_loads_run_ahead)
{
	const struct planner_options options = { .program = PROGRAM_PERIOD,
						 .whole_sequence = true };
	struct subject s = {
		.m = harness_model("opt-6.7b"),
		.hw = harness_hardware("a100-40gb-pcie4"),
		.w = harness_workload(64, 512, 2),
	};
	struct certificate c;
	double sent, l;
	struct diag d;

	s.hw.memory_bytes = 1e12;
	s.hw.h2d.latency_s = 0.0;
	plan_subject(&s, &options);
	ck_assert_int_eq(certificate_make(&s.m, &s.w, &s.hw, &s.plan, 0, true,
					  &c, &d), STATUS_OK);
	ck_assert_uint_eq(c.split, 512);
	/* 512 / (1 + 4096 * 26e9 / (0.86 * 312e12)) = 366.5 */
	ck_assert(c.paper_split == 366 || c.paper_split == 367);
	l = (double)c.paper_split;
	sent = 64.0 * 4096.0 * 2.0 * (l + 2.0 * (512.0 - l));
	ck_assert_double_eq_tol(c.paper_regret_pct,
				100.0 * (sent / 26e9 / c.layer_s - 1.0),
				1e-6);
	ck_assert_double_gt(c.paper_regret_pct, 25.0);
	ck_assert_int_eq(c.bound, ENGINE_H2D);
	ck_assert_double_eq_tol(c.cycle_share[OP_LOAD_ACTIVATION], 1.0,
				1e-9);
	plan_clear(&s.plan);
}
END_TEST

/*
 * Behind a slow link a layer of three batches takes what its KV takes: what
 * of it stays on the GPU need not be sent.  512 tokens of the 515 that there
 * will be are sent in step 0; a layer's part of the memory is a 32nd.
 */
START_TEST(memory_is_worth_what_it_keeps_off_the_link)
{
	static const char *const names[] = { "load-all", "kvpr-row",
					     "offloaded-cache" };
	static const double shares[] = { 0.0, 0.3, 1.0 };
	size_t split[3] = { 0 };
	struct subject s = {
		.m = harness_model("opt-6.7b"),
		.hw = harness_hardware("a100-40gb-pcie4"),
		.w = harness_workload(64, 512, 4),
	};

	s.w.num_batches = 3;
	s.hw.h2d.bytes_per_s = 2e9;
	s.hw.d2h.bytes_per_s = 2e12;	/* offloaded-cache stores it all */
	s.hw.duplex_bytes_per_s = 0.0;
	for (size_t i = 0; i < 9; i++) {
		struct plan plan = { .steps = 3, .split = split };
		double worth = -512.0 / 515.0 / 32.0 / 2e9;
		struct certificate c;
		struct diag d = { "" };

		ck_assert_int_eq(policy_find(names[i / 3], &plan.policy, &d),
				 STATUS_OK);
		plan.decision[DECISION_PREFETCH] = 1;
		plan.decision[DECISION_WEIGHTS_ON_GPU] = 1;
		plan.decision[DECISION_CACHE_ON_GPU] = shares[i % 3];
		ck_assert_int_eq(certificate_make(&s.m, &s.w, &s.hw, &plan, 0,
						  false, &c, &d), STATUS_OK);
		/* 32 * 3 slots of 515 tokens, 64 * 2 * 4096 * 2 B each */
		ck_assert_double_eq(c.cache_bytes, 96.0 * 515.0 * 1048576.0);
		if (i / 3 == 2 || i % 3 == 2)	/* all there, or none ever */
			worth = 0.0;
		else if (i / 3 == 1)		/* it recomputes instead */
			worth *= 0.5;
		ck_assert_double_eq_tol(c.memory_worth, worth,
					1e-6 * fabs(worth) + 1e-30);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("lp/certificate");
	TCase *tc = tcase_create("all");

	tcase_set_timeout(tc, 600);
	tcase_add_test(tc, certificate_holds_on_random_cases);
	tcase_add_test(tc, better_hardware_is_never_slower);
	tcase_add_test(tc, split_follows_the_hardware);
	tcase_add_test(tc, memory_is_worth_what_it_keeps_off_the_link);
	tcase_add_test(tc, row_formula_loses_when_loads_run_ahead);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
