/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/digits.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <gsl/gsl_randist.h>

#include "tests/harness.h"

enum { CASES = 300000, SEED = 86028121 };

static void check(double value)
{
	char expected[64], found[DIGITS_SIZE];
	size_t length;

	snprintf(expected, sizeof expected, "%.12g", value);
	length = digits_format(value, found);
	if (strcmp(found, expected) != 0 || length != strlen(expected))
		ck_abort_msg("%a: found %s, expected %s", value, found,
			     expected);
}

START_TEST(numbers_are_those_of_printf)
{
	static const double values[] = {
		0.0, -0.0, 1.0, -1.0, 0.5, 2.385, 1e-4, 9.99999999999499e-5,
		0.00009999999999999999, 0.1, 1.0 / 3.0, 123456789012.0,
		999999999999.0, 999999999999.4, 999999999999.5,
		999999999999.6, 1e12, 1e11, 99999999999.95, 1e15, 1e16, 1e-5,
		DBL_MIN, DBL_MAX, 4.9e-324, 0.125, 1.0000000000005,
		1.00000000000050004, 1234567.8901205, 9.9999999999995,
		9.99999999999949, 26e9, 3.12e14,
	};
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);

	for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
		check(values[i]);
		check(-values[i]);
	}
	gsl_rng_set(rng, SEED);
	for (size_t i = 0; i < CASES; i++) {
		double value = pow(10.0, -8.0 + 24.0 * gsl_rng_uniform(rng));
		double digits = pow(10.0, (double)gsl_rng_uniform_int(rng,
								      14));

		check(value);
		check(-value);
		/* few digits, and ties of the twelfth */
		check(floor(value * digits) / digits);
		check((floor(value * digits) + 0.5) / digits);
		check(nextafter(pow(10.0, (double)(i % 25) - 8.0),
				i % 2 ? 0.0 : 1e30));
	}
	gsl_rng_free(rng);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("base/digits");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, numbers_are_those_of_printf);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
