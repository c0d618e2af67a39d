/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The period of every policy's layer, with any decisions and several batches,
 * against its execution: in the order of issue always, and in the simulator
 * where copies go in that order, or no two streams want the same engine.
 */
#include "lp/period.h"

#include <math.h>

#include "lp/steady.h"
#include "schedule/bound.h"
#include "tests/harness.h"
#include "tests/random_case.h"
#include "tests/steady_oracle.h"

enum { CASES = 1800, SEED = 43112609 };

/* What is left of a transient, and the rounding of many periods. */
#define TOLERANCE 1e-9

static bool close_to(double a, double b)
{
	return fabs(a - b) <= TOLERANCE * fmax(fabs(a), fabs(b));
}

/*
 * What a layer's launches take now and then binds.  A thread that nothing holds
 * up adds a ring of its own and nothing else: the period is the longer of both.
 */
static double draw_issue(gsl_rng *rng, struct random_case *c,
			 const struct plan *plan)
{
	struct graph *g = policy_graph(plan, &c->model, &c->w, &c->hw,
				       SPAN_LAYER);
	double cached = (double)c->w.prompt, split = (double)plan->split[0];
	double launches = 0.0, period_s;
	struct steady *s = steady_new(g, &c->hw);
	bool held = false;

	period_s = steady_at(s, cached, split).period_s;
	for (size_t i = 0; i < g->ntasks; i++) {
		const struct work *w = &g->works[g->tasks[i].work];

		held |= op_process(g->tasks[i].op) == PROCESS_HOST &&
			g->tasks[i].op != OP_ATTEND_HOST;
		if (w->engine <= ENGINE_SM &&
		    !work_is_empty(w, cached, split))
			launches += w->launches;
	}
	c->hw.host_issue_s = period_s / launches *
			     random_case_log(rng, 0.03, 3.0);
	steady_free(s);
	graph_free(g);
	return held ? NAN : fmax(period_s, c->hw.host_issue_s * launches);
}

START_TEST(periods_are_those_of_executions)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t n, done = 0, alone = 0, same = 0, bound = 0, held = 0;
	const struct policy *const *list = policy_list(&n);

	gsl_rng_set(rng, SEED);
	for (; done < CASES; done++) {
		const struct policy *policy = list[done % n];
		struct random_case c = random_case_draw(rng);
		struct plan plan;
		struct steady *s;
		struct graph *g;
		size_t cached, split;
		double t, in_order, simulated, program, issued = NAN;
		double busy_s[ENGINE_COUNT];
		struct diag d = { "" };

		random_case_hand_over(&c.hw);
		random_case_widen(rng, &c);
		plan = random_case_plan(
			rng, &c, policy,
			(size_t)policy->rules[DECISION_PREFETCH].value);
		random_case_decide(rng, &plan);
		if (done / n % 2 == 1)
			issued = draw_issue(rng, &c, &plan);
		held += done / n % 2 == 1 && isnan(issued);
		g = policy_graph(&plan, &c.model, &c.w, &c.hw, SPAN_LAYER);
		s = steady_new(g, &c.hw);
		cached = c.w.prompt;
		split = plan.split[0];
		t = steady_at(s, (double)cached, (double)split).period_s;
		in_order = steady_oracle_in_order(g, &c.hw, (double)cached,
						  (double)split);
		simulated = steady_oracle_simulated(g, &c.hw, cached, split);
		ck_assert_int_eq(period_at_split(g, &c.hw, cached, split,
						 &program, &d), STATUS_OK);
		if (!close_to(t, in_order) || !close_to(t, program))
			ck_abort_msg("case %zu, %s: %.17g s, program %.17g, "
				     "executed %.17g", done, policy->name, t,
				     program, in_order);
		if (!isnan(issued) && !close_to(t, issued))
			ck_abort_msg("case %zu, %s: %.17g s, with issues "
				     "%.17g", done, policy->name, t, issued);
		bound_engines(g, &c.hw, (double)cached, (double)split, busy_s);
		bound += close_to(t, busy_s[ENGINE_ISSUE]);
		if (g->copies_in_order ||
		    steady_oracle_one_stream(g, &c.hw, (double)cached,
					     (double)split)) {
			if (!close_to(t, simulated))
				ck_abort_msg("case %zu, %s: %.17g s, "
					     "simulated %.17g", done,
					     policy->name, t, simulated);
			alone++;
		}
		same += close_to(t, simulated);
		/* first come, first served is no faster than the engines */
		ck_assert_double_ge(simulated * (1.0 + TOLERANCE),
				    bound_step(g, &c.hw, (double)cached,
					       (double)split));
		steady_free(s);
		graph_free(g);
		plan_clear(&plan);
	}
	ck_assert_uint_eq(done, CASES);
	ck_assert_uint_gt(alone, CASES / 3);
	ck_assert_uint_gt(same, alone);
	/* of those with issues that no thread holds up */
	ck_assert_uint_gt(bound, (CASES / 2 - held) / 5);
	ck_assert_uint_gt(held, CASES / 40);
	gsl_rng_free(rng);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("lp/period, policies");
	TCase *tc = tcase_create("random");

	tcase_set_timeout(tc, 300);
	tcase_add_test(tc, periods_are_those_of_executions);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
