/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep/worker.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "evaluate/compare.h"
#include "evaluate/evaluate.h"
#include "tests/harness.h"
#include "tests/sweep_subject.h"

static const char *const small[] = { "model=opt-125m", "hardware=t4", "gen=5",
				     "policy=auto", NULL };

/* The case of `r` for evaluate_...(), its hardware that of the sweep. */
static struct decode_case case_of(const struct sweep_subject *s,
				  const struct sweep_result *r)
{
	return (struct decode_case){
		.model = *r->model, .workload = r->w,
		.hardware = s->sweep.machines[0].hardware,
		.planner = s->sweep.request.planner,
	};
}

/* By decode_s `auto` is that of `kvplan plan`, which simulates all. */
START_TEST(by_decode_auto_is_that_of_plan)
{
	static const char *const options[] = {
		"model=opt-6.7b", "hardware=a100-40gb-pcie4", "policy=auto",
		NULL
	};
	static const char *const axes[] = { "batch=2,16", "prompt=40,700",
					    "gen=2,9", NULL };
	struct sweep_subject s = { .sweep = sweep_new() }, steps = s;
	size_t differs = 0;

	s.sweep.simulate = true;
	s.sweep.has_objective = true;
	s.sweep.objective = SWEEP_LEAST_DECODE;
	sweep_subject_make(&s, options, axes, "policy,decode_s");
	sweep_subject_make(&steps, options, axes, "policy");
	for (uint64_t i = 0; i < 8; i++) {
		struct sweep_result r = sweep_subject_at(&s, i);
		struct decode_case c = case_of(&s, &r);
		const struct policy *policy;
		struct outcome o;
		struct diag d = { "" };

		ck_assert_int_eq(evaluate_best(&c, &policy, &o, &d),
				 STATUS_OK);
		ck_assert_str_eq(r.plan.policy->name, policy->name);
		ck_assert_double_eq_tol(r.decode_s, o.decode_s,
					1e-12 * o.decode_s);
		differs += sweep_subject_at(&steps, i).plan.policy != policy;
		outcome_clear(&o);
	}
	/* or the test would not tell both apart */
	ck_assert_uint_gt(differs, 0);
	sweep_subject_clear(&s);
	sweep_subject_clear(&steps);
}
END_TEST

/* Of policies that are tried: what is passed over, and which reason is kept. */
START_TEST(the_first_that_does_not_fit_is_the_reason)
{
	struct diag d = { "" }, two = { "two" }, three = { "three" };
	enum status why = STATUS_OK;

	ck_assert(!evaluate_pass_over(STATUS_OK, &two, &why, &d));
	ck_assert(!evaluate_pass_over(STATUS_SOLVER, &two, &why, &d));
	ck_assert(!evaluate_pass_over(STATUS_INVALID, &two, &why, &d));
	ck_assert_int_eq(why, STATUS_OK);
	ck_assert_str_eq(d.text, "");
	ck_assert(evaluate_pass_over(STATUS_USAGE, &two, &why, &d));
	ck_assert(evaluate_pass_over(STATUS_USAGE, &three, &why, &d));
	ck_assert_int_eq(why, STATUS_USAGE);
	ck_assert_str_eq(d.text, "three");
	ck_assert(evaluate_pass_over(STATUS_INFEASIBLE, &two, &why, &d));
	ck_assert(evaluate_pass_over(STATUS_INFEASIBLE, &three, &why, &d));
	ck_assert(evaluate_pass_over(STATUS_USAGE, &three, &why, &d));
	ck_assert_int_eq(why, STATUS_INFEASIBLE);
	ck_assert_str_eq(d.text, "two");
}
END_TEST

/* By memory it is the policy with the least, of equals the fastest. */
START_TEST(by_memory_auto_is_the_least_of_all_policies)
{
	static const char *const axes[] = { "batch=2,170", "prompt=40,1400",
					    NULL };
	static const enum sweep_objective objectives[] = {
		SWEEP_LEAST_GPU_BYTES, SWEEP_LEAST_HOST_BYTES
	};
	static const enum memory_place places[] = { MEMORY_GPU, MEMORY_HOST };
	size_t n, cases = 0;
	const struct policy *const *all = policy_list(&n);

	for (size_t k = 0; k < 2; k++) {
		struct sweep_subject s = { .sweep = sweep_new() };

		s.sweep.has_objective = true;
		s.sweep.objective = objectives[k];
		sweep_subject_make(&s, small, axes, "policy");
		for (uint64_t i = 0; i < 4; i++) {
			struct sweep_result r = sweep_subject_at(&s, i);
			struct step_planner *planner = step_planner_new();
			struct decode_case c = case_of(&s, &r);
			struct memory mem = step_memory(&c.model, &c.workload,
							&r.plan);
			double least = memory_used(&mem, places[k]);

			c.planner.without_glpk = true;
			for (size_t p = 0; p < n; p++) {
				struct step_plan plan;
				struct diag d;
				double bytes;

				if (step_plan(planner, &c.model, &c.workload,
					      &c.hardware, all[p], &c.planner,
					      r.plan.step, &plan, &d) !=
				    STATUS_OK)
					continue;
				mem = step_memory(&c.model, &c.workload,
						  &plan);
				bytes = memory_used(&mem, places[k]);
				ck_assert_double_ge(bytes, least);
				if (bytes == least)
					ck_assert_double_ge(plan.layer_s,
							    r.plan.layer_s);
				cases++;
			}
			step_planner_free(planner);
		}
		sweep_subject_clear(&s);
	}
	ck_assert_uint_ge(cases, 8 * 4);
}
END_TEST

/* What the paper would choose is what `kvplan plan` says it would. */
START_TEST(paper_split_is_that_of_the_certificate)
{
	static const char *const programs[] = { "program=period",
						"program=row",
						"program=column" };
	static const char *const axes[] = {
		"policy=kvpr-row,kvpr-column,load-all,recompute-all",
		"prompt=300,900", NULL
	};
	size_t cases = 0, positive = 0;

	for (size_t k = 0; k < 3; k++) {
		const char *const options[] = {
			"model=opt-6.7b", "hardware=a100-40gb-pcie4", "gen=9",
			"batch=48", programs[k], "limit=sequence", NULL
		};
		struct sweep_subject s = { .sweep = sweep_new() };

		sweep_subject_make(&s, options, axes, NULL);
		for (uint64_t i = 0; i < 8; i++) {
			struct sweep_result r;
			struct comparison known = { .has_other = { false } };
			struct decode_case c;
			struct diag d = { "" };

			sweep_worker_inputs(s.worker, i);
			if (sweep_worker_find(s.worker, &r, &d) != STATUS_OK)
				continue;
			c = case_of(&s, &r);
			c.policy = r.plan.policy;
			ck_assert_msg(compare_make(&c, &known, &d) ==
					      STATUS_OK, "%s", d.text);
			ck_assert_uint_eq(r.plan.step, known.certificate.step);
			ck_assert_uint_eq(r.plan.paper_split,
					  known.certificate.paper_split);
			positive += r.plan.paper_split > 0;
			cases++;
			compare_clear(&known);
		}
		sweep_subject_clear(&s);
	}
	ck_assert_uint_ge(cases, 12);
	ck_assert_uint_ge(positive, 8);
}
END_TEST

/*
 * Draws that do not fit leave the others as they are: with the memory drawn
 * around what is needed, their share is its closed form; and over the rest the
 * time, which memory does not change, has the mean of the same draws.
 */
START_TEST(draws_that_do_not_fit_are_counted)
{
	static const char *const options[] = {
		"model=opt-6.7b", "hardware=h200", "gen=32", "batch=64",
		"policy=load-all", "set=link.h2d.latency_s=0",
		"set=host.memory_bytes=9TB", NULL
	};
	static const char *const axes[] = { "prompt=900", NULL };
	struct sweep_subject s = { .sweep = sweep_new() };
	struct sweep_subject known = { .sweep = sweep_new() };
	struct sweep_uncertain *u = &s.sweep.uncertain;
	struct sweep_result r;
	struct memory mem;
	double need, c, sum = 0.0;
	size_t fit = 0;
	char text[120];
	struct diag d;

	sweep_subject_make(&known, options, axes, NULL);
	r = sweep_subject_at(&known, 0);
	mem = step_memory(r.model, &r.w, &r.plan);
	need = memory_used(&mem, MEMORY_GPU);
	c = r.step_s * known.sweep.machines[0].hardware.h2d.bytes_per_s;

	u->draws = 3000;
	ck_assert_int_eq(sweep_uncertain_add(
		u, "link.h2d.bytes_per_s=uniform(20GB/s,60GB/s)", &d),
		STATUS_OK);
	snprintf(text, sizeof text, "gpu.memory_bytes=uniform(%.17g,%.17g)",
		 0.9 * need, 1.2 * need);
	ck_assert_int_eq(sweep_uncertain_add(u, text, &d), STATUS_OK);
	sweep_subject_make(&s, options, axes, NULL);
	r = sweep_subject_at(&s, 0);
	for (size_t i = 0; i < u->draws; i++) {
		struct hardware hw = s.sweep.machines[0].hardware;

		ck_assert_int_eq(sweep_uncertain_draw(u, i, &hw, &d),
				 STATUS_OK);
		if (hw.memory_bytes < need)
			continue;
		sum += c / hw.h2d.bytes_per_s;
		fit++;
	}
	ck_assert_double_eq_tol(r.unfit_pct,
				100.0 * (1.0 - (double)fit / 3000.0), 1e-9);
	ck_assert_double_eq_tol(r.unfit_pct, 100.0 / 3.0,
				400.0 * sqrt(2.0 / 9.0 / 3000.0));
	ck_assert_double_eq_tol(r.spread[SWEEP_STEP].mean,
				sum / (double)fit, 1e-9 * sum / (double)fit);
	ck_assert_double_eq_tol(r.spread[SWEEP_GAIN].p95, 0.0, 1e-9);
	sweep_subject_clear(&s);
	sweep_subject_clear(&known);
}
END_TEST

/* Where none fits, the row says why the first does not. */
START_TEST(a_point_that_no_draw_fits_says_why)
{
	static const char *const options[] = {
		"model=opt-6.7b", "hardware=h200", "gen=32", "batch=64", NULL
	};
	static const char *const axes[] = { "prompt=900", NULL };
	struct sweep_subject s = { .sweep = sweep_new() };
	struct sweep_result r;
	struct diag d;

	ck_assert_int_eq(sweep_uncertain_add(
		&s.sweep.uncertain, "gpu.memory_bytes=uniform(1GB,2GB)", &d),
		STATUS_OK);
	sweep_subject_make(&s, options, axes, NULL);
	sweep_worker_inputs(s.worker, 0);
	ck_assert_int_eq(sweep_worker_find(s.worker, &r, &d),
			 STATUS_INFEASIBLE);
	ck_assert_msg(strncmp(d.text, "draw 0: ", 8) == 0, "%s", d.text);
	sweep_subject_clear(&s);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("sweep/choice");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, by_decode_auto_is_that_of_plan);
	tcase_add_test(tc, the_first_that_does_not_fit_is_the_reason);
	tcase_add_test(tc, by_memory_auto_is_the_least_of_all_policies);
	tcase_add_test(tc, paper_split_is_that_of_the_certificate);
	tcase_add_test(tc, draws_that_do_not_fit_are_counted);
	tcase_add_test(tc, a_point_that_no_draw_fits_says_why);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
