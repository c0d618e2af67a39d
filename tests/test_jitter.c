/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/jitter.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>

#include "base/xalloc.h"
#include "model/measured.h"
#include "tests/harness.h"
#include "tests/random_calibration.h"
#include "tests/random_case.h"
#include "tests/two_engines.h"

enum { DRAWS = 20000, SEED = 4711 };

/* In two_engines_new(2, 2, ...), the works of the first kernel and copy. */
enum { KERNEL = 0, COPY = 2 };

static struct jitter_spec spec_of(double task_sm, double task_h2d,
				  double run_sm)
{
	struct jitter_spec spec = { .task = { 0.0 } };

	spec.task[ENGINE_SM] = task_sm;
	spec.task[ENGINE_H2D] = task_h2d;
	spec.run[ENGINE_SM] = run_sm;
	return spec;
}

/* `n` factors of a source; the caller frees them. */
static double *draw(const struct two_engines *t, struct jitter_spec spec,
		    uint32_t seed, size_t replication, size_t gpu,
		    size_t work, size_t n)
{
	struct jitter *j = jitter_new(&spec, &t->of);
	double *f = xcalloc(n, sizeof *f);

	jitter_seed(j, seed, replication);
	for (size_t i = 0; i < n; i++)
		f[i] = jitter_factor(j, gpu, work, 0);
	jitter_free(j);
	return f;
}

START_TEST(specs_are_read)
{
	static const struct {
		const char *text;
		double h2d, d2h, sm, cpu, copy, issue;
	} cases[] = {
		{ "5%", 0.05, 0.05, 0.05, 0.05, 0.05, 0.05 },
		{ "0.23", 0.23, 0.23, 0.23, 0.23, 0.23, 0.23 },
		{ "h2d=3%,sm=1.5 %", 0.03, 0.0, 0.015, 0.0, 0.0, 0.0 },
		{ "2%,cpu=40%,copy=100%,issue=0", 0.02, 0.02, 0.02, 0.4, 1.0,
		  0.0 },
		{ "calibration,d2h=0", -1.0, 0.0, -1.0, -1.0, -1.0, -1.0 },
		{ "sm=calibration", 0.0, 0.0, -1.0, 0.0, 0.0, 0.0 },
	};
	const size_t n = sizeof cases / sizeof cases[0];

	for (size_t i = 0; i < n; i++) {
		const double expected[ENGINE_COUNT] = {
			[ENGINE_H2D] = cases[i].h2d,
			[ENGINE_D2H] = cases[i].d2h,
			[ENGINE_SM] = cases[i].sm,
			[ENGINE_CPU] = cases[i].cpu,
			[ENGINE_COPY] = cases[i].copy,
			[ENGINE_ISSUE] = cases[i].issue,
		};
		double spread[ENGINE_COUNT];
		struct diag d;

		ck_assert_int_eq(jitter_parse(cases[i].text, spread, &d),
				 STATUS_OK);
		for (size_t e = 0; e < ENGINE_COUNT; e++)
			ck_assert_double_eq_tol(spread[e], expected[e],
						1e-15);
		ck_assert(jitter_needs_calibration(spread) ==
			  (strstr(cases[i].text, "cal") != NULL));
	}
}
END_TEST

START_TEST(other_specs_are_refused)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{ "", "found '', expected 0 to 100 %, such as '5%', or "
		      "'calibration'" },
		{ "-3%", "found '-3%', expected 0 to 100 %, such as '5%', or "
			 "'calibration'" },
		{ "5", "found '5', expected 0 to 100 %, such as '5%', or "
		       "'calibration'" },
		{ "h2d=101%", "found '101%', expected 0 to 100 %, such as "
			      "'5%', or 'calibration'" },
		{ "sm=2%,", "found '', expected ENGINE=SPREAD after a comma" },
		{ "sm=2%,5%", "found '5%', expected ENGINE=SPREAD after a "
			      "comma" },
		{ "sm=2%,sm=3%", "found sm twice" },
		{ "h2f=2%", "found the engine 'h2f', the nearest is h2d, "
			    "expected h2d, d2h, sm, cpu, copy or issue" },
		{ "=2%", "found the engine '', expected h2d, d2h, sm, cpu, "
			 "copy or issue" },
	};
	const size_t n = sizeof cases / sizeof cases[0];

	for (size_t i = 0; i < n; i++) {
		double spread[ENGINE_COUNT] = { 2.385 };
		struct diag d;

		ck_assert_int_eq(jitter_parse(cases[i].text, spread, &d),
				 STATUS_USAGE);
		ck_assert_str_eq(d.text, cases[i].message);
		ck_assert_double_eq(spread[0], 2.385);
	}
}
END_TEST

/*
 * Kolmogorov and Smirnov: sqrt(n) times the largest distance from the
 * distribution is above 1.63 once in a hundred times.
 */
static double distance(double *f, size_t n, double spread)
{
	double s2 = log1p(spread * spread), most = 0.0;

	gsl_sort(f, 1, n);
	for (size_t i = 0; i < n; i++) {
		double p = gsl_cdf_lognormal_P(f[i], -0.5 * s2, sqrt(s2));

		most = fmax(most, fmax(p - (double)i / (double)n,
				       (double)(i + 1) / (double)n - p));
	}
	return sqrt((double)n) * most;
}

/* Mean 1, a standard deviation of the spread, and lognormal in between. */
START_TEST(factors_are_lognormal_with_mean_1)
{
	static const double spreads[] = { 0.01, 0.237, 1.0 };
	struct two_engines *t = two_engines_new(2, 2, 1, 1);

	for (size_t i = 0; i < 3; i++) {
		double c = spreads[i], se = c / sqrt((double)DRAWS);
		double *f = draw(t, spec_of(c, 0.0, 0.0), SEED, i, 0, KERNEL,
				 DRAWS);
		/* fourth moment of a lognormal, w = 1 + c^2 */
		double w = 1.0 + c * c;
		double kurtosis = w * w * w * w + 2.0 * w * w * w +
				  3.0 * w * w - 3.0;
		double se2 = sqrt((kurtosis - 1.0) / (double)DRAWS);

		ck_assert_double_eq_tol(gsl_stats_mean(f, 1, DRAWS), 1.0,
					3.0 * se);
		ck_assert_double_eq_tol(
			gsl_stats_variance(f, 1, DRAWS) / (c * c), 1.0,
			3.0 * se2);
		ck_assert_double_lt(distance(f, DRAWS, c), 1.63);
		ck_assert_double_gt(distance(f, DRAWS, 1.05 * c), 1.63);
		ck_assert_double_gt(f[0], 0.0);
		free(f);
	}
	two_engines_free(t);
}
END_TEST

START_TEST(no_spread_is_a_factor_of_exactly_1)
{
	struct two_engines *t = two_engines_new(2, 2, 1, 1);
	double *f = draw(t, spec_of(0.0, 0.5, 0.0), SEED, 7, 0, KERNEL, 100);

	for (size_t i = 0; i < 100; i++)
		ck_assert_double_eq(f[i], 1.0);
	free(f);
	two_engines_free(t);
}
END_TEST

/* What a source draws is its own affair. */
START_TEST(sources_do_not_depend_on_one_another)
{
	struct two_engines *one = two_engines_new(2, 2, 1, 1);
	struct two_engines *five = two_engines_new(2, 2, 1, 5);
	struct jitter_spec spec = spec_of(0.1, 0.0, 0.0);
	struct jitter_spec more = spec_of(0.1, 0.3, 0.0);
	double *alone = draw(one, spec, SEED, 3, 0, KERNEL, 50);
	struct jitter *j = jitter_new(&more, &five->of);

	jitter_seed(j, SEED, 3);
	for (size_t i = 0; i < 50; i++) {
		for (size_t gpu = 1; gpu < 5; gpu++)
			jitter_factor(j, gpu, KERNEL, 0);
		for (size_t k = 0; k < i; k++)
			jitter_factor(j, 0, COPY, 0);
		ck_assert_double_eq(jitter_factor(j, 0, KERNEL, 0),
				    alone[i]);
	}
	jitter_free(j);
	free(alone);
	two_engines_free(one);
	two_engines_free(five);
}
END_TEST

/*
 * Sources, replications and seeds next to one another: the correlation of n
 * independent pairs has the standard deviation 1 / sqrt(n).  Of 45 pairs one
 * is beyond 3.5 of them 2 % of the time.
 */
START_TEST(streams_are_uncorrelated)
{
	enum { STREAMS = 10 };
	static const struct {
		uint32_t seed;
		size_t replication, gpu, work;
	} of[STREAMS] = {
		{ 1, 0, 0, KERNEL }, { 1, 0, 1, KERNEL }, { 1, 0, 2, KERNEL },
		{ 1, 0, 0, COPY }, { 1, 0, 1, COPY }, { 1, 1, 0, KERNEL },
		{ 1, 2, 0, KERNEL }, { 1, 999999, 0, KERNEL },
		{ 2, 0, 0, KERNEL }, { 0, 0, 0, KERNEL },
	};
	struct two_engines *t = two_engines_new(2, 2, 1, 3);
	double *f[STREAMS];
	size_t pairs = 0;

	for (size_t i = 0; i < STREAMS; i++)
		f[i] = draw(t, spec_of(0.05, 0.05, 0.0), of[i].seed,
			    of[i].replication, of[i].gpu, of[i].work, DRAWS);
	for (size_t i = 0; i < STREAMS; i++) {
		for (size_t k = 0; k < i; k++, pairs++)
			ck_assert_double_lt(
				fabs(gsl_stats_correlation(f[i], 1, f[k], 1,
							   DRAWS)),
				3.5 / sqrt((double)DRAWS));
		/* and with itself, one later */
		ck_assert_double_lt(
			fabs(gsl_stats_correlation(f[i], 1, f[i] + 1, 1,
						   DRAWS - 1)),
			3.5 / sqrt((double)DRAWS));
	}
	ck_assert_uint_eq(pairs, 45);
	for (size_t i = 0; i < STREAMS; i++)
		free(f[i]);
	two_engines_free(t);
}
END_TEST

/* One factor for a run, which of many runs is lognormal too. */
START_TEST(a_run_has_one_systematic_error)
{
	struct two_engines *t = two_engines_new(2, 2, 1, 1);
	struct jitter_spec spec = spec_of(0.0, 0.0, 0.2);
	struct jitter *j = jitter_new(&spec, &t->of);
	double *f = xcalloc(DRAWS, sizeof *f);

	for (size_t i = 0; i < DRAWS; i++) {
		jitter_seed(j, SEED, i);
		f[i] = jitter_factor(j, 0, KERNEL, 0);
		ck_assert_double_eq(jitter_factor(j, 0, KERNEL + 1, 0), f[i]);
		ck_assert_double_eq(jitter_factor(j, 0, COPY, 0), 1.0);
	}
	ck_assert_double_eq_tol(gsl_stats_mean(f, 1, DRAWS), 1.0,
				3.0 * 0.2 / sqrt((double)DRAWS));
	ck_assert_double_lt(distance(f, DRAWS, 0.2), 1.63);
	free(f);
	jitter_free(j);
	two_engines_free(t);
}
END_TEST

/* Both levels: factors multiply, and jitter is what it is without the other. */
START_TEST(levels_multiply)
{
	struct two_engines *t = two_engines_new(2, 2, 1, 1);
	double *task = draw(t, spec_of(0.3, 0.0, 0.0), SEED, 5, 0, KERNEL, 9);
	double *run = draw(t, spec_of(0.0, 0.0, 0.2), SEED, 5, 0, KERNEL, 9);
	double *both = draw(t, spec_of(0.3, 0.0, 0.2), SEED, 5, 0, KERNEL, 9);

	for (size_t i = 0; i < 9; i++)
		ck_assert_double_eq_tol(both[i], task[i] * run[i], 1e-14);
	free(task);
	free(run);
	free(both);
	two_engines_free(t);
}
END_TEST

/* The spread of a calibrated task is that of its curves, at its sizes. */
START_TEST(spreads_of_a_calibration)
{
	enum { CASES = 100 };
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t compared = 0;

	gsl_rng_set(rng, SEED);
	for (size_t n = 0; n < CASES; n++) {
		struct random_case c = random_case_draw(rng);
		const struct policy *policy;
		struct jitter_spec spec = { .run = { 0.0 } };
		struct diag d;
		struct jitter_case of = { .w = &c.w, .hw = &c.hw };
		struct plan plan;
		struct jitter *j, *z;
		struct graph *g;

		random_calibration_draw(rng, &c.hw);
		ck_assert_int_eq(policy_find("kvpr-row", &policy, &d),
				 STATUS_OK);
		plan = random_case_plan(rng, &c, policy, 1);
		of.plan = &plan;
		of.graph = g = policy->build(&c.model, &c.w, &plan,
					     SPAN_STEP);
		for (size_t e = 0; e < ENGINE_COUNT; e++)
			spec.run[e] = JITTER_CALIBRATION;
		j = jitter_new(&spec, &of);
		for (size_t e = 0; e < ENGINE_COUNT; e++)
			spec.run[e] = 1.0;	/* s^2 = ln 2 gives z away */
		z = jitter_new(&spec, &of);
		jitter_seed(j, SEED, n);
		jitter_seed(z, SEED, n);
		for (size_t i = 0; i < g->nworks * plan.steps; i++) {
			size_t w = i / plan.steps, step = i % plan.steps;
			double s2 = log1p(pow(measured_spread(
				&g->works[w], &c.hw,
				(double)workload_cached(&c.w, step),
				(double)plan.split[step]), 2.0));
			double normal = (log(jitter_factor(z, 0, w, step)) +
					 0.5 * log(2.0)) / sqrt(log(2.0));

			ck_assert_double_eq_tol(
				log(jitter_factor(j, 0, w, step)),
				sqrt(s2) * normal - 0.5 * s2, 1e-12);
			compared += s2 > 0.0;
		}
		jitter_free(j);
		jitter_free(z);
		graph_free(g);
		plan_clear(&plan);
		hardware_clear(&c.hw);
	}
	ck_assert_uint_gt(compared, CASES);
	gsl_rng_free(rng);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("sim/jitter");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, specs_are_read);
	tcase_add_test(tc, other_specs_are_refused);
	tcase_add_test(tc, factors_are_lognormal_with_mean_1);
	tcase_add_test(tc, no_spread_is_a_factor_of_exactly_1);
	tcase_add_test(tc, sources_do_not_depend_on_one_another);
	tcase_add_test(tc, streams_are_uncorrelated);
	tcase_add_test(tc, a_run_has_one_systematic_error);
	tcase_add_test(tc, levels_multiply);
	tcase_add_test(tc, spreads_of_a_calibration);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
