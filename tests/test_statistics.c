/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/statistics.h"

#include <math.h>

#include "tests/harness.h"

/* In whole numbers: k % of n is not exceeded by rank ceil(k n / 100). */
START_TEST(a_percentile_is_the_value_of_its_rank)
{
	static const double sorted[] = { 2.385, 2.5, 7.0, 7.25, 19.0 };

	for (uint64_t n = 1; n <= 2000; n++)
		for (uint64_t k = 1; k <= 100; k++)
			ck_assert_uint_eq(statistics_rank(n, 0.01 * (double)k),
					  (k * n + 99) / 100);
	ck_assert_uint_eq(statistics_rank(4000000000u, 0.05), 200000000u);
	ck_assert_double_eq(statistics_percentile(sorted, 5, 0.05), 2.385);
	ck_assert_double_eq(statistics_percentile(sorted, 5, 0.20), 2.385);
	ck_assert_double_eq(statistics_percentile(sorted, 5, 0.21), 2.5);
	ck_assert_double_eq(statistics_percentile(sorted, 5, 0.50), 7.0);
	ck_assert_double_eq(statistics_percentile(sorted, 4, 0.50), 2.5);
	ck_assert_double_eq(statistics_percentile(sorted, 5, 0.95), 19.0);
}
END_TEST

/* E F^k over the normal density, by the trapezoidal rule. */
static double moment(double c, double k)
{
	const struct statistics_lognormal f = statistics_lognormal(c);
	const double step = 1e-3;
	double sum = 0.0;

	for (double z = -12.0; z <= 12.0; z += step)
		sum += exp(k * (f.s * z - f.shift) - 0.5 * z * z);
	return sum * step / sqrt(2.0 * M_PI);
}

START_TEST(a_lognormal_factor_has_mean_1_and_its_spread)
{
	static const double spreads[] = { 0.0, 0.03, 0.1, 0.5, 1.0 };

	for (size_t i = 0; i < sizeof spreads / sizeof spreads[0]; i++) {
		double c = spreads[i], square = moment(c, 2.0);

		ck_assert_double_eq_tol(moment(c, 1.0), 1.0, 1e-9);
		ck_assert_double_eq_tol(square - 1.0, c * c, 1e-9);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("base/statistics");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, a_percentile_is_the_value_of_its_rank);
	tcase_add_test(tc, a_lognormal_factor_has_mean_1_and_its_spread);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
