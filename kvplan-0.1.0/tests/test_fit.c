/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/fit.h"

#include <math.h>

#include <gsl/gsl_randist.h>

#include "tests/harness.h"
#include "tests/random_case.h"

enum { SEED = 32452843 };

START_TEST(recovers_a_line)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t cases = 0;

	gsl_rng_set(rng, SEED);
	for (; cases < 200; cases++) {
		double fixed = random_case_log(rng, 1e-7, 1e-4);
		double slope = 1.0 / random_case_log(rng, 1e9, 1e12);
		double noise = random_case_log(rng, 1e-6, 1e-2);
		struct fit_points p = { .n = 0 };
		struct fit_line l, same;

		/* from a tenth of the fixed time to a thousand of them */
		for (int i = 0; i < 60; i++) {
			double x = 0.1 * fixed / slope * pow(1e4, i / 59.0);
			double e = gsl_ran_gaussian(rng, noise);

			fit_add(&p, x, (fixed + slope * x) * (1.0 + e),
				noise);
		}
		l = fit_line(&p);
		ck_assert_double_le(fabs(l.fixed / fixed - 1.0), 3.0 * noise);
		ck_assert_double_le(fabs(l.slope / slope - 1.0), 3.0 * noise);
		ck_assert_double_le(fabs(l.residual.rms / noise - 1.0), 0.4);
		ck_assert_double_ge(l.residual.worst, l.residual.rms);
		same = fit_line_of_slope(&p, slope);
		ck_assert_double_le(fabs(same.fixed / fixed - 1.0),
				    3.0 * noise);
		fit_points_clear(&p);
	}
	ck_assert_uint_eq(cases, 200);
	gsl_rng_free(rng);
}
END_TEST

START_TEST(a_line_begins_at_zero_or_above)
{
	struct fit_points p = { .n = 0 };
	struct fit_line l;

	fit_add(&p, 10.0, 9e-6, 0.0);
	fit_add(&p, 100.0, 110e-6, 0.0);
	l = fit_line(&p);
	ck_assert_double_eq(l.fixed, 0.0);
	/* slope of least relative squares: sum(x/y) / sum(x^2/y^2) */
	ck_assert_double_eq_tol(l.slope, (10.0 / 9e-6 + 100.0 / 110e-6) /
			(pow(10.0 / 9e-6, 2.0) + pow(100.0 / 110e-6, 2.0)),
			1e-18);
	l = fit_line_of_slope(&p, 2e-6);
	ck_assert_double_eq(l.fixed, 0.0);
	fit_points_clear(&p);
}
END_TEST

START_TEST(merges_and_makes_rise)
{
	struct fit_points p = { .n = 0 };

	fit_add(&p, 200.0, 5e-6, 0.02);
	fit_add(&p, 104.0, 4e-6, 0.01);
	fit_add(&p, 100.0, 1e-6, 0.03);
	fit_add(&p, 300.0, 1e-6, 0.02);
	fit_add(&p, 400.0, 3e-6, 0.02);
	fit_add(&p, 500.0, 7e-6, 0.02);
	fit_merge(&p, 0.05);
	ck_assert_uint_eq(p.n, 5);
	ck_assert_double_eq(p.x[0], 100.0);
	ck_assert_double_eq_tol(p.y[0], 2e-6, 1e-18);
	ck_assert_double_eq_tol(p.noise[0], 0.02, 1e-15);
	ck_assert_double_eq(p.x[1], 200.0);
	fit_rise(&p);
	ck_assert_double_eq_tol(p.y[0], 2e-6, 1e-18);
	for (size_t i = 1; i < 4; i++)
		ck_assert_double_eq_tol(p.y[i], 3e-6, 1e-18);
	ck_assert_double_eq_tol(p.y[4], 7e-6, 1e-18);
	fit_points_clear(&p);
}
END_TEST

/* Few points of many, and none missed by more than allowed. */
START_TEST(tables_keep_what_is_needed)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t cases = 0, kept = 0, all = 0;

	gsl_rng_set(rng, SEED + 1);
	for (; cases < 200; cases++) {
		double tolerance = random_case_log(rng, 1e-5, 1e-1);
		struct fit_points p = { .n = 0 };
		struct curve c;
		double x = 1.0;
		size_t k = 0;

		for (int i = 0; i < 80; i++) {
			x *= 1.0 + gsl_rng_uniform(rng);
			fit_add(&p, x, (3.0 + x + 20.0 * floor(x / 100.0)) *
					       1e-6, 0.0);
		}
		c = fit_table(&p, tolerance);
		ck_assert_double_le(fit_residual(&c, &p).worst,
				    tolerance * (1.0 + 1e-9));
		ck_assert_double_le(fit_residual(&c, &p).rms,
				    fit_residual(&c, &p).worst);
		ck_assert_double_eq(c.size[0], p.x[0]);
		ck_assert_double_eq(c.size[c.n - 1], p.x[p.n - 1]);
		for (size_t i = 0; i < c.n; i++) {
			while (k < p.n && p.x[k] != c.size[i])
				k++;
			ck_assert_uint_lt(k, p.n);
			ck_assert_double_eq(c.time_s[i], p.y[k]);
		}
		kept += c.n;
		all += p.n;
		curve_clear(&c);
		fit_points_clear(&p);
	}
	ck_assert_uint_lt(kept, all / 2);
	ck_assert_uint_gt(kept, all / 20);
	gsl_rng_free(rng);
}
END_TEST

/* A straight line takes two points; its spread is the noise. */
START_TEST(a_line_is_two_points)
{
	struct fit_points p = { .n = 0 };
	struct curve c;

	for (int i = 1; i <= 50; i++)
		fit_add(&p, i, (5.0 + 2.0 * i) * 1e-6, 0.03);
	c = fit_table(&p, 1e-9);
	ck_assert_uint_eq(c.n, 2);
	ck_assert_double_eq_tol(c.spread, 0.03, 1e-9);
	curve_clear(&c);
	fit_points_clear(&p);
}
END_TEST

/* What lies between points shows: a zigzag of +-10 %, every other left out. */
START_TEST(the_spread_tells_of_what_is_between_points)
{
	struct fit_points p = { .n = 0 };
	struct curve c;

	for (int i = 0; i < 101; i++)
		fit_add(&p, 1000.0 + i, i % 2 ? 1.1e-6 : 0.9e-6, 0.0);
	c = fit_table(&p, 0.002);
	ck_assert_uint_eq(c.n, 101);
	ck_assert_double_eq_tol(c.spread, 0.1, 0.005);
	curve_clear(&c);
	fit_points_clear(&p);
}
END_TEST

START_TEST(medians)
{
	double odd[] = { 3.0, 1.0, 2.385 }, even[] = { 4.0, 1.0, 3.0, 2.0 };

	ck_assert_double_eq(fit_median(odd, 3), 2.385);
	ck_assert_double_eq(fit_median(even, 4), 2.5);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("model/fit");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, recovers_a_line);
	tcase_add_test(tc, a_line_begins_at_zero_or_above);
	tcase_add_test(tc, merges_and_makes_rise);
	tcase_add_test(tc, tables_keep_what_is_needed);
	tcase_add_test(tc, a_line_is_two_points);
	tcase_add_test(tc, the_spread_tells_of_what_is_between_points);
	tcase_add_test(tc, medians);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
