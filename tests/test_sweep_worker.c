/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep/worker.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evaluate/evaluate.h"
#include "tests/harness.h"
#include "tests/sweep_subject.h"

/* Bound by a link without latency, load-all takes bytes / rate. */
static const char *const link_bound[] = {
	"model=opt-6.7b", "hardware=h200", "gen=32", "batch=64",
	"policy=load-all", "set=link.h2d.latency_s=0",
	"set=host.memory_bytes=9TB", "set=gpu.memory_bytes=9TB", NULL
};

START_TEST(draws_have_their_closed_forms)
{
	static const char *const axes[] = { "prompt=900,1900", NULL };
	struct sweep_subject s = { .sweep = sweep_new() };
	const double a = 20e9, b = 60e9;
	struct diag d;

	s.sweep.uncertain.draws = 4000;
	ck_assert_int_eq(sweep_uncertain_add(
		&s.sweep.uncertain,
		"link.h2d.bytes_per_s=uniform(20GB/s,60GB/s)", &d),
		STATUS_OK);
	sweep_subject_make(&s, link_bound, axes, NULL);
	for (uint64_t i = 0; i < 2; i++) {
		struct sweep_result r = sweep_subject_at(&s, i);
		/* c / v, v uniform: its mean is c ln(b / a) / (b - a) */
		double c = r.step_s *
			   s.sweep.machines[0].hardware.h2d.bytes_per_s;
		double mean = c * log(b / a) / (b - a);
		double square = c * c / (a * b);
		double sd = sqrt(square - mean * mean);

		ck_assert_double_eq_tol(r.spread[SWEEP_STEP].mean, mean,
					4.0 * sd / sqrt(4000.0));
		ck_assert_double_eq_tol(r.spread[SWEEP_STEP].p50,
					c / (0.5 * (a + b)), 0.03 * mean);
		ck_assert_double_eq_tol(r.spread[SWEEP_STEP].p95,
					c / (a + 0.05 * (b - a)),
					0.03 * mean);
		ck_assert_double_eq_tol(r.spread[SWEEP_STEP].p05,
					c / (a + 0.95 * (b - a)),
					0.03 * mean);
		ck_assert_double_eq(r.spread[SWEEP_SPLIT].mean, 0.0);
		ck_assert_double_eq_tol(r.spread[SWEEP_GAIN].p95, 0.0, 1e-9);
		ck_assert(isnan(r.win_pct));
	}
	sweep_subject_clear(&s);
}
END_TEST

/* c / v, v lognormal of mean v0 and spread k: E 1/v = (1 + k^2) / v0. */
START_TEST(lognormal_draws_have_their_mean)
{
	static const char *const axes[] = { "prompt=900,1900", NULL };
	struct sweep_subject s = { .sweep = sweep_new() };
	struct sweep_result r;
	struct diag d;

	s.sweep.uncertain.draws = 4000;
	ck_assert_int_eq(sweep_uncertain_add(&s.sweep.uncertain,
		"link.h2d.bytes_per_s=lognormal(30%)", &d), STATUS_OK);
	sweep_subject_make(&s, link_bound, axes, NULL);
	r = sweep_subject_at(&s, 0);
	/* that of 1/v has a spread of 30 % too */
	ck_assert_double_eq_tol(r.spread[SWEEP_STEP].mean / r.step_s, 1.09,
				4.0 * 0.3 * 1.09 / sqrt(4000.0));
	ck_assert_double_eq_tol(r.spread[SWEEP_STEP].p50 / r.step_s,
				sqrt(1.09), 0.03);
	sweep_subject_clear(&s);
}
END_TEST

/*
 * recompute-all beats load-all while the link is slower than where they
 * cross, so in that share of uniform draws.
 */
START_TEST(another_policy_wins_as_often_as_it_should)
{
	static const char *const axes[] = { "prompt=1900", NULL };
	static const char *const links[] = {
		"link.h2d.bytes_per_s=40GB/s:400GB/s:lin361", NULL
	};
	struct sweep_subject s = { .sweep = sweep_new() };
	struct sweep_subject all = { .sweep = sweep_new() };
	const char *other[12] = { "prompt=1900" };
	double cross = 0.0, share;
	struct sweep_result r;
	struct diag d;

	for (size_t i = 0; link_bound[i] != NULL; i++)
		other[i + 1] = strncmp(link_bound[i], "policy", 6) == 0
			? "policy=recompute-all" : link_bound[i];
	sweep_subject_make(&all, other, links, NULL);
	for (uint64_t i = 0; i < 361; i++) {
		r = sweep_subject_at(&all, i);
		if (r.step_s < r.load_all_s)
			cross = 40e9 + 1e9 * (double)i;
	}
	ck_assert_double_gt(cross, 60e9);
	ck_assert_double_lt(cross, 380e9);
	sweep_subject_clear(&all);

	s.sweep.uncertain.draws = 2000;
	ck_assert_int_eq(sweep_uncertain_add(
		&s.sweep.uncertain,
		"link.h2d.bytes_per_s=uniform(40GB/s,400GB/s)", &d),
		STATUS_OK);
	ck_assert_int_eq(sweep_uncertain_against(&s.sweep.uncertain,
						 "recompute-all", &d),
			 STATUS_OK);
	sweep_subject_make(&s, link_bound, axes, NULL);
	r = sweep_subject_at(&s, 0);
	share = (cross - 40e9) / 360e9;
	ck_assert_double_eq_tol(r.win_pct / 100.0, share,
				4.0 * sqrt(share * (1.0 - share) / 2000.0) +
					1.0 / 360.0);
	sweep_subject_clear(&s);
}
END_TEST

/* The residuals of a calibration are a normal distribution of its spreads. */
START_TEST(residuals_are_normal_with_the_spreads_of_the_curves)
{
	static const char *const axes[] = {
		"policy=load-all,recompute-all", "prompt=20,1900", NULL
	};
	static const char *const paths[] = {
		"link.h2d.bytes_per_s", "link.d2h.bytes_per_s",
		"gpu.flop_per_s", "gpu.hbm_bytes_per_s",
	};
	char machine[500];
	const char *const options[] = { "model=opt-6.7b", machine, "gen=32",
					"batch=64", NULL };

	snprintf(machine, sizeof machine,
		 "hardware=%s/traces/h200-sxm/hardware.json",
		 getenv("top_srcdir") ? getenv("top_srcdir") : ".");
	for (size_t i = 0; i < 4; i++) {
		struct sweep_subject s = { .sweep = sweep_new() };
		struct sweep_subject known = { .sweep = sweep_new() };
		const struct calibration *c;
		char text[100];
		double spread = 0.0;
		bool differs = false;
		struct diag d;

		snprintf(text, sizeof text, "%s=residuals", paths[i]);
		ck_assert_int_eq(sweep_uncertain_add(&s.sweep.uncertain, text,
						     &d), STATUS_OK);
		sweep_subject_make(&s, options, axes, NULL);
		c = s.sweep.machines[0].hardware.calibration;
		if (i < 2)
			spread = c->pinned[i == 0 ? CALIBRATION_H2D
						  : CALIBRATION_D2H].spread;
		for (size_t k = 0; i == 2 && k < c->nproducts; k++)
			spread += c->products[k].rows.spread /
				  (double)c->nproducts;
		for (size_t k = 0; i == 3 && k < c->nattention; k++)
			spread += c->attention[k].bytes.spread /
				  (double)c->nattention;
		snprintf(text, sizeof text, "%s=normal(%.17g)", paths[i],
			 spread);
		ck_assert_int_eq(sweep_uncertain_add(&known.sweep.uncertain,
						     text, &d), STATUS_OK);
		sweep_subject_make(&known, options, axes, NULL);
		for (uint64_t p = 0; p < 4; p++) {
			struct sweep_result r = sweep_subject_at(&s, p);
			struct sweep_result k = sweep_subject_at(&known, p);
			struct sweep_spread a = r.spread[SWEEP_STEP];
			struct sweep_spread b = k.spread[SWEEP_STEP];

			ck_assert_double_eq_tol(a.p05, b.p05, 1e-12 * b.p05);
			ck_assert_double_eq_tol(a.p95, b.p95, 1e-12 * b.p95);
			differs |= a.p95 > a.p05;
		}
		sweep_subject_clear(&s);
		sweep_subject_clear(&known);
		/* nothing here waits for the way back */
		ck_assert(differs || i == 1);
	}
}
END_TEST

/* One per cent more of what binds takes a per cent less, of what does not
 * changes nothing; a figure that is not stated has none. */
START_TEST(worths_are_elasticities)
{
	static const char *const axes[] = { "prompt=900", NULL };
	struct sweep_subject s = { .sweep = sweep_new() };
	struct sweep_result r;

	sweep_subject_make(&s, link_bound, axes, "worth.link.h2d.bytes_per_s,"
				   "worth.gpu.flop_per_s,"
				   "worth.host.copy_bytes_per_s");
	r = sweep_subject_at(&s, 0);
	for (size_t i = 0; i < 2; i++) {
		struct sweep_cell c = sweep_columns_value(
			&s.sweep.columns.list[i], &r);

		ck_assert_double_eq_tol(c.number, i == 0 ? -1.0 : 0.0, 1e-5);
	}
	ck_assert(isnan(sweep_columns_value(&s.sweep.columns.list[2], &r)
				.number));
	sweep_subject_clear(&s);
}
END_TEST

START_TEST(fields_of_the_model_are_its_own)
{
	static const char *const options[] = {
		"model=opt-6.7b", "hardware=h200", "gen=32", "batch=9", NULL
	};
	static const char *const axes[] = {
		"model.num_hidden_layers=7,14,32", "prompt=77,777", NULL
	};
	struct sweep_subject s = { .sweep = sweep_new() };

	sweep_subject_make(&s, options, axes, NULL);
	/* back and forth, as what is kept of the last must not show */
	for (uint64_t i = 0; i < 2; i++) {
		double step_s = sweep_subject_at(&s, i).step_s;

		ck_assert_uint_eq(sweep_subject_at(&s, 4 + i).model->layers,
				  32);
		ck_assert_double_eq_tol(sweep_subject_at(&s, 2 + i).step_s,
					2.0 * step_s, 1e-12 * step_s);
		ck_assert_double_eq(sweep_subject_at(&s, i).step_s, step_s);
	}
	sweep_subject_clear(&s);
}
END_TEST

/* Twice as wide a model of as many heads has heads twice as wide. */
START_TEST(derived_fields_of_the_model_follow)
{
	static const char *const options[] = {
		"model=opt-6.7b", "hardware=h200", "gen=32", "batch=9",
		"prompt=77", NULL
	};
	static const struct {
		const char *axis;
		size_t heads, head_dim, kv_heads;
	} cases[] = {
		{ "model.hidden_size=8192", 32, 256, 32 },
		{ "model.num_attention_heads=16", 16, 256, 16 },
		{ "model.num_attention_heads+model.head_dim=16:64", 16, 64,
		  16 },
		{ "model.num_key_value_heads=8", 32, 128, 8 },
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const char *const axes[] = { cases[i].axis, NULL };
		struct sweep_subject s = { .sweep = sweep_new() };
		const struct llm *m;

		sweep_subject_make(&s, options, axes, NULL);
		m = sweep_subject_at(&s, 0).model;
		ck_assert_uint_eq(m->heads, cases[i].heads);
		ck_assert_uint_eq(m->head_dim, cases[i].head_dim);
		ck_assert_uint_eq(m->kv_heads, cases[i].kv_heads);
		sweep_subject_clear(&s);
	}
}
END_TEST

/* "policy=auto,load-all,...": all that there are; how many with auto. */
static size_t policy_axis(char *text, size_t size)
{
	size_t n;
	const struct policy *const *all = policy_list(&n);

	snprintf(text, size, "policy=auto");
	for (size_t i = 0; i < n; i++) {
		size_t length = strlen(text);

		snprintf(text + length, size - length, ",%s", all[i]->name);
	}
	ck_assert_uint_lt(strlen(text), size - 1);
	return n + 1;
}

/* `auto` takes the policy that is as fast as the fastest of all. */
START_TEST(auto_is_the_fastest)
{
	static const char *const options[] = {
		"model=opt-6.7b", "hardware=a100-40gb-pcie4", "gen=32", NULL
	};
	char policies[500];
	size_t n = policy_axis(policies, sizeof policies), cases = 0;
	const char *const axes[] = {
		"batch+prompt=2:300,32:500,64:100", "num-batches=1,2",
		policies, NULL
	};
	struct sweep_subject s = { .sweep = sweep_new() };

	sweep_subject_make(&s, options, axes, NULL);
	for (uint64_t i = 0; i < s.sweep.space.points; i += n) {
		double best = sweep_subject_at(&s, i).step_s, least = INFINITY;

		for (uint64_t k = 1; k < n; k++) {
			struct sweep_result r;
			struct diag d;

			sweep_worker_inputs(s.worker, i + k);
			if (sweep_worker_find(s.worker, &r, &d) == STATUS_OK)
				least = fmin(least, r.step_s);
		}
		ck_assert_double_eq(best, least);
		cases++;
	}
	ck_assert_uint_eq(cases, 6);
	sweep_subject_clear(&s);
}
END_TEST

/* --simulate is what `kvplan plan` simulates. */
START_TEST(simulated_decodes_are_those_of_plan)
{
	static const char *const options[] = {
		"model=opt-125m", "hardware=h200", "gen=19", NULL
	};
	static const char *const axes[] = { "batch=3,33", "prompt=99,999",
					    "policy=kvpr-row,auto", NULL };
	struct sweep_subject s = { .sweep = sweep_new() };

	s.sweep.simulate = true;
	sweep_subject_make(&s, options, axes,
			   "decode_s,prefill_s,decode_gain_pct");
	for (uint64_t i = 0; i < 8; i++) {
		struct sweep_result r = sweep_subject_at(&s, i);
		struct decode_case c = {
			.model = *r.model, .workload = r.w,
			.hardware = s.sweep.machines[0].hardware,
		};
		struct outcome o;
		struct diag d;

		ck_assert_int_eq(evaluate(&c, r.plan.policy, NULL, NULL, &o,
					  &d), STATUS_OK);
		ck_assert_double_eq_tol(r.decode_s, o.decode_s,
					1e-12 * o.decode_s);
		ck_assert_double_eq_tol(r.prefill_s, o.prefill_s,
					1e-12 * o.prefill_s);
		outcome_clear(&o);
	}
	sweep_subject_clear(&s);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("cli/sweep_worker");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, draws_have_their_closed_forms);
	tcase_add_test(tc, lognormal_draws_have_their_mean);
	tcase_add_test(tc, another_policy_wins_as_often_as_it_should);
	tcase_add_test(tc,
		       residuals_are_normal_with_the_spreads_of_the_curves);
	tcase_add_test(tc, worths_are_elasticities);
	tcase_add_test(tc, fields_of_the_model_are_its_own);
	tcase_add_test(tc, derived_fields_of_the_model_follow);
	tcase_add_test(tc, auto_is_the_fastest);
	tcase_add_test(tc, simulated_decodes_are_those_of_plan);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
