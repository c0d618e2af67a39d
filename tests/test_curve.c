/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/curve.h"

#include <stdlib.h>

#include "base/xalloc.h"
#include "tests/harness.h"

static struct curve make(size_t n, const double *size, const double *time_s)
{
	struct curve c = { .size = xcalloc(n, sizeof *c.size),
			   .time_s = xcalloc(n, sizeof *c.time_s), .n = n };

	for (size_t i = 0; i < n; i++) {
		c.size[i] = size[i];
		c.time_s[i] = time_s[i];
	}
	return c;
}

START_TEST(between_points_it_is_linear)
{
	const double size[] = { 4.0, 8.0, 40.0 };
	const double time_s[] = { 3e-6, 2.5e-6, 18.5e-6 };
	struct curve c = make(3, size, time_s);

	ck_assert_double_eq(curve_at(&c, 4.0), 3e-6);
	ck_assert_double_eq_tol(curve_at(&c, 5.0), 2.875e-6, 1e-18);
	ck_assert_double_eq_tol(curve_at(&c, 8.0), 2.5e-6, 1e-18);
	ck_assert_double_eq_tol(curve_at(&c, 9.0), 3e-6, 1e-18);
	ck_assert_double_eq_tol(curve_at(&c, 24.0), 10.5e-6, 1e-18);
	ck_assert_double_eq(curve_at(&c, 40.0), 18.5e-6);
	/* below the first as long as that, above the last in proportion */
	ck_assert_double_eq(curve_at(&c, 0.0), 3e-6);
	ck_assert_double_eq(curve_at(&c, 3.9), 3e-6);
	ck_assert_double_eq_tol(curve_at(&c, 100.0), 46.25e-6, 1e-17);
	curve_clear(&c);
	ck_assert_ptr_null(c.size);
	ck_assert_uint_eq(c.n, 0);
}
END_TEST

START_TEST(one_point_is_enough)
{
	const double size[] = { 7.0 }, time_s[] = { 2.385e-6 };
	struct curve c = make(1, size, time_s);

	ck_assert_double_eq(curve_at(&c, 1.0), 2.385e-6);
	ck_assert_double_eq(curve_at(&c, 7.0), 2.385e-6);
	ck_assert_double_eq_tol(curve_at(&c, 21.0), 7.155e-6, 1e-18);
	curve_clear(&c);
}
END_TEST

START_TEST(it_knows_its_range_and_its_best)
{
	const double size[] = { 4.0, 8.0, 40.0, 41.0 };
	const double time_s[] = { 3e-6, 2.5e-6, 10e-6, 16.4e-6 };
	struct curve c = make(4, size, time_s);

	ck_assert(!curve_covers(&c, 3.999));
	ck_assert(curve_covers(&c, 4.0));
	ck_assert(curve_covers(&c, 17.0));
	ck_assert(curve_covers(&c, 41.0));
	ck_assert(!curve_covers(&c, 41.001));
	ck_assert_double_eq(curve_least(&c, 0.0, INFINITY), 2.5e-6);
	ck_assert_double_eq(curve_least(&c, 1.0, 4.0), 3e-6);
	ck_assert_double_eq_tol(curve_least(&c, 5.0, 6.0), 2.75e-6, 1e-18);
	ck_assert_double_eq_tol(curve_least(&c, 5.0, 8.5), 2.5e-6, 1e-18);
	ck_assert_double_eq(curve_least(&c, 9.0, 42.0), curve_at(&c, 9.0));
	ck_assert_double_eq(curve_least(&c, 82.0, 99.0), 32.8e-6);
	ck_assert_double_eq(curve_least(&c, 17.0, 17.0), curve_at(&c, 17.0));
	ck_assert_double_eq_tol(curve_best_rate(&c), 4e6, 1e-6);
	curve_clear(&c);
}
END_TEST

/* What rises from point to point rises everywhere. */
START_TEST(it_is_monotone_where_its_points_are)
{
	const double size[] = { 1.0, 3.0, 10.0, 200.0, 201.0 };
	const double time_s[] = { 1e-6, 1e-6, 4e-6, 4.5e-6, 9e-6 };
	struct curve c = make(5, size, time_s);
	double last = 0.0;
	size_t asked = 0;

	for (double x = 0.25; x < 300.0; x += 0.25, asked++) {
		double t = curve_at(&c, x);

		ck_assert_double_ge(t, last);
		ck_assert_double_ge(t * curve_best_rate(&c), x * (1 - 1e-12));
		last = t;
	}
	ck_assert_uint_gt(asked, 1000);
	curve_clear(&c);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("model/curve");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, between_points_it_is_linear);
	tcase_add_test(tc, one_point_is_enough);
	tcase_add_test(tc, it_knows_its_range_and_its_best);
	tcase_add_test(tc, it_is_monotone_where_its_points_are);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
