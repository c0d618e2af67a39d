/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Plans of kvpr-flexgen, by brute force in the simulator: copies go in the
 * order of issue there as in the period, the hidden state's behind X, K and V,
 * so that no split takes less than the planned one.
 */
#include "lp/planner.h"

#include <math.h>

#include "lp/steady.h"
#include "schedule/kvpr_flexgen.h"
#include "tests/harness.h"
#include "tests/steady_oracle.h"

enum { PROMPT = 512, STRIDE = 64 };

#define TOLERANCE 1e-9

struct scan {
	struct llm m;
	struct hardware hw;
	struct workload w;
	struct graph *layer;
};

static double simulated(const struct scan *s, size_t split)
{
	return steady_oracle_simulated(s->layer, &s->hw, PROMPT, split);
}

/* The planned split of one step, and that its period is the simulated. */
static size_t planned(struct scan *s, enum hidden hidden)
{
	const struct planner_options o = {
		.fix[DECISION_HIDDEN] = true,
		.value[DECISION_HIDDEN] = hidden,
	};
	struct steady *steady;
	struct plan plan;
	struct diag d = { "" };
	size_t split;

	ck_assert_msg(planner_plan(&s->m, &s->w, &s->hw, &policy_kvpr_flexgen,
				   &o, &plan, &d) == STATUS_OK, "%s", d.text);
	split = plan.split[0];
	s->layer = policy_graph(&plan, &s->m, &s->w, &s->hw, SPAN_LAYER);
	plan_clear(&plan);
	steady = steady_new(s->layer, &s->hw);
	for (size_t l = 0; l <= PROMPT; l += STRIDE) {
		double t = steady_at(steady, PROMPT, (double)l).period_s;

		ck_assert_double_eq_tol(simulated(s, l), t, TOLERANCE * t);
	}
	steady_free(steady);
	return split;
}

/* Recomputation pays on the faster GPU, and not on the slower. */
START_TEST(planned_splits_are_the_best_simulated)
{
	static const struct {
		double flop_per_s;
		enum hidden hidden;
		bool pays;
	} cases[] = {
		{ 40e12, HIDDEN_HOST, false },
		{ 312e12, HIDDEN_HOST, true },
		{ 312e12, HIDDEN_GPU, true },
	};
	static const size_t batches[] = { 1, 4 };

	for (size_t i = 0; i < 6; i++) {
		struct scan s = {
			.m = harness_model("opt-1.3b"),
			.hw = harness_hardware("a100-40gb-paper"),
			.w = harness_workload(32, PROMPT, 2),
		};
		size_t split;
		double best_s = INFINITY;

		s.w.num_batches = batches[i / 3];
		s.hw.flop_per_s = cases[i % 3].flop_per_s;
		split = planned(&s, cases[i % 3].hidden);
		for (size_t l = 0; l <= PROMPT; l += STRIDE)
			best_s = fmin(best_s, simulated(&s, l));
		ck_assert_double_le(simulated(&s, split),
				    best_s * (1.0 + TOLERANCE));
		ck_assert_int_eq(split > 0, cases[i % 3].pays);
		graph_free(s.layer);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("lp/planner, kvpr-flexgen");
	TCase *tc = tcase_create("brute force");

	tcase_add_test(tc, planned_splits_are_the_best_simulated);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
