/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any graph and any policy, against evaluations that share no code. */
#include "sim/run.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "schedule/flexgen.h"
#include "schedule/kvpr_row.h"
#include "tests/harness.h"
#include "tests/random_case.h"
#include "tests/run_check.h"

enum { CASES = 1500, SEED = 31337 };

/* Every step loads both X and KV. */
static void mix_loads(const struct random_case *c, struct plan *plan)
{
	for (size_t i = 0; i < plan->steps; i++) {
		size_t cached = c->w.prompt + i;

		if (plan->split[i] == 0)
			plan->split[i] = 1;
		if (plan->split[i] == cached)
			plan->split[i] = cached - 1;
	}
}

/* One layer's loads after another's: no weights, no units, all on the GPU. */
static bool is_row(const struct plan *plan)
{
	return plan->policy->build != flexgen_graph &&
	       plan_weights_on_host(plan) == 0.0 &&
	       plan->decision[DECISION_ATTENTION] == ATTENTION_GPU;
}

/*
 * At any depth, first come first served.  As long as loads run ahead by less
 * than a step, X and KV take turns and no load waits for a store, that is
 * the order of issue, and so the longest path through the graph.
 */
START_TEST(row_schedules_are_longest_paths)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t n, done = 0, paths[4] = { 0 };
	const struct policy *const *list = policy_list(&n);

	gsl_rng_set(rng, SEED + 3);
	for (; done < CASES; done++) {
		const struct policy *policy =
			done % 2 ? &policy_kvpr_row : list[done / 2 % n];
		struct random_case c = random_case_draw(rng);
		size_t depth = random_case_size(rng, 0, 3);
		bool hidden = done % 3 > 0;
		struct run_oracle r;
		struct plan plan;

		c.w.prompt++;
		plan = random_case_plan(rng, &c, policy, depth);
		if (hidden) {
			random_case_hide_stores(&c.hw);
			if (policy->split == SPLIT_OPEN)
				mix_loads(&c, &plan);
		}
		r = run_check_begin(&c, &plan, SPAN_STEP);
		run_check(&r);
		run_oracle_compare(&r, run_oracle_first_come);
		if (hidden && depth < c.model.layers && is_row(&plan)) {
			run_oracle_compare(&r, run_oracle_longest_path);
			paths[depth]++;
		}
		run_check_end(&r);
		plan_clear(&plan);
	}
	ck_assert_uint_eq(done, CASES);
	for (size_t depth = 0; depth < 4; depth++)
		ck_assert_uint_ge(paths[depth], CASES / 18);
	gsl_rng_free(rng);
}
END_TEST

/* Any graph, against first come, first served; some under a duplex limit. */
START_TEST(any_graph_runs_as_the_header_says)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t done = 0, slowed = 0;

	gsl_rng_set(rng, SEED + 4);
	for (; done < CASES; done++) {
		struct random_case c = random_case_draw(rng);
		struct plan plan = random_case_plan(rng, &c,
						    &policy_kvpr_row, 0);
		struct run_oracle r = {
			.graph = random_case_graph(rng), .w = &c.w,
			.plan = &plan, .hw = &c.hw,
		};
		double *end_s = xcalloc(
			plan.steps * r.graph->ntasks, sizeof *end_s);

		if (done % 2)
			random_case_hand_over(&c.hw);
		r.first_step = random_case_size(rng, 0, plan.steps - 1);
		r.end_step = random_case_size(rng, r.first_step, plan.steps);
		run_check(&r);
		run_oracle_compare(&r, run_oracle_first_come);
		run_oracle_first_come(&r, end_s);
		run_check_clear(&r);
		c.hw.duplex_bytes_per_s =
			random_case_log(rng, 0.2, 1.2) *
			fmin(c.hw.h2d.bytes_per_s, c.hw.d2h.bytes_per_s);
		run_check(&r);
		for (size_t i = 0; i < r.timeline.n; i++)
			if (!run_oracle_close(
				    r.timeline.slices[i].end_s,
				    end_s[run_oracle_at(
					    &r, r.timeline.slices[i].task,
					    r.timeline.slices[i].step)])) {
				slowed++;
				break;
			}
		free(end_s);
		run_check_end(&r);
		plan_clear(&plan);
	}
	ck_assert_uint_eq(done, CASES);
	ck_assert_uint_ge(slowed, CASES / 4);
	gsl_rng_free(rng);
}
END_TEST

/* A whole decode of a real model, for the tests of options below. */
static struct random_case real_case(void)
{
	struct random_case c = {
		.model = harness_model("opt-6.7b"),
		.hw = harness_hardware("a100-40gb-pcie4"),
		.w = harness_workload(17, 128, 9),
	};

	return c;
}

static struct plan real_plan(void)
{
	struct plan plan = { .policy = &policy_kvpr_row, .steps = 8,
			     .decision[DECISION_PREFETCH] = 1,
			     .decision[DECISION_WEIGHTS_ON_GPU] = 1 };

	plan.split = xcalloc(8, sizeof *plan.split);
	for (size_t i = 0; i < 8; i++)
		plan.split[i] = 91 + i;
	return plan;
}

START_TEST(nothing_need_be_kept)
{
	struct random_case c = real_case();
	struct plan plan = real_plan();
	struct run_oracle r = run_check_begin(&c, &plan, SPAN_STEP);
	struct run_options whole = run_whole(&plan);
	struct run_result result;
	struct diag d = { "" };

	ck_assert_uint_eq(whole.first_step, 0);
	ck_assert_uint_eq(whole.end_step, 8);
	ck_assert_ptr_null(whole.step_end_s);
	ck_assert_ptr_null(whole.timeline);
	memset(&result, 0, sizeof result);
	ck_assert_int_eq(run_graph(r.graph, &c.w, &plan, &c.hw, &whole, &result,
				   &d), STATUS_OK);
	run_check(&r);
	ck_assert_double_eq(result.makespan_s, r.result.makespan_s);
	for (int e = 0; e < ENGINE_COUNT; e++) {
		ck_assert_double_eq(result.engine[e].busy_s,
				    r.result.engine[e].busy_s);
		ck_assert_double_eq(result.engine[e].bytes,
				    r.result.engine[e].bytes);
		ck_assert_uint_eq(result.engine[e].tasks,
				  r.result.engine[e].tasks);
	}
	run_check_end(&r);
	plan_clear(&plan);
}
END_TEST

/* Each part of a decode, run alone, is what the oracle says of it. */
START_TEST(a_part_of_the_steps_may_be_run)
{
	struct random_case c = real_case();
	struct plan plan = real_plan();
	struct run_oracle r = run_check_begin(&c, &plan, SPAN_STEP);
	size_t done = 0;

	c.hw.duplex_bytes_per_s = 0.0;
	for (size_t first = 0; first <= 8; first++)
		for (size_t last = first; last <= 8; last++, done++) {
			r.first_step = first;
			r.end_step = last;
			run_check(&r);	/* step ends of others untouched */
			run_oracle_compare(&r, run_oracle_longest_path);
			ck_assert((r.result.makespan_s > 0.0) ==
				  (first < last));
			run_check_clear(&r);
		}
	ck_assert_uint_eq(done, 45);
	run_check_end(&r);
	plan_clear(&plan);
}
END_TEST

/* The same inputs give the same run, to the last bit. */
START_TEST(a_run_can_be_repeated)
{
	struct random_case c = real_case();
	struct plan plan = real_plan();
	struct run_oracle a = run_check_begin(&c, &plan, SPAN_STEP), b = a;

	ck_assert_double_gt(c.hw.duplex_bytes_per_s, 0.0);
	run_check(&a);
	run_check(&b);
	ck_assert_uint_eq(a.timeline.n, b.timeline.n);
	for (size_t i = 0; i < a.timeline.n; i++) {
		const struct slice *x = &a.timeline.slices[i];
		const struct slice *y = &b.timeline.slices[i];

		if (x->task != y->task || x->step != y->step ||
		    x->start_s != y->start_s || x->end_s != y->end_s)
			ck_abort_msg("slice %zu differs", i);
	}
	run_check_clear(&b);
	run_check_end(&a);
	plan_clear(&plan);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("sim/run");
	TCase *random = tcase_create("against oracles");
	TCase *real = tcase_create("a real model");

	tcase_set_timeout(random, 300);
	tcase_add_test(random, row_schedules_are_longest_paths);
	tcase_add_test(random, any_graph_runs_as_the_header_says);
	suite_add_tcase(s, random);
	tcase_set_timeout(real, 120);
	tcase_add_test(real, nothing_need_be_kept);
	tcase_add_test(real, a_part_of_the_steps_may_be_run);
	tcase_add_test(real, a_run_can_be_repeated);
	suite_add_tcase(s, real);
	return harness_run(s);
}
