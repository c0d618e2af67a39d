/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lp/planner.h"

#include <math.h>

#include "lp/paper_split.h"
#include "model/layer.h"
#include "schedule/kvpr_row.h"
#include "tests/harness.h"
#include "tests/planned.h"
#include "tests/random_case.h"
#include "tests/row_times.h"

enum { CASES = 300, SEED = 15485863 };

/* The optima of GLPK's programs carry its tolerance. */
#define TOLERANCE 1e-7

START_TEST(the_papers_program)
{
	struct random_case c = planned_headline(32);
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
		struct random_case c = planned_headline(80);
		struct planner_options options = {
			.program = programs[k % 2],
			.whole_sequence = k / 2,
		};
		struct plan plan = planned_plan(&c, &policy_kvpr_row, &options);
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
		plan = planned_plan(&c, &policy_kvpr_row, &options);
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
		of[0] = planned_plan(&c, &policy_kvpr_row, &narrow);
		of[1] = planned_plan(&c, &policy_kvpr_row, &wide);
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
		plan = planned_plan(&c, &policy_kvpr_row, &options);
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
		struct random_case c = planned_headline(9);
		struct planner_options options = {
			.program = programs[k % 3],
			.whole_sequence = k / 3,
		};
		struct plan plan;

		c.hw.flop_per_s = 1e21;
		c.hw.hbm_bytes_per_s = 1e18;
		c.hw.launch_s = 0.0;
		plan = planned_plan(&c, &policy_kvpr_row, &options);
		for (size_t i = 0; i < plan.steps; i++)
			ck_assert_uint_eq(plan.split[i],
					  k / 3 ? 128 + i : 128);
		plan_clear(&plan);
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
		plan = planned_plan(&c, &policy_kvpr_row, &options);
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
		plans[0] = planned_plan(&c, &policy_kvpr_row, &options);
		plans[1] = planned_plan(&link, &policy_kvpr_row, &options);
		plans[2] = planned_plan(&gpu, &policy_kvpr_row, &options);
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
	tcase_add_test(tc, grouped_queries_never_recompute);
	tcase_add_test(tc, splits_move_with_the_hardware);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
