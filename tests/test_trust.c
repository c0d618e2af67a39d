/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "schedule/trust.h"

#include "tests/harness.h"

static double size[] = { 1e3, 1e6 }, time_s[] = { 1e-6, 3e-6 };

static const struct calibration curves = {
	.pinned = { { size, time_s, 2, 0.01 }, { size, time_s, 2, 0.03 } },
	.kernels[KERNEL_NORM] = { size, time_s, 2, 0.02 },
	.at = { .bytes_per_s = { 1e15, 1e15 } },
};

/* Two copies in, of one curve, and one out. */
static struct graph *make(double bytes)
{
	struct graph *g = graph_new(1, 1);
	struct work in = { .engine = ENGINE_H2D, .launches = 1.0,
			   .bytes = { .fixed = bytes } };
	struct work out = { .engine = ENGINE_D2H, .launches = 1.0,
			    .bytes = { .fixed = 5e5 } };

	graph_add_task(g, OP_LOAD_CACHE, 0, graph_add_work(g, in));
	graph_add_task(g, OP_LOAD_ACTIVATION, 0, graph_add_work(g, in));
	graph_add_task(g, OP_STORE_CACHE, 0, graph_add_work(g, out));
	graph_finish(g);
	return g;
}

START_TEST(the_bar_is_that_of_the_busiest)
{
	struct hardware hw = { .name = "toy", .calibration = &curves,
			       .h2d = { .bytes_per_s = 1e15 },
			       .d2h = { .bytes_per_s = 1e15 } };
	struct graph *g = make(1e4);
	struct trust t = trust_make(g, &hw, 0.0, 0.0, ENGINE_H2D);

	ck_assert_double_eq_tol(t.spread, 0.01, 1e-15);
	ck_assert_uint_eq(t.noutside, 0);
	t = trust_make(g, &hw, 0.0, 0.0, ENGINE_D2H);
	ck_assert_double_eq_tol(t.spread, 0.03, 1e-15);
	t = trust_make(g, &hw, 0.0, 0.0, ENGINE_SM);
	ck_assert_double_eq(t.spread, 0.0);
	hw.calibration = NULL;
	t = trust_make(g, &hw, 0.0, 0.0, ENGINE_H2D);
	ck_assert_double_eq(t.spread, 0.0);
	graph_free(g);
}
END_TEST

START_TEST(what_is_outside_is_said)
{
	struct hardware hw = { .name = "toy", .calibration = &curves,
			       .h2d = { .bytes_per_s = 1e15 },
			       .d2h = { .bytes_per_s = 1e15 } };
	struct graph *g = make(2e6);
	struct trust t = trust_make(g, &hw, 0.0, 0.0, ENGINE_H2D);
	struct trust none = { .spread = 0.07 };
	struct measured_outside product = { .what = "product", .n = 20.0,
					    .k = 30.0, .size = 9.0,
					    .least = 1.0, .most = 8.0 };
	char text[TRUST_SIZE];

	ck_assert_uint_eq(t.noutside, 2);
	trust_say(&t, text);
	ck_assert_str_eq(text, "h2d: 2 MB is outside what was measured, "
			 "1 kB to 1 MB; so is 1 more");
	trust_widen(&none, &t);
	ck_assert_uint_eq(none.noutside, 2);
	ck_assert_double_eq(none.spread, 0.07);
	ck_assert_double_eq(none.first.size, 2e6);
	t = (struct trust){ .noutside = 1, .first = product };
	trust_say(&t, text);
	ck_assert_str_eq(text, "product with n = 20, k = 30: 9 rows is "
			 "outside what was measured, 1 rows to 8 rows");
	graph_free(g);
}
END_TEST

/* Of two kernels of one work a copy waits for one: outside is one size. */
START_TEST(a_work_counts_once)
{
	struct hardware hw = { .name = "toy", .calibration = &curves,
			       .h2d = { .bytes_per_s = 1e15 },
			       .hbm_bytes_per_s = 1e15, .hbm_derate = 1.0 };
	struct work norm = { .engine = ENGINE_SM, .launches = 1.0,
			     .bytes = { .fixed = 5e6 }, .nkernels = 1,
			     .kernel[0] = { .kind = KERNEL_NORM,
					    .bytes = { .fixed = 5e6 } } };
	struct work in = { .engine = ENGINE_H2D, .launches = 1.0,
			   .bytes = { .fixed = 1e4 } };
	struct graph *g = graph_new(1, 2);
	size_t shared = graph_add_work(g, norm);
	struct trust t;

	graph_add_task(g, OP_FFN, 0, shared);
	graph_add_task(g, OP_FFN, 1, shared);
	graph_add_task(g, OP_LOAD_CACHE, 0, graph_add_work(g, in));
	graph_wait(g, OP_FFN, 0, 0);
	graph_finish(g);
	ck_assert_uint_eq(g->nworks, 3);
	t = trust_make(g, &hw, 0.0, 0.0, ENGINE_SM);
	ck_assert_uint_eq(t.noutside, 1);
	ck_assert_double_eq(t.first.size, 5e6);
	graph_free(g);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("schedule/trust");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, the_bar_is_that_of_the_busiest);
	tcase_add_test(tc, what_is_outside_is_said);
	tcase_add_test(tc, a_work_counts_once);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
