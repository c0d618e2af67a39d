/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "schedule/bound.h"
#include "tests/harness.h"
#include "tests/random_case.h"

enum { CASES = 400, SEED = 8801 };

static struct run_result run(const struct random_case *c,
			     const struct plan *plan, struct timeline *t)
{
	struct graph *g = plan->policy->build(&c->model, &c->w, plan,
					      SPAN_STEP);
	struct run_options options = run_whole(plan);
	struct run_result r;
	struct diag d;

	options.timeline = t;
	ck_assert_int_eq(run_graph(g, &c->w, plan, &c->hw, &options, &r, &d),
			 STATUS_OK);
	graph_free(g);
	return r;
}

static struct plan draw_plan(gsl_rng *rng, struct random_case *c,
			     const struct policy *policy)
{
	struct plan plan = random_case_plan(rng, c, policy,
					    random_case_size(rng, 0, 2));

	c->w.num_batches = random_case_size(rng, 1, 3);
	return plan;
}

/* Limits of the host that bind now and then. */
static void draw_host(gsl_rng *rng, struct hardware *hw)
{
	double link = hw->h2d.bytes_per_s + hw->d2h.bytes_per_s;

	hw->host_root_bytes_per_s = random_case_log(rng, 0.3, 9.0) * link;
	hw->host_root_h2d_bytes_per_s =
		random_case_log(rng, 0.1, 0.9) * hw->host_root_bytes_per_s;
	hw->host_memory_bytes_per_s = random_case_log(rng, 0.3, 9.0) * link;
	hw->host_attention_bytes_per_s = random_case_log(rng, 1e9, 1e12);
	hw->host_copy_bytes_per_s = random_case_log(rng, 1e9, 1e11);
	hw->link_crossings = (double)random_case_size(rng, 0, 3);
	hw->h2d.pageable_bytes_per_s = 0.37 * hw->h2d.bytes_per_s;
	hw->d2h.pageable_bytes_per_s = 0.31 * hw->d2h.bytes_per_s;
}

/*
 * GPUs that do the same go in step, so that each has its even part of what
 * they share: n of them take as long as one that has an nth of the host, or as
 * two that have two nths, where copies to the GPUs have a limit, as that is of
 * several GPUs.
 */
START_TEST(each_has_its_part_of_the_host)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t npolicies, done = 0, slower = 0;
	const struct policy *const *all = policy_list(&npolicies);

	gsl_rng_set(rng, SEED);
	for (; done < CASES; done++) {
		struct random_case many = random_case_draw(rng), one;
		struct plan plan = draw_plan(rng, &many,
					     all[done % npolicies]);
		double n = (double)random_case_size(rng, 3, 6), part, alone_s;
		size_t few = random_case_size(rng, 1, 2);
		struct run_result a, b;

		draw_host(rng, &many.hw);
		if (few == 1)
			many.hw.host_root_h2d_bytes_per_s = 0.0;
		part = (double)few / n;
		random_case_hand_over(&many.hw);
		one = many;
		many.w.gpus = (size_t)n;
		one.w.gpus = 1;
		alone_s = run(&one, &plan, NULL).makespan_s;
		one.w.gpus = few;
		one.hw.host_root_bytes_per_s *= part;
		one.hw.host_root_h2d_bytes_per_s *= part;
		one.hw.host_memory_bytes_per_s *= part;
		one.hw.host_attention_bytes_per_s *= part;
		a = run(&many, &plan, NULL);
		b = run(&one, &plan, NULL);
		ck_assert_double_eq_tol(a.makespan_s, b.makespan_s,
					1e-9 * b.makespan_s);
		for (int e = 0; e < ENGINE_COUNT; e++) {
			double bytes = b.engine[e].bytes;

			ck_assert_double_eq_tol(a.engine[e].bytes, bytes,
						1e-9 * (1.0 + bytes));
			ck_assert_uint_eq(a.engine[e].tasks,
					  b.engine[e].tasks);
		}
		slower += a.makespan_s > 1.01 * alone_s;
		plan_clear(&plan);
	}
	ck_assert_uint_eq(done, CASES);
	ck_assert_uint_gt(slower, CASES / 10);	/* the host does bind */
	gsl_rng_free(rng);
}
END_TEST

/*
 * Switches are apart, so that as many GPUs as are behind one stand for all; and
 * go as one whose link does no more than its part of the switch.
 */
START_TEST(each_has_its_part_of_a_switch)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t npolicies, done = 0, slower = 0;
	const struct policy *const *all = policy_list(&npolicies);

	gsl_rng_set(rng, SEED + 2);
	for (; done < CASES / 4; done++) {
		struct random_case many = random_case_draw(rng), one, free_of;
		struct plan plan = draw_plan(rng, &many,
					     all[done % npolicies]);
		double n = (double)random_case_size(rng, 2, 4), s, part_s;

		draw_host(rng, &many.hw);
		many.hw.host_root_bytes_per_s = 0.0;
		many.hw.host_root_h2d_bytes_per_s = 0.0;
		many.hw.host_memory_bytes_per_s = 0.0;
		free_of = many;
		s = random_case_log(rng, 0.2, 6.0) * many.hw.h2d.bytes_per_s;
		many.hw.host_gpus_per_switch = n;
		many.hw.host_switch_bytes_per_s = s;
		many.w.gpus = 2 * (size_t)n;
		one = many;
		one.w.gpus = 1;
		one.hw.host_attention_bytes_per_s /= 2.0 * n;
		one.hw.host_switch_bytes_per_s = s / n;
		part_s = run(&one, &plan, NULL).makespan_s;
		ck_assert_double_eq_tol(run(&many, &plan, NULL).makespan_s,
					part_s, 1e-9 * part_s);
		slower += part_s > 1.01 * run(&free_of, &plan, NULL).makespan_s;
		plan_clear(&plan);
	}
	ck_assert_uint_eq(done, CASES / 4);
	ck_assert_uint_gt(slower, CASES / 40);
	gsl_rng_free(rng);
}
END_TEST

/* [s] that all steps take of `which`, or of an engine beyond these. */
static double sum_of(const struct random_case *c, const struct plan *plan,
		     const struct graph *g, int which)
{
	double sum = 0.0;

	for (size_t i = 0; i < plan->steps; i++) {
		double cached = (double)(c->w.prompt + i);
		double split = (double)plan->split[i];
		double busy_s[ENGINE_COUNT];

		bound_engines(g, &c->hw, cached, split, busy_s);
		sum += which < BOUND_SHARED
			? bound_shared(g, &c->hw, (enum bound_shared)which,
				       cached, split)
			: busy_s[which - BOUND_SHARED];
	}
	return sum;
}

/*
 * No run is faster than what all steps take of an engine or of what engines
 * share; now and then the host's memory is all that binds.
 */
START_TEST(nothing_is_faster_than_the_floor)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t npolicies, done = 0, by_memory = 0, reached = 0;
	const struct policy *const *all = policy_list(&npolicies);

	gsl_rng_set(rng, SEED + 3);
	for (; done < CASES; done++) {
		struct random_case c = random_case_draw(rng);
		struct plan plan = draw_plan(rng, &c, all[done % npolicies]);
		struct graph *g;
		double makespan_s, memory_s, most_s = 0.0;

		draw_host(rng, &c.hw);
		if (done % 3 == 0)
			c.hw.duplex_bytes_per_s = 1.2 * c.hw.h2d.bytes_per_s;
		c.w.gpus = random_case_size(rng, 1, 4);
		g = plan.policy->build(&c.model, &c.w, &plan, SPAN_STEP);
		makespan_s = run(&c, &plan, NULL).makespan_s;
		memory_s = sum_of(&c, &plan, g, BOUND_MEMORY);
		for (int i = 0; i < BOUND_SHARED + ENGINE_COUNT; i++)
			most_s = fmax(most_s, sum_of(&c, &plan, g, i));
		ck_assert_double_ge(makespan_s * (1.0 + 1e-9), most_s);
		by_memory += memory_s == most_s;
		reached += memory_s == most_s && makespan_s < 1.02 * most_s;
		graph_free(g);
		plan_clear(&plan);
	}
	ck_assert_uint_eq(done, CASES);
	ck_assert_uint_gt(by_memory, CASES / 10);
	ck_assert_uint_gt(reached, CASES / 40);
	gsl_rng_free(rng);
}
END_TEST

/* What the links carried, by their rates, is what the tasks moved. */
START_TEST(rates_add_up_to_bytes)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t npolicies, done = 0;
	const struct policy *const *all = policy_list(&npolicies);

	gsl_rng_set(rng, SEED + 1);
	for (; done < 60; done++) {
		struct random_case c = random_case_draw(rng);
		struct plan plan = draw_plan(rng, &c, all[done % npolicies]);
		struct timeline t = { 0 };
		double carried = 0.0, rate = 0.0, since_s = 0.0;
		struct run_result r;

		draw_host(rng, &c.hw);
		c.w.gpus = random_case_size(rng, 1, 4);
		r = run(&c, &plan, &t);
		for (size_t i = 0; i < t.nrates; i++) {
			const struct rate *x = &t.rates[i];

			if (x->shared || x->gpu != 0 ||
			    strcmp(x->link, "h2d") != 0)
				continue;
			carried += rate * (x->time_s - since_s);
			rate = x->bytes_per_s;
			since_s = x->time_s;
		}
		ck_assert_double_eq(rate, 0.0);
		ck_assert_double_eq_tol(carried, r.engine[ENGINE_H2D].bytes,
					1e-9 * (1.0 + carried));
		timeline_clear(&t);
		plan_clear(&plan);
	}
	ck_assert_uint_eq(done, 60);
	gsl_rng_free(rng);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("sim/run, several GPUs");
	TCase *tc = tcase_create("all");

	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, each_has_its_part_of_the_host);
	tcase_add_test(tc, each_has_its_part_of_a_switch);
	tcase_add_test(tc, nothing_is_faster_than_the_floor);
	tcase_add_test(tc, rates_add_up_to_bytes);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
