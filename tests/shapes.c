/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/shapes.h"

#include <check.h>

double shapes_flop(double m, double k, double n)
{
	return 2.0 * m * k * n;
}

double shapes_bytes(double m, double k, double n)
{
	return SHAPES_P * (m * k + k * n + m * n);
}

void shapes_product(struct work w, double m, double k, double n)
{
	ck_assert_int_eq(w.engine, ENGINE_SM);
	ck_assert_double_eq(work_flop(&w, SHAPES_CACHED, SHAPES_SPLIT),
			    shapes_flop(m, k, n));
	ck_assert_double_eq(work_bytes(&w, SHAPES_CACHED, SHAPES_SPLIT),
			    shapes_bytes(m, k, n));
}

void shapes_copy(struct work w, enum engine e, double bytes)
{
	ck_assert_int_eq(w.engine, e);
	ck_assert_double_eq(work_bytes(&w, SHAPES_CACHED, SHAPES_SPLIT), bytes);
	ck_assert_double_eq(work_flop(&w, SHAPES_CACHED, SHAPES_SPLIT), 0.0);
	ck_assert_double_eq(w.launches, 1.0);
}
