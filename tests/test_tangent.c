/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_tangent.c - the tangents of the certificate and of sweeps, at a power
 * limit and without, held against machines that are planned anew.
 */
#include "lp/tangent.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lp/certificate.h"
#include "lp/pace.h"
#include "lp/planner.h"
#include "model/power_limit.h"
#include "tests/harness.h"
#include "tests/random_case.h"
#include "tests/sweep_subject.h"

enum { CASES = 60, SEED = 15485863 };

/* A change of a figure that is many tokens and many tolerances of a clock, */
#define CHANGE 0.02

/* and what those leave of it: a token of 2000, and a clock to 1e-4. */
#define SAWTOOTH ((1.0 / 2000.0 + POWER_LIMIT_TOLERANCE) / CHANGE)

struct subject {
	struct llm m;
	struct hardware hw;
	struct workload w;
};

static struct subject draw(gsl_rng *rng)
{
	static const char *const models[] = { "opt-6.7b", "opt-13b",
					      "opt-30b" };
	struct subject s = {
		.m = harness_model(models[gsl_rng_uniform_int(rng, 3)]),
		.hw = harness_hardware("h200"),
		.w = harness_workload(random_case_size(rng, 4, 32),
				      random_case_size(rng, 2000, 4000), 2),
	};

	s.hw.memory_bytes = s.hw.host_memory_bytes = 1e15;
	s.hw.flop_per_s *= random_case_log(rng, 0.3, 3.0);
	s.hw.gemm_sustained_derate = s.hw.gemm_derate *
				     random_case_log(rng, 0.6, 1.0);
	if (gsl_rng_uniform(rng) < 0.5)
		s.hw.clock_exponent = random_case_log(rng, 0.2, 1.0);
	if (gsl_rng_uniform(rng) < 0.2)
		s.hw.gemm_sustained_derate = 0.0;
	if (gsl_rng_uniform(rng) < 0.5)
		s.hw.byte_flop = random_case_log(rng, 20.0, 200.0);
	return s;
}

static struct plan make_plan(const struct subject *s,
			     const struct hardware *hw)
{
	const struct planner_options open = { .without_glpk = true };
	const struct policy *policy;
	struct plan plan;
	struct diag d = { "" };

	ck_assert_int_eq(policy_find("kvpr-row", &policy, &d), STATUS_OK);
	ck_assert_msg(planner_plan(&s->m, &s->w, hw, policy, &open, &plan,
				   &d) == STATUS_OK, "%s", d.text);
	return plan;
}

/* ln T, planned anew where the figure is `factor` times what it was. */
static double planned(const struct subject *s,
		      const struct figure *f, double factor)
{
	struct hardware hw = s->hw;
	struct plan plan;
	double t;

	*hardware_figure(&hw, f) *= factor;
	plan = make_plan(s, &hw);
	t = pace_layer_s(&s->m, &s->w, &hw, &plan, 0);
	plan_clear(&plan);
	return log(t);
}

/* Between the slopes to the left and right, as it may lie at a kink. */
static void check_figure(const struct subject *s,
			 const struct certificate *c,
			 const struct figure *f, double value,
			 double worth)
{
	double e = worth * value / c->layer_s, by = log1p(CHANGE);
	double now = planned(s, f, 1.0);
	double right = (planned(s, f, 1.0 + CHANGE) - now) / by;
	double left = (now - planned(s, f, 1.0 / (1.0 + CHANGE))) / by;

	ck_assert_msg(e >= fmin(left, right) - SAWTOOTH &&
		      e <= fmax(left, right) + SAWTOOTH,
		      "%s: %g, but %g to the left and %g to the right, at the "
		      "clock %g", f->path, e, left, right, c->clock);
}

/*
 * Latencies less rates.  The limit is a share, and what a byte draws is in
 * FLOP: neither is a rate.
 */
static double euler_sum(const struct certificate *c)
{
	size_t n;
	const struct figure *fields = hardware_fields(&n);
	double sum = 0.0;

	for (size_t i = 0; i < n; i++)
		if (fields[i].quantity == QUANTITY_SECONDS)
			sum += c->worth[i] * c->figure[i] / c->layer_s;
		else if (fields[i].quantity != QUANTITY_NUMBER)
			sum -= c->worth[i] * c->figure[i] / c->layer_s;
	return sum;
}

static void check_case(const struct subject *s, const struct certificate *c)
{
	size_t n;
	const struct figure *fields = hardware_fields(&n);
	bool limited = c->clock < 1.0;
	bool moves = c->clock > 1.001 * power_limit_slowest(&s->hw);

	ck_assert_double_eq_tol(euler_sum(c), 1.0, 1e-3);
	for (size_t i = 0; i < n; i++) {
		const char *path = fields[i].path;

		/* its FLOP are what a byte is weighed in */
		if (limited && moves &&
		    strcmp(path, "gpu.gemm_derate") == 0) {
			ck_assert_double_ge(c->worth[i], 0.0);
			ck_assert(s->hw.byte_flop > 0.0 ||
				  !(c->worth[i] > 0.0));
		}
		if (!limited &&
		    (strcmp(path, "gpu.gemm_sustained_derate") == 0 ||
		     strcmp(path, "gpu.clock_exponent") == 0 ||
		     strcmp(path, "gpu.byte_flop") == 0))
			ck_assert_double_eq(c->worth[i], 0.0);
		if (strcmp(path, "gpu.flop_per_s") == 0 ||
		    strcmp(path, "gpu.gemm_derate") == 0 ||
		    (strcmp(path, "gpu.gemm_sustained_derate") == 0 &&
		     c->figure[i] > 0.0) ||
		    (strcmp(path, "gpu.clock_exponent") == 0 &&
		     c->figure[i] > 0.0) ||
		    (strcmp(path, "gpu.byte_flop") == 0 &&
		     c->figure[i] > 0.0) ||
		    strcmp(path, "gpu.hbm_bytes_per_s") == 0 ||
		    strcmp(path, "link.h2d.bytes_per_s") == 0)
			check_figure(s, c, &fields[i], c->figure[i],
				     c->worth[i]);
	}
}

START_TEST(tangents_are_slopes_of_what_is_planned_anew)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t limited = 0, moving = 0, bytes = 0;

	gsl_rng_set(rng, SEED);
	for (size_t i = 0; i < CASES; i++) {
		struct subject s = draw(rng);
		struct plan plan = make_plan(&s, &s.hw);
		struct certificate c;
		struct diag d = { "" };

		ck_assert_msg(certificate_make(&s.m, &s.w, &s.hw, &plan, 0,
					       true, &c, &d) == STATUS_OK,
			      "%s", d.text);
		check_case(&s, &c);
		limited += c.clock < 1.0;
		bytes += c.clock < 1.0 && s.hw.byte_flop > 0.0;
		moving += c.clock < 1.0 &&
			  c.clock > 1.001 * power_limit_slowest(&s.hw) &&
			  c.split > 0 && c.split < c.cached;
		plan_clear(&plan);
	}
	ck_assert_uint_ge(limited, CASES / 3);
	ck_assert_uint_le(limited, CASES - CASES / 4);
	ck_assert_uint_ge(moving, CASES / 4);
	ck_assert_uint_ge(bytes, CASES / 6);
	gsl_rng_free(rng);
}
END_TEST

/*
 * Where memory draws nearly all that the limit allows, a clock a step higher is
 * not allowed at all.  The clocks are from the slowest there is to the full
 * one.  Far below any GPU's, where they are found to 1e-5 of themselves, the
 * limit is too steep for elasticities to sum to 1.
 */
START_TEST(tangents_are_finite_where_memory_draws_it_all)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t slowest = 0, slow = 0;

	gsl_rng_set(rng, SEED + 1);
	for (size_t i = 0; i < CASES; i++) {
		struct subject s = draw(rng);
		struct certificate c;
		struct diag d = { "" };
		struct plan plan;
		size_t n;

		s.hw.gemm_sustained_derate = 0.8 * s.hw.gemm_derate;
		s.hw.byte_flop = random_case_log(rng, 300.0, 1e4);
		plan = make_plan(&s, &s.hw);
		ck_assert_msg(certificate_make(&s.m, &s.w, &s.hw, &plan, 0,
					       true, &c, &d) == STATUS_OK,
			      "%s", d.text);
		hardware_fields(&n);
		for (size_t k = 0; k < n; k++)
			ck_assert(isfinite(c.worth[k]));
		if (c.clock > 0.2)
			ck_assert_double_eq_tol(euler_sum(&c), 1.0, 5e-3);
		slowest += c.clock <= power_limit_slowest(&s.hw);
		slow += c.clock < 0.5;
		plan_clear(&plan);
	}
	ck_assert_uint_ge(slowest, CASES / 10);
	ck_assert_uint_ge(slow - slowest, CASES / 10);
	gsl_rng_free(rng);
}
END_TEST

/*
 * A sweep's are those of the certificate, with the split between its limits, at
 * a power limit and without.  Both are worked by hand in doc/VALIDATION.md.
 */
START_TEST(worths_of_a_sweep_are_those_of_the_certificate)
{
	static const char *const axes[][2] = { { "batch=64" }, { "batch=4" } };
	static const char *const cases[][8] = {
		{ "model=opt-6.7b", "hardware=t4", "prompt=128", "gen=128" },
		{ "model=opt-13b", "hardware=h200", "prompt=1024", "gen=2",
		  "set=gpu.memory_bytes=9TB", "set=host.memory_bytes=9TB",
		  "set=gpu.gemm_sustained_derate=0.6" },
	};
	static const char *const by_hand[] = { "gpu.flop_per_s",
					       "link.h2d.bytes_per_s" };
	static const double found[][2] = { { -0.282, -0.656 },
					   { -0.4166, -0.4843 } };
	static const double clock[] = { 1.0, 0.8585 };

	for (size_t i = 0; i < 2; i++) {
		struct sweep_subject sweep = { .sweep = sweep_new() };
		size_t n, limit;
		const struct figure *fields = hardware_fields(&n);
		struct sweep_result r;
		struct certificate c;
		struct subject s;
		struct plan plan;
		struct diag d;

		sweep_subject_make(&sweep, cases[i], axes[i], "step_s,worth");
		r = sweep_subject_at(&sweep, 0);
		s = (struct subject){ .m = *r.model, .w = r.w, .hw =
				      sweep.sweep.machines[0].hardware };
		plan = make_plan(&s, &s.hw);
		ck_assert_int_eq(certificate_make(&s.m, &s.w, &s.hw, &plan,
						  plan.steps / 2, true, &c,
						  &d), STATUS_OK);
		limit = plan_split_limit(&plan, &s.w, c.step);
		ck_assert(c.split > 0 && c.split < limit);
		ck_assert_double_eq_tol(c.clock, clock[i], 1e-3);
		for (size_t k = 0; k < n; k++)
			if (c.figure[k] > 0.0 &&
			    fields[k].quantity != QUANTITY_BYTES)
				ck_assert_double_eq_tol(
					r.worth[k], c.worth[k] * c.figure[k] /
							    c.layer_s, 1e-9);
			else if (strcmp(fields[k].path,
					"link.duplex_bytes_per_s") == 0)
				ck_assert(isnan(r.worth[k]));
		for (size_t k = 0; k < 2 * n; k++)
			if (strcmp(fields[k / 2].path, by_hand[k % 2]) == 0)
				ck_assert_double_eq_tol(r.worth[k / 2],
							found[i][k % 2],
							5e-4);
		plan_clear(&plan);
		sweep_subject_clear(&sweep);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("lp/tangent");
	TCase *tc = tcase_create("all");

	tcase_set_timeout(tc, 100);
	tcase_add_test(tc, tangents_are_slopes_of_what_is_planned_anew);
	tcase_add_test(tc, tangents_are_finite_where_memory_draws_it_all);
	tcase_add_test(tc, worths_of_a_sweep_are_those_of_the_certificate);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
