/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "plots/contour.h"
#include "tests/harness.h"

enum { NX = 9, NY = 7 };

/* Uneven places, as on an axis of logarithms. */
static void places(double *x, size_t n, double from)
{
	for (size_t i = 0; i < n; i++)
		x[i] = from + (double)i * (1.0 + 0.13 * (double)i);
}

struct field {
	double x[NX], y[NY], z[NX * NY];
	struct contour_grid grid;
};

static void make(struct field *f, double (*height)(double x, double y))
{
	places(f->x, NX, -2.385);
	places(f->y, NY, 1.7);
	for (size_t k = 0; k < (size_t)NX * NY; k++)
		f->z[k] = height(f->x[k % NX], f->y[k / NX]);
	f->grid = (struct contour_grid){ f->x, f->y, f->z, NX, NY };
}

static double plane(double x, double y)
{
	return 0.7 * x - 1.3 * y + 2.0;
}

/* Of a plane the line is exact, and reaches from edge to edge. */
START_TEST(test_plane)
{
	struct field f;
	struct contour_segment *all;
	double length = 0.0, x0, x1, slope = 0.7 / 1.3, level = -1.9;
	size_t n;

	make(&f, plane);
	all = contour_lines(&f.grid, level, &n);
	ck_assert_uint_gt(n, 5);
	for (size_t i = 0; i < n; i++) {
		ck_assert_double_eq_tol(plane(all[i].x0, all[i].y0), level,
					1e-12);
		ck_assert_double_eq_tol(plane(all[i].x1, all[i].y1), level,
					1e-12);
		length += hypot(all[i].x1 - all[i].x0, all[i].y1 - all[i].y0);
	}
	/* y = (0.7 x + 2 - level) / 1.3 enters and leaves the rectangle */
	x0 = fmax(f.x[0], (f.y[0] * 1.3 - 2.0 + level) / 0.7);
	x1 = fmin(f.x[NX - 1], (f.y[NY - 1] * 1.3 - 2.0 + level) / 0.7);
	ck_assert_double_eq_tol(length, (x1 - x0) * hypot(1.0, slope), 1e-9);
	free(all);
	all = contour_lines(&f.grid, 1e3, &n);
	ck_assert_uint_eq(n, 0);
	free(all);
}
END_TEST

static double hill(double x, double y)
{
	return -hypot(x - 4.0, y - 6.0);
}

static bool is_at(double x, double y, double other_x, double other_y)
{
	return hypot(x - other_x, y - other_y) < 1e-9;
}

/* A line that meets no edge of the grid is closed: each end is there twice. */
START_TEST(test_closed)
{
	struct field f;
	struct contour_segment *all;
	size_t n;

	make(&f, hill);
	all = contour_lines(&f.grid, -3.2, &n);
	ck_assert_uint_gt(n, 8);
	for (size_t i = 0; i < 2 * n; i++) {
		const struct contour_segment *a = &all[i / 2];
		double x = i % 2 ? a->x1 : a->x0, y = i % 2 ? a->y1 : a->y0;
		size_t same = 0;

		for (size_t k = 0; k < n; k++)
			same += (size_t)is_at(x, y, all[k].x0, all[k].y0) +
				(size_t)is_at(x, y, all[k].x1, all[k].y1);
		ck_assert_uint_eq(same, 2);
	}
	free(all);
}
END_TEST

/* A saddle has two lines, that part what the middle is not one with. */
START_TEST(test_saddle)
{
	const double at[] = { 0.0, 1.0 }, z[] = { 1.0, 0.0, 0.0, 1.0 };
	const double low[] = { 1.0, -0.5, -0.5, 1.0 };
	struct contour_grid g = { at, at, z, 2, 2 };
	struct contour_segment *all;
	size_t n;

	all = contour_lines(&g, 0.4, &n);	/* the middle is 0.5: above */
	ck_assert_uint_eq(n, 2);
	for (size_t i = 0; i < n; i++)	/* round the low corners (1,0), (0,1) */
		ck_assert_double_eq_tol(fabs(all[i].x0 - all[i].y0 +
					     all[i].x1 - all[i].y1), 1.2,
					1e-12);
	free(all);
	g.z = low;
	all = contour_lines(&g, 0.4, &n);	/* 0.25: below */
	ck_assert_uint_eq(n, 2);
	for (size_t i = 0; i < n; i++)
		ck_assert_double_eq_tol(fabs(all[i].x0 + all[i].y0 +
					     all[i].x1 + all[i].y1 - 2.0),
					1.2, 1e-12);
	free(all);
}
END_TEST

START_TEST(test_gaps)
{
	struct field f;
	struct contour_segment *all;
	size_t whole, n;

	make(&f, plane);
	free(contour_lines(&f.grid, -1.9, &whole));
	f.z[3 * NX + 4] = NAN;
	all = contour_lines(&f.grid, -1.9, &n);
	ck_assert_uint_lt(n, whole);
	ck_assert_uint_gt(n, 0);
	for (size_t i = 0; i < n; i++)
		ck_assert(!(all[i].x0 > f.x[3] && all[i].x0 < f.x[5] &&
			    all[i].y0 > f.y[2] && all[i].y0 < f.y[4]));
	free(all);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("contour");
	TCase *t = tcase_create("contour");

	tcase_add_test(t, test_plane);
	tcase_add_test(t, test_closed);
	tcase_add_test(t, test_saddle);
	tcase_add_test(t, test_gaps);
	suite_add_tcase(s, t);
	return harness_run(s);
}
