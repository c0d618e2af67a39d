/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Decisions that the user or the policy takes, and the planner keeps to. */
#include "lp/planner.h"

#include <string.h>

#include "model/layer.h"
#include "schedule/accelerate_sequential.h"
#include "schedule/cpu_attention.h"
#include "schedule/flexgen.h"
#include "schedule/kvpr_column.h"
#include "schedule/kvpr_row.h"
#include "schedule/load_all.h"
#include "schedule/offloaded_cache.h"
#include "schedule/recompute_all.h"
#include "schedule/zero_inference.h"
#include "tests/harness.h"
#include "tests/planned.h"
#include "tests/random_case.h"

/* Policies that decide the split take it whatever the options. */
START_TEST(a_policy_may_decide_the_split)
{
	for (size_t whole = 0; whole < 2; whole++) {
		struct random_case c = planned_headline(9);
		struct planner_options options = {
			.program = whole ? PROGRAM_COLUMN : PROGRAM_PERIOD,
			.whole_sequence = whole,
		};
		struct plan none = planned_plan(&c, &policy_load_all, &options);
		struct plan all = planned_plan(&c, &policy_recompute_all,
					  &options);

		for (size_t i = 0; i < 8; i++) {
			ck_assert_uint_eq(none.split[i], 0);
			ck_assert_uint_eq(all.split[i], 128 + i);
		}
		ck_assert(all.whole_sequence);
		ck_assert_uint_eq(plan_prefetch(&none), 1);
		ck_assert_uint_eq(plan_prefetch(&all), 1);
		plan_clear(&none);
		plan_clear(&all);
	}
}
END_TEST

START_TEST(a_fixed_split_is_cut_to_what_a_step_allows)
{
	static const enum planner_program programs[] = {
		PROGRAM_PERIOD, PROGRAM_ROW, PROGRAM_COLUMN,
	};
	size_t done = 0;

	for (size_t k = 0; k < 6; k++) {
		struct random_case c = planned_headline(9);
		struct planner_options options = {
			.program = programs[k % 3],
			.whole_sequence = true, .fix_split = true,
			.split = k / 3 ? 131 : 0,
		};
		struct plan plan = planned_plan(&c, &policy_kvpr_row, &options);

		for (size_t i = 0; i < 8; i++, done++) {
			size_t cut = 128 + i < 131 ? 128 + i : 131;

			ck_assert_uint_eq(plan.split[i], k / 3 ? cut : 0);
		}
		plan_clear(&plan);
	}
	ck_assert_uint_eq(done, 48);
}
END_TEST

START_TEST(a_fixed_depth_is_kept)
{
	static const struct policy *const policies[] = {
		&policy_kvpr_row, &policy_load_all, &policy_recompute_all,
	};
	static const size_t depths[] = { 0, 1, 5, PLAN_MOST_PREFETCH };
	struct random_case c = planned_headline(5);

	c.hw.memory_bytes = 1e12;
	for (size_t k = 0; k < 12; k++) {
		struct planner_options options = {
			.fix[DECISION_PREFETCH] = true,
			.value[DECISION_PREFETCH] = (double)depths[k / 3],
		};
		struct plan plan = planned_plan(&c, policies[k % 3], &options);

		ck_assert_uint_eq(plan_prefetch(&plan), depths[k / 3]);
		plan_clear(&plan);
	}
}
END_TEST

/*
 * OPT-6.7B at batch 64, 136 tokens, of which the prompt is one, so that
 * decode needs more than prefill: weights, activations and logits take
 * 13324660736 B.  With the split fixed at 0, the last of 135 steps needs
 * D + 1 buffers of 136 tokens' K and V, 1048576 B each.
 */
START_TEST(the_depth_is_what_fits_memory)
{
	const double rest = 13324660736.0, tokens = 136.0 * 1048576.0;
	struct random_case c = planned_headline(136);
	struct planner_options options = { .fix_split = true, .split = 0 };
	struct plan plan, before;
	struct diag d = { "" };

	c.w.prompt = 1;
	/* loads take as long as compute: a layer ahead would pay */
	c.hw.memory_bytes = rest + 2.0 * tokens;
	plan = planned_plan(&c, &policy_kvpr_row, &options);
	ck_assert_uint_eq(plan_prefetch(&plan), 1);
	plan_clear(&plan);
	c.hw.memory_bytes = rest + 2.0 * tokens - 1.0;
	plan = planned_plan(&c, &policy_kvpr_row, &options);
	ck_assert_uint_eq(plan_prefetch(&plan), 0);
	plan_clear(&plan);
	/* none fits: weights and all */
	memset(&plan, 0x5a, sizeof plan);
	memcpy(&before, &plan, sizeof plan);
	c.hw.memory_bytes = 12.34e9;
	ck_assert_int_eq(planner_plan(&c.model, &c.w, &c.hw, &policy_kvpr_row,
				      &options, &plan, &d),
			 STATUS_INFEASIBLE);
	ck_assert_str_eq(d.text,
			 "does not fit: a100-40gb-pcie4 needs 13.47 GB of GPU "
			 "memory (weights: 13.31 GB), it has 12.34 GB");
	/* nor does a depth that the user fixed */
	c.hw.memory_bytes = rest + 3.0 * tokens - 1.0;
	options.fix[DECISION_PREFETCH] = true;
	options.value[DECISION_PREFETCH] = 2;
	ck_assert_int_eq(planner_plan(&c.model, &c.w, &c.hw, &policy_kvpr_row,
				      &options, &plan, &d),
			 STATUS_INFEASIBLE);
	ck_assert_mem_eq(&plan, &before, sizeof plan);
}
END_TEST

#define FIX(which, what) \
	{ .fix[which] = true, .value[which] = (what) }

START_TEST(decisions_that_are_not_open_are_refused)
{
	static const struct {
		const struct policy *policy;
		struct planner_options options;
		const char *message;
	} cases[] = {
		{ &policy_load_all, { .fix_split = true, .split = 5 },
		  "policy load-all decides the split itself: a fixed split "
		  "cannot be used with it" },
		{ &policy_load_all, { .fix_split = true, .split = 0 },
		  "policy load-all decides the split itself: a fixed split "
		  "cannot be used with it" },
		{ &policy_recompute_all, { .fix_split = true, .split = 128 },
		  "policy recompute-all decides the split itself: a fixed "
		  "split cannot be used with it" },
		{ &policy_kvpr_row, { .fix_split = true, .split = 129 },
		  "split: found 129, expected 0 to 128 (the prompt)" },
		{ &policy_kvpr_row,
		  { .fix_split = true, .split = 136, .whole_sequence = true },
		  "split: found 136, expected 0 to 135 (the longest "
		  "sequence)" },
		{ &policy_offloaded_cache,
		  FIX(DECISION_PREFETCH, 2),
		  "policy offloaded-cache decides prefetch itself: another "
		  "cannot be used with it" },
		{ &policy_accelerate_sequential,
		  FIX(DECISION_PREFETCH, 1),
		  "policy accelerate-sequential decides prefetch itself: "
		  "another cannot be used with it" },
		{ &policy_offloaded_cache, FIX(DECISION_CACHE_ON_GPU, 0.385),
		  "policy offloaded-cache decides cache_on_gpu itself: "
		  "another cannot be used with it" },
		{ &policy_kvpr_row, FIX(DECISION_WEIGHTS_ON_GPU, 0.385),
		  "policy kvpr-row decides weights_on_gpu itself: another "
		  "cannot be used with it" },
		{ &policy_kvpr_column,
		  FIX(DECISION_ATTENTION, ATTENTION_CPU),
		  "policy kvpr-column decides attention itself: another "
		  "cannot be used with it" },
		{ &policy_cpu_attention,
		  FIX(DECISION_ATTENTION, ATTENTION_GPU),
		  "policy cpu-attention decides attention itself: another "
		  "cannot be used with it" },
		{ &policy_load_all, FIX(DECISION_HOME, HOME_PAGEABLE),
		  "policy load-all decides home itself: another cannot be "
		  "used with it" },
		{ &policy_zero_inference, FIX(DECISION_HIDDEN, HIDDEN_HOST),
		  "policy zero-inference decides hidden itself: another "
		  "cannot be used with it" },
		{ &policy_flexgen, FIX(DECISION_PIPELINE, PIPELINE_FINE),
		  "policy flexgen decides pipeline itself: another cannot "
		  "be used with it" },
		{ &policy_recompute_all,
		  FIX(DECISION_SEP_LAYER, SEP_LAYER_YES),
		  "policy recompute-all decides sep_layer itself: another "
		  "cannot be used with it" },
	};
	const size_t n = sizeof cases / sizeof cases[0];
	struct random_case c = planned_headline(9);

	for (size_t i = 0; i < n; i++) {
		struct plan plan, before;
		struct diag d = { "" };

		memset(&plan, 0x5a, sizeof plan);
		memcpy(&before, &plan, sizeof plan);
		ck_assert_int_eq(planner_plan(&c.model, &c.w, &c.hw,
					      cases[i].policy,
					      &cases[i].options, &plan, &d),
				 STATUS_INVALID);
		ck_assert_str_eq(d.text, cases[i].message);
		ck_assert_mem_eq(&plan, &before, sizeof plan);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("lp/planner, given decisions");
	TCase *tc = tcase_create("plans");

	tcase_set_timeout(tc, 300);
	tcase_add_test(tc, a_policy_may_decide_the_split);
	tcase_add_test(tc, a_fixed_split_is_cut_to_what_a_step_allows);
	tcase_add_test(tc, a_fixed_depth_is_kept);
	tcase_add_test(tc, the_depth_is_what_fits_memory);
	tcase_add_test(tc, decisions_that_are_not_open_are_refused);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
