/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Plans of kvpr-column, by brute force: every prefetch depth, pipeline and
 * split, each layer executed over and over, in the order of issue, which is
 * what the planner minimises.  In the simulator, whose engines serve first
 * come, first served, the planned splits are the best of most steps, and
 * never far from it.
 */
#include "lp/planner.h"

#include <math.h>

#include "schedule/kvpr_column.h"
#include "tests/harness.h"
#include "tests/random_case.h"
#include "tests/steady_oracle.h"

enum { CASES = 100, SEED = 57885161 };

/* Equals are chosen between within PERIOD_SAME. */
#define TOLERANCE 1e-8

/*
 * Small, with K and V of twice the size of X or more, and a link about as
 * fast as the GPU: a split pays.
 */
static struct random_case draw(gsl_rng *rng)
{
	struct random_case c = random_case_draw(rng);

	random_case_widen(rng, &c);
	c.model.heads = c.model.kv_heads;
	c.model.hidden = c.model.heads * c.model.head_dim;
	c.model.experts = c.model.experts_per_token = 1;
	c.w.prompt = random_case_size(rng, 8, 20);
	c.w.gen = random_case_size(rng, 2, 3);
	c.w.batch *= 20;
	c.hw.memory_bytes = 1e18;
	c.hw.h2d.latency_s *= 0.1;
	c.hw.flop_per_s = random_case_log(rng, 1e4, 2e5) *
			  c.hw.h2d.bytes_per_s;
	c.hw.hbm_bytes_per_s = 60.0 * c.hw.h2d.bytes_per_s;
	return c;
}

/* Periods [s] of the layer of a step, by split, in two executions. */
struct periods {
	double in_order[64], simulated[64];
	size_t limit;
};

static void execute(const struct random_case *c, const struct plan *plan,
		    size_t step, bool simulate, struct periods *p)
{
	struct graph *g = policy_kvpr_column.build(&c->model, &c->w, plan,
						   SPAN_LAYER);
	size_t cached = c->w.prompt + step;

	p->limit = plan_split_limit(plan, &c->w, step);
	ck_assert_uint_lt(p->limit, 64);
	for (size_t l = 0; l <= p->limit; l++) {
		p->in_order[l] = steady_oracle_in_order(
			g, &c->hw, (double)cached, (double)l);
		if (simulate)
			p->simulated[l] = steady_oracle_simulated(
				g, &c->hw, cached, l);
	}
	graph_free(g);
}

static double least(const double *t, size_t limit)
{
	double s = INFINITY;

	for (size_t l = 0; l <= limit; l++)
		s = fmin(s, t[l]);
	return s;
}

/* The least sum of periods over all steps, whatever else is decided. */
static double best_sum_s(const struct random_case *c, struct plan plan)
{
	double best = INFINITY;

	size_t depths = PLANNER_MOST_PREFETCH + c->w.num_batches;

	for (size_t i = 0; i < 2 * depths; i++) {
		double sum = 0.0;

		plan.decision[DECISION_PREFETCH] = (double)(i / 2);
		plan.decision[DECISION_PIPELINE] = (double)(i % 2);
		for (size_t k = 0; k < plan.steps; k++) {
			struct periods p;

			execute(c, &plan, k, false, &p);
			sum += least(p.in_order, p.limit);
		}
		best = fmin(best, sum);
	}
	return best;
}

static struct plan planned(const struct random_case *c,
			   const struct planner_options *options)
{
	struct diag d = { "" };
	struct plan plan;
	enum status s = planner_plan(&c->model, &c->w, &c->hw,
				     &policy_kvpr_column, options, &plan,
				     &d);

	ck_assert_msg(s == STATUS_OK, "%s", d.text);
	return plan;
}

struct tally {
	size_t inside, ahead, same, best, steps;
};

/* Sum of the periods of `plan`; in the simulator, how good the splits are. */
static double planned_sum_s(const struct random_case *c,
			    const struct plan *plan, struct tally *tally)
{
	double sum = 0.0;

	for (size_t i = 0; i < plan->steps; i++, tally->steps++) {
		size_t l = plan->split[i];
		struct periods p;
		double best_s;

		execute(c, plan, i, true, &p);
		sum += p.in_order[l];
		best_s = least(p.simulated, p.limit);
		tally->inside += l > 0 && l < p.limit;
		tally->same += fabs(p.simulated[l] - p.in_order[l]) <=
			       TOLERANCE * p.in_order[l];
		tally->best += p.simulated[l] <= best_s * (1.0 + TOLERANCE);
		/* what serving first come, first served is worth, at most */
		ck_assert_double_le(p.simulated[l], 1.1 * best_s);
	}
	return sum;
}

START_TEST(plans_are_the_best_of_all)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	struct tally tally = { 0 };
	size_t done = 0;

	gsl_rng_set(rng, SEED);
	for (; done < CASES; done++) {
		struct random_case c = draw(rng);
		struct planner_options o = {
			.whole_sequence = done % 2,
			.fix[DECISION_WEIGHTS_ON_GPU] = true,
			.value[DECISION_WEIGHTS_ON_GPU] =
				done % 3 ? 0.9 : 0.0,
			.fix[DECISION_CACHE_ON_GPU] = true,
			.value[DECISION_CACHE_ON_GPU] = done % 4 ? 0.0 : 0.3,
		};
		struct plan plan = planned(&c, &o);
		double best = best_sum_s(&c, plan), found;

		ck_assert_double_eq(plan.decision[DECISION_CACHE_ON_GPU],
				    o.value[DECISION_CACHE_ON_GPU]);
		found = planned_sum_s(&c, &plan, &tally);
		if (fabs(found - best) > TOLERANCE * best)
			ck_abort_msg("case %zu: %.17g s, the best %.17g",
				     done, found, best);
		tally.ahead += plan_prefetch(&plan) > 0;
		plan_clear(&plan);
	}
	ck_assert_uint_eq(done, CASES);
	ck_assert_uint_gt(tally.inside, tally.steps / 8);
	ck_assert_uint_gt(tally.ahead, CASES / 3);
	ck_assert_uint_gt(tally.same, tally.steps / 2);
	ck_assert_uint_gt(tally.best, tally.steps * 3 / 4);
	gsl_rng_free(rng);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("lp/planner, kvpr-column");
	TCase *tc = tcase_create("brute force");

	tcase_set_timeout(tc, 300);
	tcase_add_test(tc, plans_are_the_best_of_all);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
