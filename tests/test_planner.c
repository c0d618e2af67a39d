/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lp/planner.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lp/paper_split.h"
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
#include "tests/random_case.h"
#include "tests/row_times.h"

enum { CASES = 300, SEED = 15485863 };

/* The optima of GLPK's programs carry its tolerance. */
#define TOLERANCE 1e-7

static struct plan planned(const struct random_case *c,
			   const struct policy *policy,
			   const struct planner_options *options)
{
	struct plan plan;
	struct diag d = { "" };
	enum status s = planner_plan(&c->model, &c->w, &c->hw, policy,
				     options, &plan, &d);

	ck_assert_msg(s == STATUS_OK, "%s", d.text);
	ck_assert_ptr_eq(plan.policy, policy);
	ck_assert_uint_eq(plan.steps, c->w.gen - 1);
	return plan;
}

/* The paper's headline: OPT-6.7B, batch 64, 26 GB/s, 86 % of 312 TFLOP/s. */
static struct random_case headline(size_t gen)
{
	struct random_case c = {
		.model = harness_model("opt-6.7b"),
		.hw = harness_hardware("a100-40gb-pcie4"),
		.w = harness_workload(64, 128, gen),
	};

	c.hw.h2d.bytes_per_s = 26e9;
	c.hw.flop_per_s = 312e12;
	c.hw.gemm_derate = 0.86;
	return c;
}

START_TEST(the_papers_program)
{
	struct random_case c = headline(32);
	struct paper_split p = paper_split_of(
		&c.model, &c.w, &c.hw, PAPER_COLUMN, 131, 128);

	ck_assert_int_eq(p.form, PAPER_COLUMN);
	ck_assert_uint_eq(p.cached, 131);
	ck_assert_uint_eq(p.limit, 128);
	/* 64 * 4096 * 2 B, twice that, and 4 * 64 * 4096^2 FLOP */
	ck_assert_double_eq_tol(p.activation_s, 524288.0 / 26e9, 1e-18);
	ck_assert_double_eq_tol(p.kv_s, 1048576.0 / 26e9, 1e-18);
	ck_assert_double_eq_tol(p.recompute_s, 4294967296.0 / 268.32e12,
				1e-18);
	/* grouped queries: h = 4096, k = 1024 */
	c.model = harness_model("llama-3.1-8b");
	p = paper_split_of(&c.model, &c.w, &c.hw, PAPER_ROW, 131, 5);
	ck_assert_double_eq_tol(p.activation_s, 524288.0 / 26e9, 1e-18);
	ck_assert_double_eq_tol(p.kv_s, 262144.0 / 26e9, 1e-18);
	ck_assert_double_eq_tol(p.recompute_s, 1073741824.0 / 268.32e12,
				1e-18);
}
END_TEST

/* l = 0.71587 s' until the prompt is reached: 91, 92, 93, 94, 94, ... */
START_TEST(each_step_has_its_split)
{
	static const enum planner_program programs[] = { PROGRAM_ROW,
							 PROGRAM_COLUMN };
	size_t done = 0;

	for (size_t k = 0; k < 4; k++) {
		struct random_case c = headline(80);
		struct planner_options options = {
			.program = programs[k % 2],
			.whole_sequence = k / 2,
		};
		struct plan plan = planned(&c, &policy_kvpr_row, &options);
		double kv = 1048576.0 / 26e9, n = 4294967296.0 / 268.32e12;

		/* as the form supposes: X under other work, or not */
		ck_assert_uint_eq(plan_prefetch(&plan), k % 2);
		ck_assert_int_eq(plan.whole_sequence, k >= 2);
		for (size_t i = 0; i < plan.steps; i++, done++) {
			double s = 128.0 + (double)i;
			double limit = k >= 2 ? s : 128.0;
			double slope = k % 2 ? n + 0.5 * kv : n + kv;
			double corner = fmin(s * kv / slope, limit);

			ck_assert_double_le(
				fabs((double)plan.split[i] - corner), 1.0);
			ck_assert_uint_le(plan.split[i], (size_t)limit);
			if (i > 0)
				ck_assert_uint_ge(plan.split[i],
						  plan.split[i - 1]);
		}
		if (k % 2 == 0)
			ck_assert_uint_eq(plan.split[0], 91);
		plan_clear(&plan);
	}
	ck_assert_uint_eq(done, 4 * 79);
}
END_TEST

/* Each step's split is the paper program's own optimum, by the closed form. */
START_TEST(splits_are_the_closed_form)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t done = 0, inside = 0;

	gsl_rng_set(rng, SEED);
	for (; done < CASES; done++) {
		struct random_case c = random_case_draw(rng);
		struct planner_options options = {
			.program = done % 2 ? PROGRAM_ROW : PROGRAM_COLUMN,
			.whole_sequence = done / 2 % 2,
		};
		struct plan plan;

		c.hw.memory_bytes = 1e18;
		plan = planned(&c, &policy_kvpr_row, &options);
		for (size_t i = 0; i < plan.steps; i++) {
			size_t cached = c.w.prompt + i;
			struct paper_split p = paper_split_of(
				&c.model, &c.w, &c.hw,
				done % 2 ? PAPER_ROW : PAPER_COLUMN, cached,
				options.whole_sequence ? cached
						       : c.w.prompt);
			size_t l = paper_split_closed_form(&p);

			if (plan.split[i] != l)
				ck_abort_msg("case %zu, step %zu: %zu, "
					     "expected %zu", done, i,
					     plan.split[i], l);
			inside += l > 0 && l < p.limit;
		}
		plan_clear(&plan);
	}
	ck_assert_uint_eq(done, CASES);
	ck_assert_uint_gt(inside, CASES / 4);
	gsl_rng_free(rng);
}
END_TEST

/*
 * Period of a layer in the row schedule.  Depth 0: a layer's loads begin
 * when it begins.  Deeper: link, GPU and stores only have to keep up.
 */
static double period_s(const struct random_case *c, const struct plan *plan,
		       size_t cached, size_t l, size_t depth)
{
	struct row_times t = row_times_at(c, cached, l);
	double loads = t.load_x + t.load_kv, stores = t.store_kv;
	double compute = t.project + t.recompute + t.rest;

	if (plan->whole_sequence)
		stores += t.store_x;
	if (depth > 0)
		return fmax(fmax(loads, compute), stores);
	return fmax(fmax(fmax(t.project, t.load_x) + t.recompute, loads) +
			    t.rest, stores);
}

static double best_period_s(const struct random_case *c,
			    const struct plan *plan, size_t step,
			    size_t depth)
{
	size_t cached = c->w.prompt + step;
	size_t limit = plan->whole_sequence ? cached : c->w.prompt;
	double best = INFINITY;

	for (size_t l = 0; l <= limit; l++)
		best = fmin(best, period_s(c, plan, cached, l, depth));
	return best;
}

/* All steps of `plan`, by the formulas above. */
static double decode_s(const struct random_case *c, const struct plan *plan)
{
	double sum = 0.0;

	for (size_t i = 0; i < plan->steps; i++)
		sum += period_s(c, plan, c->w.prompt + i, plan->split[i],
				plan_prefetch(plan));
	return sum;
}

/*
 * The wider limit is never the worse: where storing X of generated tokens
 * costs more than splits beyond the prompt save, the plan keeps to the prompt.
 */
START_TEST(the_wider_limit_is_never_worse)
{
	enum { EACH = 200 };
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t wider = 0, faster = 0, kept = 0;

	gsl_rng_set(rng, SEED + 3);
	for (size_t done = 0; done < EACH; done++) {
		struct random_case c = random_case_draw(rng);
		const struct planner_options narrow = { 0 };
		const struct planner_options wide = { .whole_sequence = true };
		struct plan of[2];
		double s[2];

		c.hw.memory_bytes = 1e18;
		c.w.prompt = random_case_size(rng, 1, 6);
		/* compute that costs nearly nothing, stores that nearly bind */
		c.hw.flop_per_s *= 1e4;
		c.hw.hbm_bytes_per_s *= 1e4;
		c.hw.d2h.bytes_per_s = c.hw.h2d.bytes_per_s *
				       random_case_log(rng, 0.05, 1.0);
		of[0] = planned(&c, &policy_kvpr_row, &narrow);
		of[1] = planned(&c, &policy_kvpr_row, &wide);
		s[0] = decode_s(&c, &of[0]);
		s[1] = decode_s(&c, &of[1]);
		if (s[1] > s[0] * (1.0 + TOLERANCE))
			ck_abort_msg("case %zu: %.17g s, with the limit at "
				     "the prompt %.17g s", done, s[1], s[0]);
		wider += of[1].whole_sequence;
		faster += s[1] < s[0] * (1.0 - TOLERANCE);
		kept += !of[1].whole_sequence &&
			of[0].split[of[0].steps - 1] == c.w.prompt;
		plan_clear(&of[0]);
		plan_clear(&of[1]);
	}
	ck_assert_uint_ge(wider, EACH / 10);
	ck_assert_uint_ge(faster, EACH / 10);
	ck_assert_uint_ge(kept, EACH / 20);
	gsl_rng_free(rng);
}
END_TEST

/* The period program finds what looking at every split finds. */
START_TEST(the_period_program_is_exhaustive)
{
	enum { EACH = 150 };
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t done = 0, inside = 0, ahead = 0;

	gsl_rng_set(rng, SEED + 1);
	for (; done < EACH; done++) {
		struct random_case c = random_case_draw(rng);
		struct planner_options options = {
			.whole_sequence = done % 2,
		};
		struct plan plan;
		double sum[2] = { 0.0, 0.0 };
		size_t depth;

		c.hw.memory_bytes = 1e18;
		c.w.gen = random_case_size(rng, 2, 4);
		plan = planned(&c, &policy_kvpr_row, &options);
		depth = plan_prefetch(&plan);
		ck_assert_uint_le(depth, 1);	/* the smallest */
		for (size_t i = 0; i < plan.steps; i++) {
			double found = period_s(&c, &plan, c.w.prompt + i,
						plan.split[i], depth);
			double best = best_period_s(&c, &plan, i, depth);

			if (found > best * (1.0 + TOLERANCE))
				ck_abort_msg("case %zu, step %zu: split %zu "
					     "takes %.17g, the best %.17g",
					     done, i, plan.split[i], found,
					     best);
			sum[0] += best_period_s(&c, &plan, i, 0);
			sum[1] += best_period_s(&c, &plan, i, 1);
			inside += plan.split[i] > 0 &&
				  plan.split[i] < c.w.prompt;
		}
		/* ahead only if that is faster, and then always */
		if (depth == 1)
			ck_assert_double_lt(sum[1], sum[0]);
		else
			ck_assert_double_ge(sum[1],
					    sum[0] * (1.0 - TOLERANCE));
		ahead += depth;
		plan_clear(&plan);
	}
	ck_assert_uint_eq(done, EACH);
	ck_assert_uint_ge(inside, EACH / 8);
	ck_assert_uint_ge(ahead, EACH / 8);
	gsl_rng_free(rng);
}
END_TEST

/* A fast GPU behind a slow link: as much as is allowed, step by step. */
START_TEST(the_limit_is_the_prompt_or_the_sequence)
{
	static const enum planner_program programs[] = {
		PROGRAM_PERIOD, PROGRAM_ROW, PROGRAM_COLUMN,
	};

	for (size_t k = 0; k < 6; k++) {
		struct random_case c = headline(9);
		struct planner_options options = {
			.program = programs[k % 3],
			.whole_sequence = k / 3,
		};
		struct plan plan;

		c.hw.flop_per_s = 1e21;
		c.hw.hbm_bytes_per_s = 1e18;
		c.hw.launch_s = 0.0;
		plan = planned(&c, &policy_kvpr_row, &options);
		for (size_t i = 0; i < plan.steps; i++)
			ck_assert_uint_eq(plan.split[i],
					  k / 3 ? 128 + i : 128);
		plan_clear(&plan);
	}
}
END_TEST

/* Policies that decide the split take it whatever the options. */
START_TEST(a_policy_may_decide_the_split)
{
	for (size_t whole = 0; whole < 2; whole++) {
		struct random_case c = headline(9);
		struct planner_options options = {
			.program = whole ? PROGRAM_COLUMN : PROGRAM_PERIOD,
			.whole_sequence = whole,
		};
		struct plan none = planned(&c, &policy_load_all, &options);
		struct plan all = planned(&c, &policy_recompute_all,
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
		struct random_case c = headline(9);
		struct planner_options options = {
			.program = programs[k % 3],
			.whole_sequence = true, .fix_split = true,
			.split = k / 3 ? 131 : 0,
		};
		struct plan plan = planned(&c, &policy_kvpr_row, &options);

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
	struct random_case c = headline(5);

	c.hw.memory_bytes = 1e12;
	for (size_t k = 0; k < 12; k++) {
		struct planner_options options = {
			.fix[DECISION_PREFETCH] = true,
			.value[DECISION_PREFETCH] = (double)depths[k / 3],
		};
		struct plan plan = planned(&c, policies[k % 3], &options);

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
	struct random_case c = headline(136);
	struct planner_options options = { .fix_split = true, .split = 0 };
	struct plan plan, before;
	struct diag d = { "" };

	c.w.prompt = 1;
	/* loads take as long as compute: a layer ahead would pay */
	c.hw.memory_bytes = rest + 2.0 * tokens;
	plan = planned(&c, &policy_kvpr_row, &options);
	ck_assert_uint_eq(plan_prefetch(&plan), 1);
	plan_clear(&plan);
	c.hw.memory_bytes = rest + 2.0 * tokens - 1.0;
	plan = planned(&c, &policy_kvpr_row, &options);
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
	struct random_case c = headline(9);

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

/* Where X is not smaller than K and V, nothing is ever recomputed. */
START_TEST(grouped_queries_never_recompute)
{
	enum { EACH = 60 };
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t done = 0, equal = 0;

	gsl_rng_set(rng, SEED + 2);
	for (; done < EACH; done++) {
		struct random_case c = random_case_draw(rng);
		struct planner_options options = {
			.program = (enum planner_program)(done % 3),
			.whole_sequence = done / 3 % 2,
		};
		struct plan plan;

		c.model.kv_heads = random_case_size(rng, 1, 16);
		c.model.heads = c.model.kv_heads *
				random_case_size(rng, 2, 8);
		c.model.hidden = c.model.heads * c.model.head_dim;
		c.hw.memory_bytes = 1e18;
		equal += layer_activation_token_bytes(&c.model, &c.w) ==
			 layer_kv_token_bytes(&c.model, &c.w);
		plan = planned(&c, &policy_kvpr_row, &options);
		for (size_t i = 0; i < plan.steps; i++)
			ck_assert_uint_eq(plan.split[i], 0);
		plan_clear(&plan);
	}
	ck_assert_uint_eq(done, EACH);
	ck_assert_uint_ge(equal, 3);
	gsl_rng_free(rng);
}
END_TEST

/* A faster link never recomputes more, a faster GPU never less. */
START_TEST(splits_move_with_the_hardware)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t done = 0, moved = 0;

	gsl_rng_set(rng, SEED + 3);
	for (; done < CASES; done++) {
		struct random_case c = random_case_draw(rng), link, gpu;
		struct planner_options options = {
			.program = done % 2 ? PROGRAM_ROW : PROGRAM_COLUMN,
			.whole_sequence = done / 2 % 2,
		};
		struct plan plans[3];
		double faster = random_case_log(rng, 1.001, 20.0);

		c.hw.memory_bytes = 1e18;
		c.w.prompt *= 5;
		link = gpu = c;
		link.hw.h2d.bytes_per_s *= faster;
		gpu.hw.flop_per_s *= faster;
		plans[0] = planned(&c, &policy_kvpr_row, &options);
		plans[1] = planned(&link, &policy_kvpr_row, &options);
		plans[2] = planned(&gpu, &policy_kvpr_row, &options);
		for (size_t i = 0; i < plans[0].steps; i++) {
			if (plans[1].split[i] > plans[0].split[i] ||
			    plans[2].split[i] < plans[0].split[i])
				ck_abort_msg("case %zu, step %zu: %zu, "
					     "faster link %zu, GPU %zu",
					     done, i, plans[0].split[i],
					     plans[1].split[i],
					     plans[2].split[i]);
			moved += plans[1].split[i] < plans[0].split[i];
			moved += plans[2].split[i] > plans[0].split[i];
		}
		for (size_t k = 0; k < 3; k++)
			plan_clear(&plans[k]);
	}
	ck_assert_uint_eq(done, CASES);
	ck_assert_uint_gt(moved, CASES / 2);
	gsl_rng_free(rng);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("lp/planner");
	TCase *tc = tcase_create("plans");

	tcase_set_timeout(tc, 300);
	tcase_add_test(tc, the_papers_program);
	tcase_add_test(tc, each_step_has_its_split);
	tcase_add_test(tc, splits_are_the_closed_form);
	tcase_add_test(tc, the_wider_limit_is_never_worse);
	tcase_add_test(tc, the_period_program_is_exhaustive);
	tcase_add_test(tc, the_limit_is_the_prompt_or_the_sequence);
	tcase_add_test(tc, a_policy_may_decide_the_split);
	tcase_add_test(tc, a_fixed_split_is_cut_to_what_a_step_allows);
	tcase_add_test(tc, a_fixed_depth_is_kept);
	tcase_add_test(tc, the_depth_is_what_fits_memory);
	tcase_add_test(tc, decisions_that_are_not_open_are_refused);
	tcase_add_test(tc, grouped_queries_never_recompute);
	tcase_add_test(tc, splits_move_with_the_hardware);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
