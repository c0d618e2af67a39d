/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "schedule/issue.h"

#include "lp/steady.h"
#include "sim/run.h"
#include "tests/harness.h"

/* 8 B/s in, no latency; kernels of 1 s, launches of 0.125 s; issues of 0.5. */
static const struct hardware machine = {
	.flop_per_s = 10.0, .gemm_derate = 1.0,
	.hbm_bytes_per_s = 8.0, .hbm_derate = 1.0, .launch_s = 0.125,
	.h2d = { .bytes_per_s = 8.0 }, .d2h = { .bytes_per_s = 8.0 },
	.host_copy_bytes_per_s = 4.0, .host_issue_s = 0.5,
};

static void add(struct graph *g, enum op op, size_t slot, struct work w)
{
	graph_add_task(g, op, slot, graph_add_work(g, w));
}

static const struct work kernel = { .engine = ENGINE_SM,
				    .flop = { .fixed = 10.0 },
				    .launches = 3.0 };
static const struct work copy = { .engine = ENGINE_H2D,
				  .bytes = { .fixed = 2.0 },
				  .launches = 1.0 };
static const struct work stage = { .engine = ENGINE_COPY,
				   .bytes = { .fixed = 2.0 } };

/* When each task ends, in the order of issue, in two steps of one graph. */
static void expect(struct graph *g, const double (*end_s)[2])
{
	const struct workload w = { .batch = 1, .num_batches = 1, .prompt = 1,
				    .gen = 3, .gpus = 1 };
	size_t split[2] = { 0, 0 };
	const struct plan plan = { .steps = 2, .split = split };
	struct timeline t = { 0 };
	const struct run_options options = { .end_step = 2, .timeline = &t };
	struct run_result result;
	struct diag d;

	ck_assert_int_eq(run_graph(g, &w, &plan, &machine, &options, &result,
				   &d), STATUS_OK);
	for (size_t i = 0; i < t.n; i++) {
		const struct slice *s = &t.slices[i];

		ck_assert_double_eq_tol(s->end_s, end_s[s->task][s->step],
					1e-12);
	}
	timeline_clear(&t);
	graph_free(g);
}

/* Engines of a GPU hand over to one another; the host thread does not. */
START_TEST(issuing_hands_nothing_over)
{
	enum { ISSUE_COPY, COPY, ISSUE_KERNEL, KERNEL };
	struct graph *g = graph_new(1, 1);

	add(g, OP_LOAD_CACHE, 0, copy);
	add(g, OP_ATTEND, 0, kernel);
	graph_wait(g, OP_LOAD_CACHE, 0, 0);
	graph_finish(g);
	ck_assert(graph_hands_off(g, 0, 1));
	for (size_t i = 0; i < 2; i++)	/* nothing waits for a kernel */
		ck_assert(!g->works[i].awaited);
	issue_add(g);
	ck_assert_int_eq(g->tasks[KERNEL].op, OP_ATTEND);
	ck_assert(graph_hands_off(g, COPY, KERNEL));
	ck_assert(!graph_hands_off(g, ISSUE_COPY, COPY));
	ck_assert(!graph_hands_off(g, ISSUE_KERNEL, KERNEL));
	ck_assert(!graph_hands_off(g, KERNEL, ISSUE_COPY));
	ck_assert(!graph_hands_off(g, KERNEL, KERNEL));
	graph_free(g);
}
END_TEST

/* A kernel lasts 1.375 s, its issue 1.5 s and the copy's 0.5 s: 2 s a step. */
START_TEST(issuing_binds)
{
	static const double end_s[][2] = {
		{ 0.5, 2.5 },		/* issue of the copy */
		{ 0.75, 2.75 },
		{ 2.0, 4.0 },		/* of the kernels */
		{ 3.375, 5.375 },
	};
	struct graph *g = graph_new(1, 1);
	struct steady *s;

	add(g, OP_LOAD_CACHE, 0, copy);
	add(g, OP_ATTEND, 0, kernel);
	graph_wait(g, OP_LOAD_CACHE, 0, 0);
	graph_finish(g);
	issue_add(g);
	ck_assert_uint_eq(g->ntasks, 4);
	ck_assert_int_eq(g->tasks[0].op, OP_ISSUE);
	ck_assert_int_eq(g->tasks[1].op, OP_LOAD_CACHE);
	ck_assert_int_eq(g->tasks[2].op, OP_ISSUE);
	ck_assert_int_eq(g->tasks[3].op, OP_ATTEND);
	s = steady_new(g, &machine);
	ck_assert_double_eq_tol(steady_at(s, 1.0, 0.0).period_s, 2.0, 1e-12);
	steady_free(s);
	expect(g, end_s);
}
END_TEST

/*
 * The thread that issues stages the copy first, and waits for the kernel before
 * it goes on: 0.5 s to stage, 0.5 s and 1.5 s to issue, 1.375 s of kernels.
 */
START_TEST(a_thread_does_one_thing_at_a_time)
{
	static const double end_s[][2] = {
		{ 0.5, 4.375 },		/* stage */
		{ 1.0, 4.875 },
		{ 1.25, 5.125 },
		{ 2.5, 6.375 },
		{ 3.875, 7.75 },
		{ 3.875, 7.75 },	/* barrier */
	};
	struct graph *g = graph_new(1, 1);
	struct steady *s;

	add(g, OP_STAGE_KEY, 0, stage);
	add(g, OP_LOAD_KEY, 0, copy);
	graph_wait(g, OP_STAGE_KEY, 0, 0);
	add(g, OP_ATTEND, 0, kernel);
	graph_wait(g, OP_LOAD_KEY, 0, 0);
	add(g, OP_BARRIER, 0, (struct work){ .engine = ENGINE_CPU });
	graph_wait(g, OP_ATTEND, 0, 0);
	graph_finish(g);
	issue_add(g);
	ck_assert_uint_eq(g->ntasks, 6);
	s = steady_new(g, &machine);
	ck_assert_double_eq_tol(steady_at(s, 1.0, 0.0).period_s, 3.875,
				1e-12);
	steady_free(s);
	expect(g, end_s);
}
END_TEST

/* What has nothing to do is not issued, and nothing counts twice. */
START_TEST(issues_are_of_what_is_done)
{
	const struct work w = { .engine = ENGINE_D2H,
				.bytes = { .fixed = 48.0, .per_split = -2.0 },
				.launches = 2.0 };
	const struct work issue = work_issue(&w);

	ck_assert_double_eq_tol(work_seconds(&issue, &machine, 5.0, 7.0), 1.0,
				1e-15);
	ck_assert_double_eq(work_bytes(&issue, 5.0, 7.0), 0.0);
	ck_assert(!work_is_empty(&issue, 5.0, 7.0));
	ck_assert(work_is_empty(&issue, 5.0, 24.0));
	ck_assert_double_eq(work_seconds(&issue, &machine, 5.0, 24.0), 0.0);
	ck_assert_double_eq(work_crossings(&issue, &machine), 0.0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("schedule/issue");
	TCase *tc = tcase_create("issue");

	tcase_add_test(tc, issuing_hands_nothing_over);
	tcase_add_test(tc, issuing_binds);
	tcase_add_test(tc, a_thread_does_one_thing_at_a_time);
	tcase_add_test(tc, issues_are_of_what_is_done);
	suite_add_tcase(s, tc);
	return harness_run(s);
}
