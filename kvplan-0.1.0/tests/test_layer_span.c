/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_layer_span.c - the period of one layer is what a layer more costs a
 * step of many, in the simulator.
 *
 * The two are different graphs of one schedule (enum span in policy.h).  Where
 * copies go in the order of issue nothing is served in another order, so that
 * they agree, however far loads run ahead.
 */
#include "schedule/block.h"

#include <math.h>

#include "lp/steady.h"
#include "sim/run.h"
#include "tests/harness.h"
#include "tests/random_block.h"
#include "tests/steady_oracle.h"

enum { CASES = 240, SEED = 20996011 };

/* What is left of a transient, and the rounding of a long step. */
#define TOLERANCE 1e-9

/* When all of the first step of a model of `layers` layers has ended. */
static double step_seconds(const struct random_case *c,
			   const struct plan *plan, enum block_style style,
			   size_t layers)
{
	struct llm m = c->model;
	struct graph *g;
	struct run_options o = run_whole(plan);
	struct run_result result;
	struct diag d = { "" };

	m.layers = layers;
	g = block_graph(&m, &c->w, plan, SPAN_STEP, style);
	ck_assert(g->copies_in_order);
	o.end_step = 1;
	ck_assert_msg(run_graph(g, &c->w, plan, &c->hw, &o, &result, &d) ==
			      STATUS_OK, "%s", d.text);
	graph_free(g);
	return result.makespan_s;
}

static double period(const struct random_case *c, const struct plan *plan,
		     enum block_style style)
{
	struct graph *g = block_graph(&c->model, &c->w, plan, SPAN_LAYER,
				      style);
	struct steady *s = steady_new(g, &c->hw);
	double t = steady_at(s, (double)workload_cached(&c->w, 0),
			     (double)plan->split[0]).period_s;

	steady_free(s);
	graph_free(g);
	return t;
}

/* What a layer more takes, once the step has found its rhythm. */
static double one_more(const struct random_case *c, const struct plan *plan,
		       enum block_style style)
{
	const size_t settled = STEADY_ORACLE_SETTLED;
	const size_t window = STEADY_ORACLE_WINDOW;

	return (step_seconds(c, plan, style, settled + window) -
		step_seconds(c, plan, style, settled)) / (double)window;
}

START_TEST(a_layer_more_takes_the_period)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t done = 0, ahead[2] = { 0, 0 }, differ = 0;

	gsl_rng_set(rng, SEED);
	for (; done < CASES; done++) {
		struct random_case c = random_block_case(rng);
		struct plan plan = random_block_plan(rng, &c);
		bool fine = plan.decision[DECISION_PIPELINE] == PIPELINE_FINE;
		bool streamed = plan.decision[DECISION_WEIGHTS_ON_GPU] < 1.0;
		size_t depth = random_case_size(rng, 0, 7);
		enum block_style style;
		double t, simulated;

		c.w.gpus = 1;
		plan.decision[DECISION_ATTENTION] = ATTENTION_GPU;
		plan.decision[DECISION_PREFETCH] = (double)depth;
		style = random_block_style(rng, &plan);
		random_case_hand_over(&c.hw);
		t = period(&c, &plan, style);
		if (done % 2 == 0) {	/* so that it may bind */
			c.hw.handoff_s = t * random_case_log(rng, 0.03, 1.0);
			t = period(&c, &plan, style);
		}
		simulated = one_more(&c, &plan, style);
		if (fabs(t - simulated) > TOLERANCE * t)
			ck_abort_msg("case %zu, depth %zu, %zu batches, %s: "
				     "%.17g s, simulated %.17g", done, depth,
				     c.w.num_batches, fine ? "fine" : "coarse",
				     t, simulated);
		ahead[fine] += streamed && depth > c.w.num_batches;
		plan.decision[DECISION_PREFETCH] = 0.0;
		differ += period(&c, &plan, style) > t * (1.0 + TOLERANCE);
		plan_clear(&plan);
	}
	ck_assert_uint_eq(done, CASES);
	ck_assert_uint_gt(ahead[false], CASES / 6);
	ck_assert_uint_gt(ahead[true], CASES / 6);
	ck_assert_uint_gt(differ, CASES / 6);
	gsl_rng_free(rng);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("schedule/block, one layer");
	TCase *tc = tcase_create("random");

	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, a_layer_more_takes_the_period);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
