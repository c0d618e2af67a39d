/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Graphs of a few tasks, and when each has to begin and end, by hand. */
#include "sim/run.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "schedule/kvpr_row.h"
#include "tests/harness.h"
#include "tests/run_check.h"

/* 8 B/s in, 6 B/s out, one step. */
struct by_hand {
	struct random_case c;
	struct plan plan;
	size_t split[4];
	struct graph *g;
	struct run_oracle r;		/* of what finish() ran */
};

static void begin(struct by_hand *t, double duplex, double h2d_latency,
		  double d2h_latency)
{
	*t = (struct by_hand){
		.c.w = { .batch = 3, .prompt = 5, .gen = 2,
			 .num_batches = 1, .gpus = 1 },
		.c.hw = {
			.flop_per_s = 10.0, .gemm_derate = 0.5,
			.hbm_bytes_per_s = 8.0, .hbm_derate = 0.25,
			.launch_s = 0.125,
			.h2d = { .bytes_per_s = 8.0,
				 .latency_s = h2d_latency },
			.d2h = { .bytes_per_s = 6.0,
				 .latency_s = d2h_latency },
			.duplex_bytes_per_s = duplex,
		},
		.plan = { .policy = &policy_kvpr_row, .steps = 1 },
	};
	t->plan.split = t->split;
	t->g = graph_new(3, 1);
}

static void add_copy(struct by_hand *t, enum op op, size_t layer,
		     enum engine e, double bytes)
{
	graph_add_task(t->g, op, layer, graph_add_work(t->g, (struct work){
		.engine = e, .bytes = { .fixed = bytes }, .launches = 1.0 }));
}

static void add_kernel(struct by_hand *t, enum op op, size_t layer,
		       double flop)
{
	graph_add_task(t->g, op, layer, graph_add_work(t->g, (struct work){
		.engine = ENGINE_SM, .flop = { .fixed = flop },
		.launches = 2.0 }));
}

static void finish(struct by_hand *t)
{
	graph_finish(t->g);
	t->r = (struct run_oracle){
		.graph = t->g, .w = &t->c.w, .plan = &t->plan, .hw = &t->c.hw,
		.end_step = t->plan.steps,
	};
	run_check(&t->r);
}

/* Run `t` alone: run_check() knows no memory of the host. */
static void finish_host(struct by_hand *t)
{
	struct run_options options = run_whole(&t->plan);
	struct diag d = { "" };

	graph_finish(t->g);
	options.timeline = &t->r.timeline;
	ck_assert_int_eq(run_graph(t->g, &t->c.w, &t->plan, &t->c.hw, &options,
				   &t->r.result, &d), STATUS_OK);
}

static void end(struct by_hand *t)
{
	run_check_clear(&t->r);
	graph_free(t->g);
}

/* Slice `i`, in the order of ends, is `task` from `start_s` to `end_s`. */
static void expect(const struct by_hand *t, size_t i, size_t task,
		   double start_s, double end_s)
{
	const struct slice *s = &t->r.timeline.slices[i];

	ck_assert_uint_lt(i, t->r.timeline.n);
	ck_assert_uint_eq(s->task, task);
	ck_assert_double_eq_tol(s->start_s, start_s, 1e-12);
	ck_assert_double_eq_tol(s->end_s, end_s, 1e-12);
}

START_TEST(two_ways_at_once_share_a_duplex_limit)
{
	static const struct {
		double duplex, in, out, in_end, out_end;
	} cases[] = {
		/* 5 and 5; out ends at 4, then 10 B left at 8 B/s */
		{ 10.0, 30.0, 20.0, 5.25, 4.0 },
		/* 5 and 5; in ends at 4, then 12 B left at 6 B/s */
		{ 10.0, 20.0, 32.0, 4.0, 6.0 },
		/* below either one's own rate: 2 and 2, then 8 alone */
		{ 4.0, 30.0, 12.0, 8.25, 6.0 },
		/* out takes its 6 and leaves 7: never slowed */
		{ 13.0, 28.0, 48.0, 4.0, 8.0 },
		{ 13.0, 37.0, 24.0, 5.125, 4.0 },
		/* no limit, and one that is not reached */
		{ 0.0, 30.0, 20.0, 3.75, 10.0 / 3.0 },
		{ 14.0, 30.0, 20.0, 3.75, 10.0 / 3.0 },
		/* both end at once */
		{ 10.0, 20.0, 20.0, 4.0, 4.0 },
		/* one way only: the limit does not count */
		{ 4.0, 30.0, 0.0, 3.75, 0.0 },
		{ 4.0, 0.0, 15.0, 0.0, 2.5 },
	};
	const size_t n = sizeof cases / sizeof cases[0];

	for (size_t i = 0; i < n; i++) {
		struct by_hand t;
		size_t in = 0, out = 0;

		begin(&t, cases[i].duplex, 0.0, 0.0);
		add_copy(&t, OP_LOAD_CACHE, 0, ENGINE_H2D, cases[i].in);
		add_copy(&t, OP_STORE_CACHE, 0, ENGINE_D2H, cases[i].out);
		finish(&t);
		if (cases[i].in > 0.0 && cases[i].out > 0.0) {
			in = cases[i].in_end > cases[i].out_end;
			out = !in;
		}
		if (cases[i].in > 0.0)
			expect(&t, in, 0, 0.0, cases[i].in_end);
		if (cases[i].out > 0.0)
			expect(&t, out, 1, 0.0, cases[i].out_end);
		ck_assert_double_eq_tol(t.r.result.makespan_s,
					fmax(cases[i].in_end,
					     cases[i].out_end), 1e-12);
		end(&t);
	}
}
END_TEST

/* Latencies are spent alone: only bytes that flow share. */
START_TEST(a_copy_slows_when_another_begins_to_flow)
{
	struct by_hand t;

	begin(&t, 10.0, 0.5, 1.5);
	add_copy(&t, OP_LOAD_CACHE, 0, ENGINE_H2D, 23.0);
	add_copy(&t, OP_STORE_CACHE, 0, ENGINE_D2H, 9.0);
	add_copy(&t, OP_LOAD_CACHE, 1, ENGINE_H2D, 16.0);
	finish(&t);
	/*
	 * in: from 0.5 at 8, at 1.5 has 15 left, at 5 with out until 3.3;
	 * 6 left, at 8 to 4.05; the next flows from 4.55 for 2 s
	 */
	expect(&t, 0, 1, 0.0, 3.3);
	expect(&t, 1, 0, 0.0, 4.05);
	expect(&t, 2, 2, 4.05, 6.55);
	ck_assert_double_eq_tol(t.r.result.engine[ENGINE_H2D].busy_s, 6.55,
				1e-12);
	ck_assert_double_eq(t.r.result.engine[ENGINE_H2D].bytes, 39.0);
	ck_assert_double_eq_tol(t.r.result.op[OP_STORE_CACHE].busy_s, 3.3,
				1e-12);
	end(&t);
}
END_TEST

/*
 * Staging reads and writes the host's memory, of 10 B/s, and a copy to the GPU
 * reads it.  Staged alone: at 5 of the thread's 6 B/s.  Beside a copy: 2r + r =
 * 10, the first until 7 at 10/3, then the copy's last 10 B at its own 8 B/s.
 */
START_TEST(staging_takes_the_hosts_memory_twice)
{
	struct by_hand t;

	begin(&t, 0.0, 0.0, 0.0);
	t.c.hw.host_copy_bytes_per_s = 6.0;
	t.c.hw.host_memory_bytes_per_s = 10.0;
	add_copy(&t, OP_STAGE_KEY, 0, ENGINE_COPY, 20.0);
	add_copy(&t, OP_LOAD_KEY, 0, ENGINE_H2D, 20.0);
	graph_wait(t.g, OP_STAGE_KEY, 0, 0);
	add_copy(&t, OP_STAGE_VALUE, 0, ENGINE_COPY, 10.0);
	finish_host(&t);
	expect(&t, 0, 0, 0.0, 4.0);
	expect(&t, 1, 2, 4.0, 7.0);
	expect(&t, 2, 1, 4.0, 8.25);
	end(&t);
}
END_TEST

/*
 * A thread that by its curve takes 9 s for 20 B, and attention 4 s for 10,
 * where their rates, 5 B/s, say 4 and 2: what is more goes before the bytes.
 */
START_TEST(the_hosts_tasks_take_their_curves)
{
	double bytes[] = { 10.0, 20.0 };
	double copy_s[] = { 4.5, 9.0 }, attend_s[] = { 4.0, 5.0 };
	struct calibration curves = {
		.host[CALIBRATION_COPY] = { bytes, copy_s, 2, 0.0 },
		.host[CALIBRATION_ATTENTION] = { bytes, attend_s, 2, 0.0 },
		.at.host_bytes_per_s = { 5.0, 5.0 },
	};
	struct by_hand t;

	begin(&t, 0.0, 0.0, 0.0);
	t.c.hw.calibration = &curves;
	t.c.hw.host_copy_bytes_per_s = 5.0;
	t.c.hw.host_attention_bytes_per_s = 5.0;
	add_copy(&t, OP_STAGE_KEY, 0, ENGINE_COPY, 20.0);
	add_copy(&t, OP_ATTEND_HOST, 0, ENGINE_CPU, 10.0);
	finish_host(&t);
	expect(&t, 0, 0, 0.0, 9.0);
	expect(&t, 1, 1, 9.0, 13.0);	/* their process is one */
	end(&t);
}
END_TEST

/*
 * Bytes that cross the host's memory, of 30 B/s, three times: 24 B/s at the 8
 * of one GPU's link, 30 at 5 for each of two.
 */
START_TEST(pageable_copies_take_the_hosts_memory_three_times)
{
	for (size_t gpus = 1; gpus <= 2; gpus++) {
		struct by_hand t;

		begin(&t, 0.0, 0.0, 0.0);
		t.c.hw.link_crossings = HARDWARE_PAGEABLE_CROSSINGS;
		t.c.hw.host_memory_bytes_per_s = 30.0;
		t.g->gpus = gpus;
		add_copy(&t, OP_LOAD_CACHE, 0, ENGINE_H2D, 40.0);
		finish_host(&t);
		ck_assert_double_eq_tol(t.r.result.makespan_s,
					gpus == 1 ? 5.0 : 8.0, 1e-12);
		end(&t);
	}
}
END_TEST

/*
 * The copy in would have ended at 6, had the one out not ended at 4 and left
 * it the link.  A kernel that does end at 6 is not overlooked for it.
 */
START_TEST(an_end_that_was_put_forward_is_forgotten)
{
	struct by_hand t;

	begin(&t, 10.0, 0.0, 0.0);
	add_kernel(&t, OP_PROJECT, 0, 28.75);		/* 0.25 + 5.75 */
	add_copy(&t, OP_LOAD_CACHE, 0, ENGINE_H2D, 30.0);
	add_copy(&t, OP_STORE_CACHE, 0, ENGINE_D2H, 20.0);
	add_kernel(&t, OP_ATTEND, 0, 3.0);		/* 0.25 + 0.6 */
	finish(&t);
	expect(&t, 0, 2, 0.0, 4.0);
	expect(&t, 1, 1, 0.0, 5.25);
	expect(&t, 2, 0, 0.0, 6.0);
	expect(&t, 3, 3, 6.0, 6.85);
	end(&t);
}
END_TEST

/* One copy a direction, whatever the streams; kernels one after another. */
START_TEST(an_engine_serves_one_at_a_time)
{
	struct by_hand t;

	begin(&t, 0.0, 0.25, 0.0);
	add_kernel(&t, OP_PROJECT, 0, 5.0);		/* 0.25 + 1 */
	add_copy(&t, OP_LOAD_CACHE, 0, ENGINE_H2D, 14.0);	/* 2 */
	add_copy(&t, OP_LOAD_ACTIVATION, 0, ENGINE_H2D, 6.0);	/* 1 */
	graph_wait(t.g, OP_PROJECT, 0, 0);
	add_copy(&t, OP_LOAD_WEIGHT_FFN, 0, ENGINE_H2D, 22.0);	/* 3 */
	add_kernel(&t, OP_ATTEND, 0, 3.0);		/* 0.25 + 0.6 */
	graph_wait(t.g, OP_LOAD_CACHE, 0, 0);
	finish(&t);
	/* load_weight was ready at 0, before load_activation at 1.25 */
	expect(&t, 0, 0, 0.0, 1.25);
	expect(&t, 1, 1, 0.0, 2.0);
	expect(&t, 2, 4, 2.0, 2.85);
	expect(&t, 3, 3, 2.0, 5.0);
	expect(&t, 4, 2, 5.0, 6.0);
	ck_assert_double_eq_tol(t.r.result.makespan_s, 6.0, 1e-12);
	ck_assert_double_eq(t.r.result.engine[ENGINE_SM].flop, 8.0);
	ck_assert_uint_eq(t.r.result.engine[ENGINE_H2D].tasks, 3);
	end(&t);
}
END_TEST

/* Waits of lag 1 and 2 count steps; what lies before the first is done. */
START_TEST(waits_reach_into_earlier_steps)
{
	struct by_hand t;

	begin(&t, 0.0, 0.0, 0.0);
	t.plan.steps = 4;
	add_copy(&t, OP_LOAD_CACHE, 0, ENGINE_H2D, 8.0);	/* 1 */
	graph_wait(t.g, OP_FFN, 0, 6);
	add_kernel(&t, OP_FFN, 0, 11.25);			/* 2.5 */
	graph_wait(t.g, OP_LOAD_CACHE, 0, 0);
	finish(&t);
	expect(&t, 0, 0, 0.0, 1.0);
	expect(&t, 1, 0, 1.0, 2.0);
	expect(&t, 2, 1, 1.0, 3.5);
	expect(&t, 3, 0, 3.5, 4.5);	/* step 2 waits for step 0 */
	expect(&t, 4, 1, 3.5, 6.0);
	expect(&t, 5, 0, 6.0, 7.0);	/* step 3 waits for step 1 */
	expect(&t, 6, 1, 6.0, 8.5);
	expect(&t, 7, 1, 8.5, 11.0);
	run_check_clear(&t.r);
	t.r.first_step = 2;		/* starts idle, with nothing before */
	run_check(&t.r);
	ck_assert_uint_eq(t.r.timeline.slices[0].step, 2);
	expect(&t, 0, 0, 0.0, 1.0);
	expect(&t, 1, 0, 1.0, 2.0);
	ck_assert_double_eq_tol(t.r.result.makespan_s, 6.0, 1e-12);
	end(&t);
}
END_TEST

/* What has nothing to do takes no time and leaves no trace. */
START_TEST(empty_work_is_passed_over)
{
	struct by_hand t;

	begin(&t, 0.0, 0.25, 0.0);
	t.plan.steps = 3;
	t.split[0] = 2;			/* of 5, 6 and 7 cached tokens */
	t.split[1] = 0;
	t.split[2] = 7;
	graph_add_work(t.g, (struct work){ .engine = ENGINE_H2D,
		.bytes = { .per_split = 4.0 }, .launches = 1.0 });
	graph_add_work(t.g, (struct work){ .engine = ENGINE_H2D,
		.bytes = { .per_token = 6.0, .per_split = -6.0 },
		.launches = 1.0 });
	graph_add_work(t.g, (struct work){ .engine = ENGINE_SM,
		.gemm = { { .m = { .per_split = 3.0 }, .n = 2.0, .k = 4.0,
			    .count = 1.0 } },
		.ngemms = 1, .element_bytes = 0.5, .launches = 1.0 });
	graph_add_task(t.g, OP_LOAD_ACTIVATION, 0, 0);
	graph_wait(t.g, OP_RECOMPUTE, 0, 3);
	graph_add_task(t.g, OP_LOAD_CACHE, 0, 1);
	graph_wait(t.g, OP_LOAD_ACTIVATION, 0, 0);
	graph_add_task(t.g, OP_RECOMPUTE, 0, 2);
	graph_wait(t.g, OP_LOAD_CACHE, 0, 0);
	finish(&t);
	/* step 0: 8 B, 18 B, then 96 FLOP at 5 against 22 B at 2 */
	expect(&t, 0, 0, 0.0, 1.25);
	expect(&t, 1, 1, 1.25, 3.75);
	expect(&t, 2, 2, 3.75, 23.075);
	/* step 1: nothing but 36 B */
	expect(&t, 3, 1, 23.075, 27.825);
	/* step 2: 28 B, no KV, 336 FLOP */
	expect(&t, 4, 0, 27.825, 31.575);
	expect(&t, 5, 2, 31.575, 98.9);
	ck_assert_uint_eq(t.r.timeline.n, 6);
	ck_assert_uint_eq(t.r.result.op[OP_RECOMPUTE].tasks, 2);
	ck_assert_uint_eq(t.r.result.op[OP_LOAD_ACTIVATION].tasks, 2);
	ck_assert_uint_eq(t.r.result.engine[ENGINE_H2D].tasks, 4);
	ck_assert_double_eq_tol(t.r.step_end_s[1], 27.825, 1e-12);
	ck_assert_double_eq_tol(t.r.step_end_s[2], 98.9, 1e-12);
	end(&t);
}
END_TEST

static struct by_hand *stuck_graph(void)
{
	struct by_hand *t = xcalloc(1, sizeof *t);

	begin(t, 0.0, 0.0, 0.0);
	t->plan.steps = 4;
	add_kernel(t, OP_PROJECT, 2, 5.0);
	add_copy(t, OP_LOAD_CACHE, 1, ENGINE_H2D, 16.0);
	graph_wait(t->g, OP_PROJECT, 2, 0);
	add_kernel(t, OP_ATTEND, 1, 3.0);
	graph_wait(t->g, OP_LOAD_CACHE, 1, 0);
	add_copy(t, OP_STORE_CACHE, 0, ENGINE_D2H, 6.0);
	graph_finish(t->g);
	return t;
}

static void check_stuck(struct by_hand *t, size_t first, const char *message)
{
	struct run_options options = { .first_step = first, .end_step = 4 };
	struct run_result result;
	struct diag d = { "" };
	unsigned char before[sizeof result];

	memset(&result, 0x5a, sizeof result);
	memcpy(before, &result, sizeof before);
	ck_assert_int_eq(run_graph(t->g, &t->c.w, &t->plan, &t->c.hw,
				   &options, &result, &d), STATUS_INVALID);
	ck_assert_str_eq(d.text, message);
	ck_assert_mem_eq(&result, before, sizeof before);
	graph_free(t->g);
	free(t);
}

/* Tasks 1 and 2 wait for each other; store_cache needs neither. */
START_TEST(streams_that_wait_for_each_other_are_named)
{
	struct by_hand *t = stuck_graph();

	ck_assert_uint_eq(t->g->nwaits, 2);
	t->g->waits[0] = (struct wait){ .task = 2, .lag = 0 };
	check_stuck(t, 0,
		    "the schedule waits for itself: load_cache of layer 1, "
		    "step 0; attend of layer 1, step 0");
}
END_TEST

/* The first task of a stream waits for a later one of the same stream. */
START_TEST(a_stream_that_waits_for_itself_is_named)
{
	struct by_hand *t = stuck_graph();

	t->g->tasks[0].first_wait = 0;
	t->g->tasks[0].nwaits = 1;
	t->g->tasks[1].nwaits = 0;
	t->g->waits[0] = (struct wait){ .task = 2, .lag = 0 };
	check_stuck(t, 1,
		    "the schedule waits for itself: project of layer 2, "
		    "step 1");
}
END_TEST

/* Steps 2 and 3 of a run that begins at 1: the loop closes over steps. */
START_TEST(a_loop_over_steps_is_named)
{
	struct by_hand *t = stuck_graph();

	/* project(2) of a step waits for attend(1) of the same */
	t->g->tasks[0].first_wait = 0;
	t->g->tasks[0].nwaits = 1;
	t->g->waits[0] = (struct wait){ .task = 2, .lag = 0 };
	t->g->tasks[1].nwaits = 0;
	t->g->tasks[3].first_wait = 1;
	t->g->tasks[3].nwaits = 1;
	t->g->waits[1] = (struct wait){ .task = 2, .lag = 1 };
	check_stuck(t, 1,
		    "the schedule waits for itself: project of layer 2, "
		    "step 1; store_cache of layer 0, step 2");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("sim/run, by hand");
	TCase *flow = tcase_create("times"), *stuck = tcase_create("stuck");

	tcase_add_test(flow, two_ways_at_once_share_a_duplex_limit);
	tcase_add_test(flow, a_copy_slows_when_another_begins_to_flow);
	tcase_add_test(flow, staging_takes_the_hosts_memory_twice);
	tcase_add_test(flow, the_hosts_tasks_take_their_curves);
	tcase_add_test(flow,
		       pageable_copies_take_the_hosts_memory_three_times);
	tcase_add_test(flow, an_end_that_was_put_forward_is_forgotten);
	tcase_add_test(flow, an_engine_serves_one_at_a_time);
	tcase_add_test(flow, waits_reach_into_earlier_steps);
	tcase_add_test(flow, empty_work_is_passed_over);
	tcase_add_test(stuck, streams_that_wait_for_each_other_are_named);
	tcase_add_test(stuck, a_stream_that_waits_for_itself_is_named);
	tcase_add_test(stuck, a_loop_over_steps_is_named);
	suite_add_tcase(s, flow);
	suite_add_tcase(s, stuck);
	return harness_run(s);
}
