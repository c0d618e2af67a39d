/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_prefill_clock.c - prefill at the power limit, against a cubic; the same
 * to evaluate() and to a sweep.
 *
 * Nothing overlaps: copies take A, products P / c, and so R = P R_0 / T.
 * With T = A + P / c in c = c_1 (c_1 R_0 / R)^(1/2):
 *
 *     c^3 - c_1^3 (A / P) c - c_1^3 = 0
 */
#include "evaluate/evaluate.h"

#include <math.h>

#include <gsl/gsl_poly.h>

#include "model/power_limit.h"
#include "tests/harness.h"
#include "tests/sweep_subject.h"

enum { BATCH = 48, PROMPT = 700, GEN = 3 };

static struct decode_case make_case(double d2h, double least)
{
	struct decode_case c = {
		.model = harness_model("opt-1.3b"),
		.hardware = harness_hardware("h100-sxm"),
		.workload = harness_workload(BATCH, PROMPT, GEN),
	};
	struct diag d;

	ck_assert_int_eq(policy_find("accelerate-sequential", &c.policy, &d),
			 STATUS_OK);
	c.hardware.d2h = (struct hardware_direction){ .bytes_per_s = d2h };
	c.hardware.launch_s = 0.0;
	c.hardware.hbm_bytes_per_s = 1e18;	/* products bind the GPU */
	c.hardware.gemm_sustained_derate = least * c.hardware.gemm_derate;
	return c;
}

static struct outcome find(const struct decode_case *c)
{
	struct outcome o;
	struct diag d = { "" };

	ck_assert_msg(evaluate(c, c->policy, NULL, NULL, &o, &d) == STATUS_OK,
		      "%s", d.text);
	return o;
}

static double cubic(double least, double copies_s, double products_s)
{
	double cube = least * least * least, root[3];
	int n = gsl_poly_solve_cubic(0.0, -cube * copies_s / products_s,
				     -cube, &root[0], &root[1], &root[2]);

	return fmin(1.0, root[n - 1]);	/* one is positive, the last */
}

START_TEST(prefill_settles_where_the_cubic_says)
{
	static const double least[] = { 0.6, 0.854, 0.95 };
	/* the copies, from almost nothing to most of the time */
	static const double d2h[] = { 1e15, 200e9, 55e9, 20e9, 5e9, 1e9 };
	size_t limited = 0, n = 0;

	for (size_t i = 0; i < 3; i++)
		for (size_t j = 0; j < 6; j++, n++) {
			struct decode_case c = make_case(d2h[j], 0.0), at;
			struct outcome o = find(&c), never, slow;
			double copies_s, products_s, clock;

			c.hardware.d2h.bytes_per_s = 1e30;
			never = find(&c);
			products_s = never.prefill_s;
			copies_s = o.prefill_s - products_s;
			at = make_case(d2h[j], least[i]);
			slow = find(&at);
			clock = cubic(least[i], copies_s, products_s);
			ck_assert_double_eq(o.prefill_clock, 1.0);
			ck_assert_double_eq_tol(slow.prefill_clock, clock,
						2.0 * POWER_LIMIT_TOLERANCE);
			ck_assert_double_eq_tol(
				slow.prefill_s,
				copies_s + products_s / slow.prefill_clock,
				1e-9 * slow.prefill_s);
			/* the floor: no faster than rested, nor than R_0 c_1 */
			ck_assert_double_ge(slow.prefill_s,
					    (1.0 - 1e-12) * o.prefill_s);
			ck_assert_double_ge(slow.prefill_s, products_s /
					    least[i] * (1.0 - 3e-4));
			ck_assert_double_eq(slow.total_s,
					    slow.prefill_s + slow.decode_s);
			limited += slow.prefill_clock < 1.0;
			outcome_clear(&o);
			outcome_clear(&never);
			outcome_clear(&slow);
			hardware_clear(&c.hardware);
			hardware_clear(&at.hardware);
		}
	ck_assert_uint_gt(limited, n / 3);
	ck_assert_uint_lt(limited, n);
}
END_TEST

/* The same case both ways, prefill and decode. */
START_TEST(a_sweep_settles_as_evaluate_does)
{
	static const char *const options[] = {
		"model=opt-1.3b", "hardware=h100-sxm", "batch=48", "gen=3",
		"policy=accelerate-sequential", NULL
	};
	static const char *const axes[] = {
		"prompt=700", "gpu.gemm_sustained_derate=0.3,0.4", NULL
	};
	struct sweep_subject s = { .sweep = sweep_new() };

	s.sweep.simulate = true;
	sweep_subject_make(&s, options, axes, "prefill_s,decode_s");
	for (uint64_t i = 0; i < 2; i++) {
		struct sweep_result r = sweep_subject_at(&s, i);
		struct decode_case c = make_case(1.0, 0.0);
		struct outcome o;

		hardware_clear(&c.hardware);
		c.hardware = harness_hardware("h100-sxm");
		c.hardware.gemm_sustained_derate = i == 0 ? 0.3 : 0.4;
		o = find(&c);
		ck_assert_double_lt(o.prefill_clock, 1.0);
		ck_assert_double_eq_tol(r.prefill_s, o.prefill_s,
					1e-12 * o.prefill_s);
		ck_assert_double_eq_tol(r.decode_s, o.decode_s,
					1e-12 * o.decode_s);
		outcome_clear(&o);
		hardware_clear(&c.hardware);
	}
	sweep_subject_clear(&s);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("prefill at the power limit");
	TCase *tc = tcase_create("all");

	tcase_set_timeout(tc, 100);
	tcase_add_test(tc, prefill_settles_where_the_cubic_says);
	tcase_add_test(tc, a_sweep_settles_as_evaluate_does);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
