/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "evaluate/gain.h"

#include <math.h>
#include <stdio.h>

#include "tests/harness.h"

enum { STEPS = 16, FIRST = 6, RUN = 3, MOST = 12 };

static size_t splits[MOST][STEPS];
static struct bundle_run runs[MOST];
static struct bundle bundle;

/*
 * With h = k = 768 a token's X takes 2 h = 1536 B, its K and V 4 h = 3072 B,
 * over 1.5 GB/s 1.024 and 2.048 us, and recomputing them 4 h k = 2 359 296
 * FLOP, at 1.8432 TFLOP/s 1.28 us.  The formula's arms meet where
 * l 1.28 us = (s' - l) 2.048 us, at l = s' / 1.625.
 */
static struct hardware machine(void)
{
	struct hardware hw = harness_hardware("a100-40gb-pcie4");

	hw.flop_per_s = 3.6864e12;
	hw.gemm_derate = 0.5;
	hw.h2d.bytes_per_s = 1.5e9;
	return hw;
}

static struct plan plan_of(const char *policy, size_t prefetch, size_t *split)
{
	struct plan p = { .steps = STEPS, .split = split };
	struct diag d;

	ck_assert_int_eq(policy_find(policy, &p.policy, &d), STATUS_OK);
	p.decision[DECISION_PREFETCH] = (double)prefetch;
	p.decision[DECISION_WEIGHTS_ON_GPU] = 1.0;
	return p;
}

static struct bundle_run *add(const char *policy, size_t prefetch,
			      size_t split, double measured_s,
			      double predicted_s)
{
	size_t i = bundle.n++;
	struct bundle_run *r = &runs[i];

	ck_assert_uint_lt(i, MOST);
	for (size_t step = 0; step < STEPS; step++)
		splits[i][step] = split;
	*r = (struct bundle_run){
		.model = harness_model("opt-125m"),
		.workload = harness_workload(3, 644, STEPS + 1),
		.plan = plan_of(policy, prefetch, splits[i]),
		.first_step = FIRST, .steps = RUN,
		.measured_s = measured_s, .predicted_s = predicted_s,
	};
	return r;
}

static void begin(void)
{
	bundle = (struct bundle){ .hardware = machine(), .runs = runs };
}

static struct gains make(void)
{
	struct gains all;
	struct diag d;

	ck_assert_int_eq(gain_make(&bundle, &all, &d), STATUS_OK);
	return all;
}

/* Load-all, and a sweep with the plan's own split, 385. */
static void add_sweep(void)
{
	begin();
	add("load-all", 1, 0, 8e-3, 7.5e-3)->planned = true;
	add("kvpr-row", 1, 0, 8.2e-3, 7.6e-3);
	add("kvpr-row", 1, 385, 5e-3, 4.5e-3)->planned = true;
	add("kvpr-row", 1, 417, 6.4e-3, 5.5e-3);
}

/* The only gain there is. */
static struct gain only(void)
{
	struct gains all = make();
	struct gain g;

	ck_assert_uint_eq(all.n, 1);
	g = all.of[0];
	gain_clear(&all);
	ck_assert_ptr_null(all.of);
	return g;
}

static size_t count(void)
{
	struct gains all = make();
	size_t n = all.n;

	gain_clear(&all);
	return n;
}

/*
 * The timed steps find 651 and 652 tokens, and the arms meet at 400.6 and
 * 401.2.  To the left of that t is X + KV and falls by 1.024 us a token, to the
 * right it is X + recomputation and rises by 2.304.  In us, per request:
 *   651: t(400) = 409.6 + 514.048 = 923.648, t(401) = 410.624 + 513.28
 *   652: t(401) = 410.624 + 514.048 = 924.672, t(402) = 411.648 + 514.56
 * so the formula chooses 400 and 401, on average 400.5: of the line from 385 to
 * 417 15.5 / 32.
 */
START_TEST(gains_are_those_by_hand)
{
	struct gain g;
	const double share = 15.5 / 32.0;

	add_sweep();
	g = only();
	ck_assert_ptr_eq(g.planned, &runs[2]);
	ck_assert_double_eq(g.split, 385.0);
	ck_assert_double_eq(g.paper_split, 400.5);
	ck_assert_double_eq(g.measured.load_all_s, 8e-3);
	ck_assert_double_eq(g.measured.planned_s, 5e-3);
	ck_assert_double_eq_tol(g.measured.paper_s, 5e-3 + share * 1.4e-3,
				1e-15);
	ck_assert_double_eq_tol(g.predicted.paper_s, 4.5e-3 + share * 1e-3,
				1e-15);
	/* 1 - 5 / 8 and 1 - 4.5 / 7.5 */
	ck_assert_double_eq_tol(gain_over_load_all_pct(&g.measured), 37.5,
				1e-12);
	ck_assert_double_eq_tol(gain_over_load_all_pct(&g.predicted), 40.0,
				1e-12);
	/* 1 - 5 / 5.678125 = 2.17 / 18.17 and 1 - 4.5 / 4.984375 = 31 / 319 */
	ck_assert_double_eq_tol(gain_over_paper_pct(&g.measured),
				217.0 / 18.17, 1e-12);
	ck_assert_double_eq_tol(gain_over_paper_pct(&g.predicted),
				3100.0 / 319.0, 1e-12);
}
END_TEST

START_TEST(splits_are_means_of_the_timed_steps)
{
	struct gain g;

	add_sweep();
	/* the first of the three is not timed */
	runs[2].plan.split[FIRST] = 0;
	runs[2].plan.split[FIRST + 2] = 386;
	g = only();
	ck_assert_double_eq(g.split, 385.5);
	/* a step alone is: 650 tokens meet at 400, exactly */
	for (size_t i = 0; i < bundle.n; i++)
		runs[i].steps = 1;
	g = only();
	ck_assert_double_eq(g.split, 0.0);
	ck_assert_double_eq(g.paper_split, 400.0);
	/* between 0, the plan's now, and 417 */
	ck_assert_double_eq_tol(g.measured.paper_s,
				5e-3 + 400.0 / 417.0 * 1.4e-3, 1e-15);
}
END_TEST

/* Beside the line: a run of the formula's own splits, predicted. */
START_TEST(exact_is_the_prediction_of_the_formulas_splits)
{
	struct bundle_run r;
	struct gain g;
	struct diag d;

	add_sweep();
	g = only();
	r = runs[2];
	r.plan.split[FIRST] = r.plan.split[FIRST + 1] = 400;
	r.plan.split[FIRST + 2] = 401;
	ck_assert_int_eq(bundle_predict(&bundle.hardware, &r, &d), STATUS_OK);
	ck_assert_double_eq(g.exact.paper_s, r.predicted_s);
	ck_assert_double_gt(r.predicted_s, 0.0);
	ck_assert_double_eq(g.exact.planned_s, 4.5e-3);
	ck_assert_double_eq(g.exact.load_all_s, 7.5e-3);
}
END_TEST

START_TEST(a_measured_split_is_exact)
{
	struct gain g;
	struct bundle_run *r;

	add_sweep();
	r = add("kvpr-row", 1, 400, 5.3e-3, 4.8e-3);
	r->plan.split[FIRST + 2] = 401;
	g = only();
	ck_assert_double_eq(g.measured.paper_s, 5.3e-3);
	ck_assert_double_eq(g.predicted.paper_s, 4.8e-3);
}
END_TEST

START_TEST(beyond_the_sweep_nothing_is_known)
{
	struct gain g;

	add_sweep();
	bundle.n--;
	g = only();
	ck_assert_double_nan(g.measured.paper_s);
	ck_assert_double_nan(g.predicted.paper_s);
	ck_assert_double_nan(gain_over_paper_pct(&g.measured));
	ck_assert(isfinite(gain_over_paper_pct(&g.exact)));
	ck_assert_double_eq_tol(gain_over_load_all_pct(&g.measured), 37.5,
				1e-12);
	/* no sweep at all */
	begin();
	add("load-all", 1, 0, 8e-3, 7.5e-3);
	add("kvpr-row", 1, 417, 5e-3, 4.5e-3)->planned = true;
	g = only();
	ck_assert_double_nan(g.measured.paper_s);
}
END_TEST

START_TEST(a_limit_is_the_formulas_too)
{
	struct gain g;

	add_sweep();
	for (size_t i = 0; i < bundle.n; i++)
		runs[i].workload.prompt = 8;
	g = only();
	/* with 15 and 16 tokens the arms meet at 9.2 and 9.8 */
	ck_assert_double_eq(g.paper_split, 8.0);
	for (size_t i = 0; i < bundle.n; i++)
		runs[i].plan.whole_sequence = true;
	g = only();
	ck_assert_double_eq(g.paper_split, 9.5);
}
END_TEST

START_TEST(without_load_all_or_a_plan_there_is_none)
{
	add_sweep();
	runs[0].plan = plan_of("recompute-all", 1, splits[0]);
	ck_assert_uint_eq(count(), 0);
	add_sweep();
	runs[2].planned = false;
	ck_assert_uint_eq(count(), 0);
	begin();
	ck_assert_uint_eq(count(), 0);
}
END_TEST

/* One thing about a run is otherwise. */
static void alter(struct bundle_run *r, int what)
{
	size_t *const counts[] = {
		&r->model.layers, &r->workload.batch,
		&r->workload.num_batches, &r->workload.prompt,
		&r->workload.gen, &r->workload.gpus, &r->first_step,
		&r->steps,
	};
	enum element *const elements[] = {
		&r->workload.weights, &r->workload.kv,
		&r->workload.activations,
	};

	if (what < 8)
		*counts[what] += 1;
	else if (what < 11)
		*elements[what - 8] = ELEMENT_INT4;
	else if (what == 11)
		r->plan.decision[DECISION_HOME] = HOME_PAGEABLE;
	else if (what == 12)
		r->plan.decision[DECISION_WEIGHTS_ON_GPU] = 0.5;
	else
		snprintf(r->model.name, sizeof r->model.name, "other");
}

START_TEST(settings_are_not_mixed)
{
	for (int what = 0; what < 14; what++) {
		add_sweep();
		ck_assert_uint_eq(count(), 1);
		alter(&runs[0], what);
		ck_assert_uint_eq(count(), 0);
	}
	/* how far loads run ahead is no place */
	add_sweep();
	runs[0].plan.decision[DECISION_PREFETCH] = 2.0;
	ck_assert_ptr_eq(only().planned, &runs[2]);
}
END_TEST

START_TEST(depths_are_sweeps_of_their_own)
{
	struct gains all;

	add_sweep();
	add("kvpr-row", 0, 400, 7e-3, 7e-3)->planned = true;
	add("kvpr-row", 0, 500, 7.2e-3, 7.2e-3);
	all = make();
	ck_assert_uint_eq(all.n, 2);
	ck_assert_double_eq(all.of[0].split, 385.0);
	ck_assert_double_eq(all.of[1].split, 400.0);
	ck_assert_double_eq_tol(all.of[1].measured.paper_s,
				7e-3 + 0.005 * 0.2e-3, 1e-15);
	ck_assert_double_eq_tol(gain_over_load_all_pct(&all.of[1].measured),
				12.5, 1e-12);
	gain_clear(&all);
}
END_TEST

START_TEST(the_shortest_of_several_counts)
{
	struct gain g;

	add_sweep();
	add("load-all", 1, 0, 7.9e-3, 7.5e-3);
	add("load-all", 1, 0, 8.1e-3, 7.5e-3);
	add("kvpr-row", 1, 385, 4.9e-3, 4.5e-3)->planned = true;
	add("kvpr-row", 1, 385, 4.8e-3, 4.5e-3);
	add("kvpr-row", 1, 417, 6.5e-3, 5.5e-3);
	g = only();
	ck_assert_ptr_eq(g.planned, &runs[6]);
	ck_assert_double_eq(g.measured.load_all_s, 7.9e-3);
	/* the sweep has the plan's split too */
	ck_assert_double_eq(g.measured.planned_s, 4.8e-3);
	ck_assert_double_eq_tol(g.measured.paper_s,
				4.8e-3 + 15.5 / 32.0 * 1.6e-3, 1e-15);
}
END_TEST

START_TEST(ranges_leave_out_what_is_not_known)
{
	const double figures[] = { 2.5, NAN, -1.25, 4.0 };
	struct gain_range r = gain_range(figures, 4);

	ck_assert_uint_eq(r.n, 3);
	ck_assert_double_eq(r.least, -1.25);
	ck_assert_double_eq(r.mean, 1.75);
	ck_assert_double_eq(r.most, 4.0);
	r = gain_range(&figures[1], 1);
	ck_assert_uint_eq(r.n, 0);
	ck_assert_double_nan(r.least);
	ck_assert_double_nan(r.mean);
	ck_assert_double_nan(r.most);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("evaluate/gain");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, gains_are_those_by_hand);
	tcase_add_test(tc, splits_are_means_of_the_timed_steps);
	tcase_add_test(tc, exact_is_the_prediction_of_the_formulas_splits);
	tcase_add_test(tc, a_measured_split_is_exact);
	tcase_add_test(tc, beyond_the_sweep_nothing_is_known);
	tcase_add_test(tc, a_limit_is_the_formulas_too);
	tcase_add_test(tc, without_load_all_or_a_plan_there_is_none);
	tcase_add_test(tc, settings_are_not_mixed);
	tcase_add_test(tc, depths_are_sweeps_of_their_own);
	tcase_add_test(tc, the_shortest_of_several_counts);
	tcase_add_test(tc, ranges_leave_out_what_is_not_known);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
