/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_diff.c - what a step's time is attributed to sums to the step's time.
 *
 * By hand, and on simulations of random cases, each written as a trace and
 * read back.  There nothing waits without a reason, so that the critical chain
 * has no gap; and slowing one engine shows nowhere but as what it is.
 */
#include "traces/diff.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "sim/run.h"
#include "tests/harness.h"
#include "tests/random_case.h"
#include "traces/chain.h"
#include "traces/chrome.h"

enum { CASES = 250, SEED = 60120773 };

/* Each time in a trace is rounded, and a step has so many of them. */
#define ROUNDING_S (200.0 * TRACE_DIGIT_S)

/* ---- by hand: [ms], two steps of one layer ---- */

static const struct trace_event by_hand[] = {
	{ OP_LOAD_CACHE, ENGINE_H2D, 0, 0, 0, 0, 0, 0.0, 4e-3 },
	{ OP_ATTEND, ENGINE_SM, 0, 0, 0, 0, 1, 4e-3, 5e-3 },
	/* after the load, not after attend, which ended later */
	{ OP_LOAD_CACHE, ENGINE_H2D, 0, 1, 0, 0, 0, 5.25e-3, 9e-3 },
	{ OP_ATTEND, ENGINE_SM, 0, 1, 0, 0, 1, 9.5e-3, 11e-3 },
};

static struct trace make_trace(double scale, bool waits)
{
	static const struct trace_wait all[] = { { 1, 0, 0 } };
	struct trace t = { .n = 4 };

	t.title = xstrdup("by hand");
	t.events = xcalloc(4, sizeof *t.events);
	for (size_t i = 0; i < 4; i++) {
		t.events[i] = by_hand[i];
		t.events[i].start_s *= scale;
		t.events[i].end_s *= scale;
	}
	if (waits) {
		t.waits = xcalloc(1, sizeof *t.waits);
		t.waits[0] = all[0];
		t.nwaits = 1;
	}
	return t;
}

static void diff_ok(struct trace *a, struct trace *b, size_t step,
		    struct diff *out)
{
	struct diag d = { "" };

	ck_assert_msg(diff_make(a, b, step, out, &d) == STATUS_OK, "%s",
		      d.text);
}

START_TEST(attributes_a_step_by_hand)
{
	struct trace a = make_trace(1.0, true), b = make_trace(2.0, false);
	const struct diff_part *p;
	struct diff diff;

	diff_ok(&a, &b, 1, &diff);
	ck_assert(diff.by_task);
	ck_assert_uint_eq(diff.steps, 1);
	ck_assert_double_eq_tol(diff.step_s[DIFF_A], 6e-3, 1e-15);
	ck_assert_double_eq_tol(diff.step_s[DIFF_B], 12e-3, 1e-15);
	p = &diff.op[OP_LOAD_CACHE];
	ck_assert_double_eq_tol(p->busy_s[DIFF_A], 3.75e-3, 1e-15);
	ck_assert_double_eq_tol(p->run_s[DIFF_A], 3.75e-3, 1e-15);
	/* from 5 ms, where the step begins, though the load ended at 4 */
	ck_assert_double_eq_tol(p->wait_s[DIFF_A], 0.25e-3, 1e-15);
	ck_assert_double_eq_tol(p->wait_s[DIFF_B], 0.5e-3, 1e-15);
	p = &diff.op[OP_ATTEND];
	ck_assert_double_eq_tol(p->run_s[DIFF_A], 1.5e-3, 1e-15);
	ck_assert_double_eq_tol(p->wait_s[DIFF_A], 0.5e-3, 1e-15);
	ck_assert_double_eq_tol(diff.engine[ENGINE_SM].busy_s[DIFF_B], 3e-3,
				1e-15);
	trace_clear(&a);
	trace_clear(&b);
}
END_TEST

/* Step 0 has no step before in either, step 1 has: both count. */
START_TEST(takes_the_steps_that_began_alike)
{
	struct trace a = make_trace(1.0, true), b = make_trace(1.0, true);
	struct diff diff;
	struct diag d;

	diff_ok(&a, &b, DIFF_ALL_STEPS, &diff);
	ck_assert_uint_eq(diff.steps, 2);
	ck_assert_double_eq_tol(diff.step_s[DIFF_A], 5.5e-3, 1e-15);
	memmove(b.events, b.events + 2, 2 * sizeof *b.events);
	b.n = 2;		/* step 1 alone, which began from nothing */
	ck_assert_int_eq(diff_make(&a, &b, DIFF_ALL_STEPS, &diff, &d),
			 STATUS_INVALID);
	ck_assert_str_eq(d.text, "A has steps 0 to 1, B 1 to 1: expected one "
			 "in both that follows another in both, or in "
			 "neither");
	diff_ok(&a, &b, 1, &diff);	/* if asked for */
	ck_assert_int_eq(diff_make(&a, &b, 0, &diff, &d), STATUS_INVALID);
	ck_assert_str_eq(d.text, "step 0: expected one that both have; A has "
			 "0 to 1, B 1 to 1");
	trace_clear(&a);
	trace_clear(&b);
}
END_TEST

START_TEST(counts_tasks_of_one_side)
{
	struct trace a = make_trace(1.0, true), b = make_trace(1.0, true);
	struct diff diff;

	b.events[2].layer = 5;
	diff_ok(&a, &b, DIFF_ALL_STEPS, &diff);
	ck_assert_uint_eq(diff.op[OP_LOAD_CACHE].only[DIFF_A], 1);
	ck_assert_uint_eq(diff.op[OP_LOAD_CACHE].only[DIFF_B], 1);
	ck_assert_uint_eq(diff.only[DIFF_A].layer, 0);
	ck_assert_uint_eq(diff.only[DIFF_A].step, 1);
	ck_assert_uint_eq(diff.only[DIFF_B].layer, 5);
	ck_assert_uint_eq(diff.op[OP_ATTEND].only[DIFF_A], 0);
	trace_clear(&a);
	trace_clear(&b);
}
END_TEST

/* One trace knows engines alone: all is one step, by engine. */
START_TEST(falls_back_to_engines)
{
	struct trace a = make_trace(1.0, true), b = make_trace(3.0, false);
	struct diff diff;

	b.events[1].op = OP_COUNT;
	diff_ok(&a, &b, DIFF_ALL_STEPS, &diff);
	ck_assert(!diff.by_task);
	ck_assert_uint_eq(diff.steps, 1);
	ck_assert_double_eq_tol(diff.step_s[DIFF_A], 11e-3, 1e-15);
	ck_assert_double_eq_tol(diff.step_s[DIFF_B], 33e-3, 1e-15);
	ck_assert_uint_eq(diff.engine[ENGINE_H2D].tasks[DIFF_B], 2);
	ck_assert_double_eq_tol(diff.engine[ENGINE_H2D].busy_s[DIFF_B],
				23.25e-3, 1e-15);
	trace_clear(&a);
	trace_clear(&b);
}
END_TEST

/* Streams of one GPU overlap: 1 to 5, 2 to 3 and 4 to 7 ms, then 8 to 9. */
START_TEST(busy_is_the_union_of_what_overlaps)
{
	static const double times_s[4][2] = {
		{ 1e-3, 5e-3 }, { 2e-3, 3e-3 }, { 4e-3, 7e-3 },
		{ 8e-3, 9e-3 } };
	struct trace a = make_trace(1.0, false), b = make_trace(1.0, false);
	struct diff diff;

	for (size_t i = 0; i < 4; i++) {
		a.events[i] = (struct trace_event){
			.op = OP_COUNT, .engine = ENGINE_SM, .gpu = 3,
			.task = TRACE_NO_TASK, .start_s = times_s[i][0],
			.end_s = times_s[i][1] };
		b.events[i] = a.events[i];
		b.events[i].gpu = i % 2;
	}
	diff_ok(&a, &b, DIFF_ALL_STEPS, &diff);
	ck_assert_double_eq_tol(diff.step_s[DIFF_A], 8e-3, 1e-15);
	ck_assert_double_eq_tol(diff.engine[ENGINE_SM].busy_s[DIFF_A], 7e-3,
				1e-15);
	ck_assert_uint_eq(diff.gpus[DIFF_A], 1);
	/* 1 to 7 of one, 2 to 3 and 8 to 9 of the other: their mean */
	ck_assert_uint_eq(diff.gpus[DIFF_B], 2);
	ck_assert_double_eq_tol(diff.engine[ENGINE_SM].busy_s[DIFF_B], 4e-3,
				1e-15);
	trace_clear(&a);
	trace_clear(&b);
}
END_TEST

START_TEST(refuses_a_task_twice)
{
	struct trace a = make_trace(1.0, true), b = make_trace(1.0, true);
	struct diff diff;
	struct diag d;

	b.events[3].step = 0;
	ck_assert_int_eq(diff_make(&a, &b, DIFF_ALL_STEPS, &diff, &d),
			 STATUS_INVALID);
	ck_assert_str_eq(d.text, "B has attend of GPU 0, step 0, layer 0, "
			 "batch 0 twice, expected each task once");
	trace_clear(&a);
	trace_clear(&b);
}
END_TEST

/* ---- simulated ---- */

static struct trace simulate(const struct random_case *c,
			     const struct plan *plan, double *step_end_s)
{
	struct graph *g = plan->policy->build(&c->model, &c->w, plan,
					      SPAN_STEP);
	struct run_options o = run_whole(plan);
	struct timeline timeline = { 0 };
	struct run_result result;
	struct diag d = { "" };
	struct trace t;
	cJSON *about = cJSON_CreateObject();
	size_t size;
	char *text;
	FILE *f = xmemstream(&text, &size);

	o.timeline = &timeline;
	o.step_end_s = step_end_s;
	ck_assert_msg(run_graph(g, &c->w, plan, &c->hw, &o, &result, &d) ==
			      STATUS_OK, "%s", d.text);
	chrome_write(&timeline, g, &c->w, plan, about, f);
	xmemstream_close(f);
	ck_assert_msg(trace_parse(text, &t, &d) == STATUS_OK, "%s", d.text);
	ck_assert_uint_eq(t.n, timeline.n);
	free(text);
	cJSON_Delete(about);
	timeline_clear(&timeline);
	graph_free(g);
	return t;
}

static double sum(const struct diff_part *parts, size_t n, int side)
{
	double all = 0.0;

	for (size_t i = 0; i < n; i++)
		all += parts[i].run_s[side] + parts[i].wait_s[side];
	return all;
}

static void check_sums(const struct diff *diff, size_t i)
{
	for (int k = 0; k < DIFF_SIDES; k++) {
		double step_s = diff->step_s[k];
		double by_op = sum(diff->op, OP_COUNT, k);
		double by_engine = sum(diff->engine, ENGINE_COUNT, k);

		ck_assert_msg(fabs(by_op - step_s) <= 1e-12 * step_s &&
			      fabs(by_engine - step_s) <= 1e-12 * step_s,
			      "case %zu, %c: step %.17g s, by op %.17g s, by "
			      "engine %.17g s", i, "AB"[k], step_s, by_op,
			      by_engine);
	}
}

/* All steps but the first of the simulation end where they should. */
static void check_steps(struct trace *a, struct trace *b, const struct plan *p,
			const double *ends, size_t i)
{
	for (size_t step = 1; step < p->steps; step++) {
		struct diff diff;

		diff_ok(a, b, step, &diff);
		ck_assert_msg(fabs(diff.step_s[DIFF_A] -
				   (ends[step] - ends[step - 1])) <=
				      4.0 * TRACE_DIGIT_S, "case %zu", i);
		check_sums(&diff, i);
	}
}

/* A simulated machine never idles without a reason. */
static void check_no_waits(const struct diff *diff, size_t i)
{
	for (int op = 0; op < OP_COUNT; op++)
		for (int k = 0; k < DIFF_SIDES; k++)
			ck_assert_msg(diff->op[op].wait_s[k] <= ROUNDING_S,
				      "case %zu: %s waits %g s", i,
				      op_name((enum op)op),
				      diff->op[op].wait_s[k]);
}

/* Every policy, on two machines. */
START_TEST(parts_sum_to_the_step)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t n, done = 0, differed = 0;
	const struct policy *const *policies = policy_list(&n);

	gsl_rng_set(rng, SEED);
	for (; done < CASES; done++) {
		struct random_case c = random_case_draw(rng);
		struct random_case slower;
		double ends[2][64];
		struct trace a, b;
		struct diff diff;
		struct plan plan;

		random_case_widen(rng, &c);
		plan = random_case_plan(rng, &c, policies[done % n],
					random_case_size(rng, 0, 3));
		random_case_decide(rng, &plan);
		slower = c;
		slower.hw.h2d.bytes_per_s *= random_case_log(rng, 0.2, 1.0);
		slower.hw.hbm_bytes_per_s *= random_case_log(rng, 0.2, 1.0);
		ck_assert_uint_le(plan.steps, 64);
		a = simulate(&c, &plan, ends[0]);
		b = simulate(&slower, &plan, ends[1]);
		if (done % 2) {		/* as an older file would have it */
			free(b.waits);
			b.waits = NULL;
			b.nwaits = 0;
		}
		diff_ok(&a, &b, DIFF_ALL_STEPS, &diff);
		ck_assert_uint_eq(diff.steps, plan.steps);
		check_sums(&diff, done);
		check_no_waits(&diff, done);
		check_steps(&a, &b, &plan, ends[0], done);
		ck_assert(diff.only[DIFF_A].op == OP_COUNT);
		differed += diff.step_s[DIFF_B] > 1.01 * diff.step_s[DIFF_A];
		trace_clear(&a);
		trace_clear(&b);
		plan_clear(&plan);
	}
	ck_assert_uint_eq(done, CASES);
	ck_assert_uint_gt(differed, CASES / 2);
	gsl_rng_free(rng);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("traces/diff");
	TCase *tc = tcase_create("all");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, attributes_a_step_by_hand);
	tcase_add_test(tc, takes_the_steps_that_began_alike);
	tcase_add_test(tc, counts_tasks_of_one_side);
	tcase_add_test(tc, falls_back_to_engines);
	tcase_add_test(tc, busy_is_the_union_of_what_overlaps);
	tcase_add_test(tc, refuses_a_task_twice);
	tcase_add_test(tc, parts_sum_to_the_step);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
